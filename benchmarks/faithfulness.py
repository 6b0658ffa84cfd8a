"""Roads to telling supported from unsupported texts, each with its figure: SummEdits by document, HaluEval by overlap.

SummEdits (four domains) is parted by document into tune and held (`retold.verify.labelled.halves`). Every road is a set
of signals fitted by `retold.verify.calibrate`: on tune by cross-validation over documents; on held by the fit to all of
tune. `shipped` is the calibration in the package. An ablation leaves one check
out. HaluEval's 1,000 pairs of answers (knowledge and question, right and hallucinated) are parted into strata of equal
word overlap with the knowledge, in tenths, and AUROC is the mean over pairs of the same stratum, so that copying earns
nothing. Intervals: 95 % over resampled documents. `python benchmarks/faithfulness.py [--held]`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retold.verify.calibrate import (
    Array,
    Figure,
    Flags,
    auroc,
    balanced_accuracy,
    cross_validated,
    fit,
    interval,
    measured,
    readings,
    risks,
)
from retold.verify.check import Reading
from retold.verify.checks import CHECKS, measure
from retold.verify.combination import NEWEST, load
from retold.verify.judge import Limits, judge
from retold.verify.labelled import Pair, halves, read
from retold.verify.source import SourceText
from support import floor, record, table

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "faithfulness"
DOMAINS = ("news", "podcast", "sales_email", "scitldr")
Terms = tuple[tuple[str, Reading], ...]
SHIPPED: Terms = tuple(term for check in CHECKS for term in check.terms)
ROADS: dict[str, Terms] = {
    "words found (support)": (("support", "lack"),),
    "numbers": SHIPPED[:2],
    "numbers, names": SHIPPED[:3],
    "numbers, names, denials": SHIPPED[:4],
    "numbers, names, denials, contrasts": SHIPPED[:5],
    "all that is shipped": SHIPPED,
    "shipped, lost denials": (*SHIPPED, ("lost_negations", "count")),
    "shipped, exchanges": (*SHIPPED, ("exchanged", "count")),
    "shipped, copied": (*SHIPPED, ("copied", "count"), ("longest_copy", "count")),
    "shipped, words and weakest sentence": (*SHIPPED, ("support", "lack"), ("weakest_sentence", "lack")),
    "shipped, statements": (*SHIPPED, ("unsupported_statements", "count")),
}


def halved(side: int) -> list[Pair]:
    """Pairs of one side, all domains."""
    return [p for name in DOMAINS for p in halves(read(DATA / "summedits" / f"summedits_{name}.json.gz"))[side]]


def figures_of(risk: Array, unsupported: Flags, documents: Sequence[str]) -> tuple[Figure, Figure]:
    """(AUROC, balanced accuracy)."""
    return interval(auroc, risk, unsupported, documents), interval(balanced_accuracy, risk, unsupported, documents)


def strata(risk: Array, unsupported: Flags, overlap: Array) -> float:
    """AUROC within tenths of overlap, weighted by the pairs that can be compared in each."""
    total = weight = 0.0
    for tenth in np.unique(np.floor(overlap * 10)):
        inside = np.floor(overlap * 10) == tenth
        pairs = float(unsupported[inside].sum() * (~unsupported[inside]).sum())
        if pairs:
            total += pairs * auroc(risk[inside], unsupported[inside])
            weight += pairs
    return total / weight


def halueval() -> dict[str, float]:
    """AUROC of the shipped risk and of plain overlap on HaluEval QA, over all and within strata."""
    import orjson

    pairs = []
    for name in ("qa_one-turn_data.json", "qa_multi-turn_data.json"):
        for line in (DATA / "halueval" / name).read_bytes().splitlines():
            row = orjson.loads(line)
            source = f"{row['knowledge']}\n\n{row.get('question', '')}"
            for field, supported in (("right_answer", True), ("hallucinated_answer", False)):
                if field in row:
                    pairs.append(Pair(source, str(row[field]), supported, source))
    signals = measured(pairs, CHECKS)
    combination = load(NEWEST)
    risk = np.array([combination.risk(values) for values in signals])
    overlap = np.array([values["support"] for values in signals])
    unsupported = np.array([not pair.supported for pair in pairs])
    return {
        "pairs": len(pairs),
        "risk, all": auroc(risk, unsupported),
        "risk, within strata": strata(risk, unsupported, overlap),
        "lack of overlap, all": auroc(1 - overlap, unsupported),
        "lack of overlap, within strata": strata(1 - overlap, unsupported, overlap),
    }


def refused_answers() -> dict[str, int]:
    """Of HaluEval's answers, as question and answer: how many the check of answers refuses, and it alone."""
    import orjson

    found = {"right": 0, "hallucinated": 0, "right, alone": 0, "hallucinated, alone": 0}
    limits = Limits(repeated=(1.0,) * 6, compression=0.0, other_language=1.0, repeated_lines=1.0)
    others = limits.model_copy(update={"answers": 1_000})
    for name in ("qa_one-turn_data.json", "qa_multi-turn_data.json"):
        for line in (DATA / "halueval" / name).read_bytes().splitlines():
            row = orjson.loads(line)
            source = SourceText(row["knowledge"], (row.get("question", ""),))
            for field, kind in (("right_answer", "right"), ("hallucinated_answer", "hallucinated")):
                values, _ = measure(source, f"Q: {row.get('question', '')}\nA: {row[field]}")
                refused = values["unsupported_answers"] > 0
                found[kind] += refused
                found[f"{kind}, alone"] += refused and not judge(values, others)
    return found


