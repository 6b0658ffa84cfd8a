"""The step `reflect`: reflection data beside the text of each part, up to a share of it.

In: the kept sources and retellings of the part, to count their tokens: by the recipe's tokenizer where it packs (the
step stands behind the one that trains it), by an estimate otherwise (`text/tokens.py`, which takes documentation for a
quarter more and reflection for a quarter less than they are: a share of 8 % came out as 13 %). Out: documents of kind
`reflection`, made by rule, `style` naming the builder, `no_loss` their wrong steps; and a verdict for each item that
its builder's verifier refuses. They have no parents: their text comes from a program, its version and the seed. Only
a `passage_review` has: the retelling that it reviews and the documents behind that, and those that lent it the words of
its planted claim. It inherits the terms of all of them.

A part gets its share by itself, so parts stay independent and the cap holds for every part and for all: what is made
ends with the last item that fits, or where there is nothing more to say. Which builder makes which item is drawn from
the seed and the part's name. Memory: `ITEMS` items, and the pool of `retellings.py` where passages are reviewed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any, Final

from retold.core.document import Document, document_id
from retold.core.fingerprint import digest, uniform
from retold.core.licence import UNSTATED, joined
from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.core.verdict import Verdict, drop
from retold.reflect import passage_review
from retold.reflect.builders import BUILDERS
from retold.reflect.item import Item
from retold.reflect.knobs import Place
from retold.reflect.passage_review import Told
from retold.reflect.retellings import reviews, told
from retold.reflect.settings import ReflectSettings
from retold.reflect.tasks import TASKS
from retold.text.tokens import count

Counter = Callable[[list[str]], list[int]]
ITEMS: Final = 500
SOURCE: Final = "reflect"
KINDS: Final = ("source", "retelling")


def estimated(texts: list[str]) -> list[int]:
    """About how many tokens each text has."""
    return [count(text) for text in texts]


class Reflect:
    """Map step `reflect`. `counting` makes a counter of the output folder's tokenizer; None: estimates count."""

    name = "reflect"
    version = 1
    writes = ("documents", "verdicts")

    def __init__(self, settings: ReflectSettings, seed: int, counting: Callable[[Path], Counter] | None = None) -> None:
        self.settings = settings
        self.seed = seed
        self._counting = counting
        self._weights = settings.weights()

    def identity(self) -> Mapping[str, Any]:
        """Settings, seed, and the versions of builders and tasks. The tokenizer is a stage of its own before this."""
        return {
            "settings": self.settings.identity(),
            "seed": self.seed,
            "builders": {name: _version(name) for name in self._weights},
            "tasks": {name: kind.version for name, kind in TASKS.items()},
            "counted": self._counting is not None,
        }

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """Items until the next one would not fit, `ITEMS` at a time."""
        counter = estimated if self._counting is None else self._counting(view.folder)
        texts = view.documents(KINDS, part=part.name, columns=("text",))
        tokens = sum(size + 1 for rows in texts for size in counter(rows["text"].to_pylist()))
        left = int(tokens * self.settings.share / (1 - self.settings.share))
        first, read = 0, self._reviews(part, view)
        while left > 0:
            found = [self._item(part.name, index, read) for index in range(first, first + ITEMS)]
            first += ITEMS
            made = [(self._document(item, *of), reason) for item, of, reason in found if item is not None]
            if not made:
                return
            documents: list[Document] = []
            verdicts: list[Verdict] = []
            for (document, reason), size in zip(made, counter([item.text for item, _ in made]), strict=True):
                if not reason:
                    left -= size + 1  # with the token that ends it
                if left < 0:
                    break
                documents.append(document)
                if reason:
                    verdicts.append(drop(document.document_id, "document", reason, document.style))
            yield {"documents": batch("documents", documents), "verdicts": batch("verdicts", verdicts)}

    def _reviews(self, part: Part, view: View) -> Iterator[tuple[tuple[Told, ...], Item]]:
        """Reviews of the part's retellings; nothing is read where none are asked for."""
        if passage_review.NAME in self._weights:
            yield from reviews(told(view, part.name, self.seed), self.seed, self.settings.wording)

    def _item(
        self, part: str, index: int, read: Iterator[tuple[tuple[Told, ...], Item]]
    ) -> tuple[Item | None, tuple[Told, ...], str]:
        """The item at a place of a part, what it was read from, and why its verifier refuses it."""
        name = self._chosen(part, index)
        if name == passage_review.NAME:
            of, reviewed = next(read, ((), None))
            return reviewed, of, "" if reviewed is None else passage_review.verify(reviewed)
        place = Place(int(digest("reflect part", self.seed, part)[:13], 16), index)
        item = BUILDERS[name].make(place, self.settings.knobs())
        return item, (), "" if item is None else BUILDERS[name].verify(item)

    def _chosen(self, part: str, index: int) -> str:
        drawn = uniform("reflect", self.seed, part, index) * sum(self._weights.values())
        for name, weight in self._weights.items():
            drawn -= weight
            if drawn < 0:
                return name
        return name

    def _document(self, item: Item, of: Told | None = None, *lenders: Told) -> Document:
        """The document of an item; a review is `of` a retelling, and may have words of others."""
        read = (of, *lenders) if of else ()
        parents = tuple(dict.fromkeys(name for one in read for name in (one.retelling_id, *one.documents)))
        return Document(
            document_id=document_id("reflection", parents, item.text),
            kind="reflection",
            text=item.text,
            source=of.source if of else SOURCE,
            parents=parents,
            spans=of.spans if of else (),
            style=item.builder,
            made_by="rule",
            title=of.title if of else "",
            licence=_terms(tuple(dict.fromkeys(one.licence for one in read))),
            no_loss=item.masked if self.settings.mask else (),
        )


def _terms(licences: tuple[str, ...]) -> str:
    """The terms of what is made of texts under these: all of them; nothing where none states any."""
    if len(licences) < 2:
        return "".join(licences)
    return reduce(joined, (one or UNSTATED for one in licences))


def _version(builder: str) -> int:
    return passage_review.VERSION if builder == passage_review.NAME else BUILDERS[builder].version
