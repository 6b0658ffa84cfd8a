"""The compiled filters against plain references written from the definitions: equal to the last digit."""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clean import reference_gopher as gopher
from clean import reference_lines as by_line
from retold.clean import CURATE, REASONS
from retold.clean.entry import Entry
from retold.clean.filters import C4, FILTERS, Dolma3Lines, FineWebQuality, GopherQuality, GopherRepetition, Prose
from retold.clean.judge import broken
from retold.clean.step import measure
from retold.text.pieces import classes, count_sentences, lines, paragraphs
from retold.text.scan import Texts
from support.prose_maker import LINES, WORDS, texts

SEED, MANY = 7, 1_000
ENTRIES: tuple[Prose, ...] = (
    GopherQuality(code="judge"),
    GopherRepetition(code="judge"),
    FineWebQuality(code="judge"),
)


def reference(text: str) -> dict[str, float]:
    return {**gopher.quality(text), **gopher.repetition(text), **by_line.fineweb(text)}


def check(strings: list[str]) -> None:
    """Every signal of every text is that of the reference, and so is every edit, with its way back."""
    signals, _ = measure(strings, ENTRIES)
    for place, text in enumerate(strings):
        for name, value in reference(text).items():
            assert signals[name][place] == value, (name, text)
    check_edits(strings, C4(code="judge"), by_line.c4)
    check_edits(strings, C4(code="judge", terminal_punctuation=False), lambda text: by_line.c4(text, terminal=False))
    other = C4(code="judge", marks="any_script", citations=False)
    check_edits(strings, other, lambda text: by_line.c4(text, any_script=True, citations=False))
    check_edits(strings, Dolma3Lines(code="judge"), by_line.dolma3)


def check_edits(strings: list[str], entry: Entry, expected) -> None:
    measured = entry.measure(Texts(strings))
    for place, text in enumerate(strings):
        values, left = expected(text)
        for name, value in values.items():
            assert measured.signals[name][place] == value, (name, text)
        made = measured.edits[place]
        assert (text if made is None else made[0]) == left, text
        for item in made[1] if made else ():
            old, new = item.parent_start, item.start
            assert item.length > 0
            assert text[old : old + item.length] == left[new : new + item.length], text


def test_made_texts():
    """Kills: any rule that counts, compares or orders otherwise than its definition."""
    check(texts(SEED, MANY))


def test_single_lines():
    check([*LINES, "", "\n", "\n\n", " \n ", "a", "a\n", "\na", "a\n\n\n\na", "...", "......", "a……b", "[", "[1", "]"])


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.text("aAb.…#-•' \n\n[]1{", max_size=80), max_size=3))
def test_texts_of_few_characters(strings):
    check(strings)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.lists(st.sampled_from([*WORDS[:6], "\n", ".", "\n\n"]), max_size=60).map(" ".join), max_size=3))
def test_texts_that_repeat(strings):
    """Kills: a repeated n-gram found by a part of it, or one that overlaps itself counted twice."""
    check(strings)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.text(max_size=60), max_size=3))
def test_any_text(strings):
    check([text.encode("utf-8", "replace").decode() for text in strings])


@pytest.mark.parametrize("seed", range(3))
def test_lines_of_parts(seed):
    """Lines put together from the words that rules look for: cut, joined and cased in every way."""
    source = random.Random(seed)
    parts = "items in cart|Read more...|Sign-in|likes|3|1.2K|1,2\u212a| |  |\u3000|[2]|[edit]|java".split("|")
    parts += "script|uses cookies|USE COOKIES|lorem ipsum|{|.|...|word|\u00a0".split("|")
    check(["\n".join("".join(source.choices(parts, k=source.randint(1, 6))) for _ in range(12)) for _ in range(150)])


@pytest.mark.parametrize("seed", range(3))
def test_words_of_a_text_that_was_edited_are_those_of_what_is_left(seed):
    """What C4 knows of tokens and words without cutting them again. Kills: words of lines that went counted too;
    `any_cited` never set: beside a citation that is cut two words become one."""
    source = random.Random(seed)
    parts = "one|two|3|.|, |[1]|[edit]| | |words here|... |uses cookies|\n|\n".split("|")
    strings = ["".join(source.choices(parts, k=40)) + "." for _ in range(300)]
    entries = (GopherQuality(code="judge"), C4(code="judge"), FineWebQuality(code="judge"))
    signals, edits = measure(strings, entries)
    assert sum(made is not None for made in edits) > 80
    for place, made in enumerate(edits):
        alone, _ = measure([made[0] if made else strings[place]], (FineWebQuality(code="judge"),))
        for name, values in alone.items():
            assert signals[name][place] == values[0], (name, strings[place])


