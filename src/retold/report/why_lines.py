"""`retold why` in a terminal: the token, the document, what it is made from, and what is made from it.

All text from the store passes `safe` and is printed as text objects: nothing in it is markup or an escape sequence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from retold.report.account import Account, Asked, Cluster, Decided, Measured, Packed, Read
from retold.report.explain import named, percent
from retold.report.lines import ID_SHOWN, labelled
from retold.report.safe import cut, line
from retold.report.why import Made, Token, Why

EXCERPT = 300
SHOWN = 8
Line = tuple[str, Text]


def why_lines(answer: Why, console: Console) -> None:
    """Print the whole answer."""
    if answer.token is not None:
        console.print(Rule(Text(f"row {answer.token.row:,}, position {answer.token.offset:,}"), align="left"))
        console.print(labelled(list(_token(answer.token))))
    for place, account in enumerate(answer.chain):
        head = f"{account.kind} {account.document_id[:ID_SHOWN]}" + (" (made from)" if place else "")
        console.print(Rule(Text(head), align="left"))
        console.print(labelled(list(_account(account))))
    if answer.chain:
        asked = answer.chain[0].document_id[:ID_SHOWN]
        console.print(Rule(Text(f"made from {asked}: {len(answer.made) or 'nothing'}"), align="left"))
        if answer.made:
            console.print(labelled(list(_made(answer.made))))


def _token(token: Token) -> Iterator[Line]:
    position = token.position
    phase = f", phase {line(token.phase)}" if token.phase else ""
    yield "in", Text(f"{token.shard}, line {token.line:,}{phase}")
    if position.what == "padding":
        yield "token", Text(f"{position.token}: padding, of no document, without loss")
        return
    loss = "trains" if position.loss else "has no loss"
    if position.what == "end":
        yield "token", Text(f"{position.token}: the end of document {position.document_id[:ID_SHOWN]}, {loss}")
        return
    words = Text.assemble(
        "…" + line(token.before) + " ", ("[" + line(token.text) + "]", "bold"), " " + line(token.after)
    )
    yield "token", Text(f"{position.token}, {loss}; {len(position.ids)} tokenised alone: {list(position.ids)}")
    where = f"characters {position.char_start:,} to {position.char_end:,} of {position.document_id[:ID_SHOWN]}"
    yield "text", Text(f"{where}; tokenised again, they are these ids")
    yield "", words


def _account(account: Account) -> Iterator[Line]:
    if account.title:
        yield "title", Text(line(account.title))
    yield "id", Text(account.document_id)
    made = f"{account.style}, made by a {account.made_by}; " if account.style else ""
    yield "text", Text(f"{made}{len(account.text):,} characters: {cut(line(account.text[: 2 * EXCERPT]), EXCERPT)}")
    yield "licence", Text(line(account.licence) or "not stated by its source")
    for read in account.records[:SHOWN]:
        yield "read", Text(_read(read))
    yield from _more("read", len(account.records))
    spans = {name: (start, end) for name, start, end in account.spans}
    for parent, how in account.parents:
        where = f", characters {spans[parent][0]:,} to {spans[parent][1]:,}" if parent in spans else ""
        yield how, Text(f"from {parent[:ID_SHOWN]}{where}")
    for asked in account.requests[:SHOWN]:
        yield "asked", Text(_asked(asked))
    yield from _more("asked", len(account.requests))
    yield from ((item.stage[:9], _measured(item)) for item in account.signals)
    yield from (("verdict", _decided(item)) for item in account.verdicts)
    if account.kept:
        yield "verdict", Text("kept", style="green")
    for cluster in account.clusters:
        yield "twins", Text(_cluster(cluster))
    for item in account.contaminations[:SHOWN]:
        yield "overlap", Text(line(f"{item['set']} {item['item']}: {item['field']}, score {item['score']:.2f}"))
    for drawn in account.drawn[:SHOWN]:
        share = f", a part of {percent(drawn.share)}" if drawn.share is not None else ""
        phase = f"{line(drawn.phase)}, " if drawn.phase else ""
        yield (
            "drawn",
            Text(f"{phase}for {line(drawn.portion)}{share}, epoch {drawn.epoch + 1}, place {drawn.position:,}"),
        )
    yield from _more("drawn", account.drawn_times)
    for packed in account.packed[:SHOWN]:
        yield "packed", Text(_packed(packed))
    yield from _more("packed", account.packed_ranges)


def _more(label: str, count: int) -> Iterable[Line]:
    return [(label, Text(f"… and {count - SHOWN:,} more", style="dim"))] if count > SHOWN else []


def _read(read: Read) -> str:
    how = "".join(f", {key} {value}" for key, value in read.how.items() if key not in ("licence",))
    facts = [read.media_type, f"{read.bytes:,} bytes", read.date, read.licence]
    told = ", ".join(fact for fact in facts if fact)
    return line(f"{read.uri} (record {read.record_id[:ID_SHOWN]}, {read.source}: {read.key}; {told}{how})")


def _asked(asked: Asked) -> str:
    prompt = f" prompt {asked.prompt[:ID_SHOWN]}" if asked.prompt else ""
    answer = f"{asked.finish}, {asked.completion_tokens} tokens in {asked.seconds:.1f} s" if asked.finish else "waiting"
    unit = f", {asked.unit + 1} of {asked.units}" if asked.units > 1 else ""
    words = f"{asked.engine}: {asked.style}@{asked.style_version}{prompt}{unit}, request {asked.request_id[:ID_SHOWN]}"
    return line(f"{words}: {answer} {asked.error}")


def _decided(item: Decided) -> Text:
    if item.keep:
        return Text(f"{item.stage}: kept")
    detail = f"  ({line(item.detail)})" if item.detail else ""
    why = f"{item.stage}: dropped in {item.part[:ID_SHOWN]}, {line(named(item.reason))}"
    return Text.assemble((why, "bold red"), f"  {item.explanation}{detail}")


def _measured(item: Measured) -> Text:
    values = ", ".join(f"{line(name)} {value:g}" for name, value in item.values.items() if value)
    zeros = sum(not value for value in item.values.values())
    if zeros:
        values += f"{', and ' if values else ''}{zeros} that are 0 (--json names them)"
    marks = f"; {len(item.marks)} marks" if item.marks else ""
    return Text(f"{values or 'nothing measured'}{marks}")


def _cluster(cluster: Cluster) -> str:
    others = ", ".join(
        f"{twin.document_id[:ID_SHOWN]} ({'kept' if twin.kept else 'removed'}, {twin.similarity:.2f})"
        for twin in cluster.twins[:SHOWN]
    )
    more = f" and {len(cluster.twins) - SHOWN} more" if len(cluster.twins) > SHOWN else ""
    return f"{cluster.stage}: {cluster.size:,} in cluster {cluster.cluster[:ID_SHOWN]}: {others or 'none left'}{more}"


def _packed(packed: Packed) -> str:
    where = f"row {packed.row:,}, tokens {packed.token_start:,} to {packed.token_end:,}"
    return f"{where}: characters {packed.char_start:,} to {packed.char_end:,}; {packed.shard}, line {packed.line:,}"


def _made(made: tuple[Made, ...]) -> Iterator[Line]:
    for item in made[: 5 * SHOWN]:
        what = f"{line(item.style)} by a {item.made_by}" if item.style else item.kind
        outcome = "kept" if item.kept else line(named(item.reason))
        rows = ", ".join(f"{packed.row:,}" for packed in item.packed[:SHOWN])
        places = f", packed in row {rows}" if rows else ""
        words = f"{item.document_id[:ID_SHOWN]} {what}, {item.characters:,} characters: {outcome}{places}"
        yield item.how, Text(words)
    if len(made) > 5 * SHOWN:
        yield "", Text(f"… and {len(made) - 5 * SHOWN:,} more; all of them: --json", style="dim")
