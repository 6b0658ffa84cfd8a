"""What rule-made styles are made of: the statements of a passage, and which of them can stand alone.

In: the text of a passage. Out: `Statement`s, sentences of prose as one line, word for word (white space apart), each
with the signature or term that it is said of. `stands_alone` is strict: a sentence that leans on its neighbours
("It", "However", "the following"), is a fragment, or is mostly symbols, is never shown without them. When in doubt,
nothing is said.

Trade-off: about half of the sentences of reference documentation stand alone by this test; the rest are left out.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from retold.core.document import Passage
from retold.core.fingerprint import digest, uniform
from retold.text.blocks import Block, BlockKind, blocks
from retold.text.names import names
from retold.text.numbers import numbers
from retold.text.sentences import flat, split

SHORTEST, LONGEST = 6, 45
"""Words of a statement that can stand alone."""

PROSE: Final = frozenset({"prose", "item", "note"})
_CLOSERS: Final = "\"'”’)]*`"
_OPENERS: Final = frozenset(
    """
    it its it's this that these those they their them he she his her him we our us i my you your such here so then
    thus hence therefore however moreover furthermore also but and or nor yet otherwise instead similarly conversely
    likewise consequently accordingly nevertheless nonetheless meanwhile finally additionally again both neither
    another others see now still rather indeed besides first second third firstly secondly lastly note because which
    who whose where what how why there else later more example examples
    """.split()
)
_OPENING_PAIRS: Final = frozenset(
    """
    as_a as_above as_with as_before as_of in_this in_that in_these in_such in_either in_both in_addition in_contrast
    in_particular in_other in_all in_general in_most in_some in_many in_each in_any for_example for_instance for_this
    for_these for_more for_details on_the at_this at_that at_the to_illustrate to_do the_following the_latter
    the_former the_same the_above the_other the_rest the_second the_third the_first the_remaining the_previous
    the_next the_example the_result the_resulting the_only if_so if_not if_this if_that if_it if_they when_this
    when_it when_they after_this with_this by_doing one_such one_of some_of each_of all_of most_of none_of any_of
    not_all only_the more_precisely that_is of_course even_if even_though please_see refer_to unlike_the like_the
    """.split()
)
_LEANING: Final = frozenset(
    "this these those such above below following follows aforementioned former latter previously respectively example "
    "examples".split()
)
_CONDITIONS: Final = frozenset(
    "if when unless while although though once since after before where whenever until".split()
)
_PRONOUNS: Final = frozenset("it they he she them".split())
_NOTE_MARKS: Final = frozenset(f"[{number}]" for number in range(1000))
_SAID_OF_SOMETHING: Final = frozenset(
    """
    return returns returned called call print raise raises set sets get gets remove removes like same implements
    invoked used equivalent similar new changed deprecated added create creates test tests check checks perform
    performs insert append update add continue delete display start stop execute define find concatenate split replace
    strip convert allow allows available provides make makes indicates specify specifies defines identical should must
    can will may
    """.split()
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of a passage as one line.

    `start` and `end` are its characters in the passage; `text` is found word for word in the flattened passage. `block`
    numbers the block it is in and `first` says whether it opens it; `subject` is the signature or term over it ("" for
    none, "?" for several), `kind` the layout it stands in.
    """

    text: str
    start: int
    end: int
    block: int
    first: bool
    kind: BlockKind
    subject: str


@lru_cache(maxsize=16)
def layout(text: str) -> tuple[Block, ...]:
    """The blocks of a passage; the first has the indent of its second line, because a passage begins at a letter."""
    found = blocks(text)
    if not found:
        return ()
    head = found[0]
    lines = text[head.start : head.end].split("\n")
    if len(lines) > 1 and head.kind == "prose" and lines[1].strip():
        indent = len(lines[1]) - len(lines[1].lstrip())
        found[0] = Block(head.kind, head.start, head.end, head.body, head.body_end, indent, head.marker)
    return tuple(found)


@lru_cache(maxsize=16)
def terms(text: str) -> dict[int, str]:
    """Blocks that name what the deeper text below them is about: signatures and lone lines, by block number.

    "?" stands for a group of signatures over one description, which is about none of them alone.
    """
    named: dict[int, str] = {}
    layers = layout(text)
    for number, block in enumerate(layers):
        below = layers[number + 1] if number + 1 < len(layers) else None
        if block.kind == "signature":
            name = signature_name(text[block.start : block.end])
            above = layers[number - 1] if number else None
            together = above is not None and above.kind == "signature" and above.indent == block.indent
            named[number] = name if not together or named[number - 1] == name else "?"
        elif block.kind == "prose" and below and below.kind in PROSE and below.indent >= block.indent + 2:
            line = flat(text[block.start : block.end])
            if (
                len(line) <= 60
                and line[-1] not in ".:;,!?…"
                and balanced(line)
                and "\n" not in text[block.start : block.end]
            ):
                named[number] = line
    return named