def test_a_text_stands_alone():
    """Kills: counts that leak from one text of a batch to the next."""
    strings = texts(11, 60)
    together, edits = measure(strings, (*ENTRIES, C4(), Dolma3Lines()))
    for place, text in enumerate(strings):
        alone, made = measure([text], (*ENTRIES, C4(), Dolma3Lines()))
        assert {name: values[0] for name, values in alone.items()} == {name: v[place] for name, v in together.items()}
        assert made[0] == edits[place]


def test_pieces_and_sentences():
    found = texts(3, 200)
    cut = Texts(found)
    for name, pieces, expected in (
        ("lines", lines(cut), [text.split("\n") for text in found]),
        ("paragraphs", paragraphs(cut), None),
    ):
        for place, text in enumerate(found):
            rows = range(pieces.bounds[place], pieces.bounds[place + 1])
            mine = [cut.data[pieces.start[row] : pieces.end[row]].tobytes().decode() for row in rows]
            if expected:
                assert mine == expected[place], name
            assert [pieces.characters[row] for row in rows] == [len(piece) for piece in mine]
            assert [pieces.same[row] for row in rows] == [mine.index(piece) for piece in mine], text
    for line in [*LINES, "a. b", "a.b.c", "“Go!” he said.", "好。是吗？", "...", "?!", ""]:
        data = np.frombuffer(line.encode(), np.uint8)
        assert count_sentences(data, 0, len(data), classes()) == len(by_line.sentences(line)), line


def verdicts(strings: list[str], *entries: Entry) -> list[str]:
    signals, _ = measure(strings, entries)
    first, rules = broken(signals, entries)
    return [rules[place][1].reason if place >= 0 else "" for place in first]


PROSE = "The house of the man was old, and that is all that we have to say about it with some words. " * 3


def test_every_reason_can_be_given():
    """Kills: a limit on the wrong side, or on another signal."""
    long = " ".join(f"word{number} of the long text and that" for number in range(15_000))
    cases = {
        "gopher_too_few_words": PROSE[:60],
        "gopher_too_many_words": long,
        "gopher_short_words": "a b the of x y " * 20,
        "gopher_long_words": "thermodynamically of the uncharacteristically " * 30,
        "gopher_hashes": PROSE + "# " * 20,
        "gopher_ellipses": PROSE + "… " * 20,
        "gopher_bullet_lines": "\n".join(f"- the point of number {number} and that" for number in range(20)),
        "gopher_ellipsis_lines": "\n".join(f"{PROSE[:90]} and {number}..." for number in range(20)),
        "gopher_few_letters": PROSE + "123456 7891011 " * 20,
        "gopher_few_stop_words": " ".join(f"plainword{number}"[:9] for number in range(60)),
    }
    for reason, text in cases.items():
        assert verdicts([text], GopherQuality(code="judge")) == [reason], reason
    assert verdicts([PROSE], GopherQuality()) == [""]
    varied = " ".join(f"w{number}" for number in range(200))
    assert verdicts([f"{varied}\n\n" * 4], GopherRepetition()) == ["repeated_paragraphs"]
    assert verdicts([f"{varied}\n" * 4], GopherRepetition()) == ["repeated_lines"]
    assert verdicts(["tick tock " * 60 + varied], GopherRepetition()) == ["frequent_ngram"]
    assert verdicts([varied + " " + varied], GopherRepetition()) == ["repeated_ngrams"]
    line = "This is a sentence of the text. "
    assert verdicts([line * 5, line * 4, line * 6 + "Lorem ipsum.", line * 5 + "{.", "no"], C4()) == [
        "", "c4_few_sentences", "c4_lorem_ipsum", "c4_curly_bracket", "c4_no_line_left",
    ]  # fmt: skip
    fineweb = {
        "fineweb_unpunctuated_lines": "\n".join(f"a line of thirty one characters {n}" for n in range(9)),
        "fineweb_short_lines": "\n".join(f"a short one {n}." for n in range(9)),
        "fineweb_repeated_lines": "\n".join(["this is a line that stands here more than once."] * 2),
        "fineweb_list": "\n".join(f"{chr(97 + n) * 40}." for n in range(9)),
    }
    for reason, text in fineweb.items():
        assert verdicts([text], FineWebQuality()) == [reason], reason
    assert verdicts([PROSE + "\n3 likes", PROSE[:80] + "\nLOUD AND LOUDER"], Dolma3Lines()) == [
        "", "dolma3_too_much_removed",
    ]  # fmt: skip


def test_reasons_are_declared_and_bounds_can_be_lifted():
    for kind in FILTERS.values():
        entry = kind()
        assert {limit.reason for limit in entry.limits()} <= set(REASONS)
        none = dict.fromkeys(entry.judging())
        lifted = kind(**none)
        assert [limit.reason for limit in lifted.limits()] in ([], ["c4_no_line_left"])
        assert lifted.measuring() == entry.measuring() and set(entry.judging()) == set(none) != set()
        assert CURATE[next(name for name, other in FILTERS.items() if other is kind)] is kind


