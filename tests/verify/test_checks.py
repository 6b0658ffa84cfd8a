"""Every check on hand-written pairs, true and corrupted, and the laws that hold for all texts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.text.sentences import sentences
from retold.verify.checks import CHECKS, measure, quote
from retold.verify.judge import Limits, judge
from retold.verify.source import SourceText

HEADING = "Use of rsync 3.2"
SOURCE = """The abacus is a calculating tool that was in use in Europe, China and Russia, centuries before the adoption
of the written numeral system, and it is still used by merchants, traders and clerks. Herodotus, a Greek historian,
wrote that the Egyptians moved the pebbles from right to left. The Sumerian abacus appeared between 2700 and 2300 BC,
about twelve hundred years before Marie Curie's grandmother was even a thought. In the U.S. a frame with 21 beads costs
$1,250. It holds 5% more beads than os.path.join() needs, and read_file says so."""
LIMITS = Limits(length=(0.1, 1.5), copied=0.6)

TRUE = [
    "Merchants, traders and clerks in Europe, China and Russia still use the abacus, a tool for calculating.",
    "According to Herodotus the Egyptian way was to move pebbles from the right to the left, as a Greek wrote.",
    "A frame in the US with twenty-one beads costs 1250, and the abacus of the Sumerians appeared 1,200 years before.",
    "Marie Curie had a grandmother; five percent more beads are what `read_file` and `os.path.join` need.",
    "The written numeral system was adopted centuries after the tool, and rsync 3.2 is in the heading of the abacus.",
    "Q: Who still uses the abacus?\nA: Merchants, traders, clerks.\n\nQ: What costs $1,250?\nA: A frame of 21 beads.",
    "1. Merchants still use the abacus in Europe.\n2. Egyptians moved pebbles to the left.\n3. A frame has 21 beads.",
    "- Merchants in China use it.\n- Herodotus, the historian, wrote of pebbles.\n- The Sumerian abacus: 2300 BC.",
    "| Abacus | Years |\n|---|---|\n| Sumerian | 2700 to 2300 BC |\n| Egyptians | centuries before |\n",
]

CORRUPTED = [
    # (retelling, main reason, words pointed at)
    ("The abacus of the Sumerians appeared between 2700 and 2500 BC, before the Egyptians.", "number", ["2500"]),
    ("The tool appeared thirteen hundred years before the Egyptians moved pebbles.", "number", ["thirteen hundred"]),
    ("A frame with 21 beads costs $1,520 and still holds 5% more beads.", "number", ["1,520"]),
    ("A frame with 21 beads costs $1,250 and still holds 5 more beads.", "number", ["5"]),
    ("It was the Greek historian Thucydides who wrote that pebbles moved from right to left.", "name", ["Thucydides"]),
    ("The pebbles were moved by the grandmother of Pierre Curie, from right to left.", "name", ["Pierre"]),
    ("The Egyptians moved pebbles in Europe. Napoleon's clerks used the abacus in Russia.", "name", ["Napoleon"]),
    ("The beads that os.path.split() needs are 5% more than the frame holds.", "name", ["os.path.split"]),
    ("| Abacus | Years |\n|---|---|\n| Sumerian | from 2700 to 2300 BC |\n| Egyptians | 500 |\n", "number", ["500"]),
    ("- Merchants in China used beads.\n- Herodotus lived in Katiwachek in Europe.", "name", ["Katiwachek"]),
    ("The traders of the UK, China and Russia still used the abacus.", "name", ["UK"]),
    (
        "The abacus is a tool that merchants, traders and clerks still use in Europe, China and Russia. "
        "Egyptians moved pebbles right to left. Volcanic eruptions destroyed several fishing villages overnight.",
        "sentence",
        ["Volcanic", "eruptions", "destroyed", "several", "fishing", "villages", "overnight"],
    ),
    (
        "Numerous scholars debate whether such devices improved commerce or culture among ancient trading peoples.",
        "sentence",
        None,
    ),
    ("Sure! The abacus is a tool that merchants, traders and clerks still use.", "meta", ["Sure"]),
    ("As an AI I see that merchants and traders still use the abacus.", "meta", ["As an AI"]),
    ("Merchants use the abacus. The text says that Egyptians moved pebbles.", "meta", ["The text says"]),
    ("In this passage merchants, traders and clerks used the abacus.", "meta", ["this passage"]),
    ("The abacus is a tool in use. " * 6, "repeats", None),
    ("- merchants use beads\n- merchants use beads\n- merchants use beads\n- traders move pebbles\n", "repeats", None),
    (
        "El ábaco es una herramienta de cálculo que los mercaderes y comerciantes todavía utilizan en muchos lugares.",
        "language",
        [],
    ),
    (SOURCE, "copied", []),
    ("The abacus is a calculating tool that was in use in Europe, China and Russia.", "copied", []),
    ("Beads cost.", "short", []),
    (" ".join(TRUE) + " " + SOURCE, "long", []),
    ("", "short", []),
]

HINTS = ("words_not_in_source", "opposite_of_source", "not_of_one_sentence")
"""What is marked and decides nothing by itself."""

CODES = {
    "number": "number_not_in_source",
    "name": "name_not_in_source",
    "sentence": "sentence_not_in_source",
    "meta": "meta_talk",
    "repeats": "repeats_itself",
    "language": "other_language",
    "copied": "copied",
    "short": "short_for_source",
    "long": "long_for_source",
}


@pytest.fixture(scope="module")
def source() -> SourceText:
    return SourceText(SOURCE, (HEADING,))


@pytest.mark.parametrize("text", TRUE)
def test_true_retellings_are_kept(source: SourceText, text: str) -> None:
    values, marks = measure(source, text)
    pointed = [(text[mark.start : mark.end], mark.reason) for mark in marks if mark.reason not in HINTS]
    assert pointed == []
    assert judge(values, LIMITS) == "", values


@pytest.mark.parametrize(("text", "what", "pointed"), CORRUPTED)
def test_corrupted_retellings_are_refused(source: SourceText, text: str, what: str, pointed: list[str] | None) -> None:
    values, marks = measure(source, text)
    reason = judge(values, LIMITS)
    assert reason == CODES[what], values
    if pointed is not None:
        assert quote(text, marks, reason) == ", ".join(pointed)


def test_a_source_may_speak_of_itself() -> None:
    """Kills: flagging a phrase that the source has, so that treaties and papers can never be retold."""
    source = SourceText("Sure, the text says so. This passage is part of the law. Here is why.")
    assert measure(source, "Sure, the text says so in this passage.")[0]["meta_talk"] == 0


def test_what_the_source_repeats_may_be_repeated() -> None:
    """Kills: comparing with 1 instead of with the source's own count."""
    lines = [f"{name} returns a new list of the same size as before." for name in ("Sorting", "Copying", "Slicing")]
    text = " ".join(lines)
    assert measure(SourceText(text), text)[0]["repeated_5"] == 0
    assert measure(SourceText(lines[0]), text)[0]["repeated_5"] > 0.3


