"""What a closed list is: its members with what is said of each, how to ask, how names that are none are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from random import Random

from retold.reflect.wording import Grammar


@dataclass(frozen=True)
class Registry:
    """A closed list.

    members: name to value, as both are written
    invent: a name of the same kind, member or not; `is_member` decides
    ask, tell, deny: grammars with the rules of those names; facts: name, value, near
    normal: how a name is compared (its case, mostly)
    """

    name: str
    members: Mapping[str, str]
    invent: Callable[[Random], str]
    grammar: Grammar
    normal: Callable[[str], str] = str.casefold
    exists: Callable[[str], bool] | None = None

    def value(self, name: str) -> str | None:
        """What is said of a member; None for what is none."""
        wanted = self.normal(name)
        return next((value for member, value in self.members.items() if self.normal(member) == wanted), None)

    def is_member(self, name: str) -> bool:
        """Whether the list holds it (a list longer than `members` says so by `exists`)."""
        return self.value(name) is not None or (self.exists is not None and self.exists(name))

    def absent(self, rng: Random) -> str:
        """A name that is not in the list."""
        while self.is_member(name := self.invent(rng)):
            continue
        return name

    def nearest(self, name: str, count: int = 2) -> list[str]:
        """The members that are written most alike, best first; equals in the order of the list."""
        wanted = self.normal(name)
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(wanted)
        scored: list[tuple[float, int, str]] = []
        for place, member in enumerate(self.members):
            matcher.set_seq1(self.normal(member))
            scored.append((-matcher.ratio(), place, member))
        return [member for _, _, member in sorted(scored)[:count]]
