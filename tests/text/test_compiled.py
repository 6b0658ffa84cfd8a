"""Compiled functions call each other, and numba is loaded when the first of them is called."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from retold.text.compiled import compiled


@compiled
def _twice(value: int) -> int:
    return 2 * value


@compiled
def _sum_of_twice(values: np.ndarray) -> int:
    total = 0
    for value in values:
        total += _twice(value)
    return total


def test_compiled_functions_call_each_other():
    assert _sum_of_twice(np.arange(5)) == 20
    assert _twice.__name__ == "_twice"


def test_reading_a_recipe_loads_no_compiler():
    """Kills: `from numba import njit` at the head of a module. Loading it took 0.4 s of every command."""
    look = "import sys, retold.runner.recipe, retold.runner.session; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
