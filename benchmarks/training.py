"""Tokens per second of the training loop beside a bare PyTorch loop of the same model, at 1, 5 and 15 M.

The two take turns in short stretches, one right after the other, and the floor is on the median of the ratios of
pairs: at least 0.95. Ours draws rows from a stream of texts, keeps the digest of losses and watches the clock for its
next checkpoint; the bare loop has its rows ready. Ends by itself in some minutes.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from retold.measure import experiment, model, train
from retold.measure.experiment import Cell, Experiment
from retold.measure.stream import IGNORED
from retold.measure.vocabulary import Vocabulary
from support import floor, record, table

SIZES = {
    "1M": {"layers": 4, "width": 144, "heads": 4},
    "5M": {"layers": 6, "width": 264, "heads": 6},
    "15M": {"layers": 8, "width": 400, "heads": 10},
}
BATCH, LENGTH, THREADS = 8, 128, 2
SECONDS = 70
"""For each size."""
PAIRS = 7
WORLD = {
    "name": "training",
    "question": "How fast is the training loop?",
    "builder": "knowledge",
    "arms": {"one": {"forms": 1}, "eight": {"forms": 8}},
    "control": "one",
    "primary": {"arm": "eight", "score": "held_out", "size": "1M"},
    "sizes": SIZES,
    "budget": "1B",
    "every": "1B",
    "training": {"batch": BATCH, "length": LENGTH, "threads": THREADS, "save_every": 3600.0},
}


def ours(chosen: Experiment, cell: Cell, vocabulary: Vocabulary) -> Callable[[int], None]:
    """`steps` of the product's loop, as `retold measure` runs it."""
    built = model.build(chosen.size(cell), vocabulary.size, LENGTH, 1)
    run = train.Run(chosen, cell, built, train.optimizer(built, chosen.settings.training), vocabulary)
    progress = train.Progress()
    run.tasks = []

    def go(steps: int) -> None:
        run.to_budget(progress, (progress.steps + steps) * BATCH * LENGTH, lambda: None, lambda _: None)

    return go


def bare(chosen: Experiment, cell: Cell, vocabulary: Vocabulary) -> Callable[[int], None]:
    """The same model and optimiser in the loop that anyone would write."""
    import torch
    from torch.nn import functional

    built = model.build(chosen.size(cell), vocabulary.size, LENGTH, 1)
    adam = torch.optim.AdamW(built.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    rows = torch.randint(1, vocabulary.size, (BATCH, LENGTH), generator=torch.Generator().manual_seed(1))
    labels = torch.cat([rows[:, 1:], torch.full((BATCH, 1), IGNORED)], 1)

    def go(steps: int) -> None:
        built.train()
        for _ in range(steps):
            logits = built(input_ids=rows).logits
            loss = functional.cross_entropy(logits.view(-1, logits.shape[-1]), labels.view(-1), ignore_index=IGNORED)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(built.parameters(), 1.0)
            adam.step()
            adam.zero_grad(set_to_none=True)

    return go


def timed(go: Callable[[int], None], steps: int) -> float:
    begin = time.perf_counter()
    go(steps)
    return time.perf_counter() - begin


def measured(chosen: Experiment, size: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """Tokens per second of both, and the ratios of pairs."""
    cell = Cell(size, 1, "eight")
    one, other = ours(chosen, cell, vocabulary), bare(chosen, cell, vocabulary)
    warm = max(timed(one, 2), timed(other, 2)) / 2
    steps = max(1, round(SECONDS / (2 * PAIRS * warm)))
    ratios, mine, theirs = [], [], []
    for pair in range(PAIRS):
        order = (one, other) if pair % 2 else (other, one)
        taken = {go: timed(go, steps) for go in order}
        ratios.append(taken[other] / taken[one])
        mine.append(steps * BATCH * LENGTH / taken[one])
        theirs.append(steps * BATCH * LENGTH / taken[other])
    parameters = model.parameters(model.build(chosen.size(cell), vocabulary.size, LENGTH, 1))
    print(f"{size}: {statistics.median(mine):,.0f} tokens/s, bare {statistics.median(theirs):,.0f}", flush=True)
    return {
        "parameters": parameters,
        "tokens_per_second": round(statistics.median(mine)),
        "bare": round(statistics.median(theirs)),
        "ratio": statistics.median(ratios),
        "ratios": [round(ratio, 3) for ratio in ratios],
    }


def main() -> int:
    from importlib.metadata import version

    import torch

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "experiment.yaml"
        path.write_text(yaml.safe_dump(WORLD), "utf-8")
        chosen = experiment.load(path)
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    vocabulary = Vocabulary(chosen.builder.tokenizer(1))
    figures = {size: measured(chosen, size, vocabulary) for size in SIZES}
    head = ["size", "parameters", "tokens/s", "bare loop", "median ratio of pairs"]
    rows = [
        [size, f"{found['parameters']:,}", found["tokens_per_second"], found["bare"], f"{found['ratio']:.3f}"]
        for size, found in figures.items()
    ]
    print(table(head, rows))
    floors = [
        floor(f"{size}: tokens/s over a bare loop's", found["ratio"], at_least=0.95) for size, found in figures.items()
    ]
    settings = {"batch": BATCH, "length": LENGTH, "threads": THREADS, "pairs": PAIRS}
    versions = {name: version(name) for name in ("torch", "transformers")}
    return record("training", figures, floors, settings=settings, versions=versions)


if __name__ == "__main__":
    sys.exit(main())
