"""Finding units in documents: sampled lookups, and on a hit the best alignment of the whole unit around it.

In: the UTF-8 bytes of a batch of documents and an index (`units.py`). Out: `Hits`: document, unit, score, first and
last byte.

    every n-th n-gram of the document is looked up; a hit says which unit might stand here, and from where on
    the stretch where the unit would lie (with its room) is compared at a glance: if too few of its words can be
    words of the unit at all, that is the end
    the heaviest common subsequence of unit and stretch, in order, gaps allowed on both sides: its weight over the
    unit's is the score; what reaches the unit's need is a hit, from its first to its last word in common

decon expands n-gram by n-gram and scores by the n-grams found, so one changed word costs n of them and its threshold
of 0.8 holds against about one changed word in twenty. Aligning words loses only the changed word, so that one in six
may change at a lower rate of chance hits. The price is a comparison of unit and stretch for each candidate (3 us for 40
words), which the glance spares for all but one in a hundred.

Documents are taken in windows of at most 1 MB that overlap by more than the longest unit with its room; a hit is
found in the window in which it lies whole. Memory: 24 bytes a word of one window, 12 a unit, 2 MB of hits.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retold.decontaminate.grams import ABSENT, find
from retold.decontaminate.units import LONGEST, SHORT, SIZE, Units
from retold.text.compiled import compiled
from retold.text.hashed import Alphabet, Words, alphabet, cut, gram, room

WINDOW = 1 << 20
OVERLAP = 4 * LONGEST
MOST = 1 << 16
HITS_OF_A_DOCUMENT = 1 << 12
GAP = 0.1
GLANCE = 2048


class Hits(NamedTuple):
    """What was found, by hit; bytes count in the document."""

    document: npt.NDArray[Any]
    unit: npt.NDArray[Any]
    score: npt.NDArray[Any]
    start: npt.NDArray[Any]
    end: npt.NDArray[Any]


class Scratch(NamedTuple):
    """Memory that is used again and again: words of a window, what was tried, rows of the alignment."""

    words: Words
    tried_in: npt.NDArray[np.int64]
    tried_at: npt.NDArray[np.int64]
    best: npt.NDArray[np.float32]
    begins: npt.NDArray[np.int64]
    seen: npt.NDArray[np.uint64]


class Scan(NamedTuple):
    """All that compiled code needs."""

    units: Units
    every: int
    letters: Alphabet
    scratch: Scratch
    hits: Hits


class Matcher:
    """An index with its working memory; one for each process."""

    def __init__(self, units: Units, every: int = 1) -> None:
        count = len(units.need)
        hits = Hits(*(np.empty(MOST, kind) for kind in (np.int32, np.int32, np.float32, np.int64, np.int64)))
        scratch = Scratch(
            room(WINDOW),
            np.full(count, -1, np.int64),
            np.zeros(count, np.int64),
            np.zeros(LONGEST + 1, np.float32),
            np.zeros(LONGEST + 1, np.int64),
            np.zeros(GLANCE // 64, np.uint64),
        )
        self._scan = Scan(units, every, alphabet(), scratch, hits)

    def match(self, data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> Hits:
        """Hits in the documents `data[offsets[i]:offsets[i + 1]]`; at most 4,096 are reported of one document."""
        found = [Hits(*(column[:0] for column in self._scan.hits))]
        done = 0
        self._scan.scratch.tried_in.fill(-1)
        while done < len(offsets) - 1:
            done, count = _match(data, offsets, done, self._scan)
            found.append(Hits(*(column[:count].copy() for column in self._scan.hits)))
        return Hits(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


@compiled
def _match(data: Any, offsets: Any, done: int, scan: Scan) -> tuple[int, int]:
    """As many documents as surely fit into the hits, from `done` on: (documents done, hits)."""
    count = 0
    while done < len(offsets) - 1 and count + HITS_OF_A_DOCUMENT <= len(scan.hits.unit):
        limit = count + HITS_OF_A_DOCUMENT
        at = offsets[done]
        stop = offsets[done + 1]
        while at < stop:
            end = min(at + WINDOW, stop)
            if end < stop:
                while end > at + 1 and (data[end] & 0xC0) == 0x80:
                    end -= 1
            words = cut(data[at:end], scan.letters.kind, scan.letters.folded, False, scan.scratch.words)
            before = count
            count = _window(words, at, count, limit, scan)
            for hit in range(before, count):
                scan.hits.document[hit] = done
                scan.hits.start[hit] += at - offsets[done]
                scan.hits.end[hit] += at - offsets[done]
            whole = end == stop or words < 2
            at = end if whole else at + scan.scratch.words.starts[words - min(OVERLAP, words // 2)]
        done += 1
    return done, count


@compiled
def _window(words: int, serial: int, count: int, limit: int, scan: Scan) -> int:
    """Hits in the words of one window, bytes counted from its begin; `serial` is its own."""
    units, scratch, hits = scan.units, scan.scratch, scan.hits
    for at in range(0, words - SHORT + 1, scan.every):
        for size in range(SHORT, min(SIZE, words - at) + 1):
            number = find(units.grams, gram(scratch.words.hashes, at, size))
            if number == ABSENT:
                continue
            for entry in range(units.posting[number], units.posting[number + 1]):
                unit = units.unit_of[entry]
                begin = at - units.place_of[entry]
                slack = units.room[unit]
                if scratch.tried_in[unit] == serial and abs(begin - scratch.tried_at[unit]) <= slack // 2:
                    continue
                low = max(0, begin - slack)
                high = min(words, begin + units.first[unit + 1] - units.first[unit] + slack)
                scratch.tried_in[unit] = serial
                scratch.tried_at[unit] = begin
                if not _could_be(low, high, units, unit, scratch):
                    continue
                score, start, end = _align(low, high, units, unit, scratch)
                if score >= units.need[unit] - 1e-4 and count < limit:
                    hits.unit[count] = unit
                    hits.score[count] = score
                    hits.start[count] = scratch.words.starts[start]
                    hits.end[count] = scratch.words.ends[end - 1]
                    count += 1
    return count


@compiled
def _could_be(low: int, high: int, units: Units, unit: int, scratch: Scratch) -> bool:
    """Whether the unit's words that seem to be in the stretch weigh enough: never no where the alignment says yes."""
    seen = scratch.seen
    seen[:] = 0
    for at in range(low, high):
        bit = scratch.words.hashes[at] & np.uint64(GLANCE - 1)
        seen[np.int64(bit >> np.uint64(6))] |= np.uint64(1) << (bit & np.uint64(63))
    weight = np.float32(0.0)
    for at in range(units.first[unit], units.first[unit + 1]):
        bit = units.words[at] & np.uint64(GLANCE - 1)
        if (seen[np.int64(bit >> np.uint64(6))] >> (bit & np.uint64(63))) & np.uint64(1):
            weight += units.weights[at]
    return bool(weight >= (units.need[unit] - 2e-4) * units.total[unit])


