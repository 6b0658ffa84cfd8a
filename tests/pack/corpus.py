"""Documents of many scripts and lengths, in a view, for the tests of packing."""

from __future__ import annotations

import random

from memory_view import MemoryView, run_fold
from retold.core.document import Document, document_id
from retold.core.schema import batch
from retold.core.step import Part
from retold.core.verdict import drop
from retold.pack import Export, Pack, PackSettings, TrainTokenizer

_PHRASES = (
    "the quick brown fox jumps over lazy dogs; naïve café Straße Ελληνικά русский язык 日本語の文章 中文 한국어 "
    "हिन्दी ไทย עברית العربية 😀 👩\u200d👩\u200d👧\u200d👦 𝄞 e\u0301 1,234.5 <|endoftext|> don't __init__ \t\n \u00a0 "
    "\u200b ﷽ İ ß"
)
WORDS = _PHRASES.split(" ")  # at spaces only: some of these are white space themselves
SETTINGS = PackSettings(vocabulary=400, length=64)


def texts(count: int, seed: int = 1, longest: int = 120) -> list[str]:
    chosen = random.Random(seed)
    return [
        " ".join(chosen.choice(WORDS) for _ in range(chosen.randint(1, longest))) + f" {number}"
        for number in range(count)
    ]


def source(text: str, name: str = "docs") -> Document:
    return Document(document_id("source", (), text), "source", text, name)


def retelling(text: str, parent: Document) -> Document:
    identifier = document_id("retelling", (parent.document_id,), text)
    return Document(identifier, "retelling", text, parent.source, (parent.document_id,), (), "recall", "rule")


def view_of(folder, documents, parts: int = 3, order=None, dropped=()) -> MemoryView:
    """Documents dealt out to parts, whose order may be given; `dropped` ones get a verdict."""
    names = order or [f"part-{number}" for number in range(parts)]
    view = MemoryView(folder, [Part(name, "docs") for name in names])
    for name in names:
        number = int(name.split("-")[1])
        mine = documents[number::parts]
        view.add("curate", name, {"documents": batch("documents", mine)})
        refused = [
            drop(document.document_id, "document" if document.kind == "source" else "retelling", "too_short")
            for document in mine
            if document in dropped
        ]
        view.add("verify", name, {"verdicts": batch("verdicts", refused)})
    return view


def pack(view: MemoryView, settings: PackSettings = SETTINGS, seed: int = 7) -> MemoryView:
    run_fold(TrainTokenizer(settings, view.folder), view)
    run_fold(Pack(settings, seed), view)
    return view


def export(view: MemoryView, settings: PackSettings = SETTINGS) -> MemoryView:
    run_fold(Export(settings), view)
    return view
