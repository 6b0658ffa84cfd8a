"""What may be built of one sentence without adding a word of substance: questions, a row of a table, another order.

In: a sentence on one line. Out: texts, each once, in a fixed order; none where its main clause cannot be told
(`clause.py`). Every text is made of the sentence's own pieces in their own order and of closed words ("What", "does"),
so the sentence answers each question, and each row and each other order says what the sentence says.

    questions   What/Who/Which ... + predicate; What is + subject; What does + subject + verb; What happens + condition
    rows        subject | predicate, without articles, and without the copula before a noun or participle
    moved       the main clause, then the phrase that stood before it; or a clause that stood last, then the main one

`sentence_grammar.py` makes a grammar of them, so that a small model chooses which of them reads best; judges ask
whether what a model wrote freely is one of them. Trade-off: plain questions, about what stands there, and never "why";
English alone.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from retold.styles.clause import BE, PAST, THIRD, Clause, bare, main_clause
from retold.text.words import STOP_WORDS

ARTICLES: Final = frozenset(("a", "an", "the"))
_UNNAMED: Final = frozenset(
    "it this that these those they he she there such one nothing please let you we i someone".split()
)
_POINTING: Final = frozenset("it its they their them he his him she her this that these those".split())
_SAYS: Final = frozenset(("that", "to", "because", "when", "where", "how", "why", "if"))
"""After "is" these begin what the subject is, not what it is like."""
_PARTS: Final = frozenset("no many some most several few other others both none neither nothing half".split())
"""Subjects of which only a part is meant: "What are hobbyists?" is not answered by "Many amateurs are hobbyists"."""
_DETERMINERS: Final = ARTICLES | frozenset("each every all some many most several any no both other".split())
_NAMED_BY: Final = frozenset(("a", "an", "the", "one"))
_PREPOSITIONS: Final = frozenset(
    "to of from with in on by for as at into between among through over under about against during after before "
    "within without out up down off if when because so".split()
)
_WITH_PREPOSITION: Final = {
    "consist": "of",
    "refer": "to",
    "belong": "to",
    "depend": "on",
    "lead": "to",
    "result": "in",
    "come": "from",
    "correspond": "to",
}
_NO_OBJECT: Final = frozenset(
    "exist happen occur live lie sit stand go function work vary range grow begin end remain appear derive rise fire "
    "travel roam".split()
)
_TAILS: Final = frozenset(
    "which who whose where but while although whereas though so the it they this these he she we you".split()
)
"""Words after a comma that begin what a question may leave out."""
_LAST_CLAUSES: Final = frozenset(("if", "when", "whenever", "unless", "until", "once", "after", "before"))
_RELATIVE: Final = frozenset(("that", "which", "who", "whose", "where", "because", "although", "while", "but", "so"))
_HOLDS: Final = frozenset("only even not just except as and or but than that to of is are was were be long".split())
"""Words before a clause that do not let it go: "only if", "not until", "such as when"."""
_LEAST_PREDICATE: Final = 3
MOST_WORDS: Final = 30
"""Words of a question: of a longer one nobody reads the end."""


def questions(sentence: str) -> tuple[str, ...]:
    """The questions that the sentence answers."""
    clause = main_clause(sentence)
    if clause is None or not _plain_subject(clause) or bare(clause.subject[0]) in _PARTS:
        return ()
    asked = dict.fromkeys(_asked(clause))
    return tuple(f"{' '.join(pieces)}?" for pieces in asked if len(pieces) <= MOST_WORDS)


def rows(sentence: str) -> tuple[str, ...]:
    """The rows "thing | what is said of it" that say what the sentence says."""
    clause = main_clause(sentence)
    if clause is None or not _plain_subject(clause):
        return ()
    subject = _without_articles(clause.subject)
    said = _without_articles(_without_copula(clause))
    if not subject or not said:
        return ()
    if clause.lead:
        lead = _without_articles(clause.lead)
        subject = (*lead[:-1], f"{lead[-1]},", *subject)
    left = " ".join(subject)
    firsts = dict.fromkeys((left, left[0].upper() + left[1:]))
    return tuple(f"{first} | {' '.join(said)}" for first in firsts)


def moved(sentence: str) -> tuple[str, ...]:
    """The sentence with what stood before its main clause behind it, or a clause that stood last before it."""
    clause = main_clause(sentence)
    if clause is None or not _plain_subject(clause) or _parted((*clause.rest, *clause.lead)):
        return ()
    if any(bare(piece) in _RELATIVE for piece in clause.rest):
        return ()  # what is moved behind it, or stood there, may belong to what it opens
    if clause.lead:
        if bare(clause.lead[0]) not in _LAST_CLAUSES and not _year(clause.lead):
            return ()
        subject = (clause.subject[0][:1].upper() + clause.subject[0][1:], *clause.subject[1:])
        return (f"{' '.join((*subject, *clause.predicate, *_lowered(clause.lead)))}.",)
    at = _last_clause(clause)
    if at is None:
        return ()
    first = clause.rest[at]
    fronted = (first[0].upper() + first[1:], *clause.rest[at + 1 :])
    subject = next(_inside(clause.subject))
    return (f"{' '.join(fronted)}, {' '.join((*subject, clause.verb, *clause.rest[:at]))}.",)


def _last_clause(clause: Clause) -> int | None:
    """Where in the rest a clause of condition or time begins that may as well stand first."""
    for at in range(len(clause.rest) - 3, 0, -1):
        opens = bare(clause.rest[at]) in _LAST_CLAUSES and clause.rest[at].islower()
        if (
            opens
            and bare(clause.rest[at - 1]) not in _HOLDS
            and any(bare(piece) in BE for piece in clause.rest[at + 2 :])
        ):
            return at
    return None


def _year(lead: tuple[str, ...]) -> bool:
    """Whether a phrase names a year and no more: "In 1907"."""
    return len(lead) == 2 and bare(lead[0]) in ("in", "since", "by", "until") and lead[1].isdigit()


def _asked(clause: Clause) -> Iterator[tuple[str, ...]]:
    leading = (*clause.lead[:-1], f"{clause.lead[-1]},") if clause.lead else ()
    for pieces in (*_for_the_subject(clause), *_about(clause)):
        yield (*leading, pieces[0].lower(), *pieces[1:]) if leading else pieces
    last = None if clause.lead or _parted(clause.rest) else _last_clause(clause)
    condition = clause.lead or (clause.rest[last:] if last is not None else ())
    if any(bare(piece) in _POINTING for piece in condition):
        return
    if condition and bare(condition[0]) in ("if", "when", "whenever") and not condition[1].endswith("ing"):
        yield ("What", "happens", condition[0].lower(), *condition[1:])


def _for_the_subject(clause: Clause) -> Iterator[tuple[str, ...]]:
    """Questions to which the subject is the answer."""
    predicate = _question_end(clause.predicate)
    following = bare(clause.rest[0]) if clause.rest else ""
    leans = following in (_PREPOSITIONS if clause.kind == "auxiliary" else _SAYS if clause.kind == "be" else ())
    if len(predicate) < _LEAST_PREDICATE or leans:
        return
    yield ("What", *predicate)
    if _named(clause.subject):
        yield ("Who", *predicate)
    head = _head(clause.subject)
    if head:
        yield ("Which", head, *predicate)


def _about(clause: Clause) -> Iterator[tuple[str, ...]]:
    """Questions for what is said of the subject."""
    word = bare(clause.verb)
    following = bare(clause.rest[0]) if clause.rest else ""
    forms = _verb(word) if clause.kind == "verb" and clause.rest else ("", "")
    preposition = _WITH_PREPOSITION.get(forms[1])
    for subject in _inside(clause.subject):
        if clause.kind == "be" and following in _NAMED_BY:
            yield ("What", word, *subject)
        elif not forms[1]:
            continue
        elif preposition is not None and preposition == following:
            yield ("What", forms[0], *subject, forms[1], preposition)
        elif preposition is None and following not in _PREPOSITIONS and _has_object(following, forms[1]):
            yield ("What", forms[0], *subject, forms[1])
            if forms[0] == "does":
                yield ("What", "does", *subject, "do")


def _has_object(following: str, base: str) -> bool:
    return base not in _NO_OBJECT and not (following.endswith("ly") and len(following) > 5)


def _verb(word: str) -> tuple[str, str]:
    """The auxiliary of a question, and the verb behind it."""
    if word in THIRD:
        return "does", THIRD[word]
    return ("did", PAST[word]) if word in PAST else ("do", word)


def _plain_subject(clause: Clause) -> bool:
    """Whether the subject is named, and no pronoun or "there"."""
    first = bare(clause.subject[0])
    return first not in _UNNAMED


def _question_end(predicate: tuple[str, ...]) -> tuple[str, ...]:
    """The predicate up to where a new clause is only added to it."""
    depth = 0
    for at, piece in enumerate(predicate):
        depth += piece.count("(") - piece.count(")")
        following = bare(predicate[at + 1]) if at + 1 < len(predicate) else ""
        if depth == 0 and piece.endswith((":", "—")) and at + 1 >= _LEAST_PREDICATE:
            return (*predicate[:at], piece[:-1])
        if depth == 0 and piece.endswith(",") and following in _TAILS and at:
            return (*predicate[:at], piece[:-1])
    return predicate


def _parted(pieces: tuple[str, ...]) -> bool:
    """Whether commas part it, so that a phrase behind it would belong to the last part."""
    return any(piece.endswith((",", ":")) for piece in pieces)


def _head(subject: tuple[str, ...]) -> str:
    """The noun that the subject is about, where that is plain."""
    for at, piece in enumerate(subject):
        if bare(piece) in _PREPOSITIONS and at:
            subject = subject[:at]
            break
    head = subject[-1]
    plain = head.isalpha() and head.islower() and not head.endswith(("ed", "ing", "ly")) and head not in STOP_WORDS
    own = [piece for piece in subject if bare(piece) not in _DETERMINERS]
    whole = {bare(piece) for piece in subject} & {"each", "every", "all", "any"}
    return head if plain and len(own) > 1 and not whole else ""


def _named(subject: tuple[str, ...]) -> bool:
    """Whether the subject may be a person: names alone."""
    names = all((piece[0].isupper() and piece[1:].replace(".", "").isalpha()) or len(piece) == 2 for piece in subject)
    return names and bare(subject[0]) not in _DETERMINERS and not bare(subject[-1]).endswith("s")


def _inside(subject: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The subject as it stands inside a question: its first word small, or as it is where it may be a name."""
    first = subject[0]
    if bare(first) in _DETERMINERS:
        yield (first.lower(), *subject[1:])
        return
    if first[0].isupper() and first[1:].islower() and first.isalpha() and len(subject) > 1 and subject[1].islower():
        yield (first[0].lower() + first[1:], *subject[1:])
    yield subject


def _lowered(lead: tuple[str, ...]) -> tuple[str, ...]:
    return (lead[0][0].lower() + lead[0][1:], *lead[1:]) if lead else ()


def _without_articles(pieces: tuple[str, ...]) -> tuple[str, ...]:
    """Without small articles, and without a large one at the beginning."""
    first = 1 if pieces and bare(pieces[0]) in ARTICLES else 0
    return tuple(piece for piece in pieces[first:] if piece not in ARTICLES)


def _without_copula(clause: Clause) -> tuple[str, ...]:
    """The predicate, without its "is" where a noun or a participle follows that says as much alone."""
    following = bare(clause.rest[0]) if clause.rest else ""
    droppable = following in _NAMED_BY or (following.endswith("ed") and len(clause.rest) > 1)
    return clause.rest if bare(clause.verb) in BE and droppable else clause.predicate
