"""From a function to machine code by numba, kept on disk between runs.

In: a Python function, and whether it makes arrays. Out: numba's dispatcher for it. Imported with the first call of a
compiled function (`compiled.py`), since numba takes 0.4 s to load.

What is kept is found again by the source of the function *and of every compiled function that it calls*, and by the
values of the tables and numbers that they read, and by the fields of the named tuples that it is given: numba itself
looks at the one file alone, and would go on using old code after an upgrade that changed what the function calls.
Loading skips numba's table of everything that it can compile (0.1 s of each process); compiling makes it. What is
damaged is compiled and written anew; where nothing can be written, nothing is kept.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.types.containers import BaseNamedTuple, BaseTuple

from retold.text.compiled import Compiled


def machine_code(function: Callable[..., object], allocates: bool) -> Any:
    """numba's form of the function.

    One that makes no arrays counts no references to those it is given, which in a short function takes longer than its
    work. Division by zero gives infinity as in NumPy: no branch in inner loops.
    """
    made = njit(nogil=True, error_model="numpy", **({} if allocates else {"_nrt": False}))(function)
    with suppress(RuntimeError):  # no folder to keep it in: a file system that is read-only
        made._cache = _Kept(function)
    return made


class _Kept(FunctionCache):  # type: ignore[misc]
    """numba's cache with another stamp, and without preparing the compiler in order to load what is compiled."""

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__(function)
        self._cache_file = IndexDataCacheFile(self._cache_path, self._impl.filename_base, stamp(function))

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        target_context.load_additional_registries()  # what machine code calls in numba itself has its address from here
        try:
            return self._load_overload(sig, target_context)
        except Exception:  # whatever lies there: a damaged file, one of a module that is gone
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except Exception:  # saving reads the index first: it may be damaged, or name a class that is gone
            with suppress(OSError):  # no space
                self._cache_file.flush()
                super().save_overload(sig, data)

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        return (*super()._index_key(sig, codegen), _fields(sig))


def _fields(kinds: Iterable[Any]) -> tuple[Any, ...]:
    """The names of the fields of named tuples among these types: to numba those with the same name are one type."""
    return tuple(
        (kind.instance_class._fields if isinstance(kind, BaseNamedTuple) else (), _fields(kind))
        for kind in kinds
        if isinstance(kind, BaseTuple)
    )


def stamp(function: Callable[..., object]) -> str:
    """A digest of all that the machine code of a function was made from."""
    found = hashlib.sha256()
    seen: set[Callable[..., object]] = set()
    waiting = [function]
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        found.update(_source(inspect.getfile(function)))
        for name in function.__code__.co_names:
            value = function.__globals__.get(name)
            if isinstance(value, Compiled):
                waiting.append(value.py_func)
            elif isinstance(value, np.ndarray):
                found.update(name.encode() + value.dtype.str.encode() + value.tobytes())
            elif isinstance(value, int | float | np.generic | tuple):
                found.update(f"{name} {value!r}".encode())
    return found.hexdigest()


@cache
def _source(path: str) -> bytes:
    return hashlib.sha256(Path(path).read_bytes()).digest()
