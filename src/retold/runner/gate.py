"""Who decides that an Ask has asked enough: the hook between the loop that asks and a target of the recipe.

The loop tells the gate of every answer, lets it work after each committed group (in the committing thread, never while
another group is being committed), and sends nothing new while it is shut. When everything in flight has come and the
last group is committed, the loop looks again: a gate that has opened gets more, a shut one ends the Ask.
"""

from __future__ import annotations

from typing import Protocol

from retold.core.document import Completion


class Gate(Protocol):
    """Decides whether more prompts are sent. Never decides which: prompts go in planned order."""

    @property
    def open(self) -> bool:
        """True while new prompts may be sent."""
        ...

    def took(self, part: str, answer: Completion) -> None:
        """An answer (or a failure) has come; called in the event loop, so it must be quick."""
        ...

    def work(self, *, last: bool) -> None:
        """After a group was committed: judge what came, commit rows of one's own. `last`: nothing is in flight."""
        ...


class Open:
    """No target: ask everything that is planned."""

    open = True

    def took(self, part: str, answer: Completion) -> None:
        """See Gate."""

    def work(self, *, last: bool) -> None:
        """See Gate."""
