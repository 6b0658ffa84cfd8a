"""Packing: how full rows are and how many documents are cut, beside concatenation and greedy; speed beside peers.

    python benchmarks/pack.py                    make bench NAME=pack
    python benchmarks/pack.py --peers PYTHON     with an environment that has datatrove already

Rows: the demo's recipe without its model (all sources, all rule-made retellings), at 1,024 tokens. Concatenation cuts
every 1,024 tokens; greedy takes documents in the same order and begins a new row where the next does not fit. Documents
longer than a row have to be cut and are counted apart.

Speed: Python's own standard library and language reference, once, no text twice; processor time on one core, rounds
alternating, medians. `ids` is tokenising alone; `pack` the whole fold: tokenised, kept, placed, rows with the map to
characters, written as numpy files. datatrove's DocumentTokenizer tokenises and writes a stream of tokens.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

os.environ |= {"RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}

import numpy as np
import pyarrow as pa

from retold.core.document import Document, document_id
from retold.core.schema import batch
from retold.core.step import Part
from retold.pack import Pack, PackSettings
from retold.pack.export.index import Index, narrow
from retold.pack.export.npy import Npy
from retold.pack.export.write import write
from retold.pack.settings import END_OF_TEXT
from retold.pack.tokenizer import FILE, load, train
from retold.runner.session import Session
from support import environment, floor, record, table

PEER = Path(__file__).parent / "peers" / "pack_datatrove.py"
PACKAGES = ("datatrove[io,processing]==0.10.1",)
RECIPE = """\
sources: {docs: {read: python_docs}}
curate: [normalize, {language: {keep: [en]}}, {length: {min_words: 20}}, exact]
rephrase: {rules: all}
pack: {tokenizer: train, length: 1024}
"""
LENGTH, ROUNDS, CHARACTERS, VOCABULARY = 1024, 3, 5_000_000, 8192


def sizes_of(session: Session) -> list[int]:
    """Tokens of each packed document, its end included, in a shuffled order that says nothing of their length."""
    encoder = load(session.recipe.folder / FILE, END_OF_TEXT)
    documents = session.accepted().unique("document_id").sort("document_id")
    return [count + 1 for count in encoder.counts(documents["text"].to_list())]


def concatenated(sizes: Sequence[int]) -> tuple[int, int]:
    """(rows, short documents cut) where all tokens are one stream."""
    place = cut = 0
    for size in sizes:
        cut += size <= LENGTH and place // LENGTH != (place + size - 1) // LENGTH
        place += size
    return -(-place // LENGTH), cut


def greedy(sizes: Sequence[int]) -> tuple[int, int]:
    """(rows, short documents cut) where a document begins a new row if it does not fit."""
    rows = room = 0
    for size in sizes:
        if size > room:
            rows += -(-size // LENGTH)
            room = -size % LENGTH
        else:
            room -= size
    return rows, 0


def rows(folder: Path) -> dict[str, Any]:
    """Utilisation and documents cut, by method."""
    path = folder / "demo.yaml"
    path.write_text(RECIPE, "utf-8")
    session = Session.begin(path)
    session.run()
    sizes = sizes_of(session)
    short = sum(size <= LENGTH for size in sizes)
    pieces: dict[str, int] = {}
    packed = session.scan("packed")
    for ranges in packed["documents"].to_list():
        for item in ranges:
            pieces[item["document_id"]] = pieces.get(item["document_id"], 0) + 1
    many = sum(count > 1 for count in pieces.values())
    found = {"best fit": (packed.height, many - (len(sizes) - short)), "concatenation": concatenated(sizes)}
    found["greedy"] = greedy(sizes)
    print(f"{len(sizes):,} documents, {len(sizes) - short} of them longer than a row, {sum(sizes):,} tokens\n")
    return {
        "documents": len(sizes),
        "longer than a row": len(sizes) - short,
        "tokens": sum(sizes),
        "methods": {
            name: {"rows": count, "utilisation": sum(sizes) / (count * LENGTH), "cut": cut / short}
            for name, (count, cut) in found.items()
        },
    }


def library() -> list[str]:
    """Texts of Python's own standard library, CHARACTERS of them."""
    found, size = [], 0
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).rglob("*.py")):
        if "site-packages" in path.parts or size >= CHARACTERS:
            continue
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if text.strip():
            found.append(text)
            size += len(text)
    return list(dict.fromkeys(found))


