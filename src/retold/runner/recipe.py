"""The recipe: the YAML file that names sources, steps, styles, verification and packing.

This is the one place that puts rooms together: each room declares its settings and offers its steps; adding a step
touches its room and one line here. `Recipe.load` checks everything that can be checked without reading a document, and
says file, line, key, what was expected and the nearest valid spelling.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from retold.clean import CURATE, PRESETS, Curate, Entry, Judge, barred, misplaced
from retold.core.errors import EngineError, RecipeError, RetoldError
from retold.core.fingerprint import digest_bytes
from retold.core.located import Lines, explain, nearest
from retold.core.quantity import Share
from retold.core.settings import Settings, execution, identity
from retold.core.step import Binding, Engine, Map, Part, Step
from retold.decontaminate import DECONTAMINATE, Decontaminate, of_retellings, of_sources
from retold.dedup import FOLDS, Deduplication
from retold.engines import EngineSettings, build
from retold.engines.settings import DEFAULT_SIZE
from retold.mix import Mix, MixSettings, Portion
from retold.mix.portions import resolved
from retold.pack import Export, Pack, PackSettings, TrainTokenizer
from retold.pack.count import FileCounter, by_output
from retold.pack.settings import TRAIN
from retold.read import Source, licence_of, pin
from retold.reflect import Reflect, ReflectSettings
from retold.rephrase.generate import Complete
from retold.rephrase.parse import Parse, unrepaired
from retold.rephrase.passages import Passages
from retold.rephrase.plan import Follow, Plan
from retold.rephrase.rules import Rules
from retold.rephrase.settings import RephraseSettings, UntilSettings
from retold.runner.recipe_file import read_recipe
from retold.runner.rounds import Rounds, no_rounds
from retold.runner.stages import Stage, chain
from retold.select import SELECT, Select
from retold.select import steps as selection
from retold.store import Place
from retold.styles.rules import RULES
from retold.styles.style import Style, load
from retold.verify import (
    Diversity,
    Repaired,
    Verify,
    VerifySettings,
    question_judge,
    row_judge,
    sentence_judge,
    strict_question_judge,
    strict_sentence_judge,
)
from retold.verify.rated import Rated
from retold.verify.worth import Counter, Worth, estimated

DEFAULT_CURATE = ("normalize", "exact")
OUTPUT = "out"


class StopIf(Settings):
    """When to stop instead of going on."""

    failed: Share = execution(0.2, description="share of the requests of a run that may fail")


class RecipeSettings(Settings):
    """The keys of a recipe file."""

    name: str = execution("", max_length=100, description="what it is called; the file's name where it says none")
    seed: int = identity(7, description="every choice comes from it and from ids")
    out: str = execution("", description="where everything goes: a folder (out/NAME) or s3://BUCKET/PREFIX")
    sources: dict[str, Source] = identity(min_length=1, description="what is read, by names of your own")
    curate: tuple[Any, ...] = identity((), description="a list of entries, in their order; normalize and exact if none")
    engines: dict[str, EngineSettings] = identity({}, description="what completes prompts, by names of your own")
    rephrase: RephraseSettings | None = identity(None, description="which styles, and by which engine")
    verify: VerifySettings = identity(VerifySettings(), description="limits, or a preset: default@1, default@2")
    reflect: ReflectSettings | None = identity(None, description="traces that are corrected once")
    mix: MixSettings | None = identity(None, description="shares of what is packed, and epochs")
    pack: PackSettings | None = identity(None, description="rows of tokens; without it nothing is packed")
    workers: int = execution(1, ge=1, le=1024, description="processes")
    group_seconds: float = execution(10.0, ge=0, le=3600, description="answers at most this old are lost by a kill")
    stop_if: StopIf = execution(StopIf(), description="when to stop instead of going on")


@dataclass(frozen=True)
class Recipe:
    """A checked recipe. `out` is where its store goes (`out/store`), `folder` where its files go.

    They are one folder, unless `out` is in object storage: then files go to the folder that they would go to without.
    """

    path: Path
    settings: RecipeSettings
    curate: tuple[Entry, ...]
    folds: tuple[Deduplication, ...]
    decontaminate: Decontaminate | None
    select: Select | None
    styles: Mapping[str, Style]
    out: Place
    folder: Path
    lines: Lines
    follow: Follow | None = None

    @classmethod
    def load(cls, path: Path | str, *, out: Place | Path | str | None = None) -> Recipe:
        """Read and check a recipe file. Raises RecipeError with the line and the remedy."""
        path = Path(path)
        values, lines = read_recipe(path)
        entries = values.pop("curate", list(DEFAULT_CURATE))
        try:
            settings = RecipeSettings.model_validate(values)
        except ValidationError as error:
            raise explain(error, RecipeSettings, lines) from error
        curate, folds, decontaminate, select = _curate(entries, path.parent, lines)
        styles = _styles(settings, path.parent, lines)
        _check_engine(settings, styles, lines)
        _check_files(settings, path.parent, lines)
        place, folder = _places(settings, path, lines, out)
        recipe = cls(path, settings, curate, folds, decontaminate, select, styles, place, folder, lines)
        with _located(lines, ("mix",)):
            recipe._check_mix()
        return recipe

    def _check_mix(self) -> None:
        """Raises RecipeError where a mixture has no rows to go to, or a part of it is nothing."""
        if self.settings.mix is not None and self.settings.pack is None:
            raise RecipeError("a mixture decides what rows hold, and none are packed", "add `pack: {tokenizer: train}`")
        self.portions()

    @property
    def name(self) -> str:
        """The recipe's name: the key `name`, or the file's."""
        return self.settings.name or self.path.stem

    @property
    def store(self) -> Place:
        """Where its tables are."""
        return self.out / "store"

    def parts(self) -> list[Part]:
        """The input, pinned: every glob resolved, every file identified by its content. In order of their names."""
        found: list[Part] = []
        for name, source in self.settings.sources.items():
            with _located(self.lines, ("sources", name, "paths")):
                found += pin(name, source, self.path.parent)
        return sorted(found, key=lambda part: part.name)

    def steps(self) -> list[Step]:
        """The steps of this recipe, in order."""
        chosen = self.settings
        steps: list[Step] = [Curate(dict(chosen.sources), self.curate)]
        if any(entry.limits() for entry in self.curate):
            steps.append(Judge(self.curate))
        steps += [entry.step(chosen.seed) for entry in self.folds]
        if self.decontaminate is not None:
            steps.append(of_sources(self.decontaminate, self.path.parent))
        if self.select is not None:
            steps += selection(self.select, self.path.parent, chosen.seed)
        if chosen.rephrase is not None:
            steps += self._rephrase(chosen.rephrase)
        if chosen.pack is not None:
            steps.append(TrainTokenizer(chosen.pack, self.path.parent))
        if chosen.reflect is not None:
            counting = partial(by_output, chosen.pack.end_of_text) if chosen.pack else None
            steps.append(Reflect(chosen.reflect, chosen.seed, counting))
        if chosen.pack is not None:
            steps += self._pack(chosen.pack)
        return steps

    def _pack(self, settings: PackSettings) -> list[Step]:
        steps: list[Step] = []
        mixture, seed = self.settings.mix, self.settings.seed
        if mixture is not None:
            counter = partial(by_output, settings.end_of_text)
            steps.append(Mix(mixture, self.portions(), settings.kinds, seed, counter))
        return [*steps, Pack(settings, seed, "mix" if mixture is not None else ""), Export(settings)]

    def portions(self) -> dict[str, tuple[Portion, ...]]:
        """What the parts of the mixture draw from, by phase. Raises RecipeError for a name that is nothing here."""
        if self.settings.mix is None:
            return {}
        made = {*(style.name for style in self.styles.values())}
        if self.settings.rephrase is not None:
            made |= set(self.settings.rephrase.rules)
        reflection = self.settings.reflect.weights() if self.settings.reflect is not None else {}
        return resolved(self.settings.mix, self.settings.sources, made, reflection)

    def _rephrase(self, settings: RephraseSettings) -> list[Step]:
        by_name = {style.name: style for style in self.styles.values()}
        engine = self.settings.engines.get(settings.engine)
        small = engine is not None and engine.small
        checks = self.settings.verify.made_by(small=small)
        judges: list[Map] = [Verify(checks, by_name, self.path.parent)]
        if self.decontaminate is not None and self.decontaminate.retellings:
            judges.append(of_retellings(self.decontaminate, self.path.parent))
        steps: list[Step] = [Passages(settings), Rules(settings, self.settings.seed)]
        if settings.styles:
            assert engine is not None, "a recipe with styles names an engine that it has"
            sentence, question = (
                (strict_sentence_judge, strict_question_judge) if checks.strict else (sentence_judge, question_judge)
            )
            rate = Rated(checks, self.path.parent)
            repair = Repaired(checks, self.path.parent) if settings.repair else unrepaired
            parse = Parse(by_name, sentence, {"pairs": question, "rows": row_judge}, rate, engine.licence, repair)
            steps += [
                Plan(settings, engine, self.styles, self.settings.seed, self.follow),
                Complete(settings, engine, self.styles, Worth(parse, judges, *self.counter())),
                parse,
            ]
        watch = self.settings.verify.diversity
        return [*steps, *judges, *([Diversity(watch)] if watch is not None else [])]

    def counter(self) -> tuple[Counter, str]:
        """What counts accepted tokens, and its name: the tokenizer that the recipe names, where it exists already."""
        chosen = self.settings.pack
        if chosen is None or chosen.tokenizer == TRAIN:
            return estimated, "estimate"
        path = self.path.parent / chosen.tokenizer
        return FileCounter(path, chosen.end_of_text), digest_bytes(path.read_bytes())

    def sample(self, retellings: int) -> Recipe:
        """The same recipe for the first so many retellings of its planned order; without rules, targets and packing.

        Its requests are those that the whole recipe asks first, so their answers are used again. Raises RecipeError
        where no model is asked.
        """
        chosen = self.settings.rephrase
        if chosen is None or not chosen.styles:
            raise RecipeError(f"{self.path} asks no model, so there is nothing to try", "name `styles:` and an engine")
        most = min(retellings, chosen.until.retellings or retellings)
        smaller = chosen.model_copy(update={"until": UntilSettings(retellings=most), "rules": ()})
        without = {"rephrase": smaller, "reflect": None, "pack": None, "mix": None}
        return replace(self, settings=self.settings.model_copy(update=without))

    def weights(self) -> dict[str, float]:
        """The model-made styles that are asked for, by their own names, in the order of the recipe."""
        chosen = self.settings.rephrase.styles if self.settings.rephrase else {}
        return {self.styles[key].name: weight for key, weight in chosen.items() if weight > 0}

    def following(self, other: Recipe, retellings: int, stands_for: Mapping[str, str]) -> Recipe:
        """A sample of this recipe about the passages of `other`'s, with what stands for each of its styles."""
        first = other.sample(retellings).settings
        assert first.rephrase is not None, "a sample asks a model"
        limit = first.rephrase.until.retellings
        order = Follow(other.weights(), first.rephrase.per_document, first.seed, limit, dict(stands_for))
        return replace(self.sample(retellings), follow=order)

    def check_terms(self, parts: Sequence[Part]) -> None:
        """Raises RecipeError where the rule about licences takes nothing of a source, or not what the model makes.

        That is under the model's terms too. What was made before can still be looked at, and forgotten.
        """
        for name, source in self.settings.sources.items():
            licence = licence_of([part for part in parts if part.source == name], source)
            if licence is not None:
                self._check_licence(licence, ("sources", name), "all of this source is", "leave it out")
        chosen = self.settings.rephrase
        if chosen is not None and self.styles and self.settings.engines[chosen.engine].has_terms:
            licence = self.settings.engines[chosen.engine].licence
            self._check_licence(licence, ("engines", chosen.engine), "what it makes is", "ask another model")

    def _check_licence(self, licence: str, loc: tuple[str, str], under: str, remedy: str) -> None:
        found = barred(licence, self.curate)
        room, name = loc
        if found is not None and licence:
            raise self.lines.error(
                loc,
                f"the recipe takes no text under {licence}, and {under} under it",
                f"{remedy}, or change the entry `licence` of `curate`",
            )
        if found is not None:
            raise self.lines.error(
                loc,
                f"the recipe asks for a licence of everything, and nothing states that of {name}",
                f"declare it: {room}: {{{name}: {{..., licence: NAME}}}}, or `unknown: keep` in the entry `licence`",
            )

    def beyond(self) -> str:
        """Which styles are asked of the embedded weights and are for larger models, and what comes of it; or ""."""
        chosen = self.settings.rephrase
        if chosen is None or not self.styles or not self.settings.engines[chosen.engine].small:
            return ""
        asked = [style for style in self.styles.values() if style.name in self.weights()]
        larger = [f"{one.name} ({one.min_model})" for one in asked if one.min_model not in ("", DEFAULT_SIZE)]
        if not larger:
            return ""
        return (
            f"{', '.join(larger)}: for larger models; nearly all answers of the embedded one ({DEFAULT_SIZE}) are "
            "refused. What is known of a style: retold styles NAME"
        )

    def check_engines(self) -> None:
        """Raises EngineMissing, at its line, where an engine that will be asked is not installed."""
        chosen = self.settings.rephrase
        if chosen is not None and self.styles:
            with _located(self.lines, ("engines", chosen.engine)):
                engine = build(self.settings.engines[chosen.engine])
                engine.check()
                self._check_needs(engine)

    def _check_needs(self, engine: Engine) -> None:
        """Raises EngineError where a style needs what the engine is known not to do."""
        for style in self.styles.values():
            if not style.needs:
                continue
            reason = engine.refuses(style.needs) if isinstance(engine, Binding) else f"the {engine.name} engine cannot"
            if reason:
                raise EngineError(
                    f"the style {style.name} needs {' and '.join(sorted(style.needs))}: {reason}",
                    "ask another engine, or leave the style out",
                )

    def stages(self, parts: Sequence[Part], rounds: Rounds = no_rounds) -> list[Stage]:
        """The steps with the fingerprints of what decides their output."""
        return chain(self.steps(), parts, rounds)


