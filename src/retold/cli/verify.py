"""`retold verify`: fit the checks to labelled pairs, and see what each is and costs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from retold.cli.app import UNDERSTAND, app, say, stdout

verify = typer.Typer(help="The checks of every retelling: what they are, and how well they tell.", no_args_is_help=True)
app.add_typer(verify, name="verify", rich_help_panel=UNDERSTAND)


@verify.command()
def calibrate(
    on: Annotated[
        list[Path], typer.Option("--on", help="Labelled pairs: source, text, supported (JSON lines; may repeat).")
    ],
    out: Annotated[Path, typer.Option("--out", help="The calibration file to write.")] = Path("calibration.json"),
    precision: Annotated[
        float | None, typer.Option(help="Choose the threshold for this share supported among what is kept.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Also use what counts against small models only: statements of their own.")
    ] = False,
    least: Annotated[
        float, typer.Option(min=0, max=1, help="No threshold that lets through a smaller share of the texts.")
    ] = 0.1,  # calibrate.LEAST_SHARE, which a test compares: importing it takes half a second
    tune: Annotated[bool, typer.Option("--tune", help="Use only the first half of each file's documents.")] = False,
) -> None:
    """Fit the combination of the checks, write it, and report balanced accuracy and AUROC by document."""
    import orjson

    from retold.verify.calibrate import calibrate as fit
    from retold.verify.checks import CHECKS
    from retold.verify.labelled import halves, read

    pairs = [pair for path in on for pair in (halves(read(path))[0] if tune else read(path))]
    found = fit(pairs, CHECKS, out.stem, precision, strict=strict, least=least)
    out.write_bytes(orjson.dumps(found.values(), option=orjson.OPT_INDENT_2) + b"\n")
    say(stdout, f"pairs      {found.pairs:,} about {found.documents:,} documents, {found.supported:.0%} supported")
    say(stdout, f"auroc      {found.auroc}   cross-validated by document, 95 % over resampled documents")
    say(stdout, f"balanced   {found.balanced_accuracy}   accuracy, at a risk of 0.5")
    for term in found.combination.terms:
        say(stdout, f"  {term.weight:8.3f}  {term.signal}")
    if precision is not None and found.threshold is None:
        say(stdout, f"threshold  none: no {least:.0%} of the texts are {precision:.0%} supported; 0.5 is written")
    limit = found.combination.threshold
    say(stdout, f"threshold  {limit:.3f}: keeps {found.kept:.0%}, of these {found.precision:.0%} are supported")
    say(stdout, f"written    {out} ({found.combination.digest[:12]})")
    say(stdout, f"next       in the recipe: verify: {{calibration: {out}, risk: {limit:.3f}}}")


@verify.command()
def checks() -> None:
    """List the checks with their reasons, what each costs, and what it adds."""
    from retold.verify.checks import CHECKS

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("check", "µs", "gain", "refuses as"):
        table.add_column(column, justify="right" if column in ("µs", "gain") else "left")
    for check in CHECKS:
        gain = "form" if check.gain is None else f"{check.gain:+.3f}"
        table.add_row(check.name, f"{check.microseconds}", gain, ", ".join(check.reasons))
    stdout.print(table)
    say(
        stdout,
        "\ngain: AUROC on the tune half of SummEdits with it less without it; µs: of one core",
    )
