"""What a recipe says under `rephrase:`.

    rephrase:
      engine: small                                    # a name in `engines:`
      styles: {key_facts: 2, reword: 1, my/own.md: 1}  # weights; or a list, each weighing 1
      rules: [cloze, outline]                          # or: all (but controls)
      per_document: 2                                  # retellings asked of each passage, each in another style
      until: {accepted_tokens: 2B, usd: 4000}          # whichever is met first; or: {retellings: 2M}
      passage: {tokens: 300, min_words: 40}
      order: source_first                              # or: instruction_first
      prompts: auto                                    # small, large; auto: large where an http engine answers
      attempts: 4                                      # of each answer, the best is taken
      repair: true                                     # what is not supported is taken out, where the form survives
      decoding: grounded                               # or: plain, ordered; without: as each style says

Everything here decides what comes out, so every field is identity. Mistakes raise ValueError with a sentence for a
person and, after a line break and two spaces, what to do about it; the recipe adds the line.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal

from pydantic import field_validator, model_validator

from retold.core.quantity import Count
from retold.core.settings import Settings, identity
from retold.core.step import Target
from retold.engines import EngineSettings
from retold.styles.rules import RULES
from retold.styles.style import Order, Size, Style, catalogue, decoded, ordered, sized
from retold.styles.style_file import Decoding

ALL_RULES = "all"
WEIGHT_LIMIT = 1_000_000.0
LISTS = {
    "style": "with weights it is no list: {key_facts: 2, reword: 1}",
    "rule": "such as: rules: [cloze, outline]",
}


class PassageSettings(Settings):
    """How documents are cut. 250 to 350 tokens suit models below half a billion parameters, 1,000 larger ones."""

    tokens: Count = identity(300, ge=50, le=8_000, description="a passage has at most this many")
    min_words: Count = identity(40, ge=1, le=2_000, description="a passage with fewer words of prose is not retold")


class UntilSettings(Settings):
    """Where to stop: the shortest prefix of the planned order that meets one of these, whoever answers first."""

    retellings: Count | None = identity(None, ge=1, description="ask for at most this many retellings")
    accepted_tokens: Count | None = identity(None, ge=1, description="tokens of accepted model-made retellings")
    usd: float | None = identity(None, gt=0, description="spent on answers, by the engine's prices")

    @property
    def target(self) -> Target | None:
        """What only the answers can tell; None where the plan alone says where to stop."""
        if self.accepted_tokens is None and self.usd is None:
            return None
        return Target(self.accepted_tokens, self.usd)


class RephraseSettings(Settings):
    """Which styles, how much of each, made from passages of which size, by which engine."""

    engine: str = identity("", description="a name in engines:")
    styles: dict[str, float] = identity(default_factory=dict, description="name or file of a style: its weight")
    rules: tuple[str, ...] = identity((), description="rule-made styles, or all")
    per_document: Count = identity(1, ge=1, le=100, description="retellings asked of each passage")
    until: UntilSettings = identity(UntilSettings())
    passage: PassageSettings = identity(PassageSettings())
    prompts: Literal["auto", "small", "large"] = identity("auto", description="auto: large for http engines")
    attempts: Count = identity(1, ge=1, le=64, description="answers asked of each prompt; the best one is taken")
    decoding: Decoding | None = identity(None, description="how all answers are drawn; empty: as each style says")
    repair: bool = identity(False, description="take out of an answer what the checks mark, if its form survives")
    order: Order = identity("source_first", description="source_first: prefix caches read a source once for all styles")

    def chosen(self, style: Style, engine: EngineSettings | None) -> Style:
        """The style as it is asked: prompt for this size of model, order, decoding. Raises ValueError."""
        size: Size = "large" if engine is not None and engine.kind == "http" else "small"
        style = sized(style, size if self.prompts == "auto" else self.prompts)
        decoding = self.decoding
        if decoding is None and style.decoding == "ordered" and engine is not None and engine.kind != "embedded":
            decoding = "plain"  # only the embedded engine is known to bind an answer to a grammar
        return ordered(style if decoding is None else decoded(style, decoding), self.order)

    @field_validator("styles", mode="before")
    @classmethod
    def _weights(cls, value: object) -> object:
        if value is None:
            return {}
        if isinstance(value, str):
            value = [value]
        if isinstance(value, list | tuple):
            return dict.fromkeys(_distinct(value, "style", "give it a weight instead: {NAME: 2}"), 1.0)
        if isinstance(value, Mapping):
            return {str(name): _weight(str(name), weight) for name, weight in value.items()}
        raise ValueError("styles are names with weights\n  such as {key_facts: 2, reword: 1}, or a list: [key_facts]")

    @field_validator("rules", mode="before")
    @classmethod
    def _known_rules(cls, value: object) -> object:
        if value is None:
            return ()
        if value in (ALL_RULES, [ALL_RULES], (ALL_RULES,)):
            # Controls repeat their source on purpose: they are for experiments, and asked for by name.
            return tuple(sorted(name for name, rule in RULES.items() if not rule.control))
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list | tuple):
            raise ValueError("rules are a list of names, or all\n  such as: rules: [cloze, outline]")
        names = _distinct(value, "rule", "keep one of them")
        for name in names:
            if name not in RULES:
                raise ValueError(f"no rule is called {name!r}\n  {_advice(name)}")
        # The order in which rules are named decides nothing.
        return tuple(sorted(names))

    @model_validator(mode="after")
    def _whole(self) -> RephraseSettings:
        weighted = sum(weight > 0 for weight in self.styles.values())
        if self.styles and not weighted:
            raise ValueError("every style has the weight 0, so nothing would be asked\n  give one a weight above 0")
        if weighted and not self.engine:
            raise ValueError("styles made by a model need an engine\n  add `engine:` with a name in `engines:`")
        if not weighted and not self.rules:
            raise ValueError(
                "nothing would be retold\n  name `styles:` (made by a model), `rules:` (made by a program)"
            )
        if weighted and self.per_document > weighted:
            raise ValueError(
                f"{self.per_document} retellings of each passage need as many styles, and there are {weighted}"
                f"\n  set per_document to {weighted} or less, or name more styles"
            )
        return self


def _distinct(values: list[Any] | tuple[Any, ...], what: str, fix: str) -> list[str]:
    for value in values:
        if not isinstance(value, str) or not value:
            raise ValueError(f"a {what} in a list is a name, not {value!r}\n  {LISTS[what]}")
    twice = next((name for name, times in Counter(values).items() if times > 1), None)
    if twice is not None:
        raise ValueError(f"the {what} {twice!r} is listed twice\n  {fix}")
    return list(values)


def _weight(name: str, weight: object) -> float:
    if isinstance(weight, int | float) and not isinstance(weight, bool) and 0 <= weight <= WEIGHT_LIMIT:
        return float(weight)
    shown = "nothing" if weight is None else repr(weight)
    if isinstance(weight, float) and not math.isfinite(weight):
        shown = "an endless number"
    raise ValueError(f"the weight of {name} must be a number, 0 or more, not {shown}\n  such as {{{name}: 1}}")


def _advice(name: str) -> str:
    if any(style.name == name for style in catalogue()):
        return "it is made by a model: name it under `styles:`"
    near = get_close_matches(name, RULES, 1)
    return f"did you mean {near[0]!r}?" if near else f"the rules are: {', '.join(sorted(RULES))}"
