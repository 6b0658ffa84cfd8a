"""Every position of every row leads to characters that give its tokens again."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pack.corpus import SETTINGS, WORDS, pack, retelling, source, texts, view_of
from retold.core.errors import RetoldError, StoreError
from retold.pack import PackSettings
from retold.pack.locate import Locator
from retold.pack.settings import END_OF_TEXT
from retold.pack.tokenizer import load, parse

SOURCES = [source(text) for text in texts(40)]
DOCUMENTS = SOURCES + [retelling(text, parent) for text, parent in zip(texts(20, 2, 30), SOURCES, strict=False)]


def located(view, documents, pick=None):
    """(position of a row, what was found, text of its document) for all positions, or those that `pick` chooses."""
    encoder = load(view.folder / "tokenizer.json", END_OF_TEXT)
    by_name = {document.document_id: document.text for document in documents}
    locator = Locator(encoder, by_name.__getitem__)
    for row in view.table("packed"):
        for offset in range(len(row["input_ids"])):
            if pick is None or pick(row["row"], offset):
                yield encoder, row, offset, locator.locate(row, offset), by_name


def check(encoder, row, offset, found, by_name):
    owners = [item for item in row["documents"] if item["token_start"] <= offset < item["token_end"]]
    assert found.token == row["input_ids"][offset]
    if not owners:
        assert (found.what, found.document_id) == ("padding", "")
        return 0
    text = by_name[found.document_id]
    assert found.document_id == owners[0]["document_id"]
    if found.what == "end":
        assert found.token == encoder.end and found.char_start == found.char_end == len(text)
        return 0
    span = text[found.char_start : found.char_end]
    assert tuple(encoder.ids([span])[0]) == found.ids, "the characters, tokenised alone, are those ids"
    assert found.token in found.ids
    whole = encoder.ids([text])[0]
    assert tuple(whole[found.first : found.first + len(found.ids)]) == found.ids
    return len(found.ids)


def test_every_position_leads_to_its_characters(tmp_path):
    """Law 4, all scripts. Kills: a span one character off; the first range of a row for all of its positions."""
    view = pack(view_of(tmp_path, DOCUMENTS))
    sizes = [check(*item) for item in located(view, DOCUMENTS)]
    of_text = [size for size in sizes if size]
    assert len(of_text) > 1000 and sum(size <= 4 for size in of_text) / len(of_text) > 0.9, "spans are short"


@settings(max_examples=6, deadline=None)
@given(st.lists(st.sampled_from([*WORDS, "x" * 90, "漢" * 40, " " * 30, "\n\n\n"]), min_size=1, max_size=40))
def test_texts_without_a_border_of_words(tmp_path_factory, words):
    """Law 4. Kills: a cut inside a character that leaves its second half without a place."""
    documents = [source("".join(words) + "."), source(" ".join(words) + "!")]
    view = pack(view_of(tmp_path_factory.mktemp("any"), documents), PackSettings(vocabulary=300, length=16))
    for item in located(view, documents):
        check(*item)


def test_a_border_is_looked_for_in_the_row_that_is_full(tmp_path):
    """Kills: looking back by half of the document instead of half of the row, and so before the row's beginning, again
    and again until memory ends."""
    pick = random.Random(3)
    letters = "".join(pick.choices("abcdefghijklmnopqrstuvwxyz", k=90))
    documents = [source(f"{letters[:size]} {letters[size:]}") for size in (22, 30, 38)]  # one border each
    view = pack(view_of(tmp_path, documents), PackSettings(vocabulary=300, length=16))
    for item in located(view, documents):
        check(*item)


def test_rows_of_a_long_document_begin_with_words(tmp_path):
    """Kills: cutting where the row is full, in the middle of a word, or looking for a border behind that place."""
    pick = random.Random(3)
    words = ["".join(pick.choices("abcdefgäß", k=pick.randint(2, 12))) for _ in range(300)]  # several tokens each
    text = " ".join(words)
    view = pack(view_of(tmp_path, [source(text)]), PackSettings(vocabulary=300, length=64))
    encoder = load(view.folder / "tokenizer.json", END_OF_TEXT)
    ranges = [(row, item) for row in view.table("packed") for item in row["documents"]]
    assert len(ranges) > 5
    for row, item in ranges:
        span = text[item["char_start"] : item["char_end"]]
        ids = [token for token in row["input_ids"][item["token_start"] : item["token_end"]] if token != encoder.end]
        assert encoder.ids([span])[0] == ids and (item["char_start"] == 0 or span[0] == " ")
        assert len(row["input_ids"]) - item["token_end"] < 16 or item["char_end"] == len(text)


def test_a_tokenizer_that_begins_every_text_with_a_space(tmp_path):
    """Kills: taking the token's own characters without trying them: alone, they get a space that is not theirs."""
    file = json.loads((pack(view_of(tmp_path, SOURCES)).folder / "tokenizer.json").read_text())
    file["pre_tokenizer"]["add_prefix_space"] = True
    encoder = parse(json.dumps(file).encode(), END_OF_TEXT)
    document = source("colourless green ideas sleep furiously, and so on")
    (ids,) = encoder.ids([document.text])
    size = len(ids) + 1
    piece = {"document_id": document.document_id, "char_start": 0, "char_end": len(document.text)}
    piece |= {"token_start": 0, "token_end": size}
    row = {"row": 0, "input_ids": [*ids, encoder.end], "loss_mask": [1] * size, "documents": [piece]}
    by_name = {document.document_id: document.text}
    for offset in range(size):
        check(encoder, row, offset, Locator(encoder, by_name.__getitem__).locate(row, offset), by_name)


def test_what_does_not_agree_is_said(tmp_path):
    """Kills: believing a row; an offset from the end of the row."""
    view = pack(view_of(tmp_path, DOCUMENTS))
    encoder = load(view.folder / "tokenizer.json", END_OF_TEXT)
    row = view.table("packed")[0]
    with pytest.raises(RetoldError, match="positions 0 to 63"):
        Locator(encoder, {}.__getitem__).locate(row, -1)
    with pytest.raises(StoreError, match="does not hold"):
        Locator(encoder, lambda name: "another text altogether").locate(row, 0)
    assert row["documents"], "row 0 holds documents"
    assert SETTINGS.length == 64
