"""How many retellings of the embedded model are accepted, and how many of those are wholly true.

    python benchmarks/audit.py make FOLDER                     retell passages of three kinds of source, in two sets
    python benchmarks/audit.py draw FOLDER                     choose which are read
    python benchmarks/audit.py read FOLDER --round 1           print them blind, in the order of this round
    python benchmarks/audit.py judge FOLDER JUDGED --round 1   take in the judgements: lines of an item and y or n
    python benchmarks/audit.py score                           figures of docs/experiments/audit, with floors

`make` runs one recipe for each way of decoding, with the shipped styles and the shipped checks, and goes on where it
was stopped. Sources are passages of Debian's documentation and of Wikipedia (`../shared/data`), and of the Python that
runs it. Limits and prompts were chosen while looking at the set `known`; `fresh` has other documents. `draw` takes
accepted and refused retellings evenly over styles and ways of decoding; both rounds show source and retelling only,
each in an order of its own. Judged true is a retelling whose every statement the source supports: one wrong clause, one
answer that does not answer, one invented word makes it untrue; so does what cannot be understood.
"""

from __future__ import annotations

import argparse
import html
import json
import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from audit_score import judged, report
from decontaminate_data import SUPPORT, debian, wikipedia

import retold
from retold.core.fingerprint import digest
from retold.read.python_docs import topics
from retold.rephrase.chunk import chunk
from retold.text.sentences import flat
from retold.text.words import words

ROOT = Path(__file__).resolve().parents[1]
DATA = SUPPORT.parents[1].parent / "shared" / "data"
KEPT = ROOT / "docs" / "experiments" / "audit"
STYLES = ("reword", "plain", "key_facts", "faq", "tutorial", "summary", "facts_whole.md")
METHODS: dict[str, dict[str, Any]] = {
    "plain": {},
    "grounded": {"decoding": "grounded"},
    "best of 3": {"decoding": "grounded", "attempts": 3},
    "best of 4": {"decoding": "grounded", "attempts": 4},
}
SETS = {"known": (0, 7), "fresh": (7, 5)}
"""First passage of each kind of source, and how many."""
TOKENS, LEAST_WORDS = 160, 55
READ = {"accepted": 130, "refused": 100}
ODD = frozenset("{}[]|<>=\\^*#")


def cleaned(text: str) -> str:
    """Prose of a page of Wikipedia: no templates, tables, notes and lists."""
    for _ in range(4):
        text = re.sub(r"\{\{[^{}]*\}\}|\{\|[^{]*?\|\}", "", text, flags=re.DOTALL)
    text = html.unescape(re.sub(r"&lt;ref.*?(?:/&gt;|/ref&gt;)|&lt;.*?&gt;", "", text, flags=re.DOTALL))
    lines = []
    for line in text.split("\n"):
        heading = line.strip("= ") if line.startswith("==") else ""
        if heading or not (line[:1] in "|{}*:#;![" or line.startswith(("File:", "Image:", "Category:"))):
            lines.append(heading or line)
    return "\n\n".join(lines)


def passages(kind: str, documents: Iterable[tuple[str, str]], first: int, number: int) -> list[dict[str, str]]:
    """Passages of plain prose, at most one of a document, drawn by digest; those before `first` are left out."""
    found = []
    for name, text in documents:
        for piece in chunk(text, name if kind == "wikipedia" else "", TOKENS, LEAST_WORDS).pieces:
            said = flat(text[piece.start : piece.end])
            whole = said[0].isupper() and said[-1] in ".!?" and sum(sign in ODD for sign in said) <= 2
            if whole and "http" not in said and len(words(said)) >= LEAST_WORDS:
                key = digest("audit", kind, name)
                found.append({"key": key, "text": said, "title": piece.heading, "document": name})
                break
    return sorted(found, key=lambda row: row["key"])[first : first + number]


