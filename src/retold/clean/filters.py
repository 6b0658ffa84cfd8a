"""The published filters as entries of `curate`, each with the defaults of its publication.

curate: [normalize, gopher_repetition, gopher_quality, {c4: {terminal_punctuation: false}}, fineweb_quality]

They say what prose should look like. What `code.py` takes for code or LaTeX is measured and not dropped, nor are lines
removed from it; with `code: judge` nobody looks for code. A bound of `null` is no bound.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from retold.clean.entry import Entry, Limit, Measured, threshold
from retold.clean.lists import Listed
from retold.core.settings import execution, identity

if TYPE_CHECKING:
    from retold.text.scan import Texts

ENGLISH = ("the", "be", "to", "of", "and", "that", "have", "with")
Bound = float | None


def _share(value: float) -> Any:
    return threshold(value, ge=0)


class Prose(Entry):
    """A filter whose rules are about prose. `METHOD` is raised by hand when the meaning of a signal changes."""

    METHOD: ClassVar[int] = 1
    PREFIX: ClassVar[str] = ""

    code: Literal["skip", "judge"] = identity("skip")

    def versions(self) -> dict[str, Any]:
        """The version of Unicode, and of the method; where nobody looks for code, there are fewer signals than once."""
        method = {"unicode": unicodedata.unidata_version, "method": self.METHOD}
        return method if self.code == "skip" else {**method, "code": "not measured"}

    def measure(self, texts: Texts) -> Measured:
        """Signals and edits, and which texts are exempt as code."""
        from retold.clean import code

        found = code.measure(texts) if self.code == "skip" else {}
        skipped = code.is_code(found) if found else np.zeros(len(texts), np.bool_)
        measured = self.prose(texts, skipped)
        exempt = {f"{self.PREFIX}.exempt": skipped.astype(np.float64)}
        return replace(measured, signals={**found, **measured.signals, **exempt})

    def prose(self, texts: Texts, skipped: npt.NDArray[np.bool_]) -> Measured:
        """Signals and edits; what is skipped is not edited."""
        raise NotImplementedError

    def limits(self) -> tuple[Limit, ...]:
        """The rules that have a bound."""
        return tuple(
            Limit(f"{self.PREFIX}.{signal}", reason, low, high, f"{self.PREFIX}.exempt")
            for signal, reason, low, high in self.bounds()
            if low is not None or high is not None
        )

    def bounds(self) -> tuple[tuple[str, str, Bound, Bound], ...]:
        """(signal, reason, at least, at most), in order."""
        raise NotImplementedError


class GopherQuality(Prose):
    """The quality rules of Gopher: `clean/gopher_quality.py`."""

    PREFIX = "gopher"

    min_words: int | None = threshold(50, ge=0)
    max_words: int | None = threshold(100_000, ge=0)
    min_mean_word_length: Bound = _share(3)
    max_mean_word_length: Bound = _share(10)
    max_hashes: Bound = _share(0.1)
    max_ellipses: Bound = _share(0.1)
    max_bullet_lines: Bound = _share(0.9)
    max_ellipsis_lines: Bound = _share(0.3)
    min_alphabetic_words: Bound = _share(0.8)
    min_stop_words: int | None = threshold(2, ge=0)
    stop_words: tuple[str, ...] = identity(ENGLISH)
    bullets: tuple[str, ...] = identity(("•", "-"))

    def prose(self, texts: Texts, skipped: npt.NDArray[np.bool_]) -> Measured:
        """See Prose."""
        from retold.clean import gopher_quality

        return Measured(gopher_quality.measure(texts, self))

    def bounds(self) -> tuple[tuple[str, str, Bound, Bound], ...]:
        """See Prose."""
        return (
            ("words", "gopher_too_few_words", self.min_words, None),
            ("words", "gopher_too_many_words", None, self.max_words),
            ("mean_word_length", "gopher_short_words", self.min_mean_word_length, None),
            ("mean_word_length", "gopher_long_words", None, self.max_mean_word_length),
            ("hashes", "gopher_hashes", None, self.max_hashes),
            ("ellipses", "gopher_ellipses", None, self.max_ellipses),
            ("bullet_lines", "gopher_bullet_lines", None, self.max_bullet_lines),
            ("ellipsis_lines", "gopher_ellipsis_lines", None, self.max_ellipsis_lines),
            ("alphabetic_words", "gopher_few_letters", self.min_alphabetic_words, None),
            ("stop_words", "gopher_few_stop_words", self.min_stop_words, None),
        )


class GopherRepetition(Prose):
    """The repetition rules of Gopher: `clean/gopher_repetition.py`."""

    PREFIX = "repetition"

    max_duplicate_paragraphs: Bound = _share(0.30)
    max_duplicate_paragraph_characters: Bound = _share(0.20)
    max_duplicate_lines: Bound = _share(0.30)
    max_duplicate_line_characters: Bound = _share(0.20)
    max_top_2gram: Bound = _share(0.20)
    max_top_3gram: Bound = _share(0.18)
    max_top_4gram: Bound = _share(0.16)
    max_duplicate_5gram: Bound = _share(0.15)
    max_duplicate_6gram: Bound = _share(0.14)
    max_duplicate_7gram: Bound = _share(0.13)
    max_duplicate_8gram: Bound = _share(0.12)
    max_duplicate_9gram: Bound = _share(0.11)
    max_duplicate_10gram: Bound = _share(0.10)

    def prose(self, texts: Texts, skipped: npt.NDArray[np.bool_]) -> Measured:
        """See Prose."""
        from retold.clean import gopher_repetition

        return Measured(gopher_repetition.measure(texts))

    def bounds(self) -> tuple[tuple[str, str, Bound, Bound], ...]:
        """See Prose."""
        pieces = [
            ("duplicate_paragraphs", "repeated_paragraphs"),
            ("duplicate_paragraph_characters", "repeated_paragraphs"),
            ("duplicate_lines", "repeated_lines"),
            ("duplicate_line_characters", "repeated_lines"),
        ]
        top = [(f"top_{n}gram", "frequent_ngram") for n in range(2, 5)]
        duplicate = [(f"duplicate_{n}gram", "repeated_ngrams") for n in range(5, 11)]
        return tuple(
            (signal, reason, None, getattr(self, f"max_{signal}")) for signal, reason in (*pieces, *top, *duplicate)
        )


class C4(Prose):
    """The line and document rules of C4: `clean/c4.py`. FineWeb uses them without `terminal_punctuation`."""

    PREFIX = "c4"

    terminal_punctuation: bool = identity(True)
    marks: Literal["english", "c4", "any_script"] = identity("english", description="c4: no apostrophe ends a line")
    min_words_per_line: int | None = identity(3, ge=0)
    count_words: Literal["before_citations", "after_citations"] = identity("before_citations")
    max_word_characters: int | None = identity(1_000, ge=1)
    citations: bool = identity(True, description="cut out [1], [edit] and [citation needed]")
    javascript: bool = identity(True)
    policy: bool = identity(True)
    min_sentences: int | None = threshold(5, ge=0)
    max_lorem_ipsum: int | None = threshold(0, ge=0)
    max_curly_brackets: int | None = threshold(0, ge=0)

    def prose(self, texts: Texts, skipped: npt.NDArray[np.bool_]) -> Measured:
        """See Prose."""
        from retold.clean import c4

        return c4.measure(texts, self, skipped)

    def bounds(self) -> tuple[tuple[str, str, Bound, Bound], ...]:
        """See Prose."""
        return (
            ("lorem_ipsum", "c4_lorem_ipsum", None, self.max_lorem_ipsum),
            ("curly_brackets", "c4_curly_bracket", None, self.max_curly_brackets),
            ("lines_kept", "c4_no_line_left", 1, None),
            ("sentences", "c4_few_sentences", self.min_sentences, None),
        )


class FineWebQuality(Prose):
    """FineWeb's own rules: `clean/fineweb_quality.py`."""

    PREFIX = "fineweb"

    min_punctuated_lines: Bound = _share(0.12)
    max_short_lines: Bound = _share(0.67)
    short_line: int = identity(30, ge=0)
    max_duplicate_line_characters: Bound = _share(0.01)
    max_newlines_per_word: Bound = _share(0.3)

    def prose(self, texts: Texts, skipped: npt.NDArray[np.bool_]) -> Measured:
        """See Prose."""
        from retold.clean import fineweb_quality

        return Measured(fineweb_quality.measure(texts, self))

    def bounds(self) -> tuple[tuple[str, str, Bound, Bound], ...]:
        """See Prose."""
        return (
            ("punctuated_lines", "fineweb_unpunctuated_lines", self.min_punctuated_lines, None),
            ("short_lines", "fineweb_short_lines", None, self.max_short_lines),
            ("duplicate_line_characters", "fineweb_repeated_lines", None, self.max_duplicate_line_characters),
            ("newlines_per_word", "fineweb_list", None, self.max_newlines_per_word),
        )


