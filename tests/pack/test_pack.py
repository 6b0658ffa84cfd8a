import random
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pack.corpus import SETTINGS, WORDS, export, pack, retelling, source, texts, view_of
from retold.core.errors import RetoldError
from retold.pack import Pack, PackSettings, summarize
from retold.pack.settings import END_OF_TEXT
from retold.pack.tokenizer import load

SOURCES = [source(text) for text in texts(40)]
RETELLINGS = [retelling(text, parent) for text, parent in zip(texts(20, 2, 30), SOURCES, strict=False)]
DOCUMENTS = SOURCES + RETELLINGS
DROPPED = (SOURCES[3], RETELLINGS[4])


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return pack(view_of(tmp_path_factory.mktemp("out"), DOCUMENTS, dropped=DROPPED))


def encoder_of(view):
    return load(view.folder / "tokenizer.json", END_OF_TEXT)


def pieces_of(rows):
    """document_id -> [(range, ids)] in the order of rows."""
    pieces = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["row"]):
        for item in row["documents"]:
            pieces[item["document_id"]].append((item, row["input_ids"][item["token_start"] : item["token_end"]]))
    return pieces


def test_every_token_of_every_kept_document_is_there_once_and_in_order(view):
    """Laws 2 and 4. Kills: packing dropped documents, forgetting the end token, pieces of a document out of order."""
    encoder = encoder_of(view)
    pieces = pieces_of(view.table("packed"))
    kept = {document.document_id: document.text for document in DOCUMENTS if document not in DROPPED}
    assert set(pieces) == set(kept)
    for identifier, found in pieces.items():
        expected = [*encoder.encode([kept[identifier]])[0].ids, encoder.end]
        assert [token for _, ids in found for token in ids] == expected


def test_characters_of_a_range_are_the_text_of_its_tokens(view):
    """Law 4, on many scripts. Kills: byte offsets in place of characters; a range of a cut document off by one."""
    encoder = encoder_of(view)
    kept = {document.document_id: document.text for document in DOCUMENTS}
    cut = whole = 0
    for identifier, found in pieces_of(view.table("packed")).items():
        text, reached = kept[identifier], 0
        for item, ids in found:
            start, end = item["char_start"], item["char_end"]
            if (start, end) == (0, len(text)) and ids[-1] == encoder.end:
                assert ids == [*encoder.encode([text[start:end]])[0].ids, encoder.end]
                whole += 1
            assert reached - 1 <= start <= reached <= end
            raw = encoder.decode(ids).strip("\ufffd")
            assert raw in text[start:end] and len(raw) >= end - start - 2
            reached, cut = end, cut + (start > 0)
        assert reached == len(text)
    assert cut > 20, "the corpus has documents that are longer than a row"
    assert whole > 10, "and shorter ones"


def test_rows_have_one_length_and_the_mask_is_on_ranges_only(view):
    """Kills: a mask on padding, ranges with gaps, padding with another token than the end of a text."""
    rows = view.table("packed")
    end = encoder_of(view).end
    assert [row["row"] for row in rows] == list(range(len(rows)))
    for row in rows:
        assert len(row["input_ids"]) == len(row["loss_mask"]) == SETTINGS.length
        reached = 0
        for item in row["documents"]:
            assert item["token_start"] == reached < item["token_end"]
            reached = item["token_end"]
        assert row["loss_mask"] == [1] * reached + [0] * (SETTINGS.length - reached)
        assert row["input_ids"][reached:] == [end] * (SETTINGS.length - reached)


def test_text_that_spells_the_end_token_ends_nothing(view):
    """Law 8. Kills: encoding with special tokens on."""
    end = encoder_of(view).end
    rows = view.table("packed")
    assert any(END_OF_TEXT in document.text for document in SOURCES)
    ends = sum(row["input_ids"][place] == end for row in rows for place in range(sum(row["loss_mask"])))
    assert ends == len(DOCUMENTS) - len(DROPPED)


def shards_of(view):
    return {path.name: path.read_bytes() for path in sorted((view.folder / "shards").iterdir())}


@pytest.mark.parametrize("order", [["part-2", "part-0", "part-1"], ["part-1", "part-2", "part-0"]])
def test_the_order_of_parts_changes_no_row_and_no_byte(tmp_path, view, order):
    """Law 1. Kills: an order by arrival anywhere between documents and shards."""
    other = pack(view_of(tmp_path / "b", DOCUMENTS, order=order, dropped=DROPPED))
    assert other.table("packed") == view.table("packed")
    assert shards_of(export(other)) == shards_of(export(view))


