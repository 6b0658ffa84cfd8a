"""Recovery: does training on errors that are noticed and corrected teach a model to recover from one?

Arms are mixtures of `reflect`'s builders over the same tasks: answers alone, steps, steps with some errors that are
fixed, the same without loss on the wrong step, steps with errors that nobody notices. A tenth of all questions, chosen
by their digest, is never trained on in any arm, and models are asked those alone.

Scores, from greedy answers to held-out questions: `clean`, the final answer is right; `recovered`, it is right after a
wrong step was put into the model's mouth; `false_alarms`, a correction is announced after a prefix that is right;
`loops`, three corrections or more, repetition, or no end by the cap, over all three batteries; `own_corrections`, a
correction is announced in an answer to a clean question.

Source of the question: experiment E8 after work on reflection in pre-training (adversarial, injected errors), here on
tasks whose every line a program knows.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from pydantic import field_validator

from retold import reflect
from retold.core.fingerprint import uniform
from retold.core.settings import Settings, identity
from retold.measure.builder import Question, Task, TrainingText
from retold.measure.loops import look
from retold.measure.vocabulary import whole_words
from retold.reflect.wording import PLAIN_NOTICES

VERSION = 1
HELD_OUT = 0.1
LARGEST = 400
"""Numbers that the vocabulary knows."""
ANSWER = "Answer: "
CAP = 72


class WorldSettings(Settings):
    """The tasks that all arms share."""

    tasks: tuple[str, ...] = identity(("arithmetic",))
    level: int = identity(1, ge=0, le=3)
    texts: int = identity(4000, ge=10, description="texts of a pass")
    passes: int = identity(6, ge=1, description="passes with new texts; then the first comes again")
    asked: int = identity(300, ge=10, description="held-out questions")


class ArmSettings(Settings):
    """A mixture of builders."""

    mix: dict[str, float] = identity(min_length=1, description="builder to its share of texts")
    mask: bool = identity(False, description="no loss on wrong steps")

    @field_validator("mix")
    @classmethod
    def _known(cls, mix: dict[str, float]) -> dict[str, float]:
        for name in mix:
            if name not in reflect.BUILDERS:
                raise ValueError(f"there is no builder {name!r}; there are: {', '.join(reflect.BUILDERS)}")
        return mix


class Recovery:
    """Builder `recovery`."""

    World: ClassVar[type[Settings]] = WorldSettings
    Arm: ClassVar[type[Settings]] = ArmSettings
    scores: ClassVar[Mapping[str, str]] = {
        "clean": "right answers to held-out questions",
        "recovered": "right answers after a wrong step was injected",
        "false_alarms": "a correction is announced after a right prefix",
        "own_corrections": "a correction is announced in an answer to a clean question",
        "loops": "three corrections, repetition or no end, in any of the three batteries",
    }
    lower: ClassVar[frozenset[str]] = frozenset({"false_alarms", "own_corrections", "loops"})

    def __init__(self, world: WorldSettings, arms: Mapping[str, ArmSettings], base: Path) -> None:
        self.world, self.arms = world, arms
        self._asked = lru_cache(maxsize=4)(self._draw)
        self._pass = lru_cache(maxsize=8)(self._made)

    def check(self, arms: Iterable[str]) -> None:
        """Nothing to look for: what is held out is left out as texts are made."""

    def identity(self, arm: str) -> Mapping[str, Any]:
        """World, arm, and the versions of the builders in it."""
        versions = {name: reflect.BUILDERS[name].version for name in self.arms[arm].mix}
        world = {"builder": "recovery", "version": VERSION, "builders": versions}
        return {**world, **self.world.identity(), **self.arms[arm].identity()}

    def draw(self, arm: str) -> int:
        """No copies here."""
        return 0

    def tokenizer(self, seed: int) -> bytes:
        """Numbers and the few words of plain wording."""
        words = [" + - * / = ? Question Answer : . \n", *PLAIN_NOTICES, ANSWER]
        return whole_words([*words, " ".join(str(number) for number in range(LARGEST)), *self._samples()])

    def _samples(self) -> Iterator[str]:
        for name in sorted({name for arm in self.arms.values() for name in arm.mix} | {"error_then_fix"}):
            for item in self._items(name, 0, 50, 0):
                yield item.text

    def _items(self, builder: str, seed: int, count: int, first: int) -> Iterator[reflect.Item]:
        knobs = {"tasks": self.world.tasks, "level": self.world.level, "wording": "plain"}
        return reflect.items(builder, seed, count, first=first, **knobs)

    def texts(self, arm: str, seed: int, number: int) -> list[TrainingText]:
        """Pass `number`: texts of each builder by its share, held-out questions left out, in an order of its own."""
        texts = list(self._pass(arm, seed, number % self.world.passes))
        random.Random(f"recovery {seed} pass {number}").shuffle(texts)
        return texts

    def _made(self, arm: str, seed: int, number: int) -> tuple[TrainingText, ...]:
        settings, whole = self.arms[arm], sum(self.arms[arm].mix.values())
        found = []
        for builder, share in sorted(settings.mix.items()):
            count = round(self.world.texts * share / whole)
            for item in self._items(builder, seed, count, number * 2 * self.world.texts):
                if not held_out(item.prompt):
                    masked = tuple((span.start, span.end) for span in item.masked) if settings.mask else ()
                    found.append(TrainingText(item.text, masked))
        return tuple(found)

    def _draw(self, seed: int) -> tuple[list[Question], list[Question], list[Question]]:
        """Clean questions, the same with a wrong step injected, and with right steps up to that place."""
        clean, injected, right = [], [], []
        for item in self._items("error_then_fix", seed + 1_000_003, 20 * self.world.asked, 0):
            if not held_out(item.prompt):
                continue
            before = item.text[: item.masked[0].start]
            step = item.text[item.masked[-1].end + 1 :].removeprefix(item.notice + " ").split("\n")[0]
            answer = ANSWER + item.answer
            clean.append(Question(item.prompt, answer, group=item.prompt))
            injected.append(Question(item.injected, answer, group=item.prompt))
            right.append(Question(before + step + "\n", answer, group=item.prompt))
            if len(clean) == self.world.asked:
                break
        return clean, injected, right

    def tasks(self, seed: int) -> list[Task]:
        """The three batteries."""
        clean, injected, right = self._asked(seed)
        return [
            Task("clean", "free", clean, curve=True, cap=CAP),
            Task("recovered", "free", injected, curve=True, cap=CAP),
            Task("false_alarms", "free", right, curve=True, cap=CAP),
        ]

    def groups(self, score: str, seed: int, items: int) -> list[str]:
        """The question behind each item."""
        clean = [question.group for question in self._asked(seed)[0]]
        return clean * (items // len(clean))

    def judge(self, task: Task, answers: Sequence[tuple[str, bool]]) -> Mapping[str, Sequence[float]]:
        """Right answers, corrections, loops."""
        seen = [look(text, ended, PLAIN_NOTICES) for text, ended in answers]
        loops = [float(one.loops) for one in seen]
        corrected = [float(one.corrections > 0) for one in seen]
        if task.name == "false_alarms":
            return {"false_alarms": corrected, "loops": loops}
        right = [
            float(_last_line(text) == question.answer)
            for (text, _), question in zip(answers, task.questions, strict=True)
        ]
        own = {"own_corrections": corrected} if task.name == "clean" else {}
        return {task.name: right, "loops": loops, **own}


def held_out(prompt: str) -> bool:
    """Whether a question is one that no arm trains on."""
    return uniform("recovery", prompt) < HELD_OUT


def _last_line(text: str) -> str:
    return text.rstrip("\n").rpartition("\n")[2]
