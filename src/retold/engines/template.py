"""Chat templates pinned here, and source text that cannot end a turn.

In: a `Prompt`. Out: `Segment`s, trusted where the text is ours; then either an array of token ids and strings
(`as_array`, for engines that tokenise each string apart) or one string (`as_text`, for servers that take only strings).

A source may contain the letters `<|im_end|>`. Read as a special token they would end the user's turn and let a web page
speak as the system. In an array such letters are cut in two, each half tokenised apart: not one character changes and
no special token arises (with SmolLM2 the letters take 6 tokens instead of 1). One string cannot be cut, so there a
space is put after the first letter: `< |im_end|>`. That is a visible change of the prompt, accepted because the
alternative is injection.

The formats are those that the models were trained with; a server's own template may add a system prompt or a date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from retold.core.document import Prompt, Segment, Turn


@dataclass(frozen=True, slots=True)
class Template:
    """One chat format. `opening` and `closing` enclose a turn; `{role}` in `opening` is the role's name."""

    name: str
    begin: str
    opening: str
    closing: str
    roles: Mapping[str, str]
    specials: tuple[str, ...]
    stops: tuple[str, ...]

    def open(self, role: str) -> str:
        """What stands before the content of a turn."""
        return self.opening.replace("{role}", self.roles[role])


_SAME = {"system": "system", "user": "user", "assistant": "assistant"}

TEMPLATES: dict[str, Template] = {
    template.name: template
    for template in (
        Template(
            "chatml",
            "",
            "<|im_start|>{role}\n",
            "<|im_end|>\n",
            _SAME,
            ("<|im_start|>", "<|im_end|>"),
            ("<|im_end|>",),
        ),
        Template(
            "llama3",
            "<|begin_of_text|>",
            "<|start_header_id|>{role}<|end_header_id|>\n\n",
            "<|eot_id|>",
            _SAME,
            ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
            ("<|eot_id|>",),
        ),
        Template(
            "gemma",
            "<bos>",
            "<start_of_turn>{role}\n",
            "<end_of_turn>\n",
            # Gemma was trained without a system turn: its text opens the user's first turn (see `_turns`).
            {"user": "user", "assistant": "model"},
            ("<bos>", "<start_of_turn>", "<end_of_turn>"),
            ("<end_of_turn>",),
        ),
        Template("plain", "", "", "\n\n", dict.fromkeys(_SAME, ""), (), ()),
    )
}

# What servers read as special in a string when the vocabulary is not known. `<|` covers the many `<|name|>`; `|>`
# alone is an operator of several programming languages and stays.
MARKERS = (
    *("<|", "<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>"),
    *("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<think>", "</think>", "<tool_call>", "</tool_call>", "<｜"),
)


def template_for(specials: Iterable[str]) -> str:
    """The template whose special tokens a model has, or `plain`."""
    known = set(specials)
    for name, template in TEMPLATES.items():
        if template.specials and known.issuperset(template.specials):
            return name
    return "plain"


def render(prompt: Prompt, template: str) -> tuple[Segment, ...]:
    """The prompt in its template, the first words of the answer included. Raises KeyError for no such template."""
    form = TEMPLATES[template]
    pieces = [Segment(form.begin, trusted=True)]
    for turn in _turns(prompt, form):
        pieces.append(Segment(form.open(turn.role), trusted=True))
        pieces.extend(turn.content)
        pieces.append(Segment(form.closing, trusted=True))
    pieces.append(Segment(form.open("assistant") + sent_prefill(prompt), trusted=True))
    return tuple(piece for piece in pieces if piece.text)


def sent_prefill(prompt: Prompt) -> str:
    """The first words of the answer as they are sent: without spaces at the end.

    Models learned words with the space before them as one token; after a lone space they go astray.
    """
    return prompt.prefill.rstrip(" ")


def continuation(prompt: Prompt, text: str) -> str:
    """The text that, joined to `prompt.prefill`, is the answer: spaces held back are not doubled."""
    held_back = len(prompt.prefill) - len(sent_prefill(prompt))
    spaces = len(text) - len(text.lstrip(" "))
    return text[min(held_back, spaces) :]


def _turns(prompt: Prompt, form: Template) -> Iterator[Turn]:
    held: tuple[Segment, ...] = ()
    for turn in prompt.turns:
        if turn.role not in form.roles:
            held = (*held, *turn.content, Segment("\n\n", trusted=True))
        else:
            yield Turn(turn.role, (*held, *turn.content))
            held = ()
    if held:
        yield Turn("user", held)


def cuts(segments: Iterable[Segment], specials: Iterable[str]) -> set[int]:
    """Where to cut the joined text so that no special string with a character of untrusted text in it stays whole.

    Every cut touches an untrusted character, so it never falls inside a special string that is wholly ours.
    """
    text = "".join(segment.text for segment in segments)
    trusted = bytearray()
    for segment in segments:
        trusted.extend(bytes([segment.trusted]) * len(segment.text))
    found: set[int] = set()
    for special in specials:
        at = text.find(special) if len(special) > 1 else -1
        while at >= 0:
            first = trusted.find(0, at, at + len(special))
            if first >= 0:
                found.add(first + 1 if first < at + len(special) - 1 else first)
            at = text.find(special, at + 1)
    return found


def as_array(segments: tuple[Segment, ...], ids: Mapping[str, int]) -> list[int | str]:
    """Our special strings as ids, all else as strings to be tokenised one by one, none of which contains a special.

    `ids` maps every special string of the model's vocabulary to its id. Joined again, with the specials' text for the
    ids, the pieces are the joined segments exactly.
    """
    text = "".join(segment.text for segment in segments)
    edges = cuts(segments, ids)
    pieces: list[int | str] = []
    start = at = 0
    # Longest first: of two specials that begin alike, tokenisers take the longer one.
    by_length = sorted(ids, key=len, reverse=True)
    starts = {special[0] for special in by_length}
    while at < len(text):
        if at in edges and at > start:
            pieces.append(text[start:at])
            start = at
        match = text[at] in starts and next(
            (special for special in by_length if text.startswith(special, at) and not _crosses(at, special, edges)), ""
        )
        if match:
            pieces.extend([text[start:at]] if at > start else [])
            pieces.append(ids[match])
            at += len(match)
            start = at
        else:
            at += 1
    return [*pieces, text[start:]] if start < len(text) else pieces


def _crosses(at: int, special: str, edges: set[int]) -> bool:
    return any(edge in edges for edge in range(at + 1, at + len(special)))


def as_text(segments: Iterable[Segment], begin: str = "") -> str:
    """One string for a server that reads special tokens in strings: markers in untrusted text get a space inside.

    `begin` is dropped from the front: servers put the begin-of-text token there themselves.
    """
    pieces = tuple(segments)
    text = "".join(piece.text for piece in pieces)
    last = 0
    parts = []
    for cut in sorted(cuts(pieces, MARKERS)):
        parts.append(text[last:cut])
        last = cut
    return " ".join([*parts, text[last:]]).removeprefix(begin)
