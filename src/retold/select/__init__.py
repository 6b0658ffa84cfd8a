"""Selection for a purpose: of all documents, those most like a target, within a budget, with a floor of diversity.

`SELECT` maps the name of the recipe's `curate` entry to its settings; `steps` are what runs them, after all else that
curates.
"""

from pathlib import Path

from retold.core.settings import Settings
from retold.core.step import Step
from retold.select.budget import SelectBudget
from retold.select.importance import SelectFeatures, SelectImportance
from retold.select.reasons import REASONS
from retold.select.settings import Select
from retold.select.target import pinned

SELECT: dict[str, type[Settings]] = {"select": Select}


def steps(settings: Select, base: Path, seed: int) -> list[Step]:
    """Counting, weighing, choosing. `base` is the recipe's folder. Raises SourceError for a wrong path."""
    return [
        SelectFeatures(settings, pinned(settings.towards, base)),
        SelectImportance(),
        SelectBudget(settings, seed),
    ]


__all__ = ["REASONS", "SELECT", "Select", "SelectBudget", "SelectFeatures", "SelectImportance", "steps"]
