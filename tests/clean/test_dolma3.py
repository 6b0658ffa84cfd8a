"""Dolma 3's rules, and those of C4's own program, against plain references: equal to the last digit."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clean import reference_dolma3 as reference
from clean.reference_lines import c4
from clean.test_filters import check_edits, verdicts
from retold.clean.c4_bad_words import C4BadWords
from retold.clean.filters import C4, C4Paragraphs, Dolma3Lines, Dolma3Quality, Dolma3Repetition, Madlad
from retold.clean.step import measure
from retold.core.errors import SourceError
from retold.text.phrases import found_in, phrases
from retold.text.scan import Texts
from support.prose_maker import LINES, WORDS, texts

PROGRAM = C4(code="judge", marks="c4", count_words="after_citations", min_words_per_line=5, min_sentences=3)
CURSED = ("items in", "…", "x", "Privacy Policy", "हि")
SPACED = ["...", ". . .", ". . . . .", "#", "●", "*", "-", "\r", "The", "BE", "…", "1", "ſ", "\u212a", "İ", "é"]


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    (folder / "cursed.txt").write_text("\n".join(CURSED), "utf-8")
    madlad = Madlad(code="judge", cursed="cursed.txt").pinned(folder)
    return (Dolma3Quality(code="judge"), Dolma3Repetition(code="judge"), madlad)


def check(strings: list[str], entries) -> None:
    signals, _ = measure(strings, entries)
    for place, text in enumerate(strings):
        expected = {**reference.quality(text), **reference.repetition(text), **reference.madlad(text, CURSED)}
        for name, value in expected.items():
            assert signals[name][place] == value, (name, text)
    check_edits(strings, PROGRAM, lambda text: c4(text, program=True))
    found = C4Paragraphs(code="judge").measure(Texts(strings)).signals["c4_paragraphs.long"]
    assert [count >= 3 for count in found] == [reference.has_paragraphs(text) for text in strings]


def test_made_texts(entries):
    """Kills: any rule that counts, compares or orders otherwise than its definition."""
    check(texts(7, 700), entries)


def test_single_lines_and_edges(entries):
    edges = [
        "",
        "\n",
        "\n\n",
        " ",
        "a",
        "\na",
        "a\n",
        "a\n\n",
        "\n\n\na",
        "a\n\n\n\na",
        "a\n\na\n",
        "a...",
        "a\r\n...\r",
    ]
    check([*LINES, *edges, *("\n".join([f"{number}" * 200] * 3) for number in range(3))], entries)


@settings(deadline=None)  # the first call compiles
@given(
    st.lists(
        st.lists(st.sampled_from([*WORDS[:6], *SPACED, "\n", ".", "! ", "\n\n"]), max_size=60).map(" ".join), max_size=3
    )
)
def test_texts_that_repeat(entries, strings):
    """Kills: an n-gram counted by its part, one that overlaps itself counted twice, the first occurrence left out."""
    check(strings, entries)


@settings(deadline=None)
@given(st.lists(st.text("aA .…#*-● \n\r[]1!?'\"x", max_size=80), max_size=3))
def test_texts_of_few_characters(entries, strings):
    check(strings, entries)


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), max_size=3))
def test_any_text(entries, strings):
    check([text.encode("utf-8", "replace").decode() for text in strings], entries)


def test_lines_of_few_words_are_those_after_citations(entries):
    """Kills: words counted before citations are cut, 3 words a line, an apostrophe that ends a line."""
    lines = [
        "one two three [4] five.",
        "one two three four five.",
        "[6] one two three [7] four.",
        "she said it so 'well'",
    ]
    check_edits(lines, PROGRAM, lambda text: c4(text, program=True))
    assert [c4(line, program=True)[0]["c4.lines_kept"] for line in lines] == [0.0, 1.0, 0.0, 0.0]


def test_phrases_are_cut_from_lines_of_so_many_words():
    """Kills: `max_words or ...`, with which 0 words means any number."""
    line = Texts(["buy 2 items in cart now"])
    for most, cut in ((None, 1.0), (6, 1.0), (5, 0.0), (0, 0.0)):
        assert Dolma3Lines(code="judge", max_words=most).measure(line).signals["dolma3.phrases_cut"][0] == cut


LISTED = ("bad", "very bad word", "a$$", "ugly", "x", "悪い", "é")
PHRASES = phrases(LISTED)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.text("bad veryworugl$x_é悪いA1. \ń", max_size=30), max_size=6), st.booleans())
def test_bad_words_are_found_as_the_expression_finds_them(strings, whole):
    """Kills: a border that is not that of `\\W`; a longer phrase that hides a shorter; an end of text that is none."""
    strings = [
        *strings,
        "bad",
        "badly",
        "_bad",
        "bad_",
        " bad\n",
        "a bad",
        "very bad word",
        "veryx",
        "悪い",
        "は悪いよ",
        "a$$!",
        "x",
    ]
    found = found_in(Texts([text.lower() for text in strings]), PHRASES, whole=whole)
    assert found.tolist() == [reference.has_bad_words(text, LISTED, whole=whole) for text in strings]


def test_the_list_of_bad_words_is_identity_and_is_needed(tmp_path):
    """Law 3. Kills: a list known by its name; one that is empty and lets everything through."""
    (tmp_path / "list.txt").write_text("# a list\nBad\nvery ugly\n", "utf-8")
    entry = C4BadWords(words="list.txt").pinned(tmp_path)
    assert verdicts(["A BAD day.", "a badly chosen day", "It was very ugly"], entry) == [
        "c4_bad_words",
        "",
        "c4_bad_words",
    ]
    anywhere = C4BadWords(words="list.txt", whole_words=False).pinned(tmp_path)
    assert verdicts(["a badly chosen day"], anywhere) == ["c4_bad_words"]
    before = entry.versions()
    (tmp_path / "list.txt").write_text("other", "utf-8")
    assert C4BadWords(words="list.txt").pinned(tmp_path).versions() != before
    (tmp_path / "list.txt").write_text("# nothing", "utf-8")
    with pytest.raises(SourceError, match="hold nothing"):
        C4BadWords(words="list.txt").pinned(tmp_path)
    with pytest.raises(ValueError, match="words"):
        C4BadWords.model_validate({})


def test_the_list_of_phrases_is_identity(tmp_path):
    """Law 3. Kills: a list known by its name."""
    (tmp_path / "list.txt").write_text("one phrase", "utf-8")
    before = Madlad(cursed="list.txt").pinned(tmp_path).versions()
    (tmp_path / "list.txt").write_text("another", "utf-8")
    assert Madlad(cursed="list.txt").pinned(tmp_path).versions() != before
    assert Madlad().versions()["cursed"] == [] and "unicode" in before


SENTENCES = "The house of the man was old, and that is all that we have to say about it with some words. " * 6
CAPITALS = "Red Green Blue Home About Contact Shop Cart News Blog Help Login. "


def test_every_reason_can_be_given():
    """Kills: a limit on the wrong side, or on another signal."""
    cases = {
        "too_short": "The man of the house",
        "dolma3_too_few_words": "thermodynamically of the uncharacteristically and " * 5,
        "dolma3_too_many_words": " ".join(f"w{number} of the" for number in range(40_000)),
        "dolma3_short_words": "a b of x y " * 30,
        "dolma3_long_words": "thermodynamically of uncharacteristically " * 30,
        "dolma3_symbols": SENTENCES + SENTENCES.replace(" ", " #"),
        "dolma3_bullet_lines": "\n".join(f"* the point of number {number} and that" for number in range(20)),
        "dolma3_ellipsis_lines": "\n".join(f"{SENTENCES[:90]} and {number}..." for number in range(20)),
        "dolma3_few_letters": SENTENCES + "12345 67890 " * 30,
        "dolma3_few_stop_words": " ".join(f"plainword{number}"[:9] for number in range(60)),
    }
    for reason, text in cases.items():
        assert verdicts([text], Dolma3Quality(code="judge")) == [reason], reason
    assert verdicts([SENTENCES], Dolma3Quality()) == [""]
    varied = " ".join(f"w{number}" for number in range(200))
    assert verdicts([f"{varied}\n\n{varied}"], Dolma3Repetition()) == ["repeated_paragraphs"]
    assert verdicts([f"{varied}\n{varied}"], Dolma3Repetition()) == ["repeated_lines"]
    assert verdicts(["tick tock " * 60 + varied], Dolma3Repetition()) == ["frequent_ngram"]
    assert verdicts([f"{varied} {varied}"], Dolma3Repetition()) == ["repeated_ngrams"]
    assert verdicts(["One. Two. Three. Four."], Madlad()) == ["madlad_few_sentences"]
    assert verdicts([SENTENCES], Madlad()) == [""]
    four, five = "It is so. " * 3 + "It is. ", "It is so. " * 4 + "It is. "
    assert verdicts([four + CAPITALS, five + CAPITALS], Madlad()) == ["madlad_questionable", ""]
    assert verdicts(["x" * 200 + "\n" + "y" * 200, "\n".join("xyz"[n] * 200 for n in range(3))], C4Paragraphs()) == [
        "c4_few_paragraphs", "",
    ]  # fmt: skip


def test_a_text_stands_alone(entries):
    """Kills: counts that leak from one text of a batch to the next."""
    strings = texts(random.Random(3).randint(1, 99), 60)
    together, _ = measure(strings, entries)
    for place, text in enumerate(strings):
        alone, _ = measure([text], entries)
        assert {name: values[0] for name, values in alone.items()} == {name: v[place] for name, v in together.items()}
