"""Edits: the way back from an edited text to its parent is exact where text was kept, and never loses a character."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.document import Document, Span, SpanMap, Stretch, Unchanged, document_id
from retold.core.edit import EDITED, Stretches, chain, cut, edit, in_parent
from retold.core.schema import TABLES, batch

TEXT = "Write to ann@example.org today.\n3 likes\nThe end."


def document(text: str = TEXT, kind="source") -> Document:
    return Document(document_id(kind, (), text), kind, text, "set", title="T", licence="MIT")


@st.composite
def edits(draw, text: str | None = None):
    """A text and pieces that edit it: ranges in order, with texts of their own between some."""
    text = draw(st.text("abc\nä漢", max_size=30)) if text is None else text
    bounds = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces: list = []
    for start, end in zip(bounds[::2], bounds[1::2], strict=False):
        if draw(st.booleans()):
            pieces.append(draw(st.text("XY", max_size=3)))
        pieces.append((start, end))
    return text, pieces


def test_a_replaced_address_and_a_removed_line():
    old = document()
    made = edit(old, [(0, 9), "EMAIL", (24, 32), (40, 48)])
    assert made is not None
    new = made.document
    assert new.text == "Write to EMAIL today.\nThe end."
    assert (new.parents, new.title, new.licence, new.kind) == ((old.document_id,), "T", "MIT", "source")
    assert (made.verdict.subject, made.verdict.reason, made.verdict.detail) == (
        old.document_id,
        EDITED,
        new.document_id,
    )
    assert made.span_map.kept == (Unchanged(0, 0, 9), Unchanged(14, 24, 8), Unchanged(22, 40, 8))
    assert in_parent(made.span_map, 22, 25) == Span(old.document_id, 40, 43)
    assert old.text[slice(*_range(in_parent(made.span_map, 10, 12)))] == "ann@example.org"
    assert old.text[slice(*_range(in_parent(made.span_map, 15, 30)))] == old.text[25:]


def test_ranges_without_loss_move_with_their_text():
    """Kills: ranges of the parent's text left as they were in the edited one."""
    old = replace(document(), no_loss=(Stretch(3, 12), Stretch(34, 39), Stretch(40, 43)))
    made = edit(old, [(0, 9), "EMAIL", (24, 32), (40, 48)])
    assert made is not None
    found = [made.document.text[item.start : item.end] for item in made.document.no_loss]
    assert found == ["te to ", "The"]


def test_a_text_that_stays_is_no_edit():
    assert edit(document(), [(0, 5), (5, len(TEXT))]) is None


def test_texts_that_become_equal_are_one_text():
    """Kills: an id of an edited source that holds its parent, which hides duplicates."""
    first, second = edit(document("a\nb"), [(0, 1)]), edit(document("a\nc"), [(0, 1)])
    assert first and second and first.document.document_id == second.document.document_id
    assert first.document.document_id == document_id("source", (), "a")
    assert first.span_map.parent_id != second.span_map.parent_id


def test_an_edited_retelling_keeps_its_parent_in_its_id():
    made = edit(document(kind="retelling"), [(0, 5)])
    assert made and made.verdict.kind == "retelling"
    assert made.document.document_id == document_id("retelling", made.document.parents, "Write")


@pytest.mark.parametrize("pieces", [[(4, 6), (2, 3)], [(0, 99)], [(3, 2)], [(-1, 2)]])
def test_ranges_out_of_order_are_refused(pieces):
    with pytest.raises(ValueError, match="out of order"):
        cut("some text", pieces)


@given(edits())
def test_what_is_kept_stands_in_both_texts(case):
    """Kills: an offset that does not count what was written in between."""
    text, pieces = case
    new, kept = cut(text, pieces)
    for item in kept:
        assert item.length > 0
        assert new[item.start : item.start + item.length] == text[item.parent_start : item.parent_start + item.length]
    assert sum(item.length for item in kept) + sum(len(piece) for piece in pieces if isinstance(piece, str)) == len(new)


@given(edits(), st.data())
def test_two_edits_are_one(case, data):
    """Kills: a chain that maps through what the first edit wrote."""
    text, pieces = case
    middle, first = cut(text, pieces)
    _, more = data.draw(edits(middle))
    new, second = cut(middle, more)
    both = chain(first, second)
    origin = dict(_characters(first))
    expected = {place: origin[source] for place, source in _characters(second) if source in origin}
    assert dict(_characters(both)) == expected
    for item in both:
        assert new[item.start : item.start + item.length] == text[item.parent_start : item.parent_start + item.length]


@given(edits(), st.data())
def test_a_span_of_the_edited_text_maps_to_what_it_stands_for(case, data):
    """Kills: `_to` that ends before the gap, so that a masked address maps to nothing."""
    text, pieces = case
    made = edit(document(text), pieces)
    if made is None or not made.document.text:
        return
    start = data.draw(st.integers(0, len(made.document.text) - 1))
    end = data.draw(st.integers(start + 1, len(made.document.text)))
    found = in_parent(made.span_map, start, end)
    assert 0 <= found.start <= found.end <= len(text)
    origin = dict(_characters(made.span_map.kept))
    inside = [origin[place] for place in range(start, end) if place in origin]
    assert all(found.start <= place < found.end for place in inside)
    if len(inside) == end - start:
        assert (found.start, found.end) == (inside[0], inside[-1] + 1)
    before = max((source for place, source in origin.items() if place < start), default=-1)
    after = min((source for place, source in origin.items() if place >= end), default=len(text))
    assert before < found.start or found.start == before + 1
    assert found.end <= after


def test_rows_fit_the_table():
    made = edit(document(), [(0, 9), "X"])
    assert made
    rows = batch("span_maps", [made.span_map])
    assert rows.schema == TABLES["span_maps"].columns
    assert rows.to_pylist()[0]["kept"] == [{"start": 0, "parent_start": 0, "length": 9}]


def _range(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _characters(kept):
    for item in kept:
        for offset in range(item.length):
            yield item.start + offset, item.parent_start + offset


@given(st.lists(st.lists(st.tuples(*[st.integers(0, 2**40)] * 3), max_size=4), max_size=4), st.booleans())
def test_stretches_in_columns_are_written_like_rows(maps, mixed):
    """Kills: the columns in another order, or bounds without the first 0."""
    rows = [SpanMap("n", "p", 9, tuple(Unchanged(*item) for item in kept)) for kept in maps]
    columns = [
        SpanMap(
            "n", "p", 9, rows[place].kept if mixed and place % 2 else Stretches(*map(np.array, zip(*kept, strict=True)))
        )
        for place, kept in enumerate(maps)
        if kept
    ]
    assert batch("span_maps", columns).equals(batch("span_maps", [row for row in rows if row.kept]))
