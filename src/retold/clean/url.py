"""Web addresses that are not wanted: block lists of hosts, and words in the address, as RefinedWeb does.

    - url: {block: lists/*.txt, domains: [ru, example.org], allow: [good.example.org]}
    - url: {subwords: strict.txt, words: hard.txt, soft_words: soft.txt, soft_count: 2}

In: the addresses of a record, before it is extracted, which is most of what curation costs. Out: a verdict on the
record. Hosts (`clean/hosts.py`) come from the user's files and from `domains`; the nearest name decides, and `allow`
wins where it is as near or nearer. Words are compared without case, %-escapes and Punycode read:

    subwords     anywhere, marks between words taken out: for what is never part of an innocent word
    words        whole words, or several in a row ("free movies")
    soft_words   the same, where at least `soft_count` different ones are there

No list is shipped but the examples in `recipes/lists`: what is unwanted is the user's to say. A record with several
addresses is dropped when all of them are unwanted; otherwise it keeps the others as its origins. A page saved in a
file is judged by the address that it claims. The same text from a wanted address stays a document.
Addresses that are not http, https or ftp (paths of local files) are not judged, nor are IP addresses written in other
ways than with four numbers. A changed list or rule reads the sources again: addresses are not among the signals.

Method: RefinedWeb (Penedo et al. 2023), appendix G.1, as datatrove's URLFilter has it: domains, then subwords, words
and soft words with a count of two. Speed: 28,000 addresses a second with 500,000 names and 1,300 words.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import ClassVar, Self
from urllib.parse import unquote

from pydantic import model_validator

from retold.clean import hosts
from retold.clean.lists import Files, Listed, entries
from retold.core.settings import execution, identity
from retold.text.words import fold, words

GLANCE = 1_000


class Url(Listed):
    """Drop records by their address."""

    LISTS: ClassVar[tuple[str, ...]] = ("block", "subwords", "words", "soft_words")
    block: tuple[str, ...] = execution((), description="files of names of hosts, one a line, or in hosts-file format")
    domains: tuple[str, ...] = identity((), description="names of hosts, or endings such as ru or co.uk")
    allow: tuple[str, ...] = identity((), description="names of hosts that stay, whatever the lists say")
    subwords: tuple[str, ...] = execution((), description="files of words that may stand nowhere in an address")
    words: tuple[str, ...] = execution((), description="files of words that may be no whole word of an address")
    soft_words: tuple[str, ...] = execution((), description="files of words of which some may be there")
    soft_count: int = identity(2, ge=1, description="so many different soft words drop")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not any((*(getattr(self, name) for name in self.LISTS), self.domains)):
            raise ValueError("url needs something to look for: block, domains, subwords, words or soft_words")
        for item in (*self.domains, *self.allow):
            if not hosts.name(item) or any(letter in item for letter in "/: "):
                raise ValueError(f"{item!r} is no name of a host: write example.org, or an ending such as ru")
        return self

    def pinned(self, base: Path) -> Self:
        """As for any list; the first thousand lines of block lists are looked at before anything runs."""
        found = super().pinned(base)
        for entry, where in islice(entries(found.listed("block")), GLANCE):
            _ = list(hosts.named(entry, where))
        return found

    def refuses(self, uri: str) -> tuple[str, str] | None:
        """The reason and what was found, for one address; None where it may stay."""
        host, rest = hosts.split(uri)
        if not host:
            return None
        blocking = max(_hosts(self.listed("block")).blocking(host), _named(self.domains).blocking(host), key=len)
        allowed = _named(self.allow).blocking(host)
        if blocking and len(blocking) > len(allowed):
            return "url_blocked_domain", blocking
        if not any(getattr(self, name) for name in ("subwords", "words", "soft_words")):
            return None
        return None if allowed else self._words(_folded(f"{hosts.readable(host)} {unquote(rest)}"))

    def _words(self, address: list[str]) -> tuple[str, str] | None:
        joined, spaced = "".join(address), f" {' '.join(address)} "
        if found := next((item for item in _joined(self.listed("subwords")) if item in joined), ""):
            return "url_blocked_word", f"holds {found}"
        if found := next(_standing(self.listed("words"), address, spaced), ""):
            return "url_blocked_word", found
        soft = sorted(set(_standing(self.listed("soft_words"), address, spaced)))
        return ("url_blocked_word", ", ".join(soft)) if len(soft) >= self.soft_count else None


def _folded(text: str) -> list[str]:
    return [fold(word) for word in words(text.replace("_", " "))]


def _standing(files: Files, address: list[str], spaced: str) -> Iterator[str]:
    """Which of the words of a list stand in an address as whole words, and which of its runs of words."""
    single, runs = _whole(files)
    yield from (word for word in address if word in single)
    yield from (run.strip() for run in runs if run in spaced)


@cache
def _hosts(files: Files) -> hosts.Hosts:
    return hosts.Hosts(name for entry, where in entries(files) for name in hosts.named(entry, where))


@cache
def _named(names: tuple[str, ...]) -> hosts.Hosts:
    return hosts.Hosts(map(hosts.name, names))


@cache
def _joined(files: Files) -> tuple[str, ...]:
    found = dict.fromkeys("".join(_folded(entry)) for entry, _ in entries(files))
    return tuple(item for item in found if item)


@cache
def _whole(files: Files) -> tuple[frozenset[str], tuple[str, ...]]:
    """(single words, runs of words with a space around each)."""
    split = [_folded(entry) for entry, _ in entries(files)]
    single = frozenset(found[0] for found in split if len(found) == 1)
    return single, tuple(dict.fromkeys(f" {' '.join(found)} " for found in split if len(found) > 1))
