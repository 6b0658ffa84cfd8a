"""The knowledge world: invented people, places and products, told once, again and again, or in k forms; then asked.

What it isolates: every arm tells the same facts about the same entities in the same number of tellings, and the corpus
as a whole uses the same eight forms; only how many of them tell of one entity differs. Which forms those are is chosen
by the planner's quota (`rephrase.quota`), so all forms are used equally often. Questions about half of the entities are
trained; the questions about the other half are held out, and answering them needs knowledge that can be got at from the
name alone. Facts, names and halves are drawn by the seed and are the same in every arm.

Scores: `held_out` and `trained`, exact answers to the questions of the two halves; `cloze`, the normalised probability
of the right answer to a held-out question among four values of its attribute; `telling`, the same inside a sentence of
a form that is used in training, for the entities of the held-out half. Guessing: 1/16, 1/16, 1/4, 1/4.

Method: the effect of k ways of telling on questions is that of Z. Allen-Zhu, Y. Li, Physics of Language Models 3.1
(2023), here with entities of three kinds, a vocabulary of some two hundred words and a tenth of a million parameters.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from retold.core.settings import Settings, identity
from retold.measure.builder import Question, Task, TrainingText
from retold.measure.builders.knowledge_forms import ATTRIBUTES, FORMS, KINDS, asked, every_word, names_of
from retold.measure.vocabulary import whole_words
from retold.rephrase.quota import Quota

VERSION = 1
TEMPLATE = FORMS[0].format(name="of in", region="with", colour="from", animal="near", material="on")
"""What the texts of a broken arm say, in words that the vocabulary has."""
OPTIONS = 3
"""Wrong answers of a cloze question."""


class WorldSettings(Settings):
    """What all arms share."""

    entities: int = identity(198, ge=6, le=600, description="people, places and products together, a third each")
    questions: float = identity(0.5, gt=0, le=1, description="share of the trained half's questions asked in each pass")


class ArmSettings(Settings):
    """How an arm tells of each entity."""

    forms: int = identity(ge=1, le=len(FORMS), description="in how many forms each entity is told")
    tellings: int = identity(0, ge=0, description="how often an entity is told in all; 0: once in every pass")
    shuffled: bool = identity(False, description="break it: the words of every telling in any order")
    template: float = identity(0.0, ge=0, le=1, description="break it: share of texts that say one and the same thing")
    draw: int = identity(0, ge=0, description="a copy of an arm with other luck: first weights and order of texts")


@dataclass(frozen=True)
class Entity:
    """An invented thing and its four facts."""

    name: str
    facts: Mapping[str, str]

    def told(self, form: int) -> str:
        """All of its facts in one form."""
        return FORMS[form].format(name=self.name, **self.facts)

    def questions(self, draw: random.Random) -> list[Question]:
        """One question for each fact, with wrong answers of the same kind."""
        found = []
        for attribute, right in self.facts.items():
            answers = [f" {value}." for value in (right, *wrong_values(attribute, right, draw))]
            found.append(Question(asked(attribute, self.name), answers[0], tuple(answers[1:]), self.name))
        return found


def wrong_values(attribute: str, right: str, draw: random.Random) -> list[str]:
    """Other values of an attribute."""
    return draw.sample([value for value in ATTRIBUTES[attribute] if value != right], OPTIONS)


def _broken(text: str, settings: ArmSettings, draw: random.Random) -> str:
    """The text, or what an arm that is broken on purpose has in its place."""
    if settings.template and draw.random() < settings.template:
        return TEMPLATE
    if settings.shuffled and "?" not in text:
        words = text.split()
        draw.shuffle(words)
        return " ".join(words)
    return text


class Knowledge:
    """Builder `knowledge`."""

    World: ClassVar[type[Settings]] = WorldSettings
    Arm: ClassVar[type[Settings]] = ArmSettings
    scores: ClassVar[Mapping[str, str]] = {
        "held_out": "exact answers to questions about entities whose questions were never trained",
        "trained": "exact answers to questions about entities whose questions were trained",
        "cloze": "probability of the right answer among four of its kind, held-out half",
        "telling": "probability of the right value among four, in a trained form, held-out half",
    }
    lower: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, world: WorldSettings, arms: Mapping[str, ArmSettings], base: Path) -> None:
        self.world, self.arms = world, arms
        self._entities = lru_cache(maxsize=4)(self._draw)
        # The same in every pass, and a third of a second of a small model's training each hundred steps.
        self._forms = lru_cache(maxsize=16)(self.forms)
        self._trained = lru_cache(maxsize=4)(self._trained_questions)

    def check(self, arms: Iterable[str]) -> None:
        """Nothing to look for: what is held out is left out as texts are made."""

    def identity(self, arm: str) -> Mapping[str, Any]:
        """World and arm."""
        return {"builder": "knowledge", "version": VERSION, **self.world.identity(), **self.arms[arm].identity()}

    def draw(self, arm: str) -> int:
        """The arm's own luck."""
        return self.arms[arm].draw

    def tokenizer(self, seed: int) -> bytes:
        """Whole words, the same for every seed and arm."""
        return whole_words(every_word())

    def _draw(self, seed: int) -> tuple[Entity, ...]:
        draw, found = random.Random(f"knowledge {seed}"), []
        for kind in KINDS:
            for name in names_of(kind, self.world.entities // len(KINDS), draw):
                found.append(Entity(name, {a: draw.choice(values) for a, values in ATTRIBUTES.items()}))
        draw.shuffle(found)
        return tuple(found)

    def halves(self, seed: int) -> tuple[Sequence[Entity], Sequence[Entity]]:
        """Entities whose questions are trained, and those whose questions are held out."""
        entities = self._entities(seed)
        return entities[: len(entities) // 2], entities[len(entities) // 2 :]

    def forms(self, arm: str, seed: int) -> list[tuple[int, ...]]:
        """For each entity the forms that tell of it, in the planner's order."""
        quota = Quota({f"form_{form}": 1.0 for form in range(len(FORMS))}, self.arms[arm].forms)
        return [tuple(int(name.rpartition("_")[2]) for name in quota.take()) for _ in self._entities(seed)]

    def _trained_questions(self, seed: int) -> tuple[str, ...]:
        return tuple(
            question.prompt + question.answer
            for entity in self.halves(seed)[0]
            for question in entity.questions(random.Random(0))
        )

    def texts(self, arm: str, seed: int, number: int) -> list[TrainingText]:
        """Pass `number`: each entity told once, in the next of its forms; some questions of the trained half."""
        settings = self.arms[arm]
        draw = random.Random(f"knowledge {seed} {settings.draw} pass {number}")
        told = []
        if not settings.tellings or number < settings.tellings:
            for place, (entity, forms) in enumerate(zip(self._entities(seed), self._forms(arm, seed), strict=True)):
                # The planner gives all forms to each group of entities; groups take turns, so that every pass has all.
                turn = number + place * len(forms) // len(FORMS)
                told.append(entity.told(forms[turn % len(forms)]))
        questions = self._trained(seed)
        texts = told + draw.sample(questions, max(1, round(self.world.questions * len(questions))))
        draw.shuffle(texts)
        return [TrainingText(_broken(text, settings, draw)) for text in texts]

    def tasks(self, seed: int) -> list[Task]:
        """Questions of both halves, and cloze of the held-out half."""
        draw = random.Random(f"knowledge {seed} tasks")
        trained, held = ([item for entity in half for item in entity.questions(draw)] for half in self.halves(seed))
        return [
            Task("held_out", "exact", held, curve=True),
            Task("trained", "exact", trained, curve=True),
            Task("cloze", "cloze", held),
            Task("telling", "cloze", [self._within(entity, draw) for entity in self.halves(seed)[1]]),
        ]

    def _within(self, entity: Entity, draw: random.Random) -> Question:
        """The first value of a form, to be told from the name and the words between."""
        form = draw.choice(FORMS)
        slots = {attribute: form.index(f"{{{attribute}}}") for attribute in entity.facts}
        attribute = min(slots, key=lambda name: slots[name])
        before = form[: slots[attribute]].format(name=entity.name).rstrip()
        right = entity.facts[attribute]
        wrong = wrong_values(attribute, right, draw)
        return Question(before, f" {right}", tuple(f" {value}" for value in wrong), entity.name)

    def groups(self, score: str, seed: int, items: int) -> list[str]:
        """The entity that each item asks about."""
        task = next(task for task in self.tasks(seed) if task.name == score)
        return [question.group for question in task.questions]

    def judge(self, task: Task, answers: Sequence[tuple[str, bool]]) -> Mapping[str, Sequence[float]]:
        """Nothing here is judged from whole generations."""
        raise NotImplementedError(task.name)
