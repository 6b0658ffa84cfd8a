"""The texts that are looked for (units), and the n-grams that lead to them: the index of the method `sampled`.

An item gives up to five kinds of unit: its question; its question with its answer (what carries a short question);
its answer alone and each choice, where they are long enough to mean something by themselves; its passage. Texts that
occur in several items are one unit of the first. Each word of a unit weighs by its rarity among the units (inverse
document frequency, the weights of decon), so "how many does the" proves nothing.

    need(L)   the weighted share of a unit of L words that must be found: 1 up to SURE words, falling in a straight
              line to the recipe's `score` at LONG words (decon: 1 up to 20 tokens, 0.8 from 50 on)
    room(L)   how many words may stand between: L/4, at least 4; for a question with its answer also the choices and
              ten words such as "the right answer is"

A 4-gram of a unit leads to it unless more than POSTINGS units have that n-gram: what many items share is how such
questions are put, not what they ask. Memory: about 60 bytes a word of the sets; 23,000 items take 250 MB while built.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from retold.decontaminate.grams import Grams, build
from retold.decontaminate.layouts import Item
from retold.text.compiled import compiled
from retold.text.hashed import gram, hashed

SIZE, SHORT = 4, 3
LEAST = 5
ALONE = 12
SURE, LONG = 6, 20
SURE_ANSWERED, LONG_ANSWERED = 5, 16
PLAIN_ANSWERS = {"yes", "no", "true", "false"}
POSTINGS = 64
SHORTER = 14
LONGEST = 1024
CHOICES_ROOM = 10
QUESTION, QUESTION_ANSWER, ANSWER, CHOICE, PASSAGE = range(5)
FIELDS = ("question", "question and answer", "answer", "choice", "passage")


class Units(NamedTuple):
    """Arrays by unit (`first` has one more), by word, and the n-grams with their postings (unit, place)."""

    first: npt.NDArray[np.int64]
    words: npt.NDArray[np.uint64]
    weights: npt.NDArray[np.float32]
    total: npt.NDArray[np.float32]
    need: npt.NDArray[np.float32]
    known: npt.NDArray[np.uint64]
    room: npt.NDArray[np.int32]
    asked: npt.NDArray[np.int32]
    grams: Grams
    posting: npt.NDArray[np.int64]
    unit_of: npt.NDArray[np.int32]
    place_of: npt.NDArray[np.int32]


class Index(NamedTuple):
    """Units for compiled code, and what each of them is: its item, its field; how many items cannot be looked for."""

    units: Units
    items: tuple[Item, ...]
    item_of: npt.NDArray[np.int32]
    field_of: npt.NDArray[np.int8]
    too_short: int


class _Unit(NamedTuple):
    words: npt.NDArray[np.uint64]
    item: int
    field: int
    room: int
    asked: int


def index(items: Sequence[Item], score: float) -> Index:
    """The index over all items. `score` is the share of a long text that must be found."""
    chosen: dict[bytes, _Unit] = {}
    reachable = 0
    for number, item in enumerate(items):
        found = list(_units(item, number))
        reachable += bool(found)
        for unit in found:
            chosen.setdefault(unit.words.tobytes(), unit)
    units = list(chosen.values())
    return Index(
        _arrays(units, score),
        tuple(items),
        np.array([unit.item for unit in units], np.int32),
        np.array([unit.field for unit in units], np.int8),
        len(items) - reachable,
    )


def _units(item: Item, number: int) -> Iterable[_Unit]:
    question, answer = (hashed(text).hashes[:LONGEST] for text in (item.question, item.answer))
    choices = [hashed(text).hashes[:LONGEST] for text in item.choices]
    listed = sum(len(choice) for choice in choices)
    if len(question) >= LEAST:
        yield _Unit(question, number, QUESTION, _room(question), len(question))
    both = np.concatenate([question, answer[:LONG]])
    tells = len(answer) and item.answer.strip(".").lower() not in PLAIN_ANSWERS
    if 0 < len(question) < LONG and tells and len(both) >= LEAST:
        room = _room(both) + listed + len(choices) + CHOICES_ROOM
        yield _Unit(both, number, QUESTION_ANSWER, room, len(question))
    if len(answer) >= ALONE and not choices:
        yield _Unit(answer, number, ANSWER, _room(answer), len(answer))
    for choice in choices:
        if len(choice) >= ALONE:
            yield _Unit(choice, number, CHOICE, _room(choice), len(choice))
    passage = hashed(item.passage).hashes[:LONGEST]
    if len(passage) >= ALONE:
        yield _Unit(passage, number, PASSAGE, _room(passage), len(passage))


def _room(words: npt.NDArray[np.uint64]) -> int:
    return max(SIZE, len(words) // 4)


def need(length: int, score: float, field: int = QUESTION) -> float:
    """The weighted share that must be found of a unit of `length` words."""
    sure, long = (SURE_ANSWERED, LONG_ANSWERED) if field == QUESTION_ANSWER else (SURE, LONG)
    return 1.0 - (1.0 - score) * min(1.0, max(0.0, (length - sure) / (long - sure)))


def _arrays(units: Sequence[_Unit], score: float) -> Units:
    first = np.zeros(len(units) + 1, np.int64)
    np.cumsum([len(unit.words) for unit in units], out=first[1:])
    words = np.concatenate([unit.words for unit in units]) if units else np.empty(0, np.uint64)
    weights = _weights(units, words)
    total = np.add.reduceat(weights, first[:-1]).astype(np.float32) if units else np.empty(0, np.float32)
    known = np.zeros((len(units), 8), np.uint64)
    bits = words & np.uint64(511)
    rows = np.repeat(np.arange(len(units)), np.diff(first))
    np.bitwise_or.at(known, (rows, (bits >> np.uint64(6)).astype(np.int64)), np.uint64(1) << (bits & np.uint64(63)))
    needs = np.array([need(len(unit.words), score, unit.field) for unit in units], np.float32)
    room = np.array([unit.room for unit in units], np.int32)
    asked = np.array([unit.asked for unit in units], np.int32)
    return Units(first, words, weights, total, needs, known, room, asked, *_postings(first, words))


def _weights(units: Sequence[_Unit], words: npt.NDArray[np.uint64]) -> npt.NDArray[np.float32]:
    different, inverse = np.unique(words, return_inverse=True)
    seen = np.zeros(len(different), np.int64)
    at = 0
    for unit in units:
        seen[np.unique(inverse[at : at + len(unit.words)])] += 1
        at += len(unit.words)
    rarity = np.log1p(len(units) / np.maximum(seen, 1)) / math.log1p(max(len(units), 1))
    return rarity[inverse].astype(np.float32)


def _postings(
    first: npt.NDArray[np.int64], words: npt.NDArray[np.uint64]
) -> tuple[Grams, npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The n-grams that lead to units, and for each of them its postings."""
    lengths = np.diff(first)
    counts = np.maximum(lengths - np.where(lengths < SHORTER, SHORT, SIZE) + 1, 0)
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    place = np.empty(len(owner), np.int32)
    value = np.empty(len(owner), np.uint64)
    _all_grams(first, words, place, value)
    order = np.argsort(value, kind="stable")
    value, owner, place = value[order], owner[order], place[order]
    seen = np.unique(value, return_counts=True)[1]
    rare = np.repeat(seen <= POSTINGS, seen)
    value, owner, place = value[rare], owner[rare], place[rare]
    grams, different = build(value)
    posting = np.searchsorted(value, different)
    return grams, np.append(posting, len(value)).astype(np.int64), owner, place


@compiled
def _all_grams(
    first: npt.NDArray[np.int64],
    words: npt.NDArray[np.uint64],
    place: npt.NDArray[np.int32],
    value: npt.NDArray[np.uint64],
) -> None:
    count = 0
    for unit in range(len(first) - 1):
        size = SHORT if first[unit + 1] - first[unit] < SHORTER else SIZE
        for at in range(first[unit], first[unit + 1] - size + 1):
            value[count] = gram(words, at, size)
            place[count] = at - first[unit]
            count += 1
