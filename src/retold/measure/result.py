"""What the finished cells say: arms with their curves, contrasts with intervals, factors, the equal-compute line.

In: an experiment and the results of its cells. Out: `Result`, plain data that is written as `result.json` and drawn by
`report`. Every number of seeds is the true one: what has not finished is not in it. The primary contrast is tested at
its own level; all others share one Holm correction. A contrast is of seeds that both arms have.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import retold
from retold.core.fingerprint import digest
from retold.measure import cells
from retold.measure.experiment import Experiment
from retold.measure.factors import Factor, factor, parameters_to, tokens_to
from retold.measure.statistics import Interval, bootstrap, holm, t_interval

CellResult = Mapping[str, Any]
Grouped = dict[tuple[str, str], dict[int, CellResult]]
"""(size, arm) to seed to result."""


@dataclass(frozen=True)
class ArmLine:
    """An arm at a size: final scores over seeds, and the mean curve of each score."""

    size: str
    arm: str
    parameters: int
    seeds: list[int]
    scores: dict[str, Interval]
    finals: dict[int, dict[str, float]]
    """Final scores by seed."""
    curve: list[dict[str, Any]]
    losses: dict[int, str]
    """Digest of all training losses by seed."""


@dataclass(frozen=True)
class Contrast:
    """An arm less the control in one score at one size."""

    size: str
    arm: str
    score: str
    primary: bool
    difference: Interval
    items: tuple[float, float]
    """Bootstrap interval over items."""
    p: float
    """Of the primary contrast as it is; of all others after Holm."""
    different: bool


@dataclass(frozen=True)
class Needs:
    """A factor in tokens or parameters at a level of a score."""

    what: str
    size: str
    arm: str
    score: str
    level: float
    of: str
    """What the level is: the control's final score, or one that the file names."""
    factor: Factor
    words: str


@dataclass(frozen=True)
class Result:
    """All of it."""

    name: str
    question: str
    command: str
    version: str
    experiment: str
    data: dict[str, str]
    budget: int
    planned: int
    finished: int
    control: str
    confidence: float
    aim: str
    meanings: dict[str, str]
    lower: list[str]
    arms: list[ArmLine]
    contrasts: list[Contrast]
    needs: list[Needs]
    compute: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is not a number is null."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def gather(experiment: Experiment, command: str) -> Result:
    """Everything about what has finished."""
    grouped: Grouped = defaultdict(dict)
    for found in cells.finished(experiment):
        grouped[found["size"], found["arm"]][found["seed"]] = found
    settings = experiment.settings
    return Result(
        name=settings.name,
        question=settings.question,
        command=command,
        version=retold.__version__,
        experiment=experiment.digest,
        data={arm: data_digest(experiment, arm) for arm in settings.arms},
        budget=settings.budget,
        planned=len(list(experiment.cells())),
        finished=sum(len(seeds) for seeds in grouped.values()),
        control=settings.control,
        confidence=settings.confidence,
        aim=settings.primary.aim,
        meanings=dict(experiment.builder.scores),
        lower=sorted(experiment.builder.lower),
        arms=[_line(settings.confidence, *key, seeds) for key, seeds in grouped.items()],
        contrasts=_contrasts(experiment, grouped),
        needs=[*_tokens(experiment, grouped), *_parameters(experiment, grouped)],
        compute=_compute(experiment, grouped),
    )


def data_digest(experiment: Experiment, arm: str) -> str:
    """Of the first pass of the first seed's texts with what is masked in them."""
    texts = experiment.builder.texts(arm, experiment.settings.first_seed, 0)
    return digest([[text.text, [list(span) for span in text.masked]] for text in texts])


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / max(1, len(values))


def _final(found: CellResult) -> dict[str, float]:
    return {name: _mean(values) for name, values in found["items"].items()}


def _line(confidence: float, size: str, arm: str, seeds: Mapping[int, CellResult]) -> ArmLine:
    every = list(seeds.values())
    finals = [_final(found) for found in every]
    curve = []
    for points in zip(*(found["curve"] for found in every), strict=False):
        scores = {name: [point["scores"][name] for point in points] for name in points[0]["scores"]}
        curve.append(
            {
                "tokens": points[0]["tokens"],
                "loss": _mean([point["loss"] for point in points]),
                "scores": {name: _mean(values) for name, values in scores.items()},
                "low": {name: min(values) for name, values in scores.items()},
                "high": {name: max(values) for name, values in scores.items()},
            }
        )
    ends = {name: t_interval([final[name] for final in finals], confidence) for name in finals[0]}
    losses = {seed: found["losses"] for seed, found in seeds.items()}
    by_seed = dict(zip(seeds, finals, strict=True))
    return ArmLine(size, arm, every[0]["parameters"], sorted(seeds), ends, by_seed, curve, losses)


def _contrasts(experiment: Experiment, grouped: Grouped) -> list[Contrast]:
    settings, found = experiment.settings, []
    for (size, arm), seeds in grouped.items():
        control = grouped.get((size, settings.control), {})
        shared = sorted(set(seeds) & set(control))
        if arm == settings.control or not shared:
            continue
        for score in next(iter(seeds.values()))["items"]:
            found.append(_contrast(experiment, (size, arm, score), [(seeds[s], control[s]) for s in shared]))
    rest = holm({f"{one.size} {one.arm} {one.score}": one.p for one in found if not one.primary})
    level = 1 - settings.confidence
    return [
        Contrast(**{**vars(one), "p": p, "different": p < level})
        for one in found
        for p in [one.p if one.primary else rest[f"{one.size} {one.arm} {one.score}"]]
    ]


