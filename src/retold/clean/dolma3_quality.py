"""The quality rules of Dolma 3, as the configuration "all dressed" of datamap-rs has them.

They are Gopher's (2112.11446) with other counts: words are what stands between white space, not tokens. Signals:

    dolma3_quality.characters           of the whole text
    dolma3_quality.words                words as in `text/words.py`, without punctuation
    dolma3_quality.mean_word_length     characters of what stands between white space, on average
    dolma3_quality.symbols              "#", "...", ". . ." and "…", for each word (". . ." is one word)
    dolma3_quality.bullet_lines         share of lines (between "\n") that begin with "●", "•", "*" or "-"
    dolma3_quality.ellipsis_lines       share of lines with anything in them that end with "...", ". . ." or "…"
    dolma3_quality.nonalphabetic_words  share of words without a letter
    dolma3_quality.stop_words           how many words are stop words, in any case, each as often as it occurs

Where this differs from datamap-rs: `words` are not those of Unicode's Annex 29; lengths are characters and not bytes;
letters and white space are those of `str.isalpha` and `str.isspace`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retold.clean.entry import Numbers
from retold.text.characters import ALPHA, SPACE, classes
from retold.text.compiled import compiled
from retold.text.pieces import Pieces, lines
from retold.text.scan import Bytes, Classes, Ints, Texts, decode

if TYPE_CHECKING:
    from retold.clean.filters import Dolma3Quality

NAMES = (
    "characters", "words", "mean_word_length", "symbols", "bullet_lines", "ellipsis_lines", "nonalphabetic_words",
    "stop_words",
)  # fmt: skip
CHARACTERS, WORDS, LENGTH, SYMBOLS, BULLETS, ELLIPSES, NO_LETTER, STOPS = range(len(NAMES))
_BULLETS = np.array([ord(mark) for mark in "●•*-"], np.int64)
_POINT, _BLANK = 0x2E, 0x20


def measure(texts: Texts, entry: Dolma3Quality) -> dict[str, Numbers]:
    """The signals of some texts."""
    stops = Texts(sorted({word.lower() for word in entry.stop_words}))
    out = np.zeros((len(NAMES), len(texts)))
    out[CHARACTERS], out[WORDS] = texts.characters, texts.words
    spaced = np.zeros(len(texts), np.int64)
    _symbols(texts.data, texts.bounds, spaced, out)
    _words(texts.data, texts.bounds, classes(), (stops.data, stops.bounds), spaced, out)
    _lines(texts.data, lines(texts), out)
    return {f"dolma3_quality.{name}": values for name, values in zip(NAMES, out, strict=True)}


@compiled
def _spaced(data: Bytes, place: int, end: int) -> bool:
    """Whether ". . ." stands here."""
    if place + 5 > end:
        return False
    points = data[place] == _POINT and data[place + 2] == _POINT and data[place + 4] == _POINT
    return bool(points and data[place + 1] == _BLANK and data[place + 3] == _BLANK)


@compiled
def _is_ellipsis(data: Bytes, place: int, end: int) -> bool:
    """Whether "…" stands here."""
    return bool(place + 3 <= end and data[place] == 0xE2 and data[place + 1] == 0x80 and data[place + 2] == 0xA6)


@compiled
def _symbols(data: Bytes, bounds: Ints, spaced: Ints, out: Numbers) -> None:
    """How often each symbol occurs, none overlapping itself."""
    for text in range(len(bounds) - 1):
        end = bounds[text + 1]
        points = free = count = 0
        for place in range(bounds[text], end):
            byte = data[place]
            if byte == _POINT:
                points += 1
                if points == 3:
                    count += 1
                    points = 0
                if place >= free and _spaced(data, place, end):
                    spaced[text] += 1
                    free = place + 5
                continue
            points = 0
            count += int(byte == 0x23 or (byte == 0xE2 and _is_ellipsis(data, place, end)))
        out[SYMBOLS, text] = count + spaced[text]


@compiled
def _words(data: Bytes, bounds: Ints, table: Classes, stops: tuple[Bytes, Ints], spaced: Ints, out: Numbers) -> None:
    for text in range(len(bounds) - 1):
        place, end = bounds[text], bounds[text + 1]
        words = characters = 0
        while place < end:
            start, length, letters = place, 0, False
            while place < end:
                code, width = np.int64(data[place]), 1
                if code >= 0x80:
                    code, width = decode(data, place, end)
                kind = table[code]
                if kind & SPACE:
                    break
                letters = letters or kind & ALPHA != 0
                length += 1
                place += width
            if length:
                words += 1
                characters += length
                out[NO_LETTER, text] += int(not letters)
                out[STOPS, text] += int(_is_stop(data, start, place, stops))
            if place < end:
                place += decode(data, place, end)[1]
        out[LENGTH, text] = characters / max(words, 1)
        out[NO_LETTER, text] /= max(words, 1)
        out[SYMBOLS, text] /= max(words - 2 * spaced[text], 1)


@compiled
def _is_stop(data: Bytes, start: int, end: int, stops: tuple[Bytes, Ints]) -> bool:
    """Whether these bytes, the letters of ASCII in lower case, are a stop word."""
    letters, bounds = stops
    for stop in range(len(bounds) - 1):
        size = bounds[stop + 1] - bounds[stop]
        if size != end - start:
            continue
        step = 0
        while step < size:
            byte = data[start + step]
            if 0x41 <= byte <= 0x5A:
                byte += 0x20
            if byte != letters[bounds[stop] + step]:
                break
            step += 1
        if step == size:
            return True
    return False


@compiled
def _lines(data: Bytes, found: Pieces, out: Numbers) -> None:
    bounds, starts, ends = found.bounds, found.start, found.end
    for text in range(len(bounds) - 1):
        first, last = bounds[text], bounds[text + 1]
        filled = 0
        for row in range(first, last):
            start, end = starts[row], ends[row]
            if start < end:
                code, _ = decode(data, start, end)
                for mark in _BULLETS:
                    out[BULLETS, text] += int(code == mark)
            if start < end and row + 1 < last and data[end - 1] == 0x0D:
                end -= 1  # "\r\n" ends a line, and "\r" before the end of the text does not
            if start < end:
                filled += 1
                out[ELLIPSES, text] += int(_ends_open(data, start, end))
        out[BULLETS, text] /= last - first
        out[ELLIPSES, text] /= max(filled, 1)


@compiled
def _ends_open(data: Bytes, start: int, end: int) -> bool:
    if end - start >= 3 and data[end - 1] == _POINT and data[end - 2] == _POINT and data[end - 3] == _POINT:
        return True
    if end - start >= 3 and _is_ellipsis(data, end - 3, end):
        return True
    return end - start >= 5 and _spaced(data, end - 5, end)
