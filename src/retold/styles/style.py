"""A style: one way to retell, as a versioned prompt with the contract that its answers must keep.

`load` reads a built-in style by name or a user's own style file by path; both are the same kind of file (see
`style_file.py`). `render` makes the prompt of one request: our template as trusted segments, text of the source as
untrusted ones, so an engine never reads a chat marker out of a web page.

The passage comes first and the instruction last, so the styles of one passage share a prefix that an engine's cache
pays for once (measured 1.97 times as fast on one llama.cpp slot with short answers; `benchmarks/prefix_reuse.py`).
`ordered` puts the instruction first, for models that follow it better there; `sized` takes the prompt for large
models.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from retold.core.document import Need, Passage, Prompt, Request, Sampling, Segment, Turn, needs_of
from retold.core.errors import RecipeError, plainly
from retold.core.fingerprint import digest
from retold.core.located import advice as spelled
from retold.styles import grounded, sentence_grammar
from retold.styles.bound import grammar_text, schema_text
from retold.styles.style_file import (
    Assembly,
    Decoding,
    ParserName,
    Role,
    StyleFile,
    Support,
    Unit,
    read,
    split_template,
)
from retold.text.blocks import blocks
from retold.text.sentences import flat
from retold.text.tokens import count

Order = Literal["source_first", "instruction_first"]
Size = Literal["small", "large"]
Turns = tuple[tuple[Role, str], ...]
PROMPTS = Path(__file__).parent / "prompts"
SUFFIX = ".md"
NO_HEADING = "this subject"
"""Stands in a prompt where a passage has no heading."""
BELOW = "\n\n"
"""Between a passage and what a style appends to it."""
WARMER, STEP, HOTTEST = 0.4, 0.1, 0.8
"""Temperature of second and third attempts, what every later one adds, and the most: at 0 all would be the first."""
NAME_LENGTH = 40
FLOWING = frozenset({"prose", "item", "note", "label"})
"""Kinds of blocks whose line breaks mean nothing."""
TOKEN_SLACK = 1.25
"""Room above the contract's longest answer, which is counted in words: "too long" is for `verify` to say."""
TOKEN_FLOOR = 32
"""Every answer may have this many tokens, however short its source."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What an answer must be. `items`: least and most, as `parser` counts them (paragraphs, points, pairs, rows).

    `length`: least and most words of the retelling per word of its source. `copy_limit`: largest share of its word
    8-grams that may be found in the source. `grounded`: what `verify` looks up in the source. `adds`: it says more than
    its source on purpose, so that words without support are no fault (its names and numbers are). `appended`: the
    retelling is the passage itself with the answer below it, and all limits are of the answer. `likely`: least mean of
    the natural logarithms of the probabilities that the model gave the tokens of its answer; None asks for none. What a
    small model makes up, it makes up hesitantly.
    """

    parser: ParserName
    items: tuple[int, int]
    length: tuple[float, float]
    copy_limit: float
    grounded: tuple[Support, ...] = ("numbers", "names")
    adds: bool = False
    appended: bool = False
    likely: float | None = None

    def identity(self) -> dict[str, Any]:
        """Its values; what is switched off is left out, so that a new switch changes no fingerprint."""
        return {name: value for name, value in asdict(self).items() if value not in (False, None)}


@dataclass(frozen=True, slots=True)
class Large:
    """What is asked of a larger model instead: the same style, another conversation."""

    turns: Turns
    prefill: str
    sampling: Sampling
    unit: Unit


