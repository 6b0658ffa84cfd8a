"""Judging from signals alone: no text, the first limit in the recipe's order, and fast enough to try thresholds out."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_view import MemoryView, run_map
from retold.clean import Judge, Language, Length
from retold.clean import signals as table
from retold.clean.codes import CODES
from retold.clean.entry import Entry, Limit, threshold
from retold.clean.judge import broken, drops
from retold.core.schema import TABLES
from retold.core.step import Part


class Between(Entry):
    """A test's own entry."""

    low: float = threshold(0.0)
    high: float = threshold(1.0)

    def limits(self):
        return (
            Limit("first", "too_short", at_least=self.low, exempt="code"),
            Limit("second", "too_long", at_most=self.high),
        )


def columns(**values) -> dict[str, np.ndarray]:
    return {name: np.array(numbers, float) for name, numbers in values.items()}


def verdicts(signals, *entries) -> list[tuple[str, str, str]]:
    ids = pa.array([str(place) for place in range(len(next(iter(signals.values()))))])
    return [(row["subject"], row["reason"], row["detail"]) for row in drops(ids, signals, entries).to_pylist()]


def test_the_first_limit_that_is_broken_gives_the_reason():
    """Kills: the last one winning, bounds that are exclusive, exempt documents judged all the same."""
    signals = columns(first=[0, -1, -1, 2, -1], second=[1, 1, 2, 2, 2], code=[0, 0, 0, 0, 1])
    found = verdicts(signals, Between())
    assert [(name, reason) for name, reason, _ in found] == [
        ("1", "too_short"),
        ("2", "too_short"),
        ("3", "too_long"),
        ("4", "too_long"),
    ]
    assert found[0][2] == "first -1, asked at least 0" and found[2][2] == "second 2, asked at most 1"


def test_entries_of_one_kind_have_signals_of_their_own():
    signals = columns(words=[3, 30], characters=[9, 99], **{"words@2": [4, 20], "characters@2": [9, 99]})
    found = verdicts(signals, Length(min_words=3), Length(min_words=21))
    assert found == [("0", "too_short", "4 words, 9 characters"), ("1", "too_short", "20 words, 99 characters")]


def test_the_language_is_named_from_its_number():
    signals = columns(language=[0.2, 0.5], language_top=[0.7, 0.5], language_code=[CODES.index("de"), -1])
    assert verdicts(signals, Language(keep=["en"])) == [
        ("0", "wrong_language", "de 0.70"),
        ("1", "language_unsure", " 0.50"),
    ]


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3), max_size=6))
def test_signals_come_back_as_they_were(rows):
    names = ["a", "words.mean", "zä"]
    signals = {name: np.array([row[place] for row in rows], float) for place, name in enumerate(names)}
    made = table.rows([str(place) for place in range(len(rows))], signals)
    assert made.schema == TABLES["signals"].columns and made.num_rows == len(rows)
    found = table.columns(made["values"])
    assert {name: values.tolist() for name, values in found.items()} == (
        {name: values.tolist() for name, values in signals.items()} if rows else {}
    )
    if len(rows) > 1:
        tail = table.columns(made.slice(1)["values"])
        assert tail["zä"].tolist() == signals["zä"][1:].tolist(), "a slice of a batch"


def test_rows_with_other_names_are_read_one_by_one():
    kind = TABLES["signals"].columns.field("values").type
    mixed = pa.array([[("a", 1.0), ("b", 2.0)], [("b", 3.0), ("a", 4.0)], [("a", 5.0), ("b", 6.0), ("c", 7.0)]], kind)
    assert {name: values.tolist() for name, values in table.columns(mixed).items()} == {"a": [1, 4, 5], "b": [2, 3, 6]}
    with pytest.raises(KeyError):
        table.columns(mixed[::-1])


def test_a_hundred_thousand_documents_are_judged_again_in_under_a_second(tmp_path):
    """Reading the rows, judging fifty signals and making the verdicts of 100,000 documents, a third of them dropped.

    Kills: a Python loop over documents or signals.
    """
    count, batch = 100_000, 2_000
    numbers = np.random.default_rng(7)
    signals = {f"signal_{place:02d}": numbers.random(batch) for place in range(47)}
    signals |= {"first": numbers.random(batch), "second": numbers.random(batch), "code": np.zeros(batch)}
    part = Part("p", "s")
    view = MemoryView(tmp_path, [part])
    for start in range(0, count, batch):
        view.add("curate", "p", {"signals": table.rows([f"{start + place:032x}" for place in range(batch)], signals)})
    step = Judge((Between(low=0.2, high=0.83),))
    begin = time.perf_counter()
    run_map(step, view)
    seconds = time.perf_counter() - begin
    print(f"judged {count:,} documents in {seconds:.3f} s")
    first, _ = broken(signals, step.entries)
    assert len(view.table("verdicts")) == (first >= 0).sum() * (count // batch) > count // 4
    assert seconds < 1.0
