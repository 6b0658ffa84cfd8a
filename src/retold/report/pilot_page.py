"""What a pilot found, as a page and in a terminal.

In: a `Pilot`. Out: one self-contained HTML file like the report (everything escaped, no scripts, no requests), or a
summary within 80 columns with a few examples side by side.
"""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console
from rich.table import Table
from rich.text import Text

from retold.report.explain import caution, named, percent, seconds
from retold.report.lines import NAME_WIDTH, labelled
from retold.report.page import by_style, css, template
from retold.report.pilot import NEVER, Figure, Pilot, Reach
from retold.report.safe import cut, line
from retold.report.show import beside
from retold.report.story import Sample

EXAMPLES = 2
"""Of each verdict, in a terminal."""
CHARACTERS = 600


def pilot_html(pilot: Pilot) -> str:
    """The page as text."""
    return template("pilot.html.j2").render(
        pilot=pilot,
        table=figure_rows(pilot),
        reach=reached(pilot.reach, pilot.planned) if pilot.reach else "",
        samples=by_style(pilot.story),
        css=css(),
    )


def figure_rows(pilot: Pilot) -> list[tuple[str, str, str, str, str]]:
    """Name, sample, for each retelling, whole plan, interval; what is nothing everywhere is left out."""
    rows = [_figure(figure) for figure in pilot.figures if figure.whole.high]
    if pilot.seconds is not None and pilot.sample_seconds is not None:
        each = pilot.sample_seconds / max(1, pilot.retellings)
        ends = f"{span(pilot.seconds.low)} to {span(pilot.seconds.high)}"
        rows.append(("time asking", span(pilot.sample_seconds), span(each), span(pilot.seconds.value), ends))
    return rows


def _figure(figure: Figure) -> tuple[str, str, str, str, str]:
    if figure.name == "cost":
        whole = (money(figure.whole.value), f"{money(figure.whole.low)} to {money(figure.whole.high)}")
        return (figure.words, money(figure.sample), money(figure.each), *whole)
    whole = (f"{figure.whole.value:,.0f}", f"{figure.whole.low:,.0f} to {figure.whole.high:,.0f}")
    return (figure.words, f"{figure.sample:,.0f}", f"{figure.each:,.1f}", *whole)


def span(value: float) -> str:
    """A time for people, also a short one."""
    return f"{1000 * value:.0f} ms" if 0 < value < 0.1 else seconds(value)


def money(usd: float) -> str:
    """USD with as many digits as tell something."""
    return f"{usd:,.2f}" if usd >= 1 or not usd else f"{usd:.3g}"


def reached(reach: Reach, planned: int) -> str:
    """What the recipe's target takes, in a sentence or two."""
    sure = f"({percent(reach.share.low)} to {percent(reach.share.high)} of the plan)"
    costs = f", {money(reach.cost.value)} USD" if reach.cost.high else ""
    costs += f", {span(reach.seconds.value)}" if reach.seconds else ""
    if reach.share.value >= NEVER:
        return f"{reach.target}: nothing in the sample counts towards it. Look at what was refused before you run all."
    if reach.share.low > 1:
        return f"{reach.target}: the plan of {planned:,} retellings ends before. Add documents or styles."
    maybe = " The plan may end before." if reach.share.high > 1 else ""
    ends = f"{reach.retellings.low:,.0f} to {reach.retellings.high:,.0f}"
    return f"{reach.target}: after about {reach.retellings.value:,.0f} retellings, {ends} {sure}{costs}.{maybe}"


def print_pilot(pilot: Pilot, console: Console) -> None:
    """The summary, with examples."""
    console.print(_styles(pilot))
    console.print()
    console.print(_figures(pilot))
    console.print()
    console.print(labelled([(label, Text(line(words))) for label, words in _remarks(pilot)], indent=2))
    for sample in _examples(pilot):
        console.print(beside(shortened(sample), console))


def _styles(pilot: Pilot) -> Table:
    table = _table("  style", "asked", "accepted", "share", "95 % interval", "main refusal")
    for style in pilot.story.styles:
        share = percent(style.rate.share) if style.rate.size else "–"
        why = named(style.drops[0].reason) if style.drops else ""
        why += (", " if why else "") + f"{style.failed:,} failed" if style.failed else ""
        ends = f"{percent(style.rate.low)} to {percent(style.rate.high)}"
        name = f"  {cut(line(style.style), NAME_WIDTH)}"
        table.add_row(Text(name), f"{style.asked:,}", f"{style.accepted:,}", share, ends, Text(line(why)))
    return table


def _figures(pilot: Pilot) -> Table:
    table = _table("  figure", "pilot", "a retelling", "whole plan", "95 % interval")
    for name, count, whole in (
        ("retellings", pilot.retellings, pilot.planned),
        ("requests", pilot.requests, pilot.planned_requests),
    ):
        table.add_row(f"  {name}", f"{count:,}", "", f"{whole:,}", "counted")
    for row in figure_rows(pilot):
        table.add_row(f"  {row[0]}", *row[1:])
    return table


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, title in enumerate(titles):
        last = title == "main refusal"
        table.add_column(title, no_wrap=not last, justify="left" if not place or last else "right")
    return table


def _remarks(pilot: Pilot) -> list[tuple[str, str]]:
    sample = f"{pilot.passages:,} passages of {pilot.documents:,} documents"
    where = f", in {pilot.parts:,} of {pilot.planned_parts:,} parts of the input: how the others differ is not known"
    remarks = [("sample", sample + (where if pilot.parts < pilot.planned_parts else ""))]
    remarks += [("", "few documents: intervals of totals are too narrow")] if pilot.few else []
    remarks += [("", f"planned and not in the sample: {', '.join(pilot.unseen)}")] if pilot.unseen else []
    remarks += [("target", reached(pilot.reach, pilot.planned))] if pilot.reach else []
    remarks.append(("note", "accepted is not the same as true: only what a program can check was checked"))
    warning = caution(pilot.story.making.engines)
    return [*remarks, ("", warning)] if warning else remarks


def _examples(pilot: Pilot) -> list[Sample]:
    """The first accepted and the first refused ones of the first styles."""
    found: dict[tuple[str, str], Sample] = {}
    for sample in pilot.story.samples:
        found.setdefault((sample.verdict, sample.style), sample)
    return [
        sample
        for wanted in ("accepted", "refused")
        for sample in [one for (verdict, _), one in found.items() if verdict == wanted][:EXAMPLES]
    ]


def shortened(sample: Sample) -> Sample:
    """As much of a sample as a terminal shows beside others; marks that point behind it are left out."""
    return replace(
        sample,
        source=sample.source[:CHARACTERS],
        source_cut=sample.source_cut or len(sample.source) > CHARACTERS,
        text=sample.text[:CHARACTERS],
        text_cut=sample.text_cut or len(sample.text) > CHARACTERS,
        marks=tuple(mark for mark in sample.marks if mark.end <= CHARACTERS),
    )
