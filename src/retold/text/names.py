"""Names in a text: proper nouns, acronyms and the identifiers of code.

A mention is a run of capitalised words that neither the start of a sentence nor a heading explains, an acronym
("W3C", "UTF-8"), or an identifier: snake_case, __dunder__, CamelCase, dotted.names, calls, what stands in back
quotes, and what stands in straight double quotes and looks like code. `text` is the bare name, without quotes or
"()". The first word of a sentence counts only if the same word is capitalised elsewhere inside a sentence and never
written small.

Trade-off: no dictionary and no model; German nouns are all names to it. Chosen so that few ordinary words are taken
for names (a check that refuses invented names must not refuse good English); about 1.5 million characters a second.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from retold.text.blocks import blocks
from retold.text.sentences import split
from retold.text.words import STOP_WORDS

# A word with its dots, as long as letters follow them; the call brackets are looked at afterwards.
_TOKEN = re.compile(r"(?:[^\W\d]|(?<!\w)\d(?=\w*[A-Z]))\w*+(?:[.](?=[^\W\d])\w++|['’](?=\w)\w++|-(?=[A-Z0-9])\w++)*+")
_QUOTED = re.compile(r"`{1,2}([^`\n]{1,80})`{1,2}|\"([^\"\n]{1,80})\"")
_OPTION = re.compile(r"--?[A-Za-z][\w-]{0,40}\Z")
_IDENTIFIER = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*\Z")
_BOUNDARY = frozenset('"“‘«([{:|>/*_`')
_KEYWORDS = frozenset(
    """
    and as assert async await break class continue def del elif else except finally for from global if import in is
    lambda nonlocal not or pass raise return try while with yield match case None True False self cls bool bytearray
    bytes complex dict float frozenset int list memoryview object set slice str tuple type super property range print
    len iter next isinstance issubclass repr hash id dir vars eval exec compile open input format sorted reversed
    enumerate zip map filter min max sum abs round pow divmod chr ord hex oct bin callable getattr setattr delattr
    hasattr classmethod staticmethod
    """.split()
)
_NOT_DOTTED = frozenset("e.g i.e a.k.a p.m a.m".split())
_ORDINARY = frozenset({"see", "note"})  # capitalised in references, never names


@dataclass(frozen=True, slots=True)
class NameMention:
    """A name as written: `text == source[start:end]`."""

    start: int
    end: int
    text: str


def names(text: str) -> list[NameMention]:
    """The name mentions of `text`, in order, without overlap."""
    quoted = list(_quoted(text))
    return sorted([*quoted, *_plain(text, quoted)], key=lambda mention: mention.start)


def is_identifier(word: str) -> bool:
    """Whether a word has the form of code: snake_case, __dunder__, CamelCase, dotted.name."""
    if not _IDENTIFIER.match(word) or word.lower() in _NOT_DOTTED:
        return False
    core = word.strip("_")
    if "_" in core or (core and word.startswith("__")):
        return True
    if "." in word:
        return all(len(part) > 1 for part in word.split(".")) or word.split(".")[0].islower()
    return any(low.islower() and high.isupper() for low, high in pairwise(word))


def is_acronym(word: str) -> bool:
    """Whether a word is capitals and digits: "W3C", "UTF-8", "URLs"."""
    core = word[:-1] if word.endswith("s") and len(word) > 3 else word
    letters = [sign for sign in core if sign.isalpha()]
    return len(letters) >= 2 and all(sign.isupper() for sign in letters) and not core.endswith(("'", "’"))


def _quoted(text: str) -> Iterator[NameMention]:
    """What stands in back quotes, or in straight quotes and looks like code."""
    for match in _QUOTED.finditer(text):
        ticked, inner = match.group(1), match.group(1) or match.group(2)
        start = match.start() + match.group().index(inner)
        name = inner[:-2] if inner.endswith("()") else inner
        if _OPTION.match(name) or (_IDENTIFIER.match(name) and (ticked or _looks_like_code(name, inner))):
            yield NameMention(start, start + len(name), name)


def _looks_like_code(name: str, inner: str) -> bool:
    if not name.strip("_"):
        return False  # a blank to fill in, or the throw-away name
    return inner.endswith("()") or name in _KEYWORDS or is_identifier(name) or is_acronym(name)


@dataclass(slots=True)
class _Found:
    """What one sentence holds: identifiers, acronyms, capitalised words; and its ordinary words."""

    firm: list[tuple[int, int]]
    acronyms: list[tuple[int, int]]
    raised: list[tuple[int, int]]
    ordinary: list[str]


def _plain(text: str, quoted: list[NameMention]) -> Iterator[NameMention]:
    """Identifiers, acronyms and capitalised runs outside the quoted names."""
    taken = {mention.start for mention in quoted}
    capital: list[tuple[int, int, bool]] = []
    ordinary: set[str] = set()
    for start, end, laid_out in _ranges(text):
        found = _sort_words(text, start, end, taken)
        ordinary.update(found.ordinary)
        shouted = laid_out and len(found.acronyms) > 1 and not found.ordinary and not found.raised
        for left, right in found.firm if shouted else [*found.firm, *found.acronyms]:
            yield NameMention(left, right, text[left:right])
        raised = len(found.raised)
        titled = laid_out or (text[end - 1] not in ".!?:;" and raised > 1 and raised >= 3 * len(found.ordinary))
        capital.extend((left, right, titled or _starts(text, start, left)) for left, right in found.raised)
    known = {_bare(text[left:right]) for left, right, explained in capital if not explained}
    known = {name for name in known if name.lower() not in ordinary}
    yield from _runs(text, [(a, b) for a, b, explained in capital if not explained or _bare(text[a:b]) in known])


def _sort_words(text: str, start: int, end: int, taken: set[int]) -> _Found:
    """The words of one sentence by their form. The common form, lower case, is decided first."""
    found = _Found([], [], [], [])
    for match in _TOKEN.finditer(text, start, end):
        word, span = match.group(), match.span()
        if span[0] in taken or not word.strip("_"):
            continue
        if text.startswith("(", span[1]) and _called(text, span[1]) and "'" not in word and "’" not in word:
            found.firm.append(span)
        elif word.isalpha() and (word.islower() or word[1:].islower()):
            if word.lower() not in STOP_WORDS and word.lower() not in _ORDINARY:
                if word[0].isupper():
                    found.raised.append(span)
                else:
                    found.ordinary.append(word)
        elif is_identifier(word):
            found.firm.append(span)
        elif is_acronym(word):
            found.acronyms.append(span)
        elif word[0].isupper() and len(word) > 1 and word.lower() not in STOP_WORDS:
            found.raised.append(span)
    return found


def _called(text: str, bracket: int) -> bool:
    """Whether a bracket right after a word is a call: "f()", "f(x)"; not "option(s)"."""
    close = text.find(")", bracket, bracket + 60)
    return close >= 0 and text[bracket + 1 : close] not in ("s", "es", "ies", "ren")


def _bare(word: str) -> str:
    """A name without its possessive."""
    return word[:-2] if word.endswith(("'s", "’s")) else word


def _ranges(text: str) -> Iterator[tuple[int, int, bool]]:
    """Sentences without their bullets, and whether the layout alone may have capitalised their words."""
    for block in blocks(text):
        if block.kind in ("prose", "item", "note"):
            for start, end in split(text, block):
                if end > block.body:
                    yield max(start, block.body), end, False
        elif block.kind != "rule" and block.body_end > block.body:
            yield block.body, block.body_end, True


def _starts(text: str, start: int, at: int) -> bool:
    """Whether a word at `at` is capitalised because something begins there: a sentence, a quotation, a bracket."""
    if at == start:
        return True
    before = text[max(start, at - 4) : at].rstrip()
    return not before or before[-1] in _BOUNDARY


def _runs(text: str, spans: list[tuple[int, int]]) -> Iterator[NameMention]:
    """Neighbouring capitalised words as one name; a possessive ends it and is cut off."""
    run: tuple[int, int] | None = None
    for start, end in spans:
        if run and text[run[1] : start] in (" ", "\n", "-") and not text[run[0] : run[1]].endswith(("'s", "’s")):
            run = (run[0], end)
            continue
        if run:
            yield _named(text, run)
        run = (start, end)
    if run:
        yield _named(text, run)


def _named(text: str, run: tuple[int, int]) -> NameMention:
    name = _bare(text[run[0] : run[1]])
    return NameMention(run[0], run[0] + len(name), name)