class _located:
    """Turns an error without a place into one at a key of the recipe."""

    def __init__(self, lines: Lines, loc: tuple[str | int, ...]) -> None:
        self.lines = lines
        self.loc = loc

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RetoldError):
            raise self.lines.error(self.loc, error.message, error.fix) from error


def _places(settings: RecipeSettings, path: Path, lines: Lines, out: Place | Path | str | None) -> tuple[Place, Path]:
    """Where the store goes, and the local folder for files. What is typed counts from here, `out:` from the recipe."""
    with _located(lines, ("out",)):
        written = Place.of(settings.out)
    usual = path.parent / f"{OUTPUT}/{settings.name or path.stem}"
    beside = path.parent / settings.out if settings.out and not written.remote else usual
    place = Place.of(out) if out else written if written.remote else Place.of(beside)
    folder = Path(os.path.normpath(beside if place.remote else place.local))
    return place if place.remote else Place.of(folder), folder


def _curate(
    entries: Any, base: Path, lines: Lines
) -> tuple[tuple[Entry, ...], tuple[Deduplication, ...], Decontaminate | None, Select | None]:
    """The list under `curate`: per-document entries, those that look at all documents, and what comes after them."""
    if not isinstance(entries, list | tuple):
        raise lines.error(("curate",), "a list of steps is needed", "write it as: curate: [normalize, exact]")
    known: dict[str, type[Settings]] = {**CURATE, **FOLDS, **DECONTAMINATE, **SELECT}
    chosen: list[Settings] = []
    for index, name, values in _expanded(entries, lines):
        if name not in known:
            near = nearest(name, known)
            fix = f"did you mean `{near}`?" if near else f"there are: {', '.join(sorted(known))}"
            raise lines.error(("curate", index), f"there is no step called {name!r}", fix)
        try:
            chosen.append(known[name].model_validate(values))
        except ValidationError as error:
            raise explain(error, known[name], lines, ("curate", index, name)) from error
        with _located(lines, ("curate", index)):
            chosen[-1] = _pinned(chosen[-1], base)
        if isinstance(chosen[-1], Decontaminate | Select) and type(chosen[-1]) in map(type, chosen[:-1]):
            raise lines.error(("curate", index), f"{name} is there twice", "one entry may name several files")
    folds = tuple(item for item in chosen if isinstance(item, Deduplication))
    each = tuple(item for item in chosen if isinstance(item, Entry))
    late = misplaced(each)
    if late is not None:
        place = chosen.index(each[late], late)
        raise lines.error(("curate", place), "normalize comes after a step that measures the text", "put it first")
    decontaminate = next((item for item in chosen if isinstance(item, Decontaminate)), None)
    return each, folds, decontaminate, next((item for item in chosen if isinstance(item, Select)), None)