class Texts:
    """A view of one part."""

    def __init__(self, folder: Path, texts: Sequence[str]) -> None:
        self.folder = folder
        rows = [Document(document_id("source", (), text), "source", text, "library") for text in texts]
        self._batches = [batch("documents", rows[start : start + 2048]) for start in range(0, len(rows), 2048)]

    def parts(self) -> Sequence[Part]:
        return [Part("library", "library")]

    def documents(self, kinds: Sequence[str], *, part: str | None = None, columns: Sequence[str]) -> Iterator[Any]:
        del kinds, part
        for rows in self._batches:
            yield rows.select(list(columns))


def packed(view: Texts) -> float:
    """Processor seconds of the whole fold, rows written as numpy files."""
    settings = PackSettings(length=LENGTH)
    step, part = Pack(settings, 7), Part("library", "library")
    encoder = load(view.folder / FILE, END_OF_TEXT)
    begin = time.process_time()
    sketches = [(part, list(step.sketch(part, view)))]  # type: ignore[arg-type]
    outputs: list[pa.RecordBatch] = [output["packed"] for _, output in step.merge(sketches, view)]  # type: ignore[arg-type]
    index = Index(LENGTH, narrow(encoder.largest), encoder.end, b"")
    write(outputs, view.folder / ".sorting", settings.rows_per_shard, [Npy(view.folder / "npy", index, False)])
    return time.process_time() - begin


def speeds(folder: Path, peers: Path) -> dict[str, Any]:
    """Tokens a second of processor time."""
    texts = library()
    (folder / FILE).write_bytes(train(texts, VOCABULARY, END_OF_TEXT))
    (folder / "texts.jsonl").write_text("".join(json.dumps(text) + "\n" for text in texts), "utf-8")
    encoder, view = load(folder / FILE, END_OF_TEXT), Texts(folder, texts)
    tokens = sum(encoder.counts(texts)) + len(texts)
    print(f"\n{len(texts):,} texts, {sum(map(len, texts)):,} characters, {tokens:,} tokens, by {encoder.engine}\n")
    seconds: dict[str, list[float]] = {"ids": [], "pack": [], "tokenizers": [], "datatrove": []}
    for _ in range(ROUNDS):
        begin = time.process_time()
        ours = encoder.ids(texts)
        seconds["ids"].append(time.process_time() - begin)
        begin = time.process_time()
        theirs = [item.ids for item in encoder._tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
        seconds["tokenizers"].append(time.process_time() - begin)
        assert ours == theirs, "the two engines differ"
        seconds["pack"].append(packed(view))
        words = [str(peers), str(PEER), str(folder / "texts.jsonl"), str(folder / FILE), "1"]
        made = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)[0]
        assert abs(made["tokens"] - tokens) <= len(texts), f"datatrove made {made['tokens']} tokens"
        seconds["datatrove"].append(made["seconds"])
    found: dict[str, Any] = {name: tokens / statistics.median(values) for name, values in seconds.items()}
    found["pack to datatrove"] = statistics.median(
        theirs / ours for theirs, ours in zip(seconds["datatrove"], seconds["pack"], strict=True)
    )
    found["ids to datatrove"] = statistics.median(
        theirs / ours for theirs, ours in zip(seconds["datatrove"], seconds["ids"], strict=True)
    )
    return {"texts": len(texts), "tokens": tokens, "engine": encoder.engine, **found}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", type=Path, help="a Python that has datatrove")
    chosen = parser.parse_args()
    peers = nullcontext(chosen.peers) if chosen.peers else environment(*PACKAGES)
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as name, peers as python:
        folder = Path(name)
        filled = rows(folder)
        lines = [
            (method, f"{found['rows']:,}", f"{found['utilisation']:.2%}", f"{found['cut']:.2%}")
            for method, found in filled["methods"].items()
        ]
        print(table(("method", "rows", "utilisation", "short documents cut"), lines))
        speed = speeds(folder, python)
        shown = ("ids", "pack", "tokenizers", "datatrove")
        print(table(("what", "tokens/s"), [(what, f"{speed[what]:,.0f}") for what in shown]))
    best = filled["methods"]["best fit"]
    floors = [
        floor("utilisation at 1,024 tokens", best["utilisation"], at_least=0.99),
        floor("documents cut that fit into a row", best["cut"], at_most=0.05),
        floor("pack, tokens/s beside datatrove's", speed["pack to datatrove"], at_least=3.0),
    ]
    settings = {"length": LENGTH, "rounds": ROUNDS, "characters": CHARACTERS, "vocabulary": VOCABULARY}
    return record(
        "pack", {"rows": filled, "speed": speed}, floors, settings=settings, versions={"numpy": np.__version__}
    )


if __name__ == "__main__":
    sys.exit(main())
