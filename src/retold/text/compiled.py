"""`compiled`: a function turned into machine code by numba, kept on disk between runs, with its type for checkers.

A compiled function takes numbers and NumPy arrays only, so it never sees a Python object and can neither call nor open
anything. Compiling costs 0.3 to 3 s the first time on a machine; later processes load it in milliseconds. numba itself
takes 0.4 s to load and is not, until the first of these functions is called: reading a recipe needs none.

`compiled` functions may not make arrays nor take lists of them, and so borrow what they are given; `allocating` ones
may.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, update_wrapper
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., object])


class Compiled:
    """What `compiled` makes. Other compiled functions see numba's own form of it."""

    def __init__(self, function: Callable[..., object], allocates: bool) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self.allocates = allocates

    @cached_property
    def machine(self) -> Any:
        """numba's form of the function."""
        from retold.text.machine_code import machine_code

        return machine_code(self.py_func, self.allocates)

    @property
    def _numba_type_(self) -> Any:
        return self.machine._numba_type_

    def __call__(self, *values: Any) -> Any:
        """Call it, compiled for the types of these values."""
        return self.machine(*values)


def compiled(function: Function) -> Function:
    """The compiled form of `function`, which other compiled functions may call by name. It makes no arrays.

    One that does make some is refused when it is compiled ("array passed into the function").
    """
    return cast(Function, Compiled(function, allocates=False))


def allocating(function: Function) -> Function:
    """The compiled form of a function that makes arrays or takes lists of them. It counts references of all arrays."""
    return cast(Function, Compiled(function, allocates=True))
