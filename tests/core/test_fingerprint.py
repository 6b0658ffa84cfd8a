"""Ids are stable: between machines, between runs, and never by accident."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retold.core.document import document_id, record_id
from retold.core.fingerprint import canonical, digest, digest_text, uniform

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def test_ids_are_those_of_the_first_day():
    """Kills: any change of hash, canonical form or field order. Stores on disk rest on these values."""
    assert digest("a", 1, [None, 2.5], {"b": True, "a": "é"}) == "12f89adcd356ed3e4c4c18f2e7547e6d"
    assert record_id("web", "k") == digest("record", "web", "k")
    assert document_id("source", (), "x") == digest("document", "source", [], "x")


@given(st.dictionaries(st.text(max_size=5), PLAIN, max_size=5))
def test_order_of_keys_changes_nothing(value):
    """Kills: sort_keys=False."""
    assert canonical(value) == canonical(dict(reversed(value.items())))


@given(PLAIN, PLAIN)
def test_different_values_have_different_forms(one, two):
    assert (canonical(one) == canonical(two)) == (repr(_typed(one)) == repr(_typed(two)))


def _typed(value):
    if isinstance(value, dict):
        return {key: _typed(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return value


@pytest.mark.parametrize("value", [object(), {1, 2}, len, float("nan"), float("inf"), {1: "a"}, b"bytes"])
def test_what_has_no_stable_form_is_refused(value):
    with pytest.raises(TypeError):
        canonical(value)


@given(st.text(), st.integers())
def test_uniform_is_in_its_interval_and_repeats(text, number):
    assert 0 <= uniform(text, number) < 1
    assert uniform(text, number) == uniform(text, number)


@given(st.text(st.characters(), max_size=40))
@example('\x00\x1f\x7f"\\/\u2028\ud800\U0010ffff')
def test_the_digest_of_a_text_is_that_of_its_json(text):
    """Kills: writing half a surrogate pair as "?", or leaving out the comma before the text."""
    assert digest_text(["document", "source", []], text) == digest("document", "source", [], text)
    assert digest_text([], text) == digest(text)