def main(held: bool) -> int:
    tune = halved(0)
    signals, unsupported = measured(tune, CHECKS), np.array([not pair.supported for pair in tune])
    documents = [pair.document for pair in tune]
    found: dict[str, object] = {}
    rows = []
    for name, terms in ROADS.items():
        evidence = readings(signals, terms)
        area, accuracy = figures_of(cross_validated(evidence, unsupported, documents), unsupported, documents)
        rows.append((name, str(area), str(accuracy)))
        found[name] = [round(area.value, 4), round(accuracy.value, 4)]
    print(table(["road, tune (cross-validated)", "AUROC", "balanced accuracy"], rows))
    whole = auroc(cross_validated(readings(signals, SHIPPED), unsupported, documents), unsupported)
    for check in (check for check in CHECKS if check.terms):
        left = readings(signals, [term for term in SHIPPED if term not in check.terms])
        gain = whole - auroc(cross_validated(left, unsupported, documents), unsupported)
        print(f"without {check.name}: {-gain:+.3f} AUROC")
        found[f"gain of {check.name}"] = round(gain, 4)
    floors = []
    if held:
        floors += on_held(signals, unsupported, found)
    answers = halueval()
    print("HaluEval QA: " + ", ".join(f"{name} {value:.3f}" for name, value in answers.items()))
    refused = refused_answers()
    print("answers refused: " + ", ".join(f"{name} {value}" for name, value in refused.items()))
    floors.append(floor("right answers refused, HaluEval QA", refused["right"], at_most=10))
    found["answers refused"] = refused
    found["halueval"] = {name: round(value, 4) for name, value in answers.items()}
    floors.append(floor("AUROC within strata of overlap, HaluEval QA", answers["risk, within strata"], at_least=0.62))
    return record("faithfulness", found, floors, settings={"held": held})


def on_held(signals: list[dict[str, float]], unsupported: Flags, found: dict[str, object]) -> list[dict[str, object]]:
    """Figures on the held half: roads fitted to all of tune, and the calibration as shipped."""
    pairs = halved(1)
    theirs, truth = measured(pairs, CHECKS), np.array([not pair.supported for pair in pairs])
    documents = [pair.document for pair in pairs]
    rows = []
    for name, terms in ROADS.items():
        risk = risks(readings(theirs, terms), *fit(readings(signals, terms), unsupported))
        area, accuracy = figures_of(risk, truth, documents)
        rows.append((name, str(area), str(accuracy)))
    combination = load(NEWEST)
    area, accuracy = figures_of(np.array([combination.risk(values) for values in theirs]), truth, documents)
    rows.append(("as shipped", str(area), str(accuracy)))
    print(table(["road, held", "AUROC", "balanced accuracy"], rows))
    found["held"] = {"auroc": [area.value, area.low, area.high], "balanced accuracy": accuracy.value}
    return [
        floor("AUROC on held", area.value, at_least=0.67),
        floor("lower bound of it, above word overlap", area.low, at_least=0.475),
        floor("balanced accuracy on held", accuracy.value, at_least=0.66),
    ]


if __name__ == "__main__":
    raise SystemExit(main("--held" in sys.argv))
