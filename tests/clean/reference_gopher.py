"""Gopher's rules on quality and repetition, token lists and dictionaries, one text at a time."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from retold.text.words import tokens

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}


def is_symbol(token: str) -> bool:
    return all(unicodedata.category(character)[0] in "PSCZ" for character in token)


def quality(text: str) -> dict[str, float]:
    found = tokens(text)
    words = [token for token in found if not is_symbol(token)]
    lines = text.splitlines()
    count, line_count = len(found) or 1, len(lines) or 1
    return {
        "gopher.words": len(words),
        "gopher.mean_word_length": sum(len(word) for word in words) / len(words) if words else 0.0,
        "gopher.hashes": text.count("#") / count,
        "gopher.ellipses": (text.count("...") + text.count("…")) / count,
        "gopher.bullet_lines": sum(line.lstrip().startswith(("•", "-")) for line in lines) / line_count,
        "gopher.ellipsis_lines": sum(line.rstrip().endswith(("...", "…")) for line in lines) / line_count,
        "gopher.alphabetic_words": sum(any(letter.isalpha() for letter in token) for token in found) / count,
        "gopher.stop_words": len(STOP_WORDS & set(found)),
    }


def duplicates(pieces: list[str]) -> tuple[int, int]:
    seen: set[str] = set()
    count = characters = 0
    for piece in pieces:
        if piece in seen:
            count += 1
            characters += len(piece)
        seen.add(piece)
    return count, characters


def top(words: list[str], n: int) -> int:
    grams = Counter(tuple(words[place : place + n]) for place in range(len(words) - n + 1))
    if not grams:
        return 0
    gram, often = max(grams.items(), key=lambda item: item[1])  # the first of several, as a Counter keeps order
    return len(" ".join(gram)) * often


def repeated(words: list[str], n: int) -> int:
    seen: set[tuple[str, ...]] = set()
    place = characters = 0
    while place + n <= len(words):
        gram = tuple(words[place : place + n])
        if gram in seen:
            characters += sum(map(len, gram))
            place += n
        else:
            seen.add(gram)
            place += 1
    return characters


def repetition(text: str) -> dict[str, float]:
    paragraphs, lines, words = re.split(r"\n{2,}", text.strip()), re.split(r"\n+", text), tokens(text)
    size = len(text) or 1
    found: dict[str, float] = {}
    for name, pieces in (("paragraph", paragraphs), ("line", lines)):
        count, characters = duplicates(pieces)
        found[f"repetition.duplicate_{name}s"] = count / len(pieces)
        found[f"repetition.duplicate_{name}_characters"] = characters / size
    found |= {f"repetition.top_{n}gram": top(words, n) / size for n in (2, 3, 4)}
    return found | {f"repetition.duplicate_{n}gram": repeated(words, n) / size for n in range(5, 11)}
