"""Compiled functions call each other, are never older than what they call, and load numba when first called."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from retold.text.compiled import allocating, compiled


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


@compiled
def _made(size: int) -> np.ndarray:
    return np.zeros(size)


@allocating
def _made_by_permission(size: int) -> np.ndarray:
    return np.zeros(size)


def test_a_function_that_borrows_makes_no_arrays():
    """Kills: counting references again in every short function, which took a fifth of all filters' time."""
    assert len(_made_by_permission(3)) == 3
    with pytest.raises(Exception, match="array passed into the function"):
        _made(3)


CALLED = """
import numpy as np
from retold.text.compiled import compiled
TABLE = np.array([{entry}])
@compiled
def times(value):
    return {factor} * value
"""
CALLS = """
from called import TABLE, times
from retold.text.compiled import compiled
@compiled
def answer(value):
    return times(value) + TABLE[0]
if __name__ == "__main__":
    import calls
    print(calls.answer(10), sum(calls.answer.machine.stats.cache_hits.values()))
"""


def test_what_is_kept_on_disk_is_never_older_than_what_it_calls_and_reads(tmp_path):
    """Kills: numba's own stamp, of the file of the function alone: after an upgrade old code would go on."""
    (tmp_path / "calls.py").write_text(CALLS)
    held = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept"), "PYTHONDONTWRITEBYTECODE": "1"}

    def answer(factor: int, entry: int) -> list[int]:
        (tmp_path / "called.py").write_text(CALLED.format(factor=factor, entry=entry))
        command = [sys.executable, str(tmp_path / "calls.py")]
        done = subprocess.run(command, env=held, capture_output=True, text=True, check=True)
        return [int(word) for word in done.stdout.split()]

    assert answer(2, 5) == [25, 0]
    assert answer(2, 5) == [25, 1]
    assert answer(3, 5) == [35, 0]
    assert answer(3, 6) == [36, 0]
    for file in (tmp_path / "kept").rglob("*.nbc"):
        file.write_bytes(b"damaged")
    assert answer(3, 6) == [36, 0], "and what is damaged is compiled anew"


FIELDS = """
from typing import Any, NamedTuple
class {name}(NamedTuple):
    {fields[0]}: Any
    {fields[1]}: Any
"""
GAP = """
import numpy as np
import fields
from retold.text.compiled import compiled
@compiled
def gap(pair):
    return pair.end[0] - pair.start[0]
if __name__ == "__main__":
    import gap
    (kind,) = (value for name, value in vars(fields).items() if name.endswith("Pair"))
    print(gap.gap(kind(start=np.array([1]), end=np.array([5]))), sum(gap.gap.machine.stats.cache_hits.values()))
"""


def test_what_is_kept_on_disk_knows_the_fields_of_tuples_and_outlives_a_damaged_index(tmp_path):
    """Kills: `_index_key` without fields (-4, from disk), and saving to an index that cannot be read (a run stops)."""
    (tmp_path / "gap.py").write_text(GAP)
    held = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept"), "PYTHONDONTWRITEBYTECODE": "1"}

    def gap(name: str, *fields: str) -> list[int]:
        (tmp_path / "fields.py").write_text(FIELDS.format(name=name, fields=fields))
        command = [sys.executable, str(tmp_path / "gap.py")]
        done = subprocess.run(command, env=held, capture_output=True, text=True, check=True)
        return [int(word) for word in done.stdout.split()]

    assert gap("Pair", "start", "end") == [4, 0]
    assert gap("Pair", "start", "end") == [4, 1]
    assert gap("Pair", "end", "start") == [4, 0], "numba itself knows a named tuple by its name and types alone"
    assert gap("NewPair", "end", "start") == [4, 0], "the index names a class that is gone"
    for file in (tmp_path / "kept").rglob("*.nbi"):
        file.write_bytes(b"")
    assert gap("NewPair", "end", "start") == [4, 0]
    assert gap("NewPair", "end", "start") == [4, 1], "and an index that was damaged is written anew"


def test_where_nothing_can_be_kept_it_is_compiled_each_time():
    """Kills: numba's error for a function without a folder to keep it in, as on a file system that is read-only."""
    from retold.text.machine_code import machine_code

    names: dict[str, object] = {}
    exec("def twice(value):\n    return 2 * value", names)  # a function without a file
    assert machine_code(names["twice"], allocates=False)(4) == 8  # type: ignore[arg-type]


def test_reading_a_recipe_loads_no_compiler():
    """Kills: `from numba import njit` at the head of a module. Loading it took 0.4 s of every command."""
    look = "import sys, retold.runner.recipe, retold.runner.session; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
