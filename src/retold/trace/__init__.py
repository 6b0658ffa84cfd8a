"""Attribution and erasure: from a text to the training documents that hold it, and from a document to all made from it.

The module can be called: `retold.trace("some text", "out/demo")` is `trace.py`'s function, which has the room's name.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    def __call__(self, *words: Any, **options: Any) -> Any:
        from retold.trace.trace import trace

        return trace(*words, **options)


sys.modules[__name__].__class__ = _Room
