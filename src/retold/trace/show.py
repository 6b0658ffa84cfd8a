"""A trace on the terminal: the text with its spans marked, then each span with its documents. Text is escaped."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from retold.trace.answer import Exact, Hit, Trace

COLOURS = ("green", "cyan", "magenta", "yellow", "blue")
HITS_SHOWN = 3
CONTEXT_SHOWN = 30


def show(answer: Trace, console: Console) -> None:
    """Print an answer."""
    marked = Text(_plain(answer.text))
    for number, one in enumerate(answer.exact):
        marked.stylize(f"bold {COLOURS[number % len(COLOURS)]}", one.start, one.end)
    console.print(marked, highlight=False)
    console.print()
    shown = f"{len(answer.exact):,} span{'s' * (len(answer.exact) != 1)} shown of {answer.maximal:,}"
    size = f"{answer.corpus_tokens:,} tokens in {answer.segments:,} segment{'s' * (answer.segments != 1)}"
    _say(console, f"exact     {shown}, rarest and longest first; {size}; {answer.seconds * 1000:.1f} ms")
    for number, one in enumerate(answer.exact):
        _exact(number, one, console)
    for sentence in answer.near:
        console.print()
        _say(console, f"near      {_cut(sentence.text, 90)}")
        for score, shared, hit in sentence.hits:
            _say(console, f"  {score:5.1f}  shares {', '.join(shared[:6])}")
            _hit(hit, console)
    if not answer.exact and not answer.near:
        _say(console, "nothing of it is in the corpus")


def _exact(number: int, one: Exact, console: Console) -> None:
    console.print()
    line = Text(f"{one.count:>7,} x  ")
    line.append(_plain(_cut(one.text, 200)), f"bold {COLOURS[number % len(COLOURS)]}")
    line.append(f"   {one.tokens} tokens, log-likelihood {one.likelihood:.0f}", "dim")
    console.print(line, highlight=False)
    for hit in one.hits[:HITS_SHOWN]:
        _hit(hit, console)
    if len(one.hits) > HITS_SHOWN:
        _say(console, f"           and {len(one.hits) - HITS_SHOWN} more documents (--json lists them)")


def _hit(hit: Hit, console: Console) -> None:
    what = f"{hit.style} ({hit.made_by})" if hit.style else hit.kind or "document"
    title = f' "{_cut(_plain(hit.title), 40)}"' if hit.title else ""
    row = f", row {hit.row}:{hit.offset}" if hit.row >= 0 else ""
    where = f"characters {hit.start:,}-{hit.end:,}{row}"
    _say(console, f"           {hit.document_id[:12]}  {what} of {hit.source or '?'}{title}, {where}")
    context = Text("             …" + _line(hit.before)[-CONTEXT_SHOWN:])
    context.append(_cut(_line(hit.match), 60), "bold")
    context.append(_line(hit.after)[:CONTEXT_SHOWN] + "…")
    console.print(context, highlight=False, no_wrap=True, overflow="ellipsis")
    for one in hit.behind[:1]:
        address = f"  {one.uris[0]}" if one.uris else ""
        _say(console, f"             made from {one.document_id[:12]} of {one.source}{address}")
    for uri in hit.uris[:1]:
        _say(console, f"             {uri}")


def _say(console: Console, line: str) -> None:
    console.print(_plain(line), highlight=False, markup=False, soft_wrap=True)


def _plain(text: str) -> str:
    """One line without control characters, as long as before."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _line(text: str) -> str:
    """White space as single spaces, those at the ends included."""
    return " ".join(f"x{_plain(text)}x".split())[1:-1]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
