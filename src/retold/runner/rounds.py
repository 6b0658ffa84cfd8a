"""Rounds: which dead letters of an Ask are asked again.

A round is one row of the table `rounds`, committed before anything is asked: its number and the classes of failure that
it takes up. It belongs to the Ask as it was without rounds (`Stage.base`), so a changed recipe begins without any; its
number is counted over the whole store, so that letters of all recipes stand in one order. A letter is lifted when a
later round of its recipe names its class; the last letter of a request decides. Rows are never deleted: an answer that
comes later wins over the letter, and another failure is a letter of the new round.

Numbers and classes enter the fingerprint of the Ask, so everything after it is made anew; with no rounds the
fingerprint is what it always was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import pyarrow.compute as pc
import pyarrow.dataset as ds

from retold.core.document import Failure
from retold.core.errors import RetoldError
from retold.core.schema import batch
from retold.store import Store, Writer

ALL: Final = "all"
FAILURES: Final = tuple(name for name in get_args(Failure) if name)
ONLY_BY_NAME: Final = frozenset({"poison"})
"""A prompt that stops the server that gets it is asked again only when somebody says so."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round: its number (from 1, over the store) and the classes of failure that it asks again."""

    number: int
    failures: tuple[str, ...]


Rounds = Callable[[str], tuple[Round, ...]]
"""By the fingerprint that an Ask has without rounds, its rounds in order."""


class UnknownFailure(RetoldError):
    """A class of failure that there is not."""

    exit_code = 2


def no_rounds(_base: str) -> tuple[Round, ...]:
    """For a chain without a store."""
    return ()


def rounds_of(store: Store) -> Rounds:
    """The rounds that a store knows, read once."""
    found: dict[str, list[Round]] = {}
    for row in store.rows("rounds", columns=["stage", "round", "failures"]):
        found.setdefault(row["stage"], []).append(Round(row["round"], tuple(row["failures"])))
    ordered = {base: tuple(sorted(rounds, key=lambda one: one.number)) for base, rounds in found.items()}
    return lambda base: ordered.get(base, ())


def open_round(store: Store, base: str, failures: Sequence[str], requests: int) -> Round:
    """Commit the next round of the store for this Ask; from then on every run of the recipe asks these letters."""
    number = 1 + max(_highest(store, "rounds"), _highest(store, "dead_letters"))
    row = {"round": number, "requests": requests, "failures": sorted(failures)}
    writer = Writer(store, base)
    writer.add(ALL, {"rounds": batch("rounds", [row])})
    writer.flush()
    return Round(number, tuple(sorted(failures)))


def _highest(store: Store, table: str) -> int:
    found = store.dataset(table).to_table(columns=["round"])["round"]
    return int(pc.max(found).as_py() or 0) if len(found) else 0


def chosen_failures(named: str) -> tuple[str, ...]:
    """`timeout,server` as classes; all but poison where none are named. Raises UnknownFailure for another word."""
    words = tuple(dict.fromkeys(word.strip() for word in named.split(",") if word.strip()))
    for word in words:
        if word not in FAILURES:
            raise UnknownFailure(f"there is no class of failure {word!r}", f"there are: {', '.join(FAILURES)}")
    return words or tuple(name for name in FAILURES if name not in ONLY_BY_NAME)


def identity(rounds: Sequence[Round]) -> list[Any]:
    """What of the rounds decides the rows of the stages after them."""
    return [[one.number, list(one.failures)] for one in rounds]


def last_letters(store: Store, label: str, part: str) -> Mapping[str, tuple[int, str]]:
    """By request of one part, the round and the class of its last letter."""
    mine = (ds.field("stage") == label) & (ds.field("part") == part)
    letters = store.dataset("dead_letters").to_table(columns=["request_id", "round", "failure"], filter=mine)
    columns = (letters[name].to_pylist() for name in ("round", "request_id", "failure"))
    return {request: (number, failure) for number, request, failure in sorted(zip(*columns, strict=True))}


def lifted(letter: tuple[int, str], rounds: Sequence[Round]) -> bool:
    """Whether a later round takes the letter (its round and class) up."""
    number, failure = letter
    return any(one.number > number and failure in one.failures for one in rounds)
