"""The summary at the end of a run."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from retold.report.lines import story_lines


def printed(story, width=80) -> str:
    stream = io.StringIO()
    story_lines(story, Console(file=stream, width=width, color_system=None))
    return "\n".join(text.rstrip() for text in stream.getvalue().splitlines()) + "\n"


def test_the_summary_reads_like_this(little, golden):
    golden("summary.txt", printed(little.story, 100))


def test_many_rules_share_a_line(little):
    rule = next(style for style in little.story.styles if style.style == "cloze")
    rules = tuple(replace(rule, style=name) for name in ("cloze", "fields", "outline", "lead"))
    shown = printed(replace(little.story, styles=rules))
    assert "cloze, fields…" in shown and f"{4 * rule.asked}" in shown and "lead" not in shown


def test_nothing_done_is_little_said(little):
    shown = printed(replace(little.story, styles=(), explained=None, packed=None, samples=()))
    assert shown.strip() == ""


def test_hostile_text_steers_nothing(hostile):
    shown = printed(hostile.story)
    assert "\x1b" not in shown and "\x07" not in shown
    assert all(len(text) <= 80 for text in shown.splitlines())


def test_markup_in_a_style_is_text(little):
    style = replace(little.story.styles[0], style="[red]x[/red]")
    assert "[red]x[/red]" in printed(replace(little.story, styles=(style,)))
