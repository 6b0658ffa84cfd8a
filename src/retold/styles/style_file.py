"""Style files: Markdown with YAML front matter, read with line numbers for every fault.

In: the text of a file and the name to show in errors. Out: a `StyleFile` of checked values; what they mean is in
`style.py`. The front matter says what a style is and what its answers must be; the body holds the conversation as
sections `## system`, `## user`, `## assistant`, ending with a user turn. A placeholder is a lower-case word in braces;
other braces (code, JSON) are plain text. Placeholders stand in user turns only, so that text of the web can never be
read as our instruction or as the model's own earlier words.

Whatever the front matter leaves out has a default, and a file may be a prompt alone: without front matter the text is
one user turn, the style is called as the file is, and its answers are prose of a tenth to twice the words of the
passage. The digest of a style holds all of it, so a changed prompt is never taken for the old one, whatever `version`
says.

A file may hold two conversations: what follows a line `# large` is for models that follow longer instructions, what
stands above it for models below about a billion parameters, which copy every word of a form that they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from retold.core.document import Sampling
from retold.core.errors import RecipeError
from retold.core.located import advice, explain, values_of
from retold.styles.bound import schema_text

Role = Literal["system", "user", "assistant"]
Unit = Literal["passage", "sentence"]
ParserName = Literal["prose", "numbered", "bullets", "qa", "table", "json", "dialogue", "math", "question", "row"]
Decoding = Literal["plain", "grounded", "ordered"]
Assembly = Literal["passage", "numbered", "pairs", "rows"]
Support = Literal["numbers", "names"]

ROLES: tuple[Role, ...] = ("system", "user", "assistant")
PLACEHOLDERS = ("passage", "heading", "sentence")
_FENCE = "---"
_SECTION = "## "
_LARGE = "# large"
_DEFAULTS = Sampling()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContractValues(_Strict):
    """What an answer must be."""

    parser: ParserName = "prose"
    items: tuple[int, int] = (1, 100)
    length: tuple[float, float] = (0.1, 2.0)
    copy_limit: float = Field(0.9, ge=0, le=1)
    grounded: tuple[Support, ...] = ("numbers", "names")
    adds: bool = False
    appended: bool = False
    likely: float | None = Field(None, ge=-20, le=0)

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


class LargeValues(_Strict):
    """What differs beside the prompt where a larger model is asked; what is left out is as for the small one."""

    sampling: SamplingValues | None = None
    prefill: str | None = None
    unit: Unit | None = None


class FrontMatter(_Strict):
    """The keys of a style file."""

    name: str = Field(pattern="^[a-z][a-z0-9_]{0,39}$")
    version: int = Field(1, ge=1)
    summary: str = "a style of your own"
    unit: Unit = "passage"
    assemble: Assembly = "passage"
    control: bool = False
    min_model: str = ""
    evidence: str = ""
    contract: ContractValues = ContractValues()
    sampling: SamplingValues = SamplingValues()
    prefill: str = ""
    grammar: str = ""
    json_schema: dict[str, Any] | None = Field(None, alias="schema")
    logprobs: bool = False
    decoding: Decoding = "plain"
    large: LargeValues | None = None

    @field_validator("json_schema")
    @classmethod
    def _is_schema(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None:
            schema_text(value)
        return value

    @model_validator(mode="after")
    def _bound_once(self) -> FrontMatter:
        if self.json_schema is not None and self.grammar:
            raise ValueError("an answer is bound to a schema or to a grammar, not to both\n  keep one of them")
        if self.decoding != "plain" and self.needs_form:
            raise ValueError(
                f"{self.decoding} decoding brings a grammar of its own\n  leave schema: and grammar: out beside it"
            )
        if self.json_schema is not None and self.prefill:
            raise ValueError("an answer in JSON begins with itself\n  leave prefill: out beside schema:")
        return self

    @model_validator(mode="after")
    def _assembled(self) -> FrontMatter:
        if self.assemble != "passage" and self.unit != "sentence":
            raise ValueError("only single sentences are put together\n  set unit: sentence, or leave assemble: out")
        if self.decoding == "ordered" and self.unit != "sentence":
            raise ValueError("ordered decoding is of single sentences\n  set unit: sentence, or decoding: grounded")
        return self

    @property
    def needs_form(self) -> bool:
        """Whether the file itself binds answers."""
        return bool(self.grammar) or self.json_schema is not None


@dataclass(frozen=True, slots=True)
class StyleFile:
    """A style file that has been read and checked. `large`: the conversation for larger models, empty where it has one
    for all."""

    front: FrontMatter
    turns: tuple[tuple[Role, str], ...]
    large: tuple[tuple[Role, str], ...] = ()


def read(text: str, where: str, name: str = "own") -> StyleFile:
    """Read a style file; `name` is what the style is called where the file does not say.

    Raises RecipeError, with file and line, for a missing fence or section, an unknown or doubled key, a value out of
    range, an unknown placeholder, or turns in an impossible order; each error carries its fix.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front, body, first = _parts(lines, where, name)
    parted = next((number for number, line in enumerate(body) if line.strip() == _LARGE), len(body))
    turns = _turns(body[:parted], first, where, front.unit)
    if parted < len(body):
        unit = (front.large.unit if front.large else None) or front.unit
        return StyleFile(front, turns, _turns(body[parted + 1 :], first + parted + 1, where, unit))
    if front.large is not None:
        raise fault(where, 1, f"large: says how, and no line {_LARGE} says what", f"add {_LARGE} and its ## user")
    return StyleFile(front, turns)


