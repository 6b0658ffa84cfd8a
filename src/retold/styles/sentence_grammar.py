"""Ordered decoding: of one sentence a small model may only say what its words say in an order that is known to hold.

In: what is made of the answers (`assemble:` of a style), and a sentence. Out: a grammar in GBNF that has exactly the
texts of `frames.py`, as a tree of letters, so that a model of a hundred million parameters chooses and cannot invent:
which of the questions reads best, which row. Empty where nothing can be built and the form still lets the model try
(`passage`, `numbered`): it then answers freely, and its judge decides. Where an answer can only be one of the texts
(`pairs`, `rows`) and there is none, the grammar has a dash alone, which no form accepts, at the price of one token.

Trade-off: a question about half of the sentences and none about the others; a larger model needs no such help, so the
prompts for large models do not ask for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from retold.styles import frames
from retold.styles.grounded import tree
from retold.styles.style_file import Assembly
from retold.text.sentences import flat

VERSION: Final = 1
"""Raised where another grammar is made of the same sentence: it decides answers."""
NOTHING: Final = "-"
_MADE: Final[dict[Assembly, Callable[[str], tuple[str, ...]]]] = {
    "passage": frames.moved,
    "numbered": frames.moved,
    "pairs": frames.questions,
    "rows": frames.rows,
}
_FREE: Final = frozenset[Assembly](("passage", "numbered"))


def grammar(assembly: Assembly, sentence: str) -> str:
    """The grammar of an answer about a sentence; empty where it is free."""
    made = _MADE[assembly](flat(sentence))
    if not made and assembly in _FREE:
        return ""
    return "\n".join(("root ::= choice", *tree("choice", made or (NOTHING,))))
