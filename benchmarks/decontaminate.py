"""Decontamination beside datatrove's n-gram filter: megabytes a second of one core, and what each finds.

    python benchmarks/decontaminate.py                    Debian and Wikipedia prose against all sets beside the project
    python benchmarks/decontaminate.py --peers PYTHON     with an environment that has the peer already

Every figure is processor time of one process; reading and compiling are not counted for anyone, building the index is
counted apart. Rounds take turns where the machine is busy. datatrove's indexer asks for lighteval and the network even
when it is given data, so its index is written here by its own `compute_hashes` (12-grams of question and answer). It
gets a splitter at white space instead of spaCy, which is faster.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
from decontaminate_data import debian, edited, pieces, planted, reworded, wikipedia

from support import environment, floor, record, table

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PEER = Path(__file__).parent / "peers" / "decontaminate_peer.py"
PACKAGES = ("datatrove==0.10.1", "xxhash<4")
SETS = ("eval", "gsm8k", "eval-gauntlet-small")
ROUNDS = 3
PEER_MEGABYTES = 3
PLANTED = 400
SHOWN = 20
VERBATIM, EDITED, FALSE = 0.99, 0.9, 1.0
SAMPLED_NAME, FOURTH_NAME, THIRTEEN_NAME = "retold sampled", "retold sampled, every: 4", "retold ngram13"
PEER_NAME = "datatrove 12-grams"
SAMPLED, EVERY_FOURTH, THIRTEEN, TIMES, TIMES_THIRTEEN = 15.0, 40.0, 40.0, 3.0, 8.0


def measured(texts: list[str], find: Any) -> tuple[float, int]:
    """(megabytes a second, documents hit), the median of some rounds."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    ids = [f"{at:032x}" for at in range(len(texts))]
    batches = [
        pa.record_batch({"document_id": ids[at : at + 2000], "text": texts[at : at + 2000]})
        for at in range(0, len(texts), 2000)
    ]
    speeds, hit = [], 0
    sum(1 for _ in find(batches[0].slice(0, 10)))
    for _ in range(ROUNDS):
        begin = time.process_time()
        hit = sum(1 for batch in batches for _ in find(batch))
        speeds.append(size / (time.process_time() - begin))
    return statistics.median(speeds), hit


def planted_in(texts: list[str], items: list[Any], form: str) -> list[str]:
    """Texts with one item each, question and answer: verbatim, edited or reworded."""
    random = Random(3)
    words = [word for text in texts[:50] for word in text.split()]
    forms: dict[str, Any] = {
        "verbatim": lambda text: text,
        "edited": lambda text: edited(text, random, words),
        "reworded": lambda text: reworded(text, random),
    }
    return [
        planted(random.choice(texts), forms[form](f"Question: {one.question}\nAnswer: {one.answer}"), random)
        for one in random.sample(items, PLANTED)
    ]


def dropped(texts: list[str], find: Any) -> list[str]:
    """Documents with a hit that removes them (what a set only quotes, a passage, is reported and removes nothing).

    Each as the item that was found first and the words that it was found in.
    """
    batch = pa.record_batch({"document_id": [f"{at:032x}" for at in range(len(texts))], "text": texts})
    removing = [next((row for row in rows if row.removes), None) for _, rows in find(batch)]
    return [
        f"{row.set}, {row.item}: {texts[int(row.document_id, 16)][row.start : row.end]!r}"
        for row in removing
        if row is not None
    ]


def peer(python: Path, items: list[Any], texts: list[str]) -> dict[str, Any]:
    """What datatrove does with the same items and texts."""
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.json"
        given.write_text(json.dumps({"items": [[one.question, one.answer] for one in items], "texts": texts}), "utf-8")
        done = subprocess.run([python, PEER, given], capture_output=True, text=True, check=True, timeout=500)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@dataclass(frozen=True)
class Prepared:
    """Items, documents, documents with items planted by form, and what finds them by name."""

    items: list[Any]
    texts: list[str]
    forms: dict[str, list[str]]
    finders: dict[str, Any]
    index_seconds: float


