"""Rule-made styles: programs whose output is true by construction, because it is made of the source's own sentences.

`RULES` maps a name to its `Rule`. A program is a pure function `program(passage, seed) -> list[str]`: texts, or none
when the passage gives it nothing to say (the caller drops it as `nothing_to_say`). It says nothing rather than guess,
holds no number or name that its passage does not hold, and gives the same texts for the same passage and seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from retold.core.document import Passage
from retold.styles.rules import cloze, definitions, fields, lead, outline, salient_facts, shuffle

Program = Callable[[Passage, int], list[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule-made style. `version` is raised by hand when the program's output changes; `control` marks a baseline."""

    name: str
    version: int
    summary: str
    control: bool
    program: Program


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "salient_facts", 1, "The sentences that carry most of the passage, as a list.", False, salient_facts.program
        ),
        Rule("definitions", 1, "Questions for what the passage defines, answered by it.", False, definitions.program),
        Rule("cloze", 1, "Sentences with a gap and four words of a kind to choose from.", False, cloze.program),
        Rule("outline", 1, "Headings, opening sentences and list items as nested points.", False, outline.program),
        Rule("fields", 1, "Named things and what is said of each, as a table.", False, fields.program),
        Rule("lead", 1, "The first sentences, up to 30 % of the words: a control.", True, lead.program),
        Rule("shuffle", 1, "All sentences in another order: a control.", True, shuffle.program),
    )
}
"""All rule-made styles by name, in the order in which they are shown."""
