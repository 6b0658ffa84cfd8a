"""YAML with line numbers, and what to say where a recipe is wrong.

`parse` loads safely (no tags, no aliases that multiply, no key twice) and remembers the line of every key, so that each
message names the file, the line, the key, what was expected and the nearest valid spelling.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from retold.core.errors import RecipeError

MESSAGES_SHOWN = 5
RECIPE_LIMIT = 1 << 20
VALUES_ALLOWED = 20_000

Loc = tuple[str | int, ...]


@dataclass
class Lines:
    """The line of each key path in a file."""

    path: str
    lines: dict[Loc, int] = field(default_factory=dict)

    def at(self, loc: Sequence[str | int]) -> tuple[Loc, int]:
        """The longest part of `loc` that the file has (what only the model knows is skipped), and its line."""
        known: Loc = ()
        for segment in loc:
            if (*known, segment) in self.lines:
                known = (*known, segment)
        return known, self.lines.get(known, 1)

    def error(self, loc: Sequence[str | int], message: str, fix: str = "") -> RecipeError:
        """An error at a key."""
        known, line = self.at(loc)
        where = dotted(known)
        return RecipeError(f"{self.path}:{line}: {where + ': ' if where else ''}{message}", fix)


def dotted(loc: Iterable[str | int]) -> str:
    """`("curate", 1, "keep")` as `curate[1].keep`."""
    text = ""
    for segment in loc:
        text += f"[{segment}]" if isinstance(segment, int) else f".{segment}" if text else str(segment)
    return text


def nearest(word: str, choices: Iterable[str]) -> str:
    """The nearest valid spelling, or nothing."""
    found = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return found[0] if found else ""


def parse(path: Path) -> tuple[dict[str, Any], Lines]:
    """A recipe file as plain values with lines. Raises RecipeError for a file that is no such thing."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        near = nearest(path.name, (item.name for item in path.parent.glob("*.y*ml")) if path.parent.is_dir() else ())
        hint = f"did you mean {path.parent / near}?" if near else "make one with: retold new YOUR_FILES"
        raise RecipeError(f"no recipe at {path}", hint) from error
    except IsADirectoryError as error:
        raise RecipeError(
            f"{path} is a folder, not a recipe", "make a recipe for its files with: retold new"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"cannot read {path}: {error}", "a recipe is a YAML file in UTF-8") from error
    if len(text) > RECIPE_LIMIT:
        raise RecipeError(f"{path} has {len(text):,} characters; a recipe is small", "is this a data file?")
    lines = Lines(str(path))
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        value = _value(node, (), lines) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise RecipeError(
            f"{path}:{line}: not valid YAML: {error.problem}", "check indentation, colons, quotes"
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise RecipeError(f"{path}: not valid YAML: {error}", "check indentation, colons, quotes") from error
    if not isinstance(value, dict):
        raise RecipeError(f"{path}:1: a recipe is a list of `key: value` lines", "start with `sources:`")
    return value, lines


def _value(node: yaml.Node, loc: Loc, lines: Lines) -> Any:
    lines.lines.setdefault(loc, node.start_mark.line + 1)
    if len(lines.lines) > VALUES_ALLOWED:
        raise lines.error((), "more values than a recipe can have", "do aliases (*name) multiply each other?")
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            lines.lines[(*loc, key)] = key_node.start_mark.line + 1
            if key in mapping:
                raise lines.error((*loc, key), "this key is there twice", "keep one of them")
            mapping[key] = _value(value_node, (*loc, key), lines)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*loc, index), lines) for index, item in enumerate(node.value)]
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def explain(error: ValidationError, model: type[BaseModel], lines: Lines, prefix: Loc = ()) -> RecipeError:
    """All that pydantic found wrong, each with its line and what to do."""
    messages: list[str] = []
    for item in error.errors(include_url=False):
        message = _message(dict(item), model, lines, prefix)
        if message not in messages:
            messages.append(message)
    shown = messages[:MESSAGES_SHOWN]
    if len(messages) > len(shown):
        shown.append(f"... and {len(messages) - len(shown)} more")
    return RecipeError("\n".join(shown))


def _message(item: dict[str, Any], model: type[BaseModel], lines: Lines, prefix: Loc) -> str:
    loc = (*prefix, *item["loc"])
    if item["type"] == "extra_forbidden":
        choices = fields_at(model, item["loc"][:-1])
        near = nearest(str(loc[-1]), choices)
        fix = f"did you mean `{near}`?" if near else f"it can be: {', '.join(choices)}"
        return str(lines.error(loc, "there is no such key", fix))
    if item["type"] == "missing":
        return str(lines.error(loc[:-1], f"the key `{loc[-1]}` is missing", f"add `{loc[-1]}:`"))
    text = str(item["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message, _, fix = text.partition("\n  ")
    return str(lines.error(loc, message[:1].lower() + message[1:] if not fix else message, fix or _expected(item)))


def _expected(item: dict[str, Any]) -> str:
    given = item.get("input")
    if item["type"] == "value_error" or isinstance(given, dict | list):
        return ""
    return f"it says {given!r}"


def fields_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The keys that a mapping at `loc` may have."""
    models = [model]
    for segment in loc:
        following: list[type[BaseModel]] = []
        for current in models:
            if current.__name__ == segment:
                following.append(current)
            elif isinstance(segment, str) and segment in current.model_fields:
                following += _models_in(current.model_fields[segment].annotation)
        models = following or models
    return sorted({name for current in models for name in current.model_fields})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [found for inner in typing.get_args(annotation) for found in _models_in(inner)]
