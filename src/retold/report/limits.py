"""What a data set is known to lack, from what its recipe did and did not do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from retold.core.licence import stated
from retold.report.explain import caution, percent

CHECKS = {
    "language": "No language was asked for: documents may be in any.",
    "pii": "Personal data was not looked for.",
    "unsafe": "Unsafe words were not looked for.",
    "minhash": "Near duplicates were not looked for.",
    "decontaminate": "It was not compared with any evaluation set: scores on public benchmarks may be contaminated.",
}
"""Steps of `curate` whose absence a user should know of."""
ENGLISH = (
    "Some checks of retellings know English alone (denials, contraries, exchanged words, answers, talk about the "
    "task): in other languages they see nothing. Rule-made styles write their headings and questions in English."
)


def limits(sheet: Mapping[str, Any], done: Collection[str]) -> Iterator[str]:
    """A sentence for each; `done` are the stages of the recipe and its entries under `curate`."""
    made = sum(count for kind, count in sheet["kinds"].items() if kind != "source")
    total = sum(sheet["kinds"].values())
    if not sheet["finished"]:
        yield "The run is not finished, or the recipe was changed since: figures are of what is there."
    if made:
        yield (
            f"{percent(made / total)} of it was made by models or rules from its sources. Accepted means that programs "
            "found no fault (numbers, names, support, copying, form); it does not mean that every sentence is true."
        )
    if made and "verify" in done and sheet["languages"] != ["en"]:
        yield ENGLISH
    warning = caution(tuple(model["identity"] for model in sheet["models"]))
    if warning:
        yield warning
    unknown = sum(count for licence, count in sheet["licences"].items() if not stated(licence))
    if unknown:
        yield f"For {percent(unknown / max(total, 1))} of it no licence is stated by its source."
    if made and any(not model["licence"] for model in sheet["models"]):
        yield (
            "The terms of the model that made retellings are not declared (`licence` of the engine); they apply beside "
            "those of the sources."
        )
    for step, words in CHECKS.items():
        if step not in done:
            yield words
