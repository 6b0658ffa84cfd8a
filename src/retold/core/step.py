"""The three kinds of step. `runner` knows these and no concrete step.

    Map    one part in, rows out, independent of all other parts     extract, clean, cut into passages, parse, check
    Fold   sketches of all parts, merged once, judged                deduplicate, plan, train a tokenizer, pack
    Ask    requests in planned order, answered by an engine          rephrase

A step declares its name, its version (raised by hand when the meaning of its output changes), what decides its output
(`identity()`), the tables it writes, and produces `Output`: table name to record batch, without `stage` and `part`. It
never commits, retries, counts or loops over restarts; it may yield rows that an earlier, killed run has committed
already (the runner drops them by key). It must be picklable: its code runs in other processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

from retold.core.document import Completion, Need, Prompt

Output = Mapping[str, pa.RecordBatch]
Answered = Callable[[str], pa.Array]
"""By part, the ids (strings) of its requests that need not be asked: answered, or given up on."""


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the input that is finished or not as a whole. `name` depends on content, never on order or place."""

    name: str
    source: str
    uris: tuple[str, ...] = ()
    bytes: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)


Among = tuple[str, pa.Array]
"""A column and the values that rows are wanted for."""


class View(Protocol):
    """What a step may see: rows that the stages before it committed for this recipe, and nothing older."""

    @property
    def folder(self) -> Path:
        """The output folder of the recipe, for files that are not tables (a tokenizer, exported shards)."""
        ...

    def read(
        self,
        table: str,
        *,
        part: str | None = None,
        stages: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        among: Among | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Rows of `table` by earlier stages (all, or those named), of one part or all, in no particular order.

        With `among` only the rows that hold one of its values; where none of a stretch does, little of it is read.
        """
        ...

    def documents(
        self,
        kinds: Sequence[str],
        *,
        part: str | None = None,
        columns: Sequence[str] | None = None,
        among: Among | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Documents of these kinds that no verdict of an earlier stage drops; `among` as in `read`."""
        ...

    def in_order(
        self,
        table: str,
        *,
        stages: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        first: int = 0,
    ) -> Iterator[pa.RecordBatch]:
        """Rows of earlier stages over all parts by the table's `ordered` column, ascending, from `first` on.

        `part` may be asked for. Resident are the rows of the files whose ranges overlap, which is one file where rows
        were written in order.
        """
        ...

    def history(
        self, table: str, *, stages: Sequence[str] | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Rows that other states of the recipe left in this store, finished or not, as `stage` fingerprints name them.

        Never data: only for preferring what is there already. `stage` and `part` may be asked for.
        """
        ...

    def parts(self) -> Sequence[Part]:
        """The parts of this run, in planned order."""
        ...


class Named(Protocol):
    """What every step declares."""

    @property
    def name(self) -> str:
        """One word, its own in a recipe."""
        ...

    @property
    def version(self) -> int:
        """Raised by hand when the meaning of the output changes."""
        ...

    @property
    def writes(self) -> tuple[str, ...]:
        """The tables that it writes."""
        ...

    def identity(self) -> Mapping[str, Any]:
        """What decides the output, as plain values."""
        ...


@runtime_checkable
class Map(Named, Protocol):
    """One part in, rows out."""

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """All rows of one part, in bounded pieces. Deterministic: the same part gives the same rows."""
        ...


@runtime_checkable
class Fold(Named, Protocol):
    """Sketch each part (anywhere), merge all sketches (in one place), yield rows by part."""

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """What the merge needs to know of one part; at most 200 bytes per document stay in memory."""
        ...

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """(part name, rows). Sketches come in planned order of parts; the result may not depend on it otherwise."""
        ...


@runtime_checkable
class Filing(Protocol):
    """A Fold that writes files beside its rows. It is finished only while the files are there and are its own."""

    @property
    def files(self) -> tuple[str, ...]:
        """Files and folders in `view.folder` that this step alone writes."""
        ...


class Engine(Protocol):
    """What completes prompts. Opened with `async with`; `capacity` may change while it runs."""

    @property
    def name(self) -> str:
        """Which kind of engine this is."""
        ...

    @property
    def identity(self) -> str:
        """Names model, revision or digest, and template: in every request id. Known without starting the engine."""
        ...

    @property
    def capacity(self) -> int:
        """How many prompts to keep in flight now."""
        ...

    def check(self) -> None:
        """Raises EngineMissing where its package, weights or key are missing. Starts nothing, asks nothing."""
        ...

    async def __aenter__(self) -> Engine: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer, or a Completion with finish "error" once the engine's own retries are used up.

        Raises EngineError only when the engine as a whole is gone.
        """
        ...


@runtime_checkable
class Paced(Protocol):
    """An engine that costs nothing and can say how fast it is here, for the estimate of a plan."""

    async def pace(self) -> tuple[float, float]:
        """(prompt tokens read, tokens generated) per second, all slots together. The engine is open."""
        ...


@runtime_checkable
class Binding(Protocol):
    """An engine that can bind an answer to a grammar or a schema, or tell how probable its tokens were.

    One without this method does neither; a recipe whose styles need it is refused before anything is asked.
    """

    def refuses(self, needs: frozenset[Need]) -> str:
        """Why it cannot do all of this, as far as its settings tell. Empty: it can, or it finds out before the first
        such prompt is answered and then raises EngineError: what was asked for is never left out silently."""
        ...


@runtime_checkable
class Priced(Protocol):
    """An engine whose answers cost money."""

    def price(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """USD of an answer of this size; None where that cannot be told beforehand (paid by the hour)."""
        ...


@runtime_checkable
class Witnessed(Protocol):
    """An engine behind a name that others control: a fixed greedy answer (a canary) shows whether it is still itself.

    Answers are handed out only after a later canary of the server that gave them was right.
    """

    @property
    def witness(self) -> str:
        """Digest of the canary; empty before the engine is open."""
        ...

    @property
    def held(self) -> int:
        """Answers that have come and that `complete` has not returned yet; each is counted here until it is."""
        ...

    def expect(self, witness: str) -> None:
        """Before opening: what the store knows of this identity. Another answer raises EngineError when opening."""
        ...

    def notify(self, grown: Callable[[], None]) -> None:
        """`grown` is called when `capacity` has grown without an answer: one is held back, its server is free again."""
        ...

    async def settle(self) -> None:
        """Confirm now and hand out what is held back (before a pause, at the end, on Ctrl-C)."""
        ...


@runtime_checkable
class Ask(Named, Protocol):
    """Requests in planned order, each answered once by an engine."""

    def engine(self) -> Engine:
        """The engine that answers, not yet started."""
        ...

    def prompts(self, view: View, answered: Answered) -> Iterator[tuple[str, Prompt]]:
        """(part name, prompt) in planned order, without those whose request id is in `answered(part)`."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """Where an Ask may end before all is asked: tokens of accepted results, or USD spent. None: no bound."""

    tokens: int | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class Yield:
    """What came of one result: positions of its requests (`first <= position < end`), accepted tokens, USD."""

    first: int
    end: int
    tokens: int
    cost: float


@runtime_checkable
class Targeted(Protocol):
    """An Ask that ends where its results, taken in planned order, are worth enough."""

    @property
    def target(self) -> Target | None:
        """Where to end; None: ask everything that is planned. Part of the step's identity."""
        ...

    @property
    def tokens_expected(self) -> float:
        """Accepted tokens that one request may bring, at most: what is assumed before anything was judged."""
        ...

    def worth(self, view: View, first: int, end: int, known: int) -> Iterator[Yield]:
        """In planned order, results whose requests begin at `first <= position < end` and lie before `known`.

        Every request before `known` is answered, given up on, or cannot be asked. `view` also holds the Ask's own
        answers, under its name.
        """
        ...


Step = Map | Fold | Ask
