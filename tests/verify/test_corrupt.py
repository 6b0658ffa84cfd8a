"""Corruptions: one edit each, where it says it is, and the same every time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.verify.corrupt import KINDS, Foreign, corrupt
from retold.verify.labelled import Pair
from retold.verify.suite import suite

TEXT = "The harbour of Genoa was built by 12 masons in 1643. Ships from Naples have paid 300 ducats there."
FOREIGN = Foreign(("Ravenna", "Oslo"), ("The parliament dissolved itself on Tuesday.",))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_changes_one_thing(kind: str) -> None:
    """Kills: a corruption that leaves the text as it was, or marks another place."""
    made = corrupt(kind, TEXT, TEXT, FOREIGN)
    assert made is not None and made.text != TEXT and made == corrupt(kind, TEXT, TEXT, FOREIGN)
    assert made.text[: made.start].rstrip() == TEXT[: made.start].rstrip()
    rest = made.text[made.end :]
    assert TEXT.endswith(rest)


def test_what_is_not_there_is_not_changed() -> None:
    assert corrupt("number", "No figures here.", "", FOREIGN) is None
    assert corrupt("name", "nothing of the kind", "", FOREIGN) is None
    assert corrupt("negation", "Ships sail.", "", FOREIGN) is None
    assert corrupt("invented", TEXT, TEXT, Foreign((), ())) is None


def test_a_denial_is_taken_away() -> None:
    made = corrupt("negation", "The gate did not open.", "", FOREIGN)
    assert made is not None and made.text == "The gate did open."


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.text(max_size=120))
def test_any_text_can_be_given(kind: str, text: str) -> None:
    made = corrupt(kind, text, "source", FOREIGN)
    assert made is None or (made.text != text and 0 <= made.start <= made.end <= len(made.text))


def test_the_suite_notices_what_it_made() -> None:
    """Kills: recall counted on the untouched, or a threshold that lets more than the share through."""
    towns = "Genoa Naples Lisbon Bergen Odessa Malaga Trieste Rostock Varna Bilbao Izmir Tunis".split()  # noqa: SIM905
    texts = [
        f"The harbour of {town} was built by {at + 30} masons. Ships have paid {at * 7 + 300} ducats to enter it."
        for at, town in enumerate(towns)
    ]
    alarms, recalls = suite([Pair(text, text, True, text) for text in texts])
    assert alarms <= 0.05
    noticed = {found.kind: found.noticed.value for found in recalls}
    assert noticed["number"] == noticed["scale"] == noticed["name"] == 1.0
    assert noticed["negation"] == 1.0 and set(noticed) == set(KINDS)
