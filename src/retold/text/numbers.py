"""Numbers in a text, each with one canonical value for all its spellings.

"1,200", "1200" and "twelve hundred" have the value "1200"; "5 %", "5 percent" and "five per cent" have "5%"; "21st" and
"twenty-first" have "21st"; "1.5 million" has "1500000"; "3.0" has "3"; "0x1F", "3.11.4" and "12:55" stand for themselves.
"3.10" and "3.1" differ, because in documentation they are versions. Not mentions: list markers at the beginning of a line
("1. ", "(2) "), note marks (" [3]"), digits inside names ("utf8", "x2"), "one" as a pronoun, "first," as an adverb.

Trade-off: English number words only; vague amounts ("hundreds", "a few") are left out. About 4 MB a second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from retold.text.words import STOP_WORDS

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = {
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_CARDINAL = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * (index + 2) for index, word in enumerate(_TENS)
}
_ORDINAL = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        start=1,
    )
} | {word[:-1] + "ieth": 10 * (index + 2) for index, word in enumerate(_TENS)}
_ORDINAL_SCALES = {word + "th": value for word, value in _SCALES.items()}
_ALL_WORDS = [*_CARDINAL, *_SCALES, *_ORDINAL, *_ORDINAL_SCALES, "dozen"]

_DIGITS = re.compile(
    r"(?<![\w.])(?:0[xob][0-9a-f_]++(?!\w)"
    r"|\d{1,2}:\d\d(?::\d\d)?(?![\w:])"
    r"|(?:(?<=[\s(\[])|(?<![^\n]))[-−](?=\d)\d++(?:[.,]\d++)*+|\d++(?:[.,]\d++)*+)"
    r"(?P<exponent>e[+-]?\d{1,2}(?!\w))?(?P<ordinal>(?:st|nd|rd|th)(?!\w))?",
    re.IGNORECASE,
)
_WORD = re.compile(rf"(?<![\w.])(?:{'|'.join(sorted(_ALL_WORDS, key=len, reverse=True))})(?!\w)", re.IGNORECASE)
_MARKER = re.compile(r"(?m)^[^\S\n]{0,40}(?:\d{1,3}[.)](?=\s)|\(\d{1,3}\)(?=\s)|\[\d{1,3}\](?=\s))")
_NOTE_MARK = re.compile(r"(?<=\s)\[\d{1,3}\]|(?<=[.,;)])\[\d{1,3}\]")
_PERCENT = re.compile(r"\s{0,2}%|\s{1,2}per\s?cent\b", re.IGNORECASE)
_SCALE_AFTER = re.compile(r"\s{1,2}(hundred|thousand|million|billion|trillion)\b", re.IGNORECASE)
_GAP = re.compile(r"[\s]{1,3}\Z|[-‐]\Z|\s{1,3}and\s{1,3}\Z", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})++(?:\.\d++)?\Z")
_NEXT_WORD = re.compile(r"[-\s]{1,2}([^\W\d_]+)")
_LAST_WORD = re.compile(r"([^\W\d_]{1,12})\s{1,3}\Z")
_PRONOUN_BEFORE = frozenset("the this that no any which each every another some".split())
_COUNT_BEFORE = frozenset("exactly only least most than just".split())


@dataclass(frozen=True, slots=True)
class NumberMention:
    """A number as written: `text == source[start:end]`, and its canonical `value`."""

    start: int
    end: int
    text: str
    value: str


def numbers(text: str) -> list[NumberMention]:
    """The number mentions of `text`, in order, without overlap."""
    hidden = [match.span() for match in _MARKER.finditer(text)] + [match.span() for match in _NOTE_MARK.finditer(text)]
    found = [*_written(text), *_spelled(text)]
    found.sort(key=lambda mention: (mention.start, -mention.end))
    hidden.sort()
    return list(_visible(found, hidden))


def _visible(found: list[NumberMention], hidden: list[tuple[int, int]]) -> Iterator[NumberMention]:
    """Mentions outside the hidden ranges, the first of any that overlap."""
    at, last = 0, -1
    for mention in found:
        while at < len(hidden) and hidden[at][1] <= mention.start:
            at += 1
        covered = at < len(hidden) and hidden[at][0] <= mention.start
        if not covered and mention.start >= last:
            last = mention.end
            yield mention


def _written(text: str) -> Iterator[NumberMention]:
    """Numbers written in digits."""
    for match in _DIGITS.finditer(text):
        start, end = match.span()
        raw = match.group()
        value = _digits_value(raw, match.group("exponent") or "", match.group("ordinal") or "")
        scale = _SCALE_AFTER.match(text, end)
        if scale and not match.group("ordinal") and len(value) < 40:
            value = _times(value, _SCALES[scale.group(1).lower()])
            end = scale.end()
        percent = _PERCENT.match(text, end)
        if percent and not match.group("ordinal"):
            end, value = percent.end(), value + "%"
        yield NumberMention(start, end, text[start:end], value)


def _digits_value(raw: str, exponent: str, ordinal: str) -> str:
    """The canonical form of digits; length is never a reason to fail, so nothing long becomes an `int`."""
    if raw[:2].lower() in ("0x", "0o", "0b") or ":" in raw:
        return raw.lower()
    body = raw[: len(raw) - len(exponent) - len(ordinal)].replace("−", "-")
    if not body.isascii():
        body = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in body)
    sign, body = ("-", body[1:]) if body[0] == "-" else ("", body)
    if _GROUPED.match(body):
        body = body.replace(",", "")
    if "," in body or body.count(".") > 1:
        return sign + body
    whole, _, fraction = body.partition(".")
    whole = whole.lstrip("0") or "0"
    plain = whole if not fraction.strip("0") else f"{whole}.{fraction}"
    if exponent and len(plain) < 40:
        plain = _plain(Decimal(plain + exponent))
    sign = "" if plain == "0" else sign
    return sign + (_suffixed(plain) if ordinal else plain)


def _plain(number: Decimal) -> str:
    written = format(number, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def _times(value: str, scale: int) -> str:
    try:
        return _plain(Decimal(value) * scale)
    except ArithmeticError:
        return value


def _suffixed(value: str) -> str:
    """1 -> 1st, 2 -> 2nd, 11 -> 11th."""
    if value[-2:] in ("11", "12", "13"):
        return value + "th"
    return value + {"1": "st", "2": "nd", "3": "rd"}.get(value[-1], "th")


def _spelled(text: str) -> Iterator[NumberMention]:
    """Numbers written in words: neighbouring number words are read together while they make one number."""
    group: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        if group and not _GAP.match(text, group[-1].end(), match.start()):
            yield from _read(text, group)
            group = []
        group.append(match)
    yield from _read(text, group)


def _read(text: str, group: list[re.Match[str]]) -> Iterator[NumberMention]:
    """The mentions in one run of neighbouring number words."""
    at = 0
    while at < len(group):
        size, value, ordinal = _longest(text, group[at : at + 12])
        if size:
            yield from _mention(text, group[at : at + size], value, ordinal)
        at += max(size, 1)


def _longest(text: str, group: list[re.Match[str]]) -> tuple[int, int, bool]:
    """How many words from the first on make one number, its value, and whether it is an ordinal."""
    total, current, room = 0, 0, 10**15  # room: the next plain word must be below it
    for index, match in enumerate(group):
        word = match.group().lower()
        joined = text[group[index - 1].end() : match.start()].strip().lower() if index else ""
        plain = _CARDINAL.get(word, _ORDINAL.get(word, -1))
        scale = 12 if word == "dozen" else _SCALES.get(word, _ORDINAL_SCALES.get(word, 0))
        if scale:
            if joined == "and" or (index and (current == 0 or scale >= room)):
                return index, total + current, False
            current = max(current, 1) * scale
            if scale >= 1000:
                total, current, room = total + current, 0, scale
            else:
                room = scale
        else:
            after_tens = 0 < plain < 10 and current % 100 in range(20, 100, 10) and joined != "and"
            year = index == 1 and joined != "and" and 10 < current < 100 and plain >= 10
            fits = not index or after_tens or year or (current % 100 == 0 and plain < 100 <= room and plain > 0)
            if not fits or (joined == "and" and current < 100 and total == 0):
                return index, total + current, False
            current = current * 100 + plain if year else current + plain
        if word in _ORDINAL or word in _ORDINAL_SCALES:
            return index + 1, total + current, True
    return len(group), total + current, False


def _mention(text: str, words: list[re.Match[str]], value: int, ordinal: bool) -> Iterator[NumberMention]:
    """The mention that these words make, unless they are no number here."""
    start, end = words[0].start(), words[-1].end()
    if len(words) == 1 and not _counts(text, words[0]):
        return
    written = _suffixed(str(value)) if ordinal else str(value)
    percent = _PERCENT.match(text, end) if not ordinal else None
    if percent:
        end, written = percent.end(), written + "%"
    article = re.match(r"an?\s", text[max(0, start - 2) : start].lower())
    if article and words[0].group().lower() in (*_SCALES, "dozen") and not text[start - 3 : start - 2].isalnum():
        start -= 2
    yield NumberMention(start, end, text[start:end], written)


def _counts(text: str, word: re.Match[str]) -> bool:
    """Whether a number word on its own is a quantity: not "one of", "no one", "First, …", "per second", "third-party"."""
    lower = word.group().lower()
    before = _LAST_WORD.search(text, max(0, word.start() - 16), word.start())
    previous = before.group(1).lower() if before else ""
    if lower in _ORDINAL:
        adverb = lower == "first" and text[word.end() : word.end() + 1] == ","
        unit = lower == "second" and previous in ("per", "one", "each", "half", "split")
        return not (adverb or unit or text[word.end() : word.end() + 1] == "-")
    if lower == "one":
        following = _NEXT_WORD.match(text, word.end())
        noun = following is not None and following.group(1).lower() not in STOP_WORDS
        return previous in _COUNT_BEFORE or (noun and previous not in _PRONOUN_BEFORE)
    return True