@dataclass(frozen=True, slots=True)
class Style:
    """One way to retell. `turns` are templates with {passage}, {heading}, {sentence}; `prefill` begins the answer.

    `digest` names everything that decides prompt, answer and judgement; `prompt_digest` only what decides the prompt,
    so that a contract's limits can change without asking the model again. `evidence` and `min_model` are for people.
    `grammar` (GBNF) or `schema` (JSON) bind what follows the prefill; `decoding` "grounded" does so with a grammar of
    each source (`grounded.py`), "ordered" with one of each sentence (`sentence_grammar.py`). `assemble` says what is
    made of answers to single sentences: the passage with them in it, a numbered list, pairs of a question and the
    sentence that answers it, or the rows of a table. `large` is what `sized` puts in the place of the prompt.
    """

    name: str
    version: int
    digest: str
    prompt_digest: str
    summary: str
    unit: Unit
    control: bool
    min_model: str
    evidence: str
    turns: Turns
    prefill: str
    sampling: Sampling
    contract: Contract
    grammar: str = ""
    schema: str = ""
    logprobs: bool = False
    decoding: Decoding = "plain"
    assemble: Assembly = "passage"
    large: Large | None = None

    @property
    def needs(self) -> frozenset[Need]:
        """What its engine must be able to do beyond text."""
        return needs_of(self.grammar or self.decoding.removeprefix("plain"), self.schema, self.logprobs)


def catalogue() -> tuple[Style, ...]:
    """All built-in styles made by a model, by name."""
    return tuple(_built_in(name) for name in _names())


def source(name: str) -> str:
    """The file of a built-in style as it is written, to begin one's own with. Raises RecipeError for another name."""
    load(name)
    return (PROMPTS / f"{name}{SUFFIX}").read_text(encoding="utf-8")


def load(name_or_path: str, base: Path | str = ".", also: Iterable[str] = ()) -> Style:
    """A built-in style by name, or a user's style file by path (one ending in .md or with a slash), relative to `base`.

    `also` are names valid elsewhere (rule-made styles), for the advice on a misspelt one. Raises RecipeError for an
    unknown name, an unreadable or broken file, and a user's style that takes the name of a built-in one.
    """
    if not (name_or_path.endswith(SUFFIX) or "/" in name_or_path):
        if name_or_path not in _names():
            fix = f"{spelled(name_or_path, {*_names(), *also})} (a path to a style of your own ends in {SUFFIX})"
            raise RecipeError(f"no style is called {name_or_path!r}", fix)
        return _built_in(name_or_path)
    path = Path(base) / name_or_path
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        advice = f"paths count from the recipe's folder, {Path(base).absolute()}"
        raise RecipeError(f"no style file at {name_or_path}", advice) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            f"the style file {name_or_path} cannot be read: {plainly(error)}", "make it a UTF-8 text file"
        ) from None
    style = _build(read(text, name_or_path, _called(path)), path)
    if style.name in _names():
        fix = f"give it a name of its own in {name_or_path}, so that the two are never counted as one"
        raise RecipeError(f"{name_or_path} takes the name of the built-in style {style.name!r}", fix)
    return style


def ordered(style: Style, order: Order) -> Style:
    """The style with its source before the instruction, as style files are written, or after it.

    Only the last turn changes; earlier ones are examples. What the instruction calls `above` it then calls `below`. A
    style whose source stands last already is the same in both orders.
    """
    role, template = style.turns[-1]
    before, _, after = template.partition(f"{{{style.unit}}}")
    if order == "source_first" or not after.strip():
        return style
    words = [piece.strip() for piece in (before, after) if piece.strip()]
    instruction = "\n\n".join(words).replace(" above", " below")
    turns = (*style.turns[:-1], (role, f"{instruction}\n\n{{{style.unit}}}"))
    return _digested(replace(style, turns=turns))


def sized(style: Style, size: Size) -> Style:
    """The style with its prompt for large models, where it has one of its own."""
    if size == "small":
        return style
    large = style.large
    if large is None:
        return decoded(style, "plain") if style.decoding == "ordered" else style
    changed = replace(
        style,
        turns=large.turns,
        prefill=large.prefill,
        sampling=large.sampling,
        unit=large.unit,
        assemble="passage",
        decoding="plain",
        contract=replace(style.contract, likely=None),
        logprobs=False,
        large=None,
    )
    return _digested(changed)


