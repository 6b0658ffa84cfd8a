"""How much like the target a document is: the log-odds of a classifier that knows the target from the corpus.

The classifier is `text/logistic.py`: hashed words and pairs of words, each text scaled to length one, trained with both
classes at equal weight on the texts of the target and on `sample` documents of the corpus, drawn by noise from the seed
and the document's id. Some of these are of the wanted kind themselves, unlabelled; a text that is in both says nothing
and is left out. With fifty pages as target, 1,000 of 2,900 Debian documents were the better sample than 200, 2,000 or
all (precision where the budget is all that is wanted, of git, SQLite and Python pages: 0.983, 0.922, 0.956; with all of
them 0.974, 0.908, 0.940; by density 0.944, 0.883, 0.942). Or it is a file that the user has: of `retold classifier
train`, or fastText's.

Two steps. `select_learning` (Fold; not with a file): draws the sample, reads its texts, learns; out comes the file
`select.classifier`, which `retold classifier score` reads too. `select_odds` (Map): for each document the signals
`odds` and `tokens`. Against importance weights (`importance.py`) it costs a pass over the ids and holds the features of
all examples, 8 bytes for each distinct one (1,000 documents of 5 kB: about 6 MB); `make gates` prints what it brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from retold.clean.classifier import Classifier
from retold.core.document import Signals
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Among, Output, Part, View
from retold.select.noise import ID, as_ids, gumbel, hexadecimal
from retold.select.settings import Select
from retold.select.target import texts
from retold.text.folding import UNICODE
from retold.text.shingles import columns
from retold.text.tokens import count as count_tokens

FILE = "select.classifier"
EPOCHS, RATE = 5, 2.0
SKETCH = pa.schema([("document", pa.binary(16))])


@dataclass
class SelectLearning:
    """Fold step: a classifier that tells the target from the corpus."""

    settings: Select
    target: tuple[Part, ...]
    seed: int
    name: str = "select_learning"
    version: int = 2
    writes: tuple[str, ...] = ()
    files: tuple[str, ...] = (FILE,)

    def identity(self) -> Mapping[str, Any]:
        """The target by content, how it is read, and all that decides the sample and the weights."""
        assert self.settings.towards is not None, "a file needs no learning"
        return {
            "towards": self.settings.towards.identity(),
            "target": [part.name for part in self.target],
            "buckets": self.settings.buckets,
            "sample": self.settings.sample,
            "learning": [EPOCHS, RATE],
            "seed": self.seed,
            "unicode": UNICODE,
        }

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Ids of those documents of the part that may be in the sample."""
        found = np.zeros(0, ID)
        for rows in view.documents(["source"], part=part.name, columns=["document_id"]):
            fresh = as_ids([bytes.fromhex(name) for name in rows["document_id"].to_pylist()])
            found = self._drawn(found, fresh)
        if len(found):
            yield pa.RecordBatch.from_arrays([pa.array([one.tobytes() for one in found], pa.binary(16))], schema=SKETCH)

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Writes the file; no rows. Raises SourceError for a target without text."""
        from retold.clean.classifier_file import write
        from retold.text.logistic import Learner  # compiled code is loaded where it is used

        assert self.settings.towards is not None, "a file needs no learning"
        drawn = np.zeros(0, ID)
        for _, batches in sketches:
            for rows in batches:
                drawn = self._drawn(drawn, as_ids(rows["document"].to_pylist()))
        corpus = _sampled(drawn, view)
        learner = Learner(self.settings.buckets)
        good = 0
        for text in texts(self.settings.towards, self.target):
            corpus.pop(digest(text), None)
            learner.take(text, True)
            good += 1
        for name in sorted(corpus):
            learner.take(corpus[name], False)
        about = {"selects": self.identity(), "trained_on": {"good": good, "bad": len(corpus)}}
        write(view.folder / FILE, learner.learn(self.seed, EPOCHS, RATE), about)
        yield from ()

    def _drawn(self, *ids: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Of these the sample, in the order of the draw; each id once."""
        found = np.unique(np.concatenate(ids)).astype(ID)  # joining gives the machine's own order of bytes
        order = np.lexsort((found["low"], found["high"], -gumbel(found, self.seed + 2)))
        return found[order[: self.settings.sample]]


def _sampled(drawn: npt.NDArray[Any], view: View) -> dict[str, str]:
    """The texts of these documents by their digests."""
    if not len(drawn):
        return {}
    among: Among = ("document_id", pa.array(sorted(hexadecimal(one) for one in drawn), pa.string()))
    found = view.documents(["source"], columns=["text"], among=among)
    return {digest(text): text for rows in found for text in rows["text"].to_pylist()}


@dataclass
class SelectOdds:
    """Map step: what a classifier says of each document, as signals. Without `file` it is that of the stage before."""

    file: Classifier | None = None
    name: str = "select_odds"
    version: int = 2
    writes: tuple[str, ...] = ("signals",)

    def identity(self) -> Mapping[str, Any]:
        """The file by content, and which of its labels are meant."""
        return {} if self.file is None else {**self.file.versions(), "label": list(self.file.label)}

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """Signals of all kept documents of the part."""
        odds = _odds(self.file, view)
        for rows in view.documents(["source"], part=part.name, columns=["document_id", "text"]):
            tokens = [count_tokens(text) for text in rows["text"].to_pylist()]
            found = zip(rows["document_id"].to_pylist(), odds(rows["text"]), tokens, strict=True)
            signals = [Signals(name, {"odds": float(value), "tokens": float(many)}) for name, value, many in found]
            yield {"signals": batch("signals", signals)}


def _odds(file: Classifier | None, view: View) -> Any:
    """A function from a column of texts to their log-odds."""
    if file is None:
        from retold.clean.classifier_file import parse

        learned = parse((view.folder / FILE).read_bytes(), FILE).logistic
        return lambda column: learned.odds(*columns(column))
    from retold.text.scan import Texts

    return lambda column: file.odds(Texts(column.to_pylist()))