@compiled
def _align(low: int, high: int, units: Units, unit: int, scratch: Scratch) -> tuple[float, int, int]:
    """(score, first word, one after the last word) of the best alignment of the unit within words low to high.

    A path is worth the weights of its words, less GAP mean weights for each foreign word inside it; the gap before the
    answer is free. Kept by place in the unit as worth + gap * (words so far + first word), which does not change while
    foreign words pass, so only words that may be in the unit cost anything.
    """
    first = units.first[unit]
    length = units.first[unit + 1] - first
    asked = units.asked[unit]
    gap = np.float32(GAP) * units.total[unit] / length
    known = units.known[unit]
    best, begins = scratch.best, scratch.begins
    for place in range(length + 1):
        best[place] = -1.0
    top = frozen = np.float32(0.0)
    top_begin = top_end = frozen_begin = low
    for at in range(low, high):
        word = scratch.words.hashes[at]
        bit = word & np.uint64(511)
        if not (known[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1):
            continue
        passed = gap * (at - low)
        before, before_begin = np.float32(-1.0), at
        for place in range(1, length + 1):
            here, here_begin = best[place], begins[place]
            if units.words[first + place - 1] == word:
                worth, came = passed, at
                if before > worth:
                    worth, came = before, before_begin
                if place > asked and frozen + passed > worth:
                    worth, came = frozen + passed, frozen_begin
                worth += units.weights[first + place - 1] + gap
                if worth > here:
                    best[place] = worth
                    begins[place] = came
                    closed = worth - passed - gap
                    if closed > top:
                        top, top_begin, top_end = closed, came, at + 1
                    if place <= asked and closed > frozen:
                        frozen, frozen_begin = closed, came
            if best[place - 1] > best[place]:
                best[place] = best[place - 1]
                begins[place] = begins[place - 1]
            before, before_begin = here, here_begin
    return top / units.total[unit], top_begin, top_end
