"""`retold forget`: take documents down, with everything that was made from them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from retold.cli.app import ANSWER, JsonOption, StoreOption, app, counted, examples, say, stdout
from retold.core.errors import RetoldError, plainly

if TYPE_CHECKING:
    from retold.trace.forget import Forgetting

SHOWN = 12
MISSING_SHOWN = 5
MANY = {"documents_retelling": "retellings", "documents_source": "sources", "documents_reflection": "reflections"}


@app.command(
    rich_help_panel=ANSWER,
    epilog=examples(
        "retold forget --domain example.org           what would go",
        "retold forget --domain example.org --yes     and it goes",
        "retold forget --match lines.txt --twins --why 'request 17'",
    ),
)
def forget(
    doc: Annotated[list[str] | None, typer.Option(help="The first characters of a document's id.")] = None,
    url: Annotated[list[str] | None, typer.Option(help="An address that was read.")] = None,
    domain: Annotated[list[str] | None, typer.Option(help="A host with all below it.")] = None,
    match: Annotated[Path | None, typer.Option(help="A file: every document that holds one of its lines.")] = None,
    twins: Annotated[bool, typer.Option("--twins", help="Near duplicates too.")] = False,
    why: Annotated[str, typer.Option(help="The reason, for the record.")] = "",
    by: Annotated[str, typer.Option(help="Who signs the record (default: this user).")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Erase; without it, only say what would go.")] = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Say what would go with a document, an address, a domain or a text; with --yes, erase it everywhere, for good."""
    from retold.cli.session import write_report
    from retold.runner.session import Session
    from retold.trace.doomed import Asked
    from retold.trace.forget import forget as take_down

    asked = Asked(tuple(doc or ()), tuple(url or ()), tuple(domain or ()), _lines(match), twins)
    if not asked and not yes:
        raise typer.BadParameter("name what to forget: --doc, --url, --domain or --match")
    found = take_down(store, asked, yes=yes, why=why, by=by)
    if yes:
        write_report(Session.open(store))
    if as_json:
        sys.stdout.write(json.dumps(found.as_dict(), ensure_ascii=False) + "\n")
    else:
        _print(found)


def _print(found: Forgetting) -> None:
    from retold.report.explain import percent

    counts = ", ".join(counted(count, MANY.get(name, name)) for name, count in found.counts.items() if count)
    say(stdout, f"{'erased' if found.done else 'would go':<9} {counts or 'what an earlier call had begun to erase'}")
    for number, (name, kind) in enumerate(sorted(found.kinds.items(), key=lambda item: item[1] != "source")):
        if number == SHOWN:
            say(stdout, f"  and {len(found.kinds) - SHOWN:,} more (--json lists them)")
            break
        title = "".join(letter if letter.isprintable() else " " for letter in found.titles.get(name, ""))[:60]
        say(stdout, f"  {name[:12]}  {kind:<10}  {title}")
    if found.twins:
        say(stdout, f"twins     {counted(len(found.twins), 'near duplicates')} not taken; --twins takes them too")
    if found.padding:
        share = percent(found.padding / found.places)
        say(
            stdout,
            f"padding   {found.padding:,} of {found.places:,} places in packed rows ({share}), which train nothing",
        )
    for one in found.missing[:MISSING_SHOWN]:
        say(stdout, f"not found {one[:80]}")
    if len(found.missing) > MISSING_SHOWN:
        say(stdout, f"not found {len(found.missing) - MISSING_SHOWN:,} more (--json lists them)")
    if found.done:
        rows = ", ".join(f"{name} {count:,}" for name, count in found.erased.items())
        say(stdout, f"changed   {rows}")
        say(stdout, f"record    {found.identity[:12]}: what, when, by whom and why, without content")
    else:
        say(stdout, "nothing was touched; add --yes to erase it")


def _lines(path: Path | None) -> tuple[str, ...]:
    """The lines of a file of needles, empty ones left out. Raises RetoldError where there is none."""
    if path is None:
        return ()
    try:
        found = tuple(line.strip() for line in path.read_text("utf-8-sig").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise RetoldError(f"cannot read {path}: {plainly(error)}", "name a text file in UTF-8") from error
    if not found:
        raise RetoldError(f"{path} holds no line", "write into it what the documents hold that are to be forgotten")
    return found
