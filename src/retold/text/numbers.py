"""Numbers in a text, each with one canonical value for all its spellings.

"1,200", "1200" and "twelve hundred" have the value "1200"; "5 %", "5 percent" and "five per cent" have "5%"; "21st"
and "twenty-first" have "21st"; "1.5 million" has "1500000"; "3.0" has "3"; "0x1F", "3.11.4" and "12:55" stand for
themselves. "3.10" and "3.1" differ, because in documentation they are versions. Not mentions: list markers at the
beginning of a line ("1. ", "(2) "), note marks (" [3]"), digits inside names ("utf8", "UTF-8"), "one" as a pronoun,
"first," as an adverb.

Trade-off: English number words only; vague amounts ("hundreds", "a few") are left out. About 6 million characters a
second.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from retold.text.spelled import SCALES, read, runs, suffixed
from retold.text.words import STOP_WORDS

# Starts with a digit class, which `re` can search for quickly; what stands before is looked at in `_written`.
_DIGITS = re.compile(
    r"\d(?<![\w.]\d)(?:(?<=0)[xXoObB][0-9a-fA-F_]++(?!\w)"
    r"|(?<=\d)\d?+:\d\d(?::\d\d)?+(?![\w:])"
    r"|\d*+(?:,\d{3}(?!\d))*+(?:\.\d++)*+(?P<exponent>[eE][+-]?\d{1,2}(?!\w))?+(?P<ordinal>(?:st|nd|rd|th)(?!\w))?+)"
)
_PERCENT = re.compile(r"\s{0,2}%|\s{1,2}per\s?cent\b", re.IGNORECASE)
_SCALE_AFTER = re.compile(r"\s{1,2}(hundred|thousand|million|billion|trillion)\b", re.IGNORECASE)
_NEXT_WORD = re.compile(r"[-\s]{1,2}([^\W\d_]+)")
_LAST_WORD = re.compile(r"([^\W\d_]{1,12})\s{1,3}\Z")
_PRONOUN_BEFORE = frozenset("the this that no any which each every another some".split())
_COUNT_BEFORE = frozenset("exactly only least most than just".split())
_LONGEST = 40  # digits; longer ones are compared as written, never computed with


@dataclass(frozen=True, slots=True)
class NumberMention:
    """A number as written: `text == source[start:end]`, and its canonical `value`."""

    start: int
    end: int
    text: str
    value: str


def numbers(text: str) -> list[NumberMention]:
    """The number mentions of `text`, in order, without overlap."""
    found = sorted([*_written(text), *_spelled(text)], key=lambda mention: (mention.start, -mention.end))
    visible: list[NumberMention] = []
    for mention in found:
        if not visible or mention.start >= visible[-1].end:
            visible.append(mention)
    return visible


def _written(text: str) -> Iterator[NumberMention]:
    """Numbers written in digits."""
    for match in _DIGITS.finditer(text):
        start, end = match.span()
        before = text[start - 2 : start] if start > 1 else " " + text[:start] if start else "  "
        if (before[1] == "-" and before[0].isupper()) or _is_mark(text, start, end):
            continue
        raw = match.group()
        value = _value(raw, match.group("exponent") or "", match.group("ordinal") or "")
        if before[1] in "-−" and (before[0].isspace() or before[0] in "([") and value != "0":
            start, value = start - 1, "-" + value
        if not match.group("ordinal"):
            end, value = _scaled(text, end, value)
        yield NumberMention(start, end, text[start:end], value)


def _is_mark(text: str, start: int, end: int) -> bool:
    """Whether digits are a list marker at the beginning of a line, or the mark of a note."""
    if end - start > 3:
        return False
    before, after = text[start - 1 : start] if start else "\n", text[end : end + 1]
    closed = (before == "[" and after == "]") or (before == "(" and after == ")")
    if not closed and after not in (".", ")"):
        return False
    following = text[end + 1 : end + 2]
    outer = text[start - 2 : start - 1] if start > 1 else "\n"
    if closed and before == "[" and (outer.isspace() or outer in ".,;)"):
        return True
    head = text[max(0, start - 40) : start - 1 if closed else start]
    if (following and not following.isspace()) or head[head.rfind("\n") + 1 :].strip():
        return False
    # "in Python\n3.8." is a version at the wrapped end of a sentence: a marker marks something on its own line.
    return "." not in text[start:end] or bool(text[end + 1 : end + 40].partition("\n")[0].strip())


def _scaled(text: str, end: int, value: str) -> tuple[int, str]:
    """The end and value of a number with the "million" and the "%" that follow it."""
    scale = _SCALE_AFTER.match(text, end)
    if scale and len(value) < _LONGEST and value.replace(".", "", 1).lstrip("-").isdigit():
        value, end = _plain(Decimal(value) * SCALES[scale.group(1).lower()]), scale.end()
    percent = _PERCENT.match(text, end)
    return (percent.end(), value + "%") if percent else (end, value)


def _value(raw: str, exponent: str, ordinal: str) -> str:
    """The canonical form of digits; length is never a reason to fail, so nothing long becomes an `int`."""
    if raw[1:2] in ("x", "X", "o", "O", "b", "B") or ":" in raw:
        return raw.lower()
    body = raw[: len(raw) - len(exponent) - len(ordinal)]
    if not body.isascii():
        body = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in body)
    body = body.replace(",", "")
    if body.count(".") > 1:
        return body
    whole, _, fraction = body.partition(".")
    whole = whole.lstrip("0") or "0"
    plain = f"{whole}.{fraction}" if fraction.strip("0") else whole
    if exponent and len(plain) < _LONGEST:
        plain = _plain(Decimal(plain + exponent))
    return suffixed(plain) if ordinal else plain


def _plain(number: Decimal) -> str:
    written = format(number, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def _spelled(text: str) -> Iterator[NumberMention]:
    """Numbers written in words."""
    for run in runs(text):
        for spans, value, ordinal in read(text, run):
            if len(spans) == 1 and not _counts(text, *spans[0]):
                continue
            start, end = spans[0][0], spans[-1][1]
            written = suffixed(str(value)) if ordinal else str(value)
            percent = None if ordinal else _PERCENT.match(text, end)
            if percent:
                end, written = percent.end(), written + "%"
            start -= 2 if _has_article(text, *spans[0]) else 0
            yield NumberMention(start, end, text[start:end], written)


def _has_article(text: str, start: int, end: int) -> bool:
    """Whether "a" belongs to the number: "a hundred", "a dozen"."""
    article = start >= 2 and text[start - 2] in "aA" and text[start - 1].isspace()
    alone = start < 3 or not text[start - 3].isalnum()
    return article and alone and (text[start:end].lower() in SCALES or text[start:end].lower() == "dozen")


def _counts(text: str, start: int, end: int) -> bool:
    """Whether a lone number word is a quantity: not "one of", "no one", "First, …", "per second", "third-party"."""
    lower = text[start:end].lower()
    before = _LAST_WORD.search(text, max(0, start - 16), start)
    previous = before.group(1).lower() if before else ""
    if lower == "one":
        following = _NEXT_WORD.match(text, end)
        noun = following is not None and following.group(1).lower() not in STOP_WORDS
        return previous in _COUNT_BEFORE or (noun and previous not in _PRONOUN_BEFORE)
    if lower.endswith(("th", "st", "nd", "rd")) and lower not in ("thousand",):
        adverb = lower == "first" and text[end : end + 1] == ","
        unit = lower == "second" and previous in ("per", "one", "each", "half", "split")
        return not (adverb or unit or text[end : end + 1] == "-")
    return True
