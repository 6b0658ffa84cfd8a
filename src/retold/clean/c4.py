"""The rules of C4 (Raffel et al. 2020, 1910.10683), for lines and documents, in the order in which datatrove has them.

Each line (as `str.splitlines`, without white space at its ends) is removed, by the first of these that holds: a word
of more than 1,000 characters; no "." "?" "!" or quotation mark at its end, or "..."; fewer than 3 words; "javascript"
in it; a phrase about policies or cookies in it. Citations ("[12]", "[edit]", "[citation needed]") are cut out before
the second. What is left is the text. The document is dropped for "lorem ipsum" or "{" in a line that came so far, and
for fewer than 5 sentences (`text/pieces.py` says what a sentence is; C4 used NLTK's punkt, which knows abbreviations).

Signals: `c4.sentences`, `c4.lorem_ipsum` and `c4.curly_brackets` (lines with them), `c4.lines`, `c4.lines_kept`, and
how many lines each rule removed. Lower case is that of ASCII, and of the Kelvin sign. `marks: any_script` takes the
ends of sentences of every script, and closing quotes, for those of English.

The paper and C4's own program (`c4_utils.py` of TensorFlow Datasets) do not say the same, and datatrove has the paper's
numbers: 3 words a line and 5 sentences, where the program has 5 and 3. `preset: c4@1` is the program: these numbers, no
apostrophe among the marks (`marks: c4`), words counted after citations are cut, 190,000 characters at most, English at
0.99. Not in it: its splitter of sentences (punkt), its identifier of languages (langdetect), and the removal of lines
that other pages have. The list of bad words is the entry `c4_bad_words`, its paragraphs are `c4_paragraphs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retold.clean.cutting import NEWLINE, NOTHING, Ranges, assemble, keep, room
from retold.clean.entry import Measured, NewText, Numbers
from retold.clean.gopher_quality import line_end
from retold.text.characters import DIGIT, SOLO, SPACE, TERMINAL, WORD, classes
from retold.text.compiled import compiled
from retold.text.pieces import count_sentences, stripped
from retold.text.scan import Bytes, Classes, Ints, Texts, Tokens, decode

if TYPE_CHECKING:
    from retold.clean.filters import C4

NAMES = (
    "c4.sentences", "c4.lorem_ipsum", "c4.curly_brackets", "c4.lines", "c4.lines_kept", "c4.long_word_lines",
    "c4.unpunctuated_lines", "c4.short_lines", "c4.javascript_lines", "c4.policy_lines",
)  # fmt: skip
SENTENCES, LOREM, CURLY, LINES, KEPT, LONG_WORD, UNPUNCTUATED, SHORT, JAVASCRIPT, POLICY = range(len(NAMES))

_PHRASES = (
    "lorem ipsum", "javascript", "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies",
    "use cookies", "[edit]", "[citation needed]",
)  # fmt: skip
_BYTES = np.frombuffer("".join(_PHRASES).encode(), np.uint8)
_BOUNDS = np.cumsum([0, *(len(phrase) for phrase in _PHRASES)])
_LOREM, _JAVASCRIPT, _FIRST_POLICY, _LAST_POLICY, _EDIT, _NEEDED = 0, 1, 2, 7, 8, 9
_RARE = ("ps", "ja", "ms", "cy", "ki", "ki", "ki", "ki")
"""A pair of letters of each phrase but the citations, seldom met outside."""
_PAIR_OF = np.array([ord(pair[0]) << 8 | ord(pair[1]) for pair in _RARE])
_PAIR_AT = np.array([phrase.index(pair) for phrase, pair in zip(_PHRASES, _RARE, strict=False)])
_PAIRS = np.zeros(1 << 16, np.bool_)
_PAIRS[_PAIR_OF] = True
_PAIRS[ord("{") :: 256] = True
_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[0x41:0x5B] += 0x20
_BLANK = np.array([byte < 0x80 and chr(byte).isspace() for byte in range(256)])
_CLOSING = np.array([ord(mark) for mark in "\"'”’»›」』"], np.int64)


def measure(texts: Texts, entry: C4, skipped: npt.NDArray[np.bool_]) -> Measured:
    """Signals and edits of some texts; those that are skipped are measured and stay as they are."""
    flags = np.array(
        [entry.citations, entry.terminal_punctuation, entry.javascript, entry.policy, entry.marks == "any_script",
         entry.count_words == "after_citations", entry.marks != "c4"]
    )  # fmt: skip
    limits = np.array([entry.max_word_characters or -1, entry.min_words_per_line or 0], np.int64)
    out = np.zeros((len(NAMES), len(texts)))
    ranges = room(texts)
    line = np.empty(int(np.diff(texts.bounds).max(initial=0)), np.uint8)
    cited = np.zeros(len(texts), np.bool_)
    _rules(texts.data, texts.bounds, classes(), (flags, limits), line, (ranges, cited), out)
    edits: list[NewText | None] = assemble(texts, ranges, strip=True)
    chosen = [None if skip else made for made, skip in zip(edits, skipped, strict=True)]
    return Measured(dict(zip(NAMES, out, strict=True)), chosen, _counts(texts, ranges, cited))


def _counts(texts: Texts, ranges: Ranges, cited: npt.NDArray[np.bool_]) -> tuple[Ints, Ints] | None:
    """Tokens and words of what is left of each text; -1 where a citation was cut, beside which tokens may join.

    Else a range ends where white space is, which is in no token.
    """
    if not texts.is_cut:
        return None
    counts = np.zeros((2, len(texts)), np.int64)
    _count(texts.tokens, ranges, counts)
    counts[:, cited] = -1
    return counts[0], counts[1]


@compiled
def _count(tokens: Tokens, ranges: Ranges, counts: Ints) -> None:
    starts, kinds = tokens.start, tokens.kinds
    owners, begins, ends = ranges.text, ranges.start, ranges.end
    token = 0
    for row in range(ranges.filled[0]):
        while token < len(starts) and starts[token] < begins[row]:
            token += 1
        first = token
        words = 0
        while token < len(starts) and starts[token] < ends[row]:
            words += int(kinds[token] & (WORD | SOLO) != 0)
            token += 1
        counts[0, owners[row]] += token - first
        counts[1, owners[row]] += words


@compiled
def _rules(
    data: Bytes,
    bounds: Ints,
    table: Classes,
    settings: tuple[npt.NDArray[np.bool_], Ints],
    line: Bytes,
    kept: tuple[Ranges, npt.NDArray[np.bool_]],
    out: Numbers,
) -> None:
    flags, limits = settings
    ranges, any_cited = kept
    for text in range(len(bounds) - 1):
        place, end = bounds[text], bounds[text + 1]
        while place < end:
            stop, following = line_end(data, place, end)
            start, last = stripped(data, place, stop, table)
            out[LINES, text] += 1
            size, words, longest, cited = _lowered(data, start, last, table, flags[0], limits[0], line)
            if 0 <= limits[0] < longest:
                out[LONG_WORD, text] += 1
                place = following
                continue
            if cited and flags[5]:
                words = _spaced_words(line[:size], table)
            if _stays(line[:size], words, table, settings, out[:, text]):
                glue = NEWLINE if out[KEPT, text] else NOTHING
                if cited:
                    any_cited[text] = True
                    _write(data, start, last, table, ranges, (text, glue))
                else:
                    keep(ranges, data, text, start, last, glue)
                out[KEPT, text] += 1
                out[SENTENCES, text] += count_sentences(line, 0, size, table)
            place = following


@compiled
def _is_phrase(data: Bytes, place: int, end: int, phrase: int) -> bool:
    size = _BOUNDS[phrase + 1] - _BOUNDS[phrase]
    if end - place < size:
        return False
    for step in range(size):  # noqa: SIM110
        if data[place + step] != _BYTES[_BOUNDS[phrase] + step]:
            return False
    return True


@compiled
def _citation(data: Bytes, place: int, end: int, table: Classes) -> Any:
    """How many bytes long the citation is that begins here; 0 for none."""
    if data[place] != 0x5B:
        return 0
    at = place + 1
    while at < end:
        code, width = decode(data, at, end)
        if not table[code] & DIGIT:
            break
        at += width
    if at < end and data[at] == 0x5D:
        return at + 1 - place
    for phrase in (_EDIT, _NEEDED):
        if _is_phrase(data, place, end, phrase):
            return _BOUNDS[phrase + 1] - _BOUNDS[phrase]
    return 0


@compiled
def _is_plain(line: Bytes) -> bool:
    """Nothing but ASCII, and no "["; without branches, which the processor does for many bytes at a time."""
    found = np.uint8(0)
    for place in range(len(line)):
        found |= (line[place] & np.uint8(0x80)) | np.uint8(line[place] == 0x5B)
    return bool(found == 0)


@compiled
def _lower(line: Bytes, out: Bytes) -> None:
    for place in range(len(line)):
        byte = line[place]
        out[place] = byte | (np.uint8(np.uint8(byte - np.uint8(0x41)) < np.uint8(26)) << np.uint8(5))


@compiled
def _words(line: Bytes) -> int:
    """Words parted by white space, of ASCII without white space at its ends."""
    count = int(len(line) > 0)
    for place in range(1, len(line)):
        count += int(_blank(line[place - 1]) & (not _blank(line[place])))
    return count


@compiled
def _spaced_words(line: Bytes, table: Classes) -> int:
    """Words parted by white space, of any script."""
    count = place = 0
    blank = True
    while place < len(line):
        code, width = decode(line, place, len(line))
        was, blank = blank, table[code] & SPACE != 0
        count += int(was and not blank)
        place += width
    return count


@compiled
def _blank(byte: Any) -> Any:
    """`_BLANK` by sums, which the processor does for many bytes at a time."""
    low = np.uint8(byte - np.uint8(0x09)) < np.uint8(5)
    return low | (np.uint8(byte - np.uint8(0x1C)) < np.uint8(5))


@compiled
def _longest(line: Bytes) -> int:
    """Characters of the longest word of a line of ASCII."""
    longest = length = 0
    for place in range(len(line)):
        length = 0 if _BLANK[line[place]] else length + 1
        longest = max(longest, length)
    return longest


@compiled
def _lowered(
    data: Bytes, place: int, end: int, table: Classes, citations: bool, most: int, line: Bytes
) -> tuple[Any, Any, Any, bool]:
    """Write the line without citations and in lower case to `line`.

    Returns (its bytes; words parted by white space, and characters of the longest, of the line as it was, where these
    may be more than `most`; whether a citation was cut).
    """
    part = data[place:end]
    if _is_plain(part):
        _lower(part, line)
        return end - place, _words(part), _longest(part) if end - place > most else 0, False
    size = words = longest = length = 0
    skipped = place
    cited = False
    while place < end:
        byte = data[place]
        width = 1
        if byte < 0x80:
            blank = _BLANK[byte]
        else:
            code, width = decode(data, place, end)
            blank = table[code] & SPACE != 0
        if blank:
            longest = max(longest, length)
            length = 0
        else:
            words += int(length == 0)
            length += 1
        if byte == 0x5B and citations and place >= skipped:
            skipped = place + _citation(data, place, end, table)
            cited = cited or skipped > place
        if place < skipped:
            place += width
        elif width == 1:
            line[size] = _LOWER[byte]
            size += 1
            place += 1
        elif width == 3 and byte == 0xE2 and data[place + 1] == 0x84 and data[place + 2] == 0xAA:
            line[size] = 0x6B
            size += 1
            place += 3
        else:
            for step in range(width):
                line[size + step] = data[place + step]
            size += width
            place += width
    return size, words, max(longest, length), cited


@compiled
def _stays(
    line: Bytes, words: int, table: Classes, settings: tuple[npt.NDArray[np.bool_], Ints], counts: Numbers
) -> bool:
    """Whether a line (lower case, no citations) stays; counts what removes it or speaks against the document."""
    flags, limits = settings
    if flags[1] and not _punctuated(line, table, flags[4], flags[6]):
        counts[UNPUNCTUATED] += 1
        return False
    if words < limits[1]:
        counts[SHORT] += 1
        return False
    lorem, javascript, curly, policy = _mentions(line)
    counts[LOREM] += lorem
    if javascript and flags[2]:
        counts[JAVASCRIPT] += 1
        return False
    counts[CURLY] += curly
    if policy and flags[3]:
        counts[POLICY] += 1
        return False
    return True


@compiled
def _mentions(line: Bytes) -> tuple[bool, bool, bool, bool]:
    """Whether the line speaks of lorem ipsum, of javascript, has a curly bracket, speaks of policies.

    Only where a pair of letters stands that is rare elsewhere, the phrase with this pair is looked for.
    """
    lorem = javascript = curly = policy = False
    if not _may_mention(line):
        return lorem, javascript, curly, policy
    end = len(line)
    pair = 0
    for place in range(end):
        pair = ((pair & 0xFF) << 8) | line[place]
        if not _PAIRS[pair]:
            continue
        if line[place] == 0x7B:
            curly = True
        for phrase in range(_LAST_POLICY + 1):
            if _PAIR_OF[phrase] == pair:
                start = place - 1 - _PAIR_AT[phrase]
                if start >= 0 and _is_phrase(line, start, end, phrase):
                    lorem = lorem or phrase == _LOREM
                    javascript = javascript or phrase == _JAVASCRIPT
                    policy = policy or phrase >= _FIRST_POLICY
    return lorem, javascript, curly, policy


@compiled
def _may_mention(line: Bytes) -> bool:
    """Whether one of the pairs in `_RARE` is there, or a curly bracket; many bytes at a time."""
    found = np.uint8(0)
    for place in range(len(line)):
        found |= np.uint8(line[place] == 0x7B)
    for place in range(1, len(line)):
        first, second = line[place - 1], line[place]
        found |= np.uint8(
            ((first == 0x70) & (second == 0x73))  # ps
            | ((first == 0x6A) & (second == 0x61))  # ja
            | ((first == 0x6D) & (second == 0x73))  # ms
            | ((first == 0x63) & (second == 0x79))  # cy
            | ((first == 0x6B) & (second == 0x69))  # ki
        )
    return bool(found != 0)


@compiled
def _punctuated(line: Bytes, table: Classes, any_script: bool, apostrophe: bool) -> bool:
    end = len(line)
    if not end:
        return False
    if end >= 3 and line[end - 1] == 0x2E and line[end - 2] == 0x2E and line[end - 3] == 0x2E:
        return False
    if line[end - 1] in (0x2E, 0x3F, 0x21, 0x22) or (apostrophe and line[end - 1] == 0x27):
        return True
    if not any_script:
        return False
    last = end - 1
    while last > 0 and line[last] & 0xC0 == 0x80:
        last -= 1
    code, _ = decode(line, last, end)
    if table[code] & TERMINAL:
        return True
    for mark in _CLOSING:  # noqa: SIM110
        if mark == code:
            return True
    return False


@compiled
def _write(data: Bytes, place: int, end: int, table: Classes, ranges: Ranges, where: tuple[int, int]) -> None:
    """Add what is between the citations of a line."""
    text, glue = where
    start = place
    while place < end:
        cited = _citation(data, place, end, table) if data[place] == 0x5B else 0
        if cited:
            keep(ranges, data, text, start, place, glue)
            glue = NOTHING
            start = place + cited
            place = start
        else:
            place += 1
    keep(ranges, data, text, start, end, glue)
