"""Tokens kept between the two passes change nothing, are whole or not there, and do not stay."""

import pytest

from pack.corpus import SETTINGS, pack, source, texts, view_of
from retold.pack import Pack
from retold.pack.kept import FOLDER, Kept, read
from retold.pack.settings import END_OF_TEXT
from retold.pack.tokenize import Text, tokenised
from retold.pack.tokenizer import load

DOCUMENTS = [source(text) for text in texts(25)]


def rows(view, lose=()):
    """Rows made after some of the kept files were lost."""
    step = Pack(SETTINGS, 7)
    sketches = [(part, list(step.sketch(part, view))) for part in view.parts()]
    files = sorted((view.folder / FOLDER).iterdir())
    for place in lose:
        files[place].unlink()
    made = [row for _, output in step.merge(sketches, view) for row in output["packed"].to_pylist()]
    return files, made


def test_a_part_whose_tokens_are_lost_is_tokenised_again(tmp_path):
    """Kills: rows without the documents of a part whose file is not there; files that stay behind."""
    view = pack(view_of(tmp_path, DOCUMENTS))
    files, made = rows(view)
    assert len(files) == 3 and made == view.table("packed") and not (tmp_path / FOLDER).exists()
    assert rows(view, lose=(1,))[1] == rows(view, lose=(0, 1, 2))[1] == made


def test_what_is_kept_comes_back_and_a_failure_leaves_nothing(tmp_path):
    """Kills: a batch that loses its last document; half a file taken for a whole one."""
    encoder = load(pack(view_of(tmp_path, DOCUMENTS)).folder / "tokenizer.json", END_OF_TEXT)
    found = [
        tokenised(encoder, Text(item.document_id, item.text), ids, 64)
        for item, ids in zip(DOCUMENTS, encoder.arrays([item.text for item in DOCUMENTS]), strict=True)
    ]
    with Kept(tmp_path, "a") as kept:
        kept.add(found[:10])
        kept.add(found[10:])
    back = [item for batch in read(tmp_path, "a") for item in batch]
    for one, other in zip(found, back, strict=True):
        assert one.ids.tolist() == other.ids.tolist() and one.silent.tolist() == other.silent.tolist()
        assert (one.document_id, one.starts, one.char_starts, one.char_ends) == (
            other.document_id, other.starts, other.char_starts, other.char_ends
        )  # fmt: skip
    with pytest.raises(KeyboardInterrupt), Kept(tmp_path, "b") as kept:
        kept.add(found[:3])
        raise KeyboardInterrupt
    assert read(tmp_path, "b") is None and len(list((tmp_path / FOLDER).iterdir())) == 1
