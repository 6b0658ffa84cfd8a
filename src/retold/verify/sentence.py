"""The judge of one reworded sentence, asked before sentences are put together again.

`sentence_judge(source_sentence, text)` returns None to accept, or a reason. In this order: length 0.6 to 1.5 of the
source's words; no plain copy (6-gram share below 0.7); no new number; no number lost; no new name; support of at
least 0.6 of the content words; no denial, contrary or exchange; six in ten of the source's content words kept; nothing
that says how far it holds lost or added (`qualifiers.py`). Under the limits before the last three a 135M model's
rewordings were true about two times in three (read by hand, 13 of the 19 that passed).
"""

from __future__ import annotations

from typing import Final

from retold.styles.frames import moved
from retold.text.names import names as mentions
from retold.text.sentences import flat
from retold.text.words import STOP_WORDS, fold, ngrams
from retold.text.words import words as name_words
from retold.verify.drift import drift
from retold.verify.endings import root
from retold.verify.form import form
from retold.verify.names import names
from retold.verify.negation import negation
from retold.verify.numbers import numbers
from retold.verify.opposites import opposites
from retold.verify.qualifiers import changed
from retold.verify.relations import relations
from retold.verify.restated import departs
from retold.verify.source import SourceText, between, cut

COPY_NGRAM: Final = 6
COPY_LIMIT: Final = 0.7
SUPPORT: Final = 0.6
LENGTH: Final = (0.6, 1.5)
ORDERED: Final = 4
"""Words that both sentences have once, before an exchange of two of them is looked for."""
KEPT: Final = 0.6
"""Share of the source's content words that must come back, endings ignored."""


def _copied(source: SourceText, text: str) -> float:
    folded = cut(text).folded
    if len(folded) < COPY_NGRAM:
        return float(between(folded) in source.joined)
    known = frozenset(ngrams(source.cut.folded, COPY_NGRAM))
    grams = ngrams(folded, COPY_NGRAM)
    return sum(gram in known for gram in grams) / len(grams)


def sentence_judge(source_sentence: str, text: str) -> str | None:
    """None where `text` is an acceptable rewording of `source_sentence`, else the main reason (a key of REASONS)."""
    source = SourceText(source_sentence)
    shape, _ = form(source, text)
    if shape["words"] < 1 or shape["length_ratio"] < LENGTH[0]:
        return "short_for_source"
    if shape["length_ratio"] > LENGTH[1]:
        return "long_for_source"
    if shape["meta_talk"]:
        return "meta_talk"
    if _copied(source, text) >= COPY_LIMIT:
        return "copied"
    if numbers(source, text)[0]["unsupported_numbers"]:
        return "number_not_in_source"
    if source.numbers - SourceText(text).numbers:
        return "number_lost"
    if names(source, text)[0]["unsupported_names"]:
        return "name_not_in_source"
    if drift(source, text)[0]["support"] < SUPPORT:
        return "words_not_in_source"
    return _turned(source, text) or _lost(source, text)


def strict_sentence_judge(source_sentence: str, text: str) -> str | None:
    """As `sentence_judge`, and nothing added, lost or turned round by the count of words (`restated.departs`).

    For models whose synonyms cannot be trusted. A clause that has changed its place is no copy here, although most of
    its runs of six words are the source's; how much a whole retelling may copy is for `verify` to say.
    """
    reason = sentence_judge(source_sentence, text)
    if reason == "copied" and text in moved(flat(source_sentence)):
        return None
    return reason or departs(source_sentence, text) or None


def _turned(source: SourceText, text: str) -> str | None:
    """Whether it says the contrary, by a denial or by two things that changed places."""
    found = negation(source, text)[0]
    if found["unsupported_negations"]:
        return "negation_not_in_source"
    if found["lost_negations"] or opposites(source, text)[0]["opposites"]:
        return "opposite_of_source"
    swapped = relations(source, text)[0]["exchanged"] or _exchanged(source.cut.folded, cut(text).folded)
    return "exchanged_in_source" if swapped else None


def _exchanged(told: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether of the content words that both have once exactly two have changed places."""
    if ("by" in told) != ("by" in said):
        return False  # the passive explains it
    one, other = ([root(word) for word in words if word not in STOP_WORDS] for words in (told, said))
    places = {word: at for at, word in enumerate(one) if one.count(word) == 1 and other.count(word) == 1}
    order = [places[word] for word in other if word in places]
    return len(order) >= ORDERED and sum(a != b for a, b in zip(order, sorted(order), strict=True)) == 2


def _lost(source: SourceText, text: str) -> str | None:
    """Whether it leaves out what the sentence is about, or how far it holds."""
    told, said = source.cut.folded, cut(text).folded
    roots = {root(word) for word in told if word not in STOP_WORDS}
    kept = roots & {root(word) for word in said}
    lost, added = changed(told, said)
    if len(kept) < KEPT * len(roots) or lost or _names_lost(source, said):
        return "words_lost"
    return "qualified_otherwise" if added else None


def _names_lost(source: SourceText, said: tuple[str, ...]) -> bool:
    """Whether a name of the source sentence is missing: two of three islands are another group."""
    words = frozenset(said)
    return any(not words & {fold(word) for word in name_words(mention.text)} for mention in mentions(source.text))
