"""Terms that hold together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.licence import alternatives, conjuncts, joined, stated

NAMES = st.sampled_from(["MIT", "CC-BY-SA-4.0", "Apache-2.0", "MIT OR ISC", "https://example.org/terms", "(c) Someone"])


@pytest.mark.parametrize(
    ("source", "model", "both"),
    [
        ("CC-BY-4.0", "Apache-2.0", "CC-BY-4.0 AND Apache-2.0"),
        ("CC-BY-4.0", "", "CC-BY-4.0"),
        ("CC-BY-4.0", "CC-BY-4.0", "CC-BY-4.0"),
        ("", "Apache-2.0", "NOASSERTION AND Apache-2.0"),
        ("", "", ""),
        ("MIT OR ISC", "Apache-2.0", "(MIT OR ISC) AND Apache-2.0"),
        ("A AND B", "B AND C", "A AND B AND C"),
        ("A AND B OR C", "M", "(A AND B OR C) AND M"),
        ("A AND (B AND C)", "C", "A AND B AND C"),
    ],
)
def test_what_is_made_is_under_both(source, model, both):
    """Kills: OR without brackets, which would let one choose; one licence twice; a source without any passed over."""
    assert joined(source, model) == both


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_what_was_joined_comes_apart_again(names):
    """Kills: splitting inside brackets; brackets that are part of a name taken off."""
    whole = names[0]
    for name in names[1:]:
        whole = joined(whole, name)
    assert conjuncts(whole) == tuple(names)


@pytest.mark.parametrize(
    ("licence", "choice", "together"),
    [
        ("MIT", ("MIT",), ("MIT",)),
        ("MIT OR ISC", ("MIT", "ISC"), ("MIT OR ISC",)),
        ("((MIT OR ISC))", ("MIT", "ISC"), ("MIT OR ISC",)),
        ("A AND B OR (C AND D)", ("A AND B", "C AND D"), ("A AND B OR (C AND D)",)),
        ("(A OR B) AND (C AND (D))", ("(A OR B) AND (C AND (D))",), ("A OR B", "C", "D")),
        (" ", (), ()),
    ],
)
def test_a_choice_binds_less_than_what_holds_together(licence, choice, together):
    """Kills: taking "A AND B OR C" for A and a choice; brackets inside brackets taken for a name."""
    assert (alternatives(licence), conjuncts(licence)) == (choice, together)


def test_only_what_is_stated_as_a_whole_is_stated():
    """Kills: NOASSERTION taken for a licence."""
    assert stated("MIT") and stated("MIT AND ISC")
    assert not stated("") and not stated(joined("", "MIT"))