def test_long_runs_of_pieces_that_the_source_repeats_are_no_loop() -> None:
    """Kills: taking each length by itself, so that runs over the joint of two allowed pieces count as loops."""
    first, second = "a new list of the same size is given", "nothing but the first error is ever raised here"
    source = SourceText(f"{first}. One. {second}. Two. {first}. Three. {second}.")
    values, _ = measure(source, f"{first}. {second}. Four. {first}. {second}.")
    assert values["repeated_10"] <= values["repeated_5"] < 0.5


def test_the_gap_of_a_cloze_is_no_name(source: SourceText) -> None:
    """Kills: looking up "____" in the source as if it were an identifier."""
    assert measure(source, "It holds more than `____()` needs.\n\nAnswer: os.path.join")[0]["unsupported_names"] == 0


def test_heading_and_title_are_source() -> None:
    text = "Adam Smith wrote it in 1776."
    bare, _ = measure(SourceText("He wrote it then."), text)
    titled, _ = measure(SourceText("He wrote it then.", ("The Wealth of Nations", "Adam Smith, 1776")), text)
    assert (bare["unsupported_numbers"], bare["unsupported_names"]) == (1, 1)
    assert (titled["unsupported_numbers"], titled["unsupported_names"], titled["support"]) == (0, 0, 1)


@pytest.mark.parametrize(
    ("text", "share", "longest"),
    [
        ("one two three four five six seven eight nine", 1.0, 9),
        ("one two three four five six seven eight x", 0.5, 8),
        ("x one two three y four five six z", 0.0, 3),
        ("One, two: THREE!", 1.0, 3),
        ("x y", 0.0, 0),
        ("", 0.0, 0),
    ],
)
def test_copied_share_and_longest_run(text: str, share: float, longest: int) -> None:
    values, _ = measure(SourceText("one two three four five six seven eight nine ten"), text)
    assert (values["copied"], values["longest_copy"]) == (share, longest)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_the_longest_run_is_the_longest(own: list[str], passage: list[str]) -> None:
    """Kills: keeping the place of a window that was not found, or extending a run by a part of a word."""
    runs = [own[a:b] for a in range(len(own)) for b in range(a + 1, len(own) + 1)]
    inside = [run for run in runs if any(passage[at : at + len(run)] == run for at in range(len(passage)))]
    values, _ = measure(SourceText(" ".join(passage)), " ".join(own))
    assert values["longest_copy"] == max((len(run) for run in inside), default=0)


