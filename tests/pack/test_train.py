import pickle

import pytest

from memory_view import run_fold
from pack.corpus import SETTINGS, retelling, source, texts, view_of
from retold.core.errors import RecipeError, RetoldError
from retold.pack import PackSettings, TrainTokenizer
from retold.pack.settings import END_OF_TEXT
from retold.pack.tokenizer import load, train

DOCUMENTS = [source(text) for text in texts(40)]


def trained(view, settings=SETTINGS):
    run_fold(TrainTokenizer(settings, view.folder), view)
    assert view.table("packed") == []
    return (view.folder / "tokenizer.json").read_bytes()


def test_the_order_of_parts_and_their_number_change_nothing(tmp_path):
    """Law 1. Kills: a sample by position, or by part."""
    settings = SETTINGS.model_copy(update={"train_on": 4000})
    contents = {
        trained(view_of(tmp_path / "a", DOCUMENTS), settings),
        trained(view_of(tmp_path / "b", DOCUMENTS, order=["part-2", "part-0", "part-1"]), settings),
        trained(view_of(tmp_path / "c", DOCUMENTS[::-1], parts=1), settings),
    }
    assert len(contents) == 1
    assert contents != {trained(view_of(tmp_path / "d", DOCUMENTS))}, "the sample is smaller than the whole"


def test_only_kept_real_text_is_counted_each_text_once(tmp_path):
    """Kills: counting retellings, dropped sources, or a text of two parts twice."""
    plain = trained(view_of(tmp_path / "a", DOCUMENTS))
    others = [retelling("zzzz qqqq " * 50, DOCUMENTS[0]), source("wwww jjjj " * 50)]
    mixed = view_of(tmp_path / "b", [*DOCUMENTS, *others, *DOCUMENTS[:20]], parts=2, dropped=[others[1]])
    assert trained(mixed) == plain
    assert plain == train([document.text for document in DOCUMENTS], SETTINGS.vocabulary, END_OF_TEXT)


def test_without_real_text_the_error_says_so(tmp_path):
    documents = [retelling("some retelling", DOCUMENTS[0]), source("")]
    with pytest.raises(RetoldError, match="no real text"):
        trained(view_of(tmp_path, documents))


def test_a_given_tokenizer_is_checked_and_copied(tmp_path):
    content = train(texts(10), 300, END_OF_TEXT)
    (tmp_path / "mine.json").write_bytes(content)
    settings = PackSettings(tokenizer="mine.json")
    view = view_of(tmp_path / "out", [])
    run_fold(TrainTokenizer(settings, tmp_path), view)
    assert (view.folder / "tokenizer.json").read_bytes() == content
    assert load(view.folder / "tokenizer.json", END_OF_TEXT).vocabulary == 300


def test_the_identity_of_a_given_tokenizer_is_its_content(tmp_path):
    """Law 3. Kills: the path as identity, so that another tokenizer under the same name reuses old rows."""
    path = tmp_path / "mine.json"
    path.write_bytes(train(texts(10), 300, END_OF_TEXT))
    step = TrainTokenizer(PackSettings(tokenizer="mine.json"), tmp_path)
    before = step.identity()
    (tmp_path / "copy.json").write_bytes(path.read_bytes())
    assert TrainTokenizer(PackSettings(tokenizer="copy.json"), tmp_path).identity() == before
    path.write_bytes(train(texts(10, seed=2), 300, END_OF_TEXT))
    assert step.identity() != before
    path.unlink()
    with pytest.raises(RecipeError, match="mine"):
        step.identity()


def test_the_step_is_picklable():
    step = pickle.loads(pickle.dumps(TrainTokenizer(SETTINGS, None)))
    assert step.identity() == TrainTokenizer(SETTINGS, None).identity()
