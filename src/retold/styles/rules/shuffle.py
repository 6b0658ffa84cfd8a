"""Shuffled sentences: all sentences of a passage in another order. A control: the same words without their order.

In: a passage. Out: one text, whole sentences word for word and each once, on one line; nothing if the passage has fewer
than three sentences of prose, or if they would come in their own order.

Trade-off: none is intended. What it costs against the passage itself is the worth of order between sentences; what any
other style gains over it is not owed to a mere change.
"""

from __future__ import annotations

from retold.core.document import Passage
from retold.core.fingerprint import digest
from retold.styles.rules.material import statements

FEWEST_SENTENCES = 3
ENDS = frozenset(".!?")
CLOSERS = "\"'”’)]*`"


def program(passage: Passage, seed: int) -> list[str]:
    """The sentences in the order of digests of the seed, the passage and their places."""
    told = [statement.text for statement in statements(passage.text) if statement.text.rstrip(CLOSERS)[-1:] in ENDS]
    places = sorted(range(len(told)), key=lambda place: digest("shuffle", seed, passage.passage_id, place))
    if len(told) < FEWEST_SENTENCES or places == sorted(places):
        return []
    return [" ".join(told[place] for place in places)]
