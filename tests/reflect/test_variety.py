"""No template: openings and notices of a thousand items, and the measure itself."""

from __future__ import annotations

import pytest

from retold import reflect
from retold.reflect.variety import ALARM, variety

TRACES = ("verifiable_trace", "error_then_fix", "clean_control")


@pytest.mark.parametrize("builder", TRACES)
def test_no_opening_is_a_template(builder):
    """Kills: a grammar with one way to ask."""
    found = variety(item.text for item in reflect.items(builder, 7, 1_000))
    assert found.opening_share <= ALARM, found
    assert found.distinct[3] >= 0.15, found


def test_no_notice_is_a_template():
    """Kills: `"notice": ("Wait. {fault} {again}",)`."""
    notices = [item.notice for item in reflect.items("error_then_fix", 7, 1_000)]
    assert variety(notices).opening_share <= ALARM
    assert sum("wait" in notice.lower() for notice in notices) <= 0.05 * len(notices)
    assert len(set(notices)) >= 400


def test_every_kind_of_slip_is_there():
    kinds = {item.slip for item in reflect.items("error_then_fix", 7, 1_000)}
    assert {"digit", "carry", "sign", "unit", "skipped", "off_by_one", "column", "operation"} <= kinds


def test_the_measure_sees_a_template_through_its_numbers():
    """Kills: openings compared with their digits."""
    found = variety(f"Let us add {number} and {number + 1} now. It is {2 * number + 1}." for number in range(50))
    assert (found.opening, found.opening_share) == ("let us add 0 and", 1.0)
    with pytest.raises(ValueError, match="no texts"):
        variety([])