def test_other_shares_of_the_input_and_another_seed(tmp_path, view):
    """Law 1. Kills: a seed that is not used; ties by part."""
    one = pack(view_of(tmp_path / "a", DOCUMENTS[::-1], parts=1, dropped=DROPPED))
    assert one.table("packed") == view.table("packed")
    other = pack(view_of(tmp_path / "b", DOCUMENTS, dropped=DROPPED), seed=8)
    assert other.table("packed") != view.table("packed")
    assert set(pieces_of(other.table("packed"))) == set(pieces_of(view.table("packed")))


def test_a_text_in_two_parts_is_packed_once(tmp_path, view):
    """Kills: placing a document by its row in the sketch instead of by its id."""
    twice = pack(view_of(tmp_path, DOCUMENTS + DOCUMENTS[:30], parts=5, dropped=DROPPED))
    assert twice.table("packed") == view.table("packed")


def test_small_batches_and_small_buckets_give_the_same_rows(tmp_path, view, monkeypatch):
    """Kills: a bucket whose first row is not subtracted; a flush that loses or doubles pieces."""
    monkeypatch.setattr("retold.pack.pack.BATCH_TOKENS", 3 * SETTINGS.length)
    monkeypatch.setattr("retold.pack.spill.PENDING_BYTES", 2000)
    small = pack(view_of(tmp_path, DOCUMENTS, dropped=DROPPED))
    assert small.table("packed") == view.table("packed")
    assert [path.name for path in tmp_path.iterdir()] == ["tokenizer.json"], "nothing is left behind"


def test_a_text_that_changed_under_way_stops_the_fold(tmp_path):
    """Kills: trusting that the second pass sees what the first one saw: rows would overlap."""
    view = pack(view_of(tmp_path, DOCUMENTS))
    step = Pack(SETTINGS, 7)
    sketches = [(part, list(step.sketch(part, view))) for part in view.parts()]
    with pytest.raises(RetoldError, match="not there when"):
        list(step.merge(sketches[:2], view))
    changed = view_of(tmp_path, [source("shorter"), *DOCUMENTS[1:]])
    with pytest.raises(RetoldError, match="not there when"):
        list(step.merge(sketches, changed))
    fewer = view_of(tmp_path, DOCUMENTS, dropped=DOCUMENTS[:1])
    with pytest.raises(RetoldError, match="1 documents or tokenizer"):
        list(step.merge(sketches, fewer))
    pack_with_another_tokenizer = PackSettings(vocabulary=300, length=64)
    pack(view_of(tmp_path, DOCUMENTS), pack_with_another_tokenizer)
    with pytest.raises(RetoldError, match="changed while"):
        list(step.merge(sketches, view))


def test_nothing_to_pack_is_no_row(tmp_path):
    view = pack(view_of(tmp_path, [source("the only text, dropped below"), SOURCES[0]]))
    empty = view_of(tmp_path, [])
    step = Pack(SETTINGS, 7)
    assert list(step.merge([(part, list(step.sketch(part, empty))) for part in empty.parts()], empty)) == []
    assert summarize(empty.read("packed"), encoder_of(view).end).utilization == 1.0


def test_the_summary_counts_what_is_there(view):
    """Kills: counting pieces as documents, padding as tokens."""
    end = encoder_of(view).end
    summary = summarize(view.read("packed"), end)
    rows = view.table("packed")
    pieces = pieces_of(rows)
    assert (summary.rows, summary.documents) == (len(rows), len(DOCUMENTS) - len(DROPPED))
    assert summary.tokens == sum(sum(row["loss_mask"]) for row in rows)
    assert summary.tokens + summary.padding == SETTINGS.length * len(rows)
    assert summary.cut == sum(len(found) > 1 for found in pieces.values())
    assert summarize((rows for batch in view.read("packed") for rows in (batch[:5], batch[5:])), end) == summary


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=60).map(" ".join), min_size=1, max_size=12),
    st.integers(16, 40),
)
def test_any_token_finds_its_characters(tmp_path_factory, contents, length):
    """Law 4: a random position of a row names a document, and its characters decode to it. Kills: `offset` ignored."""
    documents = {item.document_id: item for item in map(source, contents) if item.text.strip()}
    if not documents:
        return
    chosen = PackSettings(vocabulary=300, length=length)
    view = pack(view_of(tmp_path_factory.mktemp("any"), list(documents.values())), chosen)
    encoder, rows = encoder_of(view), view.table("packed")
    pick = random.Random(length)
    for row in rows:
        place = pick.randrange(length)
        owners = [item for item in row["documents"] if item["token_start"] <= place < item["token_end"]]
        assert len(owners) == row["loss_mask"][place]
        for item in owners:
            ids = row["input_ids"][item["token_start"] : item["token_end"]]
            text = documents[item["document_id"]].text[item["char_start"] : item["char_end"]]
            assert encoder.decode(ids).strip("\ufffd") in text
