"""Short documents with invented personal data in known places, among things that only look like it.

In: a seed and a count. Out: texts with labels (start, end, kind). Each document is in the language of one region and
has one to three sentences with something to find and one to three with lookalikes. The sentences were written without
a look at what finds things in them (`pii_sentences.py`); `pii_values.py` makes the values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from support.pii_sentences import FIRST, Sentences
from support.pii_values import LOOKALIKES, PHONES, VALUES, phone

REGIONS = tuple(PHONES)
LANGUAGE = {
    "US": "en", "GB": "en", "DE": "de", "FR": "fr", "CH": "de", "SE": "sv", "ES": "es", "IT": "it", "BR": "pt",
    "JP": "ja",
}  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    """A text and what is to be found in it: (start, end, kind)."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


def documents(seed: int, count: int, sentences: Sentences = FIRST) -> Iterator[Labelled]:
    """The documents; the same seed gives the same."""
    to_find, to_leave = sentences
    for place in range(count):
        chance = Random(f"{seed} {place}")
        region = chance.choice(REGIONS)
        language = LANGUAGE[region]
        chosen = [*_some(chance, to_find[language]), *_some(chance, to_leave[language])]
        chance.shuffle(chosen)
        text, spans = "", []
        for sentence in chosen:
            text += chance.choice(["\n", "\n\n", " "]) if text else ""
            for number, piece in enumerate(sentence.replace("{", "\0{").replace("}", "}\0").split("\0")):
                name = piece.strip("{}")
                if number % 2 == 0 or name not in {*VALUES, *LOOKALIKES, "phone"}:
                    text += piece
                    continue
                value = phone(chance, region) if name == "phone" else {**VALUES, **LOOKALIKES}[name](chance)
                if name not in LOOKALIKES:
                    spans.append((len(text), len(text) + len(value), "secret" if name == "pem" else name))
                text += value
        yield Labelled(text, tuple(spans))


def _some(chance: Random, sentences: tuple[str, ...]) -> list[str]:
    return chance.choices(sentences, k=chance.randint(1, 3))
