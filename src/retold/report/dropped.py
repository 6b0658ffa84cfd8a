"""What was dropped for a reason: a few examples, chosen by the digests of their ids.

Records have no text in the store, so their key and address are shown; documents and retellings are shown by their
first lines, a duplicate beside the document that was kept. Resident: the ids of the examples and one count per reason.
"""

from __future__ import annotations

import difflib
from bisect import insort
from collections import Counter
from typing import Any

from rich.console import Console
from rich.text import Text

from retold.core.errors import RetoldError
from retold.core.fingerprint import digest
from retold.report.explain import explain, named
from retold.report.lines import ID_SHOWN, labelled
from retold.report.rows import Rows
from retold.report.safe import cut, line
from retold.store import Store, StoreView

TEXT_SHOWN = 240
REASONS_LISTED = 12
CLUSTERS_SHOWN = 3


def show_dropped(view: StoreView, reason: str, console: Console, limit: int) -> None:
    """Print up to `limit` examples dropped for `reason` (a code, or its words). Raises RetoldError for an unknown."""
    rows = Rows(view, Store(view.root))
    reason = "_".join(reason.lower().split())
    chosen, counts = _choose(rows, reason, limit)
    if reason not in counts:
        raise _unknown(reason, Counter({why: sum(by.values()) for why, by in counts.items()}))
    for stage, count in sorted(counts[reason].items()):
        head = Text.assemble((line(named(reason)), "bold"), f": {explain(reason, stage)}")
        console.print(head, Text(f"{count:,} dropped by {stage}{_largest(rows, stage)}", style="dim"), sep="\n")
    found = {row["subject"]: row for row in rows.named("verdicts", "subject", chosen) if row["reason"] == reason}
    twins = {(row["stage"], row["document_id"]): row for row in rows.named("clusters", "document_id", chosen)}
    named_too = {*chosen, *(row["kept"] for row in twins.values())}
    documents = {row["document_id"]: row for row in rows.named("documents", "document_id", named_too)}
    records = {row["record_id"]: row for row in rows.named("records", "record_id", chosen)}
    for name in chosen:
        facts = [("because", Text(line(found[name]["detail"])))] if found[name]["detail"] else []
        if name in documents:
            title, style = documents[name]["title"], documents[name]["style"]
            facts.append(("style" if style else "title", Text(line(style or title))))
            facts.append(("text", Text(cut(line(documents[name]["text"]), TEXT_SHOWN))))
            facts += _twin(twins.get((found[name]["stage"], name)), documents)
        elif name in records:
            facts.append(("record", Text(f"{line(records[name]['key'])}, {line(records[name]['uri'])}")))
        console.print(Text.assemble("\n", (name[:ID_SHOWN], "bold"), f"  {found[name]['kind']}"))
        console.print(labelled(facts, indent=2))
    if chosen:
        console.print(Text(f"\nnext      retold show {chosen[0][:ID_SHOWN]}"))


def _twin(member: dict[str, Any] | None, documents: dict[str, dict[str, Any]]) -> list[tuple[str, Text]]:
    """The document that was kept in the place of a dropped one, where it is another."""
    if member is None or member["kept"] not in documents or member["kept"] == member["document_id"]:
        return []
    kept = documents[member["kept"]]
    words = f"{member['kept'][:ID_SHOWN]}, similarity {member['similarity']:.2f}, one of {member['size']:,} documents"
    return [("kept", Text(words)), ("its text", Text(cut(line(kept["text"]), TEXT_SHOWN)))]


def _largest(rows: Rows, stage: str) -> str:
    """The largest clusters of a stage that compares documents: a giant one is worth a look."""
    sizes: dict[str, int] = {}
    for batch in rows.view.read("clusters", stages=[stage], columns=["cluster", "size"]):
        sizes.update(zip(batch["cluster"].to_pylist(), batch["size"].to_pylist(), strict=True))
        sizes = dict(sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:CLUSTERS_SHOWN])
    return f"; largest clusters: {', '.join(f'{size:,}' for size in sizes.values())} documents" if sizes else ""


def _choose(rows: Rows, reason: str, limit: int) -> tuple[list[str], dict[str, Counter[str]]]:
    """(ids of examples, how many were dropped by reason and stage)."""
    counts: dict[str, Counter[str]] = {}
    examples: list[tuple[str, str]] = []
    for part in rows.view.parts():
        columns = ["stage", "subject", "keep", "reason"]
        for label, subject, keeps, why in rows.part("verdicts", part.name, columns):
            if keeps:
                continue
            counts.setdefault(why, Counter())[rows.name_of[label]] += 1
            if why == reason:
                insort(examples, (digest("sample", subject), subject))
                del examples[limit:]
    return [name for _, name in examples], counts


def counts_line(rows: Rows) -> str:
    """How many were dropped for which reasons, most frequent first; "" where nothing was."""
    often = Counter({why: sum(by.values()) for why, by in _choose(rows, "", 0)[1].items()})
    return ", ".join(f"{why} ({count:,})" for why, count in often.most_common(REASONS_LISTED))


def _unknown(reason: str, often: Counter[str]) -> RetoldError:
    if not often:
        return RetoldError(f"nothing was dropped for {reason!r}: nothing was dropped at all", "run the recipe first")
    near = [why for why in often if reason in why] or difflib.get_close_matches(reason, list(often), n=1, cutoff=0.5)
    listed = ", ".join(f"{why} ({count:,})" for why, count in often.most_common(REASONS_LISTED))
    hint = f"did you mean {near[0]}? " if near else ""
    return RetoldError(f"nothing was dropped for {reason!r}", f"{hint}there are: {listed}")
