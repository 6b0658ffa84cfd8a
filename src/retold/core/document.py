"""The nouns that flow through a run, as rows.

Each class is one row of the table named in its docstring (columns in `core/schema.py`); `part` and `stage` are added by
the runner, never by a step. Texts are `str` (Unicode scalar values only), offsets count Python characters (code points)
of the text they point into, half open: `text[start:end]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from retold.core.fingerprint import digest, digest_text

Kind = Literal["source", "retelling", "reflection"]
Finish = Literal["stop", "length", "filtered", "error"]
MadeBy = Literal["", "model", "rule"]
Failure = Literal["", "timeout", "server", "refused", "bad_reply", "busy", "poison", "engine"]
"""Why a request has no answer: none in time; the server failed or broke off; it refuses this prompt; it answered
nonsense; it asked for patience for too long; the prompt stops the server that gets it; the engine in this process
failed. Empty: it has one."""

Need = Literal["grammar", "schema", "logprobs"]
"""What a prompt may ask of its engine beyond text: an answer bound to a grammar or to a JSON schema, and the
probabilities of its tokens."""


def record_id(source: str, key: str) -> str:
    """The id of what was read: the name of its data set and its natural key there (never a path)."""
    return digest("record", source, key)


def document_id(kind: Kind, parents: tuple[str, ...], text: str) -> str:
    """The id of an immutable text: one text with two origins is one document."""
    return digest_text(["document", kind, list(parents)], text)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of characters in one document version."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of a retelling's own text that a check points at, with the check's reason."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """Table `records`: what was read, without its bytes (those stay at `uri`)."""

    record_id: str
    source: str
    key: str
    uri: str
    media_type: str
    bytes: int
    title: str = ""
    date: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Table `origins`: this document was read from that record, at that address."""

    document_id: str
    record_id: str
    uri: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A range of characters of a document's own text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """Table `documents`: immutable text. `style` and `made_by` are empty for sources; `spans` names what was retold.

    `no_loss` names ranges of its own text that a model reads and is not trained to write (a planted error, a question
    that stands before its answer): `pack` gives every token that touches one a loss mask of 0.
    """

    document_id: str
    kind: Kind
    text: str
    source: str
    parents: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    style: str = ""
    made_by: MadeBy = ""
    title: str = ""
    licence: str = ""
    no_loss: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A range that an edit left as it was: `length` characters from `start`, in the parent from `parent_start`."""

    start: int
    parent_start: int
    length: int


@dataclass(frozen=True, slots=True)
class SpanMap:
    """Table `span_maps`: which ranges of an edited document stand in its parent, and where (`core/edit.py`).

    In ascending order of both; what lies between two of them was removed, replaced or inserted.
    """

    document_id: str
    parent_id: str
    parent_characters: int
    kept: Sequence[Unchanged]


@dataclass(frozen=True, slots=True)
class Signals:
    """Tables `signals_*`: numbers measured on one document by one step, and the ranges they rest on."""

    document_id: str
    values: dict[str, float]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Membership:
    """Table `clusters`: a document that has near or exact twins, and which of them is kept in its place.

    `cluster` is the id of the cluster's best document, `size` counts the documents of the cluster. `kept` is the
    document itself where it was kept; `kept_part` tells equal documents of two parts apart. `similarity` (0 to 1) is
    that to `kept`, as the step measures it.
    """

    document_id: str
    cluster: str
    size: int
    kept: str
    kept_part: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Contamination:
    """Table `contaminations`: a span of a document that holds an item of an evaluation set, and which.

    `field` says what of the item it holds (its question, its answer, ...), `score` (0 to 1) how much of that is there.
    `removes` is false where the hit alone is no reason to remove anything. The item's text is never stored.
    """

    document_id: str
    set: str
    item: str
    field: str
    score: float
    start: int
    end: int
    removes: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """Table `kept`: what a finished comparison of documents kept, so that the next one can let it win.

    `ids` holds 16 bytes for each document of a part; `settings` is the digest of what decided, `generation` counts
    the comparisons of one store with these settings.
    """

    step: str
    piece: int
    settings: str
    generation: int
    ids: bytes


@dataclass(frozen=True, slots=True)
class Selected:
    """Table `selection`: a document in its place in the mixture.

    `position` counts over all phases, in order. `epoch` is how often the document was drawn before (0: never),
    `portion` the part of the mix that it was drawn for, `tokens` what it counts there, its end included.
    """

    position: int
    document_id: str
    epoch: int
    phase: str
    portion: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Table `passages`: a span of a source document, retold as one piece. `tokens` counts as the recipe counts."""

    passage_id: str
    document_id: str
    start: int
    end: int
    heading: str
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Request:
    """Table `requests`: one prompt to an engine.

    `position` is the place in the planned order (over all parts). A style that works sentence by sentence makes several
    requests with one `retelling_id` (`unit` of `units`); for all others `retelling_id == request_id`. `start` and `end`
    are the source span in `document_id`; the text of the prompt is a function of passage, unit and style.
    """

    request_id: str
    retelling_id: str
    position: int
    passage_id: str
    document_id: str
    start: int
    end: int
    style: str
    style_version: str
    engine: str
    attempt: int = 0
    unit: int = 0
    units: int = 1


@dataclass(frozen=True, slots=True)
class Completion:
    """Table `completions`: what came back. Failed and cut-off ones are kept for the count and are never data.

    `seconds` from the first sending to the answer, `sent` how often it was sent, `cost` in USD by the engine's prices,
    `logprobs` the natural logarithms of the probabilities of the generated tokens, where they were asked for. A
    failure (`finish` "error") has its class in `failure` and its words in `error`, and goes to `dead_letters`.
    """

    request_id: str
    text: str
    finish: Finish
    engine: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    seconds: float = 0.0
    error: str = ""
    sent: int = 1
    cost: float = 0.0
    logprobs: tuple[float, ...] = ()
    failure: Failure = ""


def needs_of(grammar: str, schema: str, logprobs: bool) -> frozenset[Need]:
    """What must be asked of an engine: what is not empty."""
    found: list[Need] = []
    if grammar:
        found.append("grammar")
    if schema:
        found.append("schema")
    if logprobs:
        found.append("logprobs")
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a prompt. Only `trusted` pieces (ours) may be read as special tokens; source text never is."""

    text: str
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Sampling:
    """Every sampling parameter, always sent explicitly. `seed` None: the engine is told nothing."""

    temperature: float = 0.2
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.0
    repeat_penalty: float = 1.05
    max_tokens: int = 220
    seed: int | None = 1
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation, in pieces that say which text is ours and which is the source's."""

    role: Literal["system", "user", "assistant"]
    content: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What an engine is asked: the request's id, the turns, and the first words of the answer, given to it.

    `position` is the request's place in the planned order, -1 for a prompt outside any plan (a canary). `grammar`
    (GBNF) or `schema` (JSON Schema, as JSON) bind what follows the prefill, `logprobs` asks for the probabilities of
    its tokens: only an engine that can (`core.step.Binding`) is asked such prompts.
    """

    request_id: str
    turns: tuple[Turn, ...]
    sampling: Sampling
    prefill: str = ""
    document_id: str = ""
    grammar: str = ""
    schema: str = ""
    logprobs: bool = False
    position: int = -1
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def needs(self) -> frozenset[Need]:
        """What its engine must be able to do."""
        return needs_of(self.grammar, self.schema, self.logprobs)
