"""Finding the prompt that stops the server that gets it.

When a server goes down, every prompt it was working on is a suspect. Once is bad luck; a prompt that was there at
`SUSPECT` deaths goes here. A connection that is cut while other requests of its server go on is no death: were it one,
a network that resets now and then would empty an address again and again to test the innocent.

Suspects are tested in halves on one address that gets nothing else meanwhile: a half that is answered is innocent (and
has its answers), a half that stops the server is halved again, and one prompt that stops it alone, twice, is poison.
Of n suspects with one poison among them that takes about log2(n) + 2 restarts of one server; the other addresses work
on. A server of several processes behind one address goes on when one of them dies: there a poison uses up its attempts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

SUSPECT = 2
GATHER_SECONDS = 0.3

Item = TypeVar("Item")
Result = TypeVar("Result")


class Quarantine(Generic[Item, Result]):
    """Tests suspects. `test` asks some of them at one address alone: a result for each, None where it was cut off."""

    def __init__(self, test: Callable[[list[Item]], Awaitable[list[Result | None]]]) -> None:
        self._test = test
        self._waiting: list[tuple[Item, asyncio.Future[Result | None]]] = []
        self._task: asyncio.Task[None] | None = None
        self.tests = 0

    async def admit(self, item: Item) -> Result | None:
        """Wait for the result of a suspect; None: it is poison."""
        future: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await future

    async def close(self) -> None:
        """Stop testing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER_SECONDS)  # those that were cut off together come together
            suspects, self._waiting = self._waiting, []
            groups = _halves(suspects)
            try:
                while groups:
                    groups += await self._try(groups.pop())
            except BaseException as error:
                self._tell_all(error, [*suspects, *self._waiting])
                raise

    async def _try(
        self, group: list[tuple[Item, asyncio.Future[Result | None]]]
    ) -> list[list[tuple[Item, asyncio.Future[Result | None]]]]:
        """Test one group; returns the groups that are still suspect."""
        rounds = 2 if len(group) == 1 else 1
        left = group
        for _ in range(rounds):
            self.tests += 1
            results = await self._test([item for item, _ in left])
            cut = []
            for (item, future), result in zip(left, results, strict=True):
                if result is None:
                    cut.append((item, future))
                elif not future.done():
                    future.set_result(result)
            left = cut
            if not left:
                return []
        if len(group) == 1:
            if not left[0][1].done():
                left[0][1].set_result(None)
            return []
        return _halves(left)

    @staticmethod
    def _tell_all(error: BaseException, suspects: list[tuple[Item, asyncio.Future[Result | None]]]) -> None:
        for _, future in suspects:
            if not future.done():
                if isinstance(error, Exception):
                    future.set_exception(error)
                else:
                    future.cancel()


def _halves(
    group: list[tuple[Item, asyncio.Future[Result | None]]],
) -> list[list[tuple[Item, asyncio.Future[Result | None]]]]:
    middle = len(group) // 2
    return [half for half in (group[:middle], group[middle:]) if half]
