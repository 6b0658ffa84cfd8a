"""Identity and execution: what is in a fingerprint and what is not."""

from __future__ import annotations

import pytest
from pydantic import Field

from retold.core.quantity import parse_count, parse_share
from retold.core.settings import Settings, execution, identity


class Inner(Settings):
    prompt: str = identity("a")
    threads: int = execution(1)


class Outer(Settings):
    inner: Inner = identity(Inner())
    many: tuple[Inner, ...] = identity(())
    path: str = execution("here")


def test_execution_fields_never_reach_the_fingerprint():
    """Kills: reducing nested settings with model_dump."""
    one = Outer(inner=Inner(threads=1), many=(Inner(threads=2),), path="x")
    two = Outer(inner=Inner(threads=9), many=(Inner(threads=8),), path="y")
    assert one.fingerprint() == two.fingerprint()
    assert one.fingerprint() != Outer(inner=Inner(prompt="b"), many=(Inner(),)).fingerprint()


def test_an_unmarked_field_is_refused_when_the_class_is_defined():
    """Kills: the check in __pydantic_init_subclass__."""
    with pytest.raises(TypeError, match="neither identity nor execution"):
        type("Forgetful", (Settings,), {"__annotations__": {"limit": int}, "limit": Field(3)})


@pytest.mark.parametrize(
    ("text", "number"), [(7, 7), ("7", 7), ("2k", 2000), ("1.5M", 1_500_000), ("4B", 4 * 10**9), ("5,000", 5000)]
)
def test_counts_as_people_write_them(text, number):
    assert parse_count(text) == number


@pytest.mark.parametrize("text", ["", "many", "1.5", True, None, "2 kilo", -1.5])
def test_what_is_no_count_is_refused(text):
    with pytest.raises(ValueError, match="a count such as"):
        parse_count(text)


def test_shares():
    assert parse_share("5%") == 0.05 and parse_share(0.2) == 0.2
    for wrong in ("150%", -0.1, "half", "%"):
        with pytest.raises(ValueError, match="a share such as"):
            parse_share(wrong)