def make(folder: Path, which: str, only: str, most: int | None) -> None:
    """Sources, recipes and runs. What is there already is kept."""
    first, number = SETS[which]
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "python.jsonl").exists():
        kinds: dict[str, Iterable[tuple[str, str]]] = {
            "debian": (pair for pair in debian(DATA) if not pair[0].startswith("python")),
            "wikipedia": ((title, cleaned(text)) for title, text in wikipedia(DATA)),
            "python": topics().items(),
        }
        for kind, documents in kinds.items():
            rows = passages(kind, documents, first, number)
            (folder / f"{kind}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for method, settings in METHODS.items():
        if only not in ("", method):
            continue
        name = method.replace(" ", "_")
        styles = [str(KEPT / style) if style.endswith(".md") else style for style in STYLES]
        sources = {
            kind: {"read": "jsonl", "paths": [f"{kind}.jsonl"]} for kind in ("debian", "wikipedia", "python")
        }  # fmt: skip
        recipe = {
            "name": name,
            "sources": sources,
            "curate": ["normalize"],
            "engines": {"small": {"embedded": {"slots": 1, "threads": 1}}},
            "rephrase": {
                "engine": "small",
                "styles": styles,
                "per_document": len(styles),
                "passage": {"tokens": 300, "min_words": 30},
                **({"until": {"retellings": most}} if most else {}),
                **settings,
            },
        }
        path = folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
        print(method, flush=True)
        retold.run(path)


def outputs(folder: Path, which: str) -> Iterator[dict[str, Any]]:
    """Every retelling of a set with its source, its arm and its verdict."""
    for method in METHODS:
        path = folder / f"{method.replace(' ', '_')}.yaml"
        if not (folder / "out" / path.stem).exists():
            continue
        session = retold.open(folder / "out" / path.stem)
        sources = {row["document_id"]: row for row in session.scan("documents").to_dicts() if row["kind"] == "source"}
        dropped = {row["subject"]: row["reason"] for row in session.scan("verdicts").to_dicts() if not row["keep"]}
        for row in session.scan("documents").to_dicts():
            if row["kind"] != "retelling":
                continue
            source = sources[row["parents"][0]]
            yield {
                "item": digest("audit item", row["document_id"])[:12],
                "set": which,
                "kind": row["source"],
                "passage": source["document_id"][:12],
                "style": row["style"],
                "method": method,
                "reason": dropped.get(row["document_id"], ""),
                "heading": row["title"],
                "source": source["text"],
                "text": row["text"],
            }


def draw(folder: Path) -> None:
    """The items to read, evenly over styles and methods, and the shares accepted of all that was made."""
    made = [row for which in SETS for row in outputs(folder / which, which)]
    arms: dict[str, list[int]] = {}
    for row in made:
        counts = arms.setdefault(f"{row['set']} | {row['style']} | {row['method']}", [0, 0])
        counts[0] += 1
        counts[1] += not row["reason"]
    chosen = [row for kind, most in READ.items() for row in _evenly(made, kind == "accepted", most)]
    KEPT.mkdir(parents=True, exist_ok=True)
    (folder / "drawn.json").write_text(json.dumps(chosen), encoding="utf-8")
    reasons: dict[str, int] = {}
    for row in made:
        reasons[row["reason"] or "accepted"] = reasons.get(row["reason"] or "accepted", 0) + 1
    (KEPT / "made.json").write_text(
        json.dumps({"arms": arms, "reasons": dict(sorted(reasons.items()))}, indent=1) + "\n", encoding="utf-8"
    )
    for arm, (all_of_it, accepted) in sorted(arms.items()):
        print(f"{arm:40} {accepted:3} of {all_of_it:3}")
    print(f"{len(made)} made, {len(chosen)} to read, {sum(not row['reason'] for row in chosen)} of them accepted")


def _evenly(made: list[dict[str, Any]], accepted: bool, most: int) -> list[dict[str, Any]]:
    """Texts from every arm in turn, each once; a text that several arms made is judged for all of them."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    arms: dict[str, list[list[str]]] = {}
    for row in sorted(made, key=lambda row: digest("audit draw", row["item"])):
        if (row["reason"] == "") == accepted:
            arm = (row["set"], row["style"], row["method"])
            groups.setdefault(arm, []).append(row)
            arms.setdefault(row["source"] + row["text"], []).append(list(arm))
    taken: dict[str, dict[str, Any]] = {}
    while len(taken) < most and any(groups.values()):
        for name in sorted(groups):
            while groups[name] and groups[name][0]["source"] + groups[name][0]["text"] in taken:
                groups[name].pop(0)
            if groups[name] and len(taken) < most:
                row = groups[name].pop(0)
                key = row["source"] + row["text"]
                taken[key] = {**row, "arms": arms[key]}
    return list(taken.values())


def read(folder: Path, number: int, first: int, last: int) -> None:
    """Print items of a round: source and retelling."""
    rows = json.loads((folder / "drawn.json").read_text(encoding="utf-8"))
    random.Random(f"audit round {number}").shuffle(rows)
    for place, row in enumerate(rows[first:last], first):
        print(f"--- {place} {row['item']} [{row['heading']}]\n{row['source']}\n>>>\n{row['text']}")


def judge(folder: Path, number: int, path: Path) -> None:
    """Put the judgements of a round beside what is known of the items."""
    rows = {row["item"]: row for row in json.loads((folder / "drawn.json").read_text(encoding="utf-8"))}
    said = dict(line.split()[:2] for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    unknown = said.keys() - rows.keys()
    if unknown or not set(said.values()) <= {"y", "n"}:
        raise SystemExit(f"not items, or neither y nor n: {sorted(unknown)[:5]} {set(said.values())}")
    kept = {row["item"]: row for row in judged(KEPT)}
    for item, answer in said.items():
        row = rows[item]
        told = {name: row[name] for name in ("item", "arms", "kind", "passage", "reason", "text")}
        kept[item] = {**kept.get(item, told), f"true_{number}": answer == "y"}
    lines = (json.dumps(kept[item], ensure_ascii=False) + "\n" for item in sorted(kept))
    (KEPT / "judgements.jsonl").write_text("".join(lines), encoding="utf-8")
    print(f"{len(said)} judgements of round {number}")


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("what", choices=("make", "draw", "read", "judge", "score"), nargs="?", default="score")
    reader.add_argument("folder", type=Path, nargs="?", default=Path("audit"))
    reader.add_argument("file", type=Path, nargs="?", help="judgements of a round")
    reader.add_argument("--set", default="", choices=("", *SETS), dest="which", help="only this set")
    reader.add_argument("--method", default="", choices=("", *METHODS), help="only this way of decoding")
    reader.add_argument("--retellings", type=int, help="only the first so many of the plan")
    reader.add_argument("--round", type=int, default=1, choices=(1, 2))
    reader.add_argument("--from", type=int, default=0, dest="first")
    reader.add_argument("--to", type=int, default=sys.maxsize, dest="last")
    arguments = reader.parse_args()
    if arguments.what == "make":
        for which in SETS:
            if arguments.which in ("", which):
                make(arguments.folder.absolute() / which, which, arguments.method, arguments.retellings)
    elif arguments.what == "draw":
        draw(arguments.folder)
    elif arguments.what == "read":
        read(arguments.folder, arguments.round, arguments.first, arguments.last)
    elif arguments.what == "judge":
        judge(arguments.folder, arguments.round, arguments.file)
    else:
        return report(KEPT)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
