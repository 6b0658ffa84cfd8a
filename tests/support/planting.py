"""Planting items of an evaluation set into prose: verbatim, or lightly edited in a way that is fixed here.

A light edit, by word and drawn from the seed alone: 4 % get a typo (two neighbouring letters exchanged, one dropped,
or one doubled), 3 % are replaced by another word of the prose, 3 % are dropped; at least one word is touched. Numbers
get another form (1000 as 1,000, 5 as 5.0 or "five"), one in two of them. The whole is put in capitals, in lower case or
in title case, one in four each.
"""

from __future__ import annotations

from random import Random

NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905


def edited(text: str, random: Random, others: list[str]) -> str:
    """`text` after a light edit; `others` are words to replace by."""
    words = text.split()
    touched = set(random.sample(range(len(words)), 1))
    done = []
    for place, word in enumerate(words):
        chance = random.random() * (0.1 if place in touched else 1.0)
        if chance < 0.04:
            done.append(typo(word, random))
        elif chance < 0.07:
            done.append(random.choice(others))
        elif chance >= 0.1 or place == 0:
            done.append(number(word, random))
    case = random.choice([str, str.upper, str.lower, str.title])
    return case(" ".join(done))


def typo(word: str, random: Random) -> str:
    if len(word) < 3:
        return word + word[-1:]
    at = random.randrange(len(word) - 1)
    kind = random.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if kind == 1 else word[:at] + word[at] + word[at:]


def number(word: str, random: Random) -> str:
    digits = word.strip("$.,?!%")
    if not digits.isascii() or not digits.isdigit() or random.random() < 0.5:
        return word
    value = int(digits)
    if value >= 1000:
        return word.replace(digits, f"{value:,}")
    return word.replace(digits, NUMBERS[value] if value < len(NUMBERS) and random.random() < 0.5 else f"{value}.0")


def planted(host: str, item: str, random: Random) -> str:
    """`host` with `item` as a paragraph of its own, somewhere between two of its lines."""
    lines = host.split("\n")
    at = random.randrange(len(lines) + 1)
    return "\n".join([*lines[:at], "", item, "", *lines[at:]])


SYNONYMS = {
    "many": "numerous", "much": "great a quantity", "buy": "purchase", "buys": "purchases", "day": "date",
    "get": "obtain", "gets": "obtains", "make": "produce", "makes": "produces", "money": "cash", "give": "hand",
    "gives": "hands", "take": "require", "takes": "requires", "use": "employ", "used": "employed", "big": "large",
    "small": "little", "large": "big", "start": "begin", "starts": "begins", "also": "in addition", "each": "every",
    "every": "each", "which": "what", "best": "most fitting", "most": "the greatest part of", "cause": "bring about",
    "causes": "brings about", "help": "aid", "helps": "aids", "because": "since", "likely": "probably",
    "people": "persons",
    "house": "home", "car": "automobile", "kids": "children", "children": "kids", "total": "sum", "left": "remaining",
    "if": "supposing", "then": "after that", "has": "owns", "have": "own", "had": "owned", "went": "travelled",
    "needs": "requires", "need": "require", "will": "is going to", "can": "is able to", "twice": "two times",
    "half": "fifty percent of", "week": "seven days", "year": "twelve months", "hour": "sixty minutes",
    "following": "listed", "describes": "depicts", "explains": "accounts for", "example": "instance", "from": "out of",
}  # fmt: skip


def reworded(text: str, random: Random) -> str:
    """`text` said otherwise, as far as a table goes: synonyms throughout, and the sentences in another order."""
    sentences = [piece.strip() for piece in text.replace("?", "?|").replace(". ", ".|").split("|") if piece.strip()]
    random.shuffle(sentences)
    words = " ".join(sentences).split()
    return " ".join(SYNONYMS.get(word.lower(), word) for word in words)
