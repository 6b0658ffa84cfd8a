"""Texts cut into tokens by compiled code: many at once, straight from UTF-8 bytes.

In: a list of `str`, as one buffer of bytes (`Texts`). Out: `Tokens`, one row for each word or symbol: where it is, how
many characters it has, what kinds of character, and which earlier token of its text it equals. The tokens are exactly
those of `words.tokens` (a property test compares them); that expression reads 6 million characters a second, this about
a hundred.

Equal tokens are found by a table of keys: up to seven bytes are their own key, what has more is compared byte by byte,
so a hash decides nothing. Memory: about 30 bytes
a token for the texts of one chunk; `Texts.chunks` keeps these near a megabyte, which stays in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from retold.text.characters import DIGIT, MARK, SOLO, SPACE, WORD, classes
from retold.text.compiled import allocating, compiled

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Classes = npt.NDArray[np.uint16]
CHUNK = 1 << 20
BLOCK = 8
"""Bytes that `eight` reads at once."""
_APOSTROPHES = (0x27, 0x2019)
_QUOTE, _CURLED = _APOSTROPHES
_SHORT, _HASHED = 7, np.uint64(1 << 63)


class Tokens(NamedTuple):
    """One row a token. `bounds[d]` to `bounds[d + 1]` are the rows of text d.

    `start`, `end`: bytes in the buffer. `characters`: code points. `kinds`: the bits of all its characters
    (`characters.py`) together. `same`: the row, counted within its text, of the first token that is equal to it.
    """

    bounds: Ints
    start: Ints
    end: Ints
    characters: npt.NDArray[np.int32]
    kinds: Classes
    same: npt.NDArray[np.int32]


class Room:
    """Memory that is used again: asking the system for it costs a fifth of what cutting does.

    What was cut into it holds until it is used for other texts.
    """

    def __init__(self) -> None:
        self._held: dict[str, npt.NDArray[Any]] = {}

    def array(self, name: str, size: int, kind: npt.DTypeLike) -> npt.NDArray[Any]:
        """An array of this size with anything in it."""
        held = self._held.get(name)
        if held is None or len(held) < size:
            held = self._held[name] = np.empty(size, kind)
        return held[:size]


class Texts(Sequence[str]):
    """Some texts, their bytes, and what is cut from them, each made when it is first asked for."""

    def __init__(
        self, strings: Sequence[str], counts: tuple[Ints, Ints] | None = None, room: Room | None = None
    ) -> None:
        self.strings = strings
        self.room = room or Room()
        self.counted = counts
        """Tokens and words of each text where somebody knows them already; -1 for a text of which nobody does."""
        self.notes: dict[str, Any] = {}
        """What others have measured of these very texts and want to find again."""

    def __len__(self) -> int:
        return len(self.strings)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return self.strings[place]

    @cached_property
    def _encoded(self) -> tuple[Bytes, Ints]:
        pieces = [text.encode("utf-8", "surrogatepass") for text in self.strings]
        bounds = np.zeros(len(pieces) + 1, np.int64)
        np.cumsum([len(piece) for piece in pieces], out=bounds[1:])
        return np.frombuffer(b"".join([*pieces, bytes(BLOCK)]), np.uint8), bounds

    def chunks(self, size: int = CHUNK) -> Iterator[Texts]:
        """The texts in order, in chunks of about `size` characters, each of at least one text; bytes are shared.

        What is cut from one chunk holds until the next is cut.
        """
        room = Room()
        begin, filled = 0, 0
        for place, text in enumerate(self.strings):
            filled += len(text)
            if filled >= size or place + 1 == len(self):
                yield self._part(begin, place + 1, room)
                begin, filled = place + 1, 0

    def _part(self, begin: int, end: int, room: Room) -> Texts:
        part = Texts(self.strings[begin:end], room=room)
        first, last = self.bounds[begin], self.bounds[end]
        part._encoded = self.padded[first : last + BLOCK], self.bounds[begin : end + 1] - first
        return part

    @property
    def data(self) -> Bytes:
        """All texts as UTF-8, one after the other."""
        return self._encoded[0][:-BLOCK]

    @property
    def padded(self) -> Bytes:
        """`data` and after it as many bytes as `eight` may read too many."""
        return self._encoded[0]

    @property
    def bounds(self) -> Ints:
        """Where in `data` each text begins, and the last ends."""
        return self._encoded[1]

    @cached_property
    def characters(self) -> Ints:
        """How many code points each text has."""
        return np.array([len(text) for text in self.strings], np.int64)

    @cached_property
    def tokens(self) -> Tokens:
        """The words and symbols."""
        size, array = len(self.data), self.room.array
        bounds = np.zeros(len(self) + 1, np.int64)
        start, end = array("start", size, np.int64), array("end", size, np.int64)
        characters, kinds = array("characters", size, np.int32), array("kinds", size, np.uint16)
        keys, same = array("keys", size, np.uint64), array("same", size, np.int32)
        found = Tokens(bounds, start, end, characters, kinds, same)
        count = _cut(self.data, self.bounds, classes(), found, keys)
        longest = int(np.diff(bounds).max(initial=0))
        compare(self.data, found, keys, np.zeros(slots_for(longest), np.int32))
        return Tokens(bounds, start[:count], end[:count], characters[:count], kinds[:count], same[:count])

    @property
    def is_cut(self) -> bool:
        """Whether somebody has asked for the tokens."""
        return "tokens" in self.__dict__

    @cached_property
    def _counts(self) -> tuple[Ints, Ints]:
        """(tokens, words) of each text; counted alone where nobody has asked for the tokens."""
        if self.is_cut:
            return np.diff(self.tokens.bounds), _count_words(self.tokens)
        nobody = np.full(len(self), -1)
        tokens, words = self.counted or (nobody, nobody.copy())
        _count(self.data, self.bounds, classes(), tokens, words)
        return tokens, words

    @property
    def token_counts(self) -> Ints:
        """How many tokens each text has."""
        return self._counts[0]

    @property
    def words(self) -> Ints:
        """How many words (`words.words`) each text has: its tokens that begin with a letter, digit or underscore."""
        return self._counts[1]


def slots_for(rows: int) -> int:
    """The size of the table that compares so many rows."""
    return 1 << max(4, int(2 * rows).bit_length())


@compiled
def decode(data: Bytes, place: int, end: int) -> tuple[Any, Any]:
    """(code point, bytes) at a place of UTF-8; a byte that cannot be read is U+FFFD."""
    first = np.int64(data[place])
    if first < 0x80:
        return first, 1
    if first >= 0xF0 and place + 4 <= end:
        code = ((first & 0x07) << 18) | (np.int64(data[place + 1] & 0x3F) << 12)
        code |= (np.int64(data[place + 2] & 0x3F) << 6) | np.int64(data[place + 3] & 0x3F)
        return min(code, 0x10FFFF), 4
    if 0xE0 <= first < 0xF0 and place + 3 <= end:
        code = ((first & 0x0F) << 12) | (np.int64(data[place + 1] & 0x3F) << 6) | np.int64(data[place + 2] & 0x3F)
        return code, 3
    if 0xC0 <= first < 0xE0 and place + 2 <= end:
        return ((first & 0x1F) << 6) | np.int64(data[place + 1] & 0x3F), 2
    return 0xFFFD, 1


@allocating
def _cut(data: Bytes, bounds: Ints, table: Classes, found: Tokens, keys: npt.NDArray[np.uint64]) -> int:
    """Fill `found` (all but `same`) and the key of each token. Returns how many there are."""
    rows, starts, ends = found.bounds, found.start, found.end  # a look into a tuple counts references
    lengths, bits = found.characters, found.kinds
    plain = _of_ascii(table)
    count = 0
    for text in range(len(bounds) - 1):
        place, end = bounds[text], bounds[text + 1]
        rows[text] = count
        while place < end:
            code, width = np.int64(data[place]), 1
            kind = plain[data[place]]
            if kind & SPACE:
                place += 1
                continue
            key = np.uint64(0)
            if kind & WORD:
                stop, kinds, key = _run(data, place, end, plain)
                characters = stop - place
                if stop < end and _goes_on(data[stop], kind):
                    stop, characters, kinds = _word(data, place, end, table)
                    key = np.uint64(0)
            else:
                if code >= 0x80:
                    code, width = decode(data, place, end)
                    kind = table[code]
                    if kind & SPACE:
                        place += width
                        continue
                if kind & WORD and not kind & SOLO:
                    stop, characters, kinds = _word(data, place, end, table)
                elif kind & SOLO:
                    stop, characters, kinds = place + width, 1, kind
                else:
                    stop, characters = _symbols(data, place, end, width)
                    kinds = kind
            starts[count] = place
            ends[count] = stop
            lengths[count] = characters
            bits[count] = kinds
            keys[count] = key if key else key_of(data, place, stop)
            count += 1
            place = stop
    rows[len(bounds) - 1] = count
    return count


@allocating
def _of_ascii(table: Classes) -> Classes:
    """The bits of one-byte characters, for each byte; none for what is no ASCII."""
    plain = table[:256].copy()
    plain[0x80:] = 0
    return plain


@compiled
def _run(data: Bytes, place: int, end: int, plain: Classes) -> tuple[int, Any, np.uint64]:
    """(end, kinds, key or 0) of the run of ASCII letters, digits and underscores that begins here."""
    kinds = np.uint16(0)
    key = np.uint64(0)
    at, stop = np.uint64(place), np.uint64(end)  # a number without a sign is never counted from the end
    while at < stop:
        byte = data[at]
        kind = plain[byte]
        if not kind & WORD:
            break
        kinds |= kind
        key = (key << np.uint64(8)) | np.uint64(byte)
        at += np.uint64(1)
    stopped = int(np.int64(at))
    size = stopped - place
    return stopped, kinds, key | (np.uint64(size) << np.uint64(56)) if size <= _SHORT else np.uint64(0)


@compiled
def _goes_on(byte: int, kind: int) -> bool:
    """Whether a run of ASCII before this byte may be a part only of its word: accents, apostrophes, decimals."""
    return byte >= 0x80 or byte == _QUOTE or (kind & DIGIT != 0 and (byte == 0x2E or byte == 0x2C))


@allocating
def _count(data: Bytes, bounds: Ints, table: Classes, tokens: Ints, words: Ints) -> None:
    """How many tokens and words `_cut` would find, where nobody knows yet (-1)."""
    plain = _of_ascii(table)
    for text in range(len(bounds) - 1):
        if tokens[text] >= 0:
            continue
        place, end = bounds[text], bounds[text + 1]
        count = spoken = 0
        while place < end:
            code, width = np.int64(data[place]), 1
            kind = plain[code]
            if code >= 0x80:
                code, width = decode(data, place, end)
                kind = table[code]
            if kind & SPACE:
                place += width
                continue
            count += 1
            spoken += int(kind & (WORD | SOLO) != 0)
            if kind & WORD and not kind & SOLO:
                stop = place
                while stop < end and plain[data[stop]] & WORD:
                    stop += 1
                if stop == place or (stop < end and _goes_on(data[stop], kind)):
                    stop, _, _ = _word(data, place, end, table)
                place = stop
            elif kind & SOLO:
                place += width
            else:
                place, _ = _symbols(data, place, end, width)
        tokens[text], words[text] = count, spoken


@compiled
def _symbols(data: Bytes, place: int, end: int, width: int) -> tuple[int, int]:
    """(end, characters) of the run of one symbol that begins here."""
    characters = 1
    place += width
    while place + width <= end:
        for step in range(width):
            if data[place + step] != data[place + step - width]:
                return place, characters
        place += width
        characters += 1
    return place, characters


@compiled
def _word(data: Bytes, place: int, end: int, table: Classes) -> tuple[int, int, int]:
    """(end, characters, kinds) of the word that begins here: a number with points, or a run of letters and marks."""
    characters = kinds = 0
    code, width = decode(data, place, end)
    if table[code] & DIGIT:
        stop, characters, kinds = _number(data, place, end, table)
        if characters:
            return stop, characters, kinds
        kinds = 0
    while place < end:
        code, width = np.int64(data[place]), 1
        kind = table[code]
        if code < 0x80:
            if kind & WORD:
                characters += 1
                place += 1
                kinds |= kind
                continue
            if code != _QUOTE:
                break
        else:
            code, width = decode(data, place, end)
            kind = table[code]
        if (kind & WORD and not kind & SOLO) or (characters and kind & MARK):
            characters += 1
            place += width
            kinds |= kind
            continue
        if code in (_QUOTE, _CURLED) and place + width < end:
            after, wide = decode(data, place + width, end)
            if table[after] & WORD and not table[after] & SOLO:
                characters += 2
                place += width + wide
                kinds |= kind | table[after]
                continue
        break
    return place, characters, kinds


@compiled
def _number(data: Bytes, place: int, end: int, table: Classes) -> tuple[int, int, int]:
    """(end, characters, kinds) of a number like 3.14 or 1,000,000 that no letter follows; no characters for none."""
    characters = groups = kinds = 0
    while place < end:
        code, width = decode(data, place, end)
        kind = table[code]
        if kind & DIGIT:
            kinds |= kind
        elif characters and (code == 0x2E or code == 0x2C) and place + 1 < end:
            after, _ = decode(data, place + 1, end)
            if not table[after] & DIGIT:
                break
            groups += 1
            kinds |= kind
        else:
            if kind & WORD:
                return place, 0, 0
            break
        characters += 1
        place += width
    if not groups:
        return place, 0, 0
    return place, characters, kinds


@compiled
def key_of(data: Bytes, place: int, end: int) -> np.uint64:
    """A number for some bytes: up to seven of them as they are, with how many; a hash of more, above all of those."""
    size = end - place
    at, stop = np.uint64(place), np.uint64(end)  # a number without a sign is never counted from the end
    value = np.uint64(size) << np.uint64(56)
    if size > _SHORT:
        value = np.uint64(size) * np.uint64(0x9E3779B97F4A7C15)
        while at + np.uint64(8) <= stop:
            value = (value ^ eight(data, at)) * np.uint64(0xBF58476D1CE4E5B9)
            value ^= value >> np.uint64(29)
            at += np.uint64(8)
    block = np.uint64(0)
    while at < stop:
        block = (block << np.uint64(8)) | np.uint64(data[at])
        at += np.uint64(1)
    if size <= _SHORT:
        return value | block
    value = (value ^ block) * np.uint64(0xBF58476D1CE4E5B9)
    return value ^ (value >> np.uint64(29)) | _HASHED


@compiled
def eight(data: Bytes, at: np.uint64) -> np.uint64:
    """Eight bytes as a number, the first lowest: one load."""
    found = np.uint64(data[at])
    for step in range(1, BLOCK):
        found |= np.uint64(data[at + np.uint64(step)]) << np.uint64(8 * step)
    return found


@compiled
def has(block: np.uint64, byte: int) -> bool:
    """Whether one of eight bytes is this one."""
    ones, tops = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
    other = block ^ (np.uint64(byte) * ones)
    return bool((other - ones) & ~other & tops)


@compiled
def is_plain(block: np.uint64) -> bool:
    """Whether eight bytes are all of ASCII and no control characters but DEL."""
    ones, tops = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
    return not ((block - np.uint64(0x20) * ones) & ~block | block) & tops  # the first is the top bit of what is under


@compiled
def compare(data: Bytes, found: Any, keys: npt.NDArray[np.uint64], slots: npt.NDArray[np.int32]) -> None:
    """Fill `found.same`, text by text, with a table of open addresses that holds rows plus one."""
    bounds = found.bounds
    for text in range(len(bounds) - 1):
        first, last = bounds[text], bounds[text + 1]
        # A row counted from a part's beginning is known to be no place counted from the end, which would be asked.
        mine, same = keys[first:last], found.same[first:last]
        starts, ends = found.start[first:last], found.end[first:last]
        size, shift = 16, np.uint64(60)
        while size < 2 * len(mine):
            size *= 2
            shift -= np.uint64(1)
        slots[:size] = 0
        mask = np.uint64(size - 1)
        for row in range(len(mine)):
            key = mine[row]
            slot = (key * np.uint64(0x9E3779B97F4A7C15)) >> shift
            while True:
                held = slots[slot]
                if held == 0:
                    slots[slot] = row + 1
                    same[row] = row
                    break
                other = np.uint64(held - 1)
                if mine[other] == key and (
                    key < _HASHED or _equal(data, starts[other], ends[other], starts[row], ends[row])
                ):
                    same[row] = held - 1
                    break
                slot = (slot + np.uint64(1)) & mask


@compiled
def _equal(data: Bytes, one: int, end: int, other: int, other_end: int) -> bool:
    if end - one != other_end - other:
        return False
    for step in range(end - one):  # noqa: SIM110
        if data[one + step] != data[other + step]:
            return False
    return True


@allocating
def _count_words(found: Tokens) -> Ints:
    bounds, kinds = found.bounds, found.kinds
    counts = np.zeros(len(bounds) - 1, np.int64)
    for text in range(len(counts)):
        words = 0
        for row in range(bounds[text], bounds[text + 1]):
            words += int(kinds[row] & (WORD | SOLO) != 0)
        counts[text] = words
    return counts
