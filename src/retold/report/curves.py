"""Curves over tokens and forests of intervals, as inline SVG like the other charts.

`curves`: one line per arm with a band from the lowest to the highest seed, over tokens. `forest`: a row for each
contrast, its mean as a dot and its interval as a line, around zero. Both carry a title and a description in words; the
page shows the same figures as tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from retold.report.charts import picture

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 260, 44, 24, 8
ROW = 26
TICKS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: x and y, the lowest and highest y, the class that colours it."""

    name: str
    look: str
    points: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A row of a forest."""

    name: str
    look: str
    mean: float
    low: float
    high: float
    words: str


def tokens(count: float) -> str:
    """A number of tokens as people write it: 250k, 3M."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g}{letter}"
    return f"{count:.0f}"


def curves(name: str, title: str, lines: Sequence[Line], top: float) -> Markup:
    """Lines over tokens; y from 0 to `top`."""
    last = max((line.points[-1][0] for line in lines if line.points), default=1.0)
    top = top or 1.0

    def at(x: float, y: float) -> str:
        across = LEFT + (WIDTH - LEFT - 8) * x / last
        return f"{across:.1f},{TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(y, top) / top):.1f}"

    body = [_grid(last, top)]
    for line in lines:
        if not line.points:
            continue
        band = [at(x, high) for x, _, _, high in line.points] + [at(x, low) for x, _, low, _ in line.points[::-1]]
        body.append(f'<polygon points="{" ".join(band)}" class="band {escape(line.look)}"/>')
        path = " ".join(at(x, y) for x, y, _, _ in line.points)
        body.append(
            f'<polyline points="{path}" class="curve {escape(line.look)}"><title>{escape(line.name)}</title></polyline>'
        )
    words = "; ".join(f"{line.name}: {line.points[-1][1]:.3f} at the end" for line in lines if line.points)
    return picture(name, HEIGHT, (title, words or "nothing yet"), body, box=(WIDTH, HEIGHT))


def _grid(last: float, top: float) -> str:
    drawn = []
    for tick in range(TICKS + 1):
        y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - tick / TICKS)
        x = LEFT + (WIDTH - LEFT - 8) * tick / TICKS
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{y:.1f}" y2="{y:.1f}" class="rule"/>')
        drawn.append(
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" class="tick">{top * tick / TICKS:.2g}</text>'
        )
        drawn.append(
            f'<text x="{x:.1f}" y="{HEIGHT - 6}" text-anchor="{"end" if tick == TICKS else "middle"}" class="tick">'
            f"{tokens(last * tick / TICKS)}</text>"
        )
    return "".join(drawn)


def forest(name: str, title: str, branches: Sequence[Branch]) -> Markup:
    """Intervals in rows around zero, on one scale."""
    reach = max((abs(end) for branch in branches for end in (branch.low, branch.high, branch.mean)), default=1.0) or 1.0
    labels = 300
    span = (WIDTH - labels) / 2 - 12
    height = ROW * len(branches) + BOTTOM

    def across(value: float) -> float:
        return labels + (WIDTH - labels) / 2 + span * value / reach

    body = [f'<line x1="{across(0):.1f}" x2="{across(0):.1f}" y1="0" y2="{height - BOTTOM}" class="axis"/>']
    for place, branch in enumerate(branches):
        y = ROW * place + ROW / 2
        body.append(f'<text x="0" y="{y + 4:.1f}" class="label">{escape(branch.name)}</text>')
        low, high = across(branch.low), across(branch.high)
        body.append(
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}" class="whisker"/>'
            f'<circle cx="{across(branch.mean):.1f}" cy="{y:.1f}" r="5" class="{escape(branch.look)}">'
            f"<title>{escape(branch.words)}</title></circle>"
        )
    for value in (-reach, 0.0, reach):
        body.append(
            f'<text x="{across(value):.1f}" y="{height - 6}" text-anchor="middle" class="tick">{value:+.2g}</text>'
        )
    words = "; ".join(f"{branch.name}: {branch.words}" for branch in branches)
    return picture(name, height, (title, words or "no contrast yet"), body, box=(WIDTH, height))
