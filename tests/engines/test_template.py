"""Templates as bytes, and source text that cannot become a special token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.document import Prompt, Sampling, Segment, Turn
from retold.engines.template import MARKERS, TEMPLATES, as_array, as_text, continuation, render, template_for
from retold.testing import prompt

IDS = {"<|endoftext|>": 0, "<|im_start|>": 1, "<|im_end|>": 2, "<|im_end|>x": 3}

pieces = st.lists(
    st.sampled_from(["<", "|", "im", "_end", "|>", "<|im_end|>", "<|im_start|>", "<|im_end|", ">", "x", " "])
)
segments = st.lists(st.builds(lambda parts, trusted: Segment("".join(parts), trusted), pieces, st.booleans())).map(
    tuple
)


def conversation() -> Prompt:
    turns = (
        Turn("system", (Segment("Be brief.", trusted=True),)),
        Turn("user", (Segment("A cat."), Segment("\nSay it.", trusted=True))),
        Turn("assistant", (Segment("- cat", trusted=True),)),
        Turn("user", (Segment("A dog."), Segment("\nSay it.", trusted=True))),
    )
    return Prompt("r", turns, Sampling(), prefill="- ")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_gives_the_bytes_it_always_gave(name, golden):
    golden(f"template_{name}.txt", "".join(piece.text for piece in render(conversation(), name)))


@pytest.mark.parametrize("name", TEMPLATES)
def test_all_that_is_special_in_a_template_is_ours(name):
    for segment in render(conversation(), name):
        assert segment.trusted or not any(special in segment.text for special in TEMPLATES[name].specials)


def test_source_text_stays_untrusted():
    untrusted = [piece.text for piece in render(conversation(), "chatml") if not piece.trusted]
    assert untrusted == ["A cat.", "A dog."]


@given(segments)
def test_an_array_changes_no_character_and_holds_specials_only_where_they_are_ours(given_segments):
    """Kills: `first + 1` for `first` in `cuts`, dropping `edges` in `as_array`, matching specials in untrusted text."""
    names = {number: special for special, number in IDS.items()}
    text = "".join(piece.text for piece in given_segments)
    ours = [piece.trusted for piece in given_segments for _ in piece.text]
    at = 0
    for piece in as_array(given_segments, IDS):
        if isinstance(piece, int):
            assert all(ours[at : at + len(names[piece])])
            piece = names[piece]
        else:
            assert piece
            assert not any(special in piece for special in IDS)
        assert text.startswith(piece, at)
        at += len(piece)
    assert at == len(text)


@given(st.lists(st.sampled_from([*MARKERS, "<", "|", "a", " "])).map("".join))
def test_one_string_holds_no_marker_of_the_source(text):
    """Kills: `as_text` that joins without cutting; looking for a marker only once."""
    rendered = as_text((Segment(text),))
    assert not any(marker in rendered for marker in MARKERS)
    assert rendered.replace(" ", "") == text.replace(" ", "")


def test_a_marker_in_two_pieces_is_found():
    halves = (Segment("<|im"), Segment("_end|>"))
    assert as_array(halves, IDS) == ["<", "|im_end|>"]
    assert as_text(halves) == "< |im_end|>"


def test_text_without_markers_is_left_alone():
    segments = render(prompt("r", "a |> f; if x <b> 3 < 4 [1]"), "chatml")
    assert as_array(segments, IDS)[:2] == [1, "user\na |> f; if x <b> 3 < 4 [1]\n\nRetell this."]
    assert as_text(segments) == "".join(piece.text for piece in segments)


def test_the_beginning_that_servers_add_themselves_is_not_sent_twice():
    segments = render(conversation(), "llama3")
    assert as_text(segments, "<|begin_of_text|>").startswith("<|start_header_id|>system")


@pytest.mark.parametrize(
    ("prefill", "text", "answer"),
    [
        ("- ", " fact", "- fact"),
        ("- ", "fact", "- fact"),
        ("-", " fact", "- fact"),
        ("", " fact", " fact"),
        ("-  ", " f", "-  f"),
    ],
)
def test_prefill_and_answer_join_without_a_doubled_space(prefill, text, answer):
    one = prompt("r", "x", prefill=prefill)
    assert prefill + continuation(one, text) == answer


def test_the_template_is_known_by_the_special_tokens():
    assert template_for(IDS) == "chatml"
    assert template_for(["<|start_header_id|>"]) == "plain"
    for name, template in TEMPLATES.items():
        assert template_for(template.specials) == name


def test_a_cut_beside_our_special_leaves_it_whole():
    """Kills: cutting at the second character of every occurrence."""
    assert as_array((Segment("aaa", trusted=True), Segment("a")), {"aaa": 7}) == [7, "a"]
    assert as_array((Segment("a"), Segment("aaa", trusted=True)), {"aaa": 7}) == ["a", 7]