class Dolma3Quality(Prose):
    """The quality rules of Dolma 3: `clean/dolma3_quality.py`."""

    PREFIX = "dolma3_quality"

    min_characters: int | None = threshold(150, ge=0)
    min_words: int | None = threshold(50, ge=0)
    max_words: int | None = threshold(100_000, ge=0)
    min_mean_word_length: Bound = _share(3)
    max_mean_word_length: Bound = _share(10)
    max_symbols: Bound = _share(0.1)
    max_bullet_lines: Bound = _share(0.9)
    max_ellipsis_lines: Bound = _share(0.3)
    max_nonalphabetic_words: Bound = _share(0.2)
    min_stop_words: int | None = threshold(2, ge=0)
    stop_words: tuple[str, ...] = identity(ENGLISH)

    def prose(self, texts: Texts, skipped: npt.NDArray[np.bool_]) -> Measured:
        """See Prose."""
        from retold.clean import dolma3_quality

        return Measured(dolma3_quality.measure(texts, self))

    def bounds(self) -> tuple[tuple[str, str, Bound, Bound], ...]:
        """See Prose."""
        return (
            ("characters", "too_short", self.min_characters, None),
            ("words", "dolma3_too_few_words", self.min_words, None),
            ("words", "dolma3_too_many_words", None, self.max_words),
            ("mean_word_length", "dolma3_short_words", self.min_mean_word_length, None),
            ("mean_word_length", "dolma3_long_words", None, self.max_mean_word_length),
            ("symbols", "dolma3_symbols", None, self.max_symbols),
            ("bullet_lines", "dolma3_bullet_lines", None, self.max_bullet_lines),
            ("ellipsis_lines", "dolma3_ellipsis_lines", None, self.max_ellipsis_lines),
            ("nonalphabetic_words", "dolma3_few_letters", None, self.max_nonalphabetic_words),
            ("stop_words", "dolma3_few_stop_words", self.min_stop_words, None),
        )