def of_unit(style: Style) -> Style:
    """The style as its single answers are held to it: of a sentence one sentence is made, or one question."""
    if style.unit == "passage" or style.assemble == "passage":
        return style
    forms: dict[Assembly, ParserName] = {"pairs": "question", "rows": "row"}
    parser = forms.get(style.assemble, "prose")
    return replace(style, contract=replace(style.contract, parser=parser, items=(1, 1)))


def decoded(style: Style, decoding: Decoding) -> Style:
    """The style with its answers drawn that way. Raises ValueError where it binds its answers itself."""
    if decoding == style.decoding:
        return style
    if style.grammar or style.schema:
        raise ValueError(f"the style {style.name} binds its answers itself\n  leave decoding: out, or the style")
    if decoding == "grounded":
        grounded.check(of_unit(style).contract.parser)
    if decoding == "ordered" and style.unit != "sentence":
        raise ValueError(f"the style {style.name} is not made of sentences\n  ordered decoding is of single ones")
    return _digested(replace(style, decoding=decoding))


def written(style: Style, answer: str, source: str) -> str:
    """The text of a retelling: the answer, below its source where the style is appended."""
    return f"{source}{BELOW}{answer}" if style.contract.appended else answer


def begins(style: Style | None, text: str, source: str) -> int:
    """Where the model's own words begin in a retelling: the source above them needs no check against itself."""
    above = source + BELOW
    return len(above) if style is not None and style.contract.appended and text.startswith(above) else 0


def render(style: Style, passage: Passage, request: Request) -> Prompt:
    """The prompt of one request: turns, sampling with a seed of the request's own, and the answer's first characters.

    For a style with the unit "sentence" the sentence is `request.start:request.end` of the document, on one line.
    """
    values = {"heading": flat(passage.heading), "passage": reflow(passage.text)}
    if style.unit == "sentence":
        values["sentence"] = flat(passage.text[request.start - passage.start : request.end - passage.start])
    source = values[style.unit]
    sampling = replace(style.sampling, seed=seed(request.request_id), max_tokens=token_limit(style, source))
    if request.attempt:
        sampling = replace(sampling, temperature=max(sampling.temperature, warmth(request.attempt)))
    return Prompt(
        request_id=request.request_id,
        turns=tuple(Turn(role, _fill(template, values)) for role, template in style.turns),
        sampling=sampling,
        prefill=style.prefill,
        document_id=request.document_id,
        grammar=_grammar(style, source),
        schema=style.schema,
        logprobs=style.logprobs,
        position=request.position,
    )


def warmth(attempt: int) -> float:
    """Least temperature of an attempt after the first (0)."""
    return min(HOTTEST, WARMER + STEP * max(0, attempt - 2))


def _grammar(style: Style, source: str) -> str:
    """What binds the answer: the style's own grammar, or that of its source."""
    if style.decoding == "plain":
        return style.grammar
    if style.decoding == "ordered":
        return sentence_grammar.grammar(style.assemble, source)
    contract = of_unit(style).contract
    return grounded.grammar(contract.parser, contract.items, style.prefill, source)


@lru_cache(maxsize=8)  # the styles of one passage come in a row
def reflow(text: str) -> str:
    """The text with each paragraph and list item on one line; code, tables and headings stay as they are.

    Lines wrapped at 70 columns teach a model to wrap, and an answer that may be one line long ends at its first wrap.
    """
    pieces, at = [], 0
    for block in blocks(text):
        body = text[block.start : block.end]
        pieces += [text[at : block.start], flat(body) if block.kind in FLOWING else body]
        at = block.end
    return "".join([*pieces, text[at:]])


def seed(request_id: str) -> int:
    """The sampling seed of a request, below 2**31: the same request draws alike wherever and whenever it is asked."""
    return int(digest("sampling seed", request_id)[:8], 16) >> 1


