"""One page about what was made: a single HTML file that works offline, without scripts, light or dark.

In: a `Story`. Out: HTML of some 100 kB to 500 kB. The template escapes everything (autoescape is on for all names);
text of sources and models passes `safe.plain` first, so that it is shown and nothing else. A content security policy
forbids scripts, frames, fonts and every request, should a mistake ever let markup through. The file appears as a
whole or not at all (written beside, then renamed).
"""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from retold.core.errors import DiskFull, RetoldError
from retold.report import charts
from retold.report.charts import Segment
from retold.report.explain import caution, named, percent, seconds
from retold.report.lines import reached
from retold.report.safe import line, pieces, plain
from retold.report.story import SILENT, Drop, Explained, Packed, Pointed, Sample, Story, StyleStory

HERE = Path(__file__).parent
COLOURED_REASONS = 6
MIX_COLOURS = 6


def write_page(story: Story, path: Path) -> None:
    """Write the page atomically. Raises RetoldError when there is no such folder, DiskFull when there is no space."""
    write_whole(page_html(story), path)


def write_whole(html: str, path: Path) -> None:
    """Write a page beside its place, then put it there. Raises as `write_page`."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(html, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"no space left for the page {path}", "free some space and write it again") from error
        raise RetoldError(f"cannot write the page {path}: {error.strerror}", "name another file with --to") from error


def page_html(story: Story) -> str:
    """The page as text."""
    return template("page.html.j2").render(
        story=story,
        css=css(),
        draw=Drawings(story, _looks(story)),
        samples=by_style(story),
        groups=_groups(story),
        caution=caution(story.making.engines),
    )


def css() -> Markup:
    """The style sheet of all pages."""
    return Markup((HERE / "page.css").read_text(encoding="utf-8"))  # noqa: S704  our own file


@lru_cache(maxsize=4)
def template(name: str) -> Template:
    """A template of this folder, with the filters of all pages; everything is escaped."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "count": lambda number: f"{number:,}",
        "percent": percent,
        "named": named,
        "line": line,
        "plain": plain,
        "marked": marked,
        "at_fault": at_fault,
        "reached": reached,
        "quartiles": charts.quartiles,
        "seconds": seconds,
    }
    return environment.get_template(name)


def marked(sample: Sample) -> Markup:
    """The retelling with its unsupported ranges in <mark>."""
    return in_marks(sample.text, sample.marks)


def in_marks(text: str, marks: Iterable[Pointed]) -> Markup:
    """`text` with the marked ranges in <mark>, everything escaped."""
    parts = []
    for piece in pieces(text, marks):
        mark = "mark" if piece.decided else 'mark class="minor"'
        opened = Markup(f'<{mark} title="{{}}">{{}}</mark>')  # noqa: S704  one of two constants
        parts.append(opened.format(named(piece.reasons), piece.text) if piece.reasons else escape(piece.text))
    return Markup("").join(parts)


def at_fault(told: Explained) -> Markup:
    """What a refused retelling says, with the words at fault in <mark> where they are first said."""
    said, marks, place = line(told.said), [], 0
    for words in line(told.words).split(", "):
        found = said.find(words, place) if words else -1
        if found >= 0:
            marks.append(Pointed(found, found + len(words), told.reason, told.explanation, True))
            place = found + len(words)
    return in_marks(said, marks)


def _looks(story: Story) -> dict[str, str]:
    """A colour class for each of the most frequent reasons to refuse a retelling; the others share one."""
    often: Counter[str] = Counter()
    for style in story.styles:
        for drop in style.drops:
            often[drop.reason] += drop.count
    ordered = sorted(often.keys() - {SILENT}, key=lambda reason: (-often[reason], reason))
    return {reason: f"r{place}" for place, reason in enumerate(ordered[:COLOURED_REASONS], start=1)}


def by_style(story: Story) -> list[tuple[StyleStory, list[Sample]]]:
    """Styles that have samples, accepted and refused ones in turn, so that both are seen without scrolling."""
    found = []
    for style in story.styles:
        mine = [sample for sample in story.samples if sample.style == style.style]
        good = [sample for sample in mine if sample.verdict == "accepted"]
        bad = [sample for sample in mine if sample.verdict != "accepted"]
        if mine:
            turns = [sample for pair in zip_longest(good, bad) for sample in pair if sample is not None]
            found.append((style, turns))
    return found


