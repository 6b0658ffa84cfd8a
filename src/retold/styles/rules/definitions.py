"""Definitions as questions and answers: "What is X?" with the sentence of the passage that defines X.

In: a passage. Out: one text of up to five pairs, or nothing. Taken are sentences that stand alone and have the form
"A X is a …", "Xs are …", "The term X refers to …", "X means …", with a short noun phrase before the verb; and, below
a call signature, the first sentence of its description ("What does str.strip() do?"). The answer is the sentence
verbatim.

Trade-off: form, not understanding: "A X is a Y" that is no definition ("A comma is an error") is asked about as well,
and the answer is still true.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

from retold.core.document import Passage
from retold.styles.rules.material import Statement, said, stands_alone, statements, vary
from retold.text.names import is_acronym, is_identifier, names
from retold.text.words import STOP_WORDS

MOST = 5
_ARTICLES = frozenset({"a", "an"})
_EMPTY_HEADS = frozenset(
    """
    result value values default example examples reason difference purpose effect point problem rule order name type
    syntax form case cases way thing things part parts most many some several all few number rest first last only main
    usual return line lines body kind meaning description section
    """.split()
)
_DOES = frozenset(
    """
    return returns print prints remove removes insert append update add create delete display start stop execute
    define find concatenate split replace strip convert copy yield decode encode set raise sort reverse read write
    open close send throw count compute calculate make
    """.split()
)
_JUDGING = frozenset("bit good bad little problem mistake waste must common no".split())
_ASK_DOES = ("What does {} do?", "Describe {}.", "Explain what {} is for.")
_ASK_TERM = ("What does the term {} mean?", "What is meant by the term {}?", "Explain the term {}.")
_ASK_ONE = ("What is {}?", "How is {} defined?", "What is meant by {}?")
_ASK_MANY = ("What are {}?", "How are {} defined?", "What is meant by {}?")
_MARKS = (("Q: ", "A: "), ("Question: ", "Answer: "), ("**", ""), ("", ""))


def program(passage: Passage, seed: int) -> list[str]:
    """One text of questions with the defining sentences as answers, or nothing."""
    pairs: dict[str, str] = {}
    for statement in statements(passage.text):
        question = _question(statement, seed, passage)
        if question and question not in pairs and len(pairs) < MOST:
            pairs[question] = said(statement) if statement.subject not in question else statement.text
    if not pairs:
        return []
    before, answer = _MARKS[int(vary(("0", "1", "2", "3"), seed, passage, "marks"))]
    after = before if before == "**" else ""
    return ["\n\n".join(f"{before}{question}{after}\n{answer}{text}" for question, text in pairs.items())]


def _question(statement: Statement, seed: int, passage: Passage) -> str:
    """The question that this sentence answers, or "" if it defines nothing."""
    if not stands_alone(statement):
        return ""
    tokens = statement.text.split()
    if statement.subject:
        does = statement.first and tokens[0].lower() in _DOES
        return vary(_ASK_DOES, seed, passage, "does").replace("{}", statement.subject) if does else ""
    term = _named_term(tokens)
    if term:
        return vary(_ASK_TERM, seed, passage, "term").replace("{}", term)
    subject, plural = _subject(tokens)
    if not subject:
        return ""
    frames = _ASK_MANY if plural else _ASK_ONE
    return vary(frames, seed, passage, "ask").replace("{}", _inside(subject, passage.text))


def _named_term(words: list[str]) -> str:
    """X in "The term X refers to …", "… is called *X*", "… is known as *X*"."""
    if [word.lower() for word in words[:2]] == ["the", "term"] and "refers" in words[3:7]:
        return " ".join(words[2 : words.index("refers")])
    for index, word in enumerate(words[2:-1], start=2):
        called = word == "called" or (word == "as" and words[index - 1] == "known")
        if not called or not {"is", "are"}.intersection(words[index - 2 : index]):
            continue
        rest = words[index + 1 : index + 6]
        rest = rest[1:] if rest[0] in ("a", "an", "the") else rest
        for size in range(1, len(rest) + 1):
            term = " ".join(rest[:size]).rstrip(".,;:")
            if len(term) > 3 and (term[0], term[-1]) in (("*", "*"), ("“", "”")):
                return term.strip("*")
    return ""


def _subject(words: list[str]) -> tuple[str, bool]:
    """The noun phrase before "is a", "are", "means" or "refers to", and whether it is plural."""
    for index in range(1, min(7, len(words) - 3)):
        verb, after = words[index], words[index + 1 : index + 5]
        if verb in ("is", "are", "means", "refers"):
            defines = _defines(verb, after) and _is_noun_phrase(words[:index], verb)
            return (" ".join(words[:index]), verb == "are") if defines else ("", False)
        if words[index].lower() in STOP_WORDS and words[index] != "of":
            return "", False
    return "", False


def _defines(verb: str, after: list[str]) -> bool:
    """Whether the words after the verb name a kind of thing."""
    if verb == "refers":
        return after[0] == "to"
    if verb == "means" or after[0] in _ARTICLES:
        noun = after[1] if after[0] in _ARTICLES else after[0]
        return noun not in _JUDGING and not any(word.rstrip('.,;)"').lower().endswith("error") for word in after)
    if verb != "are" or after[0].endswith(("ed", "ing")) or after[0].lower() in STOP_WORDS:
        return False
    return after[1].endswith("s") and not after[1].endswith("ss") and after[2] in ("of", "that", "which", "whose")


def _is_noun_phrase(subject: list[str], verb: str) -> bool:
    """Whether a few words can be the name of a thing: not "The result", "There", "If x"."""
    head = subject[0].lower()
    rest = subject[1:] if head in (*_ARTICLES, "the") else subject
    phrase = " ".join(rest)
    if not rest or len(rest) > 5 or any(sign in phrase for sign in ",;:()[]=…") or rest[-1].endswith(("ed", "of")):
        return False
    if rest[-1].lower() in _EMPTY_HEADS or rest[0].lower() in _EMPTY_HEADS:
        return False
    if head == "the":
        return any(sign in phrase for sign in '"`*“') or any(map(_is_code, rest)) or bool(names(f"about {phrase}"))
    if head in _ARTICLES:
        return verb != "are" and head not in STOP_WORDS - _ARTICLES
    if head in STOP_WORDS or (verb == "means" and '"' not in phrase and "*" not in phrase):
        return False
    return verb == "are" or len(rest) <= 3


def _is_code(word: str) -> bool:
    return is_identifier(word) or is_acronym(word)


def _inside(subject: str, text: str) -> str:
    """A subject as it stands inside a sentence: small, unless it is a name."""
    first, _, rest = subject.partition(" ")
    small = first[0].lower() + first[1:]
    if small in (*_ARTICLES, "the") or (small != first and small in text.split()):
        return f"{small} {rest}".rstrip()
    return subject
