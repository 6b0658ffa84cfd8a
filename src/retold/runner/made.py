"""Which stage wrote the files beside the store, so that files of another recipe are never taken for this one's.

Rows carry the fingerprint of their stage; a tokenizer or a folder of shards cannot. `made.json` says it for them: a
path is recorded after its stage has finished and forgotten before a stage that writes it begins, so an interrupted
stage, a changed recipe and a deleted file all lead to the same: the stage is run again. Where the store is in object
storage the record names it too, since several stores may have one local folder for their files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

RECORD = "made.json"


def made_by(folder: Path, files: Sequence[str], fingerprint: str) -> bool:
    """True when all these files are there and the stage with this fingerprint wrote them."""
    record = _load(folder)
    return all(record.get(name) == fingerprint and (folder / name).exists() for name in files)


def forget(folder: Path, files: Sequence[str]) -> None:
    """Before a stage writes: whoever made them, it no longer counts."""
    record = _load(folder)
    left = {name: value for name, value in record.items() if name not in files}
    if left != record:
        _save(folder, left)


def remember(folder: Path, files: Sequence[str], fingerprint: str) -> None:
    """After a stage has finished: these files are its own."""
    if files:
        _save(folder, {**_load(folder), **dict.fromkeys(files, fingerprint)})


def _load(folder: Path) -> dict[str, str]:
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _save(folder: Path, record: dict[str, str]) -> None:
    fresh = folder / f"{RECORD}.new"
    fresh.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", "utf-8")
    fresh.replace(folder / RECORD)
