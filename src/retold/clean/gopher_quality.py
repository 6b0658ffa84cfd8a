"""The quality rules of Gopher (Rae et al. 2021, 2112.11446, appendix A.1.1), as datatrove counts them.

Signals, each of all tokens (`text/words.py: tokens`) unless said otherwise:

    gopher.words              tokens with anything but punctuation and symbols in them
    gopher.mean_word_length   characters of these, on average
    gopher.hashes             "#" in the text, a token
    gopher.ellipses           "..." and "…" in the text, a token
    gopher.bullet_lines       share of lines (as `str.splitlines`) that begin with a bullet, after white space
    gopher.ellipsis_lines     share of lines that end with "..." or "…", before white space
    gopher.alphabetic_words   share of tokens with a letter
    gopher.stop_words         how many of the stop words occur, in exactly this spelling

One pass over bytes and tokens; a slow reference in the tests gives the same numbers to the last digit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retold.clean.entry import Numbers
from retold.text.characters import ALPHA, SOLID, classes
from retold.text.compiled import compiled
from retold.text.pieces import stripped
from retold.text.scan import BLOCK, Bytes, Classes, Ints, Texts, Tokens, decode, eight, has, is_plain

if TYPE_CHECKING:
    from retold.clean.filters import GopherQuality

NAMES = (
    "gopher.words", "gopher.mean_word_length", "gopher.hashes", "gopher.ellipses", "gopher.bullet_lines",
    "gopher.ellipsis_lines", "gopher.alphabetic_words", "gopher.stop_words",
)  # fmt: skip

_MAY_BREAK = np.zeros(256, np.bool_)
_MAY_BREAK[[*range(0x0A, 0x0E), *range(0x1C, 0x1F), 0xC2, 0xE2]] = True
"""The bytes with which what ends a line begins."""


def measure(texts: Texts, entry: GopherQuality) -> dict[str, Numbers]:
    """The signals of some texts."""
    stops = Texts(sorted(set(entry.stop_words)))
    bullets = np.array([ord(mark) for mark in entry.bullets] or [-1], np.int64)
    out = np.zeros((len(NAMES), len(texts)))
    _words(texts.data, texts.tokens, stops.data, stops.bounds, out)
    _symbols(texts.data, texts.bounds, out)
    _lines(texts.data, texts.bounds, classes(), bullets, out)
    tokens = np.maximum(texts.token_counts, 1)
    out[2:4] /= tokens
    out[6] /= tokens
    return dict(zip(NAMES, out, strict=True))


@compiled
def _words(data: Bytes, tokens: Tokens, stops: Bytes, stop_bounds: Ints, out: Numbers) -> None:
    """Words, their mean length, tokens with letters, and stop words."""
    sizes = np.uint64(0)  # one bit for each size that a stop word has: most tokens are longer
    for stop in range(len(stop_bounds) - 1):
        sizes |= np.uint64(1) << np.uint64(min(stop_bounds[stop + 1] - stop_bounds[stop], 63))
    for text in range(len(tokens.bounds) - 1):
        first, last = tokens.bounds[text], tokens.bounds[text + 1]
        starts, ends, same = tokens.start[first:last], tokens.end[first:last], tokens.same[first:last]
        lengths, bits = tokens.characters[first:last], tokens.kinds[first:last]
        words = characters = letters = found = 0
        for row in range(len(bits)):
            solid = int(bits[row] & SOLID != 0)
            words += solid
            characters += solid * lengths[row]
            letters += int(bits[row] & ALPHA != 0)
        for row in range(len(bits)):
            size = np.uint64(min(ends[row] - starts[row], 63))
            if same[row] == row and (sizes >> size) & np.uint64(1):
                found += int(_is_stop(data, starts[row], ends[row], stops, stop_bounds))
        out[0, text], out[6, text], out[7, text] = words, letters, found
        if words:
            out[1, text] = characters / words


@compiled
def _is_stop(data: Bytes, start: int, end: int, stops: Bytes, bounds: Ints) -> bool:
    for stop in range(len(bounds) - 1):
        if bounds[stop + 1] - bounds[stop] == end - start:
            place = 0
            while place < end - start and data[start + place] == stops[bounds[stop] + place]:
                place += 1
            if place == end - start:
                return True
    return False


@compiled
def _symbols(data: Bytes, bounds: Ints, out: Numbers) -> None:
    """Hashes, and ellipses: of n points in a row, n // 3."""
    for text in range(len(bounds) - 1):
        points = 0
        place, end = bounds[text], bounds[text + 1]
        while place < end:
            if place + BLOCK <= end:
                block = eight(data, np.uint64(place))
                if not (has(block, 0x2E) or has(block, 0x23) or has(block, 0xA6)):
                    points = 0
                    place += BLOCK
                    continue
            byte = data[place]
            place += 1
            if byte == 0x2E:
                points += 1
                if points == 3:
                    out[3, text] += 1
                    points = 0
                continue
            points = 0
            if byte == 0x23:
                out[2, text] += 1
            elif byte == 0xA6 and is_ellipsis(data, bounds[text], place):
                out[3, text] += 1


@compiled
def is_ellipsis(data: Bytes, start: int, end: int) -> bool:
    """Whether the bytes before `end` are "…"."""
    return end - start >= 3 and data[end - 3] == 0xE2 and data[end - 2] == 0x80 and data[end - 1] == 0xA6


@compiled
def line_end(data: Bytes, place: int, end: int) -> tuple[int, int]:
    """(end of the line that begins here, where the next begins), as `str.splitlines` parts lines."""
    while place < end:
        at, stop = np.uint64(place), np.uint64(end)  # a number without a sign is never counted from the end
        while at < stop:
            if at + np.uint64(BLOCK) <= stop and is_plain(eight(data, at)):
                at += np.uint64(BLOCK)
            elif _MAY_BREAK[data[at]]:
                break
            else:
                at += np.uint64(1)
        place = int(np.int64(at))
        if place == end:
            break
        byte = data[place]
        if byte <= 0x1E and (0x0A <= byte <= 0x0D or byte >= 0x1C):
            if byte == 0x0D and place + 1 < end and data[place + 1] == 0x0A:
                return place, place + 2
            return place, place + 1
        if byte == 0xC2 and place + 1 < end and data[place + 1] == 0x85:
            return place, place + 2
        if byte == 0xE2 and place + 2 < end and data[place + 1] == 0x80 and (data[place + 2] & 0xFE) == 0xA8:
            return place, place + 3
        place += 1
    return end, end


@compiled
def _lines(data: Bytes, bounds: Ints, table: Classes, bullets: Ints, out: Numbers) -> None:
    for text in range(len(bounds) - 1):
        place, end = bounds[text], bounds[text + 1]
        lines = 0
        while place < end:
            stop, following = line_end(data, place, end)
            start, last = stripped(data, place, stop, table)
            lines += 1
            if start < last:
                code, _ = decode(data, start, last)
                for bullet in bullets:
                    if code == bullet:
                        out[4, text] += 1
                        break
                points = last - start >= 3 and data[last - 1] == 0x2E and data[last - 2] == 0x2E
                if (points and data[last - 3] == 0x2E) or is_ellipsis(data, start, last):
                    out[5, text] += 1
            place = following
        if lines:
            out[4, text] /= lines
            out[5, text] /= lines
