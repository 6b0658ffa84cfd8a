"""The entry "unsafe": words of a list that the user names; here an invented one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from clean.test_step import curate, lines
from retold.clean import CURATE, Judge
from retold.clean.judge import broken
from retold.clean.unsafe import Unsafe, _counts
from retold.text.scan import Texts
from retold.text.words import fold, words

WORDS = "# an invented list\nZorble\nquux fnib\nfnib snob snib\n東京\nŒUVRE\n"


@pytest.fixture
def entry(tmp_path) -> Unsafe:
    (tmp_path / "list.txt").write_text(WORDS, "utf-8")
    return Unsafe(words="list.txt").pinned(tmp_path)


@pytest.mark.parametrize(
    ("text", "count", "of"),
    [
        ("A zorble is a ZORBLE, not a zorbles.", 2, 8),
        ("quux fnib and fnib quux", 2, 5),
        ("quux fnib snob snib", 4, 4),
        ("Quux-Fnib", 2, 2),
        ("我在東京", 2, 4),
        ("an œuvre", 1, 2),
        ("Nothing here.", 0, 2),
        ("...", 0, 0),
    ],
)
def test_words_and_runs_of_words(entry, text, count, of):
    """Kills: finding words inside others, counting a word of two runs twice, dividing by no words."""
    found = entry.measure(Texts([text])).signals
    assert found["unsafe_words"][0] == count and found["unsafe_share"][0] == (count / of if of else 0)


@given(st.lists(st.text("abABé -'.\n東", max_size=40), min_size=1, max_size=4))
def test_looking_up_distinct_words_counts_as_looking_up_all(texts):
    """The plain way: fold each word, look it up."""
    single = frozenset(("a", "ab", "é", "東"))
    assert _counts(Texts(texts), single, frozenset()) == [
        sum(fold(word) in single for word in words(text)) for text in texts
    ]


def test_the_share_drops_and_a_changed_threshold_needs_no_text(tmp_path, entry):
    """Kills: a limit on the share that also drops at the limit, a threshold among what is measured."""
    texts = ["zorble " + "word " * 99, "zorble " + "word " * 49, "word " * 50]
    lines(tmp_path, *({"id": str(place), "text": text} for place, text in enumerate(texts)))
    view, _ = curate(tmp_path, {"set": "a.jsonl"}, (entry,))
    dropped = [(row["reason"], row["detail"]) for row in view.table("verdicts")]
    assert dropped == [("unsafe_words", "unsafe share 0.02, asked at most 0.01")]
    strict = Unsafe(words="list.txt", max_share=None, max_words=0).pinned(tmp_path)
    assert strict.measuring() == entry.measuring() and strict.versions() == entry.versions()
    assert Judge((strict,)).identity() != Judge((entry,)).identity()
    signals = {name: entry.measure(Texts(texts)).signals[name] for name in ("unsafe_words", "unsafe_share")}
    assert (broken(signals, (strict,))[0] >= 0).tolist() == [True, True, False]


def test_settings():
    assert CURATE["unsafe"] is Unsafe and Unsafe(words="x", max_share="2%").max_share == 0.02
    with pytest.raises(ValidationError):
        Unsafe.model_validate({})