@lru_cache(maxsize=16)
def statements(text: str) -> tuple[Statement, ...]:
    """All sentences of prose in a passage, in order."""
    found = []
    over: list[tuple[int, str]] = []
    named = terms(text)
    for number, block in enumerate(layout(text)):
        while over and over[-1][0] >= block.indent:
            over.pop()
        subject = over[-1][1] if over else ""
        if number in named:
            over.append((block.indent, named[number]))
        if block.kind not in PROSE or number in named:
            continue
        first = True
        for start, end in split(text, block):
            if end <= block.body:
                continue
            begin = max(start, block.body)
            sentence = without_note(flat(text[begin:end]))
            found.append(Statement(sentence, begin, end, number, first, block.kind, subject))
            first = False
    return tuple(found)


def signature_name(signature: str) -> str:
    """What a signature is the signature of: "class dict(**kwargs)" -> "dict"; "a(rgs)" stays as it is."""
    line = flat(signature)
    name = line.partition("(")[0].split()[-1:]
    if name and len(name[0]) > 2:
        return name[0]
    return line if len(line) <= 40 else "?"


def without_note(sentence: str) -> str:
    """A sentence without the mark of a note behind its end: "It is. [2]" -> "It is."."""
    head, bracket, tail = sentence.rpartition("[")
    if bracket and tail.endswith("]") and tail[:-1].isdigit() and head.rstrip()[-1:] in (".", "!", ")"):
        return head.rstrip()
    return sentence


def stands_alone(statement: Statement) -> bool:
    """Whether a statement is a whole sentence that says what it is about."""
    text = statement.text
    tokens = text.split()
    if not SHORTEST <= len(tokens) <= LONGEST or statement.subject == "?":
        return False
    if not text.rstrip(_CLOSERS).endswith((".", "!", "。")) or "..." in text or "…" in text or "::" in text:
        return False
    if not _begins(text) or not balanced(text) or has_note(text) or sum(map(str.isalpha, text)) < 0.7 * len(text):
        return False
    folded = [token.strip("\"'“”‘’(),.;:*`!").lower() for token in tokens]
    if folded[0] in _OPENERS or f"{folded[0]}_{folded[1]}" in _OPENING_PAIRS or _LEANING.intersection(folded):
        return False
    if folded[0] not in _CONDITIONS and _pronoun_after_comma(tokens):
        return False
    if statement.subject:
        return True
    about_a_parameter = folded[0] in ("if", "when", "the") and tokens[1].startswith("*")
    return folded[0] not in _SAID_OF_SOMETHING and not about_a_parameter and not tokens[0].startswith("*")


def _pronoun_after_comma(tokens: list[str]) -> bool:
    """Whether the main clause begins with a pronoun whose noun stands elsewhere: "Within the limits, they compare"."""
    for token, following in pairwise(tokens):
        if token.endswith(","):
            return following in _PRONOUNS
    return False


def has_note(text: str) -> bool:
    """Whether a note mark (" [4]") stands in a sentence: it points at what is not shown."""
    return any(token.strip(".,;:()") in _NOTE_MARKS for token in text.split()) if "[" in text else False


def _begins(text: str) -> bool:
    """Whether the first letter is one that begins a sentence; a quoted name may."""
    letter = text.lstrip("\"'“‘`*")[:1]
    return letter.isupper() or (text[0] in '"`“' and letter != "") or (letter.isalpha() and not letter.islower())


def balanced(text: str) -> bool:
    """Whether brackets and quotation marks close."""
    pairs = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"))
    return all(text.count(left) == text.count(right) for left, right in pairs) and not any(
        text.count(sign) % 2 for sign in '"`*'
    )


def said(statement: Statement) -> str:
    """The sentence with the name it is said of before it, where it has one."""
    return f"{statement.subject}: {statement.text}" if statement.subject else statement.text


def title(passage: Passage) -> str:
    """The passage's heading, if the passage itself has every name and number of it; else ""."""
    heading = flat(passage.heading).rpartition(": ")[2]
    if not heading or len(heading) > 80 or any(sign in heading for sign in "|_#>"):
        return ""
    inside = flat(passage.text)
    if not all(mention.text in inside for mention in names(f"about {heading}")):
        return ""
    wanted = {mention.value for mention in numbers(heading)}
    return "" if wanted and wanted.difference(mention.value for mention in numbers(passage.text)) else heading


def vary(options: tuple[str, ...], seed: int, passage: Passage, purpose: str) -> str:
    """One of several phrasings, by the passage's id and the seed alone."""
    return options[int(uniform("frame", purpose, seed, passage.passage_id) * len(options))]


def shuffled(items: Sequence[str], *key: object) -> list[str]:
    """`items` in an order drawn from one digest of `key` (fair for up to 30 items)."""
    drawn, left = int(digest("shuffle", *key), 16), list(items)
    order = []
    while left:
        drawn, at = divmod(drawn, len(left))
        order.append(left.pop(at))
    return order


def framed(options: tuple[str, ...], seed: int, passage: Passage, purpose: str) -> str:
    """A heading line for a retelling: one of `options`, with the passage's heading where that is safe."""
    frame, about = vary(options, seed, passage, purpose), title(passage)
    if not about:
        return f"{frame}:"
    return vary(
        (f"{frame}: {about}", f"{about}: {frame[0].lower()}{frame[1:]}", f"{frame} ({about})"), seed, passage, "at"
    )
