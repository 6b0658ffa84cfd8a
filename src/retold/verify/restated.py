"""Whether a statement says what one source sentence says: nothing added, nothing that counts lost, in its order.

`departs(told, said)` compares one sentence of a source with one statement and returns "" or what is wrong (a key of
REASONS). Content words (and whatever stands in quotation marks, function words too) are compared by root:

    added      a word that the sentence does not have, unless it stands for one that is left out (`ALIKE`)
    lost       a word that is missing, unless it says nothing (`FILLERS`), or stands in brackets, or in a relative
               clause at the end without condition and denial, that are left out whole
    order      the words are in the sentence's order, or one piece has been moved over a comma or from one end to the
               other at a word that opens a phrase of time or condition
    function   denials, modals, quantifiers, conditions, conjunctions and prepositions are the same in number and kind;
               the past stays the past

Trade-off: made for models that cannot be trusted with a synonym. It accepts about one in three of the rewordings that a
135M model writes and that are no copies, and refuses true ones that use words of their own. Function words are those
of English: of other languages only the order and the words themselves are compared, so `strict` refuses those.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from retold.text.opposites import denies
from retold.text.words import STOP_WORDS, fold, word_spans
from retold.verify.endings import root
from retold.verify.qualifiers import KINDS

ALIKE: Final = tuple(
    tuple(group.split())
    for group in (
        "given provided passed supplied",
        "use used utilize utilized utilise utilised employ employed",
        "generally typically usually normally commonly ordinarily",
        "often frequently",
        "mostly mainly largely primarily chiefly",
        "about approximately roughly around circa",
        "show shown display displayed",
        "begin start started commence",
        "end ended finish finished",
        "help helps assist assists",
        "allow allows permit permits let lets enable enables",
        "called named termed referred known",
        "need needs require requires required needed",
        "get obtain obtains retrieve",
        "find locate",
        "make makes create creates created made",
        "keep kept retain retained preserve preserved",
        "big large",
        "buy bought purchase purchased",
        "choose chosen select selected",
        "change changed modify modified alter altered",
        "several multiple",
        "attempt attempts try tries tried attempted",
        "contain contains hold holds",
        "kind kinds type types sort sorts",
        "element elements item items",
        "build built construct constructed",
        "happen happens occur occurs",
        "currently presently now",
        "regarding concerning about",
        "whole entire",
        "quickly rapidly fast",
        "mistake error",
        "in inside within",
    )
)
_STANDS_FOR: Final = {root(word): at for at, group in enumerate(ALIKE) for word in group}
FILLERS: Final = frozenset(
    map(
        root,
        "note noted notice hence furthermore additionally particularly actually simply basically referred".split(),
    )
)
_MODALS: Final = frozenset("can may might could must should shall will would cannot ought need".split())
_FREE: Final = frozenset(
    "a an the this that these those which who whom whose is are was were am be been being has have had having do does "
    "did it its his her hers their theirs they them he him she i we us our you your of in on at as to so then there "
    "here how what can may might could must should shall will would cannot ought".split()
)
"""Function words that may change in number; modals and tense are compared by themselves."""
_PAST: Final = frozenset("was were had did".split())
_PRESENT: Final = frozenset("is are has have does do am".split())
_KINDS: Final = ("part", "whole", "about", "condition", "only", "before", "after")
_LOOSE: Final = frozenset("other provided where case several few".split())
"""Words of a kind that are compared as content, or that have other senses too often."""
_OPENS: Final = frozenset(
    "if when whenever because since while after before although unless until once in at on during".split()
)
_RELATIVE: Final = frozenset("which who whose where".split())
_QUOTES: Final = {'"': '"', "“": "”", "`": "`", "‘": "’"}
_LIGHT: Final = frozenset("a an the of that".split())


class Side:
    """A sentence cut up: folded words, content keys with the places of their words, and words in brackets."""

    def __init__(self, text: str) -> None:
        spans = word_spans(text)
        self.words = [fold(text[start:end]) for start, end in spans]
        quoted = _within_quotes(text)
        self.quoted = [any(start >= first and end <= last for first, last in quoted) for start, end in spans]
        depth = _depths(text)
        self.bracketed = [depth[start] > 0 for start, _ in spans]
        self.comma_before = [
            at > 0 and any(sign in text[spans[at - 1][1] : start] for sign in ",;:")
            for at, (start, _) in enumerate(spans)
        ]
        self.content = [at for at in range(len(spans)) if self._counts(at)]
        self.keys = [self._key(at) for at in self.content]

    def _counts(self, at: int) -> bool:
        return self.quoted[at] or self.words[at] not in STOP_WORDS

    def _key(self, at: int) -> str:
        return f"'{self.words[at]}" if self.quoted[at] and self.words[at] in STOP_WORDS else root(self.words[at])

    def plain(self, but: frozenset[int] = frozenset()) -> list[str]:
        """Words outside of quotation marks, without those at these places."""
        return [word for at, word in enumerate(self.words) if not self.quoted[at] and at not in but]


@lru_cache(maxsize=512)
def side(text: str) -> Side:
    """A sentence cut up; the last ones are kept, since a source sentence meets many statements."""
    return Side(text)


def departs(told_text: str, said_text: str, *, note: bool = False) -> str:
    """What is wrong with `said_text` as a statement of `told_text`, or "". `note`: "is" and articles may be missing."""
    told, said = side(told_text), side(said_text)
    if not said.keys:
        return "words_not_in_source"
    added = Counter(said.keys) - Counter(told.keys)
    missing = Counter(told.keys) - Counter(said.keys)
    alike = _exchange(added, missing)
    if alike is None:
        return "words_not_in_source"
    left_out = _left_out(told, missing)
    if left_out is None:
        return "words_lost"
    reason = _function_words(told.plain(left_out), said.plain(), note=note)
    return reason or ("" if _in_order(told, said, alike) else "exchanged_in_source")


def _exchange(added: Counter[str], missing: Counter[str]) -> dict[str, str] | None:
    """Added words and the missing ones for which they stand, with one key for both; None where one stands for none.

    The missing ones are taken off. Each added word needs one of its own.
    """
    alike: dict[str, str] = {}
    for key in added.elements():
        group = _STANDS_FOR.get(key)
        partner = next((one for one in missing if group is not None and _STANDS_FOR.get(one) == group), None)
        if partner is None:
            return None
        alike[key] = alike[partner] = f"={group}"
        missing[partner] -= 1
        if not missing[partner]:
            del missing[partner]
    return alike


def _left_out(told: Side, missing: Counter[str]) -> frozenset[int] | None:
    """The places of the sentence that may be and are left out, for the missing words; None where one may not be."""
    for key in [key for key in missing if key in FILLERS]:
        del missing[key]
    if not missing:
        return frozenset()
    bracketed = frozenset(at for at, inside in enumerate(told.bracketed) if inside)
    if _accounts(told, bracketed, missing):
        return bracketed
    tail = _tail(told)
    for choice in (tail, tail | bracketed):
        if tail and _accounts(told, choice, missing):
            return choice
    return None


def _accounts(told: Side, places: frozenset[int], missing: Counter[str]) -> bool:
    """Whether what is missing is all of the content of these places and nothing else."""
    inside = Counter(key for at, key in zip(told.content, told.keys, strict=True) if at in places)
    return inside == missing


def _tail(told: Side) -> frozenset[int]:
    """A relative clause at the end, behind a comma, in which nothing restricts what is before it."""
    for at in range(len(told.words) - 1, 2, -1):
        if told.comma_before[at] and told.words[at] in _RELATIVE:
            inside = told.words[at:]
            restricts = any(denies(word) or word in KINDS["condition"] | KINDS["only"] for word in inside)
            return frozenset() if restricts else frozenset(range(at, len(told.words)))
    return frozenset()


def _function_words(told: Sequence[str], said: Sequence[str], *, note: bool) -> str:
    if Counter(map(_denial, filter(denies, told))) != Counter(map(_denial, filter(denies, said))):
        return "opposite_of_source" if any(map(denies, told)) else "negation_not_in_source"
    if _only(told, _MODALS) != _only(said, _MODALS):
        return "qualified_otherwise"
    for kind in _KINDS:
        if _grouped(_of(told, kind)) != _grouped(_of(said, kind)):
            return "qualified_otherwise"
    if _bound(told) != _bound(said):
        return "words_lost" if _bound(told) - _bound(said) else "qualified_otherwise"
    if "from" in told and told.count("to") != said.count("to"):
        return "words_lost"
    if note:
        return ""
    past, now = any(word in _PAST for word in told), any(word in _PAST for word in said)
    present, still = any(word in _PRESENT for word in told), any(word in _PRESENT for word in said)
    if (now and not past) or (past and not now and still and not present):
        return "qualified_otherwise"
    return ""


def _denial(word: str) -> str:
    return "no" if word in ("no", "any") else "not"


def _only(words: Iterable[str], chosen: frozenset[str]) -> Counter[str]:
    return Counter(word for word in words if word in chosen)


def _bound(words: Iterable[str]) -> Counter[str]:
    """Function words that say how things stand to each other: "by", "and", "only", "now"."""
    return Counter(word for word in words if word in STOP_WORDS and word not in _FREE and not denies(word))


def _of(words: Iterable[str], kind: str) -> list[str]:
    return [word for word in words if word in KINDS[kind] and word not in _LOOSE]


def _grouped(words: list[str]) -> Counter[str]:
    """Words of a kind, those that say the same as one."""
    return Counter(str(_STANDS_FOR.get(root(word), word)) for word in words)


def _in_order(told: Side, said: Side, alike: dict[str, str]) -> bool:
    """Whether the words of `said` are in the order of `told`, but for one piece that was moved as a whole."""
    free: dict[str, list[int]] = {}
    for index, key in enumerate(told.keys):
        free.setdefault(alike.get(key, key), []).append(index)
    order: list[int] = []
    for key in said.keys:
        places = free[alike.get(key, key)]
        later = next((place for place in places if order and place > order[-1]), places[0])
        places.remove(later)
        order.append(later)
    breaks = [at for at in range(1, len(order)) if order[at] < order[at - 1]]
    if not breaks:
        return True
    if len(breaks) > 1 or order[breaks[0] - 1] < order[0] or order[-1] > order[0]:
        return False
    return _border(told, told.content[order[0]])


def _border(told: Side, at: int) -> bool:
    """Whether a phrase begins at this word of the sentence, or at the function words before it."""
    while at > 0:
        if told.comma_before[at] or told.words[at] in _OPENS:
            return True
        if told.words[at - 1] in STOP_WORDS and not told.quoted[at - 1]:
            at -= 1
            continue
        return False
    return False


def _within_quotes(text: str) -> list[tuple[int, int]]:
    """Character ranges inside quotation marks, the marks not counted; a mark without its partner opens nothing."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        closing = _QUOTES.get(text[at])
        end = text.find(closing, at + 1) if closing else -1
        opens = closing is not None and (at == 0 or not text[at - 1].isalnum())
        if opens and 0 < end - at <= 80:
            found.append((at + 1, end))
            at = end
        at += 1
    return found


def _depths(text: str) -> list[int]:
    """How many brackets are open at each character."""
    depth, found = 0, []
    for sign in text:
        depth += sign == "("
        found.append(depth)
        depth -= sign == ")" and depth > 0
    return found
