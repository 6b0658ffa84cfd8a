"""`retold measure`: train small models on each data arm at equal tokens, and say the difference."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from retold.cli.app import UNDERSTAND, JsonOption, app, examples, say, stdout


@app.command(
    rich_help_panel=UNDERSTAND,
    epilog=examples(
        "retold measure experiment.yaml",
        "retold measure experiment.yaml --report",
    ),
)
def measure(
    file: Annotated[Path, typer.Argument(help="The experiment file (YAML).", show_default=False)],
    to: Annotated[
        Path | None, typer.Option(help="Folder for result.json and page.html (default: the experiment's output).")
    ] = None,
    report: Annotated[bool, typer.Option("--report", help="Train nothing: report what has finished.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run an experiment from where it was left, and report. Ctrl-C is safe: run again to continue."""
    from retold.measure import cells, experiment, result
    from retold.report.measured import measured_html, print_measured
    from retold.report.page import write_whole

    chosen = experiment.load(file)
    if not report:
        cells.run(chosen, lambda seen: None if as_json else say(stdout, seen.line()))
    found = result.gather(chosen, f"retold measure {file}")
    folder = to or chosen.folder
    cells.write(folder / "result.json", found.as_dict())
    write_whole(measured_html(found), folder / "page.html")
    if as_json:
        json.dump(found.as_dict(), sys.stdout)
        sys.stdout.write("\n")
        return
    print_measured(found, stdout)
    say(stdout, f"\npage      {folder / 'page.html'}")
