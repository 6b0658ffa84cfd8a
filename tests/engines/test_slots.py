"""Slots keep the prompts of a document together, lose none, and stand idle rather than read a document twice."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from retold.engines.slots import Slots


async def serve(slots: Slots, documents: list[str]) -> list[tuple[str, int]]:
    """Answer one prompt per document name; returns (document, slot) in the order of being served."""
    served: list[tuple[str, int]] = []
    busy: set[int] = set()
    held: dict[int, str] = {}

    async def one(document: str) -> None:
        slot = await slots.take(document)
        assert slot not in busy
        assert not document or document not in held.values()
        busy.add(slot)
        held[slot] = document
        served.append((document, slot))
        await asyncio.sleep(0)
        busy.discard(slot)
        del held[slot]
        slots.release(slot)

    await asyncio.wait_for(asyncio.gather(*(one(document) for document in documents)), 5)
    return served


@given(st.lists(st.sampled_from(["", "a", "b", "c", "d"]), max_size=24), st.integers(1, 4))
def test_all_are_served_and_no_document_is_in_two_slots(documents, count):
    """Kills: handing a free slot to a document that a busy slot holds; forgetting to look again after a release."""
    served = asyncio.run(serve(Slots(count), documents))
    assert sorted(document for document, _ in served) == sorted(documents)


def test_the_styles_of_a_document_follow_each_other():
    """Kills: serving strictly in order of arrival."""
    served = asyncio.run(serve(Slots(1), ["a", "b", "a", "c", "b", "a"]))
    assert [document for document, _ in served] == ["a", "a", "a", "b", "b", "c"]


def test_a_prompt_that_is_given_up_gives_its_slot_back():
    async def run() -> int:
        slots = Slots(1)
        first = await slots.take("a")
        waiting = asyncio.create_task(slots.take("b"))
        await asyncio.sleep(0)
        waiting.cancel()
        slots.release(first)
        chosen = asyncio.create_task(slots.take("c"))
        await asyncio.sleep(0)
        slot = await asyncio.wait_for(chosen, 1)
        slots.release(slot)
        doomed = asyncio.create_task(slots.take("d"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        doomed.cancel()
        await asyncio.gather(doomed, waiting, return_exceptions=True)
        return await asyncio.wait_for(slots.take("e"), 1)

    assert asyncio.run(run()) == 0
