"""What `--help` says is so: groups, examples that the command takes, lines that fit 80 columns."""

from __future__ import annotations

import shlex

import pytest
import typer.main

from retold.cli import VERBS, app, load

load()
COMMANDS = typer.main.get_command(app).commands
WITH_EXAMPLES = [verb for verb in VERBS if not hasattr(COMMANDS[verb], "commands")]


def test_every_verb_stands_in_a_group():
    """Kills: a verb without `rich_help_panel`, which would stand apart from all others."""
    assert set(COMMANDS) == set(VERBS)
    groups = [COMMANDS[verb].rich_help_panel for verb in VERBS]
    assert list(dict.fromkeys(groups)) == ["Make data", "Answer for it", "Understand and improve"]
    assert groups == sorted(groups, key=list(dict.fromkeys(groups)).index), "groups are not interleaved"


@pytest.mark.parametrize("verb", WITH_EXAMPLES)
def test_every_example_is_taken_by_its_command(verb):
    """Kills: an option in an example that the command has not, or has lost."""
    command = COMMANDS[verb]
    title, *lines = command.epilog.split("\n\n")
    assert title == "Examples" and lines
    for line in lines:
        assert len(line) <= 78, line
        words = shlex.split(line.split("   ")[0].rpartition("| ")[2])
        words = words[: words.index(">")] if ">" in words else words
        assert words[:2] == ["retold", verb]
        command.make_context(verb, words[2:])  # raises where it would refuse them
