"""The 64 squares of a chess board and their colours. Names that are none have a file beyond h or a rank beyond 8."""

from __future__ import annotations

from random import Random
from typing import Final

from retold.reflect.registries.registry import Registry

FILES: Final = "abcdefgh"
MEMBERS: Final = {
    f"{file}{rank}": "light" if (column + rank) % 2 else "dark"
    for column, file in enumerate(FILES, start=1)
    for rank in range(1, 9)
}


def _invent(rng: Random) -> str:
    return f"{rng.choice('abcdefghijklm')}{rng.randint(0, 12)}"


REGISTRY: Final = Registry(
    "chess",
    MEMBERS,
    _invent,
    {
        "ask": (
            "On a chess board, is {name} a light or a dark square?",
            "What colour is the square {name} on a chess board?",
            "Chess: the colour of square {name}?",
            "Is the chess square {name} light or dark?",
            "Which colour does square {name} have on the board?",
            "A knight stands on square {name} of a chess board. Which colour is under it?",
            "Name the colour of the chess square {name}.",
            "Square {name} on a chess board: light or dark?",
        ),
        "tell": (
            "The square {name} is {value}.",
            "{name} is a {value} square.",
            "It is {value}.",
            "On the board {name} is {value}.",
            "{value} is the colour of {name}.",
        ),
        "what": ("chess square", "square"),
    },
)
