"""What benchmarks share: tables, result files, throw-away environments, and a store with requests to answer."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from retold.core.document import Passage, Request
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Part
from retold.engines import EngineSettings
from retold.rephrase.generate import Complete
from retold.rephrase.settings import RephraseSettings
from retold.runner.loops import Context, run_ask
from retold.runner.progress import Progress, Reporter, Silent
from retold.runner.stages import Stage
from retold.store import Store, Writer
from retold.styles.style import load
from retold.workers import InProcess

RESULTS = Path(__file__).parent / "results"
PLAN = "plan"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def floor(what: str, value: float, *, at_least: float | None = None, at_most: float | None = None) -> dict[str, Any]:
    """One line of `floors`."""
    bound = {"at_least": at_least} if at_least is not None else {"at_most": at_most}
    holds = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    return {"what": what, "value": round(value, 4), **bound, "holds": holds}


def record(
    name: str,
    figures: Mapping[str, Any],
    floors: Sequence[Mapping[str, Any]],
    *,
    settings: Mapping[str, Any],
    versions: Mapping[str, str] | None = None,
    write: bool = True,
) -> int:
    """Print the floors, write the result file, and return the exit code."""
    for line in floors:
        bound = f"at least {line['at_least']}" if "at_least" in line else f"at most {line['at_most']}"
        print(f"floor: {line['what']}: {line['value']} ({bound}) {'holds' if line['holds'] else 'DOES NOT HOLD'}")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    found = {
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "versions": {"retold": version("retold"), **(versions or {})},
        "commit": commit.stdout.strip(),
        "settings": dict(settings),
        "figures": figures,
        "floors": list(floors),
    }
    if write:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0 if all(line["holds"] for line in floors) else 1


@contextmanager
def environment(*packages: str) -> Iterator[Path]:
    """The Python of a throw-away environment with these packages."""
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder:
        print(f"installing {', '.join(packages)} into a throw-away environment", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        yield python


@dataclass(frozen=True)
class Asked:
    """A store with planned requests, and how to have them answered."""

    store: Store
    parts: tuple[Part, ...]
    stage: Stage

    def run(self, *, group_seconds: float = 10.0, reporter: Reporter | None = None) -> Progress:
        """Answer what has no answer yet."""
        context = Context(self.store, InProcess(), reporter or Silent(), self.parts, group_seconds)
        progress = Progress(self.stage.name, "ask", total=0)
        assert isinstance(self.stage.step, Complete)
        run_ask(self.stage, self.stage.step, context, progress)
        return progress


def planned(
    folder: Path,
    engine: Mapping[str, Any],
    documents: int,
    text: str,
    *,
    per_part: int = 50_000,
    style: str = "summary",
) -> Asked:
    """A store with one request for each of `documents` passages, whose text is `text` behind the passage's number."""
    store = Store.create(folder / "store")
    settings = RephraseSettings.model_validate({"engine": "e", "styles": [style]})
    step = Complete(settings, EngineSettings.model_validate(dict(engine)), {style: load(style)})
    parts = tuple(Part(f"part-{number:04d}", "made") for number in range(-(-documents // per_part)))
    writer = Writer(store, PLAN, vouched=("requests", "passages"))
    writer.claim([part.name for part in parts])
    for place, part in enumerate(parts):
        numbers = range(place * per_part, min(documents, (place + 1) * per_part))
        for start in range(numbers.start, numbers.stop, 10_000):
            chosen = range(start, min(start + 10_000, numbers.stop))
            writer.add(part.name, _rows(chosen, text, style))
            writer.flush()
    stage = Stage(step, digest("bench stage"), step.name, {PLAN: PLAN})
    return Asked(store, parts, stage)


def _rows(numbers: range, text: str, style: str) -> dict[str, Any]:
    passages, requests = [], []
    for number in numbers:
        name = digest("bench", number)
        passage = f"{number}. {text}"
        passages.append(Passage(name, name, 0, len(passage), "A heading", passage, len(passage) // 5))
        requests.append(Request(name, name, number, name, name, 0, len(passage), style, "1", "bench"))
    return {"passages": batch("passages", passages), "requests": batch("requests", requests)}
