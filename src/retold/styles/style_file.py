"""Style files: Markdown with YAML front matter, read with line numbers for every fault.

In: the text of a file and the name to show in errors. Out: a `StyleFile` of checked values; what they mean is in
`style.py`. The front matter says what a style is and what its answers must be; the body holds the conversation as
sections `## system`, `## user`, `## assistant`, ending with a user turn. A placeholder is a lower-case word in braces;
other braces (code, JSON) are plain text. Placeholders stand in user turns only, so that text of the web can never be
read as our instruction or as the model's own earlier words.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from retold.core.document import Sampling
from retold.core.errors import RecipeError

Role = Literal["system", "user", "assistant"]
Unit = Literal["passage", "sentence"]
ParserName = Literal["prose", "numbered", "bullets", "qa", "table"]
Support = Literal["numbers", "names"]

ROLES: tuple[Role, ...] = ("system", "user", "assistant")
PLACEHOLDERS = ("passage", "heading", "sentence")
_FENCE = "---"
_SECTION = "## "
_DEFAULTS = Sampling()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContractValues(_Strict):
    """What an answer must be."""

    parser: ParserName
    items: tuple[int, int]
    length: tuple[float, float]
    copy_limit: float = Field(ge=0, le=1)
    grounded: tuple[Support, ...] = ("numbers", "names")

    @field_validator("items", "length")
    @classmethod
    def _ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not 0 <= value[0] <= value[1] or value[1] == 0:
            raise ValueError("give [least, most], both at least 0 and in this order")
        return value


class SamplingValues(_Strict):
    """How the answer is drawn. The seed is not here: it comes from the request's id."""

    temperature: float = Field(_DEFAULTS.temperature, ge=0, le=2)
    top_p: float = Field(_DEFAULTS.top_p, gt=0, le=1)
    top_k: int = Field(_DEFAULTS.top_k, ge=0)
    min_p: float = Field(_DEFAULTS.min_p, ge=0, lt=1)
    repeat_penalty: float = Field(_DEFAULTS.repeat_penalty, ge=0.5, le=2)
    max_tokens: int = Field(_DEFAULTS.max_tokens, ge=1, le=8192)
    stop: tuple[str, ...] = ()


class FrontMatter(_Strict):
    """The keys of a style file."""

    name: str = Field(pattern="^[a-z][a-z0-9_]{0,39}$")
    version: int = Field(ge=1)
    summary: str = Field(min_length=1)
    unit: Unit = "passage"
    control: bool = False
    min_model: str = ""
    evidence: str = ""
    contract: ContractValues
    sampling: SamplingValues = SamplingValues()
    prefill: str = ""


@dataclass(frozen=True, slots=True)
class StyleFile:
    """A style file that has been read and checked."""

    front: FrontMatter
    turns: tuple[tuple[Role, str], ...]


