"""Emoji and other characters by their names in Unicode, and names of the same form that Unicode does not have.

Members are a list of names that Unicode has had since version 9 or earlier, so that every Python gives the same items;
whether a made-up name exists after all is looked up in the running Python's own table (`unicodedata`).
"""

from __future__ import annotations

import unicodedata
from random import Random
from typing import Final

from retold.reflect.registries.registry import Registry

_ANIMALS: Final = (
    "HORSE", "FISH", "TROPICAL FISH", "BLOWFISH", "DOLPHIN", "WHALE", "OCTOPUS", "CRAB", "SHRIMP", "SQUID", "SNAIL",
    "SPIRAL SHELL", "TURTLE", "CROCODILE", "SNAKE", "DRAGON", "BIRD", "PENGUIN", "ROOSTER", "TURKEY", "EAGLE", "DUCK",
    "OWL", "BAT", "WOLF FACE", "FOX FACE", "BEAR FACE", "PANDA FACE", "KOALA", "TIGER FACE", "LION FACE", "HORSE FACE",
    "UNICORN FACE", "COW FACE", "PIG FACE", "FROG FACE", "MONKEY FACE", "GORILLA", "DOG FACE", "CAT FACE", "MOUSE FACE",
    "HAMSTER FACE", "RABBIT FACE", "ELEPHANT", "RHINOCEROS", "CAMEL", "GOAT", "RAM", "DEER", "HONEYBEE", "ANT",
    "LADY BEETLE", "SPIDER", "SCORPION", "BUTTERFLY", "SHARK", "LIZARD",
)  # fmt: skip
_THINGS: Final = (
    "ROCKET", "AIRPLANE", "SAILBOAT", "SPEEDBOAT", "BICYCLE", "HELICOPTER", "TRAM", "FIRE ENGINE", "AMBULANCE",
    "TRACTOR", "ANCHOR", "UMBRELLA", "SNOWMAN", "COMET", "FIRE", "RAINBOW", "FULL MOON SYMBOL", "SUNFLOWER", "ROSE",
    "TULIP", "CACTUS", "PALM TREE", "MUSHROOM", "TOMATO", "GRAPES", "MELON", "WATERMELON", "LEMON", "BANANA",
    "PINEAPPLE", "RED APPLE", "GREEN APPLE", "PEAR", "PEACH", "CHERRIES", "STRAWBERRY", "AVOCADO", "CARROT", "POTATO",
    "PANCAKES", "BREAD", "CHEESE WEDGE", "HAMBURGER", "COOKIE", "DOUGHNUT", "CANDLE", "HAMMER", "WRENCH", "KEY",
    "LOCK", "BELL", "BOOKMARK", "VIOLIN", "GUITAR", "TRUMPET", "SAXOPHONE", "DRUM WITH DRUMSTICKS", "CROWN", "RING",
    "TELESCOPE", "MICROSCOPE", "TELEVISION", "RADIO", "CAMERA", "HOURGLASS", "SPIDER WEB", "TROPHY",
)  # fmt: skip


def _found(name: str) -> str | None:
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return None


MEMBERS: Final = {name: character for name in (*_ANIMALS, *_THINGS) if (character := _found(name)) is not None}
KNOWN_ABSENT: Final = (
    "SEAHORSE",
    "MARMOT",
    "CASSETTE TAPE",
    "PLATYPUS FACE",
    "HEDGEHOG FACE",
    "STORK FACE",
    "GRAND PIANO",
)
_COLOURS: Final = ("PINK", "GOLDEN", "SILVER", "STRIPED", "FLYING", "SLEEPING", "TINY", "STONE", "GLASS", "DOUBLE")


def _invent(rng: Random) -> str:
    if rng.random() < 0.2:
        return rng.choice(KNOWN_ABSENT)
    return f"{rng.choice(_COLOURS)} {rng.choice(tuple(MEMBERS))}"


REGISTRY: Final = Registry(
    "unicode_names",
    MEMBERS,
    _invent,
    {
        "ask": (
            "Which Unicode character is named {name}?",
            "Show the Unicode character {name}.",
            "What does the character {name} of Unicode look like?",
            "Print the character whose Unicode name is {name}.",
            "Unicode name {name}: which character?",
            "Write the character {name} as Unicode has it.",
            "In Unicode, which sign has the name {name}?",
            "Give me the Unicode character called {name}.",
        ),
        "tell": (
            "{name} is {value}.",
            "It is {value}.",
            "The character {name}: {value}",
            "{value} is named {name}.",
            "{value}",
        ),
        "what": ("Unicode character named", "character in Unicode named"),
    },
    exists=lambda name: _found(name) is not None,
)
