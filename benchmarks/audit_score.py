"""The figures of the audit: shares accepted, shares true, and how far two readings agree.

In: `made.json` (all that was made, by set, style and way of decoding) and `judgements.jsonl` (what was read twice).
Out: a report, `benchmarks/results/audit.json`, and whether the floors hold. An item counts as true where both readings
found it so; the same text made in several ways is read once and counts in each. Intervals of shares true are of a
bootstrap over passages, since retellings of one passage stand or fall together; those of shares accepted are Wilson's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from prompt_forms import wilson

from support import floor, record, table

Row = dict[str, Any]
DRAWS = 2_000
TRUE = 2 / 3


def judged(folder: Path) -> list[Row]:
    """The items that were read."""
    path = folder / "judgements.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def true(row: Row) -> bool:
    """Both readings found it wholly true."""
    return bool(row["true_1"] and row["true_2"])


def kappa(rows: Sequence[Row]) -> float:
    """Agreement of the two readings beyond chance (J. Cohen, 1960); 1 where there is nothing to disagree on."""
    same = sum(row["true_1"] == row["true_2"] for row in rows) / len(rows)
    one, two = (sum(row[name] for row in rows) / len(rows) for name in ("true_1", "true_2"))
    chance = one * two + (1 - one) * (1 - two)
    return 1.0 if chance == 1 else (same - chance) / (1 - chance)


def interval(rows: Sequence[Row], share: Callable[[Sequence[Row]], float]) -> tuple[float, float]:
    """The 95 % interval of a figure by drawing passages with replacement."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["passage"], []).append(row)
    names, chance = sorted(groups), random.Random(7)
    found = []
    for _ in range(DRAWS):
        drawn = [row for name in chance.choices(names, k=len(names)) for row in groups[name]]
        found.append(share(drawn))
    found.sort()
    return found[int(0.025 * DRAWS)], found[int(0.975 * DRAWS) - 1]


def share_true(rows: Sequence[Row]) -> float:
    return sum(map(true, rows)) / max(1, len(rows))


def line(name: str, rows: Sequence[Row]) -> list[object]:
    """A row of the table of what was read."""
    if not rows:
        return [name, 0, 0, "", ""]
    low, high = interval(rows, share_true)
    return [name, len(rows), sum(map(true, rows)), f"{share_true(rows):.0%}", f"{low:.0%} to {high:.0%}"]


def report(folder: Path) -> int:
    """Print the figures and write the result file."""
    made = json.loads((folder / "made.json").read_text(encoding="utf-8"))
    rows = [row for row in judged(folder) if "true_1" in row and "true_2" in row]
    accepted = [row for row in rows if not row["reason"]]
    refused = [row for row in rows if row["reason"]]
    arms = []
    good = 0
    for arm, (asked, kept) in sorted(made["arms"].items()):
        low, high = wilson(kept, asked)
        which, style, method = name = arm.split(" | ")
        mine = [row for row in accepted if name in row["arms"]]
        arms.append(
            [which, style, method, asked, kept, f"{kept / asked:.0%}", f"{low:.0%} to {high:.0%}", *line("", mine)[1:]]
        )
        good += which == "fresh" and kept >= 0.3 * asked and len(mine) > 0 and share_true(mine) >= 0.9
    head = ("set", "style", "decoding", "asked", "accepted", "share", "95 %", "read", "true", "share", "95 %")
    print(table(head, arms), "\n")
    groups = [line("accepted", accepted), line("refused", refused)]
    for value in sorted({part for row in accepted for arm in row["arms"] for part in arm}):
        groups.append(line(f"accepted, {value}", [row for row in accepted if any(value in arm for arm in row["arms"])]))
    for value in sorted({row["kind"] for row in accepted}):
        groups.append(line(f"accepted, {value}", [row for row in accepted if row["kind"] == value]))
    print(table(("read", "items", "true", "share", "95 %, by passage"), groups), "\n")
    agreed, same = kappa(rows), sum(row["true_1"] == row["true_2"] for row in rows)
    print(f"{len(rows)} read twice; the readings agree on {same}: kappa {agreed:.2f}")
    low, high = interval(accepted, share_true)
    figures = {
        "made": sum(asked for asked, _ in made["arms"].values()),
        "read": len(rows),
        "kappa": round(agreed, 3),
        "accepted_true": [round(share_true(accepted), 3), round(low, 3), round(high, 3)],
        "refused_true": round(share_true(refused), 3),
        "arms": {" | ".join(map(str, arm[:3])): arm[3:] for arm in arms},
        "arms_with_30_percent_accepted_and_9_in_10_true": good,
        "reasons": made["reasons"],
    }
    floors = [floor("accepted retellings that are wholly true", share_true(accepted), at_least=TRUE)]
    return record("audit", figures, floors, settings={"judgements": "judgements.jsonl"})
