"""The readers and planters that the gates of decontamination use, for its benchmark: one definition of both.

`tests/support` cannot be imported beside `benchmarks/support.py`, which has the same name, so its files are loaded from
where they are.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

SUPPORT = Path(__file__).resolve().parents[1] / "tests" / "support"


def _load(name: str) -> ModuleType:
    spec = spec_from_file_location(f"tests_support_{name}", SUPPORT / f"{name}.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_prose, _planting = _load("prose"), _load("planting")
debian, wikipedia, pieces = _prose.debian, _prose.wikipedia, _prose.pieces
edited, planted, reworded = _planting.edited, _planting.planted, _planting.reworded