def _pinned(entry: Settings, base: Path) -> Settings:
    """The entry with the files found that it names beside the sources, before anything runs."""
    if isinstance(entry, Decontaminate):
        of_sources(entry, base)
    if isinstance(entry, Select):
        selection(entry, base, 0)
    return entry.pinned(base) if isinstance(entry, Entry) else entry


def _expanded(entries: Sequence[Any], lines: Lines) -> Iterator[tuple[int, str, Any]]:
    """(place in the recipe, name, settings) of each entry; a preset is all of its entries."""
    for index, entry in enumerate(entries):
        name, values = _entry(entry, ("curate", index), lines)
        if name != "preset":
            yield index, name, values
            continue
        if values not in PRESETS:
            raise lines.error(
                ("curate", index, name), f"there is no preset {values!r}", f"there are: {', '.join(sorted(PRESETS))}"
            )
        yield from ((index, *_entry(item, ("curate", index), lines)) for item in PRESETS[values])


def _entry(entry: Any, loc: tuple[str | int, ...], lines: Lines) -> tuple[str, Any]:
    if isinstance(entry, str):
        return entry, {}
    if isinstance(entry, dict) and len(entry) == 1:
        name, values = next(iter(entry.items()))
        return name, {} if values is None else values
    raise lines.error(loc, "a step is a name, or one name with its settings", "such as: {language: {keep: [en]}}")