class Dolma3Repetition(GopherRepetition):
    """The repetition rules of Dolma 3, with Gopher's bounds: `clean/dolma3_repetition.py`."""

    PREFIX = "dolma3_repetition"

    def prose(self, texts: Texts, skipped: npt.NDArray[np.bool_]) -> Measured:
        """See Prose."""
        from retold.clean import dolma3_repetition

        return Measured(dolma3_repetition.measure(texts))


class Dolma3Lines(Prose):
    """The line edits of Dolma 3 and RefinedWeb: `clean/dolma3_lines.py`."""

    PREFIX = "dolma3"

    max_uppercase: float = identity(0.5, ge=0)
    max_digits: float = identity(0.999999, ge=0)
    min_words: int = identity(2, ge=0)
    max_words: int | None = identity(10, ge=0, description="longer lines keep their phrases; null: none does")
    max_words_removed: Bound = _share(0.05)

    def prose(self, texts: Texts, skipped: npt.NDArray[np.bool_]) -> Measured:
        """See Prose."""
        from retold.clean import dolma3_lines

        return dolma3_lines.measure(texts, self, skipped)

    def bounds(self) -> tuple[tuple[str, str, Bound, Bound], ...]:
        """See Prose."""
        return (("words_removed", "dolma3_too_much_removed", None, self.max_words_removed),)


