"""What counts as going round in circles."""

from __future__ import annotations

import pytest

from retold.measure.loops import look

MARKERS = ("Wrong.", "No.")
TEXT = "one two three four five six seven eight nine ten"


@pytest.mark.parametrize(
    ("text", "ended", "loops"),
    [
        (TEXT, True, False),
        (TEXT, False, True),
        ("Wrong. 1 + 1 = 2 No. 1 + 1 = 2", True, False),
        ("Wrong. 1 No. 2 Wrong. 3", True, True),
        (f"{TEXT} {TEXT}", True, False),
        (f"{TEXT} {TEXT} {TEXT}", True, True),
        ("", True, False),
    ],
)
def test_loops(text, ended, loops):
    """Kills: two corrections taken for a loop, or a text that never ends for a long one."""
    assert look(text, ended, MARKERS).loops == loops


def test_corrections_are_counted_wherever_they_stand():
    assert look("No. 1\nNo. 2 and No. 3", True, MARKERS).corrections == 3
