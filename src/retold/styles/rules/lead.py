"""The lead: the first sentences of a passage, up to about 30 % of its words. A control: selection by position alone.

In: a passage. Out: one text, verbatim, paragraphs kept; nothing if the passage has fewer than three sentences of
prose.

Trade-off: none is intended; this is what any other style has to beat at equal tokens.
"""

from __future__ import annotations

from retold.core.document import Passage
from retold.styles.rules.material import statements

SHARE, FEWEST_SENTENCES = 0.3, 3


def program(passage: Passage, seed: int) -> list[str]:  # noqa: ARG001  (the lead has no choices)
    """The first sentences that together reach 30 % of the words of all prose."""
    told = statements(passage.text)
    if len(told) < FEWEST_SENTENCES:
        return []
    wanted = SHARE * sum(len(statement.text.split()) for statement in told)
    taken: list[str] = []
    block, size = -1, 0
    for statement in told:
        if size >= wanted and size:
            break
        if statement.block == block:
            taken[-1] += " " + statement.text
        else:
            taken.append(statement.text)
        block, size = statement.block, size + len(statement.text.split())
    return ["\n\n".join(taken)]
