"""The command line as a user drives it: real processes, real files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RECIPE = """\
name: little
seed: 7
sources: {docs: {read: python_docs, limit: 12}}
curate: [normalize, {language: {keep: [en]}}, {length: {min_words: 20}}, exact]
engines: {small: {scripted: {latency: 0.01, lie: 10%, babble: 5%, cut_off: 5%, fail: 2%}}}
rephrase:
  engine: small
  styles: {key_facts: 2, reword: 1, tutorial: 1}
  rules: all
  until: {retellings: 60}
verify: default@1
group_seconds: 0.2
pack: {tokenizer: train, vocabulary: 1024, length: 256}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe over twelve topics of the language reference with a scripted engine that misbehaves a little."""
    path = tmp_path / "little.yaml"
    path.write_text(RECIPE, "utf-8")
    return path


@pytest.fixture
def retold():
    """Run the command line: `retold("run", path, code=0)` returns what it printed."""

    def command(*words: object, code: int = 0, cwd: Path | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "retold", *map(str, words)],
            capture_output=True,
            text=True,
            cwd=cwd,
            timeout=300,
            env={**os.environ, "COLUMNS": "110", "NO_COLOR": "1"},
        )
        printed = done.stdout + done.stderr
        assert done.returncode == code, printed
        assert "Traceback" not in printed
        return printed

    return command


@pytest.fixture
def inside(monkeypatch, capsys):
    """The command line in this process, for tests that need many commands: `inside("plan", path)` is what it prints."""
    from retold.cli import app, load

    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.setenv("NO_COLOR", "1")

    def command(*words: object) -> str:
        load([str(words[0])])
        capsys.readouterr()
        app([str(word) for word in words], standalone_mode=False)
        return capsys.readouterr().out

    return command


@pytest.fixture
def told(monkeypatch, capsys):
    """As `retold`, in this process, for tests of messages and exit codes: all but the start of an interpreter."""
    from retold import cli

    def command(*words: object, code: int = 0, cwd: Path | None = None) -> str:
        monkeypatch.setenv("COLUMNS", "110")
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr(sys, "argv", ["retold", *map(str, words)])
        if cwd is not None:
            monkeypatch.chdir(cwd)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = "".join(capsys.readouterr())
        assert ended.value.code == code, printed
        return printed

    return command
