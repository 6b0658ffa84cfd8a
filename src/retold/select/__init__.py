"""Selection for a purpose: of all documents, those most like a target, within a budget, with a floor of diversity.

`SELECT` maps the name of the recipe's `curate` entry to its settings; `steps` are what runs them, after all else that
curates.
"""

from pathlib import Path

from retold.clean.classifier import Classifier
from retold.core.settings import Settings
from retold.core.step import Step
from retold.select.budget import SelectBudget
from retold.select.classifier import SelectLearning, SelectOdds
from retold.select.importance import SelectFeatures, SelectImportance
from retold.select.reasons import REASONS
from retold.select.settings import Select
from retold.select.target import pinned

SELECT: dict[str, type[Settings]] = {"select": Select}


def steps(settings: Select, base: Path, seed: int) -> list[Step]:
    """Counting or learning, weighing, choosing. `base` is the recipe's folder. Raises SourceError for a wrong path."""
    choosing = SelectBudget(settings, seed)
    if settings.towards is None:
        file = Classifier(model=settings.model, fasttext=settings.fasttext, label=settings.label, at_least=0)
        return [SelectOdds(file.pinned(base)), choosing]
    target = pinned(settings.towards, base)
    if settings.by == "classifier":
        return [SelectLearning(settings, target, seed), SelectOdds(), choosing]
    return [SelectFeatures(settings, target), SelectImportance(), choosing]


__all__ = [
    "REASONS",
    "SELECT",
    "Select",
    "SelectBudget",
    "SelectFeatures",
    "SelectImportance",
    "SelectLearning",
    "SelectOdds",
    "steps",
]
