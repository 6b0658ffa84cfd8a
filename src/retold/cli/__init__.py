"""The command line: one file per verb, no logic. `main` turns deliberate errors into one clean message.

A verb imports what it needs when it is called, so that `--help`, which shows all verbs, imports no other room.
"""

from __future__ import annotations

import errno
import gc
import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from retold.cli.app import app, stderr
from retold.core.errors import DiskFull, RetoldError, plainly

__all__ = ["VERBS", "app", "load", "main"]

INTERRUPTED = 130
COLLECT = (200_000, 10, 10)
"""Rows make many objects and hardly any cycles: looking for these as often as Python does took 5 % of curating."""
VERBS = (
    *("new", "keys", "check", "plan", "run", "retry", "report", "show", "why", "trace", "forget", "card"),
    *("styles", "verify", "probe", "measure", "engine", "classifier"),
)
"""In the order in which a user meets them; each is a file of this room that adds itself to the application."""


def load(words: Sequence[str] = ()) -> None:
    """Import the verb that the first word names, or all of them. What one verb needs, another need not wait for."""
    few = [word for word in words[:1] if word in VERBS]
    for verb in few or VERBS:
        import_module(f"retold.cli.{verb}")


def main() -> None:
    """Entry point of `retold`. Exit codes: 0 done, 1 failed, 2 the request itself was wrong, 130 interrupted."""
    gc.set_threshold(*COLLECT)
    try:
        load(sys.argv[1:])
        code = app(standalone_mode=False)
    except RetoldError as error:
        code = _failed(error)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        code = 1
    except OSError as error:  # a full disk can stop any file, also those beside the store
        if error.filename is not None and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            sys.exit(_failed(RetoldError(f"{error.filename}: {plainly(error)}", "look at its owner and permissions")))
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        what = f"no space left to write {error.filename or 'a file'}"
        code = _failed(DiskFull(what, "free some space and run the same command again: everything committed is kept"))
    except Exception as error:
        show_usage = getattr(error, "show", None)  # the errors of typer about the command line itself
        if show_usage is None:
            raise
        show_usage()
        code = getattr(error, "exit_code", 2)
    if code == INTERRUPTED:
        message = "\nstopped; everything answered so far is kept. Run the same command again to go on."
        stderr.print(message, markup=False, highlight=False, soft_wrap=True)
    gc.freeze()  # the end of the process need not look for cycles among all modules (0.1 s)
    sys.exit(code if isinstance(code, int) else 0)


def _failed(error: RetoldError) -> int:
    stderr.print(f"retold: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    return error.exit_code
