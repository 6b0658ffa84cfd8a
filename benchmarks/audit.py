"""How many retellings of the embedded model are accepted, and how many of those are wholly true.

    python benchmarks/audit.py make FOLDER              retell passages of three kinds; goes on where it stopped
    python benchmarks/audit.py sheet FOLDER OUT         sheets to judge, blind: OUT/sheet-*.txt, and OUT/key.jsonl
    python benchmarks/audit.py keep OUT JUDGED JUDGED   take in two files of judgements (a line: number, y or n)
    python benchmarks/audit.py labelled FILE            what both audits judged, as pairs for `retold verify calibrate`
    python benchmarks/audit.py score                    figures of docs/experiments/audit, with floors

`make` runs one recipe for each style (few-shot prompts stay in the engine's cache), with the shipped styles and checks.
Sources are passages of Debian's documentation and of Wikipedia (`../shared/data`), and of the Python that runs it; the
documents that the first audit or its trials used are left out. `sheet` takes accepted retellings evenly over styles,
fills up with refused ones (but for those that are the source itself or nothing), and shuffles; an item is a source
passage and one output, and nothing tells which is which. Judged true is an output whose every statement the source
supports: one wrong clause, one answer that does not answer, one invented word makes it untrue; so does what cannot be
understood.
"""

from __future__ import annotations

import argparse
import html
import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from audit_score import judged, judgements, report, true
from decontaminate_data import SUPPORT, debian, wikipedia

import retold
from retold.core.document import document_id
from retold.core.fingerprint import digest
from retold.read.python_docs import topics
from retold.rephrase.chunk import chunk
from retold.text.sentences import flat
from retold.text.words import words

ROOT = Path(__file__).resolve().parents[1]
DATA = SUPPORT.parents[1].parent / "shared" / "data"
KEPT = ROOT / "docs" / "experiments" / "audit"
STYLES: dict[str, dict[str, Any]] = {
    "table": {},
    "faq": {},
    "qa_append": {},
    "key_facts": {"attempts": 2},
    "reword": {"until": {"retellings": 60}},
}
"""Styles, and what their recipes say beside."""
USED, NUMBER = 24, 30
"""Documents of each kind that the first audit or its trials may have used, and passages of each kind at most."""
TOKENS, LEAST_WORDS = 200, 70
USED_TOKENS, USED_WORDS = 160, 55
"""Passages of the first audit: they decide which documents it could use."""
ITEMS, ON_A_SHEET, MOST_ACCEPTED = 200, 25, 120
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


def passages(kind: str, documents: Iterable[tuple[str, str]], tokens: int, least: int) -> list[dict[str, str]]:
    """Passages of plain prose, at most one of a document, in an order drawn by digest."""
    found = []
    for name, text in documents:
        for piece in chunk(text, name if kind == "wikipedia" else "", tokens, least).pieces:
            said = flat(text[piece.start : piece.end])
            whole = said[0].isupper() and said[-1] in ".!?" and sum(sign in ODD for sign in said) <= 2
            if whole and "http" not in said and len(words(said)) >= least:
                key = digest("audit", kind, name)
                found.append({"key": key, "text": said, "title": piece.heading, "document": name})
                break
    return sorted(found, key=lambda row: row["key"])


