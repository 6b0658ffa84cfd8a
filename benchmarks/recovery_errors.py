"""Which injected errors a trained model recovers from: by kind of error and by the step that it stands in.

    python benchmarks/recovery_errors.py docs/experiments/recovery/experiment.yaml fix_masked quarter

In: an experiment of the builder `recovery`, an arm and a size of which cells have been trained (`retold measure`), here
or in the folder that the file names. Out: a table; for each kind and place the injected errors, the share noticed at
once, the share recovered from, and the share of the same questions answered rightly without an error. 300 held-out
questions of each seed, greedy answers, on one core about a second a seed.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from retold.measure import experiment, score
from retold.measure.builders.recovery import ANSWER, CAP, Recovery, held_out
from retold.measure.experiment import Cell, Experiment
from retold.measure.vocabulary import Vocabulary
from retold.reflect.item import Item
from retold.reflect.wording import PLAIN_NOTICES

ASKED = 300


def questions(builder: Recovery, seed: int) -> list[Item]:
    """Held-out items with an error, from the same stream that the experiment asks from, and twice as far."""
    found: list[Item] = []
    for item in builder._items("error_then_fix", seed + 1_000_003, 40 * ASKED, 0):
        if held_out(item.prompt):
            found.append(item)
        if len(found) == ASKED:
            break
    return found


def answered(text: str, item: Item) -> bool:
    """Whether the last line is the right answer."""
    return text.rstrip("\n").rpartition("\n")[2] == ANSWER + item.answer


def outcomes(chosen: Experiment, cell: Cell) -> list[tuple[Item, bool, bool, bool]]:
    """(item, noticed at once, recovered, right without the error) of one trained model."""
    from transformers import LlamaForCausalLM

    folder = chosen.folder / "cells" / cell.name
    model: Any = LlamaForCausalLM.from_pretrained(folder).eval()
    vocabulary = Vocabulary((folder / "tokenizer.json").read_bytes())
    assert isinstance(chosen.builder, Recovery), "an experiment of the builder recovery"
    items = questions(chosen.builder, cell.seed)
    injected = score.generate(model, vocabulary, [item.injected for item in items], CAP)
    clean = score.generate(model, vocabulary, [item.prompt for item in items], CAP)
    return [
        (item, text.startswith(PLAIN_NOTICES), answered(text, item), answered(plain, item))
        for item, (text, _), (plain, _) in zip(items, injected, clean, strict=True)
    ]


def main(path: str, arm: str, size: str) -> None:
    """Print the table over all seeds that have been trained."""
    chosen = experiment.load(Path(path))
    rows: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    cells = [cell for cell in chosen.cells() if (cell.arm, cell.size) == (arm, size)]
    trained = [cell for cell in cells if (chosen.folder / "cells" / f"{cell.name}.json").exists()]
    for cell in trained:
        for item, *outcome in outcomes(chosen, cell):
            step = item.text[len(item.prompt) : item.masked[0].start].count("\n") + 1
            for name in ("all", item.slip, f"step {step} of {len(item.steps) - 1}"):
                rows[name].append((outcome[0], outcome[1], outcome[2]))
    print(f"{len(trained)} models\n{'':16}{'errors':>8}{'noticed':>10}{'recovered':>11}{'clean':>8}")
    for name, found in sorted(rows.items()):
        noticed, recovered, clean = (sum(column) / len(found) for column in zip(*found, strict=True))
        print(f"{name:16}{len(found):8}{noticed:10.3f}{recovered:11.3f}{clean:8.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