def prepared() -> Prepared:
    """Everything that is not timed, and the index, which is timed apart."""
    from retold.decontaminate.items import pinned, read_items
    from retold.decontaminate.match import Matcher
    from retold.decontaminate.ngram13 import Finder
    from retold.decontaminate.ngram13 import index as index13
    from retold.decontaminate.ngram13_step import collisions
    from retold.decontaminate.sampled import contaminations
    from retold.decontaminate.settings import Against
    from retold.decontaminate.units import index

    items = read_items(pinned([Against.model_validate(name) for name in SETS], DATA / "benchmarks"))
    texts = [text for _, text in (*pieces(debian(DATA)), *pieces(wikipedia(DATA)))]
    asked = [one for one in items if one.set in ("gsm8k/test", "arc_easy")]
    begin = time.process_time()
    units = index(items, 0.6)
    seconds = time.process_time() - begin
    finder = Finder(index13(items))
    each, fourth = Matcher(units.units), Matcher(units.units, 4)
    finders = {
        SAMPLED_NAME: lambda batch: contaminations(batch, units, each),
        FOURTH_NAME: lambda batch: contaminations(batch, units, fourth),
        THIRTEEN_NAME: lambda batch: collisions(batch, finder),
    }
    forms = {form: planted_in(texts, asked, form) for form in ("verbatim", "edited", "reworded")}
    return Prepared(items, texts, forms, finders, seconds)


def beside_peer(given: Prepared, python: Path | None) -> tuple[dict[str, float], int, str]:
    """datatrove's row, the documents that it was asked about, and its version."""
    with nullcontext(python) if python else environment(*PACKAGES) as found:
        part, size = [], 0
        for text in Random(4).sample(given.texts, len(given.texts)):
            part.append(text)
            size += len(text)
            if size > PEER_MEGABYTES * 1e6:
                break
        theirs = peer(found, given.items, part + given.forms["edited"])
    row = {
        "mb_per_s": theirs["mb_per_s"],
        "hit": sum(theirs["hit"][: len(part)]),
        "planted_found": sum(theirs["hit"][len(part) :]) / PLANTED,
    }
    return row, len(part), theirs["version"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, help="the Python of an environment with datatrove")
    parser.add_argument("--dry", action="store_true", help="write no result file")
    options = parser.parse_args()
    given = prepared()
    rows: dict[str, dict[str, float]] = {}
    for name, find in given.finders.items():
        speed, hit = measured(given.texts, find)
        found = measured(given.forms["edited"], find)[1] / PLANTED
        rows[name] = {"mb_per_s": speed, "hit": hit, "planted_found": found}
    sampled = given.finders[SAMPLED_NAME]
    recall = {form: len(dropped(planted, sampled)) / PLANTED for form, planted in given.forms.items()}
    false = dropped(given.texts, sampled)
    rows[PEER_NAME], asked, version = beside_peer(given, options.peers)
    print(
        f"{len(given.items)} items; index {given.index_seconds:.1f} s; {len(given.texts)} documents, datatrove {asked}"
    )
    lines = [
        [name, f"{row['mb_per_s']:.1f}", int(row["hit"]), f"{row['planted_found']:.3f}"] for name, row in rows.items()
    ]
    print(table(["", "MB/s of one core", "documents hit", f"of {PLANTED} planted, lightly edited"], lines))
    print("sampled, found:", ", ".join(f"{form} {share:.3f}" for form, share in recall.items()))
    print(f"sampled, dropped though nothing was planted: {len(false)} of {len(given.texts):,} documents")
    for shown in false[:SHOWN]:
        print(f"  {shown}")
    settings = {"sets": SETS, "items": len(given.items), "rounds": ROUNDS, "peer_megabytes": PEER_MEGABYTES}
    counts = {"index_seconds": given.index_seconds, "recall": recall, "dropped_without": len(false)}
    figures = {**rows, **counts, "documents": len(given.texts)}
    kept = floors(rows, recall, 10_000 * len(false) / len(given.texts))
    return record(
        "decontaminate", figures, kept, settings=settings, versions={"datatrove": version}, write=not options.dry
    )


def floors(rows: dict[str, dict[str, float]], recall: dict[str, float], rate: float) -> list[dict[str, Any]]:
    """What has to hold. `rate`: documents of 10,000 that were dropped though nothing was planted."""
    speed = {name: row["mb_per_s"] for name, row in rows.items()}
    return [
        floor("sampled, MB/s", speed[SAMPLED_NAME], at_least=SAMPLED),
        floor("sampled, every fourth, MB/s", speed[FOURTH_NAME], at_least=EVERY_FOURTH),
        floor("13-grams, MB/s", speed[THIRTEEN_NAME], at_least=THIRTEEN),
        floor("sampled, times datatrove", speed[SAMPLED_NAME] / speed[PEER_NAME], at_least=TIMES),
        floor("13-grams, times datatrove", speed[THIRTEEN_NAME] / speed[PEER_NAME], at_least=TIMES_THIRTEEN),
        floor("sampled, items found verbatim", recall["verbatim"], at_least=VERBATIM),
        floor("sampled, items found lightly edited", recall["edited"], at_least=EDITED),
        floor("sampled, documents dropped in which nothing was planted, of 10,000", rate, at_most=FALSE),
    ]


if __name__ == "__main__":
    sys.exit(main())
