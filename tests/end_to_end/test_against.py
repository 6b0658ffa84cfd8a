"""Two recipes compared on the command line: the same passages, stores of their own, answers used again."""

from __future__ import annotations

import json

import pytest

from retold.runner.session import Session


@pytest.fixture
def two(recipe):
    """The little recipe over more documents, and one with another engine, other weights, seed and order of styles."""
    text = recipe.read_text("utf-8").replace("limit: 12", "limit: 40").replace("retellings: 60", "retellings: 150")
    text = text.replace("key_facts: 2, reword: 1, tutorial: 1", "wiki: 2, tutorial: 1")
    recipe.write_text(text, "utf-8")
    text = text.replace("name: little", "name: other").replace("lie: 10%, ", "").replace("seed: 7", "seed: 8")
    other = recipe.with_name("other.yaml")
    other.write_text(text.replace("wiki: 2, tutorial: 1", "tutorial: 3, table: 1, summary: 1"), "utf-8")
    return recipe, other


def asked(session):
    found = [row for rows in session.view().read("requests") for row in rows.to_pylist()]
    return {row["request_id"]: (row["passage_id"], row["style"]) for row in sorted(found, key=lambda x: x["position"])}


def test_both_are_asked_about_the_same_passages_and_use_their_answers_again(two, inside):
    """Kills: the second recipe's own order; request ids that depend on who is followed; one store for both."""
    a, b = two
    lines = inside("run", a, "--pilot", 24, "--against", b, "--json").splitlines()
    found = json.loads(lines[-1])["against"]
    assert found["pairs"] == 24
    assert [(row["style_a"], row["style_b"]) for row in found["styles"]] == [
        ("tutorial", "tutorial"),
        ("wiki", "table"),
    ]
    assert any("same place, not the same name" in words for words in found["said"])
    assert any("summary is in B alone" in words for words in found["said"])
    assert found["whole"]["pairs"] + found["whole"]["unjudged"] == 24
    low, high = (found["whole"]["difference"]["estimate"][end] for end in ("low", "high"))
    assert low <= found["whole"]["difference"]["estimate"]["value"] <= high
    assert found["none_shown"] == (low <= 0 <= high)

    session = Session.begin(a)
    assert (session.recipe.folder / "against.html").is_file()
    small = asked(session.sample(24))
    names = {"tutorial": "tutorial", "wiki": "table"}
    other = Session.begin(b)
    followed = other.of(other.recipe.following(session.recipe, 24, names))
    # A style by sentences asks about a passage several times.
    told = list(dict.fromkeys(asked(followed).values()))
    assert told == list(dict.fromkeys((passage, names[style]) for passage, style in small.values()))
    assert session.plan().answered + session.plan().given_up == 24
    again = set(asked(followed)) & set(asked_after_plan(other))
    assert other.plan().answered + other.plan().given_up == len(again) > 0

    printed = " ".join(inside("run", a, "--pilot", 24, "--against", b).split())
    assert "B less A" in printed and "source" in printed and "against.html" in printed


def asked_after_plan(session):
    session.plan()
    return asked(session)


def test_recipes_that_cannot_be_compared_are_refused(two, retold):
    """Kills: comparing other passages as if they were the same."""
    a, b = two
    assert "write to one folder" in retold("run", a, "--pilot", 4, "--against", a, code=2)
    b.write_text(b.read_text("utf-8").replace("min_words: 20", "min_words: 25"), "utf-8")
    assert "has other passages" in retold("run", a, "--pilot", 4, "--against", b, code=2)
