"""Examples of what was dropped for a reason."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from retold.core.errors import RetoldError
from retold.report.show import show_dropped


def shown(little, reason, limit=3) -> str:
    stream = io.StringIO()
    show_dropped(little.view, reason, Console(file=stream, width=100, color_system=None), limit)
    return stream.getvalue()


def test_records_documents_and_retellings_are_shown_each_in_their_way(little):
    assert "docs/bad" in shown(little, "not_utf8")
    assert "basic sequence types" in shown(little, "exact duplicate", 9)
    text = shown(little, "number_not_in_source")
    assert "because   42" in text and "It returns 42 by default" in text


def test_no_more_than_asked_for_and_always_the_same(little):
    """Kills: `del examples[limit:]` left out."""
    assert shown(little, "not_utf8", 2).count("because") == 2
    assert shown(little, "not_utf8", 2) == shown(little, "not_utf8", 2)


@pytest.mark.parametrize("reason", ["number", "nmber_not_in_source", "zzz"])
def test_an_unknown_reason_lists_those_there_are(little, reason):
    with pytest.raises(RetoldError) as caught:
        shown(little, reason)
    assert "number_not_in_source (" in caught.value.fix
    assert ("did you mean number_not_in_source?" in caught.value.fix) == (reason != "zzz")


def test_hostile_text_steers_nothing(hostile):
    for style in hostile.story.styles:
        for drop in style.drops:
            assert "\x1b" not in shown(hostile, drop.reason)
