"""Numbers as people write them in a recipe: `2k`, `2M`, `4B` for counts, `5%` for shares."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator

_SCALE = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
_COUNT = re.compile(r"(\d+(?:[_,]\d{3})*|\d*\.\d+|\d+\.\d*)\s*([kKmMbBtT]?)")


def parse_count(value: object) -> int:
    """A whole number from 5, "5", "5,000", "2k", "1.5M", "4B". Raises ValueError for anything else."""
    if isinstance(value, bool):
        raise ValueError(f"a count such as 500, 2k or 1.5M is needed, not {value}")
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and (found := _COUNT.fullmatch(value.strip())):
        number = float(found[1].replace(",", "").replace("_", "")) * _SCALE[found[2].lower()]
        if number.is_integer():
            return int(number)
    raise ValueError(f"a count such as 500, 2k or 1.5M is needed, not {value!r}")


def parse_share(value: object) -> float:
    """A share between 0 and 1 from 0.05 or "5%". Raises ValueError for anything else."""
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            value = float(value.strip()[:-1]) / 100
        except ValueError:
            value = None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise ValueError(f"a share such as 5% or 0.05 is needed, not {value!r}")


Count = Annotated[int, BeforeValidator(parse_count)]
Share = Annotated[float, BeforeValidator(parse_share)]
