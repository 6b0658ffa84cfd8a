"""Trains one cell: a model on one arm's rows until the budget of tokens is seen, scored along the way.

In: an experiment and a cell. Out: the cell's `Outcome` (curve, scores by item, digest of all losses) and a checkpoint
folder. The loop is the plain one of PyTorch (`benchmarks/training.py` compares them); what it adds is a state on disk
every `save_every` seconds, from which a killed run goes on with the same bits. On the CPU equal cells give equal losses
for the same number of threads; on a GPU deterministic kernels are asked for.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from retold.core.fingerprint import digest
from retold.measure import model as models
from retold.measure import score, state
from retold.measure.builder import Builder, Task
from retold.measure.experiment import Cell, Experiment
from retold.measure.settings import Training
from retold.measure.stream import IGNORED, Position, Stream
from retold.measure.vocabulary import Vocabulary

BETAS = (0.9, 0.95)
CLIP = 1.0
SMOOTH = 0.1

Items = Mapping[str, list[float]]


@dataclass
class Point:
    """A point of the curve: tokens seen, smoothed training loss, means of scores."""

    tokens: int
    loss: float
    scores: dict[str, float]


@dataclass
class Progress:
    """What a running cell knows; written into its state."""

    tokens: int = 0
    steps: int = 0
    loss: float = math.nan
    losses: str = ""
    """Digest chain over the exact bits of every step's loss: equal runs have equal ones."""
    seconds: float = 0.0
    number: int = 0
    used: int = 0
    curve: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """A finished cell."""

    parameters: int
    progress: Progress
    items: Items


Watch = Callable[[Progress], None]


def rate_at(training: Training, step: int, steps: int) -> float:
    """Learning rate of a step, counted from 0."""
    rise = min(1.0, (step + 1) / training.warmup) if training.warmup else 1.0
    if training.schedule == "constant":
        return training.rate * rise
    after = max(0.0, (step - training.warmup) / max(1, steps - training.warmup))
    return training.rate * rise * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(1.0, after))))


