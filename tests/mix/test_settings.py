"""What a recipe may say under `mix:`, and what its names stand for."""

import pytest
from pydantic import ValidationError

from retold.core.errors import RecipeError
from retold.mix import MixSettings
from retold.mix.portions import resolved


def mix(value) -> MixSettings:
    return MixSettings.model_validate(value)


def test_the_default_is_seventy_to_thirty():
    assert mix("default@1").stages()["train"].shares() == {"real": 0.7, "retelling": 0.3}
    assert mix("default@1") == mix("default") and mix("default@1").max_epochs == 4


def test_shares_weights_and_budgets():
    assert mix({"parts": {"a": 3, "b": 1}}).stages()["train"].shares() == {"a": 0.75, "b": 0.25}
    budgets = mix({"parts": {"a": "2B", "b": "300M"}}).stages()["train"]
    assert budgets.shares() == {} and budgets.parts["a"].tokens == 2_000_000_000
    phased = mix({"phases": {"one": {"tokens": "1k", "parts": {"a": "100%"}}, "two": {"parts": {"b": 1}}}})
    assert list(phased.stages()) == ["one", "two"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"parts": {"a": "70%", "b": "20%"}}, "add up to 90.0%"),
        ({"parts": {"a": "70%", "b": "2B"}}, "share and tokens"),
        ({"tokens": "2B", "parts": {"a": "2B"}}, "no `tokens:`"),
        ({"parts": {}}, "either `parts:` or `phases:`"),
        ({"parts": {"a": 1}, "phases": {"x": {"parts": {"a": 1}}}}, "either `parts:` or `phases:`"),
        ({"tokens": 5, "phases": {"x": {"parts": {"a": 1}}}}, "each one has its own"),
        ({"parts": {"a": {"share": "50%", "weight": 1}}}, "one amount"),
        ({"parts": {"a": {"weight": 1, "at_least": 3}}}, "bounds of a signal"),
        ({"parts": {"a": 0}}, "greater than 0"),
        ({"parts": {"a": "0%"}}, "greater than 0"),
        ({"parts": {"a": "much"}}, "a count such as"),
        ("half", "no mixture called"),
    ],
)
def test_mistakes_are_explained(wrong, words):
    with pytest.raises(ValidationError, match=words):
        mix(wrong)


def test_names_stand_for_kinds_sources_and_styles():
    settings = mix({"parts": {"real": 1, "web": 1, "cloze": 1, "best": {"weight": 1, "source": "web", "signal": "q"}}})
    real, web, cloze, best = resolved(settings, ["web"], ["cloze"])["train"]
    assert (real.kind, real.source, real.style) == ("source", None, None)
    assert (web.kind, web.source) == ("source", "web") and (cloze.kind, cloze.style) == ("retelling", "cloze")
    assert best.holds("source", "web", "", {"q": 0.1}) and not best.holds("source", "web", "", {})


def test_a_part_may_be_named_after_a_builder_of_reflection_data():
    """Kills: a builder that draws retellings, or one whose name is no part where the recipe uses it."""
    described = {"weight": 1, "kind": "reflection", "style": "backward_check"}
    settings = mix({"parts": {"error_then_fix": 1, "back": described}})
    first, back = resolved(settings, ["web"], [], ["error_then_fix", "backward_check"])["train"]
    assert (first.kind, first.style, first.source) == ("reflection", "error_then_fix", None)
    assert back.holds("reflection", "reflect", "backward_check", {})
    with pytest.raises(RecipeError, match="no builder"):
        resolved(mix({"parts": {"error_then_fix": 1}}), ["web"], [], ["clean_control"])


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"wbe": 1}, "did you mean web"),
        ({"twice": 1}, "several things"),
        ({"x": {"weight": 1, "source": "wbe"}}, "no source"),
        ({"x": {"weight": 1, "style": "clozes"}}, "no style"),
    ],
)
def test_a_name_that_is_nothing_is_refused(parts, words):
    """Kills: a misspelt part that draws nothing, so that the mixture is another one."""
    with pytest.raises(RecipeError, match=words):
        resolved(mix({"parts": parts}), ["web", "twice"], ["cloze", "twice"])


def test_bands_of_quality_exclude_each_other():
    """Kills: both bounds on one side, so that a document belongs to two bands or to none."""
    parts = {
        "high": {"weight": 1, "signal": "q", "at_least": 0.5},
        "low": {"weight": 1, "signal": "q", "below": 0.5},
    }
    high, low = resolved(mix({"parts": parts}), [], [])["train"]
    for value in (0.0, 0.49, 0.5, 0.9):
        assert high.holds("source", "", "", {"q": value}) == (value >= 0.5) != low.holds("source", "", "", {"q": value})
