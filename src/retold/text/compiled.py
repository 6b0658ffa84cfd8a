"""`compiled`: a function turned into machine code by numba, kept on disk between runs, with its type for checkers.

A compiled function takes numbers and NumPy arrays only, so it never sees a Python object and can neither call nor open
anything. Compiling costs 0.3 to 3 s the first time on a machine; later processes load it in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """The compiled form of `function`, which other compiled functions may call by name."""
    return cast(Function, njit(cache=True, nogil=True, error_model="numpy")(function))


"""Division by zero gives infinity as in NumPy: no branch in the inner loops."""
