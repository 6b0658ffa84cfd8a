"""Who decides that an Ask has asked enough: the hook between the loop that asks and a target of the recipe.

The loop tells the gate of every prompt and every answer, lets it work after each committed group (in the committing
thread, never while another group is being committed), and sends nothing new while it is shut. When everything in flight
has come and the last group is committed, the loop looks again: a gate that has opened gets more, a shut one ends the
Ask. A gate that is done ends it at once.
"""

from __future__ import annotations

from typing import Protocol

from retold.core.document import Completion, Prompt


class Gate(Protocol):
    """Decides whether more prompts are sent. Never decides which: prompts go in planned order."""

    @property
    def open(self) -> bool:
        """True while new prompts may be sent."""
        ...

    @property
    def done(self) -> bool:
        """True when nothing in flight is needed any more."""
        ...

    def sent(self, prompt: Prompt) -> None:
        """A prompt is on its way. This and the next three are called in the event loop, so they must be quick."""
        ...

    def took(self, part: str, answer: Completion) -> None:
        """An answer (or a failure) has come."""
        ...

    def ended(self) -> None:
        """The plan has no more prompts."""
        ...

    def closing(self) -> None:
        """All answers taken so far are in the group that is now committed, or in an earlier one."""
        ...

    def work(self, *, last: bool) -> None:
        """After that group was committed: judge, commit rows of one's own. `last`: nothing is in flight."""
        ...


class Open:
    """No target: ask everything that is planned."""

    open = True
    done = False

    def sent(self, prompt: Prompt) -> None:
        """See Gate."""

    def took(self, part: str, answer: Completion) -> None:
        """See Gate."""

    def ended(self) -> None:
        """See Gate."""

    def closing(self) -> None:
        """See Gate."""

    def work(self, *, last: bool) -> None:
        """See Gate."""
