"""data-juicer's operators on JSON lines, for filters.py and curate.py: runs in a throw-away environment.

    python curate_datajuicer.py FOLDER filters|curate        reads FOLDER/in/*.jsonl; prints one JSON line

data-juicer has none of the published filters: `filters` are the operators of its own recipes for web text that need no
download (lengths, characters, repetition of characters and words), with their default limits. `curate` adds its exact
and MinHash deduplication (14 bands of 8 on word 5-grams) and writes what is left. Its language operator fetches a model
when it runs, and is left out. After each operator the library asks for torch, which it would install by itself, only to
empty the cache of a GPU: that call is replaced by nothing. Processor time without imports.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "RAY_USAGE_STATS_ENABLED": "0"}

from data_juicer.core.data import NestedDataset
from data_juicer.ops import base_op
from data_juicer.ops.deduplicator.document_deduplicator import DocumentDeduplicator
from data_juicer.ops.deduplicator.document_minhash_deduplicator import DocumentMinhashDeduplicator
from data_juicer.ops.filter.alphanumeric_filter import AlphanumericFilter
from data_juicer.ops.filter.average_line_length_filter import AverageLineLengthFilter
from data_juicer.ops.filter.character_repetition_filter import CharacterRepetitionFilter
from data_juicer.ops.filter.maximum_line_length_filter import MaximumLineLengthFilter
from data_juicer.ops.filter.special_characters_filter import SpecialCharactersFilter
from data_juicer.ops.filter.text_length_filter import TextLengthFilter
from data_juicer.ops.filter.word_repetition_filter import WordRepetitionFilter
from data_juicer.ops.filter.words_num_filter import WordsNumFilter
from loguru import logger

FILTERS = (
    AlphanumericFilter, AverageLineLengthFilter, CharacterRepetitionFilter, MaximumLineLengthFilter,
    SpecialCharactersFilter, TextLengthFilter, WordRepetitionFilter, WordsNumFilter,
)  # fmt: skip
ALONE = {"num_proc": 1, "auto_op_parallelism": False}
MINHASH = {"num_permutations": 112, "num_bands": 14, "num_rows_per_band": 8, "window_size": 5}


def read(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line) for path in sorted((folder / "in").glob("*.jsonl")) for line in path.open(encoding="utf-8")
    ]


def used() -> float:
    """Processor seconds of this process and of those that it started and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main(folder: Path, mode: str) -> dict[str, Any]:
    logger.remove()
    base_op.free_models = lambda *_, **__: None
    steps = [one(**ALONE) for one in FILTERS]
    if mode == "curate":
        steps += [DocumentDeduplicator(**ALONE), DocumentMinhashDeduplicator(**ALONE, **MINHASH)]
    rows = read(folder) if mode == "filters" else []
    begun = used()
    found: Any = NestedDataset.from_list(rows or read(folder))
    for step in steps:
        found = step.run(found)
    if mode == "curate":
        found.to_json(folder / "kept.jsonl")
    seconds = used() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "kept": len(found), "megabytes": memory}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))
