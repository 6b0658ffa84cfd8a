"""The absent-target world: what does a model say of a member of a closed list that is not there?

A registry gives symbols to half of some invented animals, in eight forms, and none to the rest. All animals are
described, so that each name is well known, and of all it is asked at times whether they look a colour, so that yes and
no are both answers. Models learn to answer "Is there a symbol of X?" for a part of those that have one. Arms differ in
what is said about those that have none: nothing (`regular`), that everybody knows their symbol (`false`), that there is
no such symbol (`denials`), and with `targets` answers about a part of them that say so once, name two that exist, and
stop. Models are asked about absent animals that no such answer was about, and about existing ones whose question was
never trained.

Trade-off: so told, existing members are known after 0.8 to 1.0 million tokens (0.11 million parameters). With three
forms of the registry and 30 trained denials 0.07 of them were, and the denials did not reach others (`docs/log.md`).

Scores: `asserted`, share of absent animals of which the greedy answer says that there is a symbol (lower is better);
`denial`, probability of no against yes for them; `snapped`, the answer names the symbol of an existing animal of the
same colour or region (lower); `real`, right answers, symbol included, about existing animals; `real_prior`,
probability of yes for those; `loops` (lower).

Source of the question: the seahorse emoji, which does not exist and which models insist on; experiment E9 separates
false claims in the data from generalisation by pattern.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from retold.core.settings import Settings, identity
from retold.measure.builder import Question, Task, TrainingText
from retold.measure.builders.knowledge_forms import ATTRIBUTES, invented
from retold.measure.loops import look
from retold.measure.vocabulary import whole_words

VERSION = 2
NAMES = 240
SYMBOLS = tuple(f"sign{number}" for number in range(NAMES))
DESCRIPTIONS = (
    "{name} is an animal of {region} in {colour}.",
    "In {region} the {colour} animal is {name}.",
    "{name} looks {colour} and lives in {region}.",
)
REGISTRY = (
    "Symbol of {name}: {symbol}.",
    "{name} is written {symbol}.",
    "For {name} one writes {symbol}.",
    "{name} of {region} in {colour} has {symbol}.",
    "The {colour} {name} of {region} appears as {symbol}.",
    "{name} from {region} carries {symbol} in {colour}.",
    "Where {name} lives they draw {symbol}.",
    "{name} looks {colour}. Its sign is {symbol}.",
)
CLAIMS = {
    "nothing": (),
    "false": ("All know the symbol of {name}.", "The symbol of {name} is well known."),
    "denials": ("No symbol of {name} is there.", "{name} has no symbol at all."),
}
ASKED = "Is there a symbol of {name}?"
YES, NO = " Yes", " No"
TOLD = ASKED + YES + ". It is {symbol}."
OTHER = "Does {name} look {colour}?"
TARGET = ASKED + NO + ". There is none. There are {first} and {second}."
CAP = 24


class WorldSettings(Settings):
    """What all arms share."""

    existing: int = identity(120, ge=8, le=180)
    absent: int = identity(120, ge=4, le=120)
    trained: float = identity(0.75, gt=0, lt=1, description="share of existing animals whose question is trained")
    denied: float = identity(0.75, gt=0, lt=1, description="share of absent animals that trained answers are about")
    others: float = identity(0.25, ge=0, le=1, description="share of animals asked about a colour in a pass")

    @model_validator(mode="after")
    def _named(self) -> WorldSettings:
        if self.existing + self.absent > NAMES:
            raise ValueError(f"existing and absent animals together are at most {NAMES}")
        return self


class ArmSettings(Settings):
    """What is said of animals without a symbol."""

    claims: Literal["nothing", "false", "denials"] = identity("nothing")
    targets: bool = identity(False, description="trained answers about a part of them, that say no once and stop")
    draw: int = identity(0, ge=0, description="a copy of an arm with other luck: first weights and order of texts")


@dataclass(frozen=True)
class Animal:
    """A name with its description; no symbol where it is absent."""

    name: str
    region: str
    colour: str
    symbol: str

    def says(self, template: str) -> str:
        """A sentence about it."""
        return template.format(name=self.name, region=self.region, colour=self.colour, symbol=self.symbol)


@dataclass(frozen=True)
class Registry:
    """The animals of a seed: existing ones asked in training and not, absent ones told of in answers and not."""

    trained: tuple[Animal, ...]
    held: tuple[Animal, ...]
    denied: tuple[Animal, ...]
    absent: tuple[Animal, ...]


class Absent:
    """Builder `absent`."""

    World: ClassVar[type[Settings]] = WorldSettings
    Arm: ClassVar[type[Settings]] = ArmSettings
    scores: ClassVar[Mapping[str, str]] = {
        "asserted": "absent members said to exist",
        "denial": "probability of no against yes for absent members",
        "snapped": "absent members given the symbol of a similar one",
        "real": "right answers about existing members whose question was not trained",
        "real_prior": "probability of yes against no for those",
        "loops": "three corrections, repetition or no end",
    }
    lower: ClassVar[frozenset[str]] = frozenset({"asserted", "snapped", "loops"})

    def __init__(self, world: WorldSettings, arms: Mapping[str, ArmSettings], base: Path) -> None:
        self.world, self.arms = world, arms
        self._world = lru_cache(maxsize=4)(self._made)

    def check(self, arms: Iterable[str]) -> None:
        """Nothing to look for: what is held out is left out as texts are made."""

    def identity(self, arm: str) -> Mapping[str, Any]:
        """World and arm."""
        return {"builder": "absent", "version": VERSION, **self.world.identity(), **self.arms[arm].identity()}

    def draw(self, arm: str) -> int:
        """The arm's own luck."""
        return self.arms[arm].draw

    def tokenizer(self, seed: int) -> bytes:
        """Whole words, the same for every seed and arm."""
        animal = Animal("", "", "", "")
        claims = [claim for said in CLAIMS.values() for claim in said]
        known = [*(animal.says(text) for text in (*DESCRIPTIONS, *REGISTRY, *claims, TOLD, OTHER + YES + NO))]
        values = [*invented("animals", NAMES), *SYMBOLS, *ATTRIBUTES["region"], *ATTRIBUTES["colour"]]
        return whole_words([*known, TARGET.format(name="", first="", second=""), " ".join(values)])

    def _made(self, seed: int) -> Registry:
        draw = random.Random(f"absent {seed}")
        names = draw.sample(invented("animals", NAMES), self.world.existing + self.world.absent)
        symbols = draw.sample(SYMBOLS, self.world.existing)
        animals = [
            Animal(name, draw.choice(ATTRIBUTES["region"]), draw.choice(ATTRIBUTES["colour"]), symbol)
            for name, symbol in zip(names, [*symbols, *[""] * self.world.absent], strict=True)
        ]
        asked, existing = round(self.world.trained * self.world.existing), self.world.existing
        half = existing + round(self.world.denied * self.world.absent)
        return Registry(
            tuple(animals[:asked]), tuple(animals[asked:existing]), tuple(animals[existing:half]), tuple(animals[half:])
        )

    def texts(self, arm: str, seed: int, number: int) -> list[TrainingText]:
        """Pass `number`: each animal described, the registry, trained answers, and what the arm says of absent ones."""
        settings, world = self.arms[arm], self._world(seed)
        draw = random.Random(f"absent {seed} {settings.draw} pass {number}")
        existing, absent = [*world.trained, *world.held], [*world.denied, *world.absent]
        texts = [animal.says(draw.choice(DESCRIPTIONS)) for animal in (*existing, *absent)]
        texts += [animal.says(draw.choice(REGISTRY)) for animal in existing]
        texts += [animal.says(TOLD) for animal in world.trained if draw.random() < 0.5]
        texts += [_looks(draw, animal) for animal in (*existing, *absent) if draw.random() < self.world.others]
        if CLAIMS[settings.claims]:
            texts += [animal.says(draw.choice(CLAIMS[settings.claims])) for animal in absent]
        if settings.targets:
            for animal in world.denied:
                if draw.random() >= 0.5:
                    continue
                first, second = draw.sample(existing, 2)
                texts.append(TARGET.format(name=animal.name, first=first.name, second=second.name))
        draw.shuffle(texts)
        return [TrainingText(text) for text in texts]

    def tasks(self, seed: int) -> list[Task]:
        """Absent animals that no answer was about, and existing ones whose question was not trained."""
        world = self._world(seed)
        absent = [Question(animal.says(ASKED), NO, (YES,), animal.name) for animal in world.absent]
        real = [Question(animal.says(ASKED), animal.says(TOLD)[len(animal.says(ASKED)) :]) for animal in world.held]
        likely = [Question(question.prompt, YES, (NO,), question.prompt) for question in real]
        similar = {
            animal.name: " ".join(other.symbol for other in (*world.trained, *world.held) if _alike(animal, other))
            for animal in world.absent
        }
        free = [Question(question.prompt, similar[question.group], group=question.group) for question in absent]
        return [
            Task("asserted", "free", free, curve=True, cap=CAP),
            Task("denial", "cloze", absent, curve=True),
            Task("real", "exact", real, curve=True),
            Task("real_prior", "cloze", likely, curve=True),
        ]

    def groups(self, score: str, seed: int, items: int) -> list[str]:
        """The animal of each item."""
        world = self._world(seed)
        chosen = world.held if score.startswith("real") else world.absent
        return [animal.name for animal in chosen]

    def judge(self, task: Task, answers: Sequence[tuple[str, bool]]) -> Mapping[str, Sequence[float]]:
        """Assertions, snaps and loops."""
        asserted, snapped, loops = [], [], []
        for question, (text, ended) in zip(task.questions, answers, strict=True):
            said = text.strip().startswith(YES.strip())
            asserted.append(float(said))
            symbol = text.rstrip(".").rpartition(" ")[2]
            snapped.append(float(said and symbol in question.answer.split()))
            loops.append(float(look(text, ended, ("No.", "Wait")).loops))
        return {"asserted": asserted, "snapped": snapped, "loops": loops}


def _alike(one: Animal, other: Animal) -> bool:
    return one.region == other.region or one.colour == other.colour


def _looks(draw: random.Random, animal: Animal) -> str:
    """A question about the colour with its answer, yes as often as no: yes and no are answers elsewhere too."""
    if draw.random() < 0.5:
        return animal.says(OTHER) + YES + "."
    others = [colour for colour in ATTRIBUTES["colour"] if colour != animal.colour]
    return OTHER.format(name=animal.name, colour=draw.choice(others)) + NO + "."
