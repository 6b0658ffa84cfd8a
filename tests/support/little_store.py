"""A small real store with everything a report tells: kept and dropped documents, answers good, bad and missing,
packed rows.

`build(folder)` writes it with `store.Writer` and returns the store and the view of the end of the chain. Rows of an
older chain lie beside them, as in a store that has lived, and must not be counted.
"""

from __future__ import annotations

from pathlib import Path

from retold.core.document import Completion, Document, Mark, Origin, Passage, Record, Request, Signals, Span
from retold.core.document import document_id as document_name
from retold.core.fingerprint import digest, uniform
from retold.core.schema import batch
from retold.core.step import Part
from retold.core.verdict import Verdict, drop, keep
from retold.store import Store, StoreView, Writer

STAGES = ("curate", "exact", "passages", "rules", "plan", "complete", "parse", "verify", "tokenizer", "pack", "export")
LABELS = {name: "complete" if name == "complete" else digest("label", name) for name in STAGES}
PARTS = (Part("part-a", "docs"), Part("part-b", "docs"))
HOSTILE = (
    "<script>document.title='owned'</script> \"><img src=x onerror=\"document.title='owned'\"> \x1b[31mred\x1b[0m \x07"
)
LETTER = {"round": 0, "failure": "timeout", "error": "timed out", "sent": 3, "seconds": 9.0, "cost": 0.0}
ENGINE = "embedded:SmolLM2-135M-Instruct:sha256-5af9"

TOPICS = {
    "Truth value testing": "Any object can be tested for truth value. By default, an object is considered true "
    "unless its class defines a method that returns False or a length of zero. There are 2 constants defined to be "
    "false: None and False. Operations that return a Boolean result always return 0 or 1 unless otherwise stated.",
    "Dictionary displays": "A dictionary display is a possibly empty series of items enclosed in curly braces. If a "
    "key appears more than once, the last value given for that key wins. The items are evaluated from left to right, "
    "and the default is None where nothing else is said.",
    "The with statement": "The with statement wraps the execution of a block with methods defined by a context "
    "manager. If the suite raised an exception, its type, value and traceback are passed to the exit method. "
    "Otherwise 3 None arguments are supplied. Python 3.10 allowed parentheses around several managers.",
    "Sequence types": "There are 3 basic sequence types: lists, tuples and ranges. A list is mutable, a tuple is "
    "not. The items of a sequence are counted from 0, and a negative index counts from the end. Slicing returns a "
    "new sequence of the same type.",
}

ACCEPTED = {
    "key_facts": "- An object is true unless its class says otherwise.\n- The last value given for a key wins.",
    "reword": "Whatever the object is, it can be asked whether it is true, and most of them are.",
    "tutorial": "Let us look at this step by step. First, an object is given. Then it is tested.",
}
REFUSED = (
    ("number_not_in_source", "It returns 42 by default, and the default is used where nothing else is said.", "42"),
    ("name_not_in_source", "As Guido explains, an object is true unless its class defines a method.", "Guido"),
    ("words_not_in_source", "An object is like a pancake that can be tested for truth value.", "pancake"),
    ("copied", "By default, an object is considered true unless its class defines a method that returns False.", ""),
)  # fmt: skip


class _Writers:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.writers: dict[str, Writer] = {}

    def add(self, stage: str, part: str, table: str, rows: list[object]) -> None:
        label = LABELS.get(stage, stage)
        writer = self.writers.setdefault(label, Writer(self.store, label))
        if rows:
            writer.add(part, {table: batch(table, rows)})

    def flush(self) -> None:
        for writer in self.writers.values():
            writer.flush()


