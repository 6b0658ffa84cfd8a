"""MinHash by datatrove and by Daft, for benchmarks/minhash.py: runs in a throw-away environment, prints one JSON line.

python minhash_peers.py datatrove FILE WORDS [SEED] signatures, buckets and clusters of the texts of a JSON lines file
python minhash_peers.py daft FILE                  signatures
"""

from __future__ import annotations

import json
import os
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def texts(path: str) -> list[str]:
    with Path(path).open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def datatrove(path: str, splitter: str, seed: int = 1) -> dict[str, Any]:
    from datatrove.data import Document
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupSignature,
    )
    from datatrove.utils.hashing import HashConfig

    config = MinhashConfig(hash_config=HashConfig(precision=64), seed=seed)
    found = [Document(text=text, id=str(number)) for number, text in enumerate(texts(path))]
    with tempfile.TemporaryDirectory() as folder:
        step = MinhashDedupSignature(f"{folder}/signatures", config=config)
        if splitter != "spacy":
            step.word_tokenizer = Whitespace()  # the texts are folded before: the same words as retold's
        step.get_shingles("so that what is loaded late is loaded before the clock starts")
        begun = time.process_time()
        step.run(iter(found))
        signing = time.process_time() - begun
        for bucket in range(config.num_buckets):
            MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=config).run(
                rank=bucket, world_size=config.num_buckets
            )
        cluster = MinhashDedupCluster(f"{folder}/buckets", f"{folder}/clusters", config=config, save_cluster_id=True)
        cluster.run()
        seconds = time.process_time() - begun
        labels = {}
        for file in Path(f"{folder}/clusters").glob("*.clusters"):
            labels |= dict(struct.iter_unpack("<II", file.read_bytes()))
    return {"signing": signing, "seconds": seconds, "clusters": labels}


class Whitespace:
    """Splits at white space."""

    def word_tokenize(self, text: str) -> list[str]:
        return text.split()


def daft(path: str) -> dict[str, Any]:
    os.environ["DO_NOT_TRACK"] = "1"
    import daft as engine
    from daft import col
    from daft.functions import minhash, normalize

    engine.set_execution_config(default_morsel_size=1024)
    frame = engine.from_pydict({"text": texts(path)}).collect()
    folded = normalize(col("text"), remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True)
    signed = minhash(folded, num_hashes=112, ngram_size=5, seed=1, hash_function="xxhash")
    frame.limit(10).select(signed.alias("m")).collect()
    begun = time.process_time()
    frame.select(signed.alias("m")).collect()
    return {"signing": time.process_time() - begun}


if __name__ == "__main__":
    print(
        json.dumps(
            datatrove(sys.argv[2], sys.argv[3], *map(int, sys.argv[4:]))
            if sys.argv[1] == "datatrove"
            else daft(sys.argv[2])
        )
    )
