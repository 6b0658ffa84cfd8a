"""Repetition: the loops that small models fall into.

In: a source and a retelling. Out: `repeated_lines` (share of lines said before), `repeated_5` to `repeated_10` (share
of the characters of all words that lie in an n-gram of words said before), `compression` (zlib bytes / UTF-8 bytes;
low is repetitive), and marks on what is said again. The n-gram shares are those of Gopher (Rae et al. 2021, arXiv
2112.11446, table A1; limits there 0.15 to 0.10), with one difference: what the source itself says n times may be said
n times, so that a reference manual's own formulas ("Return a new list") are not held against its retelling. A phrase
that is looped once in 100 words is about 5 % of the characters: single slips pass, loops do not.
"""

from __future__ import annotations

import zlib
from collections import Counter
from typing import Final

from retold.core.document import Mark
from retold.verify.check import Check
from retold.verify.source import Cut, Measured, SourceText, cut, runs

LENGTHS: Final = range(5, 11)
"""Words in a row that are compared, as in Gopher."""

QUESTION: Final = "Q:"

_SAMPLE_BYTES: Final = 1 << 16


def _again(text: Cut, source: SourceText, length: int) -> list[bool]:
    """For every word, whether it lies in a run of `length` words said more often than before and than in the source."""
    folded = text.folded
    covered = [False] * len(folded)
    grams = list(zip(*(folded[offset:] for offset in range(length)), strict=False))
    if len(set(grams)) == len(grams):
        return covered
    asked = _asked(text)
    said: Counter[tuple[bool, tuple[str, ...]]] = Counter()
    allowed: dict[tuple[str, ...], int] = {}
    for at, gram in enumerate(grams):
        key = asked[at], gram
        said[key] += 1
        if said[key] == 2:
            allowed[gram] = max(1, source.times(gram))
        if said[key] > allowed.get(gram, 1):
            covered[at : at + length] = [True] * length
    return covered


def _asked(text: Cut) -> list[bool]:
    """For every word, whether it stands in a question that a line names as one."""
    if QUESTION not in text.text:
        return [False] * len(text.spans)
    ranges, at = [], 0
    for line in text.text.splitlines(keepends=True):
        if line.startswith(QUESTION):
            ranges.append((at, at + len(line)))
        at += len(line)
    return [any(first <= start < end for first, end in ranges) for start, _ in text.spans]


def _repeated_lines(output: str, source: SourceText) -> float:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said: Counter[str] = Counter()
    repeated = 0
    for line in lines:
        said[line] += 1
        repeated += said[line] > max(1, source.line_counts[line])
    return repeated / max(1, len(lines))


def compression(output: str) -> float:
    """Compressed bytes / bytes, of at most the first 64 KiB; 1.0 for the empty text."""
    data = output.encode("utf-8", "surrogatepass")[:_SAMPLE_BYTES]
    return len(zlib.compress(data, 6)) / len(data) if data else 1.0


def repetition(source: SourceText, output: str) -> Measured:
    """Shares of repeated lines and n-grams, and how well the retelling compresses; never raises."""
    text = cut(output)
    sizes = [end - start for start, end in text.spans]
    total = max(1, sum(sizes))
    values = {"repeated_lines": _repeated_lines(output, source), "compression": compression(output)}
    marks: list[Mark] = []
    covered = [True] * len(sizes)
    for length in LENGTHS:
        # A word counts at one length only if it did at all shorter ones: a long run whose pieces the source repeats
        # too (and joins otherwise) is no loop. So once none is left, no longer run needs to be looked at.
        again = _again(text, source, length) if any(covered) else covered
        covered = [both and new for both, new in zip(covered, again, strict=True)]
        values[f"repeated_{length}"] = sum(size for size, is_new in zip(sizes, covered, strict=True) if is_new) / total
        if length == LENGTHS.start:
            marks = [Mark(start, end, "repeats_itself") for start, end in runs(text, covered)]
    return values, marks


CHECK: Final = Check(
    name="repetition",
    measure=repetition,
    signals=("repeated_lines", *(f"repeated_{length}" for length in LENGTHS), "compression"),
    reasons=("repeats_itself",),
    microseconds=40,
    gain=None,
)