def build(folder: Path, *, hostile: bool = False, copies: int = 1) -> tuple[Store, StoreView]:
    """A store of two parts with `copies` variants of each topic; `hostile` plants HTML and escapes into every text."""
    store = Store.create(folder / "store")
    writers = _Writers(store)
    packed: list[tuple[str, int]] = []
    for index, part in enumerate(PARTS):
        sources = _sources(writers, part.name, range(index, 2 * copies, 2), hostile)
        for number, (document, passage) in enumerate(sources):
            packed += _retell(writers, part.name, document, passage, number + 100 * index, hostile)
            packed.append((document.document_id, 60))
    _pack(writers, packed)
    _run(writers)
    _older(writers)
    writers.flush()
    return store, StoreView(store.place, folder, LABELS, PARTS)


def _sources(writers: _Writers, part: str, copies: range, hostile: bool) -> list[tuple[Document, Passage]]:
    records, origins, documents, passages, verdicts = [], [], [], [], []
    for copy in copies:
        for title, body in TOPICS.items():
            text = f"{body} This is variant {copy}." + (f"\n\n{HOSTILE}" if hostile else "")
            record = Record(
                digest("record", part, copy, title), "docs", title, f"docs/{title}", "text/plain", len(text)
            )
            document = Document(document_name("source", (record.record_id,), text), "source", text, "docs", title=title)
            records.append(record)
            origins.append(Origin(document.document_id, record.record_id, f"docs/{title}#{copy}" + HOSTILE * hostile))
            documents.append(document)
            if title == "Sequence types" and copy % 2:
                verdicts.append(drop(document.document_id, "document", "exact_duplicate", "seen before"))
                continue
            name = digest("passage", document.document_id)
            passages.append(Passage(name, document.document_id, 0, len(text), title, text, len(text) // 4))
    bad = [
        Record(digest("bad", part, number), "docs", f"bad{number}", "docs/bad", "text/plain", 0) for number in (1, 2)
    ]
    writers.add("curate", part, "records", [*records, *bad])
    writers.add("curate", part, "origins", origins)
    writers.add("curate", part, "documents", documents)
    writers.add("curate", part, "verdicts", [drop(item.record_id, "record", "not_utf8", "0xff") for item in bad])
    twin = Record(digest("twin", part), "docs", "twin", "docs/twin", "text/plain", 9)
    writers.add("curate", part, "records", [twin])
    writers.add("curate", part, "origins", [Origin(documents[0].document_id, twin.record_id, "docs/twin")])
    twins = [drop(twin.record_id, "record", "exact_duplicate", records[0].record_id)]
    writers.add("exact", part, "verdicts", [*verdicts, *twins])
    if verdicts:  # a dropped text that two records have
        second = Record(digest("second", part), "docs", "second", "docs/second", "text/plain", 9)
        writers.add("curate", part, "records", [second])
        writers.add("curate", part, "origins", [Origin(verdicts[0].subject, second.record_id, "docs/second")])
    writers.add("passages", part, "passages", passages)
    named = {document.document_id: document for document in documents}
    return [(named[passage.document_id], passage) for passage in passages]


def _retell(
    writers: _Writers, part: str, document: Document, passage: Passage, number: int, hostile: bool
) -> list[tuple[str, int]]:
    """Each style once for one passage; what comes of it is drawn from the ids."""
    packed = [_rule(writers, part, document, passage)]
    for style, good in ACCEPTED.items():
        name = digest("request", passage.passage_id, style)
        span = (document.document_id, passage.start, passage.end)
        request = Request(name, name, number, passage.passage_id, *span, style, "v1", ENGINE)
        writers.add("plan", part, "requests", [request])
        chance = uniform("fate", name)
        if chance < 0.05:
            writers.add("complete", part, "dead_letters", [LETTER | {"request_id": name}])
            writers.add("parse", part, "verdicts", [drop(name, "retelling", "failed", "timed out")])
            continue
        if chance < 0.2:
            finish, reason, text = "length", "unfinished", f"Sure, here is the answer: {good[:40]}"
        else:
            finish, reason, text = "stop", "", good if chance < 0.6 else REFUSED[number % len(REFUSED)][1]
        text += f" {HOSTILE}" if hostile else ""
        writers.add("complete", part, "completions", [Completion(name, text, finish, ENGINE, 180, 40, 90, 0.8)])
        if reason:
            span = Span(document.document_id, passage.start, passage.end)
            answer = Document(name, "retelling", text, "docs", (document.document_id,), (span,), style, "model")
            writers.add("parse", part, "documents", [answer])
            writers.add("parse", part, "verdicts", [drop(name, "retelling", reason, text[-60:])])
            continue
        packed += _judged(writers, part, document, passage, (name, style, text, number, chance < 0.6))
    return packed


def _judged(writers, part, document, passage, what) -> list[tuple[str, int]]:
    name, style, text, number, good = what
    span = Span(document.document_id, passage.start, passage.end)
    retelling = Document(name, "retelling", text, "docs", (document.document_id,), (span,), style, "model")
    writers.add("parse", part, "documents", [retelling])
    reason, _, words = REFUSED[number % len(REFUSED)]
    start = text.find(words) if words else -1
    marks = (Mark(start, start + len(words), reason),) if not good and start >= 0 else ()
    verdict: Verdict = keep(name, "retelling") if good else drop(name, "retelling", reason, words)
    writers.add("verify", part, "signals", [Signals(name, {"copied": 0.1}, marks)])
    writers.add("verify", part, "verdicts", [verdict])
    return [(name, 25)] if good else []


def _rule(writers: _Writers, part: str, document: Document, passage: Passage) -> tuple[str, int]:
    name = digest("rule", passage.passage_id)
    span = Span(document.document_id, passage.start, passage.end)
    text = f"Fill in the gap: {passage.text.replace('object', '____')}"
    made = Document(name, "retelling", text, "docs", (document.document_id,), (span,), "cloze", "rule")
    writers.add("rules", part, "documents", [made])
    writers.add("verify", part, "verdicts", [keep(name, "retelling")])
    silent = drop(digest("silent", passage.passage_id), "retelling", "nothing_to_say", "outline")
    writers.add("rules", part, "verdicts", [silent])
    return name, 70


def _pack(writers: _Writers, packed: list[tuple[str, int]]) -> None:
    rows, length = [], 128
    for number, start in enumerate(range(0, len(packed), 2)):
        ranges, place = [], 0
        for name, size in packed[start : start + 2]:
            tokens = {"token_start": place, "token_end": place + size}
            ranges.append({"document_id": name, "char_start": 0, "char_end": 4 * size, **tokens})
            place += size
        mask = [1] * min(place, length) + [0] * max(0, length - place)
        rows.append(
            {"row": number, "phase": "", "input_ids": [1] * length, "loss_mask": mask[:length], "documents": ranges}
        )
    writers.add("pack", "all", "packed", rows)


def _run(writers: _Writers) -> None:
    report = (
        '[{"stage": "complete", "kind": "ask", "seconds": 42.0, "tokens": 1722, "done": 40, "reused": 0, "total": 40},'
        ' {"stage": "verify", "kind": "map", "seconds": 1.0, "tokens": 0, "done": 2, "reused": 0, "total": 2}]'
    )
    row = {
        "run_id": digest("run"), "recipe": "little", "started": "2026-01-02T03:04:05+00:00", "seconds": 51.5,
        "outcome": "finished", "report": report,
    }  # fmt: skip
    writers.add("runs", "all", "runs", [row])


def _older(writers: _Writers) -> None:
    """What an earlier recipe left in the store: other labels, and answers to requests that nobody asks any more."""
    old = Document(digest("old"), "source", "An older text that is not part of this recipe.", "docs", title="Old")
    writers.add("older-curate", PARTS[0].name, "documents", [old])
    writers.add("older-curate", PARTS[0].name, "verdicts", [drop(digest("older"), "record", "empty")])
    answer = Completion(digest("old request"), "An old answer.", "stop", ENGINE, 1000, 1000, 0, 9.0)
    writers.add("complete", PARTS[0].name, "completions", [answer])
