"""datatrove's n-gram decontamination of given texts against given items; prints one line of JSON.

PYTHON benchmarks/peers/decontaminate_peer.py GIVEN.json        {"items": [[question, answer], ...], "texts": [...]}
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.decont import n_grams


class Whitespace:
    """Splits what datatrove has freed of punctuation already; its own splitter, spaCy, is several times slower."""

    def word_tokenize(self, text: str) -> list[str]:
        return text.split()


n_grams.load_word_tokenizer = lambda *_: Whitespace()


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    config = n_grams.NGramsDecontConfig(find_query_ngrams=True)
    n_grams.NGramsDecontIndexer._requires_dependencies = []  # lighteval, for sets that it would fetch
    with tempfile.TemporaryDirectory() as folder:
        indexer = n_grams.NGramsDecontIndexer(folder, config=config)
        hashes = {one for question, answer in given["items"] for one in indexer.compute_hashes(answer, question)}
        np.array(sorted(hashes), dtype="<u8").tofile(Path(folder) / "items.index.hashes")
        step = n_grams.NGramsDecontFilter(folder, config=config)
        step.filter(Document(text="warm up", id="0"))
        begin = time.process_time()
        hit = [step.filter(Document(text=text, id=str(at))) is not True for at, text in enumerate(given["texts"])]
        seconds = time.process_time() - begin
    size = sum(len(text.encode()) for text in given["texts"]) / 1e6
    found = {"mb_per_s": size / seconds, "hit": hit, "version": version("datatrove")}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
