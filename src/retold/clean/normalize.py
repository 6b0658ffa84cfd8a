"""One form for texts that read the same: so that equal texts are equal bytes, and nothing invisible is trained on.

In: any `str`, also a broken one. Out: NFC; every line end is "\\n"; no control characters except tab; no zero-width
space, byte order mark, soft hyphen, bidirectional override or tag character (all invisible, and a known way to hide
instructions in a page); half surrogate pairs become U+FFFD; no space at line ends; at most one blank line in a row; no
blank lines at either end. Zero-width joiners stay, since Persian, Indic scripts and emoji need them.

Idempotent. Trade-off: a preformatted block loses trailing spaces and repeated blank lines, nothing else. The canonical
composition is that of Unicode Standard Annex 15, in the version that this Python carries.

Texts of characters that need none of the rare steps (composition, what is invisible beyond ASCII, half pairs) go
through one compiled pass over their bytes, the others through the methods of `str`; both give the same, which a test
holds on hostile texts.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

from retold.text.compiled import compiled
from retold.text.scan import decode, eight, has, is_plain

Bytes = npt.NDArray[np.uint8]
_LINE_ENDS = ("\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029")
_INVISIBLE = (
    *range(0x00, 0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0xA0),
    0xAD,
    0x180E,
    0x200B,
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
)
_REMOVED = dict.fromkeys(_INVISIBLE)
_CONTROLS = bytes(code for code in _INVISIBLE if code < 0x80)
_HIDDEN, _PAIRED, _UNSURE, _BLANK = 1, 2, 4, 8
_TAGS = 0xDB40
_SPACES = tuple(code for code in range(0x80, 0x10000) if chr(code).isspace())
_ALONE = (
    (0x00, 0x300),  # Latin
    (0x388, 0x483), (0x48A, 0x591),  # Greek, Cyrillic, Armenian
    (0x5D0, 0x5EB), (0x61B, 0x64B), (0x671, 0x6D4), (0x904, 0x93A),  # Hebrew, Arabic, Devanagari
    (0x1E00, 0x1F00), (0x2010, 0x2060), (0x20A0, 0x20C1), (0x2100, 0x2126), (0x2190, 0x2320), (0x2500, 0x2800),
    (0x3000, 0x302A), (0x3041, 0x3097), (0x309B, 0x3100), (0x3400, 0x4DC0), (0x4E00, 0xA000),  # kana, Han
    (0xAC00, 0xD7A4), (0xFF01, 0xFFEF), (0xFFFC, 0xFFFE),  # Hangul, full width
)  # fmt: skip
"""Characters that are in the normal form NFC by themselves and compose with none of these that follows."""
_EMOJI = (0x1F000, 0x1FC00)
"""The same beyond UTF-16's first 65,536, with nothing invisible among them."""


def _units() -> npt.NDArray[np.uint8]:
    """For each unit of UTF-16 what a text with it may need."""
    found = np.full(0x10000, _UNSURE, np.uint8)
    for first, end in _ALONE:
        found[first:end] = 0
    found[0xD800:0xE000] |= np.uint8(_PAIRED)
    found[[code for code in _INVISIBLE if code < 0x10000]] = _HIDDEN  # goes, so that nothing composes with it
    found[list(_SPACES)] |= np.uint8(_BLANK)
    found[[0x85, 0x2028, 0x2029]] |= np.uint8(_UNSURE)  # line ends, which "\n" takes the place of
    found[_TAGS] |= np.uint8(_HIDDEN)  # every tag character begins with it, and some that are none
    return found


_UNITS = _units()


def normalize(text: str) -> str:
    """The normal form of `text`; "" when nothing visible is in it. Applying it again changes nothing."""
    data = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    clean = np.empty(len(data), np.uint8)
    size = _usual(data, _UNITS, clean)
    if size < 0:
        return _rare(text)
    return text if size == len(data) and np.array_equal(clean, data) else clean[:size].tobytes().decode()


def _rare(text: str) -> str:
    """`normalize` for any text."""
    for end in _LINE_ENDS:
        if end in text:
            text = text.replace(end, "\n")
    needs = 0
    if text.isascii():
        text = text.encode().translate(None, _CONTROLS).decode()
    else:
        units = text.encode("utf-16-le", "surrogatepass")
        found = np.frombuffer(units, np.uint16)
        seldom = found[found - np.uint16(0x20) > 0x5E]  # all but the characters of plain English, which need nothing
        needs = int(np.bitwise_or.reduce(_UNITS[seldom]))
        if needs & _PAIRED:
            text = units.decode("utf-16-le", "replace")
        if needs & _HIDDEN:
            text = _without(text, set(seldom[_UNITS[seldom] & _HIDDEN != 0].tolist()))
        if needs & _UNSURE:
            text = unicodedata.normalize("NFC", text)
    if needs & _BLANK or " \n" in text or "\t\n" in text or text[-1:].isspace():
        text = "\n".join([line.rstrip() for line in text.split("\n")])
    text = text.strip("\n")
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _without(text: str, units: set[int]) -> str:
    """The text without what is invisible, of which these units of UTF-16 are there: looking for each is quicker than
    looking at every character, but for the tags, which begin with one unit."""
    if _TAGS in units:
        return text.translate(_REMOVED)
    for unit in units:
        text = text.replace(chr(unit), "")
    return text


@compiled
def _usual(data: Bytes, units: Bytes, clean: Bytes) -> int:
    """Write the normal form; the bytes written, or -1 where a character needs a rare step."""
    size = line = place = 0
    while place < len(data):
        if place + 8 <= len(data):
            block = eight(data, np.uint64(place))
            if is_plain(block) and not has(block, 0x7F):
                for step in range(8):
                    clean[size + step] = np.uint8(block >> np.uint64(8 * step))
                size += 8
                place += 8
                continue
        byte = data[place]
        place += 1
        if byte >= 0x80:
            if byte >= 0xF0:
                if not _EMOJI[0] <= _code(data, place - 1) < _EMOJI[1]:
                    return -1
            elif byte >= 0xC0:
                needs = units[_code(data, place - 1)]
                if needs & (_PAIRED | _UNSURE):
                    return -1
                if needs & _HIDDEN:
                    place += 1 if byte < 0xE0 else 2
                    continue
            clean[size] = byte
            size += 1
            continue
        if byte >= 0x20:
            if byte != 0x7F:
                clean[size] = byte
                size += 1
        elif byte == 0x09:
            clean[size] = byte
            size += 1
        elif 0x0A <= byte <= 0x0D:
            if byte == 0x0D and place < len(data) and data[place] == 0x0A:
                continue
            size = _stripped(clean, line, size, units)
            if size and not (size > 1 and clean[size - 1] == 0x0A and clean[size - 2] == 0x0A):
                clean[size] = 0x0A
                size += 1
            line = size
    size = _stripped(clean, line, size, units)
    while size and clean[size - 1] == 0x0A:
        size -= 1
    return size


@compiled
def _code(data: Bytes, place: int) -> int:
    """The code point of two bytes or more, which are there: the text was a `str`."""
    return int(decode(data, place, len(data))[0])


@compiled
def _stripped(clean: Bytes, line: int, size: int, units: Bytes) -> int:
    """The end of the line that begins at `line`, without white space."""
    while size > line:
        byte = clean[size - 1]
        if byte in (0x20, 0x09):
            size -= 1
            continue
        if byte < 0x80:
            break
        first = size - 1
        while clean[first] < 0xC0:
            first -= 1
        code = _code(clean, first)
        if code >= len(units) or not units[code] & _BLANK:
            break
        size = first
    return size
