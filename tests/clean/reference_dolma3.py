"""What Dolma 3 asks of words, repetition and sentences, and C4 of bad words and paragraphs, one text at a time."""

from __future__ import annotations

import heapq
import re
from collections import Counter

from retold.text.words import words

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}


def quality(text: str) -> dict[str, float]:
    spaced = text.split()
    lines = text.split("\n")
    filled = [line.removesuffix("\r") for line in lines[:-1]] + lines[-1:]
    filled = [line for line in filled if line]
    joined = text.replace(". . .", "...").split()
    found = {
        "characters": len(text),
        "words": len(words(text)),
        "mean_word_length": sum(map(len, spaced)) / (len(spaced) or 1),
        "symbols": sum(text.count(symbol) for symbol in ("#", "...", ". . .", "…")) / (len(joined) or 1),
        "bullet_lines": sum(line.startswith(("●", "•", "*", "-")) for line in lines) / len(lines),
        "ellipsis_lines": sum(line.endswith(("...", ". . .", "…")) for line in filled) / (len(filled) or 1),
        "nonalphabetic_words": sum(not any(map(str.isalpha, word)) for word in spaced) / (len(spaced) or 1),
        "stop_words": sum(word.lower() in STOP_WORDS for word in spaced),
    }
    return {f"dolma3_quality.{name}": float(value) for name, value in found.items()}


def pieces(found: list[str]) -> tuple[float, float]:
    """Shares of pieces, and of their characters, that occur more than once."""
    if not found:
        return 1.0, 1.0
    often = Counter(found)
    repeated = [piece for piece in found if often[piece] > 1]
    return len(repeated) / len(found), sum(map(len, repeated)) / sum(map(len, found))


def grams(found: list[str], n: int, *, top: bool) -> float:
    """Share of the characters of words that repeated n-grams cover: the top one, or all."""
    places: dict[tuple[str, ...], list[int]] = {}
    for place in range(len(found) - n + 1):
        places.setdefault(tuple(found[place : place + n]), []).append(place)
    repeated = {gram: where for gram, where in places.items() if len(where) > 1}
    if top and repeated:
        best = max(repeated, key=lambda gram: (len(repeated[gram]), sum(map(len, gram))))  # the first of several
        repeated = {best: repeated[best]}
    covered = {at for where in repeated.values() for place in where for at in range(place, place + n)}
    return sum(len(found[at]) for at in covered) / (sum(map(len, found)) or 1)


def repetition(text: str) -> dict[str, float]:
    squeezed = re.sub(r"\n{3,}", "\n\n", text)
    lines = [line for line in squeezed.split("\n") if line]
    paragraphs = [piece for piece in squeezed.split("\n\n") if piece]
    result = {}
    for name, found in (("line", lines), ("paragraph", paragraphs)):
        result[f"duplicate_{name}s"], result[f"duplicate_{name}_characters"] = pieces(found)
    result |= {f"top_{n}gram": grams(words(text), n, top=True) for n in (2, 3, 4)}
    result |= {f"duplicate_{n}gram": grams(words(text), n, top=False) for n in range(5, 11)}
    return {f"dolma3_repetition.{name}": value for name, value in result.items()}


def madlad(text: str, cursed: tuple[str, ...] = ()) -> dict[str, float]:
    sentences = [sentence for sentence in re.split(r"[.!?]+\s+", text) if sentence.strip()]
    listed, wrong = set(), set()
    for place, sentence in enumerate(sentences):
        found = words(sentence)
        if len(found) >= 12 and sum(word[0].isupper() for word in found) > len(found) * 0.5:
            listed.add(place)
        if any(phrase in sentence for phrase in cursed):
            wrong.add(place)
    return {
        "madlad.sentences": float(len(sentences)),
        "madlad.questionable": len(listed | wrong) / (len(sentences) or 1),
        "madlad.list_case": float(len(listed)),
        "madlad.cursed": float(len(wrong)),
    }


def has_bad_words(text: str, listed: tuple[str, ...], *, whole: bool = True) -> bool:
    inside = "|".join(re.escape(word) for word in listed)
    return re.search(rf"(?:\W|^)({inside})(?:\W|$)" if whole else inside, text.lower()) is not None


def has_paragraphs(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) >= 3 and min(heapq.nlargest(3, [len(line) for line in lines])) >= 200