def _styles(settings: RecipeSettings, base: Path, lines: Lines) -> dict[str, Style]:
    """The model-made styles by name. Rule-made names are checked by the rephrase room's settings."""
    found: dict[str, Style] = {}
    chosen = settings.rephrase
    if chosen is None:
        return found
    for name in chosen.styles:
        loc = ("rephrase", "styles", name)
        if name in RULES:
            raise lines.error(loc, f"{name} is a rule-made style", "name it under `rules:` instead")
        with _located(lines, loc):
            style = load(name, base, also=RULES)
        try:
            found[name] = chosen.chosen(style, settings.engines.get(chosen.engine))
        except ValueError as error:
            message, _, fix = str(error).partition("\n  ")
            raise lines.error(loc, message, fix) from None
    return found


def _check_engine(settings: RecipeSettings, styles: Mapping[str, Style], lines: Lines) -> None:
    if settings.rephrase is None or not styles:
        return
    name = settings.rephrase.engine
    if name not in settings.engines:
        near = nearest(name, settings.engines)
        known = (
            f"did you mean `{near}`?" if near else f"name it under `engines:`, such as: engines: {{{name}: embedded}}"
        )
        raise lines.error(("rephrase", "engine"), f"there is no engine called {name!r} in this recipe", known)
    if settings.rephrase.until.usd is not None and not settings.engines[name].priced:
        raise lines.error(
            ("rephrase", "until", "usd"),
            f"it is counted by prices, and {name} has none, so it would bound nothing",
            f"declare them: engines: {{{name}: {{..., price: {{input: 0.10, output: 0.40}}}}}}, or leave usd out",
        )


def _check_files(settings: RecipeSettings, base: Path, lines: Lines) -> None:
    """Files that the recipe names beside its input: local models and tokenizers."""
    for name, engine in settings.engines.items():
        with _located(lines, ("engines", name)):
            _ = build(engine).identity
    if settings.pack is not None:
        with _located(lines, ("pack", "tokenizer")):
            TrainTokenizer(settings.pack, base).identity()


__all__ = ["Recipe", "RecipeError", "RecipeSettings", "StopIf"]
