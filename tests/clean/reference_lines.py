"""The rules for lines of C4, FineWeb and Dolma 3, string by string."""

from __future__ import annotations

import re

from clean.reference_gopher import duplicates
from retold.text.characters import TERMINALS
from retold.text.words import tokens, words

CITATION = re.compile(r"\[\d*]|\[edit]|\[citation needed]")
POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
CLOSING = set("\"')]}”’»›」』）")
C4_CLOSING = set("\"'”’»›」』")
COUNTER = re.compile(
    r"\W*\d[,.\d]*[kmb]?\s+(?:likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|downloads|views"
    r"|followers)\W*"
)


def sentences(line: str) -> list[str]:
    """The line cut where `text/pieces.py` counts the end of a sentence."""
    found, start, place = [], 0, 0
    while place < len(line):
        if line[place] not in TERMINALS:
            place += 1
            continue
        while place < len(line) and line[place] in TERMINALS:
            place += 1
        unspaced = ord(line[place - 1]) >= 0x2E80
        while place < len(line) and line[place] in CLOSING:
            place += 1
        if unspaced or place == len(line) or line[place].isspace():
            found.append(line[start:place])
            start = place
    return [piece for piece in [*found, line[start:]] if piece.strip()]


def c4(
    text: str, *, terminal: bool = True, any_script: bool = False, citations: bool = True, program: bool = False
) -> tuple[dict, str]:
    """(signals, the text with the lines that stay). `program`: as C4's own program, which asks for 5 words."""
    counts = dict.fromkeys(
        ("sentences", "lorem_ipsum", "curly_brackets", "lines", "lines_kept", "long_word_lines", "unpunctuated_lines",
         "short_lines", "javascript_lines", "policy_lines"), 0,
    )  # fmt: skip
    kept = []
    for line in text.splitlines():
        counts["lines"] += 1
        line = line.strip()
        count = len(line.split())
        if any(len(word) > 1_000 for word in line.split()):
            counts["long_word_lines"] += 1
            continue
        if citations:
            line = CITATION.sub("", line)
        if program:
            count = len(line.split())
        good = line.endswith((".", "?", "!", '"') if program else (".", "?", "!", '"', "'"))
        if any_script and line:
            good = good or line[-1] in TERMINALS or line[-1] in C4_CLOSING
        if terminal and (not good or line.endswith("...")):
            counts["unpunctuated_lines"] += 1
            continue
        if count < (5 if program else 3):
            counts["short_lines"] += 1
            continue
        lower = line.lower()
        counts["lorem_ipsum"] += "lorem ipsum" in lower
        if "javascript" in lower:
            counts["javascript_lines"] += 1
            continue
        counts["curly_brackets"] += "{" in line
        if any(phrase in lower for phrase in POLICY):
            counts["policy_lines"] += 1
            continue
        counts["sentences"] += len(sentences(line))
        counts["lines_kept"] += 1
        kept.append(line)
    return {f"c4.{name}": float(count) for name, count in counts.items()}, "\n".join(kept).strip()


def fineweb(text: str) -> dict[str, float]:
    lines = [line for line in text.split("\n") if line.strip()]
    count = len(lines) or 1
    return {
        "fineweb.punctuated_lines": sum(line[-1] in TERMINALS for line in lines) / count,
        "fineweb.short_lines": sum(len(line) <= 30 for line in lines) / count,
        "fineweb.duplicate_line_characters": duplicates(lines)[1] / (len(text.replace("\n", "")) or 1),
        "fineweb.newlines_per_word": text.count("\n") / (len(tokens(text)) or 1),
    }


def without_phrases(line: str) -> tuple[str | None, int]:
    """(the line, or None for nothing left; how many phrases were cut)."""
    line, cuts = re.subn(r"\s?items in cart\s?", " ", line)
    if cuts and not line.strip():
        return None, cuts
    for pattern in (r"\s?Read more\.\.\.\Z", r"\ASign-in\s?"):
        line, more = re.subn(pattern, "", line)
        cuts += more
        if more and not line.strip():
            return None, cuts
    return line, cuts


def dolma3(text: str) -> tuple[dict, str]:
    """(signals, the text with what stays)."""
    counts = dict.fromkeys(
        ("lines", "uppercase_lines", "digit_lines", "counter_lines", "short_lines", "empty_lines", "phrases_cut"), 0
    )
    kept = []
    for line in text.split("\n"):
        counts["lines"] += 1
        count = len(words(line))
        if not line:
            kept.append(line)
        elif sum(letter.isupper() for letter in line) / len(line) > 0.5:
            counts["uppercase_lines"] += 1
        elif sum(letter.isdecimal() for letter in line) / len(line) > 0.999999:
            counts["digit_lines"] += 1
        elif COUNTER.fullmatch(line.lower()):
            counts["counter_lines"] += 1
        elif count < 2:
            counts["short_lines"] += 1
        elif count > 10:
            kept.append(line)
        else:
            left, cuts = without_phrases(line)
            counts["phrases_cut"] += cuts
            counts["empty_lines"] += left is None
            kept += [left] if left is not None else []
    made = re.sub(r"\n{3,}", "\n\n", "\n".join(kept))
    before = len(words(text)) or 1
    removed = {"dolma3.words_removed": (len(words(text)) - len(words(made))) / before}
    return removed | {f"dolma3.{name}": float(count) for name, count in counts.items()}, made
