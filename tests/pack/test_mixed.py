"""Rows of a mixture, and text without loss."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_view import run_fold
from pack.corpus import SETTINGS, pack, retelling, source, texts, view_of
from pack.test_locate import check
from retold.core.document import Selected, Stretch
from retold.core.errors import RetoldError
from retold.core.schema import batch
from retold.pack import Pack, TrainTokenizer
from retold.pack.locate import Locator
from retold.pack.settings import END_OF_TEXT
from retold.pack.tokenizer import load

SOURCES = [source(text) for text in texts(30)]
DOCUMENTS = SOURCES + [retelling(text, parent) for text, parent in zip(texts(15, 2, 30), SOURCES, strict=False)]


def selection():
    """Every second document, the first six of them thrice, and five again in a second phase."""
    drawn = [(item, epoch, "pretrain") for epoch in range(3) for item in DOCUMENTS[::2][: 6 if epoch else None]]
    drawn += [(item, 3 if number < 3 else 0, "anneal") for number, item in enumerate(DOCUMENTS[0:6:2] + SOURCES[1:4:2])]
    return [
        Selected(place, item.document_id, epoch, phase, "all", len(item.text))
        for place, (item, epoch, phase) in enumerate(drawn)
    ]


def mixed(folder, rows, parts=3, split=7):
    view = view_of(folder, DOCUMENTS, parts=parts)
    run_fold(TrainTokenizer(SETTINGS, folder), view)
    for start in range(0, len(rows), split):
        view.add("mix", "all", {"selection": batch("selection", rows[start : start + split])})
    run_fold(Pack(SETTINGS, 7, "mix"), view)
    return view


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return mixed(tmp_path_factory.mktemp("mixed"), selection())


def test_documents_come_as_often_as_they_were_drawn_in_the_phase_they_were_drawn_for(view):
    """Kills: one place for all epochs; phases packed together; documents packed that nobody drew."""
    encoder = load(view.folder / "tokenizer.json", END_OF_TEXT)
    sizes = {item.document_id: len(encoder.ids([item.text])[0]) + 1 for item in DOCUMENTS}
    wanted, found = Counter(), Counter()
    for row in selection():
        wanted[row.phase, row.document_id] += sizes[row.document_id]
    rows = view.table("packed")
    for row in rows:
        for item in row["documents"]:
            found[row["phase"], item["document_id"]] += item["token_end"] - item["token_start"]
    assert found == wanted
    phases = [row["phase"] for row in rows]
    assert phases == sorted(phases, key=["pretrain", "anneal"].index) and set(phases) == {"pretrain", "anneal"}


def test_each_position_of_each_epoch_leads_back(view):
    """Law 4. Kills: pieces of two epochs of one document in one another's places."""
    encoder = load(view.folder / "tokenizer.json", END_OF_TEXT)
    by_name = {item.document_id: item.text for item in DOCUMENTS}
    locator = Locator(encoder, by_name.__getitem__)
    for row in view.table("packed"):
        for offset in range(0, SETTINGS.length, 3):
            check(encoder, row, offset, locator.locate(row, offset), by_name)


def test_batches_and_parts_change_no_row(tmp_path, view):
    """Law 1. Kills: positions counted from the batch in which they came."""
    assert mixed(tmp_path, selection(), parts=1, split=1).table("packed") == view.table("packed")


def test_a_document_that_is_not_there_stops_the_fold(tmp_path):
    wrong = [replace(selection()[0], document_id="ab" * 16)]
    with pytest.raises(RetoldError, match="not there"):
        mixed(tmp_path, wrong)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=4))
def test_text_without_loss_has_none_and_all_else_trains(tmp_path_factory, stretches):
    """Kills: a mask by the pieces' own characters; a token that only touches the range left on; the end token off."""
    text = " ".join(texts(6, 9))
    found = tuple(Stretch(start, min(start + size, len(text))) for start, size in stretches if start < len(text))
    item = replace(source(text), no_loss=found)
    view = pack(view_of(tmp_path_factory.mktemp("quiet"), [item, *SOURCES[:4]]))
    encoder = load(view.folder / "tokenizer.json", END_OF_TEXT)
    (whole,) = encoder.ids([text])
    first, after = encoder.characters(text, whole)
    expected = [
        int(not any(a < stretch.end and b > stretch.start for stretch in found if stretch.start < stretch.end))
        for a, b in zip(first.tolist(), after.tolist(), strict=True)
    ] + [1]
    masks, silent = [], 0
    for row in view.table("packed"):
        for piece in row["documents"]:
            mask = row["loss_mask"][piece["token_start"] : piece["token_end"]]
            masks += mask if piece["document_id"] == item.document_id else []
            silent += 0 if piece["document_id"] == item.document_id else mask.count(0)
    assert masks == expected and silent == 0
