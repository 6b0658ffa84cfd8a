"""Opposites: no word of a retelling says the contrary of what its source says in that place.

In: a source and a retelling. Out: `opposites` (content words that are not in the aligned source sentences while a
word that says the contrary is), and a mark on each. Contraries are a list of common pairs (`retold.text.opposites`:
"increase", "decline"), prefixes ("limited", "unlimited") and endings ("useful", "useless"), compared without endings.
Trade-off: it sees a flip only where the other word stands in the three source sentences that say most of the same
(`aligned.py`), and it is wrong where a sentence has both sides in other words ("the loss" of what was no "gain").
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Final

from retold.core.document import Mark
from retold.text.opposites import PAIRS, PREFIXES
from retold.text.words import STOP_WORDS
from retold.verify.check import Check
from retold.verify.endings import root
from retold.verify.source import Measured, SourceText, cut

_SHORTEST: Final = 3
"""Letters that are left after a prefix: "in-to" and "un-it" are no contraries."""


def _listed() -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in PAIRS:
        found[root(one)].add(root(other))
        found[root(other)].add(root(one))
    return {key: frozenset(others) for key, others in found.items()}


_LISTED: Final = _listed()


@lru_cache(maxsize=1 << 14)
def contraries(key: str) -> frozenset[str]:
    """The roots that say the contrary of a root; by spelling also such as are no words."""
    found = set(_LISTED.get(key, ()))
    for prefix in PREFIXES:
        if key.startswith(prefix) and len(key) - len(prefix) >= _SHORTEST:
            found.add(key[len(prefix) :])
        if len(key) >= _SHORTEST:
            found.add(prefix + key)
    for ending, other in (("ful", "less"), ("less", "ful")):
        if key.endswith(ending):
            found.add(key.removesuffix(ending) + other)
    return frozenset(found)


def opposites(source: SourceText, output: str) -> Measured:
    """Words whose contrary stands where they should; never raises."""
    text = cut(output)
    marks: list[Mark] = []
    for first, last in text.sentence_words:
        keys = {at: root(text.folded[at]) for at in range(first, last) if not text.folded[at][0].isdigit()}
        near = source.index.near(key for at, key in keys.items() if text.folded[at] not in STOP_WORDS)
        own = set(keys.values())
        for at, key in keys.items():
            if key not in near.all_roots and (contraries(key) & near.all_roots) - own:
                marks.append(Mark(*text.spans[at], "opposite_of_source"))
    return {"opposites": float(len(marks))}, marks


CHECK: Final = Check(
    name="opposites",
    measure=opposites,
    signals=("opposites",),
    reasons=("opposite_of_source",),
    microseconds=50,
    gain=0.021,
    terms=(("opposites", "count"),),
)
