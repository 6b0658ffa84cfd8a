"""Qualifiers of one sentence: words that say how far it holds, by kind.

In: the folded words of a sentence and of its rewording. Out: the kinds that were lost and the kinds that were added:
how many ("some", "most"), how often, how surely ("may"), about how much, under which condition ("if"), with which
exception ("only"), before or after what. "Some frogs lack lungs" is no longer true without its first word, and
"frogs always lack lungs" is none of its words' fault either.

Trade-off: closed lists of English words, kinds and not words are compared ("if" may become "when", "most" may become
"usually"), and one sentence against one: against a passage a qualifier is always found somewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_KINDS: Final = {
    "part": "some most many few several often usually sometimes frequently generally typically normally "
    "commonly mostly mainly largely partly occasionally primarily chiefly part half majority rarely seldom "
    "hardly tend tends tended",
    "whole": "all every always never none each entire entirely completely any no nobody nothing everything everyone",
    "doubt": "may might could perhaps maybe possibly probably likely apparently allegedly supposedly reportedly "
    "believed thought said claimed considered suggested suggests seems seem appears appear can possible",
    "duty": "must should shall required requires require needs need ought recommended mandatory necessary",
    "about": "about approximately roughly nearly almost around circa over under least most than fewer less more",
    "condition": "if when whenever unless where provided case once until depending depends otherwise whether",
    "only": "only except solely just but merely exclusively unless without other",
    "before": "before prior previously earlier until former formerly ago",
    "after": "after since later subsequently following then afterwards once",
}
KINDS: Final = {kind: frozenset(words.split()) for kind, words in _KINDS.items()}
LOST: Final = ("part", "doubt", "duty", "condition", "only", "about")
"""Kinds that a rewording may not lose."""
ADDED: Final = ("whole", "doubt", "duty", "only", "before", "after")
"""Kinds that it may not bring."""


def changed(source: Iterable[str], text: Iterable[str]) -> tuple[str, str]:
    """The first kind that was lost and the first that was added; empty where there is none."""
    one, other = frozenset(source), frozenset(text)
    lost = next((kind for kind in LOST if KINDS[kind] & one and not KINDS[kind] & other), "")
    added = next((kind for kind in ADDED if KINDS[kind] & other and not KINDS[kind] & one), "")
    return lost, added
