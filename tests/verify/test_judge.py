"""The judge: reasons in order, limits from recipe, style and maker, and never a look at the text."""

from __future__ import annotations

import inspect
import itertools
import pickle
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from retold.core.document import Document
from retold.styles.style import Style, catalogue
from retold.verify import REASONS, VerifySettings
from retold.verify.judge import FAILS, Limits, judge, limits_for
from retold.verify.reasons import ORDER

GOOD = {
    "words": 50.0,
    "length_ratio": 0.5,
    "meta_talk": 0.0,
    "repeated_lines": 0.0,
    **{f"repeated_{length}": 0.0 for length in range(5, 11)},
    "compression": 0.6,
    "other_language": 0.0,
    "not_english": 0.4,
    "copied": 0.1,
    "longest_copy": 4.0,
    "copied_sentences": 0.0,
    "numbers": 1.0,
    "unsupported_numbers": 0.0,
    "names": 1.0,
    "unsupported_names": 0.0,
    "weakest_sentence": 0.9,
    "support": 0.9,
    "unsupported_negations": 0.0,
    "opposites": 0.0,
    "risk": 0.3,
    "obeyed": 0.0,
    "exchanged": 0.0,
    "unsupported_answers": 0.0,
    "unsupported_statements": 0.0,
}
LIMITS = Limits(length=(0.2, 1.0), copied=0.5, copied_sentences=0.5, opposites=0, statements=0, not_english=0.5)
BAD: list[tuple[str, dict[str, float]]] = [
    ("source_missing", {"source_missing": 1.0}),
    ("not_english", {"not_english": 0.6}),
    ("short_for_source", {"length_ratio": 0.1}),
    ("long_for_source", {"length_ratio": 1.1}),
    ("obeys_its_source", {"obeyed": 1.0}),
    ("meta_talk", {"meta_talk": 1.0}),
    ("repeats_itself", {"repeated_10": 0.6}),
    ("other_language", {"other_language": 0.9}),
    ("copied", {"copied": 0.6}),
    ("sentences_copied", {"copied_sentences": 0.6}),
    ("number_not_in_source", {"unsupported_numbers": 1.0}),
    ("name_not_in_source", {"unsupported_names": 1.0}),
    ("negation_not_in_source", {"unsupported_negations": 1.0}),
    ("opposite_of_source", {"opposites": 1.0}),
    ("exchanged_in_source", {"exchanged": 1.0}),
    ("answer_not_in_source", {"unsupported_answers": 1.0}),
    ("not_of_one_sentence", {"unsupported_statements": 1.0}),
    ("sentence_not_in_source", {"weakest_sentence": 0.1}),
    ("words_not_in_source", {"support": 0.2}),
    ("likely_unsupported", {"risk": 0.9}),
]


@pytest.mark.parametrize(("reason", "change"), BAD)
def test_each_signal_has_its_reason(reason: str, change: dict[str, float]) -> None:
    assert judge(GOOD, LIMITS) == ""
    assert judge(GOOD | change, LIMITS) == reason


@pytest.mark.parametrize(
    "change", [{"repeated_lines": 0.4}, {"compression": 0.1}, {"repeated_5": 0.16}, {"repeated_7": 0.14}]
)
def test_every_kind_of_repetition_counts(change: dict[str, float]) -> None:
    assert judge(GOOD | change, LIMITS) == "repeats_itself"


def test_the_first_reason_in_the_stated_order_is_the_main_one() -> None:
    """Kills: taking reasons in another order than `ORDER`, for instance the last that applies."""
    assert [reason for reason, _ in BAD] == [reason for reason in ORDER if reason in FAILS]
    for (first, one), (_, other) in itertools.combinations(BAD, 2):
        if one.keys() != other.keys():
            assert judge(GOOD | one | other, LIMITS) == first


def test_the_judge_cannot_see_text() -> None:
    """Kills: a parameter that carries the text; verdicts could then not be re-judged from stored signals."""
    assert list(inspect.signature(judge).parameters) == ["signals", "limits"]
    assert not {item.name for item in fields(Document)} & set(Limits.model_fields) - {"length"}
    assert all(info.annotation is not str for info in Limits.model_fields.values())


def test_reasons_are_sentences() -> None:
    assert set(FAILS) <= set(REASONS)
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in REASONS.values())


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.floats(0, 2)))
def test_any_signals_get_a_declared_verdict(change: dict[str, float]) -> None:
    assert judge(GOOD | change, LIMITS) in ("", *REASONS)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_milder_limit_never_refuses_more(support: float, one: float, other: float) -> None:
    """Kills: a comparison turned round."""
    mild, strict = sorted((one, other))
    signals = GOOD | {"support": support}
    if judge(signals, LIMITS.model_copy(update={"support": strict})) == "":
        assert judge(signals, LIMITS.model_copy(update={"support": mild})) == ""


def test_a_recipe_names_a_preset_or_changes_it() -> None:
    read = TypeAdapter(VerifySettings).validate_python
    assert read("default@2") == VerifySettings()
    assert read("default@1").fingerprint() != VerifySettings().fingerprint()
    assert (read("default@1").risk, read("default@2").risk, VerifySettings(preset="default@1").risk) == (1.0, 0.75, 1.0)
    assert read({"preset": "default@1", "support": "60%"}).support == 0.6
    assert read({"support": 0.6}).fingerprint() != VerifySettings().fingerprint()
    assert read({"preset": "default@2"}).fingerprint() == VerifySettings().fingerprint()
    for wrong in ("default@9", {"preset": "other"}, {"suport": 0.6}, {"support": 7}, 3):
        with pytest.raises(ValidationError):
            read(wrong)


def _style(name: str) -> Style:
    return next(style for style in catalogue() if style.name == name)


def test_a_style_brings_its_contract() -> None:
    style = _style("summary")
    limits = limits_for(VerifySettings(), "model", style)
    assert (limits.length, limits.copied) == (style.contract.length, style.contract.copy_limit)
    assert (limits.numbers, limits.names, limits.copied_sentences) == (True, True, 1.0)
    assert limits_for(VerifySettings(), "model", replace(style, unit="sentence")).copied_sentences == 0.5


def test_a_style_that_grounds_nothing_is_held_to_form_only() -> None:
    """Kills: judging support of a continuation, which is a control because it is not grounded."""
    signals = GOOD | {"support": 0.1, "weakest_sentence": 0.0, "unsupported_numbers": 3.0, "unsupported_names": 2.0}
    assert judge(signals, limits_for(VerifySettings(), "model", _style("continue"))) == ""
    assert judge(signals | {"meta_talk": 1.0}, limits_for(VerifySettings(), "model", _style("continue"))) == "meta_talk"


def test_copying_does_not_apply_to_rules_and_all_else_does() -> None:
    """Kills: refusing rule-made retellings as copies, which they are by design."""
    limits = limits_for(VerifySettings(), "rule", None)
    assert (
        judge(GOOD | {"copied": 1.0, "copied_sentences": 1.0, "length_ratio": 0.03, "repeated_lines": 0.4}, limits)
        == ""
    )
    for reason, change in BAD:
        if reason not in (
            "copied",
            "sentences_copied",
            "sentence_not_in_source",
            "not_english",
            "not_of_one_sentence",
            "opposite_of_source",
            "likely_unsupported",
            "short_for_source",
            "long_for_source",
        ):
            assert judge(GOOD | change, limits) == reason


def test_settings_and_limits_are_picklable() -> None:
    for value in (VerifySettings(), LIMITS):
        assert pickle.loads(pickle.dumps(value)) == value