def optimizer(model: Any, training: Training) -> Any:
    """AdamW; norms and other vectors are not decayed."""
    import torch

    matrices = [weights for weights in model.parameters() if weights.dim() > 1]
    vectors = [weights for weights in model.parameters() if weights.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": training.decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=training.rate, betas=BETAS, fused=True)


def weight_seed(cell: Cell, draw: int = 0) -> int:
    """The seed of the first weights: one for all arms of a size and seed, but for a copy with its own luck."""
    return int(digest("weights", cell.size, cell.seed, draw)[:12], 16)


def train(experiment: Experiment, cell: Cell, folder: Path, watch: Watch) -> Outcome:
    """Train from where the cell was left to its budget; the checkpoint is in `folder`, its state beside."""
    models.require()
    settings, training = experiment.settings, experiment.settings.training
    _prepare(training)
    vocabulary = Vocabulary(experiment.builder.tokenizer(cell.seed))
    model = models.build(
        experiment.size(cell), vocabulary.size, training.length, weight_seed(cell, experiment.builder.draw(cell.arm))
    )
    model.to(models.device())
    adam = optimizer(model, training)
    path = folder.with_name(folder.name + ".state")
    fingerprint = experiment.fingerprint(cell)
    progress = Progress(**(state.load(path, model, adam, fingerprint) or {}))
    run = Run(experiment, cell, model, adam, vocabulary)

    def keep() -> None:
        state.save(path, model, adam, {**vars(progress), "fingerprint": fingerprint})

    run.to_budget(progress, settings.budget, keep, watch)
    items = battery(model, vocabulary, experiment.builder, experiment.builder.tasks(cell.seed), curve=False)
    models.save(model, vocabulary, folder)
    path.unlink(missing_ok=True)
    return Outcome(models.parameters(model), progress, items)


def _prepare(training: Training) -> None:
    import torch

    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(training.threads)
    torch.use_deterministic_algorithms(True)


class Run:
    """The loop with what it needs."""

    def __init__(self, experiment: Experiment, cell: Cell, model: Any, adam: Any, vocabulary: Vocabulary) -> None:
        self.experiment, self.cell = experiment, cell
        self.model, self.adam, self.vocabulary = model, adam, vocabulary
        builder = experiment.builder
        self.tasks = [task for task in builder.tasks(cell.seed) if task.curve]

    def stream(self, progress: Progress) -> Stream:
        """The arm's rows from where the run is."""
        builder, cell = self.experiment.builder, self.cell
        position = Position(progress.number, progress.used)
        return Stream(lambda number: builder.texts(cell.arm, cell.seed, number), self.vocabulary, position)

    def to_budget(self, progress: Progress, budget: int, keep: Callable[[], None], watch: Watch) -> None:
        """Steps until the budget is seen; a point of the curve whenever `every` more tokens are."""
        training, every = self.experiment.settings.training, self.experiment.settings.every
        a_step = training.batch * training.length
        steps = -(-budget // a_step)
        stream, begun = self.stream(progress), time.monotonic() - progress.seconds
        saved = time.monotonic()
        self.model.train()
        while progress.steps < steps:
            self._step(stream, progress, rate_at(training, progress.steps, steps))
            progress.steps += 1
            crossed = (progress.tokens + a_step) // every > progress.tokens // every
            progress.tokens += a_step
            if crossed or progress.steps == steps:
                self._measure(progress)
            progress.seconds = time.monotonic() - begun
            if crossed:
                watch(progress)
            if time.monotonic() - saved >= training.save_every and progress.steps < steps:
                position = stream.position
                progress.number, progress.used = position.number, position.used
                keep()
                saved = time.monotonic()

    def _step(self, stream: Stream, progress: Progress, rate: float) -> None:
        import torch

        training = self.experiment.settings.training
        ids, labels = (torch.from_numpy(rows) for rows in stream.rows(training.batch, training.length))
        loss = take_step(self.model, self.adam, ids, labels, rate)
        progress.losses = blake2b(f"{progress.losses} {loss.hex()}".encode(), digest_size=16).hexdigest()
        progress.loss = loss if math.isnan(progress.loss) else progress.loss + SMOOTH * (loss - progress.loss)

    def _measure(self, progress: Progress) -> None:
        builder = self.experiment.builder
        items = battery(self.model, self.vocabulary, builder, self.tasks, curve=True)
        means = {name: math.fsum(values) / max(1, len(values)) for name, values in items.items()}
        progress.curve.append(vars(Point(progress.tokens, progress.loss, means)))


def take_step(model: Any, adam: Any, ids: Any, labels: Any, rate: float) -> float:
    """One step of training; the loss before it, in nats per token."""
    import torch
    from torch.nn import functional

    for group in adam.param_groups:
        group["lr"] = rate
    ids, labels = ids.to(model.device), labels.to(model.device)
    logits = model(input_ids=ids).logits
    loss = functional.cross_entropy(logits.view(-1, logits.shape[-1]).float(), labels.view(-1), ignore_index=IGNORED)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    adam.step()
    adam.zero_grad(set_to_none=True)
    return float(loss.detach())


def battery(model: Any, vocabulary: Vocabulary, builder: Builder, tasks: Any, *, curve: bool) -> dict[str, list[float]]:
    """Scores by item of tasks; those for the curve alone, or all."""
    model.eval()
    found: dict[str, list[float]] = {}
    for task in tasks:
        if task.curve or not curve:
            for name, values in _asked(model, vocabulary, builder, task).items():
                found.setdefault(name, []).extend(values)
    model.train()
    return found


def _asked(model: Any, vocabulary: Vocabulary, builder: Builder, task: Task) -> dict[str, list[float]]:
    if task.way == "exact":
        return {task.name: score.exact(model, vocabulary, task.questions)}
    if task.way == "cloze":
        return {task.name: score.cloze(model, vocabulary, task.questions)}
    prompts = [question.prompt for question in task.questions]
    if task.way == "bits":
        return {task.name: score.bits_per_byte(model, vocabulary, prompts, task.cap)}
    made = score.generate(model, vocabulary, prompts, task.cap)
    return {name: list(values) for name, values in builder.judge(task, made).items()}
