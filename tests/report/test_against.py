"""Two recipes on the same passages: pairs, differences, and what is said of them."""

from __future__ import annotations

import io
import random

import pytest
from rich.console import Console

from retold.report.against import Side, difference, gather_against
from retold.report.against_page import against_html, print_against, verdict
from retold.report.outcomes import Outcome
from retold.text.tokens import count
from support.pages import TAGS, Reader

STYLES = (("key_facts", "key_facts"), ("reword", "tutorial"))


def pair(document, one, two, **figures):
    left = Outcome(f"a{document}", "s", document, "p", verdict=one)
    right = Outcome(f"b{document}", "s", document, "p", verdict=two, **figures)
    return left, right


def accepted(one, two):
    return float(two.verdict == "accepted") - float(one.verdict == "accepted")


def test_a_difference_is_that_of_pairs_and_wide_where_documents_differ():
    """Kills: drawing pairs apart from their documents; comparing shares as if they were independent."""
    alone = [pair(f"d{number}", "refused", "accepted" if number % 2 else "refused") for number in range(60)]
    apart = difference(alone, accepted, 7).estimate
    assert apart.value == pytest.approx(0.5) and 0.34 < apart.low < 0.42 and 0.58 < apart.high < 0.66
    together = [(one, two) for one, two in alone]
    for number, (one, two) in enumerate(together):
        one.document_id = two.document_id = f"d{number % 6}"  # six documents, three of which are always better
    wide = difference(together, accepted, 7).estimate
    assert wide.value == apart.value and wide.high - wide.low > 2 * (apart.high - apart.low)


def test_alike_sides_show_no_difference_and_unlike_ones_do():
    """Kills: saying which is better whatever the interval says."""
    chance = random.Random(5)
    words = ("accepted", "refused")
    alike = difference([pair(f"d{n}", chance.choice(words), chance.choice(words)) for n in range(80)], accepted, 1)
    assert alike.none_shown and alike.estimate.low < alike.estimate.value < alike.estimate.high
    assert not difference([pair(f"d{n}", "refused", "accepted") for n in range(30)], accepted, 1).none_shown


@pytest.fixture(scope="module")
def found(little, hostile):
    """The little store against the hostile one: no passage is alike, so each is compared with itself."""
    side = Side("one", hostile.view, hostile.store, "engine", lambda texts: [count(text) for text in texts], 2.0)
    return gather_against(side, side, (("key_facts", "key_facts"), ("reword", "reword")), ["<b>said</b>"], 7)


def test_a_recipe_against_itself_differs_in_nothing(found, hostile):
    judged = {style.style: style.rate for style in hostile.story.styles}
    assert [style.a for style in found.styles] == [judged["key_facts"], judged["reword"]]
    assert all(row.difference.estimate.value == row.difference.estimate.high == 0 for row in found.figures)
    assert found.whole.difference.none_shown and "contains zero" in verdict(found)
    assert found.few and found.whole.only_a == found.whole.only_b == 0


def test_the_page_and_the_terminal_obey_nothing(found):
    """Law 8. Kills: Markup around a text of either side."""
    page = against_html(found)
    reader = Reader(page)
    assert reader.tags <= TAGS | {"br"} and not [name for _, name, _ in reader.attributes if name.startswith("on")]
    assert "document.title='owned'" in reader.shown and "<script" not in page.lower() and "\x1b" not in page
    for width in (80, 140):
        out = io.StringIO()
        print_against(found, Console(file=out, width=width))
        assert "too narrow" in out.getvalue() and "\x1b[31m" not in out.getvalue()


def test_stores_without_a_common_passage_are_no_comparison(little, hostile):
    sides = [Side("x", one.view, one.store, "e", lambda texts: [1 for _ in texts], None) for one in (little, hostile)]
    with pytest.raises(ValueError, match="no passage"):
        gather_against(sides[0], sides[1], STYLES, [], 7)
