"""Arms of real documents: what recipes made, what a store holds, or files of texts.

An arm names `recipe:` (run from where it was left, then read), `store:` (the output of a run) or `texts:` (JSON lines
with `text`, or a plain text file), or several of them in `mix:` with shares of characters; each pass over an arm reads
every document of a part as often as its share asks. The tokenizer is trained once on the real text of the control that
the world names, so that no arm is flattered by its own; held-out text is given as files, and an arm that
holds one of these texts (but for case, spaces and the form of characters) is refused before anything is trained.

Scores: `bits_per_byte` on the held-out texts (lower is better); `cloze`, the normalised probability of the right answer
among its distractors, for questions given as JSON lines with `prompt`, `answer`, `wrong` and perhaps `group`.

Resident: the texts of all arms. A clean comparison gives all arms the same sources; the page shows the digests.
"""

from __future__ import annotations

import random
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import orjson
from pydantic import model_validator

from retold.core.errors import SourceError
from retold.core.fingerprint import digest_bytes
from retold.core.settings import Settings, execution, identity
from retold.measure.builder import Question, Task, TrainingText
from retold.measure.vocabulary import END
from retold.pack.tokenizer import train as train_bpe
from retold.runner.session import Session
from retold.store import StoreView

VERSION = 1
MOST_TIMES = 16
"""A document is read at most so often in one pass, whatever the shares."""


class WorldSettings(Settings):
    """What all arms share. Files are identity by their content."""

    held_out: str = execution(description="file of texts on which no arm is trained")
    questions: str = execution("", description="file of cloze questions")
    tokenizer_from: str = execution(description="file of real texts, or output of a run, to train the tokenizer on")
    vocabulary: int = identity(2048, ge=300, le=200_000)
    length: int = identity(256, ge=16, description="tokens of a window when held-out texts are scored")


class ArmSettings(Settings):
    """Exactly one place, or a mixture of arms like it."""

    recipe: str = execution("")
    store: str = execution("")
    texts: str = execution("")
    kinds: tuple[str, ...] = identity(("source", "retelling", "reflection"))
    mix: tuple[ArmPart, ...] = identity(())
    draw: int = identity(0, ge=0, description="a copy of an arm with other luck: first weights and order of texts")

    @model_validator(mode="after")
    def _one(self) -> ArmSettings:
        if sum(map(bool, (self.recipe, self.store, self.texts, self.mix))) != 1:
            raise ValueError("an arm names one of recipe, store, texts or mix")
        return self


class ArmPart(Settings):
    """A part of a mixture."""

    share: float = identity(gt=0, description="of the characters of a pass")
    recipe: str = execution("")
    store: str = execution("")
    texts: str = execution("")
    kinds: tuple[str, ...] = identity(("source", "retelling", "reflection"))


ArmSettings.model_rebuild()


class Documents:
    """Builder `documents`."""

    World: ClassVar[type[Settings]] = WorldSettings
    Arm: ClassVar[type[Settings]] = ArmSettings
    scores: ClassVar[Mapping[str, str]] = {
        "bits_per_byte": "bits per byte of held-out real text",
        "cloze": "probability of the right answer among its distractors",
    }
    lower: ClassVar[frozenset[str]] = frozenset({"bits_per_byte"})

    def __init__(self, world: WorldSettings, arms: Mapping[str, ArmSettings], base: Path) -> None:
        self.world, self.arms, self.base = world, arms, base
        self._once = lru_cache(maxsize=64)(self._read)

    def check(self, arms: Iterable[str]) -> None:
        """Raises SourceError where an arm holds a held-out text: bits per byte would reward learning it by heart."""
        held = {_normal(text) for text in self._held()} - {""}
        for arm in arms:
            settings = self.arms[arm]
            trained = (one.text for part in settings.mix or (settings,) for one in self._part(part))
            found = next((text for text in trained if _normal(text) in held), None)
            if found is not None:
                raise SourceError(
                    f"arm {arm!r} would train on a text of {self.world.held_out}: {found[:60]!r}",
                    "a held-out text is in no arm: take it out of that file, or out of what the arm reads",
                )

    def identity(self, arm: str) -> Mapping[str, Any]:
        """Settings, and the content of all files and stores that the arm reads."""
        settings, world = self.arms[arm], self.world
        read = [_digest(self._part(part)) for part in settings.mix or (settings,)]
        asked = [repr(question) for question in self._questions()]
        files = [_digest(self._held()), _digest(self._real()), _digest(asked)]
        return {
            "builder": "documents",
            "version": VERSION,
            "texts": read,
            "files": files,
            **world.identity(),
            **settings.identity(),
        }

    def _part(self, part: ArmSettings | ArmPart) -> tuple[TrainingText, ...]:
        return self._once(part.texts, part.store, part.recipe, part.kinds)

    def _read(self, texts: str, store: str, recipe: str, kinds: tuple[str, ...]) -> tuple[TrainingText, ...]:
        """All texts of one place, in the order of their digests: parts and file order change nothing."""
        found: Sequence[TrainingText]
        if texts:
            found = [TrainingText(text) for text in _lines(self.base / texts)]
        elif store:
            found = list(_documents(Session.open(self.base / store).view(), kinds))
        else:
            session = Session.begin(self.base / recipe)
            if not session.nothing_to_do():
                session.run()
            found = list(_documents(session.view(), kinds))
        if not found:
            raise SourceError(f"{texts or store or recipe} holds no text for training", "does it hold kept documents?")
        return tuple(sorted(found, key=lambda one: (digest_bytes(_bytes(one.text)), one.masked)))

    def draw(self, arm: str) -> int:
        """The arm's own luck."""
        return self.arms[arm].draw

    def tokenizer(self, seed: int) -> bytes:
        """Byte-level BPE of the real text named for it."""
        return train_bpe(self._real(), self.world.vocabulary, END)

    def _real(self) -> tuple[str, ...]:
        name = self.world.tokenizer_from
        is_run = (self.base / name).is_dir()
        found = self._once("", name, "", ("source",)) if is_run else self._once(name, "", "", ("source",))
        return tuple(one.text for one in found)

    def _questions(self) -> list[Question]:
        return _asked(self.base / self.world.questions) if self.world.questions else []

    def texts(self, arm: str, seed: int, number: int) -> list[TrainingText]:
        """Pass `number`: every document of the arm, those of a mixture as often as their share asks."""
        settings = self.arms[arm]
        parts = settings.mix or (settings,)
        read = [self._part(part) for part in parts]
        draw = random.Random(f"documents {seed} {settings.draw} pass {number}")
        if settings.mix:
            found = list(_mixed(read, [part.share for part in settings.mix], draw))
        else:
            found = list(read[0])
        draw.shuffle(found)
        return found

    def tasks(self, seed: int) -> list[Task]:
        """Held-out texts, and questions where there are any."""
        held = [Question(text, "", group=str(place)) for place, text in enumerate(self._held())]
        tasks = [Task("bits_per_byte", "bits", held, curve=True, cap=self.world.length)]
        if asked := self._questions():
            tasks.append(Task("cloze", "cloze", asked, curve=True))
        return tasks

    def _held(self) -> tuple[str, ...]:
        return tuple(one.text for one in self._once(self.world.held_out, "", "", ("source",)))

    def groups(self, score: str, seed: int, items: int) -> list[str]:
        """The text or the named group of each item."""
        task = next(task for task in self.tasks(seed) if task.name == score)
        return [question.group or str(place) for place, question in enumerate(task.questions)]

    def judge(self, task: Task, answers: Sequence[tuple[str, bool]]) -> Mapping[str, Sequence[float]]:
        """Nothing here is judged from whole generations."""
        raise NotImplementedError(task.name)


