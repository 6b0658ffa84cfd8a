"""Every error retold raises on purpose.

    RetoldError
    ├── RecipeError          the recipe cannot be run as written
    ├── SourceError          a source named in the recipe cannot be read at all
    ├── EngineError          an engine cannot start, or has stopped answering for good
    │   └── EngineMissing    the package or the weights of an engine are not installed
    ├── StoreError           the store cannot be opened, or its history contradicts itself
    │   ├── StoreVersionError    written by a newer (or unknown) format
    │   └── FencedOut        another process owns this part of the store now
    ├── DiskFull             no space left; what was committed is intact
    └── TooManyBad           the share of bad documents passed the recipe's limit

A single bad document is never an error: it becomes a Verdict. Each error says what happened and, in `fix`, what to do.
"""

from __future__ import annotations


def plainly(error: BaseException) -> str:
    """What an error says: of the system's its reason alone, without a number and the path, which the message has."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


class RetoldError(Exception):
    """Base of all deliberate errors. `fix` is the next thing the user can do about it."""

    exit_code = 1

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}\n  {self.fix}" if self.fix else self.message

    def __reduce__(self) -> tuple[type[RetoldError], tuple[str, str]]:
        return type(self), (self.message, self.fix)


class RecipeError(RetoldError):
    """The recipe cannot be run as written."""

    exit_code = 2


class SourceError(RetoldError):
    """A source named in the recipe cannot be read at all."""

    exit_code = 2


class EngineError(RetoldError):
    """An engine cannot start, or has stopped answering for good."""


class EngineMissing(EngineError):
    """The package or the weights that an engine needs are not installed."""

    exit_code = 2


class StoreError(RetoldError):
    """The store cannot be opened, or its history contradicts itself."""


class StoreVersionError(StoreError):
    """The store was written in a format that this version does not know."""


class FencedOut(StoreError):
    """Another process has taken over this part of the store; this one must stop writing."""


class DiskFull(RetoldError):
    """No space left on the device that holds the store; everything committed is intact."""


class TooManyBad(RetoldError):
    """The share of bad documents passed the limit set in the recipe."""
