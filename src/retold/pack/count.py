"""Counting by the tokenizer that a recipe names, before anything is packed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from retold.pack.tokenizer import FILE, Encoder, load


class FileCounter:
    """Tokens of each text by a `tokenizer.json`, which is read in the process that counts."""

    def __init__(self, path: Path, end_of_text: str) -> None:
        self.path = path
        self.end_of_text = end_of_text

    def __call__(self, texts: list[str]) -> list[int]:
        """Raises RecipeError where the file is no tokenizer."""
        return self._encoder.counts(texts) if texts else []

    @cached_property
    def _encoder(self) -> Encoder:
        return load(self.path, self.end_of_text)

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "end_of_text": self.end_of_text}


def by_output(end_of_text: str, folder: Path) -> FileCounter:
    """Counts by the tokenizer of an output folder, once that is there."""
    return FileCounter(folder / FILE, end_of_text)
