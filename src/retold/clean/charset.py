"""The characters of a page: which encoding its bytes are in, whatever its server and its head say.

In: bytes, and the charset of the server's header ("" for none). Out: text; never an error, what cannot be decoded is
U+FFFD, as in a browser. The first of these that fits:

    byte order mark             UTF-8, UTF-16
    UTF-16 without a mark       by the NUL bytes that markup has there on one side of each pair
    UTF-8                       bytes beyond ASCII that are UTF-8, up to one damaged character in ten
    what the server declares    if all bytes decode and Western text is not garbled (below)
    what the page declares      the same
    what the bytes look like    resiliparse's detector, the same
    of all these, the one that leaves the least damage

A browser believes the server first and shows garbage where it is wrong; here a declaration has to fit. Text declared
as Western, which nearly any bytes decode as, is garbled when most letters of the words with accents have accents:
French has a third, windows-1251 read as windows-1252 has nearly all. Known limit: one non-Western single-byte set
declared as another (KOI8-R as windows-1251) decodes without a trace and is believed. The pages, names and the order of
what is tried first follow the WHATWG encoding standard, which knows no UTF-16 without a mark. Speed: 700 MB/s of pages
that are UTF-8, 36 of those that are not (181 articles, one core).
"""

from __future__ import annotations

from collections.abc import Iterator

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SUPERSETS = {"shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "big5": "big5hkscs"}
_WESTERN = frozenset(("cp1252", "iso8859-1", "iso8859-15", "ascii"))
_SAMPLE = 4_096
_GARBLED = 0.7
_DAMAGED = 0.1


def decode(data: bytes, declared: str) -> str:
    """The characters of a page. Never raises: what cannot be decoded becomes U+FFFD."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if b"\0" in data[:_SAMPLE] and (encoding := _wide(data)):
        return data.decode(encoding, "replace")
    if not data.isascii() and (text := _utf8(data)) is not None:
        return text
    damaged: list[str] = []
    for encoding in _candidates(data, declared):
        text = data.decode(encoding, "replace")
        if encoding in _WESTERN and _garbled(text):
            continue
        if "\ufffd" not in text:
            return text
        damaged.append(text)
    return min(damaged, key=lambda text: text.count("\ufffd")) if damaged else data.decode("utf-8", "replace")


def _wide(data: bytes) -> str:
    """UTF-16 of one order or the other, by where the NUL bytes are; "" for neither."""
    sample = data[: min(_SAMPLE, len(data) // 2 * 2)]
    pairs = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) < pairs // 5 or min(even, odd) * 10 > max(even, odd):
        return ""
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    return encoding if "<" in sample.decode(encoding, "replace") else ""


def _utf8(data: bytes) -> str | None:
    """As UTF-8, where that is what it is, damaged in places."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken:
        beyond = sum(not piece.isascii() for piece in text)
        if broken > beyond * _DAMAGED:
            return None
    return text


def _candidates(data: bytes, declared: str) -> Iterator[str]:
    """Names that Python knows: of the server, of the page, of the detector."""
    if declared and (known := map_encoding_to_html5(declared, False)):
        yield from _usable(known, data)
    for from_meta in (True, False):
        if found := detect_encoding(data, from_html_meta=from_meta):
            yield from _usable(found, data)


def _usable(encoding: str, data: bytes) -> Iterator[str]:
    """The name, where Python has that codec and the bytes can be in it."""
    encoding = _SUPERSETS.get(encoding, encoding)
    try:
        b"".decode(encoding)
    except LookupError:
        return
    if not encoding.startswith("utf-16") or b"\0" in data:  # markup in UTF-16 is half NUL bytes
        yield encoding


def _garbled(text: str) -> bool:
    """Whether the words with letters beyond ASCII consist of hardly anything else."""
    words = text.replace("<", " ").replace(">", " ").split()
    accented = [word for word in words if not word.isascii()]
    letters = [letter for word in accented for letter in word if letter.isalpha()]
    beyond = sum(not letter.isascii() for letter in letters)
    return beyond >= 20 and beyond > _GARBLED * len(letters)
