"""What `--help` says is so: groups, examples that the command takes, lines that fit 80 columns."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest
import typer.main

from retold.cli import VERBS, app, load
from retold.verify.calibrate import LEAST_SHARE

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


HEAVY = ("numba", "numpy", "orjson", "pyarrow", "pydantic", "retold.runner.session", "yaml")
LOOK = f"import sys; from retold.cli import load; load(); print(*(name for name in {HEAVY} if name in sys.modules))"


def test_help_imports_no_other_room():
    """Kills: `from retold.runner.recipe import Recipe` at the head of a verb: `--help` took a second for that."""
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_share_that_help_shows_is_that_of_the_fit():
    """Kills: a default of the room that is changed alone, since the verb cannot import it for its help."""
    calibrate = COMMANDS["verify"].commands["calibrate"]
    assert next(option.default for option in calibrate.params if option.name == "least") == LEAST_SHARE
