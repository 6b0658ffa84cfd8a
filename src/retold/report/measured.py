"""What an experiment found, as a page and in a terminal: curves, a forest of contrasts, factors, the exact command.

In: a `measure.result.Result`. Out: one self-contained HTML file like the report, or lines within a terminal. The
primary contrast stands first and apart; what was hoped for stands beside what came out, and a null is said in the same
words as a gain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from retold.measure.result import ArmLine, Contrast, Result
from retold.report.curves import Branch, Line, curves, forest, tokens
from retold.report.page import css, template
from retold.report.safe import line

LOOKS = ("accepted", "r4", "r2", "r3", "r1", "r5", "r6")


def measured_html(result: Result) -> str:
    """The page as text."""
    return template("measured.html.j2").render(
        result=result,
        css=css(),
        looks=_looks(result),
        charts=list(_charts(result)),
        forest=_forest(result),
        verdict=verdict(result),
        tokens=tokens,
        figure=figure,
        signed=signed,
        spread=spread,
    )


def _looks(result: Result) -> dict[str, str]:
    """The control is grey; the others have colours in their order."""
    arms = [name for name in result.data if name != result.control]
    return {result.control: "source", **{arm: LOOKS[place % len(LOOKS)] for place, arm in enumerate(arms)}}


def figure(value: float | None) -> str:
    """A score."""
    return "–" if value is None or math.isnan(value) else f"{value:.3f}"


def signed(value: float) -> str:
    """A difference."""
    return f"{value:+.3f}"


def spread(arm: ArmLine, score: str) -> str:
    """A final score with its interval over seeds."""
    found = arm.scores[score]
    return f"{found.mean:.3f} ({found.low:.3f} to {found.high:.3f})" if found.known else f"{found.mean:.3f} (one seed)"


def _charts(result: Result) -> Iterator[tuple[str, Markup]]:
    looks = _looks(result)
    for size in dict.fromkeys(arm.size for arm in result.arms):
        arms = [arm for arm in result.arms if arm.size == size]
        for score in dict.fromkeys(name for arm in arms for point in arm.curve[:1] for name in point["scores"]):
            lines = [_line(arm, score, looks[arm.arm]) for arm in arms]
            top = max((point[3] for drawn in lines for point in drawn.points), default=1.0)
            title = f"{score}, {size} ({arms[0].parameters:,} parameters)"
            yield title, curves(f"curve-{size}-{score}", title, lines, 1.0 if 0.2 < top <= 1 else top)


def _line(arm: ArmLine, score: str, look: str) -> Line:
    points = [
        (float(point["tokens"]), point["scores"][score], point["low"][score], point["high"][score])
        for point in arm.curve
    ]
    return Line(arm.arm, look, tuple(points))


def _forest(result: Result) -> Markup:
    looks, ordered = _looks(result), sorted(result.contrasts, key=lambda one: not one.primary)
    return forest(
        "forest",
        f"Arms less {result.control}",
        [
            Branch(
                f"{one.arm}: {one.score}, {one.size}{' (primary)' if one.primary else ''}",
                looks[one.arm],
                one.difference.mean,
                one.difference.low,
                one.difference.high,
                words(one),
            )
            for one in ordered
        ],
    )


def words(one: Contrast) -> str:
    """A contrast as a phrase."""
    found = one.difference
    if not found.known:
        return f"{found.mean:+.3f}, one seed: no interval"
    return f"{found.mean:+.3f} ({found.low:+.3f} to {found.high:+.3f}, {found.count} seeds)"


def verdict(result: Result) -> str:
    """The primary contrast in a sentence."""
    primary = next((one for one in result.contrasts if one.primary), None)
    if primary is None:
        return "The primary contrast has no finished pair of seeds yet."
    what = f"{primary.arm} less {result.control} in {primary.score} ({primary.size}): {words(primary)}"
    if not primary.difference.known:
        return f"{what}."
    said = "different" if primary.different else "not told apart"
    return f"{what}; p = {primary.p:.2g}: {said} at the {1 - result.confidence:.0%} level."


def print_measured(result: Result, console: Console) -> None:
    """The arms, the primary contrast, and the factors."""
    scores = list(dict.fromkeys(name for arm in result.arms for name in arm.scores))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("arm", "size", "seeds", *scores):
        table.add_column(title)
    for arm in result.arms:
        cells = [spread(arm, score) if score in arm.scores else "" for score in scores]
        table.add_row(Text(line(arm.arm)), Text(line(arm.size)), str(len(arm.seeds)), *cells)
    console.print(table)
    console.print(f"\n{verdict(result)}", markup=False, highlight=False, soft_wrap=True)
    for needs in result.needs:
        told = (
            f"{needs.what}, {needs.arm} ({needs.size}), {needs.score} at {needs.level:.3f} ({needs.of}): {needs.words}"
        )
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    if result.finished < result.planned:
        rest = f"{result.finished} of {result.planned} models are trained; run the same command again for the rest"
        console.print(rest, markup=False, highlight=False, soft_wrap=True)
