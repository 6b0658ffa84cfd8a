"""The command line: one file per verb, no logic. `main` turns deliberate errors into one clean message."""

from __future__ import annotations

import sys

import typer

from retold.cli import check, engine, new, plan, report, run, show, styles  # noqa: F401  (each adds its verb)
from retold.cli.app import app, stderr
from retold.core.errors import RetoldError

__all__ = ["app", "main"]

INTERRUPTED = 130


def main() -> None:
    """Entry point of `retold`. Exit codes: 0 done, 1 failed, 2 the request itself was wrong, 130 interrupted."""
    try:
        code = app(standalone_mode=False)
    except RetoldError as error:
        stderr.print(f"retold: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        code = error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        code = 1
    except Exception as error:
        show_usage = getattr(error, "show", None)  # the errors of typer about the command line itself
        if show_usage is None:
            raise
        show_usage()
        code = getattr(error, "exit_code", 2)
    if code == INTERRUPTED:
        message = "\nstopped; everything answered so far is kept. Run the same command again to go on."
        stderr.print(message, markup=False, highlight=False, soft_wrap=True)
    sys.exit(code if isinstance(code, int) else 0)
