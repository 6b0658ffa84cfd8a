"""Labelled pairs: reading, clear errors, and a split that no document crosses."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.errors import RetoldError
from retold.verify.labelled import Pair, halves, read

ROWS = [
    {"source": "One.", "text": "A.", "supported": True},
    {"source": "One.", "text": "B.", "supported": 0, "document": "d"},
]


@pytest.mark.parametrize("form", ["lines", "list", "gzip"])
def test_three_forms_are_read(tmp_path: Path, form: str) -> None:
    path = tmp_path / ("pairs.jsonl.gz" if form == "gzip" else "pairs.jsonl")
    text = json.dumps(ROWS) if form == "list" else "\n".join(map(json.dumps, ROWS)) + "\n\n"
    path.write_bytes(gzip.compress(text.encode()) if form == "gzip" else text.encode())
    first, second = read(path)
    assert (first.source, first.text, first.supported) == ("One.", "A.", True)
    assert (second.supported, second.document) == (False, "d")


@pytest.mark.parametrize("row", ["[1]", '{"source": "a"}', '{"source": "a", "text": "b", "supported": 3}', "{"])
def test_a_wrong_row_is_named(tmp_path: Path, row: str) -> None:
    """Kills: an unreadable label taken for "not supported"."""
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"source": "a", "text": "b", "supported": true}\n' + row + "\n", "utf-8")
    with pytest.raises(RetoldError):
        read(path)


@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=30), st.randoms())
def test_no_document_is_on_both_sides(rows: list[tuple[str, str]], random: object) -> None:
    """Kills: a split by pair, or one that depends on the order of rows."""
    pairs = [Pair(source, text, True, source) for source, text in rows]
    tune, held = halves(pairs)
    assert not {pair.document for pair in tune} & {pair.document for pair in held}
    assert len(tune) + len(held) == len(pairs)
    assert 0 <= len({pair.document for pair in tune}) - len({pair.document for pair in held}) <= 1
    mixed = list(pairs)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert {pair.document for pair in halves(mixed)[0]} == {pair.document for pair in tune}
