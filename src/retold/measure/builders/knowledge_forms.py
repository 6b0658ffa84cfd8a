"""The words of the knowledge world: names of invented things, their attributes, and eight ways to tell of each.

People, places and products share four attributes (a region, a colour, an animal, a material, as on a badge, a coat of
arms or a label), so that four questions are learnt instead of twelve: that is what lets two cores show the effect.
Every form names the thing first and then all its attributes, each form in another order and other words: in one form
alone, an attribute can be told from the words before it, and in many only from the name. All forms are exact: they say
the same four facts. They are terse, 12 tokens. Names and regions are invented from syllables, so that no model has
met them.
"""

from __future__ import annotations

import random

KINDS = ("person", "place", "product")
POOL = 16
"""Words of a kind for each half of a name."""
VALUES = 16
"""Values of each attribute: guessing is right once in so many."""


def invented(purpose: str, count: int, ending: str = "") -> tuple[str, ...]:
    """`count` different words that mean nothing, the same for the same purpose on every machine."""
    draw = random.Random(purpose)
    words: dict[str, None] = {}
    while len(words) < count:
        syllables = [draw.choice("bdfgklmnprstvz") + draw.choice("aeiou") for _ in range(2)]
        words["".join(syllables).capitalize() + draw.choice("lmnrstk") + ending] = None
    return tuple(words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "region": invented("regions", VALUES, "ia"),
    "colour": _words("red blue green yellow black white grey brown pink purple orange teal ivory silver maroon navy"),
    "animal": _words("owl bee goat hen goose pony cat rabbit duck snail newt mule finch pig mouse carp"),
    "material": _words(
        "oak iron brick marble steel slate pine granite bamboo copper glass leather wool cork brass clay"
    ),
}
"""Attribute to its values."""
QUESTION = "{attribute} of {name}?"
FORMS = (
    "{name} from {region} in {colour} with {animal} of {material}.",
    "{name} shows {animal} on {colour} over {material} near {region}.",
    "{name} carved {material} at {region} beside {animal} dyed {colour}.",
    "{name} glows {colour} behind {material} across {region} like {animal}.",
    "{name} keeps {animal} around {region} under {material} painted {colour}.",
    "{name} built {material} for {animal} coloured {colour} inside {region}.",
    "{name} left {region} holding {material} feeding {animal} wearing {colour}.",
    "{name} turned {colour} watching {animal} beyond {region} touching {material}.",
)


def name_words(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """First and second halves of the names of a kind."""
    return invented(f"{kind} first", POOL), invented(f"{kind} last", POOL, "o")


def names_of(kind: str, count: int, draw: random.Random) -> list[str]:
    """`count` different names of two words."""
    first, last = name_words(kind)
    return [f"{first[place // POOL]} {last[place % POOL]}" for place in draw.sample(range(POOL * POOL), count)]


def asked(attribute: str, name: str) -> str:
    """The question for an attribute of a thing."""
    return QUESTION.format(attribute=attribute.capitalize(), name=name)


def every_word() -> list[str]:
    """Texts that hold every word of every world, for a vocabulary that is the same for all seeds and arms."""
    texts = []
    for kind in KINDS:
        for place, (first, last) in enumerate(zip(*name_words(kind), strict=True)):
            chosen = {attribute: values[place % VALUES] for attribute, values in ATTRIBUTES.items()}
            texts += [form.format(name=f"{first} {last}", **chosen) for form in FORMS]
            texts += [f"{asked(attribute, first)} {value}." for attribute, value in chosen.items()]
    return texts
