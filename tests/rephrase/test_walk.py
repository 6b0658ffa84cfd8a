"""The whole room: from documents to retellings, with an engine that answers from a script."""

from __future__ import annotations

import asyncio
from pathlib import Path

from memory_view import MemoryView, nothing, run_fold, run_map
from retold.core.schema import batch
from retold.engines import EngineSettings
from retold.rephrase import REASONS, Complete, Parse, Passages, Plan, RephraseSettings, Rules
from retold.styles.reasons import REASONS as OF_STYLES
from retold.styles.style import load
from retold.verify import sentence_judge
from support.corpus_of_rephrase import HARBOUR, RAIN, corpus, source

SETTINGS = RephraseSettings.model_validate(
    {
        "engine": "small",
        "styles": {"tutorial": 2, "reword": 1, "summary": 1},
        "rules": "all",
        "per_document": 2,
        "passage": {"tokens": 120, "min_words": 30},
    }
)
STYLES = {name: load(name) for name in SETTINGS.styles}


async def answer_all(step: Complete, view: MemoryView, at_once: int) -> None:
    """Ask everything and commit what comes back, as it comes back."""
    waiting = asyncio.Semaphore(at_once)

    async with step.engine() as engine:

        async def ask(part, prompt) -> None:
            async with waiting:
                completion = await engine.complete(prompt)
            view.add(step.name, part, {"completions": batch("completions", [completion])})

        await asyncio.gather(*(ask(part, prompt) for part, prompt in step.prompts(view, nothing)))


def walk(folder: Path, parts, at_once: int = 4, **script) -> MemoryView:
    engine = EngineSettings.model_validate({"scripted": script})
    view = corpus(folder, parts)
    for step in (Passages(SETTINGS), Rules(SETTINGS, 7)):
        run_map(step, view)
    run_fold(Plan(SETTINGS, engine, STYLES, 7), view)
    asyncio.run(answer_all(Complete(SETTINGS, engine, STYLES), view, at_once))
    run_map(Parse(STYLES, sentence_judge), view)
    return view


def parts(copies: int = 3):
    many = [source(f"r{number}", f"Day {number}.\n\n{RAIN}", f"Rain {number}") for number in range(copies)]
    return {"harbour": [source("h", HARBOUR, "Lerwick")], "rain": many}


def rows(view: MemoryView, table: str) -> list[dict]:
    return sorted(view.table(table), key=lambda row: str(row))


def test_from_documents_to_retellings(tmp_path):
    view = walk(tmp_path, parts())
    retellings = [row for row in view.table("documents") if row["kind"] == "retelling"]
    requests = view.table("requests")
    dropped = {row["subject"]: row["reason"] for row in view.table("verdicts")}
    by_model = {row["document_id"] for row in retellings if row["made_by"] == "model"}
    assert by_model == {row["retelling_id"] for row in requests}
    assert {row["style"] for row in retellings if row["made_by"] == "model"} == set(STYLES)
    assert {row["made_by"] for row in retellings} == {"model", "rule"}
    sources = {row["document_id"] for row in view.table("documents") if row["kind"] == "source"}
    assert all(row["parents"] and set(row["parents"]) <= sources for row in retellings)
    assert set(dropped.values()) <= {*REASONS, *OF_STYLES}
    assert by_model - set(dropped)


def test_order_of_parts_documents_and_answers_decides_no_row(tmp_path):
    """Kills: any choice made by position in a batch or by who answers first."""
    forward = walk(tmp_path, parts(), at_once=1, fail=0.2, cut_off=0.1, refuse=0.1)
    turned = {name: list(reversed(documents)) for name, documents in reversed(parts().items())}
    backward = walk(tmp_path, turned, at_once=8, fail=0.2, cut_off=0.1, refuse=0.1, latency=0.001)
    for table in ("passages", "requests", "completions", "documents", "verdicts", "signals"):
        assert rows(forward, table) == rows(backward, table), table


def test_everything_asked_is_a_retelling_or_has_a_reason(tmp_path):
    view = walk(tmp_path, parts(), fail=0.3, cut_off=0.2, refuse=0.2, babble=0.1)
    asked = {row["retelling_id"] for row in view.table("requests")}
    kept = {row["document_id"] for found in view.documents(["retelling"]) for row in found.to_pylist()}
    verdicts = {row["subject"]: row["reason"] for row in view.table("verdicts")}
    assert asked <= kept | set(verdicts)
    assert kept.isdisjoint(verdicts)
    assert {"failed", "cut_off"} <= set(verdicts.values())