def _parts(lines: list[str], where: str, name: str) -> tuple[FrontMatter, list[str], int]:
    """Front matter, the lines below it, and the number of the first of them."""
    if all(line.strip() != _FENCE for line in lines):
        return _front("", where, name), lines, 1
    if lines[0].strip() != _FENCE:
        raise fault(where, 1, "the file does not begin with front matter", f"make {_FENCE} the first line")
    closing = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == _FENCE), None)
    if closing is None:
        raise fault(where, 1, "the front matter is not closed", f"put {_FENCE} on a line after the last key")
    return _front("\n".join(lines[1:closing]), where, name), lines[closing + 1 :], closing + 2


def fault(where: str, line: int, message: str, fix: str) -> RecipeError:
    """The error for a fault in a style file."""
    return RecipeError(f"{where}:{line}: {message}", fix)


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


def _front(text: str, where: str, name: str) -> FrontMatter:
    values, lines = values_of(text, where, first_line=2)
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise fault(where, 2, "the front matter holds no keys", "begin with name, version, summary and contract")
    if "seed" in (values.get("sampling") or {}):
        fix = "leave it out: the seed of every request comes from the request's id"
        raise lines.error(("sampling", "seed"), "a style has no seed of its own", fix)
    try:
        return FrontMatter.model_validate({"name": name, **values})
    except ValidationError as error:
        raise explain(error, FrontMatter, lines) from None


def _turns(lines: list[str], first_line: int, where: str, unit: Unit) -> tuple[tuple[Role, str], ...]:
    sections: list[tuple[int, Role, list[str]]] = []
    before = 0
    for number, line in enumerate(lines, first_line):
        if line.startswith(_SECTION):
            sections.append((number, _role(line[len(_SECTION) :].strip(), number, where), []))
        elif sections:
            sections[-1][2].append(line.rstrip())
        elif line.strip():
            before = before or number
    if before and sections:
        raise fault(where, before, "text before the first section", f"put it under {_SECTION}user")
    if before:  # a prompt without sections is one turn
        sections = [(first_line - 1, "user", [line.rstrip() for line in lines])]
    for number, role, body in sections:
        _check_turn(role, "\n".join(body), number, where)
    turns = tuple((role, "\n".join(body).strip()) for _, role, body in sections)
    _check_order([(number, role) for number, role, _ in sections], first_line, where)
    _check_use(turns, unit, max(1, sections[-1][0]), where)
    return turns


def _role(word: str, line: int, where: str) -> Role:
    for role in ROLES:
        if word == role:
            return role
    raise fault(where, line, f"unknown section {word!r}", advice(word, ROLES))


def _check_turn(role: Role, text: str, line: int, where: str) -> None:
    if not text.strip():
        raise fault(where, line, f"the section {role} is empty", "write its text, or remove the section")
    for name, is_placeholder in split_template(text):
        if is_placeholder and name not in PLACEHOLDERS:
            at = line + 1 + text[: text.index("{" + name)].count("\n")
            raise fault(where, at, f"unknown placeholder {{{name}}}", advice(name, PLACEHOLDERS))
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
