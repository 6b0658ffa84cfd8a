"""From a store to a story: count everything once, then read the few rows that are shown.

In: the view of the end of the chain (names of all stages with their labels, any may be absent) and the store (for the
table `runs` and for rows by id). Out: `Story`. One pass over each table
per part, plus a few by ids for the samples: 8,750 retellings of 1,750 passages take 1.6 s on one core.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from retold.report.explain import explain
from retold.report.rows import Rows
from retold.report.samples import choose, explain_one, fetch
from retold.report.story import (
    Drop,
    FunnelStep,
    Goal,
    Making,
    Packed,
    Requests,
    RunStory,
    Story,
    StyleStory,
    Tokens,
    rate,
    spread,
)
from retold.report.tally import ASK, PARSE, RULES, SOURCE, VERIFY, StyleTally, Tally, key, tally
from retold.store import Store, StoreView

BIN_WIDTHS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
BINS = 24
RUNS_SHOWN = 20
UNITS = {
    RULES: "with something to say",
    ASK: "made",
    PARSE: "in the form asked for",
    VERIFY: "supported by their source",
}
"""Stages that make or judge retellings, with what is left after them."""

__all__ = ["Story", "gather"]


def gather(view: StoreView, store: Store, recipe: str = "") -> Story:
    """All that a report says about the recipe whose stages `view` names. Raises StoreError for a broken store."""
    rows = Rows(view, store)
    total = tally(rows)
    order = sorted(total.styles, key=lambda name: (total.styles[name].made_by != "model", name))
    styles = {name: total.styles[name] for name in order}
    runs = store.rows("runs")
    words_in: Counter[int] = sum((counts.words_in for counts in styles.values()), Counter())
    words_out: Counter[int] = sum((counts.words_out for counts in styles.values()), Counter())
    width = bin_width(words_in, words_out)
    return Story(
        funnel=_funnel(rows, total),
        retold=_retold(rows, total),
        passages=total.passages,
        requests=Requests(total.requests, total.answered, total.cut_off, total.failed),
        goal=_goal(rows, total),
        styles=tuple(_style(name, counts) for name, counts in styles.items()),
        words_in=spread(words_in, width, width * (BINS - 1)),
        words_out=spread(words_out, width, width * (BINS - 1)),
        tokens=_tokens(total, runs),
        packed=_packed(rows, total),
        samples=tuple(fetch(rows, [name for counts in styles.values() for name in choose(counts)])),
        explained=explain_one(rows, styles),
        making=_making(rows, total, runs, recipe),
    )


def drops_of(counts: Mapping[tuple[str, str], int]) -> tuple[Drop, ...]:
    """Counters by (stage, reason) as drops, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Drop(stage, reason, explain(reason, stage), often) for (stage, reason), often in ordered if often)


def _funnel(rows: Rows, total: Tally) -> tuple[FunnelStep, ...]:
    """Records, then those left with a document after each stage that judges records or sources, then passages."""
    steps = [FunnelStep("read", "records", total.records)]
    before = 0
    for stage in rows.stages:
        drops = {verdict: often for verdict, often in total.drops.items() if verdict[0] == stage}
        if drops or total.kept[stage] != before:
            steps.append(FunnelStep(stage, "documents", total.kept[stage], drops_of(drops)))
        before = total.kept[stage]
    if "passages" in rows.stages:
        steps.append(FunnelStep("passages", "passages", total.passages))
    return tuple(steps)


def _retold(rows: Rows, total: Tally) -> tuple[FunnelStep, ...]:
    """Retellings asked for, and those left after each stage that makes or judges them; the last one's are accepted."""
    counts = list(total.styles.values())
    left = sum(style.asked for style in counts)
    if not left:
        return ()
    steps = [FunnelStep("plan", "retellings asked for", left)]
    refused: Counter[tuple[str, str]] = sum((style.refused for style in counts), Counter())
    missing = {ASK: ("failed", "The engine gave no answer.", sum(style.failed for style in counts))}
    stages = [stage for stage in rows.stages if stage in UNITS]
    if stages:
        waiting = sum(style.waiting for style in counts)
        missing[stages[-1]] = ("waiting", "Not answered or not judged yet: run again to go on.", waiting)
    for stage in stages:
        drops = drops_of({verdict: often for verdict, often in refused.items() if verdict[0] == stage})
        reason, explanation, often = missing.get(stage, ("", "", 0))
        drops += (Drop(stage, reason, explanation, often),) if often else ()
        left -= sum(drop.count for drop in drops)
        if drops or stage == stages[-1]:
            unit = "accepted" if stage == stages[-1] else UNITS[stage]
            steps.append(FunnelStep(stage, unit, left, drops))
    return tuple(steps)


