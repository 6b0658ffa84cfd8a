"""What `retold probe` found, as a table for the terminal and as a page; answers of models are escaped like any text."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from retold.probe.outcome import Probed
from retold.probe.tally import Figure
from retold.report.page import css, template
from retold.report.safe import plain


def shown(figure: Figure) -> str:
    """A share with its interval, in per cent."""
    return f"{100 * figure.share:.0f} % ({100 * figure.low:.0f} to {100 * figure.high:.0f})"


def rows(found: Probed, form: str = "") -> tuple[list[tuple[str, str]], list[tuple[str, list[str]]]]:
    """(columns as group and way of drawing, lines as outcome and cells), of all forms of asking or of one."""
    figures = found.by_form[form] if form else found.figures
    columns = list(dict.fromkeys((figure.group, figure.drawn) for figure in figures))
    cells = {(figure.group, figure.drawn, figure.outcome): shown(figure) for figure in figures}
    return columns, [(name, [cells.get((*column, name), "") for column in columns]) for name in found.meanings]


def print_probe(found: Sequence[Probed], console: Console) -> None:
    """One table for each battery."""
    for one in found:
        columns, lines = rows(one)
        table = Table(title=f"{one.battery}: {one.about}", title_justify="left", box=None, padding=(0, 2, 0, 0))
        table.add_column("")
        for group, drawn in columns:
            table.add_column(f"{group}, {drawn}", justify="right")
        for name, cells in lines:
            table.add_row(Text(name.replace("_", " ")), *(Text(cell) for cell in cells))
        console.print(table)
        answers = sum(figure.answers for figure in one.figures if figure.outcome == "unfinished")
        failed = f", {one.failed} failed" if one.failed else ""
        console.print(f"  {answers} answers{failed}; 95 % intervals over what was asked about", highlight=False)


def probe_html(model: str, identity: str, found: Sequence[Probed]) -> str:
    """The page."""
    tables = [(one, [("", *rows(one)), *((form, *rows(one, form)) for form in one.by_form)]) for one in found]
    return template("probe.html.j2").render(model=plain(model), identity=plain(identity), tables=tables, css=css())
