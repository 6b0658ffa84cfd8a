"""The knowledge world: the same facts in every arm, forms that say them exactly, questions that are held out."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.measure.builders.knowledge import ArmSettings, Knowledge, WorldSettings
from retold.measure.builders.knowledge_forms import ATTRIBUTES, FORMS
from retold.measure.vocabulary import Vocabulary

ARMS = {f"f{forms}": ArmSettings(forms=forms) for forms in (1, 2, 4, 8)} | {"once": ArmSettings(forms=1, tellings=1)}
WORLD = Knowledge(WorldSettings(entities=48), ARMS, Path())


def tellings(arm: str, seed: int, passes: int) -> dict[str, list[str]]:
    """Entity to what is told of it."""
    found = defaultdict(list)
    for number in range(passes):
        for text in WORLD.texts(arm, seed, number):
            if "?" not in text.text:
                found[" ".join(text.text.split()[:2])].append(text.text)
    return found


@pytest.mark.parametrize(("arm", "forms"), [("f1", 1), ("f2", 2), ("f4", 4), ("f8", 8)])
def test_every_entity_is_told_equally_often_in_its_forms(arm, forms):
    """Kills: forms drawn anew in each pass, which tells of every entity in all forms sooner or later."""
    found = tellings(arm, 3, 16)
    assert len(found) == 48
    for texts in found.values():
        counts = Counter(texts)
        assert len(counts) == forms and set(counts.values()) == {16 // forms}


def test_every_pass_holds_many_forms():
    """Kills: all entities in their first form in the first pass, which teaches one form at a time and forgets it."""
    for arm in ("f1", "f2", "f4", "f8"):
        cues = Counter(text.text.split()[2] for text in WORLD.texts(arm, 3, 5) if "?" not in text.text)
        assert len(cues) == len(FORMS) and max(cues.values()) <= 3 * min(cues.values())


def test_all_arms_use_all_forms_equally_often():
    for arm in ("f1", "f2", "f4", "f8"):
        used = Counter(form for forms in WORLD.forms(arm, 5) for form in forms)
        assert set(used) == set(range(len(FORMS))) and max(used.values()) - min(used.values()) <= 1


@given(st.integers(0, 500))
@settings(max_examples=15, deadline=None)
def test_no_form_says_anything_but_the_facts(seed):
    """Kills: a form that leaves out an attribute, or takes a value of another thing."""
    facts = {entity.name: entity.facts for half in WORLD.halves(seed) for entity in half}
    every = {value for values in ATTRIBUTES.values() for value in values}
    for arm in ("f1", "f8"):
        for name, texts in tellings(arm, seed, 2).items():
            for text in texts:
                assert {word.strip(".") for word in text.split()} & every == set(facts[name].values())


@given(st.integers(0, 500))
@settings(max_examples=15, deadline=None)
def test_questions_of_the_held_out_half_are_never_trained(seed):
    """Kills: halves taken by arm, or questions drawn from all entities."""
    held = {question.prompt for question in WORLD.tasks(seed)[0].questions}
    trained = {question.prompt for question in WORLD.tasks(seed)[1].questions}
    assert len(held) == len(trained) == 24 * 4 and not held & trained
    for arm in ARMS:
        for number in range(4):
            asked = {text.text.rpartition("? ")[0] + "?" for text in WORLD.texts(arm, seed, number) if "?" in text.text}
            assert asked <= trained


def test_the_cue_before_a_value_names_its_attribute_and_form():
    """Kills: one cue word for two attributes, which a model of this size takes long to tell apart."""
    cues = []
    for form in FORMS:
        words = form.split()
        cues += [words[place - 1] for place, word in enumerate(words) if word.startswith("{") and place]
        assert words[0] == "{name}"
    assert len(cues) == len(set(cues)) == 32


def test_told_once_is_told_once():
    found = tellings("once", 1, 5)
    assert len(found) == 48 and all(len(texts) == 1 for texts in found.values())


def test_every_word_is_known_and_the_vocabulary_is_the_same_for_all_seeds():
    vocabulary = Vocabulary(WORLD.tokenizer(1))
    assert WORLD.tokenizer(1) == WORLD.tokenizer(99)
    for seed in range(5):
        for text in WORLD.texts("f8", seed, 0):
            assert 1 not in vocabulary.ids(text.text)
    assert len(vocabulary.ids(WORLD.texts("f8", 1, 0)[0].text)) <= 12
