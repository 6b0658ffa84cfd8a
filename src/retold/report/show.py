"""A source beside what was made of it, in a terminal.

`show` prints a source document (where it was read, what was decided about it) and its retellings: the passage on the
left, the retelling on the right, below each other in terminals narrower than 100 columns. Words without support are
bold, red and underlined, and in [brackets] where there is no colour. Every text from the store passes `safe.plain`
and is printed as a text object, so that neither escape sequences nor markup in a web page reach the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from retold.report.dropped import counts_line, show_dropped
from retold.report.explain import explain, named
from retold.report.find import find, retellings_of
from retold.report.lines import ID_SHOWN, labelled, story_lines
from retold.report.rows import Rows
from retold.report.safe import cut, line, pieces, plain
from retold.report.samples import choose, fetch
from retold.report.story import Sample
from retold.report.tally import tally
from retold.store import Store, StoreView

SIDE_BY_SIDE = 100
RETELLINGS_SHOWN = 12
ORIGINS_SHOWN = 5
TEXT_SHOWN = 1200
PER_STYLE = 1
SOURCES_SHOWN = 8
KEPT = ("verdict", Text("kept"))
LOOKS = {"accepted": "green", "refused": "bold red", "failed": "yellow", "waiting": "dim"}

__all__ = ["show", "show_dropped", "story_lines"]


def show(view: StoreView, store: Store, prefix: str, console: Console) -> None:
    """Print what `prefix` names (4 or more characters of an id); without one, some ids and what to type.

    Raises RetoldError where the prefix is too short, ambiguous (the candidates are listed) or names nothing.
    """
    rows = Rows(view, store)
    if not prefix:
        _list_some(rows, console)
        return
    thing = find(rows, prefix)
    retellings: list[str] = []
    if thing.kind == "retelling":
        document, retellings = _of_retelling(rows, thing.identity)
    elif thing.kind == "passage":
        document, retellings = _of_passage(rows, thing.identity)
    elif thing.kind == "record":
        document = _of_record(rows, thing.identity, console)
    else:
        document, retellings = thing.identity, retellings_of(rows, thing.identity)
    if document:
        _print_source(rows, document, console, with_text=not retellings)
    _print_retellings(rows, retellings, console)


def _of_retelling(rows: Rows, name: str) -> tuple[str, list[str]]:
    """(source document, [the retelling]) of a retelling's id or of one of its requests'."""
    for request in rows.named("requests", "request_id", [name]):
        name = request["retelling_id"]
    for sample in fetch(rows, [name]):
        return sample.document_id, [name]
    return "", [name]


def _of_passage(rows: Rows, name: str) -> tuple[str, list[str]]:
    passage = rows.named("passages", "passage_id", [name])[0]
    made = rows.named("documents", "document_id", retellings_of(rows, passage["document_id"]))
    place = (passage["document_id"], passage["start"], passage["end"])
    chosen = {
        row["document_id"]
        for row in made
        if place in [(span["document_id"], span["start"], span["end"]) for span in row["spans"]]
    }
    chosen |= {row["retelling_id"] for row in rows.named("requests", "passage_id", [name])}
    return passage["document_id"], sorted(chosen)


def _of_record(rows: Rows, name: str, console: Console) -> str:
    """The document that was made of a record; prints what was decided where there is none."""
    made = {str(origin["document_id"]) for origin in rows.named("origins", "record_id", [name])}
    edited = {row["parent_id"] for row in rows.named("span_maps", "parent_id", made)}
    for document in sorted(made - edited) or sorted(made):
        return document
    for record in rows.named("records", "record_id", [name]):
        facts = [("record", Text(line(f"{record['source']}: {record['key']}"))), ("from", Text(line(record["uri"])))]
        console.print(labelled(facts))
    console.print(labelled(_verdicts(rows, name)))
    return ""


def _print_source(rows: Rows, name: str, console: Console, *, with_text: bool) -> None:
    document = next(iter(rows.named("documents", "document_id", [name])), None)
    console.print(Rule(Text(line(document["title"] if document else "") or f"source {name[:ID_SHOWN]}"), align="left"))
    before = [("edited", Text(f"from {row['parent_id']}")) for row in rows.named("span_maps", "document_id", [name])]
    facts = [("source", Text(name)), *before, *_origins(rows, name), *(_verdicts(rows, name) or [KEPT])]
    console.print(labelled(facts))
    if document and with_text:
        console.print(Padding(Text(cut(plain(document["text"]), TEXT_SHOWN)), (1, 0)))


def _origins(rows: Rows, name: str) -> list[tuple[str, Text]]:
    """Where a document was read, and under which licence."""
    origins = rows.named("origins", "document_id", [name])
    records = {
        row["record_id"]: row for row in rows.named("records", "record_id", {row["record_id"] for row in origins})
    }
    facts = []
    for origin in sorted(origins, key=lambda row: (row["uri"], row["record_id"]))[:ORIGINS_SHOWN]:
        record = records.get(origin["record_id"], {})
        words = f"{origin['uri']} (record {origin['record_id'][:ID_SHOWN]}, key {record.get('key', 'unknown')})"
        facts.append(("from", Text(line(words))))
        if record.get("licence"):
            facts.append(("licence", Text(line(record["licence"]))))
    return facts


def _verdicts(rows: Rows, name: str) -> list[tuple[str, Text]]:
    """What was decided against a subject, stage by stage."""
    found = [row for row in rows.named("verdicts", "subject", [name]) if not row["keep"]]
    found.sort(key=lambda row: rows.stages.index(row["stage"]))
    return [
        (
            "verdict",
            Text.assemble(
                (f"dropped by {row['stage']}: {line(named(row['reason']))}", LOOKS["refused"]),
                f"  {explain(row['reason'], row['stage'])}",
                f"  ({line(row['detail'])})" if row["detail"] else "",
            ),
        )
        for row in found
    ]


def _print_retellings(rows: Rows, names: list[str], console: Console) -> None:
    samples = fetch(rows, names[:RETELLINGS_SHOWN], source_limit=2 * TEXT_SHOWN)
    for sample in sorted(samples, key=lambda item: (item.made_by, item.style, item.retelling_id)):
        console.print(beside(sample, console))
    if len(names) > RETELLINGS_SHOWN:
        console.print(Text(f"… and {len(names) - RETELLINGS_SHOWN:,} more retellings of this source", style="dim"))


def beside(sample: Sample, console: Console) -> RenderableType:
    """A retelling beside its passage, under a line that says what was decided."""
    head = Text.assemble(
        (line(sample.style), "bold"), f" made by a {line(sample.made_by)}  ", (sample.verdict, LOOKS[sample.verdict]),
        f"  {sample.retelling_id[:ID_SHOWN]}",
    )  # fmt: skip
    why = (
        Text.assemble((line(named(sample.reason)), "bold"), f": {line(sample.explanation)}")
        if sample.reason
        else Text()
    )
    if sample.detail:
        why.append(f" ({line(sample.detail)})" if sample.reason else line(sample.detail))
    source = Text(plain(sample.source) + (" […]" if sample.source_cut else ""))
    retelling = marked(sample, colour=console.color_system is not None and not console.no_color)
    parts: list[RenderableType] = [Text(), Rule(head, align="left", style="dim")]
    parts += [why] if why.plain else []
    if console.width >= SIDE_BY_SIDE:
        table = Table(box=None, expand=True, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("source", ratio=1)
        table.add_column("retelling", ratio=1)
        table.add_row(source, retelling)
        parts.append(table)
    else:
        parts += [Text("source", style="dim"), source, Text("retelling", style="dim"), retelling]
    return Group(*parts)


def marked(sample: Sample, *, colour: bool) -> Text:
    """The retelling with the words it was refused for: by colour and underline, or in brackets.

    Words that a check noted without refusing for them are underlined where there is colour.
    """
    text = Text()
    for piece in pieces(sample.text, sample.marks):
        if piece.decided:
            text.append(piece.text if colour else f"[{piece.text}]", style="bold red underline")
        else:
            text.append(piece.text, style="underline" if piece.reasons else "")
    if sample.text_cut:
        text.append(" […]", style="dim")
    return text if text.plain else Text("no text came back", style="dim")


def _list_some(rows: Rows, console: Console) -> None:
    """One accepted and one refused id of each style (a few sources where nothing is retold), and what to type next."""
    styles = tally(rows).styles
    order = sorted(styles, key=lambda name: (styles[name].made_by != "model", name))
    samples = fetch(rows, [name for style in order for name in choose(styles[style])])
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("id", "style", "verdict", "reason"):
        table.add_column(title, no_wrap=title != "reason")
    shown: list[Sample] = []
    for style in order:
        for good in (True, False):
            mine = [item for item in samples if item.style == style and (item.verdict == "accepted") == good]
            shown += mine[:PER_STYLE]
    if not shown:
        _list_sources(rows, console)
        return
    for item in shown:
        reason = Text(line(named(item.reason)) + (f" ({cut(line(item.detail), 40)})" if item.detail else ""))
        verdict = Text(item.verdict, style=LOOKS[item.verdict])
        table.add_row(Text(item.retelling_id[:ID_SHOWN]), Text(line(item.style)), verdict, reason)
    console.print(table)
    refused = [item for item in shown if item.reason]
    _next(rows, (refused or shown)[0].retelling_id, console)


def _list_sources(rows: Rows, console: Console) -> None:
    """A few sources that were kept, where nothing has been retold (yet)."""
    console.print(Text("nothing has been retold here yet; sources that were kept:"))
    some = list(islice(_kept_sources(rows), SOURCES_SHOWN))
    for name, source, title in some:
        console.print(Text(cut(f"{name[:ID_SHOWN]}  {line(source)}  {line(title)}", console.width)))
    _next(rows, some[0][0] if some else "", console)


def _kept_sources(rows: Rows) -> Iterator[tuple[str, str, str]]:
    """(id, source, title) of documents that no stage dropped, part by part."""
    for part in rows.view.parts():
        gone = {subject for subject, keep in rows.part("verdicts", part.name, ["subject", "keep"]) if not keep}
        for name, kind, source, title in rows.part("documents", part.name, ["document_id", "kind", "source", "title"]):
            if kind == "source" and name not in gone:
                yield name, source, title


def _next(rows: Rows, name: str, console: Console) -> None:
    """What to type next, and what was dropped."""
    console.print(Text(f"\nnext      retold show {name[:ID_SHOWN] or 'ID'}"))
    if counted := counts_line(rows):
        console.print(Text("          retold show --dropped REASON"))
        console.print(labelled([("dropped", Text(counted))]))
