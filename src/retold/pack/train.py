"""The fold "tokenizer": `tokenizer.json` in the output folder, trained on the real text that was kept, or copied.

Only sources are counted, never retellings: a tokenizer trained on synthetic text flatters it in every comparison by
tokens. Where there is more real text than `pack.train_on` characters, documents are sampled whole by the digest of
their ids: the same ones whatever the parts are called and in whatever order they come. A text that two parts hold is
counted once.

Resident: 33 bytes per document (digest, size, seen), then the trainer's distinct words, which `train_on` bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retold.core.errors import RetoldError
from retold.core.fingerprint import digest_bytes
from retold.core.step import Output, Part, View
from retold.mix.ledger import Ledger, keys_of
from retold.pack.files import write_whole
from retold.pack.settings import TRAIN, PackSettings
from retold.pack.tokenizer import FILE, load, parse, train


class TrainTokenizer:
    """Fold: writes `view.folder / "tokenizer.json"` as a whole, and yields no rows."""

    name = "tokenizer"
    version = 1
    writes: tuple[str, ...] = ()
    files: tuple[str, ...] = (FILE,)

    def __init__(self, settings: PackSettings, base: Path) -> None:
        """`base` is the folder that a relative path in the recipe counts from."""
        self.settings = settings
        self.path = None if settings.tokenizer == TRAIN else base / settings.tokenizer

    def identity(self) -> Mapping[str, Any]:
        """A given tokenizer is its content, wherever it lies; a trained one is how it is trained."""
        if self.path is not None:
            load(self.path, self.settings.end_of_text)
            return {"content": digest_bytes(self.path.read_bytes()), "end_of_text": self.settings.end_of_text}
        return {
            "vocabulary": self.settings.vocabulary,
            "train_on": self.settings.train_on,
            "end_of_text": self.settings.end_of_text,
        }

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Digest and characters of each kept source; nothing where a tokenizer is given."""
        if self.path is not None:
            return
        for rows in view.documents(("source",), part=part.name, columns=("document_id", "text")):
            sizes = pc.cast(pc.utf8_length(rows["text"]), pa.int64())
            yield Ledger.sketch(keys_of("tokenizer", rows["document_id"].to_pylist()), sizes)

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Train or copy. Raises RetoldError where no real text was kept, RecipeError for a file that will not do."""
        if self.path is not None:
            content = self.path.read_bytes()
            parse(content, self.settings.end_of_text, str(self.path))
        else:
            ledger = Ledger.gather(sketches)
            if not int(ledger.sizes.sum()):
                raise RetoldError(
                    "there is no real text to train a tokenizer on: no source document was kept",
                    "see why with `retold show`, or name a file: pack: {tokenizer: path/to/tokenizer.json}",
                )
            content = train(self._sample(ledger, view), self.settings.vocabulary, self.settings.end_of_text)
        write_whole(view.folder / FILE, content)
        yield from ()

    def _sample(self, ledger: Ledger, view: View) -> Iterator[str]:
        """Texts of the first documents by digest that fill `train_on` characters (one at least), each once."""
        before = np.cumsum(ledger.sizes) - ledger.sizes
        chosen = int(np.searchsorted(before, self.settings.train_on, side="left"))
        seen = np.zeros(len(ledger), dtype=np.bool_)
        for rows in view.documents(("source",), columns=("document_id", "text")):
            places = ledger.find(keys_of("tokenizer", rows["document_id"].to_pylist()))
            for place, text in zip(places.tolist(), rows["text"], strict=True):
                if place < chosen and not seen[place]:
                    seen[place] = True
                    yield text.as_py()