def test_code_is_not_judged_as_prose():
    """Kills: a prose rule that drops or cuts code unless asked to."""
    source = "\n".join(f"int f{n}(int x) {{ return x * {n}; }}" for n in range(40))
    formulas = " ".join(r"\frac{\alpha}{\beta} + \sum_{i} x_i = \gamma" for _ in range(40))
    entries = tuple(kind() for kind in FILTERS.values())
    assert verdicts([source, formulas], *entries) == ["", ""]
    assert measure([source], entries)[1] == [None]
    judged = tuple(kind(code="judge") for kind in FILTERS.values())
    assert all(verdicts([source, formulas], *judged))


def test_a_hostile_text_costs_time_in_proportion():
    """Law 5. Kills: comparing each n-gram or line with all others."""
    import time

    hostile = ["a " * 400_000, "a\n" * 400_000, "." * 800_000, "[" * 800_000, "items in cart " * 60_000, "ab" * 400_000]
    entries = tuple(kind(code="judge") for kind in FILTERS.values())
    measure(["warm up"], entries)
    begin = time.process_time()
    measure(hostile, entries)
    assert time.process_time() - begin < 10


def test_defaults_are_the_published_ones():
    """Kills: a bound that is not that of its publication (Gopher's tables, C4, FineWeb, RefinedWeb)."""
    bounds = {
        limit.signal + (" >= " if limit.at_least is not None else " <= "): limit.at_least
        or limit.at_most
        or limit.below
        or 0
        for kind in FILTERS.values()
        for limit in kind().limits()
    }
    repetition = {
        name.removeprefix("repetition."): value for name, value in bounds.items() if name.startswith("repetition.")
    }
    assert bounds == {
        "gopher.words >= ": 50, "gopher.words <= ": 100_000, "gopher.mean_word_length >= ": 3,
        "gopher.mean_word_length <= ": 10, "gopher.hashes <= ": 0.1, "gopher.ellipses <= ": 0.1,
        "gopher.bullet_lines <= ": 0.9, "gopher.ellipsis_lines <= ": 0.3, "gopher.alphabetic_words >= ": 0.8,
        "gopher.stop_words >= ": 2, "repetition.duplicate_paragraphs <= ": 0.3,
        "repetition.duplicate_paragraph_characters <= ": 0.2, "repetition.duplicate_lines <= ": 0.3,
        "repetition.duplicate_line_characters <= ": 0.2, "repetition.top_2gram <= ": 0.2,
        "repetition.top_3gram <= ": 0.18, "repetition.top_4gram <= ": 0.16, "repetition.duplicate_5gram <= ": 0.15,
        "repetition.duplicate_6gram <= ": 0.14, "repetition.duplicate_7gram <= ": 0.13,
        "repetition.duplicate_8gram <= ": 0.12, "repetition.duplicate_9gram <= ": 0.11,
        "repetition.duplicate_10gram <= ": 0.1, "c4.lorem_ipsum <= ": 0, "c4.curly_brackets <= ": 0,
        "c4.lines_kept >= ": 1, "c4.sentences >= ": 5, "fineweb.punctuated_lines >= ": 0.12,
        "fineweb.short_lines <= ": 0.67, "fineweb.duplicate_line_characters <= ": 0.01,
        "fineweb.newlines_per_word <= ": 0.3, "dolma3.words_removed <= ": 0.05,
        "dolma3_quality.characters >= ": 150, "dolma3_quality.words >= ": 50, "dolma3_quality.words <= ": 100_000,
        "dolma3_quality.mean_word_length >= ": 3, "dolma3_quality.mean_word_length <= ": 10,
        "dolma3_quality.symbols <= ": 0.1, "dolma3_quality.bullet_lines <= ": 0.9,
        "dolma3_quality.ellipsis_lines <= ": 0.3, "dolma3_quality.nonalphabetic_words <= ": 0.2,
        "dolma3_quality.stop_words >= ": 2, "madlad.sentences >= ": 5, "madlad.questionable <= ": 0.2,
        "c4_paragraphs.long >= ": 3,
        **{f"dolma3_repetition.{name}": value for name, value in repetition.items()},
    }  # fmt: skip
    c4, dolma, quality = C4(), Dolma3Lines(), GopherQuality()
    assert (c4.min_words_per_line, c4.max_word_characters, c4.terminal_punctuation) == (3, 1_000, True)
    assert (dolma.max_uppercase, dolma.min_words, dolma.max_words) == (0.5, 2, 10)
    assert set(quality.stop_words) == gopher.STOP_WORDS and FineWebQuality().short_line == 30
