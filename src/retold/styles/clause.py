"""The main clause of a sentence: what it is about, the verb, what it says, and a phrase before it.

In: a sentence on one line. Out: a `Clause`, or None where a plain reading is not to be had. Pieces are the sentence's
own, cut at spaces, so that whatever is built of them has its spelling, quotation marks and numbers.

No parser: a subject ends at the first word that is a form of "be", an auxiliary, or one of `VERBS`, within ten words,
before any word that opens another clause. An apposition between commas is stepped over where a form of "be" or an
auxiliary follows. Trade-off: what it does not understand it leaves alone, about half of the sentences of
documentation; where it sees a clause, it is nearly always that one. English alone: a verb is one of its list, and a
sentence of another language that has such a word ("De stad is oud") is read wrongly, so `verify` refuses what was made
of other languages (`not_english`).
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from retold.text.words import fold

Kind = Literal["be", "auxiliary", "verb"]
"""An auxiliary, or an adverb that stands before the verb: then what follows is not looked into."""

BE: Final = frozenset(("is", "are", "was", "were"))
AUXILIARIES: Final = frozenset(
    "has have had do does did can cannot may might could must should will would shall need".split()
)
_BASES: Final = (
    "accept achieve act add affect aid allow appear apply argue arrange assign attempt attract avoid base bear become "
    "begin belong border build call carry cause change check claim collect combine come compare complete compose "
    "comprise conduct connect consist constitute contain continue contribute control convert convey copy correspond "
    "cover create decide define delete deliver demonstrate denote depend derive describe design determine develop "
    "differ direct discover display distinguish divide dominate draw earn edit educate enable encode end enter ensure "
    "establish evaluate examine execute exist expand explain express extend fail feature fire follow form function "
    "gain generate give go govern grow handle happen help hold honor host identify ignore implement include indicate "
    "influence inhabit initiate inspire install interpret introduce invent involve join keep know launch lead learn "
    "let lie list live load look maintain make manage map mark match mean measure modify move name notice obtain occur "
    "offer open operate own perform permit place play point predate present preserve prevent process produce promote "
    "propose protect prove provide publish raise range reach read receive recognize record reduce refer reflect reject "
    "release remain remove replace report represent require resemble reside resolve result retain return reveal rise "
    "roam rule run say search seek select send separate serve set share show simplify sit span specify spread stand "
    "start state stop store strengthen suffer suggest supply support take teach tell test throw trace travel treat try "
    "turn undergo unite use vary view visit win work write yield"
)
_PAST: Final = {
    "became": "become",
    "began": "begin",
    "came": "come",
    "gave": "give",
    "grew": "grow",
    "held": "hold",
    "kept": "keep",
    "knew": "know",
    "led": "lead",
    "lay": "lie",
    "made": "make",
    "meant": "mean",
    "read": "read",
    "said": "say",
    "sent": "send",
    "stood": "stand",
    "sat": "sit",
    "sought": "seek",
    "took": "take",
    "told": "tell",
    "went": "go",
    "won": "win",
    "wrote": "write",
    "ran": "run",
    "rose": "rise",
    "spent": "spend",
    "built": "build",
    "born": "",
    "bore": "bear",
    "drew": "draw",
    "threw": "throw",
    "taught": "teach",
    "underwent": "undergo",
    "spread": "spread",
    "set": "set",
    "let": "let",
}


def _third(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def _past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    return base[:-1] + "ied" if base.endswith("y") and base[-2] not in "aeiou" else base + "ed"


_IRREGULAR: Final = frozenset(_PAST.values())
THIRD: Final = {_third(base): base for base in (*_BASES.split(), "spend")}
PLURAL: Final = frozenset(_BASES.split()) - frozenset(
    "state set end test name list place form process base border function result return share show store view "
    "check".split()
)
"""Forms after a plural ("Algorithms perform"), without those that are nouns as often."""
PAST: Final = {_past(base): base for base in _BASES.split() if base not in _IRREGULAR} | _PAST
"""Forms of common verbs, to what they are forms of."""

_THAT: Final = frozenset("indicate specify state show mean say suggest ensure determine require know define".split())
"""Verbs after which "that" opens what they say; after other words in "s" it is of a plural ("calls that return")."""

OPENERS: Final = frozenset(
    "that which who whom whose if when where whether because as than while although though unless until so since how "
    "why what to and or but by not".split()
)
"""Words before the verb of the main clause after which its subject can no longer be read plainly."""
CONDITIONS: Final = frozenset(("if", "when", "whenever", "unless", "while", "although", "because", "since", "once"))
_LEADS: Final = CONDITIONS | frozenset(
    "in on at during after before for from with within among under by until through throughout together despite "
    "unlike like according outside inside given".split()
)
_SINGLE_LEADS: Final = frozenset(("today,", "currently,", "now,", "here,", "internally,", "usually,"))
_ADVERBS: Final = frozenset(
    "always often also usually never sometimes still now then only even itself later first once".split()
)
_LONGEST_SUBJECT: Final = 10
_LONGEST_LEAD: Final = 24
_MARKS: Final = ".,;:!?"
_PARTING: Final = (";", "|", "::", " – ", "...")
"""In a sentence with one of these, nobody can tell by rule what belongs to what."""


@dataclass(frozen=True, slots=True)
class Clause:
    """`lead` stands before the subject, with a comma that is taken off; `rest` is all that follows the verb."""

    lead: tuple[str, ...]
    subject: tuple[str, ...]
    verb: str
    kind: Kind
    rest: tuple[str, ...]

    @property
    def predicate(self) -> tuple[str, ...]:
        """The verb and what follows it."""
        return (self.verb, *self.rest)


def bare(piece: str) -> str:
    """A piece as it is compared: folded, without the marks behind it."""
    return fold(piece.rstrip(_MARKS))


@lru_cache(maxsize=256)
def main_clause(sentence: str) -> Clause | None:
    """The main clause of a sentence; None where it cannot be told."""
    pieces = sentence.split()
    if len(pieces) < 4 or pieces[-1][-1] not in ".!" or any(sign in sentence for sign in _PARTING):
        return None
    if any(map(_ends, pieces[:-1])):
        return None
    pieces[-1] = pieces[-1][:-1]
    if not pieces[-1]:
        return None
    first = _lead(pieces)
    pieces = pieces[:first] + _without_brackets(pieces[first:]) if first >= 0 else pieces
    found = _subject(pieces, first)
    if first < 0 or found is None:
        return None
    end, verb = found
    lead = tuple(pieces[:first])
    if lead:
        lead = (*lead[:-1], lead[-1].removesuffix(","))
    while end == verb and end > first + 1 and _adverb(pieces[end - 1]):
        end = verb = end - 1
    subject = tuple(pieces[first:end])
    subject = (*subject[:-1], subject[-1].removesuffix(","))
    word = bare(pieces[verb])
    kind: Kind = "be" if word in BE else "verb" if word in THIRD or word in PAST or word in PLURAL else "auxiliary"
    return Clause(lead, subject, pieces[verb], kind, tuple(pieces[verb + 1 :]))


def _ends(piece: str) -> bool:
    """Whether a sentence ends inside: two were not told apart."""
    return piece[-1] in ".!?" and len(piece) > 3 and "." not in piece[:-1]


def _adverb(piece: str) -> bool:
    return piece.islower() and (piece in _ADVERBS or (piece.endswith("ly") and len(piece) > 5))


def _lead(pieces: list[str]) -> int:
    """How many pieces stand before the subject: 0 where there is no such phrase, -1 where it does not end."""
    if fold(pieces[0]) in _SINGLE_LEADS or (pieces[0].endswith(",") and pieces[0][:-1].endswith("ly")):
        return 1
    if bare(pieces[0]) not in _LEADS:
        return 0
    depth = 0
    for at, piece in enumerate(pieces[:_LONGEST_LEAD]):
        depth += piece.count("(") - piece.count(")")
        if piece.endswith(",") and depth == 0:
            then = at + 1 < len(pieces) and bare(pieces[at + 1]) == "then"
            return -1 if then else at + 1
    return -1


def _without_brackets(pieces: list[str]) -> list[str]:
    """Without what stands in brackets among the first pieces: "Alberta (a province) is"."""
    at = next((at for at, piece in enumerate(pieces[:_LONGEST_SUBJECT]) if piece.startswith("(")), None)
    end = next((end for end in range(at, len(pieces)) if ")" in pieces[end]), None) if at else None
    if at is None or end is None or not pieces[end].endswith((")", "),")):
        return pieces
    if any(_finite(pieces, place) for place in range(1, at)):
        return pieces
    mark = "," if pieces[end].endswith(",") else ""
    return [*pieces[: at - 1], pieces[at - 1] + mark, *pieces[end + 1 :]]


def _subject(pieces: list[str], first: int) -> tuple[int, int] | None:
    """The piece after the subject, and the verb."""
    for at in range(first, min(len(pieces) - 1, first + _LONGEST_SUBJECT)):
        piece = pieces[at]
        word = bare(piece)
        if at > first and _finite(pieces, at):
            return at, at
        if word in OPENERS and not (word in ("and", "or") and at > first):
            return None
        if at > first and piece in ("A", "An", "The", "This", "If", "When"):
            return None  # a heading stands before the sentence
        if any(sign in piece.replace("()", "") for sign in "():"):
            return None
        if piece.endswith(","):
            return _over(pieces, at)
    return None


def _finite(pieces: list[str], at: int) -> bool:
    """Whether the verb of the clause stands here."""
    piece = pieces[at]
    word = bare(piece)
    if piece != piece.rstrip(_MARKS) or not piece.islower():
        return False
    if word in BE or word in AUXILIARIES:
        return True
    above = bare(pieces[at - 1])
    after_article = above in ("the", "a", "an", "of", "in", "its", "their", "his", "her", "for", "with", "on", "and")
    if after_article:
        return False
    if word in PAST and above.endswith("ly"):
        return False
    if word in PAST:
        # "Functions created with it": a participle, where "by", "with" and the like follow and a verb comes later.
        return not any(bare(later) in BE | AUXILIARIES | THIRD.keys() for later in pieces[at + 1 : at + 8])
    following = bare(pieces[at + 1])
    if word in THIRD:
        noun = following in BE | AUXILIARIES | THIRD.keys() | PAST.keys() | {"and", "or"}
        noun = noun or (following.endswith("ly") and pieces[at - 1].isupper())
        noun = noun or (following == "of" and THIRD[word] != "consist")
        return not noun and (following != "that" or THIRD[word] in _THAT)
    plural = above.endswith("s") and not above.endswith(("'s", "ss", "us", "is")) and above not in THIRD
    return word in PLURAL and plural and following not in BE | AUXILIARIES


def _over(pieces: list[str], at: int) -> tuple[int, int] | None:
    """Past an apposition that begins after the comma at `at`."""
    for end in range(at + 1, min(len(pieces) - 2, at + 12)):
        if pieces[end].endswith(","):
            word = bare(pieces[end + 1])
            return (at + 1, end + 1) if word in BE or word in AUXILIARIES else None
    return None
