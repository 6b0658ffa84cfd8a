"""`retold styles`: the ways to retell, with what is known of each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from retold.cli.app import UNDERSTAND, app, examples, say, stdout
from retold.core.errors import RecipeError

if TYPE_CHECKING:
    from retold.styles.style import Turns


@app.command(
    rich_help_panel=UNDERSTAND,
    epilog=examples(
        "retold styles                                    all of them",
        "retold styles faq --file > my/faq.md             a file to begin your own with",
        "retold styles try my/faq.md --recipe recipe.yaml",
    ),
)
def styles(
    name: Annotated[str, typer.Argument(help="Show this style (a name, or a path to your own); or: try.")] = "",
    tried: Annotated[str, typer.Argument(metavar="[STYLE]", help="With try: the style to try.")] = "",
    recipe: Annotated[
        Path | None, typer.Option("--recipe", help="Try it with this recipe's engine, sources and limits.")
    ] = None,
    documents: Annotated[int, typer.Option("--documents", min=1, max=100, help="Try it on so many.")] = 3,
    file: Annotated[bool, typer.Option("--file", help="Print the style's file, to begin your own with.")] = False,
) -> None:
    """List the styles, show one with its prompt and its contract, or try one on three documents."""
    from retold.styles import source
    from retold.styles.rules import RULES

    if file:
        sys.stdout.write(source(name))
    elif name == "try":
        _try(tried, documents, recipe)
    elif name and name in RULES:
        rule = RULES[name]
        stdout.print(f"{rule.name} (rule-made, version {rule.version}): {rule.summary}", highlight=False, markup=False)
    elif name:
        _show(name)
    else:
        _list()


def _try(style: str, documents: int, recipe: Path | None) -> None:
    """Retell a few passages and say what contract and checks find; nothing of it is kept."""
    from retold.report.trial import try_style
    from retold.styles import load
    from retold.styles.rules import RULES

    if not style:
        raise RecipeError("no style to try", "such as: retold styles try key_facts, or: retold styles try my/own.md")
    if style not in RULES:
        load(style, also=RULES)  # a wrong name is said before anything is read
    found = try_style(style, documents, recipe)
    for one in found:
        verdict = "accepted" if not one.reason else f"refused: {one.reason}. {one.why} {one.detail}".rstrip()
        for line in (f"\n[source] {one.title}", one.source, "\n[retold]", one.text, f"\n[{verdict}]"):
            stdout.print(line, highlight=False, markup=False)
    accepted = sum(not one.reason for one in found)
    say(stdout, f"\n{style}: {accepted} of {len(found)} accepted. Accepted is not yet true: read them.")


def _list() -> None:
    from retold.styles import catalogue
    from retold.styles.rules import RULES

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("style", "by", "from", "form", "length", "what it makes"):
        table.add_column(column, no_wrap=column != "what it makes")
    for style in catalogue():
        low, high = style.contract.length
        what = style.summary + " (control)" * style.control
        table.add_row(style.name, "model", style.min_model, style.contract.parser, f"{low:g}-{high:g}", what)
    for rule in RULES.values():
        what = rule.summary + " (control)" * (rule.control and "control" not in rule.summary)
        table.add_row(rule.name, "rule", "", "", "", what)
    stdout.print(table)
    say(stdout, "\nfrom, length   smallest model that may do it; words for each word of the source")
    say(stdout, "look, try      retold styles NAME, retold styles try NAME (on three documents)")
    say(
        stdout,
        "your own       retold styles NAME --file > mine.md, or a file with nothing but a prompt that uses {passage}",
    )


def _show(name: str) -> None:
    from retold.styles import load

    style = load(name)
    contract = style.contract
    lines = [
        f"{style.name} (version {style.version}, {style.digest[:12]}): {style.summary}",
        f"  unit {style.unit} · smallest model {style.min_model or 'not stated'}",
        f"  contract: {contract.parser}, {contract.items[0]} to {contract.items[1]} items, "
        f"{contract.length[0]:g} to {contract.length[1]:g} words per source word, "
        f"at most {contract.copy_limit:.0%} copied, checked: {', '.join(contract.grounded)}",
    ]
    lines += [f"  evidence: {style.evidence}"] if style.evidence else []
    if style.needs:
        lines.append(f"  needs an engine with: {', '.join(sorted(style.needs))}")
    lines += _conversation("small model" if style.large else "", style.turns, style.prefill)
    if style.large:
        lines += _conversation("large model", style.large.turns, style.large.prefill)
    for line in lines:
        stdout.print(line, highlight=False, markup=False)


def _conversation(whose: str, turns: Turns, prefill: str) -> list[str]:
    """The turns of a prompt as they are written in its file."""
    lines = [f"\n[{role}{', ' * bool(whose)}{whose}]\n{text}" for role, text in turns]
    return [*lines, f"\n[answer begins with]\n{prefill}"] if prefill else lines
