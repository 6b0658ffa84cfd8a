import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.corpus import WORDS, texts
from retold.core.errors import RecipeError
from retold.pack.settings import END_OF_TEXT
from retold.pack.tokenizer import LONGEST_RUN, _cut_runs, in_batches, load, parse, train

TEXTS = texts(60)
CONTENT = train(TEXTS, 400, END_OF_TEXT)
ENCODER = parse(CONTENT, END_OF_TEXT)
assert ENCODER.engine, "found before anything is timed"


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_texts_changes_nothing(seed):
    """Law 1, many ties included (each text has its own number). Kills: a trainer that breaks ties by first sight."""
    shuffled = random.Random(seed).sample(TEXTS, len(TEXTS))
    assert train(shuffled, 400, END_OF_TEXT) == CONTENT


@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=8)), max_size=20).map(" ".join))
def test_any_text_comes_back(text):
    """Kills: a normalizer, a prefix space, or an alphabet smaller than the 256 bytes."""
    encoding = ENCODER.encode([text])[0]
    assert ENCODER.decode(encoding.ids) == text
    assert ENCODER.counts([text]) == [len(encoding.ids)]
    covered = 0
    for start, end in encoding.offsets:
        assert start <= covered <= end <= len(text)
        covered = max(covered, end)
    assert covered == len(text)


@pytest.mark.parametrize("text", [END_OF_TEXT, f"a{END_OF_TEXT}b", f"{END_OF_TEXT * 3}", f" {END_OF_TEXT} "])
def test_text_never_becomes_the_end_token(text):
    """Law 8. Kills: leaving out `encode_special_tokens = True`."""
    assert ENCODER.end == 0
    assert ENCODER.end not in ENCODER.encode([text])[0].ids
    assert ENCODER.decode(ENCODER.encode([text])[0].ids) == text


def test_a_tokenizer_that_would_let_text_end_itself_is_refused():
    """Kills: trusting `encode_special_tokens` for a token that the file does not mark as special."""
    values = json.loads(CONTENT)
    values["added_tokens"][0]["special"] = False
    with pytest.raises(RecipeError, match="end itself"):
        parse(json.dumps(values).encode(), END_OF_TEXT)


def test_padding_and_truncation_of_a_given_tokenizer_are_off():
    """Kills: leaving them on: documents would lose their ends without a word."""
    values = json.loads(CONTENT)
    values["truncation"] = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    encoder = parse(json.dumps(values).encode(), END_OF_TEXT)
    assert encoder.decode(encoder.encode([TEXTS[0]])[0].ids) == TEXTS[0]


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", "\ud800".encode("utf-8", "surrogatepass")])
def test_a_file_that_is_no_tokenizer_is_said_to_be_none(tmp_path, content):
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(RecipeError, match="not a tokenizer"):
        load(tmp_path / "tokenizer.json", END_OF_TEXT)


def test_a_missing_file_and_a_missing_token_say_what_to_do(tmp_path):
    with pytest.raises(RecipeError, match="tokenizer: train"):
        load(tmp_path / "absent.json", END_OF_TEXT)
    with pytest.raises(RecipeError, match="end_of_text"):
        parse(CONTENT, "</s>")


def test_one_endless_word_does_not_stop_the_training():
    """Kills: training on runs as they are, whose time is quadratic: 1.2 MB of letters took more than nine minutes."""
    content = train(["ab" * 20_000, "some words"], 2000, END_OF_TEXT)
    assert max(map(len, json.loads(content)["model"]["vocab"])) <= LONGEST_RUN


@given(st.text(alphabet="ab \n", max_size=40).map(lambda text: text * 30))
def test_cut_runs_lose_nothing_and_are_short(text):
    pieces = _cut_runs(text)
    assert "".join(pieces) == text
    assert all(len(word) <= LONGEST_RUN for piece in pieces for word in piece.split())


def test_batches_are_bounded_and_leave_out_empty_texts():
    rows = [("a", "xx"), ("b", ""), ("c", "xxx"), ("d", "x" * 20), ("e", "x")]
    assert [ids for ids, _ in in_batches(rows, 5)] == [("a", "c"), ("d",), ("e",)]