class Madlad(Prose, Listed):
    """Two rules of MADLAD-400 on sentences, as Dolma 3 uses them: `clean/madlad.py`."""

    PREFIX = "madlad"
    LISTS: ClassVar[tuple[str, ...]] = ("cursed",)

    cursed: tuple[str, ...] = execution((), description="files of phrases that no sentence should hold, one a line")
    min_words: int = identity(12, ge=1, description="of a sentence whose capitals are counted")
    max_uppercase: float = identity(0.5, ge=0, description="of its words begin in upper case")
    min_sentences: int | None = threshold(5, ge=0)
    questionable_from: Bound = _share(0.2)

    def versions(self) -> dict[str, Any]:
        """See Prose; and the lists by content."""
        return {**Prose.versions(self), **Listed.versions(self)}

    def prose(self, texts: Texts, skipped: npt.NDArray[np.bool_]) -> Measured:
        """See Prose."""
        from retold.clean import madlad

        return madlad.measure(texts, self, madlad.phrases_of(self.listed("cursed")))

    def bounds(self) -> tuple[tuple[str, str, Bound, Bound], ...]:
        """See Prose."""
        return (("sentences", "madlad_few_sentences", self.min_sentences, None),)

    def limits(self) -> tuple[Limit, ...]:
        """The sentences; and from which share of questionable ones on a document is dropped."""
        if self.questionable_from is None:
            return super().limits()
        questionable = Limit("madlad.questionable", "madlad_questionable", below=self.questionable_from)
        return (*super().limits(), replace(questionable, exempt="madlad.exempt"))


class C4Paragraphs(Prose):
    """The paragraph rule of C4: so many lines of so many characters. Part of its other languages, not of English."""

    PREFIX = "c4_paragraphs"

    characters: int = identity(200, ge=0)
    min_paragraphs: int | None = threshold(3, ge=0)

    def prose(self, texts: Texts, skipped: npt.NDArray[np.bool_]) -> Measured:
        """See Prose."""
        from retold.text.pieces import lines

        found = lines(texts)
        long = np.concatenate([[0], np.cumsum(found.characters >= self.characters)])
        return Measured({"c4_paragraphs.long": (long[found.bounds[1:]] - long[found.bounds[:-1]]).astype(np.float64)})

    def bounds(self) -> tuple[tuple[str, str, Bound, Bound], ...]:
        """See Prose."""
        return (("long", "c4_few_paragraphs", self.min_paragraphs, None),)


FILTERS: dict[str, type[Entry]] = {
    "gopher_quality": GopherQuality,
    "gopher_repetition": GopherRepetition,
    "c4": C4,
    "fineweb_quality": FineWebQuality,
    "dolma3_quality": Dolma3Quality,
    "dolma3_repetition": Dolma3Repetition,
    "dolma3_lines": Dolma3Lines,
    "madlad": Madlad,
    "c4_paragraphs": C4Paragraphs,
}
"""The filters by the names that recipes use."""

PRESETS: dict[str, tuple[Any, ...]] = {
    "fineweb@1": (
        {"language": {"keep": ["en"], "min_probability": 0.65}},
        "gopher_repetition",
        "gopher_quality",
        {"c4": {"terminal_punctuation": False}},
        "fineweb_quality",
    ),
    "dolma3@1": (
        "dolma3_quality",
        "dolma3_repetition",
        "dolma3_lines",
        {"language": {"keep": ["en"], "min_probability": 0.65}},
        "madlad",
    ),
    "c4@1": (
        {"length": {"max_characters": 190_000}},
        {"language": {"keep": ["en"], "min_probability": 0.99}},
        {"c4": {"marks": "c4", "count_words": "after_citations", "min_words_per_line": 5, "min_sentences": 3}},
    ),
}
"""What `preset: NAME` under `curate` stands for: the entries of a published recipe, in its order."""
