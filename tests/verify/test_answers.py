"""Answers to a retelling's own questions, against the source."""

from __future__ import annotations

import pytest

from retold.verify.answers import answers
from retold.verify.source import SourceText

SOURCE = SourceText("The harbour of Genoa was built by 12 masons in 1643.", ("Ports",))


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Q: Who built it?\nA: Twelve masons.\n\nQ: When?\nA: In 1643.", []),
        ("Q: Who wrote the novel?\nA: Jane Austen.", ["Jane Austen"]),
        ("Q: Where is it?\nA: Genoa, Italy.", []),
        ("Q: Is it old?\nA: Yes.\nQ: Is it new?\nA: No.", []),
        (
            "Question: Why?\nAnswer: Because of trade\nwith distant colonies.\n\nThe harbour.",
            ["trade\nwith distant colonies"],
        ),
        ("The harbour answers to nobody: A: is a letter.", []),
        ("A:", []),
    ],
)
def test_answers_that_the_source_does_not_hold(text: str, marked: list[str]) -> None:
    """Kills: taking only the first line of an answer; holding questions to the source."""
    values, marks = answers(SOURCE, text)
    found = [text[mark.start : mark.end] for mark in marks]
    assert values["unsupported_answers"] == len(marked)
    assert found == marked
