"""The dead letters of a recipe: requests of its plan that have no answer, with why, and their prompts on demand.

In: the stage of an Ask. Out: one `Letter` for each planned request whose last word is a failure, part by part
(resident: the letters of one part). A prompt is rendered again from the plan, by the step itself; it is not stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from retold.core.document import Prompt
from retold.core.errors import RetoldError
from retold.core.step import Ask, Part
from retold.runner.answers import Known
from retold.runner.stages import Stage
from retold.store import Store

COLUMNS = ["request_id", "round", "failure", "error", "sent", "seconds", "cost"]


@dataclass(frozen=True, slots=True)
class Letter:
    """The last letter of a request. `waiting`: an open round takes it up, and it was not asked again yet."""

    request_id: str
    part: str
    round: int
    failure: str
    error: str
    sent: int
    seconds: float
    cost: float
    waiting: bool


def asks(stages: Sequence[Stage]) -> list[Stage]:
    """The stages that ask an engine."""
    return [stage for stage in stages if isinstance(stage.step, Ask)]


def letters_of(stage: Stage, store: Store, parts: Sequence[Part]) -> Iterator[Letter]:
    """Planned requests without an answer that were asked, in order of parts and ids.

    Once a target has ended the asking, what lies behind its end is not of this recipe.
    """
    view = stage.view(store, parts)
    wanted = ["request_id", "position"]
    ends = [row["end"] for row in store.rows("cuts", ds.field("stage") == stage.fingerprint, ["end"])]
    for part in parts:
        known = Known.of(stage, store, part.name)
        dead = pa.concat_arrays([known.given_up, known.retried])
        if not len(dead):
            continue
        planned = pa.chunked_array(
            [_before(rows, ends) for rows in view.read("requests", part=part.name, columns=wanted)], pa.string()
        )
        mine = planned.filter(pc.is_in(planned, dead)).combine_chunks()
        waiting = set(known.retried.to_pylist())
        here = (ds.field("stage") == stage.label) & (ds.field("part") == part.name)
        rows = store.rows("dead_letters", here & ds.field("request_id").isin(mine), COLUMNS)
        last = {row["request_id"]: row for row in sorted(rows, key=lambda row: row["round"])}
        for name in sorted(last):
            yield Letter(part=part.name, waiting=name in waiting, **last[name])


def _before(requests: pa.RecordBatch, ends: Sequence[int]) -> pa.Array:
    """Ids of these requests; where a target has an end, of those before it."""
    return requests["request_id"].filter(pc.less(requests["position"], min(ends))) if ends else requests["request_id"]


def prompt_of(stage: Stage, store: Store, parts: Sequence[Part], request_id: str) -> Prompt:
    """The prompt of one planned request, rendered again. Raises RetoldError where it is not in the plan any more."""
    view = stage.view(store, parts)

    def all_but_one(part: str) -> pa.Array:
        found = [rows["request_id"] for rows in view.read("requests", part=part, columns=["request_id"])]
        ids = pa.concat_arrays(found) if found else pa.array([], pa.string())
        return ids.filter(pc.not_equal(ids, request_id))

    if isinstance(stage.step, Ask):
        for _, prompt in stage.step.prompts(view, all_but_one):
            if prompt.request_id == request_id:
                return prompt
    raise RetoldError(f"the request {request_id} is not in the plan of this recipe", "list them: retold retry --list")
