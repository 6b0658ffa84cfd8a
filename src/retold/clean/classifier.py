"""The entry "classifier": a model of what good text is, as a signal with a limit.

    - classifier: {model: quality.classifier, at_least: 0.5}
    - classifier: {fasttext: oh_eli5.bin, label: __label__hq, at_least: 0.018}

In: texts as the entries before left them. Out: the signal `classifier`, a probability. `model` is a file of `retold
classifier train`: hashed words and pairs of words, one weight each. `fasttext` is a supervised fastText model that the
user has, read by fastText's own code and asked as DCLM asks (2406.11794): the text stripped, its lines joined by single
spaces; with several labels their probabilities are added. The file's place is execution, its digest identity: another
model under the same name measures anew. A fastText file is parsed by native code, as its publisher wrote it: use files
that you trust.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import PrivateAttr, field_validator, model_validator

from retold.clean.entry import Entry, Limit, Measured, Numbers, threshold
from retold.core.errors import SourceError
from retold.core.fingerprint import DIGEST_BYTES
from retold.core.settings import execution, identity

if TYPE_CHECKING:
    from retold.clean.classifier_file import Saved
    from retold.text.scan import Texts

FASTTEXT = b"\xba\x16\x4f\x2f"
"""How a fastText file begins: its magic number, 793712314."""


class Classifier(Entry):
    """Drop documents that a classifier finds less probable to be good than `at_least`."""

    model: str | None = execution(None, description="a file of `retold classifier train`")
    fasttext: str | None = execution(None, description="a supervised fastText model, .bin or .ftz")
    label: tuple[str, ...] = identity((), description="the fastText labels that mean good")
    at_least: float = threshold(ge=0, le=1)
    _found: tuple[str, str] | None = PrivateAttr(None)

    @field_validator("label", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_file(self) -> Self:
        if (self.model is None) == (self.fasttext is None):
            raise ValueError("classifier needs one file: model (of `retold classifier train`) or fasttext")
        if bool(self.label) != (self.fasttext is not None):
            raise ValueError("label names the fastText labels that mean good, such as __label__hq; model has none")
        return self

    def pinned(self, base: Path) -> Self:
        """The same entry with its file found from the recipe's folder. Raises SourceError for what is no model."""
        path = str((base / Path(str(self.model or self.fasttext)).expanduser()).resolve())
        found = self.model_copy()
        found._found = (path, file_digest(path))
        if self.model is not None:
            _own(*found._found)
        else:
            _labels_known(_native(*found._found), self.label, path)
        return found

    def file(self) -> tuple[str, str]:
        """Path and digest; looked for from the working folder where no recipe has found them before."""
        return self._found or self.pinned(Path())._found or ("", "")

    def versions(self) -> dict[str, Any]:
        """The digest of the file, and how it is computed."""
        return {"digest": self.file()[1], "computed": 3}

    def measure(self, texts: Texts) -> Measured:
        """One probability for each text."""
        if self.model is None:
            return Measured({"classifier": _by_fasttext(_native(*self.file()), texts.strings, self.label)})
        from retold.clean.classifier_train import sigmoid

        return Measured({"classifier": sigmoid(self.odds(texts))})

    def odds(self, texts: Texts) -> Numbers:
        """The log-odds of each text, which still tell apart what is all but certain."""
        if self.model is not None:
            return _own(*self.file()).logistic.odds(texts.data, texts.bounds)
        chance = np.clip(_by_fasttext(_native(*self.file()), texts.strings, self.label), 1e-9, 1 - 1e-9)
        found: Numbers = np.log(chance) - np.log1p(-chance)
        return found

    def limits(self) -> tuple[Limit, ...]:
        """The one threshold."""
        return (Limit("classifier", "low_quality", at_least=self.at_least),)


def file_digest(path: str) -> str:
    """BLAKE2b-128 of a whole file. Raises SourceError where it cannot be read."""
    hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
    try:
        with Path(path).open("rb") as file:
            while chunk := file.read(1 << 20):
                hasher.update(chunk)
    except OSError as error:
        raise SourceError(f"the classifier {path} cannot be read: {error.strerror}", "Check its name.") from error
    return hasher.hexdigest()


@lru_cache(maxsize=8)
def _own(path: str, expected: str) -> Saved:
    from retold.clean.classifier_file import parse

    _unchanged(path, expected)
    return parse(Path(path).read_bytes(), Path(path).name)


@lru_cache(maxsize=2)
def _native(path: str, expected: str) -> Any:
    _unchanged(path, expected)
    with Path(path).open("rb") as file:
        if file.read(4) != FASTTEXT:
            raise SourceError(f"{Path(path).name} is not a fastText model", "Name a .bin or .ftz file.")
    try:
        import fasttext
    except ImportError as error:
        raise SourceError("fastText models need a package", "pip install fasttext-predict") from error
    try:
        return fasttext.load_model(path)
    except (ValueError, RuntimeError, MemoryError) as error:
        raise SourceError(f"fastText cannot read {Path(path).name}: {error}", "Fetch the file again.") from error


def _unchanged(path: str, expected: str) -> None:
    if file_digest(path) != expected:
        raise SourceError(f"the classifier {path} changed while the recipe ran", "Run the recipe again.")


def _labels_known(model: Any, wanted: Sequence[str], path: str) -> None:
    labels, _ = model.predict("a", k=-1)
    missing = [label for label in wanted if label not in labels]
    if labels and missing:
        there = ", ".join(sorted(labels)[:10])
        raise SourceError(f"{Path(path).name} has no label {missing[0]}", f"It has: {there}")


def _by_fasttext(model: Any, texts: Sequence[str], wanted: Sequence[str]) -> Numbers:
    """The probabilities of the wanted labels, added. A text that the model knows nothing of has none."""
    found = np.zeros(len(texts), np.float64)
    for place, text in enumerate(texts):
        labels, chances = model.predict(one_line(text), k=-1)
        by_label = dict(zip(labels, chances, strict=True))
        found[place] = min(sum(float(by_label.get(label, 0.0)) for label in wanted), 1.0)
    return found


def one_line(text: str) -> str:
    """A text as DCLM gives it to fastText: one line. Lone surrogates, which fastText cannot take, become "?"."""
    return " ".join(text.strip().splitlines()).encode("utf-8", "replace").decode()