def _groups(story: Story) -> list[tuple[str, str, list[StyleStory]]]:
    """Styles by who made them, with a word on what that means."""
    words = (
        (
            "model",
            "made by a model",
            "A small language model was asked; what it may get wrong is what is refused here.",
        ),
        ("rule", "made by a rule", "A program rearranged words of the source: true by construction, and plainer."),
    )
    groups = [
        (title, note, [style for style in story.styles if style.made_by == made_by]) for made_by, title, note in words
    ]
    others = [style for style in story.styles if style.made_by not in ("model", "rule")]
    return [group for group in [*groups, ("other", "", others)] if group[2]]


@dataclass(frozen=True)
class Drawings:
    """The charts of a page, by the names that the template uses."""

    story: Story
    looks: dict[str, str]

    def look(self, reason: str) -> str:
        """The colour class of a reason; a rule that says nothing has done nothing wrong and gets no colour."""
        if reason == SILENT:
            return "silent"
        return self.looks.get(reason, "rest")

    @property
    def legend(self) -> list[tuple[str, str]]:
        """(colour class, words) of everything that the bars of styles show."""
        entries = [("accepted", "accepted"), *((look, named(reason)) for reason, look in self.looks.items())]
        looks = {self.look(drop.reason) for style in self.story.styles for drop in style.drops}
        entries += [("rest", "other reasons")] if "rest" in looks else []
        return [*entries, ("silent", named(SILENT))] if "silent" in looks else entries

    def funnel(self, name: str, number: int, stages: str) -> Markup:
        """One step of a funnel: what is left, what was dropped, against the largest step of the same funnel."""
        steps = self.story.funnel if stages == "funnel" else self.story.retold
        step, unit = steps[number], steps[number].unit
        alike = [other.count for other in steps if (other.unit == "passages") == (unit == "passages")]
        whole = max(alike, default=0)
        dropped = sum(drop.count for drop in step.drops)
        segments = [
            Segment(step.count, "kept", f"{step.count:,} {unit}"),
            Segment(min(dropped, max(whole - step.count, 0)), "dropped", f"{dropped:,} dropped"),
        ]
        return charts.bar(f"{stages}-{name}-{number}", f"After {name}", segments, whole=whole)

    def style(self, style: StyleStory) -> Markup:
        """What became of one style's retellings, with the interval of its acceptance."""
        segments = [Segment(style.accepted, "accepted", f"accepted {style.accepted:,}")]
        segments += [self._refusal(drop) for drop in self._grouped(style)]
        interval = (style.rate.low, style.rate.high) if style.rate.size else None
        number = self.story.styles.index(style)
        return charts.bar(f"style-{number}", f"Verdicts on {line(style.style)}", segments, interval=interval)

    def _grouped(self, style: StyleStory) -> list[Drop]:
        """Drops in the order of the legend, so that a colour stands at the same place in every bar."""
        order = {reason: place for place, reason in enumerate(self.looks)}
        return sorted(style.drops, key=lambda drop: (order.get(drop.reason, len(order)), -drop.count, drop.reason))

    def _refusal(self, drop: Drop) -> Segment:
        return Segment(drop.count, self.look(drop.reason), f"{named(drop.reason)} {drop.count:,}")

    def lengths(self) -> Markup:
        """Words of passages against words of their accepted retellings."""
        return charts.lengths("lengths", "Words in and words out", self.story.words_in, self.story.words_out)

    def ranges(self, style: StyleStory) -> Markup:
        """The same for one style, as quartiles on a common scale."""
        most = max((max(each.words_in.upper, each.words_out.upper) for each in self.story.styles), default=1)
        number = self.story.styles.index(style)
        pair = (style.words_in, style.words_out)
        return charts.ranges(f"range-{number}", f"Words of {line(style.style)}", pair, round(most * 1.1))

    def mix_look(self, number: int) -> str:
        """The colour class of the `number`-th origin of packed tokens."""
        return f"m{number % MIX_COLOURS}"

    def mix(self, packed: Packed) -> Markup:
        """Whose tokens are in the packed rows."""
        segments = []
        for number, (label, tokens) in enumerate(packed.mix):
            words = "real text" if label == "source" else line(label)
            look = "source" if label == "source" else self.mix_look(number)
            segments.append(Segment(tokens, look, f"{words} {tokens:,} tokens"))
        return charts.bar("mix", "Tokens of packed rows by origin", segments)
