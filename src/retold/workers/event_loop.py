"""The event loop that asking runs in: uvloop where it is installed, asyncio's own elsewhere.

With thousands of prompts in flight the loop itself is most of a driver's work; uvloop halves it. Ctrl-C cancels the
coroutine, which then has time to put its things in order; a second Ctrl-C ends it at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end, like asyncio.run."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(coroutine)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)
