"""From an answer to a retelling: does it keep the contract of its style?

In: the style, the answer (prefill and completion) and the source it retells. Out: `Parsed`, the text of the retelling
and how many items it has, or `Refusal` with a code of `reasons.py`. Text is taken as it is or refused; only blank edges
and an item begun and not written at the very end are taken away (see `parsers/`). An answer that reached its token
limit never comes here: the caller refuses it as cut off, whatever it looks like.

Trade-off: openings and refusals are closed lists of English phrases, compared at the start of the answer only, so a
retelling of a source that itself says "Here is ..." is let pass and an opening that nobody listed is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from retold.core.verdict import DETAIL_LIMIT
from retold.styles import arithmetic
from retold.styles.parsers import bullets, dialogue, json, math, numbered, prose, qa, question, row, table
from retold.styles.parsers.result import Items, Misfit, quote
from retold.styles.style import Style
from retold.styles.style_file import split_template
from retold.text.words import STOP_WORDS, fold, ngrams, words

PARSERS: Final[dict[str, Callable[[str], Items | Misfit]]] = {
    "prose": prose.parse,
    "numbered": numbered.parse,
    "bullets": bullets.parse,
    "qa": qa.parse,
    "table": table.parse,
    "json": json.parse,
    "dialogue": dialogue.parse,
    "math": math.parse,
    "question": question.parse,
    "row": row.parse,
}

OPENINGS: Final = (
    "sure",
    "certainly",
    "of course",
    "absolutely",
    "okay",
    "here is",
    "here are",
    "here's",
    "below is",
    "below are",
    "i have rewritten",
    "i've rewritten",
)
"""First words of an answer that speaks to the reader before it begins."""

DECLINES: Final = (
    "as an ai",
    "as a language model",
    "i'm sorry",
    "i am sorry",
    "i apologize",
    "i cannot",
    "i can't",
    "i'm unable",
    "i am unable",
    "i'm an ai",
    "i am an ai",
)
"""First words of an answer that refuses."""

MARKERS: Final = ("<|", "|>", "[INST]", "[/INST]")
"""Pieces of the chat markers of common templates."""

FORM_WORDS: Final = frozenset(
    """
    question questions answer answers fact facts point item step sentence text title term name meaning definition
    description example topic row column cell header paragraph summary problem solution
    """.split()  # noqa: SIM905 - a list of words reads as words
)
"""Words of forms. An item made of these alone, or labelled with one, holds no content."""

LABELS: Final = frozenset({"question", "answer", "fact", "sentence", "text", "q", "a"})
"""Form words that are a copied label where a colon follows them ("Q: Question: What is …")."""

ECHO: Final = (3, 4)
"""Words in a row that are an echo: of the instruction, and of the examples before it."""

_ENDS: Final = (".", "!", "?", "…")
_CLOSERS: Final = "\"'”’»)]*_`"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A retelling in the form of its style. `items`: paragraphs, points, pairs or rows, as the form counts."""

    text: str
    items: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that breaks its contract: a code of `REASONS`, and what was found (at most 200 characters)."""

    reason: str
    detail: str = ""


def parse(style: Style, text: str, source_text: str) -> Parsed | Refusal:
    """Judge the form of an answer. `text` is prefill + completion. Never raises, whatever the model wrote."""
    answer = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    refusal = _said_nothing(style, answer) or _spoke_to_us(style, answer, source_text)
    if refusal:
        return refusal
    found = PARSERS[style.contract.parser](answer)
    if isinstance(found, Misfit):
        return Refusal("not_in_form", found.detail[:DETAIL_LIMIT])
    return (
        _judge_items(style, found)
        or _echo(style, found.text, source_text)
        or _computed(style, found.text, source_text)
        or Parsed(found.text, len(found.contents))
    )


def _said_nothing(style: Style, answer: str) -> Refusal | None:
    rest = answer.removeprefix(style.prefill.strip())
    if not any(character.isalnum() for character in rest):
        return Refusal("empty_answer", quote(answer) if answer else "")
    return None


def _spoke_to_us(style: Style, answer: str, source_text: str) -> Refusal | None:
    marker = next((mark for mark in MARKERS if mark in answer and mark not in source_text), "")
    if marker:
        place = max(0, answer.index(marker) - 20)
        return Refusal("control_token", quote(answer[place : place + 60]))
    opening = words(answer.removeprefix(style.prefill.strip())[:120])
    folded = [fold(word) for word in opening]
    source = [fold(word) for word in words(source_text[:120])]
    for reason, phrases in (("declined", DECLINES), ("preamble", OPENINGS)):
        if _begins(folded, phrases) and not _begins(source, phrases):
            return Refusal(reason, quote(answer))
    return None


def _begins(folded: list[str], phrases: Iterable[str]) -> bool:
    return any(folded[: len(phrase)] == phrase for phrase in (words(text) for text in phrases))


def _judge_items(style: Style, found: Items) -> Refusal | None:
    contract = style.contract
    seen: set[str] = set()
    for number, content in enumerate(found.contents, 1):
        if any(_is_placeholder(piece) for piece in content.split("\n")):
            return Refusal("placeholder", f"item {number}: {quote(content)}")
        key = " ".join(fold(word) for word in words(content))
        if key and key in seen:
            return Refusal("repeated_item", f"item {number}: {quote(content)}")
        seen.add(key)
    least, most = contract.items
    if len(found.contents) < least:
        return Refusal("too_few_items", f"{len(found.contents)} of at least {least}")
    if len(found.contents) > most:
        return Refusal("too_many_items", f"{len(found.contents)} of at most {most}")
    if contract.parser == "prose" and not found.text.rstrip(_CLOSERS + " ").endswith(_ENDS):
        return Refusal("unfinished", quote(found.text[-60:]))
    return None


def _computed(style: Style, text: str, source_text: str) -> Refusal | None:
    """Whether the numbers of a worked problem hold: that too can be told from answer and source alone."""
    parts = math.cut(text) if style.contract.parser == "math" else None
    wrong = arithmetic.check(*parts, source_text) if isinstance(parts, tuple) else None
    return Refusal(wrong[0], wrong[1][:DETAIL_LIMIT]) if wrong else None


def _echo(style: Style, text: str, source_text: str) -> Refusal | None:
    asked = _asked(style.turns)
    said = [fold(word) for word in words(text)]
    if not any(gram in asked for size in ECHO for gram in ngrams(said, size)):
        return None
    source = {gram for size in ECHO for gram in ngrams([fold(word) for word in words(source_text)], size)}
    echoed = next((gram for size in ECHO for gram in ngrams(said, size) if gram in asked and gram not in source), None)
    return Refusal("echo", quote(" ".join(echoed))) if echoed else None


@lru_cache(maxsize=64)
def _asked(turns: tuple[tuple[str, str], ...]) -> frozenset[tuple[str, ...]]:
    """Runs of words of the prompt's own text that mean something: three of the instruction, four of the examples."""
    grams: set[tuple[str, ...]] = set()
    for position, (_, template) in enumerate(turns, 1):
        size = ECHO[0] if position == len(turns) else ECHO[1]
        for piece, is_placeholder in split_template(template):
            folded = [] if is_placeholder else [fold(word) for word in words(piece)]
            grams.update(gram for gram in ngrams(folded, size) if sum(word not in STOP_WORDS for word in gram) > 1)
    return frozenset(grams)


def _is_placeholder(piece: str) -> bool:
    """Whether a piece of an item is a word of the form: "…", "[fact]", "Question 1", "Question: …"."""
    bare = piece.strip().strip("*_` ")
    if bare.strip(".… ") == "" or (bare[0] + bare[-1] in ("[]", "<>") and len(bare) > 2 and " " not in bare):
        return True
    label, colon, _ = bare.partition(":")
    if colon and fold(label.strip().rstrip("0123456789 ")) in LABELS:
        return True
    folded = [fold(word) for word in words(bare)]
    named = [word for word in folded if not word.isdigit()]
    return bool(named) and len(folded) <= 3 and all(word in FORM_WORDS for word in named)
