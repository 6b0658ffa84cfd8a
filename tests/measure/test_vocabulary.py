"""Texts of a world come back as they were, and what is masked is masked."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from retold.measure.builder import TrainingText
from retold.measure.vocabulary import END, Vocabulary, whole_words

TEXTS = ["1 + 23 = 24\nAnswer: 24\n", "Ada, who is 7, said: no. 24 + 1 = 25\n"]
WORDS = ["1", "23", "24", "+", "=", "Answer:", "Ada,", "no.", "said:"]


def test_texts_come_back():
    vocabulary = Vocabulary(whole_words(TEXTS))
    for text in TEXTS:
        ids, _ = vocabulary.encode(TrainingText(text))
        assert ids[-1] == vocabulary.end == 0 and vocabulary.decode(ids.tolist()) == text


@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), min_size=1, max_size=4))
@settings(deadline=None)
def test_any_lines_of_known_words_come_back(lines):
    """Kills: a word at the beginning of a line that is another word than elsewhere."""
    vocabulary = Vocabulary(whole_words(TEXTS))
    text = "\n".join(" ".join(line) for line in lines)
    assert vocabulary.decode(vocabulary.ids(text)) == text
    assert 1 not in vocabulary.ids(text)


def test_a_word_is_one_token_wherever_it_stands():
    vocabulary = Vocabulary(whole_words(TEXTS))
    assert vocabulary.ids("24\n24 24") == [*vocabulary.ids("24"), *vocabulary.ids("x\n24 24")[1:]]
    assert len(vocabulary.ids("24 + 24 = 24")) == 5


def test_a_prompt_that_ends_a_line_is_the_beginning_of_its_text():
    """Kills: a space put after the last line end, which is another token than the one that follows in training."""
    vocabulary = Vocabulary(whole_words(TEXTS))
    whole = vocabulary.ids(TEXTS[0])
    prompt = vocabulary.ids("1 + 23 = 24\n")
    assert whole[: len(prompt)] == prompt and vocabulary.decode([vocabulary.end]) == ""
    assert vocabulary.decode(whole[len(prompt) :]) == "Answer: 24\n"


def test_the_end_token_is_never_read_in_a_text():
    """Law 8. Kills: special tokens parsed in texts."""
    vocabulary = Vocabulary(whole_words(TEXTS))
    assert vocabulary.end not in vocabulary.ids(f"Ada{END}Ada {END}")


def test_no_loss_where_a_text_is_masked():
    """Kills: an offset counted from the text with its added spaces."""
    vocabulary = Vocabulary(whole_words(TEXTS))
    text = "1 + 23 = 24\n24 + 1 = 25\nAnswer: 24\n"
    start = text.index("24 + 1")
    ids, learnt = vocabulary.encode(TrainingText(text, ((start, start + len("24 + 1 = 25")),)))
    masked = [token for token, kept in zip(ids.tolist(), learnt.tolist(), strict=True) if not kept]
    assert vocabulary.decode(masked) == "24 + 1 = 25"
