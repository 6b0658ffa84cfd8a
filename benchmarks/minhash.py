"""MinHash beside datatrove's steps and Daft's native function: speed on one core, clusters compared, memory a document.

    python benchmarks/minhash.py                    the Debian documents, with copies planted at four edit rates
    python benchmarks/minhash.py --peers PYTHON     with an environment that has the peers already

Every measurement is processor time of a process that is pinned to one core; rounds of retold and of datatrove take
turns. Reading and compiling are not counted for anyone. datatrove gets a splitter at white space, which gives it the
words that retold finds (its own, spaCy, is measured too, on a part). datatrove includes writing signatures to disk, as
it must; retold includes verifying candidates, clusters and verdicts. data-juicer is left out: its base installation
lacks what it imports, and installs packages when it runs.

Which pairs near the threshold are found is drawn by the permutations, so two tools never agree wholly: the measure of
agreement is that of datatrove with itself under another seed.
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
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from retold.core.document import Document, document_id
from retold.core.schema import batch
from retold.core.step import Part
from retold.dedup import MinHash
from retold.dedup.gathered import sketch
from retold.dedup.signatures import Signer
from retold.text.words import words
from support import environment, floor, record, table

PEERS = Path(__file__).parent / "peers" / "minhash_peers.py"
PROSE = Path(__file__).resolve().parents[2] / "shared" / "data" / "prose" / "debian-docs"
PACKAGES = ("datatrove[io,processing]==0.10.1", "spacy==3.8.18", "daft==0.7.26")
RATES = (0.0, 0.01, 0.03, 0.08)
MEGABYTES, PEER_MEGABYTES, SPACY_MEGABYTES = 48, 8, 0.6
ROUNDS = 3
STEPS = ("signing", "seconds")
SPEED, TIMES, AGREEMENT, BYTES = 50.0, 10.0, 0.9, 200.0


def prose() -> Iterator[str]:
    """The Debian documents without markup, in order of their names."""
    from resiliparse.extract.html2text import extract_plain_text

    for archive in sorted(PROSE.glob("*.tar.gz")):
        with tarfile.open(archive) as files:
            for member in sorted(files.getmembers(), key=lambda item: item.name):
                opened = files.extractfile(member) if member.isfile() else None
                text = opened.read().decode("utf-8", "replace") if opened else ""
                if member.name.endswith((".html", ".htm")):
                    text = extract_plain_text(text)
                if len(text) > 500:
                    yield text


@lru_cache(maxsize=1)
def folded() -> list[str]:
    """The words of each document, with one space between them."""
    return [" ".join(words(text)) for text in prose()]


def grown(megabytes: float) -> tuple[list[str], list[tuple[int, int, float]]]:
    """Documents and their edited copies up to this size; (original, copy, rate) of each planted copy."""
    chance, texts, planted, size = random.Random(7), list[str](), [], 0
    originals = folded()
    for turn in range(1_000):
        for base in originals if turn == 0 else [_edited(base, 0.9, chance) for base in originals]:
            if size > megabytes * 1e6:
                return texts, planted
            place = len(texts)
            texts += [base, *(_edited(base, rate, chance) for rate in RATES)]
            planted += [(place, place + 1 + at, rate) for at, rate in enumerate(RATES)]
            size += sum(len(text.encode()) for text in texts[place:])
    raise AssertionError("the documents are too few")


def _edited(text: str, rate: float, chance: random.Random) -> str:
    """Each word replaced with this probability; a rate of 0 adds one word, so that no two texts are equal."""
    new = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=8)) for _ in range(64)]
    changed = [chance.choice(new) + new[0] if chance.random() < rate else word for word in text.split()]
    return " ".join([*changed, new[1]])


class Memory:
    """A view of documents in memory, as one part."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.rows = [
            batch("documents", [Document(document_id("source", (), text), "source", text, "s") for text in some])
            for some in (texts[start : start + 2048] for start in range(0, len(texts), 2048))
        ]

    def documents(self, kinds: Sequence[str], *, part: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for rows in self.rows:
            yield rows.select(columns)

    def history(self, table: str, **_: Any) -> Iterator[pa.RecordBatch]:
        return iter(())


def ours(path: str, threshold: float) -> dict[str, Any]:
    """Signing alone, and the whole Fold."""
    with Path(path).open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    view: Any = Memory(texts)
    number = {document_id("source", (), text): at for at, text in enumerate(texts)}
    column = [rows.column("text") for rows in view.rows]
    signer = Signer(14, 8, 5, 7)
    signer.sign(column[0][:2])
    begun = time.process_time()
    for some in column:
        signer.sign(some)
    signing = time.process_time() - begun
    step, part = MinHash(threshold=threshold).step(7), Part("all", "s")
    small: Any = Memory([*texts[:4], texts[0] + " again"])
    list(step.merge([(part, list(step.sketch(part, small)))], small))
    begun = time.process_time()
    labels = {}
    for _, output in step.merge([(part, list(step.sketch(part, view)))], view):
        for row in output["clusters"].to_pylist() if "clusters" in output else ():
            labels[number[row["document_id"]]] = number[row["cluster"]]
    return {"signing": signing, "seconds": time.process_time() - begun, "clusters": labels}


def resident(documents: int) -> dict[str, float]:
    """Bytes of resident memory a document, from before the sketches to the peak of the merge."""
    step, rng = MinHash().step(7), np.random.default_rng(1)
    view: Any = Memory([])

    def sketches(count: int, parts: int) -> list[tuple[Part, list[pa.RecordBatch]]]:
        made = []
        for number in range(parts):
            ids = [f"{value:032x}" for value in range(number << 32, (number << 32) + count // parts)]
            drawn = rng.integers(0, 2**63, (len(ids), 14), dtype=np.uint64)
            drawn[1::5] = drawn[0::5][: len(drawn[1::5])]
            made.append((Part(str(number), "s"), [sketch(ids, np.ones(len(ids), np.uint32), drawn)]))
        return made

    list(step.merge(sketches(1_000, 2), view))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    dropped = sum(output["verdicts"].num_rows for _, output in step.merge(sketches(documents, 50), view)
                  if "verdicts" in output)  # fmt: skip
    assert dropped == documents // 5
    return {"bytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / documents}


def pinned(*command: object) -> dict[str, Any]:
    """What a process on one core prints."""
    core = max(os.sched_getaffinity(0))
    done = subprocess.run(
        [str(item) for item in command],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        env={**os.environ, "OMP_NUM_THREADS": "1", "DO_NOT_TRACK": "1", "DATATROVE_COLORIZE_LOGS": "0"},
    )
    if done.returncode:
        raise RuntimeError(f"{command}:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def pairs(labels: Mapping[str, int]) -> tuple[dict[int, int], int]:
    """Labels by document number, and in how many pairs two documents share one."""
    by_number = {int(key): int(label) for key, label in labels.items()}
    return by_number, sum(size * (size - 1) // 2 for size in Counter(by_number.values()).values())


def agreement(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, float]:
    """Of the pairs that either puts into one cluster, the share that both do; the same of the pairs of each."""
    (left, left_pairs), (right, right_pairs) = pairs(one), pairs(other)
    both = Counter((left[key], right[key]) for key in left.keys() & right.keys())
    shared = sum(size * (size - 1) // 2 for size in both.values())
    return {
        "both": shared / (left_pairs + right_pairs - shared),
        "of_one": shared / left_pairs,
        "of_other": shared / right_pairs,
    }


def recall(labels: Mapping[str, int], planted: Sequence[tuple[int, int, float]]) -> dict[str, float]:
    """The share of planted copies that are in their original's cluster, by rate."""
    label = {int(key): value for key, value in labels.items()}
    found: dict[float, list[bool]] = {}
    for original, copy, rate in planted:
        found.setdefault(rate, []).append(original in label and label[original] == label.get(copy))
    return {str(rate): statistics.mean(hits) for rate, hits in found.items()}


def write(path: Path, texts: Sequence[str]) -> float:
    """Writes JSON lines; the size of the texts in MB."""
    with path.open("w", encoding="utf-8") as lines:
        for text in texts:
            lines.write(json.dumps({"text": text}) + "\n")
    return sum(len(text.encode()) for text in texts) / 1e6


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--peers", type=Path, help="Python of an environment with the peers")
    reader.add_argument("--ours", nargs=2, metavar=("FILE", "THRESHOLD"))
    reader.add_argument("--resident", type=int)
    chosen = reader.parse_args()
    if chosen.ours:
        print(json.dumps(ours(chosen.ours[0], float(chosen.ours[1]))))
        return 0
    if chosen.resident:
        print(json.dumps(resident(chosen.resident)))
        return 0
    peers = environment(*PACKAGES) if chosen.peers is None else nullcontext(chosen.peers)
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder, peers as python:
        return compare(Path(folder), python)


def compare(folder: Path, python: Path) -> int:
    """All measurements, and the floors."""
    texts, _ = grown(MEGABYTES)
    size = write(folder / "all.jsonl", texts)
    some, planted = grown(PEER_MEGABYTES)
    peer_size = write(folder / "some.jsonl", some)
    few_size = write(folder / "few.jsonl", some[: int(len(some) * SPACY_MEGABYTES / PEER_MEGABYTES)])
    print(f"{len(texts):,} documents, {size:.0f} MB; for peers {len(some):,}, {peer_size:.0f} MB", flush=True)
    me = (sys.executable, __file__)
    mine, rounds = [], []
    for _ in range(ROUNDS):
        mine.append(pinned(*me, "--ours", folder / "all.jsonl", 0.7))
        rounds.append(
            (
                pinned(*me, "--ours", folder / "some.jsonl", 0.7),
                pinned(python, PEERS, "datatrove", folder / "some.jsonl", "whitespace"),
            )
        )
        print(".", end="", file=sys.stderr, flush=True)
    trusting = pinned(*me, "--ours", folder / "some.jsonl", 0.0)
    again = pinned(python, PEERS, "datatrove", folder / "some.jsonl", "whitespace", 2)
    spacy = pinned(python, PEERS, "datatrove", folder / "few.jsonl", "spacy")
    daft = pinned(python, PEERS, "daft", folder / "some.jsonl")
    memory = {count: pinned(*me, "--resident", count)["bytes"] for count in (250_000, 1_000_000)}
    first, peer = rounds[0]
    speeds = {
        "retold": [statistics.median(size / found[step] for found in mine) for step in STEPS],
        "datatrove, same words": [statistics.median(peer_size / item[1][step] for item in rounds) for step in STEPS],
        "datatrove, spaCy": [few_size / spacy[step] for step in STEPS],
        "Daft, native": [peer_size / daft["signing"]],
    }
    recalls = {
        "retold": recall(first["clusters"], planted),
        "retold, bands alone": recall(trusting["clusters"], planted),
        "datatrove": recall(peer["clusters"], planted),
    }
    agreements = {
        "retold": agreement(first["clusters"], peer["clusters"]),
        "retold, bands alone": agreement(trusting["clusters"], peer["clusters"]),
        "datatrove, another seed": agreement(again["clusters"], peer["clusters"]),
    }
    ratio = statistics.median(peer["seconds"] / own["seconds"] for own, peer in rounds)
    show(speeds, recalls, agreements, memory)
    alone, itself = (agreements[name]["both"] for name in ("retold, bands alone", "datatrove, another seed"))
    floors = [
        floor("MB/s on one core, signatures of 112 permutations", speeds["retold"][0], at_least=SPEED),
        floor("times datatrove with the same words, clusters included", ratio, at_least=TIMES),
        floor("agreement with datatrove, of datatrove's with itself", alone / itself, at_least=AGREEMENT),
        floor("resident bytes a document, a million documents", memory[1_000_000], at_most=BYTES),
    ]
    figures = {"speeds": speeds, "times_datatrove": ratio, "agreement": agreements, "recall": recalls, "bytes": memory}
    settings = {"megabytes": round(size, 1), "peer_megabytes": round(peer_size, 1), "rounds": ROUNDS}
    versions = dict(package.replace("[io,processing]", "").split("==") for package in PACKAGES)
    return record("minhash", figures, floors, settings=settings, versions=versions)


def show(speeds: Mapping[str, Any], recalls: Mapping[str, Any], agreements: Mapping[str, Any], memory: Any) -> None:
    """Prints the tables."""
    rows = [[name, *(f"{speed:.2f}" for speed in found), *["-"] * (2 - len(found))] for name, found in speeds.items()]
    print(table(["MB/s on one core", "signatures", "with clusters"], rows))
    rows = [[name, *(f"{found[str(rate)]:.3f}" for rate in RATES)] for name, found in recalls.items()]
    print(table(["recall of copies edited at", *map(str, RATES)], rows))
    rows = [[name, *(f"{value:.4f}" for value in found.values())] for name, found in agreements.items()]
    print(table(["pairs in one cluster, with datatrove", "both of either", "of its own", "of datatrove's"], rows))
    print("resident bytes a document:", {count: round(value) for count, value in memory.items()})


if __name__ == "__main__":
    raise SystemExit(main())
