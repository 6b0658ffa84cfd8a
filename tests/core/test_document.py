"""Nouns that say something of themselves."""

from __future__ import annotations

from retold.core.document import Prompt, Sampling


def test_a_prompt_says_what_its_engine_must_be_able_to_do():
    """Kills: one of the three forgotten, so that an engine that cannot do it is asked."""
    assert Prompt("r", (), Sampling()).needs == frozenset()
    assert Prompt("r", (), Sampling(), grammar="root ::= x", logprobs=True).needs == {"grammar", "logprobs"}
    assert Prompt("r", (), Sampling(), schema="{}").needs == {"schema"}
