"""Charts as inline SVG, made here: bars, bars with an interval, a mirrored histogram, ranges.

Lengths are percentages of the width that the page gives them and pixels in height, so that nothing is squeezed on a
narrow screen and no script is needed; colours are classes that the page's style sheet fills, light or dark. Each
chart has a title and a description for those who do not see it, and the page shows the same figures as a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from retold.report.story import Spread

BAR = 22
WHISKER = 5
HALF = 72
AXIS = 22
LABELLED_BINS = 6


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar: its size, the class that colours it, and what it is."""

    size: int
    look: str
    label: str


def _percent(value: float) -> str:
    return f"{100 * value:.3f}".rstrip("0").rstrip(".") + "%"


def picture(
    name: str, height: int, words: tuple[str, str], body: Iterable[str], box: tuple[int, int] | None = None
) -> Markup:
    """A drawing with its title and description. `box`: its own width and height, scaled to the page as a whole."""
    title, description = words
    size = f'viewBox="0 0 {box[0]} {box[1]}"' if box else f'height="{height}"'
    head = (
        f'<svg class="chart" role="img" width="100%" {size} aria-labelledby="{escape(name)}-t" '
        f'aria-describedby="{escape(name)}-d">'
        f'<title id="{escape(name)}-t">{escape(title)}</title><desc id="{escape(name)}-d">{escape(description)}</desc>'
    )
    return Markup(head + "".join(body) + "</svg>")  # noqa: S704  every text in it was escaped where it was put in


def _rect(x: float, width: float, y: int, height: int, segment: Segment) -> str:
    return (
        f'<rect x="{_percent(x)}" width="{_percent(width)}" y="{y}" height="{height}" class="{escape(segment.look)}">'
        f"<title>{escape(segment.label)}</title></rect>"
    )


def bar(
    name: str, title: str, segments: Sequence[Segment], whole: int = 0, interval: tuple[float, float] | None = None
) -> Markup:
    """A bar of segments side by side; `whole` is the size of the full width (default: their sum).

    `interval`: the ends of a confidence interval as shares of the full width, drawn over the end of the first segment.
    """
    whole = max(whole or sum(segment.size for segment in segments), 1)
    body, place = [f'<rect x="0" width="100%" y="0" height="{BAR}" class="ground"/>'], 0
    for segment in segments:
        if segment.size:
            body.append(_rect(place / whole, segment.size / whole, 0, BAR, segment))
        place += segment.size
    if interval is not None:
        body.append(_whisker(*interval))
    description = "; ".join(segment.label for segment in segments if segment.size) or "nothing"
    return picture(name, BAR, (title, description), body)


def _whisker(low: float, high: float) -> str:
    middle, ends = BAR / 2, (_percent(low), _percent(high))
    lines = [(ends[0], middle, ends[1], middle)]
    lines += [(end, middle - WHISKER, end, middle + WHISKER) for end in ends]
    drawn = [f'x1="{x1}" y1="{y1:g}" x2="{x2}" y2="{y2:g}"' for x1, y1, x2, y2 in lines]
    halo = "".join(f'<line {line} class="halo"/>' for line in drawn)
    return halo + "".join(f'<line {line} class="whisker"/>' for line in drawn)


def lengths(name: str, title: str, above: Spread, below: Spread) -> Markup:
    """Two histograms over the same bins: words of the passages upwards, words of the retellings downwards."""
    bins = [start for start, _ in above.bins or below.bins]
    if not bins:
        return Markup("")
    body = [f'<line x1="0" x2="100%" y1="{HALF}" y2="{HALF}" class="axis"/>']
    body.append(f'<line x1="0" x2="100%" y1="{HALF + AXIS}" y2="{HALF + AXIS}" class="axis"/>')
    for spread, look, upwards in ((above, "source", True), (below, "accepted", False)):
        body += _columns(spread, look, upwards=upwards)
    body += _axis(bins)
    words = (
        f"passages: {quartiles(above)}; accepted retellings: {quartiles(below)}; "
        f"bins of {bins[1] - bins[0] if len(bins) > 1 else 1} words"
    )
    return picture(name, 2 * HALF + AXIS, (title, words), body)


def _columns(spread: Spread, look: str, *, upwards: bool) -> list[str]:
    most = max((texts for _, texts in spread.bins), default=0)
    drawn, step = [], 1 / max(len(spread.bins), 1)
    for index, (start, texts) in enumerate(spread.bins):
        height = round(HALF * texts / most) if most else 0
        if texts:
            height = max(height, 1)
            y = HALF - height if upwards else HALF + AXIS
            label = f"{texts:,} of {start:,} words or more"
            drawn.append(_rect((index + 0.08) * step, 0.84 * step, y, height, Segment(texts, look, label)))
    return drawn


def _axis(bins: Sequence[int]) -> list[str]:
    every = max(1, len(bins) // LABELLED_BINS)
    return [
        f'<text x="{_percent(index / len(bins))}" y="{HALF + 15}" class="tick">{start:,}</text>'
        for index, start in enumerate(bins)
        if index % every == 0
    ]


def quartiles(spread: Spread) -> str:
    """A spread in words: "median 51 words, half of them 40 to 62"."""
    if not spread.size:
        return "none"
    return f"median {spread.median:,} words, the middle half {spread.lower:,} to {spread.upper:,}"


def ranges(name: str, title: str, pair: tuple[Spread, Spread], most: int) -> Markup:
    """Quartiles of words in (above) and words out (below) as two thin ranges with a dot at the median."""
    body: list[str] = []
    for spread, look, y in ((pair[0], "source", 7), (pair[1], "accepted", 19)):
        body.append(f'<line x1="0" x2="100%" y1="{y}" y2="{y}" class="rule"/>')
        if spread.size:
            low, middle, high = (min(value / max(most, 1), 1) for value in (spread.lower, spread.median, spread.upper))
            body.append(f'<line x1="{_percent(low)}" x2="{_percent(high)}" y1="{y}" y2="{y}" class="{look} range"/>')
            body.append(f'<circle cx="{_percent(middle)}" cy="{y}" r="4.5" class="{look}"/>')
    words = f"passages: {quartiles(pair[0])}; retellings: {quartiles(pair[1])}"
    return picture(name, 26, (title, words), body)
