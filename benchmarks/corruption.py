"""Recall of the default checks per kind of corruption, at 5 % false alarms, on retellings and on sentences as read.

Two sets, both of real text: summaries of SummEdits that people found consistent (tune half of its documents; edited by
models), and sentences of the Debian documents and of Wikipedia against the passage around them, as they stand. The
second is the easier: what is copied has nothing that could raise a false alarm, so recall there is what the checks see
when nothing else disturbs them. `python benchmarks/corruption.py [PAIRS]` (default 600 of the second set).
"""

from __future__ import annotations

import gzip
import random
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from retold.text.sentences import flat, paragraphs, sentences
from retold.verify.labelled import Pair, halves, read
from retold.verify.suite import suite
from support import floor, record, table

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
DOMAINS = ("news", "podcast", "sales_email", "scitldr")
ARCHIVES = ("git-doc_txt.tar.gz", "debian-policy_txt.tar.gz")
PASSAGE = range(500, 2500)
FLOORS = {"number": 0.95, "scale": 0.95, "name": 0.85, "negation": 0.5, "invented": 0.85}


def retellings() -> list[Pair]:
    """Consistent summaries of the tune half."""
    folder = DATA / "faithfulness" / "summedits"
    pairs = [pair for name in DOMAINS for pair in halves(read(folder / f"summedits_{name}.json.gz"))[0]]
    return [pair for pair in pairs if pair.supported]


def _texts() -> Iterator[str]:
    for name in ARCHIVES:
        with tarfile.open(DATA / "prose" / "debian-docs" / name) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.name.endswith((".txt", ".rst")) else None
                if file is not None:
                    yield file.read().decode("utf-8", "replace")
    with gzip.open(DATA / "prose" / "debian-docs" / "jargon.txt.gz", "rt", encoding="utf-8", errors="replace") as file:
        yield file.read()
    yield (DATA / "prose" / "wikitext-2" / "valid.txt").read_text("utf-8")


def as_read(most: int) -> list[Pair]:
    """Two neighbouring sentences of a passage, against the passage."""
    found: list[Pair] = []
    for text in _texts():
        for number, (start, end) in enumerate(paragraphs(text)):
            passage = text[start:end]
            spans = [span for span in sentences(passage) if span[1] - span[0] > 60] if len(passage) in PASSAGE else []
            if len(spans) >= 4:
                chosen = " ".join(flat(passage[a:b]) for a, b in spans[1:3])
                found.append(Pair(passage, chosen, True, f"{len(found)}.{number}"))
    return random.Random(7).sample(found, min(most, len(found)))


def main(most: int) -> int:
    figures, rows, floors = {}, [], []
    for name, pairs in (("retellings", retellings()), ("as read", as_read(most))):
        alarms, recalls = suite(pairs)
        figures[name] = {"texts": len(pairs), "false alarms": round(alarms, 4)}
        for found in recalls:
            figure = found.noticed
            figures[name][found.kind] = [round(value, 4) for value in (figure.value, figure.low, figure.high)]
            rows.append((name, found.kind, found.texts, str(figure), f"{alarms:.1%}"))
            if name == "retellings" and found.kind in FLOORS:
                floors.append(floor(f"recall of {found.kind}, {name}", figure.value, at_least=FLOORS[found.kind]))
    print(table(["set", "kind", "texts", "noticed (95 %)", "false alarms"], rows))
    return record("corruption", figures, floors, settings={"as read": most}, write=True)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 600))
