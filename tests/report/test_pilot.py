"""What a pilot says of a little store, as data, page and lines."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from retold.core.step import Target
from retold.report.pilot import ACCEPTED, COST, Sample, gather_pilot
from retold.report.pilot_page import money, pilot_html, print_pilot, reached
from retold.text.tokens import count
from support.pages import TAGS, Reader


def taken(little, **options):
    chosen = {"seconds_each": 0.5, "target": None, "seed": 7} | options
    sample = Sample(little.view, little.view, lambda texts: [count(text) for text in texts], **chosen)
    return gather_pilot(sample, little.store, "little")


@pytest.fixture(scope="module")
def pilot(little):
    return taken(little)


def test_figures_are_those_that_the_report_counts(pilot, little):
    """Kills: counting answers of other recipes, of refused retellings as accepted, or rule-made ones."""
    made = [style for style in little.story.styles if style.made_by == "model"]
    assert pilot.retellings == pilot.planned == sum(style.asked for style in made)
    by_name = {figure.name: figure for figure in pilot.figures}
    assert by_name["prompt_tokens"].sample == little.story.tokens.prompt
    assert by_name["completion_tokens"].sample == little.story.tokens.completion
    assert by_name["accepted_tokens"].sample == sum(style.accepted_tokens for style in made)
    assert all(figure.whole.low == pytest.approx(figure.sample) for figure in pilot.figures)
    assert pilot.sample_seconds == pytest.approx(0.5 * pilot.requests)


def test_a_target_is_compared_with_the_plan(little, pilot):
    """Kills: the later of two bounds instead of the first; more than the plan has."""
    accepted, cost = pilot.figures[ACCEPTED].sample, pilot.figures[COST].sample
    assert cost == 0.0
    half = taken(little, target=Target(tokens=round(accepted / 2), usd=1.0)).reach
    assert half is not None and half.share.value == pytest.approx(0.5, abs=0.02)
    assert half.retellings.value == pytest.approx(pilot.planned / 2, rel=0.05)
    never = taken(little, target=Target(tokens=round(accepted * 3))).reach
    assert never is not None and never.share.low > 1 and never.retellings.value == pilot.planned


@pytest.mark.filterwarnings("error")
def test_a_target_that_nothing_counts_towards_is_said_to_be_out_of_reach(little):
    """Kills: "nan % of the plan", and JSON that is none, where a sample cost nothing or nothing of it was accepted."""
    found = taken(little, target=Target(usd=5.0))
    assert found.reach is not None and "nothing in the sample counts towards it" in reached(found.reach, found.planned)
    json.dumps(found.as_dict(), allow_nan=False)


def test_the_page_is_whole_and_hostile_text_is_text(hostile):
    """Law 8. Kills: a second environment without autoescape."""
    page = pilot_html(taken(hostile, target=Target(tokens=10)))
    reader = Reader(page)
    assert reader.tags <= TAGS and not reader.open
    assert not [name for _, name, _ in reader.attributes if name.startswith("on")]
    assert "document.title='owned'" in reader.shown
    assert "<script" not in page.lower() and "\x1b" not in page and "@import" not in page
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in reader.attributes


def test_the_terminal_shows_figures_and_examples_and_obeys_nothing(hostile):
    out = io.StringIO()
    print_pilot(taken(hostile, target=Target(tokens=10)), Console(file=out, width=100))
    printed = out.getvalue()
    assert "accepted tokens" in printed and "95 % interval" in printed.replace("\N{NO-BREAK SPACE}", " ")
    assert "refused" in printed and "\x1b[31m" not in printed and "\x07" not in printed


def test_parts_that_the_sample_does_not_reach_are_said(pilot, little):
    out = io.StringIO()
    print_pilot(replace(pilot, parts=1, planned_parts=2, planned=900), Console(file=out, width=120))
    assert "1 of 2 parts of the input" in out.getvalue() and "few documents" in out.getvalue()


def test_small_money_keeps_its_digits():
    assert (money(1234.5), money(0.00321), money(0.0)) == ("1,234.50", "0.00321", "0.00")
