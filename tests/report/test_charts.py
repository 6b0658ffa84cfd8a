"""Bars whose pieces add up, and words for those who do not see them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from retold.report.charts import Segment, bar, lengths, ranges
from retold.report.story import spread

SIZES = st.lists(st.integers(0, 1000), min_size=1, max_size=6)


def _share(value: str) -> float:
    return float(value.removesuffix("%")) / 100


@given(SIZES, st.integers(0, 5000))
def test_segments_stand_side_by_side_within_the_bar(sizes, whole):
    """Kills: `place += segment.size` inside the `if`, x and width swapped."""
    whole = max(whole, sum(sizes))
    picture = ET.fromstring(bar("x", "t", [Segment(size, "r1", f"{size}") for size in sizes], whole=whole))
    rects = [rect for rect in picture.iter("rect") if rect.get("class") == "r1"]
    assert len(rects) == sum(size > 0 for size in sizes)
    place = 0.0
    for rect, size in zip(rects, [size for size in sizes if size], strict=True):
        assert abs(_share(rect.get("x")) - place) < 1e-4
        assert abs(_share(rect.get("width")) - size / whole) < 1e-4
        place += size / whole
    assert place <= 1 + 1e-9


def test_every_chart_has_a_title_and_a_description():
    words = spread(Counter({40: 3, 60: 1}), 20, 200)
    for picture in (
        bar("a", "A <b>", [Segment(1, "kept", 'say "1" & <2>')], interval=(0.2, 0.9)),
        lengths("b", "B", words, words),
        ranges("c", "C", (words, spread({})), 100),
    ):
        root = ET.fromstring(picture)
        assert root.get("role") == "img"
        assert root.find("title").text and root.find("desc").text
        assert root.find("title").get("id") == root.get("aria-labelledby")


def test_nothing_to_draw_is_no_chart():
    assert lengths("x", "X", spread({}), spread({})) == ""
