"""One form for texts that read the same: so that equal texts are equal bytes, and nothing invisible is trained on.

In: any `str`, also a broken one. Out: NFC; every line end is "\\n"; no control characters except tab; no zero-width
space, byte order mark, soft hyphen, bidirectional override or tag character (all invisible, and a known way to hide
instructions in a page); half surrogate pairs become U+FFFD; no space at line ends; at most one blank line in a row; no
blank lines at either end. Zero-width joiners stay, since Persian, Indic scripts and emoji need them.

Idempotent. Trade-off: a preformatted block loses trailing spaces and repeated blank lines, nothing else. The canonical
composition is that of Unicode Standard Annex 15, in the version that this Python carries.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

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
_HIDDEN, _PAIRED, _UNSURE = 1, 2, 4
_ALONE = ((0x00, 0x300), (0x2010, 0x2060), (0x2190, 0x2320), (0x2500, 0x2800), (0x4E00, 0xA000))
"""Characters that are in the normal form NFC by themselves and compose with none of these that follows."""


def _units() -> npt.NDArray[np.uint8]:
    """For each unit of UTF-16 what a text with it may need."""
    found = np.full(0x10000, _UNSURE, np.uint8)
    for first, end in _ALONE:
        found[first:end] = 0
    found[0xD800:0xE000] |= np.uint8(_PAIRED)
    found[[code for code in _INVISIBLE if code < 0x10000]] |= np.uint8(_HIDDEN)
    found[0xDB40] |= np.uint8(_HIDDEN)  # every tag character begins with it, and some that are none
    return found


_UNITS = _units()


def normalize(text: str) -> str:
    """The normal form of `text`; "" when nothing visible is in it. Applying it again changes nothing."""
    for end in _LINE_ENDS:
        if end in text:
            text = text.replace(end, "\n")
    if text.isascii():
        text = text.encode().translate(None, _CONTROLS).decode()
    else:
        units = text.encode("utf-16-le", "surrogatepass")
        needs = int(np.bitwise_or.reduce(_UNITS[np.frombuffer(units, np.uint16)]))
        if needs & _PAIRED:
            text = units.decode("utf-16-le", "replace")
        if needs & _HIDDEN:
            text = text.translate(_REMOVED)
        if needs & _UNSURE:
            text = unicodedata.normalize("NFC", text)
    if not text.isascii() or " \n" in text or "\t\n" in text or text[-1:].isspace():
        text = "\n".join([line.rstrip() for line in text.split("\n")])
    return _single_blank_lines(text.strip("\n"))


def _single_blank_lines(text: str) -> str:
    if "\n\n\n" not in text:
        return text
    kept: list[str] = []
    for line in text.split("\n"):
        if line or kept[-1]:
            kept.append(line)
    return "\n".join(kept)
