"""`retold classifier`: train a quality classifier on two sets of examples, and ask it about texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from retold.cli.app import UNDERSTAND, JsonOption, app, stdout

classifier = typer.Typer(help="Train a quality classifier, and ask it about texts.", no_args_is_help=True)
app.add_typer(classifier, name="classifier", rich_help_panel=UNDERSTAND)
Paths = Annotated[list[str], typer.Option(help="Files, folders or patterns; may be given again.", show_default=False)]


@classifier.command()
def train(
    good: Paths,
    bad: Paths,
    to: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    seed: Annotated[int, typer.Option(help="Decides what is held out, and the order of learning.")] = 7,
    at_least: Annotated[float, typer.Option(help="The threshold for precision and recall.", min=0, max=1)] = 0.5,
    as_json: JsonOption = False,
) -> None:
    """Learn from good and bad examples, and measure on a fifth of them that is held out."""
    from retold.clean.classifier_file import write
    from retold.clean.classifier_train import Training, examples
    from retold.clean.classifier_train import train as learn

    settings = Training(seed=seed, at_least=at_least)
    trained = learn(examples(good, Path()), examples(bad, Path()), settings)
    name = write(to, trained.logistic, trained.about)
    if as_json:
        typer.echo(json.dumps({"file": str(to), "digest": name, **trained.about}))
        return
    for line in _lines(trained.about):
        stdout.print(line, highlight=False, markup=False)
    stdout.print(f"written     {to}, digest {name}", highlight=False, markup=False, soft_wrap=True)
    entry = f"- classifier: {{model: {to}, at_least: {at_least:g}}}"
    stdout.print(f"in a recipe {entry}", highlight=False, markup=False, soft_wrap=True)


def _lines(about: dict[str, Any]) -> list[str]:
    held, taught = about["held_out"], about["trained_on"]
    shown = [f"{name} {held[name][0]:.3f} ({held[name][1]:.3f} to {held[name][2]:.3f})" for name in _SHOWN]
    return [
        f"learned     from {taught['good']:,} good and {taught['bad']:,} bad texts; left out, in both: "
        f"{about['in_both']:,}",
        f"held out    {held['good']:,} good and {held['bad']:,} bad: {shown[0]}",
        f"at {held['at_least']:<8g} {', '.join(shown[1:])}",
    ]


_SHOWN = ("auroc", "precision", "recall")


@classifier.command()
def score(
    model: Annotated[Path, typer.Argument(help="A file of `retold classifier train`.", show_default=False)],
    texts: Annotated[list[str], typer.Argument(help="Texts.", show_default=False)],
) -> None:
    """Print for each text how likely it is to be of the good kind."""
    from retold.clean.classifier import Classifier
    from retold.text.scan import Texts

    entry = Classifier(model=str(model), at_least=0).pinned(Path())
    values = entry.measure(Texts(texts)).signals["classifier"].tolist()
    for value, text in zip(values, texts, strict=True):
        stdout.print(f"{value:.3f}  {text[:100]}", highlight=False, markup=False, soft_wrap=True)