def _mixed(
    read: Sequence[Sequence[TrainingText]], shares: Sequence[float], draw: random.Random
) -> Iterator[TrainingText]:
    """Documents of each part so that characters stand in the ratio of the shares; the part read once sets the scale."""
    sizes = [sum(len(one.text) for one in texts) for texts in read]
    scale = max(size / share for size, share in zip(sizes, shares, strict=True))
    for texts, size, share in zip(read, sizes, shares, strict=True):
        times = min(MOST_TIMES, scale * share / size)
        for _ in range(int(times)):
            yield from texts
        yield from (text for text in texts if draw.random() < times % 1)


def _documents(view: StoreView, kinds: tuple[str, ...]) -> Iterator[TrainingText]:
    """Texts, with the ranges that a model reads and is not trained to write, as packing masks them."""
    for rows in view.documents(kinds, columns=("text", "no_loss")):
        for text, quiet in zip(rows["text"].to_pylist(), rows["no_loss"].to_pylist(), strict=True):
            yield TrainingText(text, tuple((item["start"], item["end"]) for item in quiet or ()))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}", "paths count from the experiment file") from None


def _rows(path: Path, keys: Mapping[str, type], example: str) -> Iterator[dict[str, Any]]:
    """The objects of JSON lines, each with these keys. Raises SourceError for a line that is none."""
    for number, line in enumerate(_content(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise SourceError(f"{path}, line {number}: no JSON: {error}", f"each line is like {example}") from None
        if not isinstance(row, dict) or any(not isinstance(row.get(key), kind) for key, kind in keys.items()):
            raise SourceError(f"{path}, line {number}: needs {', '.join(keys)}", f"each line is like {example}")
        yield row


def _lines(path: Path) -> Iterator[str]:
    """Texts of JSON lines, or of a plain file cut at empty lines."""
    if path.suffix == ".jsonl":
        yield from (row["text"] for row in _rows(path, {"text": str}, '{"text": "..."}'))
    else:
        text = _content(path).decode("utf-8", "replace").replace("\r\n", "\n")
        yield from (piece.strip() for piece in text.split("\n\n") if piece.strip())


def _normal(text: str) -> str:
    """For comparing: compatible forms of characters, case and runs of spaces are one."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _digest(texts: Sequence[TrainingText | str]) -> str:
    plain = (one if isinstance(one, str) else f"{one.text}{one.masked or ''}" for one in texts)
    return digest_bytes(_bytes("\0".join(plain)))


def _asked(path: Path) -> list[Question]:
    example = '{"prompt": "...", "answer": "...", "wrong": ["...", "..."]}'
    found = []
    for row in _rows(path, {"prompt": str, "answer": str, "wrong": list}, example):
        wrong = tuple(map(str, row["wrong"]))
        if not wrong or not all((row["answer"], *wrong)):
            raise SourceError(f"{path}: an answer of {row['prompt']!r:.60} is empty", f"each line is like {example}")
        found.append(Question(row["prompt"], row["answer"], wrong, str(row.get("group", ""))))
    return found
