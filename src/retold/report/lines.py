"""The summary at the end of a run: what was accepted by style, one refusal explained, what was packed.

Rule-made styles share a line when there are more than two of them, as nobody tunes a prompt by their figures. All
text is printed as text objects: nothing in it can be markup or an escape sequence.
"""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from retold.report.explain import caution, explain, named, percent
from retold.report.safe import cut, line
from retold.report.story import Explained, Goal, Story, StyleStory

ID_SHOWN = 12
RULES_APART = 2
WORDS_SHOWN = 48
NAME_WIDTH = 24
LABEL_WIDTH = 9


def story_lines(story: Story, console: Console) -> None:
    """Print the summary: within 80 columns where the names are short, readable without colour."""
    if story.styles:
        console.print(style_table(story))
        console.print()
    console.print(labelled(_remarks(story), indent=2))


def labelled(lines: list[tuple[str, Text]], indent: int = 0) -> Table:
    """Labels and texts in two columns, so that long texts wrap under themselves."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True, width=LABEL_WIDTH + indent)
    grid.add_column()
    for label, text in lines:
        grid.add_row(Text(" " * indent + label, style="dim"), text)
    return grid


def style_table(story: Story) -> Table:
    """Style, who made it, asked, accepted, main refusal."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("  style", no_wrap=True)
    table.add_column("made by", no_wrap=True)
    table.add_column("asked", justify="right", no_wrap=True)
    table.add_column("accepted", justify="right", no_wrap=True)
    table.add_column("main refusal")
    rules = [style for style in story.styles if style.made_by == "rule"]
    apart = [style for style in story.styles if style.made_by != "rule" or len(rules) <= RULES_APART]
    for style in apart:
        _row(table, cut(line(style.style), NAME_WIDTH), style.made_by, [style])
    if len(rules) > RULES_APART:
        _row(table, f"{line(rules[0].style)}, {line(rules[1].style)}…", "rule", rules)
    return table


def _row(table: Table, name: str, made_by: str, styles: list[StyleStory]) -> None:
    often: Counter[str] = Counter()
    for style in styles:
        for drop in style.drops:
            often[drop.reason] += drop.count
    words = [named(min(often, key=lambda reason: (-often[reason], reason)))] if often else []
    failed, waiting = (sum(getattr(style, field) for style in styles) for field in ("failed", "waiting"))
    words += [f"{failed:,} failed"] if failed else []
    words += [f"{waiting:,} not done yet"] if waiting else []
    asked, accepted = (sum(getattr(style, field) for style in styles) for field in ("asked", "accepted"))
    table.add_row(Text(f"  {name}"), Text(line(made_by)), f"{asked:,}", f"{accepted:,}", Text(line(", ".join(words))))


def _remarks(story: Story) -> list[tuple[str, Text]]:
    remarks: list[tuple[str, Text]] = []
    if story.goal is not None:
        remarks.append(("target", Text(reached(story.goal))))
    if story.explained is not None:
        remarks.append(("refused", told(story.explained)))
    if story.accepted:
        note = "accepted is not the same as true: only what a program can check was checked."
        remarks.append(("note", Text(f"{note} Read some: retold show {_one_to_read(story)}".rstrip())))
    if story.accepted and (warning := caution(story.making.engines)):
        remarks.append(("", Text(warning)))
    if story.packed is not None:
        share = story.packed.retold_tokens / max(story.packed.retold_tokens + story.packed.real_tokens, 1)
        words = f"{story.packed.tokens:,} tokens in {story.packed.rows:,} rows, {percent(share)} of them retold"
        remarks.append(("packed", Text(words)))
    return remarks


def reached(goal: Goal) -> str:
    """How far the target was met, where, and what came too much."""
    spent = f", {goal.cost:,.2f} USD" if goal.cost else ""
    words = f"{goal.tokens:,} accepted tokens{spent} after {goal.end:,} of {goal.planned:,} planned requests"
    if not goal.met:
        return f"not met: the plan ends at {words}. Add documents or styles"
    kept = f"; {goal.overrun:,} answers behind it are kept for a higher one" if goal.overrun else ""
    return f"{goal.met.replace('_', ' ')} met: {words}{kept}"


def _one_to_read(story: Story) -> str:
    """The beginning of an id that is worth a look."""
    if story.explained is not None:
        return story.explained.retelling_id[:ID_SHOWN]
    return story.samples[0].retelling_id[:ID_SHOWN] if story.samples else ""


def told(refusal: Explained) -> Text:
    """One refusal in a line or two: style, what it says around the words at fault, the source's nearest sentence."""
    said, words = line(refusal.said), line(refusal.words)
    first = words.split(", ")[0]
    place = max(said.find(first), 0)
    start = max(0, place - (WORDS_SHOWN - len(first)) // 2)
    excerpt = ("…" if start else "") + cut(said[start:], WORDS_SHOWN)
    meaning = explain(refusal.reason, "verify")
    text = Text.assemble(
        line(refusal.style), "  “", excerpt, "”  ", (first, "bold"), ": ", meaning[:1].lower(), meaning[1:]
    )
    if refusal.nearest:
        text.append(f" Nearest there: “{cut(line(refusal.nearest), 2 * WORDS_SHOWN)}”")
    return text