def token_limit(style: Style, source: str) -> int:
    """How many tokens an answer may have: the contract's longest with some room, never above the style's own limit."""

    def allowed(tokens: int) -> int:
        return math.ceil(tokens * style.contract.length[1] * TOKEN_SLACK) + TOKEN_FLOOR

    most = style.sampling.max_tokens
    # Every word is a token at least, and counting words is ten times as fast: it settles long passages.
    return most if allowed(len(source.split())) >= most else min(most, allowed(count(source)))


def _fill(template: str, values: dict[str, str]) -> tuple[Segment, ...]:
    segments = []
    for piece, is_placeholder in split_template(template):
        if is_placeholder and values[piece]:
            segments.append(Segment(values[piece], trusted=False))
        else:
            segments.append(Segment(NO_HEADING if is_placeholder else piece, trusted=True))
    return tuple(segments)


def _called(path: Path) -> str:
    """What a style is called whose file does not say: as the file, and never as a built-in one."""
    word = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in path.stem.lower()).strip("_")
    free = word[:1].isalpha() and word not in _names()
    return word[:NAME_LENGTH] if free else f"own_{word}"[:NAME_LENGTH].rstrip("_")


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in PROMPTS.glob(f"*{SUFFIX}")))


@lru_cache(maxsize=64)
def _built_in(name: str) -> Style:
    path = PROMPTS / f"{name}{SUFFIX}"
    style = _build(read(path.read_text(encoding="utf-8"), path.name), path)
    if style.name != name:
        raise RecipeError(f"{path.name} calls itself {style.name!r}", "name the file after the style")
    return style


def _build(file: StyleFile, path: Path) -> Style:
    front = file.front
    try:
        grammar = grammar_text(front.grammar, path.parent)
    except (OSError, ValueError) as error:
        named = f"{front.grammar.strip()}: " if isinstance(error, OSError) else ""
        message, _, fix = f"{named}{plainly(error)}".partition("\n  ")
        advice = f"a grammar stands in the style file, or in a file beside it, {path.parent}"
        raise RecipeError(f"{path.name}: grammar: {message}", fix or advice) from None
    sampling = Sampling(**front.sampling.model_dump(), seed=None)
    contract = Contract(**front.contract.model_dump())
    style = Style(
        name=front.name,
        version=front.version,
        digest="",
        prompt_digest="",
        summary=front.summary,
        unit=front.unit,
        control=front.control,
        min_model=front.min_model,
        evidence=front.evidence,
        turns=file.turns,
        prefill=front.prefill,
        sampling=sampling,
        contract=contract,
        grammar=grammar,
        schema="" if front.json_schema is None else schema_text(front.json_schema),
        logprobs=front.logprobs or front.contract.likely is not None,
        assemble=front.assemble,
        decoding=front.decoding,
        large=_large(file, sampling),
    )
    return _digested(style)


def _large(file: StyleFile, sampling: Sampling) -> Large | None:
    if not file.large:
        return None
    said = file.front.large
    own = said.sampling if said else None
    prefill = said.prefill if said else None
    return Large(
        turns=file.large,
        prefill=file.front.prefill if prefill is None else prefill,
        sampling=sampling if own is None else Sampling(**own.model_dump(), seed=None),
        unit=(said.unit if said else None) or file.front.unit,
    )


def _digested(style: Style) -> Style:
    """The style with the digests of what it holds."""
    asked = {
        "turns": style.turns, "prefill": style.prefill, "sampling": asdict(style.sampling), "unit": style.unit
    }  # fmt: skip
    # Only where there is something to bind, so that styles without keep their digest.
    bound: dict[str, Any] = {}
    if style.needs:
        bound = {"grammar": style.grammar, "schema": style.schema, "logprobs": style.logprobs}
    if style.assemble != "passage":
        bound["assemble"] = style.assemble
    if style.decoding != "plain":
        bound["decoding"] = [style.decoding, (sentence_grammar if style.decoding == "ordered" else grounded).VERSION]
    prompt_digest = digest("prompt", {**asked, **bound}, list(style.contract.length))
    whole = digest("style", style.name, style.version, prompt_digest, style.contract.identity())
    return replace(style, prompt_digest=prompt_digest, digest=whole)
