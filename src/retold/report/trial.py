"""A style tried on a few documents, the way a run would do it: `retold styles try`.

In: a style by name or path, how many documents, and a recipe whose engine, sources and limits are used where one is
named; otherwise the embedded engine and the language reference that comes with Python. Out: `Tried` rows: source,
retelling and what contract and checks say. Everything is done by a recipe of its own in a folder that is thrown away,
so nothing is tried that a run would do otherwise, and nothing stays.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from retold.rephrase.reasons import REASONS as OF_REPHRASE
from retold.runner.recipe_file import read_recipe
from retold.runner.session import run
from retold.styles.reasons import REASONS as OF_STYLES
from retold.styles.rules import RULES
from retold.verify.reasons import REASONS as OF_VERIFY

SOURCES = {"docs": {"read": "python_docs"}}
ENGINE: dict[str, Any] = {"embedded": {}}
PASSAGE = {"tokens": 200, "min_words": 40}
HOW = ("order", "prompts", "decoding", "attempts", "passage", "repair")
"""Keys of `rephrase:` that decide what is asked and what becomes of it."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One retelling. `reason` is empty where it is accepted; `why` explains it, `detail` quotes what was found."""

    title: str
    source: str
    text: str
    reason: str
    detail: str

    @property
    def why(self) -> str:
        """The reason in words."""
        return {**OF_STYLES, **OF_REPHRASE, **OF_VERIFY}.get(self.reason, "")


def try_style(style: str, documents: int, recipe: Path | None) -> list[Tried]:
    """Retell a passage of each of so many documents. Raises RecipeError, EngineMissing."""
    with tempfile.TemporaryDirectory(prefix="retold-try-") as folder:
        path = Path(folder) / "try.yaml"
        path.write_text(yaml.safe_dump(_recipe(style, documents, recipe)), encoding="utf-8")
        session = run(path)
        return list(_tried(session.scan("documents").to_dicts(), session.scan("verdicts").to_dicts(), documents))


def _recipe(style: str, documents: int, recipe: Path | None) -> dict[str, Any]:
    given: Mapping[str, Any] = read_recipe(recipe)[0] if recipe is not None else {}
    asked = given.get("rephrase") or {}
    name = asked.get("engine", "")
    engine = (given.get("engines") or {}).get(name, ENGINE)
    how = {key: asked[key] for key in HOW if key in asked}
    if style in RULES:
        told: dict[str, Any] = {"rules": [style]}
    else:
        own = style if not (style.endswith(".md") or "/" in style) else str(Path(style).absolute())
        told = {"engine": "tried", "styles": [own], "until": {"retellings": documents}}
    return {
        "name": "try",
        "sources": _sources(given, recipe, documents),
        "curate": ["normalize"],
        "engines": {"tried": engine},
        "rephrase": {"passage": PASSAGE, **how, **told},
        **({"verify": _checks(given["verify"], recipe)} if "verify" in given and recipe is not None else {}),
    }


def _checks(given: Any, recipe: Path) -> Any:
    """The recipe's checks, with a calibration of its own found from anywhere."""
    own = recipe.parent / str(given.get("calibration", "")) if isinstance(given, Mapping) else recipe.parent
    return {**given, "calibration": str(own.absolute())} if own.is_file() else given


def _sources(given: Mapping[str, Any], recipe: Path | None, documents: int) -> dict[str, Any]:
    """The recipe's sources with paths that hold from anywhere, or the default; few documents of each."""
    found: dict[str, Any] = {}
    for name, source in (given.get("sources") or SOURCES).items():
        settings = dict(source) if isinstance(source, Mapping) else {"paths": source}
        paths = settings.get("paths", ())
        paths = [paths] if isinstance(paths, str) else list(paths)
        if paths and recipe is not None:
            settings["paths"] = [p if "://" in p else str((recipe.parent / p).absolute()) for p in paths]
        found[name] = {**settings, "limit": min(settings.get("limit") or 4 * documents, 4 * documents)}
    return found


def _tried(rows: list[dict[str, Any]], verdicts: list[dict[str, Any]], most: int) -> Iterator[Tried]:
    sources = {row["document_id"]: row for row in rows if row["kind"] == "source"}
    dropped = {row["subject"]: row for row in verdicts if not row["keep"]}
    seen: set[str] = set()
    for row in rows:
        if row["kind"] != "retelling" or row["parents"][0] in seen or len(seen) == most:
            continue
        seen.add(row["parents"][0])
        source = sources[row["parents"][0]]
        span = row["spans"][0]
        verdict = dropped.get(row["document_id"], {"reason": "", "detail": ""})
        said = source["text"][span["start"] : span["end"]]
        yield Tried(source["title"], said, row["text"], verdict["reason"], verdict["detail"])
