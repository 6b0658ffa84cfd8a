"""YAML with line numbers, and what to say where a recipe or a style file is wrong.

Every message names the file, the line, the key, what was expected and the nearest valid spelling.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from retold.core.errors import RecipeError

MESSAGES_SHOWN = 5
VALUES_ALLOWED = 20_000
SYNTAX = "check indentation, colons, quotes"

Loc = tuple[str | int, ...]


@dataclass
class Lines:
    """The line of each key path in a file."""

    path: str
    lines: dict[Loc, int] = field(default_factory=dict)
    first_line: int = 1

    def at(self, loc: Sequence[str | int]) -> tuple[Loc, int]:
        """The longest part of `loc` that the file has (what only the model knows is skipped), and its line."""
        known: Loc = ()
        for segment in loc:
            if (*known, segment) in self.lines:
                known = (*known, segment)
        return known, self.lines.get(known, self.first_line)

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


def advice(word: str, valid: Iterable[str]) -> str:
    """What to say of a misspelt word: the nearest valid one, or all of them."""
    choices = sorted(valid)
    near = nearest(word, choices)
    return f"did you mean {near}?" if near else f"it can be: {', '.join(choices)}"


def values_of(text: str, path: str, first_line: int = 1) -> tuple[Any, Lines]:
    """YAML text as plain values, and the lines of its keys; `first_line` is where the text begins in its file.

    Loads safely: no tags, no key twice, no aliases that multiply. Raises RecipeError, with the line, for all of these.
    """
    lines = Lines(path, first_line=first_line)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        return (None if node is None else _value(node, (), lines)), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = (mark.line if mark else 0) + first_line
        raise RecipeError(f"{path}:{line}: not valid YAML: {error.problem}", SYNTAX) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise RecipeError(f"{path}: not valid YAML: {error}", SYNTAX) from error


def _value(node: yaml.Node, loc: Loc, lines: Lines) -> Any:
    lines.lines.setdefault(loc, node.start_mark.line + lines.first_line)
    if len(lines.lines) > VALUES_ALLOWED:
        raise lines.error((), "more values than a recipe can have", "do aliases (*name) multiply each other?")
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            lines.lines[(*loc, key)] = key_node.start_mark.line + lines.first_line
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
    found = error.errors(include_url=False)
    for item in sorted(found, key=lambda item: item["type"] != "extra_forbidden"):  # a typo also leaves a gap
        message = _message(dict(item), model, lines, prefix)
        if message not in messages:
            messages.append(message)
    shown = messages[:MESSAGES_SHOWN]
    if len(messages) > len(shown):
        shown.append(f"... and {len(messages) - len(shown)} more")
    return RecipeError("\n".join(shown))


def _message(item: dict[str, Any], model: type[BaseModel], lines: Lines, prefix: Loc) -> str:
    loc = (*prefix, *item["loc"])
    given = item.get("input")
    if item["type"] == "extra_forbidden":
        return str(lines.error(loc, "there is no such key", advice(str(loc[-1]), fields_at(model, item["loc"][:-1]))))
    if item["type"] == "missing":
        return str(lines.error(loc[:-1], f"the key `{loc[-1]}` is missing", f"add `{loc[-1]}:`"))
    if item["type"] == "literal_error":
        choices = str(item["ctx"]["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        return str(lines.error(loc, f"cannot be {given!r:.60}", advice(str(given), choices)))
    if item["type"] == "string_pattern_mismatch":  # names are the only strings with a pattern
        fix = "use small letters, digits and underscores, and begin with a letter"
        return str(lines.error(loc, f"cannot be {given!r:.60}", fix))
    text = str(item["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message, _, fix = text.partition("\n  ")
    if not fix and not isinstance(given, dict) and str(given) not in message:
        fix = f"it says {given!r:.60}"
    return str(lines.error(loc, message[:1].lower() + message[1:] if message.startswith("Input") else message, fix))


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
    return sorted({info.alias or name for current in models for name, info in current.model_fields.items()})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [found for inner in typing.get_args(annotation) for found in _models_in(inner)]