def _goal(rows: Rows, total: Tally) -> Goal | None:
    """Where a target ended the asking."""
    for found in rows.view.read("cuts"):
        for row in found.to_pylist():
            planned = sum(item.num_rows for item in rows.view.read("requests", columns=["request_id"]))
            return Goal(row["met"], row["end"], planned, row["tokens"], row["cost"], total.overrun)
    return None


def _style(name: str, counts: StyleTally) -> StyleStory:
    refused = sum(counts.refused.values())
    return StyleStory(
        style=name,
        made_by=counts.made_by,
        asked=counts.asked,
        accepted=counts.accepted,
        refused=refused,
        failed=counts.failed,
        waiting=counts.waiting,
        drops=drops_of(counts.refused),
        rate=rate(counts.accepted, counts.accepted + refused),
        words_in=spread(counts.words_in),
        words_out=spread(counts.words_out),
        accepted_tokens=counts.tokens,
    )


def bin_width(*counters: Mapping[int, int]) -> int:
    """Words per bin of the histograms: the smallest round number with which 98 of 100 texts fit into BINS bins."""
    values = sorted((value, often) for counts in counters for value, often in counts.items())
    enough, seen = 0.98 * sum(often for _, often in values), 0
    for value, often in values:
        seen += often
        if seen >= enough:
            return next((width for width in BIN_WIDTHS if width * (BINS - 1) > value), BIN_WIDTHS[-1])
    return BIN_WIDTHS[0]


def _tokens(total: Tally, runs: Iterable[Mapping[str, Any]]) -> Tokens:
    asks = [item for run in runs for item in stage_reports(run) if item.get("kind") == "ask"]
    seconds = sum(float(item.get("seconds", 0)) for item in asks)
    generated = sum(int(item.get("tokens", 0)) for item in asks)
    return Tokens(
        total.prompt_tokens,
        total.cached_tokens,
        total.completion_tokens,
        generated,
        round(seconds, 3),
        round(generated / seconds, 3) if seconds else 0.0,
        sum(style.tokens for style in total.styles.values()),
    )


def stage_reports(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a run says it did, stage by stage; nothing where the row cannot be read."""
    try:
        found = json.loads(run["report"])
    except ValueError:
        return []
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _packed(rows: Rows, total: Tally) -> Packed | None:
    """Sizes of the packed rows, and whose tokens they hold."""
    if "pack" not in rows.stages:
        return None
    count = tokens = slots = 0
    seen: set[bytes] = set()
    mix: Counter[str] = Counter()
    for batch in rows.view.read("packed", stages=["pack"], columns=["loss_mask", "documents"]):
        count += batch.num_rows
        tokens += pc.sum(pc.cast(pc.list_flatten(batch["loss_mask"]), pa.int64())).as_py() or 0
        slots += pc.sum(pc.list_value_length(batch["loss_mask"])).as_py() or 0
        ranges = pc.list_flatten(batch["documents"])
        starts, ends = (ranges.field(name).to_pylist() for name in ("token_start", "token_end"))
        for name, start, end in zip(ranges.field("document_id").to_pylist(), starts, ends, strict=True):
            document = key(name)
            seen.add(document)
            mix[total.labels[total.label_of.get(document, 0)]] += end - start
    if not count:
        return None
    ordered = sorted(mix.items(), key=lambda item: (item[0] != SOURCE, -item[1], item[0]))
    retold = sum(mix.values()) - mix[SOURCE]
    share = tokens / slots if slots else 0.0
    return Packed(count, tokens, slots, share, len(seen), mix[SOURCE], retold, tuple(ordered))


def _making(rows: Rows, total: Tally, runs: list[dict[str, Any]], recipe: str) -> Making:
    ordered = sorted(runs, key=lambda run: (run["started"], run["run_id"]))
    named = [run["recipe"] for run in ordered if run["recipe"]]
    try:
        installed = version("retold")
    except PackageNotFoundError:
        installed = ""
    return Making(
        recipe or (named[-1] if named else rows.view.folder.name),
        installed,
        tuple(sorted(total.engines)),
        tuple(item for item in rows.view.stages.items() if "/" not in item[0]),
        tuple(RunStory(run["started"], run["seconds"], run["outcome"]) for run in ordered[-RUNS_SHOWN:]),
    )
