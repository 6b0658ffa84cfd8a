"""Invented texts of two kinds, of the sea and of farms."""

from __future__ import annotations

from random import Random

SEA = "harbour ferry sail rope anchor mast tide wave keeper lighthouse gull net boat hull storm".split()  # noqa: SIM905
FARM = "barley plough meadow orchard cattle harvest fence barn tractor seed hay wheat field pond goat".split()  # noqa: SIM905
PLAIN = "the a of and in on with under over before after while never often then it was had they".split()  # noqa: SIM905


def text(kind: list[str], random: Random, words: int = 60) -> str:
    return " ".join(random.choice(kind if random.random() < 0.3 else PLAIN) for _ in range(words)) + "."


def corpus(seed: int = 1, each: int = 40) -> dict[str, str]:
    """Texts and their kind."""
    random = Random(seed)
    return {text(words, random): name for _ in range(each) for name, words in (("sea", SEA), ("farm", FARM))}
