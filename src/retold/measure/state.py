"""A training run on disk: weights, optimiser and position in one file, which is there as a whole or not at all.

The format is safetensors (no code in it, unlike pickles); numbers about the run are JSON in its header. Written beside
its place and renamed, so a kill at any moment leaves the last whole state. The same bits come back: a resumed run
continues with the losses that it would have had.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from retold.pack.files import space_checked

_MOMENTS = ("exp_avg", "exp_avg_sq", "step")


def save(path: Path, model: Any, optimizer: Any, progress: dict[str, Any]) -> None:
    """Write the state. Raises DiskFull."""
    from safetensors.torch import save_file

    tensors = {f"model.{name}": value.detach().cpu().contiguous() for name, value in model.named_parameters()}
    names = {id(value): name for name, value in model.named_parameters()}
    for weights, moments in optimizer.state.items():
        for kind in _MOMENTS:
            tensors[f"{kind}.{names[id(weights)]}"] = moments[kind].detach().cpu().contiguous()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    with space_checked(path.parent):
        save_file(tensors, str(fresh), metadata={"progress": json.dumps(progress)})
        fresh.replace(path)


def load(path: Path, model: Any, optimizer: Any, fingerprint: str) -> dict[str, Any] | None:
    """Put a saved state into model and optimiser, and give back its numbers; None where there is none of this cell.

    One of a cell that has changed since (another size, for one) is not looked at: its weights may have another shape.
    """
    if not path.exists():
        return None
    import torch
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as file:
        progress: dict[str, Any] = json.loads(file.metadata()["progress"])
        if progress.pop("fingerprint") != fingerprint:
            return None
        held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
    with torch.no_grad():
        for name, weights in model.named_parameters():
            weights.copy_(held[f"model.{name}"])
            if f"step.{name}" in held:
                optimizer.state[weights] = {
                    kind: held[f"{kind}.{name}"].to(weights.device if kind != "step" else "cpu") for kind in _MOMENTS
                }
    return progress
