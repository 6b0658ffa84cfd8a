"""Every key that a recipe may have, from the settings themselves: `retold keys`, and docs/recipe.md.

In: nothing; the settings of all rooms say what there is. Out: sections in the order of a recipe, each with its keys,
their defaults and what they mean. What a settings model does not describe beside a field is taken from its docstring,
where a line "name: meaning" stands. Nothing is told twice, so nothing told here can be wrong for long: a test compares
the page with the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from retold.clean import CURATE, PRESETS
from retold.decontaminate import DECONTAMINATE
from retold.dedup import FOLDS
from retold.engines.settings import CheckpointSettings, EmbeddedSettings, HttpSettings, ScriptedSettings
from retold.mix import MixSettings
from retold.pack import PackSettings
from retold.read import Source
from retold.reflect import ReflectSettings
from retold.rephrase.settings import PassageSettings, RephraseSettings, UntilSettings
from retold.runner.recipe import RecipeSettings, StopIf
from retold.select import SELECT
from retold.verify import VerifySettings

REDONE = "identity"


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `default` as one would write it, "" where it must be given; `redoes`: a change makes rows anew."""

    name: str
    default: str
    meaning: str
    redoes: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The keys of one mapping. `path` is where it stands ("curate.language"); `about` what it is."""

    path: str
    about: str
    keys: tuple[Key, ...]


def sections() -> Iterator[Section]:
    """All sections, in the order in which one writes a recipe."""
    yield _section("", RecipeSettings)
    yield _section("sources.NAME", Source)
    for name, entry in CURATE.items():
        yield _section(f"curate.{name}", entry)
    for name, fold in FOLDS.items():
        yield _section(f"curate.{name}", fold)
    for name, step in {**DECONTAMINATE, **SELECT}.items():
        yield _section(f"curate.{name}", step)
    yield Section("curate.preset", "Entries under one name: " + ", ".join(sorted(PRESETS)), ())
    engines: dict[str, type[BaseModel]] = {
        "embedded": EmbeddedSettings, "http": HttpSettings, "checkpoint": CheckpointSettings,
        "scripted": ScriptedSettings,
    }  # fmt: skip
    for name, settings in engines.items():
        yield _section(f"engines.NAME.{name}", settings)
    yield _section("rephrase", RephraseSettings)
    yield _section("rephrase.passage", PassageSettings)
    yield _section("rephrase.until", UntilSettings)
    yield _section("verify", VerifySettings)
    yield _section("reflect", ReflectSettings)
    yield _section("mix", MixSettings)
    yield _section("pack", PackSettings)
    yield _section("stop_if", StopIf)


def markdown() -> str:
    """The page docs/recipe.md."""
    lines = [
        "# Every key of a recipe",
        "",
        "Made from the settings by `retold keys --markdown`; `retold keys PART` prints a part. *Redoes*: a change",
        "makes rows anew; what is not marked moves a run or speeds it up, and keeps every row.",
    ]
    for section in sections():
        lines += ["", f"## {section.path or 'recipe'}", "", section.about]
        if section.keys:
            lines += ["", "| key | default | redoes | meaning |", "|---|---|---|---|"]
        for key in section.keys:
            default = f"`{key.default}`" if key.default else "required"
            lines.append(f"| {key.name} | {_cell(default)} | {'yes' * key.redoes} | {_cell(key.meaning)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _section(path: str, model: type[BaseModel]) -> Section:
    told = model.__doc__ or ""
    meanings = _meanings(told)
    keys = [
        Key(info.alias or name, _default(info), info.description or meanings.get(name, ""), _redoes(info))
        for name, info in model.model_fields.items()
        if not name.startswith("_")
    ]
    return Section(path, " ".join(told.split("\n\n")[0].split()), tuple(keys))


def _meanings(told: str) -> dict[str, str]:
    """`name: meaning` lines of a docstring."""
    pairs = (line.strip().partition(": ") for line in told.splitlines())
    return {name: meaning for name, found, meaning in pairs if found and name.isidentifier()}


def _redoes(info: FieldInfo) -> bool:
    extra = info.json_schema_extra
    return isinstance(extra, dict) and REDONE in extra.values()


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return ""
    return _written(info.get_default(call_default_factory=True))


def _written(value: Any) -> str:
    """A value as one writes it in YAML, on one line."""
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_defaults=True)
    if isinstance(value, tuple | set | frozenset):
        value = list(value)
    if value is None:
        return "none"
    return (
        str(yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True))
        .removesuffix("\n...\n")
        .strip()
    )
