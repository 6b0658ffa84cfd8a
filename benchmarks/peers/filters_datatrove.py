"""datatrove's filters on documents from a file: run by `filters.py` and by a gate, in an environment with datatrove.

    filters_datatrove.py DOCUMENTS.json SPLITTER MODE

SPLITTER `retold` gives it retold's own words and sentences, so that both look at the same; `spacy` is its default. MODE
`time` runs the four filters of FineWeb's recipe in their order, each document until one drops it; `decide` asks each
filter about each document as it was read. Prints one JSON object. Processor time, without imports and reading.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.utils.text import PUNCTUATION_SET
from datatrove.utils.word_tokenizers import WordTokenizer

from retold.text.characters import TERMINALS
from retold.text.words import tokens

CLOSING = frozenset("\"')]}”’»›」』）")
UNSPACED = 0x2E80


class Splitter(WordTokenizer):
    """The words of `retold.text.words` and the sentences that `retold.text.pieces` counts."""

    def __hash__(self) -> int:
        return 1

    def word_tokenize(self, text: str) -> list[str]:
        return tokens(text)

    def sent_tokenize(self, text: str) -> list[str]:
        return [text[start:end] for start, end in self.span_tokenize(text)]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        found, start, place = [], 0, 0
        while place < len(text):
            if text[place] not in TERMINALS:
                place += 1
                continue
            while place < len(text) and text[place] in TERMINALS:
                place += 1
            unspaced = ord(text[place - 1]) >= UNSPACED
            while place < len(text) and text[place] in CLOSING:
                place += 1
            if unspaced or place == len(text) or text[place].isspace():
                found.append((start, place))
                start = place
        return [*found, (start, len(text))] if text[start:].strip() else found


def decide(filters: list[Any], texts: list[str]) -> list[list[str]]:
    """For each document the reason of each filter to drop it, "" for none."""
    found = []
    for place, text in enumerate(texts):
        row = []
        for one in filters:
            answer = one.filter(Document(text=text, id=str(place)))
            row.append("" if answer is True else answer[1] if isinstance(answer, tuple) else "dropped")
        found.append(row)
    return found


def main() -> None:
    path, splitter, mode = sys.argv[1:]
    texts = json.loads(Path(path).read_text("utf-8"))
    language: Any = Splitter() if splitter == "retold" else "eng"
    filters = [
        GopherRepetitionFilter(language=language),
        GopherQualityFilter(language=language),
        C4QualityFilter(filter_no_terminal_punct=False, language=language),
        FineWebQualityFilter(language=language),
    ]
    decide(filters, ["The first call loads what is loaded once. And that is it."])
    begin = time.process_time()
    kept: Any = 0
    if mode == "time":
        for place, text in enumerate(texts):
            document = Document(text=text, id=str(place))
            kept += all(one.filter(document) is True for one in filters)
    else:
        kept = decide(filters, texts)
    seconds = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    symbols = "".join(sorted(PUNCTUATION_SET))
    print(json.dumps({"seconds": seconds, "kept": kept, "peak_mb": peak, "symbols": symbols}))


if __name__ == "__main__":
    main()
