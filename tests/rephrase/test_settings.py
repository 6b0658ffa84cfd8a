"""What a recipe may say under `rephrase:`, and how mistakes are explained."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from retold.engines import EngineSettings
from retold.rephrase import RephraseSettings
from retold.styles.rules import RULES
from retold.styles.style import load

GOOD = {"engine": "small", "styles": {"key_facts": 2, "wiki": 1}}


def read(**values) -> RephraseSettings:
    return RephraseSettings.model_validate({**GOOD, **values})


def fault(**values) -> str:
    with pytest.raises(ValidationError) as error:
        read(**values)
    return "\n".join(item["msg"].removeprefix("Value error, ") for item in error.value.errors())


def test_a_list_of_styles_weighs_each_one_alike():
    assert read(styles=["wiki", "table"]).styles == {"wiki": 1.0, "table": 1.0}
    assert read(styles="wiki").styles == {"wiki": 1.0}


def test_the_shortest_recipe_of_the_design_reads():
    settings = RephraseSettings.model_validate(
        {"engine": "small", "styles": {"key_facts": 2, "reword": 1, "tutorial": 1}}
    )
    assert settings.per_document == 1
    assert settings.passage.tokens == 300
    assert settings.until.retellings is None
    assert settings.rules == ()


@pytest.mark.parametrize(("written", "number"), [("2k", 2000), ("1.5M", 1_500_000), (7, 7), ("5,000", 5000)])
def test_sizes_are_read_as_people_write_them(written, number):
    assert read(until={"retellings": written}).until.retellings == number


def test_all_rules_are_named_one_by_one_so_that_a_new_one_changes_the_fingerprint():
    retelling = tuple(sorted(name for name, rule in RULES.items() if not rule.control))
    assert "lead" not in retelling and "lead" in RULES  # a control repeats its source: asked for by name only
    assert read(rules="all").rules == read(rules=["all"]).rules == retelling


def test_the_order_of_rules_and_styles_decides_nothing():
    """Kills: keeping the rules in the order in which they are written."""
    names = sorted(RULES)[:2]
    one = read(rules=names, styles={"a": 1, "b": 2})
    other = read(rules=names[::-1], styles={"b": 2, "a": 1})
    assert one.fingerprint() == other.fingerprint()


def test_rules_alone_need_no_engine():
    assert RephraseSettings.model_validate({"rules": "all"}).engine == ""


FAULTS = {
    "weight_is_text": {"styles": {"wiki": "much"}},
    "weight_is_negative": {"styles": {"wiki": -1}},
    "weight_is_missing": {"styles": {"wiki": None}},
    "weight_is_true": {"styles": {"wiki": True}},
    "weight_is_endless": {"styles": {"wiki": float("inf")}},
    "weights_are_all_zero": {"styles": {"wiki": 0, "table": 0}},
    "style_listed_twice": {"styles": ["wiki", "table", "wiki"]},
    "styles_is_a_number": {"styles": 3},
    "style_is_a_mapping_in_a_list": {"styles": [{"wiki": 2}]},
    "no_engine": {"engine": ""},
    "nothing_to_do": {"styles": {}, "rules": []},
    "unknown_rule": {"rules": ["clozee"]},
    "rule_is_a_style": {"rules": ["key_facts"]},
    "rule_listed_twice": {"rules": ["cloze", "cloze"]},
    "too_many_per_document": {"per_document": 3},
    "zero_weights_do_not_count_as_styles": {"per_document": 2, "styles": {"wiki": 1, "table": 0}},
    "until_is_no_number": {"until": {"retellings": "many"}},
    "tiny_passages": {"passage": {"tokens": 10}},
    "unknown_key": {"per_passage": 2},
}


def test_mistakes_are_explained_with_a_remedy(golden):
    golden("settings_faults.txt", "\n".join(f"{name}\n  {fault(**values)}\n" for name, values in FAULTS.items()))


def test_only_the_embedded_engine_is_asked_to_keep_to_a_sentence():
    """Kills: a grammar that is asked of every engine for small prompts; a recipe that cannot say otherwise."""
    faq = load("faq")
    kinds = ("embedded", {"scripted": {}}, {"http": ["http://localhost:1/v1"], "model": "m"})
    engines = [EngineSettings.model_validate(kind) for kind in kinds]
    assert [read(prompts="small").chosen(faq, one).decoding for one in engines] == ["ordered", "plain", "plain"]
    assert read(prompts="small", decoding="ordered").chosen(faq, engines[1]).decoding == "ordered"
