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


def normalize(text: str) -> str:
    """The normal form of `text`; "" when nothing visible is in it. Applying it again changes nothing."""
    for end in _LINE_ENDS:
        if end in text:
            text = text.replace(end, "\n")
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if not text.isascii() or not text.isprintable():
        text = unicodedata.normalize("NFC", text.translate(_REMOVED))
    return _single_blank_lines([line.rstrip() for line in text.split("\n")])


def _single_blank_lines(lines: list[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept[:-1] if kept and not kept[-1] else kept)