POOL = [
    "In 1933 the storm crossed the Bahamas with winds of 140 mph.",
    "NASA's shuttle landed at 12:55 a.m. in Florida, 3 days late.",
    "Dr. Smith and Mary-Jane O'Neil paid $1,200.50 for twenty-one beads.",
    "The `try` statement calls os.path.join() and __init__, as PEP 8 says.",
    "About 5% of the U.S. Treasury Coast was hit, the third time in two hundred years.",
    "Use rsync -a --link-dest for Debian 12; it keeps UTF-8 names.",
    "Traders' Egyptians' abaci were moved right to left, says Herodotus.",
    "Über 30 Städte in Österreich zählten 1.5 million visitors.",
    "The ArithmeticError is raised by ZeroDivisionError since version 3.10.",
    "Napoleon was there. Nobody saw a hundred of Kate Bush's 12 songs.",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(POOL), min_size=1, max_size=8, unique=True), st.data())
def test_a_choice_of_source_sentences_has_no_number_or_name_marks(pool: list[str], data: st.DataObject) -> None:
    """Kills: looking names up as words only, without `stands` ("NASA's" would no longer support "NASA")."""
    text = " ".join(pool)
    cuts = sentences(text)
    chosen = sorted(data.draw(st.sets(st.integers(0, len(cuts) - 1))))
    output = " ".join(text[slice(*cuts[at])] for at in chosen)
    _, marks = measure(SourceText(text), output)
    assert {mark.reason for mark in marks} <= {"repeats_itself", "negation_not_in_source"}


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_measured(source: str, output: str) -> None:
    """No text raises; marks lie inside the text; equal inputs give equal results from a fresh source."""
    values, marks = measure(SourceText(source), output)
    assert all(value == value and value >= 0 for value in values.values())
    assert all(0 <= mark.start < mark.end <= len(output) for mark in marks)
    assert measure(SourceText(source), output) == (values, marks)
    judge(values, Limits())


@pytest.mark.parametrize(
    "text", ["\ud800", "\x00\x00", "١٢٣ ٤", "日本語のテキスト。二つ。", "a" * 5000, "\u0301" * 50, "İſßǅ"]
)
def test_odd_texts_are_measured(text: str) -> None:
    """Kills: a division by the words of a text that has none, or a mark beyond its end."""
    for source in (SourceText(text, (text,)), SourceText("A plain source of 3 words.")):
        values, marks = measure(source, text)
        assert all(value == value and abs(value) != float("inf") for value in values.values())
        assert all(0 <= mark.start < mark.end <= len(text) for mark in marks)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(TRUE) - 1), st.sampled_from(["7341", "Katiwachek", "ninety-nine"]), st.data())
def test_an_inserted_number_or_name_is_marked_exactly(which: int, word: str, data: st.DataObject) -> None:
    """Kills: an offset of one in any mark."""
    text = TRUE[which]
    spaces = [at for at, sign in enumerate(text) if sign == " " and text[at - 1].islower() and text[at + 1].islower()]
    at = data.draw(st.sampled_from(spaces))
    output = f"{text[:at]} {word}{text[at:]}"
    _, marks = measure(SourceText(SOURCE, (HEADING,)), output)
    found = [output[mark.start : mark.end] for mark in marks if mark.start == at + 1]
    assert word in found or f"{word} percent" in found


def test_signals_do_not_depend_on_what_was_measured_before(source: SourceText) -> None:
    """Kills: state left in a shared source or in the kept cuts."""
    texts = [*TRUE, *(text for text, _, _ in CORRUPTED)]
    alone = [measure(SourceText(SOURCE, (HEADING,)), text) for text in texts]
    assert [measure(source, text) for text in reversed(texts)] == alone[::-1]


@pytest.mark.parametrize("word", ["a ", "the cat sat on a mat. ", "a.b.", "Aa ", "1 ", "`a "])
def test_long_loops_take_bounded_time(word: str, source: SourceText) -> None:
    """A looping text of 40 kB takes about a second; the floor catches what grows much faster than its length."""
    text = word * (40_000 // len(word))
    start = time.process_time()
    measure(SourceText(text), text)
    measure(source, text)
    assert time.process_time() - start < 10


def test_speed(source: SourceText, capsys: pytest.CaptureFixture[str]) -> None:
    """Aim: below 2 ms of processor time for a retelling of 20 to 60 words; the floor leaves room for slow machines."""
    rounds = 20
    for check in CHECKS:
        check.measure(source, TRUE[0])
    warm, cold = [], []
    for times, make in ((warm, lambda: source), (cold, lambda: SourceText(SOURCE, (HEADING,)))):
        start = time.process_time()
        for _ in range(rounds):
            for text in TRUE:
                measure(make(), text)
        times.append((time.process_time() - start) / (rounds * len(TRUE)) * 1e6)
    with capsys.disabled():
        print(f"\nverify: {warm[0]:.0f} microseconds a retelling, {cold[0]:.0f} with a new source each time")
    assert warm[0] < 10_000
