"""datatrove's tokenizer over the texts of a JSON-lines file, on one core: run by benchmarks/pack.py in its environment.

Prints JSON: tokens (end tokens included) and processor seconds of its DocumentTokenizer alone, files written, and those
of `tokenizers` beside it. Reading the file, importing and loading the tokenizer are not counted.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.tokens import DocumentTokenizer


def main() -> None:
    texts = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    rounds = []
    for _ in range(int(sys.argv[3])):
        with tempfile.TemporaryDirectory() as folder:
            step = DocumentTokenizer(
                output_folder=folder,
                tokenizer_name_or_path=sys.argv[2],
                eos_token="<|endoftext|>",
                shuffle_documents=False,
            )
            _ = step.tokenizer
            begin = time.process_time()
            step.run(iter(documents), rank=0, world_size=1)
            seconds = time.process_time() - begin
            sizes = [path.stat().st_size for path in Path(folder).glob("*.ds")]
            rounds.append({"tokens": sum(sizes) // 2, "seconds": seconds})
    json.dump(rounds, sys.stdout)


if __name__ == "__main__":
    main()
