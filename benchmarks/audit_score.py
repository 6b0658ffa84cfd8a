"""The figures of the audit: shares accepted, shares true, and how far two readings agree.

In: `made.json` (all that was made, by style) and `judgements.jsonl` (what two judges read). Out: a report,
`benchmarks/results/audit.json`, and whether the floors hold. An item counts as true where both found it so; the shares
of each judge alone, and where either did, are told beside. Intervals of shares true are of a bootstrap over passages,
since retellings of one passage stand or fall together; those of shares accepted are Wilson's.
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
TRUE, GOOD, WIDE = 2 / 3, 0.9, 0.3


def judged(folder: Path) -> list[Row]:
    """The items that were read."""
    path = folder / "judgements.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def judgements(path: Path) -> dict[int, bool]:
    """What one judge said, by number. Raises SystemExit for a line that is neither a number with y or n nor empty."""
    said: dict[int, bool] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        pieces = line.replace(":", " ").replace(".", " ").split()
        if not pieces or line.lstrip().startswith("#"):
            continue
        if len(pieces) < 2 or not pieces[0].isdigit() or pieces[1][0].lower() not in "yn":
            raise SystemExit(f"{path}: no judgement in {line!r}")
        said[int(pieces[0])] = pieces[1][0].lower() == "y"
    return said


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
    if not (folder / "made.json").exists():
        raise SystemExit(f"{folder} holds no judgements yet: make, sheet, keep")
    made = json.loads((folder / "made.json").read_text(encoding="utf-8"))
    rows = [row for row in judged(folder) if "true_1" in row and "true_2" in row]
    accepted = [row for row in rows if not row["reason"]]
    refused = [row for row in rows if row["reason"]]
    arms: list[list[object]] = []
    wide, good = 0, 0
    for style, (asked, kept) in made["arms"].items():
        low, high = wilson(kept, asked)
        mine = [row for row in accepted if row["style"] == style]
        arms.append([style, asked, kept, f"{kept / asked:.0%}", f"{low:.0%} to {high:.0%}", *line("", mine)[1:]])
        wide += kept >= WIDE * asked
        good += kept >= WIDE * asked and len(mine) > 0 and share_true(mine) >= GOOD
    head = ("style", "asked", "accepted", "share", "95 %", "read", "true", "share", "95 %, by passage")
    print(table(head, arms), "\n")
    groups = [line("accepted", accepted), line("refused", refused)]
    for value in sorted({row["kind"] for row in accepted}):
        groups.append(line(f"accepted, {value}", [row for row in accepted if row["kind"] == value]))
    print(table(("read", "items", "true", "share", "95 %, by passage"), groups), "\n")
    agreed, same = kappa(rows), sum(row["true_1"] == row["true_2"] for row in rows)
    alone = [sum(row[name] for row in accepted) / max(1, len(accepted)) for name in ("true_1", "true_2")]
    either = sum(row["true_1"] or row["true_2"] for row in accepted) / max(1, len(accepted))
    print(f"{len(rows)} judged twice; the judges agree on {same}: kappa {agreed:.2f}")
    print(f"accepted and true by the first {alone[0]:.0%}, by the second {alone[1]:.0%}, by either {either:.0%}")
    low, high = interval(accepted, share_true)
    figures = {
        "made": sum(asked for asked, _ in made["arms"].values()),
        "read": len(rows),
        "agreement": round(same / len(rows), 3),
        "kappa": round(agreed, 3),
        "accepted_true": [round(share_true(accepted), 3), round(low, 3), round(high, 3)],
        "accepted_true_by_each": [round(share, 3) for share in alone],
        "refused_true": round(share_true(refused), 3),
        "arms": {str(arm[0]): arm[1:] for arm in arms},
        "styles_with_30_percent_accepted": wide,
        "of_them_9_in_10_true": good,
        "reasons": made["reasons"],
    }
    floors = [floor("accepted retellings that are wholly true", share_true(accepted), at_least=TRUE)]
    return record("audit", figures, floors, settings={"judgements": "judgements.jsonl"})