def read(text: str, where: str) -> StyleFile:
    """Read a style file.

    Raises RecipeError, with file and line, for a missing fence or section, an unknown or doubled key, a value out of
    range, an unknown placeholder, or turns in an impossible order; each error carries its fix.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines or lines[0].strip() != _FENCE:
        raise fault(where, 1, "the file does not begin with front matter", f"make {_FENCE} the first line")
    closing = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == _FENCE), None)
    if closing is None:
        raise fault(where, 1, "the front matter is not closed", f"put {_FENCE} on a line after the last key")
    front = _front("\n".join(lines[1:closing]), where)
    turns = _turns(lines[closing + 1 :], closing + 2, where, front.unit)
    return StyleFile(front, turns)


def fault(where: str, line: int, message: str, fix: str) -> RecipeError:
    """The error for a fault in a style file."""
    return RecipeError(f"{where}, line {line}: {message}", fix)


def nearest(word: str, valid: Iterable[str]) -> str:
    """Advice for a misspelt word: the nearest valid one, or all of them."""
    choices = sorted(valid)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"choose from {', '.join(choices)}"


def split_template(template: str) -> Iterator[tuple[str, bool]]:
    """Pieces of a template in order: (text, False) or (placeholder name, True)."""
    rest = template
    plain = ""
    while rest:
        before, brace, after = rest.partition("{")
        plain += before
        name, closing, remainder = after.partition("}")
        if brace and closing and name.isascii() and name.replace("_", "").isalpha() and name.islower():
            if plain:
                yield plain, False
            yield name, True
            plain, rest = "", remainder
        else:
            plain, rest = plain + brace, after
    if plain:
        yield plain, False


def _front(text: str, where: str) -> FrontMatter:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 2
        problem = getattr(error, "problem", None) or "not YAML"
        raise fault(where, line, f"the front matter cannot be read: {problem}", "check quotes and colons") from None
    if not isinstance(node, yaml.MappingNode):
        raise fault(where, 2, "the front matter holds no keys", "begin with name, version, summary and contract")
    lines = _key_lines(node, where)
    try:
        return FrontMatter.model_validate(values)
    except ValidationError as error:
        faults = sorted(error.errors(), key=lambda item: item["type"] != "extra_forbidden")  # a typo also leaves a gap
        raise _explain(faults[0], lines, where) from None


def _key_lines(node: yaml.MappingNode, where: str, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], int]:
    """Line (counted in the file) of every key; refuses a key given twice, of which YAML would keep the last."""
    lines: dict[tuple[str, ...], int] = {}
    for key, value in node.value:
        here = (*path, str(key.value))
        line = key.start_mark.line + 2
        if here in lines:
            raise fault(
                where, line, f"{'.'.join(here)} is given twice", f"keep one (the other is on line {lines[here]})"
            )
        lines[here] = line
        if isinstance(value, yaml.MappingNode):
            lines.update(_key_lines(value, where, here))
    return lines


def _explain(error: ErrorDetails, lines: dict[tuple[str, ...], int], where: str) -> RecipeError:
    path = tuple(str(step) for step in error["loc"])
    known = next((path[:size] for size in range(len(path), 0, -1) if path[:size] in lines), ())
    line = lines.get(known, 2)
    name = ".".join(path)
    if error["type"] == "extra_forbidden":
        return fault(where, line, f"unknown key {name}", _unknown_key(path))
    if error["type"] == "missing":
        return fault(where, line, f"{name} is missing", f"add {path[-1]}: see the built-in styles for an example")
    given = str(error["input"])[:60]
    advice = error["msg"].removeprefix("Value error, ").replace("Input should", "it should")
    if error["type"] == "string_pattern_mismatch":
        advice = "use small letters, digits and underscores, and begin with a letter"
    if error["type"] == "literal_error":
        advice = nearest(given, str(error["ctx"]["expected"]).replace(" or ", ", ").replace("'", "").split(", "))
    return fault(where, line, f"{name} cannot be {given}", advice)


def _unknown_key(path: tuple[str, ...]) -> str:
    if path == ("sampling", "seed"):
        return "leave it out: the seed of every request comes from the request's id"
    models: dict[tuple[str, ...], type[BaseModel]] = {(): FrontMatter, ("contract",): ContractValues}
    model: Any = models.get(path[:-1], SamplingValues)
    return nearest(path[-1], model.model_fields)


def _turns(lines: list[str], first_line: int, where: str, unit: Unit) -> tuple[tuple[Role, str], ...]:
    sections: list[tuple[int, Role, list[str]]] = []
    for number, line in enumerate(lines, first_line):
        if line.startswith(_SECTION):
            sections.append((number, _role(line[len(_SECTION) :].strip(), number, where), []))
        elif sections:
            sections[-1][2].append(line.rstrip())
        elif line.strip():
            raise fault(where, number, "text before the first section", f"put it under {_SECTION}user")
    for number, role, body in sections:
        _check_turn(role, "\n".join(body), number, where)
    turns = tuple((role, "\n".join(body).strip()) for _, role, body in sections)
    _check_order([(number, role) for number, role, _ in sections], first_line, where)
    _check_use(turns, unit, sections[-1][0], where)
    return turns


def _role(word: str, line: int, where: str) -> Role:
    for role in ROLES:
        if word == role:
            return role
    raise fault(where, line, f"unknown section {word!r}", nearest(word, ROLES))


def _check_turn(role: Role, text: str, line: int, where: str) -> None:
    if not text.strip():
        raise fault(where, line, f"the section {role} is empty", "write its text, or remove the section")
    for name, is_placeholder in split_template(text):
        if is_placeholder and name not in PLACEHOLDERS:
            at = line + 1 + text[: text.index("{" + name)].count("\n")
            raise fault(where, at, f"unknown placeholder {{{name}}}", nearest(name, PLACEHOLDERS))
        if is_placeholder and role != "user":
            fix = "move it to a user section: source text may never speak as system or assistant"
            raise fault(where, line, f"placeholder {{{name}}} in the section {role}", fix)


def _check_order(roles: list[tuple[int, Role]], first_line: int, where: str) -> None:
    if not roles:
        raise fault(where, first_line, "no section", f"add a line {_SECTION}user and the prompt under it")
    expected: Role = "user"
    for position, (line, role) in enumerate(roles):
        if position == 0 and role == "system":
            continue
        if role != expected:
            raise fault(where, line, f"a section {role} where {expected} belongs", "alternate user and assistant")
        expected = "assistant" if role == "user" else "user"
    if roles[-1][1] != "user":
        fix = "end with a section user; give the first characters of the answer as prefill"
        raise fault(where, roles[-1][0], f"the last section is {roles[-1][1]}", fix)


def _check_use(turns: tuple[tuple[Role, str], ...], unit: Unit, line: int, where: str) -> None:
    used = {name for name, is_placeholder in split_template(turns[-1][1]) if is_placeholder}
    if unit not in used:
        fix = f"write {{{unit}}} where the {unit} goes; put it before the instruction, so that caches can share it"
        raise fault(where, line, f"the last section user does not use {{{unit}}}", fix)