def unused(kind: str, documents: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Passages of documents that the first audit did not use."""
    kept = list(documents)
    used = {row["document"] for row in passages(kind, kept, USED_TOKENS, USED_WORDS)[:USED]}
    return [row for row in passages(kind, kept, TOKENS, LEAST_WORDS) if row["document"] not in used][:NUMBER]


def kinds() -> dict[str, Iterable[tuple[str, str]]]:
    """The documents of each kind of source: name and text."""
    return {
        "debian": (pair for pair in debian(DATA) if not pair[0].startswith("python")),
        "wikipedia": ((title, cleaned(text)) for title, text in wikipedia(DATA)),
        "python": topics().items(),
    }


def labelled(path: Path) -> None:
    """Write what was judged, with its source, as JSON lines; a text is supported where both judges found it true."""
    sources = {}
    for kind, documents in kinds().items():
        kept = list(documents)
        for row in (*passages(kind, kept, USED_TOKENS, USED_WORDS)[:USED], *unused(kind, kept)):
            sources[document_id("source", (), row["text"])[:12]] = row["text"]
    rows = [row for folder in (KEPT / "first", KEPT) for row in judged(folder) if row["passage"] in sources]
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            told = {"source": sources[row["passage"]], "text": row["text"], "document": row["passage"]}
            file.write(json.dumps({**told, "supported": true(row)}, ensure_ascii=False) + "\n")
    print(f"{len(rows)} pairs of {len({row['passage'] for row in rows})} passages")


def make(folder: Path, only: str) -> None:
    """Sources, recipes and runs. What is there already is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "python.jsonl").exists():
        for kind, documents in kinds().items():
            rows = unused(kind, documents)
            (folder / f"{kind}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for style, settings in STYLES.items():
        if only not in ("", style):
            continue
        sources = {
            kind: {"read": "jsonl", "paths": [f"{kind}.jsonl"]} for kind in ("debian", "wikipedia", "python")
        }  # fmt: skip
        recipe = {
            "name": style,
            "sources": sources,
            "curate": ["normalize"],
            "engines": {"small": {"embedded": {"slots": 1, "threads": 1}}},
            "rephrase": {
                "engine": "small",
                "styles": [style],
                "passage": {"tokens": 300, "min_words": 30},
                **settings,
            },
        }
        path = folder / f"{style}.yaml"
        path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
        print(style, flush=True)
        retold.run(path)


def outputs(folder: Path) -> Iterator[dict[str, Any]]:
    """Every retelling with its source and its verdict."""
    for style in STYLES:
        if not (folder / "out" / style).exists():
            continue
        session = retold.open(folder / "out" / style)
        sources = {row["document_id"]: row for row in session.scan("documents").to_dicts() if row["kind"] == "source"}
        dropped = {row["subject"]: row["reason"] for row in session.scan("verdicts").to_dicts() if not row["keep"]}
        for row in session.scan("documents").to_dicts():
            if row["kind"] != "retelling":
                continue
            source = sources[row["parents"][0]]
            yield {
                "item": digest("audit item", row["document_id"])[:12],
                "kind": row["source"],
                "passage": source["document_id"][:12],
                "style": style,
                "reason": dropped.get(row["document_id"], ""),
                "heading": row["title"],
                "source": source["text"],
                "text": row["text"],
            }


def sheet(folder: Path, out: Path) -> None:
    """Write what is to be judged, in pieces, and apart from it what is known of each item."""
    made = list(outputs(folder))
    accepted = _evenly([row for row in made if not row["reason"]], MOST_ACCEPTED)
    readable = [row for row in made if row["reason"] and row["text"].split() not in ([], row["source"].split())]
    chosen = accepted + _evenly(readable, ITEMS - len(accepted))
    random.Random("audit sheet").shuffle(chosen)
    out.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(chosen), ON_A_SHEET):
        items = [
            f"=== {number}\nSOURCE ({row['heading']}):\n{row['source']}\n\nOUTPUT:\n{row['text']}\n"
            for number, row in enumerate(chosen[first : first + ON_A_SHEET], first + 1)
        ]
        path = out / f"sheet-{first // ON_A_SHEET + 1:02}.txt"
        path.write_text("\n".join(items), encoding="utf-8")
    told = ("item", "kind", "passage", "style", "reason", "text")
    keys = ({"number": number, **{name: row[name] for name in told}} for number, row in enumerate(chosen, 1))
    (out / "key.jsonl").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in keys), encoding="utf-8"
    )
    arms = {style: [0, 0] for style in STYLES}
    reasons: dict[str, int] = {}
    for row in made:
        arms[row["style"]][0] += 1
        arms[row["style"]][1] += not row["reason"]
        reasons[row["reason"] or "accepted"] = reasons.get(row["reason"] or "accepted", 0) + 1
    (out / "made.json").write_text(
        json.dumps({"arms": arms, "reasons": dict(sorted(reasons.items()))}, indent=1) + "\n", encoding="utf-8"
    )
    for style, (all_of_it, kept) in arms.items():
        print(f"{style:12} {kept:3} of {all_of_it:3} accepted")
    print(f"{len(made)} made, {len(chosen)} on sheets, {len(accepted)} of them accepted")


def _evenly(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """Rows of every style in turn, in an order drawn by digest."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: digest("audit draw", row["item"])):
        groups.setdefault(row["style"], []).append(row)
    taken: list[dict[str, Any]] = []
    while len(taken) < most and any(groups.values()):
        for name in sorted(groups):
            if groups[name] and len(taken) < most:
                taken.append(groups[name].pop(0))
    return taken


def keep(out: Path, one: Path, two: Path) -> None:
    """Put two judgements of every item into the repository, beside what is known of it."""
    rows = [json.loads(line) for line in (out / "key.jsonl").read_text(encoding="utf-8").splitlines()]
    said = [judgements(path) for path in (one, two)]
    for path, answers in zip((one, two), said, strict=True):
        missing = {row["number"] for row in rows} - answers.keys()
        if missing:
            print(f"{path}: {len(missing)} items are not judged: {sorted(missing)[:10]}")
    lines = []
    for row in rows:
        number = row.pop("number")
        if all(number in answers for answers in said):
            row |= {f"true_{place}": answers[number] for place, answers in enumerate(said, 1)}
            lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    (KEPT / "judgements.jsonl").write_text("".join(lines), encoding="utf-8")
    (KEPT / "made.json").write_text((out / "made.json").read_text(encoding="utf-8"), encoding="utf-8")
    print(f"{len(lines)} items, judged twice")


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("what", choices=("make", "sheet", "keep", "labelled", "score"), nargs="?", default="score")
    reader.add_argument(
        "folder", type=Path, nargs="?", default=Path("audit"), help="of runs, of the key; labelled: file"
    )
    reader.add_argument("files", type=Path, nargs="*", help="sheet: where to; keep: two files of judgements")
    reader.add_argument("--style", default="", choices=("", *STYLES), help="only this style")
    arguments = reader.parse_args()
    if arguments.what == "make":
        make(arguments.folder.absolute(), arguments.style)
    elif arguments.what == "sheet":
        sheet(arguments.folder, arguments.files[0] if arguments.files else arguments.folder / "sheets")
    elif arguments.what == "keep":
        keep(arguments.folder, *arguments.files)
    elif arguments.what == "labelled":
        labelled(arguments.folder)
    else:
        return report(KEPT)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
