"""Which styles of two recipes are compared."""

from __future__ import annotations

from retold.runner.against import pair_styles


def test_styles_are_paired_by_name_then_by_place():
    """Kills: pairing by place where names are alike; pairing what has no partner."""
    same = pair_styles(["faq", "wiki"], ["wiki", "faq"])
    assert same.pairs == (("faq", "faq"), ("wiki", "wiki")) and same.words == []
    other = pair_styles(["faq", "wiki", "table"], ["mine", "faq"])
    assert other.pairs == (("faq", "faq"), ("wiki", "mine")) and other.only_a == ("table",)
    assert "they have the same place, not the same name" in other.words[0]
    assert pair_styles(["a"], ["b", "c"]).only_b == ("c",)
