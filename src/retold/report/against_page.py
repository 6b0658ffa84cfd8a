"""A comparison of two recipes as a page and in a terminal. Everything from stores is escaped or printed as text."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from retold.report.against import Against, Beside, Difference, FigurePair, StylePair
from retold.report.explain import named, percent
from retold.report.page import css, template
from retold.report.pilot_page import money, shortened, span
from retold.report.safe import line, plain
from retold.report.show import LOOKS, SIDE_BY_SIDE, marked
from retold.report.story import Rate, Sample

EXAMPLES = 3
STYLE_TITLES = ("style", "pairs", "A accepted", "B accepted", "only A", "only B", "B less A", "")
FIGURE_TITLES = ("figure", "A", "B", "B less A", "")
NOTHING_SHOWN = "no difference shown"


def against_html(found: Against) -> str:
    """The page as text."""
    return template("against.html.j2").render(
        found=found,
        verdict=verdict(found),
        said=remarks(found),
        style_titles=STYLE_TITLES,
        style_table=[_style(style) for style in _styles(found)],
        figure_titles=FIGURE_TITLES,
        figure_table=figures(found),
        css=css(),
    )


def verdict(found: Against) -> str:
    """The comparison in one sentence."""
    whole = found.whole.difference
    ends = _points(whole)
    if not found.whole.pairs:
        return "Nothing was judged on both sides"
    if whole.none_shown:
        return f"No difference in acceptance is shown: {ends} contains zero"
    better = "B" if whole.estimate.value > 0 else "A"
    return f"{better} is accepted more often: B less A is {ends}"


def _points(found: Difference) -> str:
    """A difference of shares, in percentage points."""
    value, low, high = (100 * number for number in (found.estimate.value, found.estimate.low, found.estimate.high))
    return f"{value:+.0f} points ({low:+.0f} to {high:+.0f})"


def _share(found: Rate) -> str:
    if not found.size:
        return "–"
    return f"{percent(found.share)} ({percent(found.low)} to {percent(found.high)})"


def _styles(found: Against) -> list[StylePair]:
    return [*found.styles, found.whole] if len(found.styles) > 1 else list(found.styles)


def _style(row: StylePair) -> tuple[str, ...]:
    name = row.style_a if row.style_a == row.style_b else f"{row.style_a} / {row.style_b}"
    pairs = f"{row.pairs:,}" + (f" (+{row.unjudged:,} not judged)" if row.unjudged else "")
    word = NOTHING_SHOWN if row.difference.none_shown else ""
    return (
        name,
        pairs,
        _share(row.a),
        _share(row.b),
        f"{row.only_a:,}",
        f"{row.only_b:,}",
        _points(row.difference),
        word,
    )


def figures(found: Against) -> list[tuple[str, ...]]:
    """Figures for each retelling; what is nothing on both sides is left out. Time of asking as a whole comes last."""
    rows = [_figure(row) for row in found.figures if row.a or row.b]
    walls = [span(seconds) if seconds is not None else "not known" for seconds in found.wall_seconds]
    if found.wall_seconds != (None, None):
        rows.append(("time asking, in all", *walls, "", ""))
    return rows


def _figure(row: FigurePair) -> tuple[str, ...]:
    shown = money if "USD" in row.words else lambda value: f"{value:,.2f}" if abs(value) < 10 else f"{value:,.0f}"
    estimate = row.difference.estimate
    ends = f"{shown(estimate.value)} ({shown(estimate.low)} to {shown(estimate.high)})"
    return (row.words, shown(row.a), shown(row.b), ends, NOTHING_SHOWN if row.difference.none_shown else "")


def remarks(found: Against) -> list[str]:
    """What has to be known to read the figures."""
    said = list(found.said)
    if found.few:
        said.append(f"{found.documents:,} documents are few: intervals of differences are too narrow.")
    return said


def print_against(found: Against, console: Console) -> None:
    """The comparison and a few pairs."""
    for name, recipe, engine in (("A", found.a, found.engines[0]), ("B", found.b, found.engines[1])):
        console.print(Text.assemble((f"  {name} ", "bold"), f"{line(recipe)}  ", (line(engine), "dim")))
    for titles, rows in ((STYLE_TITLES, [_style(row) for row in _styles(found)]), (FIGURE_TITLES, figures(found))):
        console.print()
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for place, title in enumerate(titles):
            table.add_column(f"  {title}" if not place else title, justify="right" if place else "left")
        for row in rows:
            table.add_row(*(Text(f"  {line(cell)}" if not place else line(cell)) for place, cell in enumerate(row)))
        console.print(table)
    console.print(Text(f"\n  {verdict(found)}", style="bold"))
    for words in remarks(found):
        console.print(Text(f"  {line(words)}"))
    for pair in found.shown[:EXAMPLES]:
        console.print(_beside(Beside(shortened(pair.a), shortened(pair.b)), console))


def _beside(pair: Beside, console: Console) -> RenderableType:
    colour = console.color_system is not None and not console.no_color
    source = Text(plain(pair.a.source) + (" […]" if pair.a.source_cut else ""))
    texts = [source, marked(pair.a, colour=colour), marked(pair.b, colour=colour)]
    heads = [Text("source", style="dim"), _head("A", pair.a), _head("B", pair.b)]
    rule = Rule(Text(line(pair.a.title)), align="left", style="dim")
    if console.width < SIDE_BY_SIDE:
        return Group(Text(), rule, *(piece for both in zip(heads, texts, strict=True) for piece in both))
    table = Table(box=None, expand=True, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, ratio=1)
    table.add_row(*texts)
    return Group(Text(), rule, table)


def _head(name: str, sample: Sample) -> Text:
    why = f": {line(named(sample.reason))}" if sample.reason else ""
    return Text.assemble(f"{name} {line(sample.style)} ", (f"{sample.verdict}{why}", LOOKS[sample.verdict]))
