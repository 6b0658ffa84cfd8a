"""Source-grounded decoding: a grammar of each source, so that numbers, names and rare words can only be its own.

In: the form of a style and the text of a source (with its heading). Out: a grammar in GBNF, which llama.cpp, vLLM and
SGLang take. Words of an answer are those of the source, with regular endings added or taken away, and those of
`common_words.py`; numbers, names and pieces of code are as written in the source, whole, or they are not. The same
grammar holds the form of the style: how many items, where a question ends.

Words are a tree of letters, not a list of alternatives: llama.cpp follows every alternative of a rule at once, and of a
list of 1,700 words it follows 1,700 for every token.

Trade-off: what stands in no source cannot be said, and that is all. A true number of the wrong thing, a relation turned
round, "never" for "always" are in the grammar too: grounded answers still need every check. A synonym that is neither
common nor in the source cannot be said either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Final

from retold.styles.common_words import COMMON, forms
from retold.styles.style_file import ParserName
from retold.text.words import fold

FORMS: Final[frozenset[ParserName]] = frozenset(
    {"prose", "numbered", "bullets", "qa", "question", "row", "table", "dialogue"}
)
"""Forms that can be grounded: the numbers of a worked problem are not all of its source, and JSON has its schema."""

OPENS: Final[dict[ParserName, str]] = {
    "numbered": "1. ", "bullets": "- ", "qa": "Q: ", "dialogue": "Learner: ", "table": "| "
}  # fmt: skip
"""How an answer of a form begins, where it was not given its first characters."""

VERSION: Final = 2
"""Raised where another grammar is made of the same source: it decides answers."""
MOST_ITEMS: Final = 12
COLUMNS: Final = (2, 4)
_CLOSING: Final = ".,;:!?…"
_OPENING: Final = "\"'“‘([*`"
_ENDING: Final = "\"'”’)]*`"
_AROUND: Final = "\"'“”‘’.,;:!?`*"
_BARE: Final = frozenset("-–—/&+=<>")
_LONGEST: Final = 60
"""Characters of a piece of the source; longer ones (addresses, keys) are not for retelling."""

_SENTENCE: Final = r"""
item ::= open? first (gap word)* close? [.!?] close?
question ::= open? first (gap word)* close? "?"
cell ::= open? (first | word) (gap word)* close?
first ::= Common | Own | own
word ::= common | own
gap ::= close? [,;:]? " " open? | " – "
open ::= ["“(]
close ::= [")”]
"""


def grammar(parser: ParserName, items: tuple[int, int], prefill: str, source: str) -> str:
    """The grammar of an answer that follows `prefill`. Raises ValueError for a form that cannot be grounded."""
    check(parser)
    lead = '" "? ' if prefill else f'"{OPENS[parser]}" ' if parser in OPENS else ""
    root = _root(parser, items, prefill)
    own = _own(source)
    raised = {word[0].upper() + word[1:] for word in own if word.islower()}
    return "\n".join(
        (
            f"root ::= {lead}({root})",
            _SENTENCE.strip(),
            *tree("own", own),
            *tree("Own", raised),
            _common(),
        )
    )


def check(parser: ParserName) -> None:
    """Raises ValueError for a form that cannot be grounded."""
    if parser not in FORMS:
        raise ValueError(f"an answer in the form {parser} cannot be grounded\n  leave decoding: out, or the style")


def _root(parser: ParserName, items: tuple[int, int], prefill: str) -> str:
    least, most = items[0], min(items[1], MOST_ITEMS)
    if parser == "numbered":
        return _numbered(least, most)
    if parser == "prose":
        return 'item (" " item)*' if most == 1 else 'item (" " item)* ("\\n\\n" item (" " item)*)*'
    if parser == "question":
        return "question"
    if parser == "row":
        return 'cell " | " cell'
    if parser == "bullets":
        return f'item ("\\n{_quoted(prefill.strip() or "-")} " item)*'
    if parser == "qa":
        return 'question "\\nA: " item (" " item)* ("\\n" "\\n"? "Q: " question "\\nA: " item (" " item)*)*'
    if parser == "dialogue":
        said = '(item | question) (" " (item | question))*'
        return f'{said} "\\nTeacher: " {said} ("\\nLearner: " {said} "\\nTeacher: " {said})*'
    return _table(prefill)


def _numbered(least: int, most: int) -> str:
    """Items one after the other, each with its number: a grammar cannot count, so every number is written out."""
    rest = ""
    for number in range(most, 1, -1):
        step = f'"\\n{number}. " item{" " + rest if rest else ""}'
        rest = step if number <= least else f"({step})?"
    return f"item {rest}".strip()


def _table(prefill: str) -> str:
    lines = prefill.split("\n")
    columns = lines[0].count("|") - 1

    def row(width: int) -> str:
        return " ".join(['cell " |"', *(['" " cell " |"'] * (width - 1))])

    if len(lines) > 2 and columns >= COLUMNS[0]:
        return f'{row(columns)} ("\\n| " {row(columns)})+'
    widths = range(COLUMNS[0], COLUMNS[1] + 1)
    rules = {width: "\\n|" + " --- |" * width for width in widths}
    return " | ".join(f'{row(width)} "{rules[width]}" ("\\n| " {row(width)})+' for width in widths)


@lru_cache(maxsize=8)
def _own(source: str) -> frozenset[str]:
    """What the source may be retold with: its pieces without punctuation around them, and its words in other forms."""
    found: set[str] = set()
    for piece in source.split():
        bare = piece.strip(_OPENING + _ENDING + _CLOSING)
        if not any(sign.isalnum() for sign in bare) or len(bare) > _LONGEST:
            found.update({bare} & _BARE)
            continue
        found.update(_spellings(piece, bare))
        parts = bare.replace("/", "-").replace("—", "-").replace("–", "-").split("-")
        for part in parts:
            found.update(_endings(part))
    return frozenset(found)


def _spellings(piece: str, bare: str) -> Iterable[str]:
    """A piece as it stands, and without what may belong to the sentence around it."""
    yield bare
    within = piece.strip(_AROUND)
    if within.startswith(("_", "-")) or within.endswith("()"):
        yield within
        yield within.removesuffix("()")
    if bare.count(".") > 1 and piece.rstrip(_ENDING + ",;:!?").endswith("."):
        yield bare + "."  # "e.g.", whose last dot belongs to it


def _endings(word: str) -> Iterable[str]:
    """A word in the forms that it may take; only the possessive for what is no ordinary word."""
    bare = word.removesuffix("'s").removesuffix("’s")
    if not (bare.isalpha() and bare[1:].islower() and len(bare) > 2):
        if bare and bare[-1].isalpha():
            yield from (bare, bare + "'s")
        return
    if bare[0].isupper():
        yield from (bare, bare + "'s")
    # A word that begins a sentence may be written small inside one; a name that does is still found by `names`.
    small = bare if bare[0].islower() else fold(bare)
    if bare[0].islower() or small in COMMON:
        yield from forms(small)
        for ending in ("s", "es", "ed", "d", "ing"):
            if small.endswith(ending) and len(small) - len(ending) > 2:
                stem = small[: -len(ending)]
                yield from (stem, *forms(stem))
                if ending in ("ed", "ing"):
                    yield stem + "e"
                    yield stem + "es"
        if small.endswith(("ies", "ied")):
            yield from forms(small[:-3] + "y")


@lru_cache(maxsize=1)
def _common() -> str:
    """The rules for common words, the same for all sources."""
    raised = {word[0].upper() + word[1:] for word in COMMON}
    return "\n".join((*tree("common", COMMON), *tree("Common", raised)))


def tree(name: str, words: Iterable[str]) -> list[str]:
    """Rules for one of these words, as a tree of their beginnings. Of no word a rule is made that nothing meets."""
    rules: list[str] = []
    waiting = [(name, sorted({word for word in words if word}))]
    labels = 0
    while waiting:
        label, held = waiting.pop()
        options = ['""'] if "" in held else []
        for _, group in groupby((word for word in held if word), key=lambda word: word[0]):
            inside = list(group)
            start = _shared(inside)
            rest = [word[len(start) :] for word in inside]
            if rest == [""]:
                options.append(_quoted(start, marks=True))
                continue
            labels += 1
            waiting.append((f"{name}-{labels}", rest))
            options.append(f"{_quoted(start, marks=True)} {name}-{labels}")
        rules.append(f"{label} ::= {' | '.join(options) or NOTHING}")
    return rules


NOTHING: Final = '"\\x01"'


def _shared(words: list[str]) -> str:
    """The longest beginning of all of these, sorted."""
    first, last = words[0], words[-1]
    size = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    return first[: min(size, len(last))]


def _quoted(text: str, *, marks: bool = False) -> str:
    """Text as a literal of the grammar, with its quotation marks or without."""
    inner = json.dumps(text, ensure_ascii=False)
    return inner if marks else inner[1:-1]