def _contrast(
    experiment: Experiment, key: tuple[str, str, str], pairs: Sequence[tuple[CellResult, CellResult]]
) -> Contrast:
    size, arm, score = key
    settings = experiment.settings
    differences = [
        [left - right for left, right in zip(one["items"][score], other["items"][score], strict=True)]
        for one, other in pairs
    ]
    groups = [experiment.builder.groups(score, one["seed"], len(one["items"][score])) for one, _ in pairs]
    interval = t_interval([_mean(values) for values in differences], settings.confidence)
    primary = settings.primary
    chosen = (size, arm, score) == (primary.size, primary.arm, primary.score)
    items = bootstrap(differences, groups, settings.confidence)
    return Contrast(size, arm, score, chosen, interval, items, interval.p, different=False)


def _tokens(experiment: Experiment, grouped: Grouped) -> list[Needs]:
    """Tokens the control needs over those an arm needs, at the control's final score and the file's levels."""
    settings, found = experiment.settings, []
    score, budget = settings.primary.score, settings.budget
    sign = -1 if score in experiment.builder.lower else 1
    for (size, arm), seeds in grouped.items():
        control = grouped.get((size, settings.control), {})
        shared = sorted(set(seeds) & set(control))
        if arm == settings.control or not shared or score not in seeds[shared[0]]["curve"][-1]["scores"]:
            continue
        finals = [_final(control[seed])[score] for seed in shared]
        named = [(level, "named", [level] * len(shared)) for level in settings.levels]
        for level, of, levels in [(_mean(finals), "the control's final score, by seed", finals), *named]:
            pairs = [
                (
                    tokens_to(control[seed]["curve"], score, wanted, sign),
                    tokens_to(seeds[seed]["curve"], score, wanted, sign),
                )
                for seed, wanted in zip(shared, levels, strict=True)
            ]
            ratio = factor(pairs, float(budget), settings.confidence, _first_point(control, seeds))
            found.append(Needs("tokens", size, arm, score, level, of, ratio, ratio.words()))
    return found


def _first_point(*arms: Mapping[int, CellResult]) -> float:
    """Tokens before which nothing was measured."""
    return max(float(found["curve"][0]["tokens"]) for seeds in arms for found in seeds.values())


def _parameters(experiment: Experiment, grouped: Grouped) -> list[Needs]:
    """Parameters of the control's largest model over those with which an arm has its score, by seed."""
    settings = experiment.settings
    found: list[Needs] = []
    score = settings.primary.score
    sign = -1 if score in experiment.builder.lower else 1
    sizes = {size: next(iter(seeds.values()))["parameters"] for (size, _), seeds in grouped.items()}
    of_control = [size for size in sizes if (size, settings.control) in grouped]
    if len(sizes) < 2 or not of_control:
        return found
    largest = max(of_control, key=lambda size: sizes[size])
    control = grouped[largest, settings.control]
    for arm in settings.arms:
        by_size = {size: grouped[size, arm] for size in sizes if (size, arm) in grouped}
        shared = sorted(set(control).intersection(*by_size.values())) if by_size else []
        if arm == settings.control or not shared:
            continue
        needs: list[tuple[float | None, float | None]] = []
        at_most = False
        for seed in shared:
            level = _final(control[seed])[score]
            kind, needed = parameters_to(
                [(sizes[size], _final(seeds[seed])[score]) for size, seeds in by_size.items()], level, sign
            )
            at_most = at_most or kind == "<"
            needs.append((float(sizes[largest]), None if kind == ">" else needed))
        ratio = factor(needs, float(max(sizes[size] for size in by_size)), settings.confidence)
        if at_most:
            # The smallest model has the score already: smaller ones might too, so the ratio is at least this.
            kind = ">" if ratio.kind == "=" else "?"
            ratio = Factor(kind, ratio.mean, ratio.low, None, ratio.count, ratio.censored)
        level = _mean([_final(control[seed])[score] for seed in shared])
        of = f"the control's final score at {sizes[largest]:,} parameters"
        found.append(Needs("parameters", largest, arm, score, level, of, ratio, ratio.words()))
    return found


def _compute(experiment: Experiment, grouped: Grouped) -> list[dict[str, Any]]:
    """For each arm: the control's score with the floating-point operations that the arm took, generation included.

    Training takes 6 per parameter and token. Where those are more than the control's budget, its score is not known.
    """
    settings, lines = experiment.settings, []
    score = settings.primary.score
    for (size, arm), seeds in grouped.items():
        control = grouped.get((size, settings.control), {})
        shared = sorted(set(seeds) & set(control))
        if arm == settings.control or not shared:
            continue
        parameters = next(iter(seeds.values()))["parameters"]
        spent = float(settings.generation.get(arm, 0))
        total = 6.0 * parameters * settings.budget + spent
        tokens = total / (6.0 * parameters)
        lines.append(
            {
                "size": size,
                "arm": arm,
                "operations": total,
                "of_which_generation": spent,
                "arm_score": _mean([_final(seeds[seed])[score] for seed in shared]),
                "control_tokens": tokens,
                "control_score": _mean([_final(control[seed])[score] for seed in shared])
                if tokens <= settings.budget * 1.001
                else None,
                "seeds": len(shared),
            }
        )
    return lines
