"""What a run tells while it runs: plain events that a terminal, a log and a machine can each show in their way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow.compute as pc

from retold.core.document import Completion
from retold.core.edit import EDITED
from retold.core.step import Output
from retold.runner.eta import Left


@dataclass
class Progress:
    """The state of one stage: units done of total, rows by table, verdicts, tokens, USD, time left, seconds.

    `retried` units of an Ask had failed before; `engine` answers them; `held` answers have come and wait until their
    server has shown that it is still the same model; `towards` says how far its target is met, in words.
    """

    name: str
    kind: str
    total: int
    done: int = 0
    reused: int = 0
    retried: int = 0
    engine: str = ""
    held: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    cost: float = 0.0
    left: Left | None = None
    towards: str = ""
    seconds: float = 0.0

    def answered(self, answer: Completion) -> None:
        """Add one answer of an Ask."""
        self.rows["dead_letters" if answer.finish == "error" else "completions"] += 1
        self.tokens += answer.completion_tokens
        self.cost += answer.cost
        self.done += 1

    def count(self, output: Output) -> None:
        """Add what a step has yielded."""
        for table, batch in output.items():
            self.rows[table] += batch.num_rows
            if table == "verdicts":
                self.kept += pc.sum(batch["keep"]).as_py() or 0
                for entry in pc.value_counts(batch["reason"]).to_pylist():
                    if entry["values"] and entry["values"] != EDITED:  # an edited document goes on as another
                        self.dropped[entry["values"]] += entry["counts"]


class Reporter(Protocol):
    """Told of every change; must be quick."""

    def started(self, progress: Progress) -> None:
        """A stage begins (or is found finished: then `reused == total`)."""
        ...

    def advanced(self, progress: Progress) -> None:
        """Something was done."""
        ...

    def finished(self, progress: Progress) -> None:
        """A stage is complete and committed."""
        ...


class Silent:
    """Tells nobody."""

    def started(self, progress: Progress) -> None:
        """See Reporter."""

    def advanced(self, progress: Progress) -> None:
        """See Reporter."""

    def finished(self, progress: Progress) -> None:
        """See Reporter."""
