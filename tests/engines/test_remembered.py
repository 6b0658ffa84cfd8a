"""What was found of a fleet, kept between runs."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.engines import remembered
from retold.engines.endpoints import Endpoint
from retold.engines.http import HttpEngine
from retold.engines.knee import Knee
from retold.engines.remembered import DAYS_KEPT, FILE, Remembered, state_folder
from retold.engines.settings import EngineSettings
from retold.testing import prompt
from support.server import TestServer


def endpoint(url: str = "http://a/v1", limit: int = 0) -> Endpoint:
    knee = Knee(64, 4096)
    if limit:
        knee.resume(limit)
    return Endpoint(url, knee)


@pytest.fixture(autouse=True)
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return state_folder() / FILE


def recalled(url: str = "http://a/v1", model: str = "small") -> int:
    found = endpoint(url)
    Remembered(model).recall([found])
    return found.knee.limit


def test_each_address_and_model_has_its_own_limit(state):
    """Kills: a key without the model; one entry that overwrites the others."""
    Remembered("small").keep([endpoint("http://a/v1", 900), endpoint("http://b/v1", 30)], now=True)
    Remembered("large").keep([endpoint("http://a/v1", 5), endpoint("http://c/v1")], now=True)
    found = [recalled(f"http://{name}/v1", model) for model in ("small", "large") for name in "abc"]
    assert found == [900, 30, 64, 5, 64, 64]
    assert state.stat().st_mode & 0o077 == 0


def test_it_is_written_now_and_then_so_that_a_kill_costs_little(state, monkeypatch):
    """Kills: writing at the end alone; writing at every look."""
    monkeypatch.setattr(remembered, "SAVE_SECONDS", 0.05)
    keeper, one = Remembered("small"), endpoint(limit=100)
    keeper.keep([one])
    assert not state.exists()
    time.sleep(0.06)
    keeper.keep([one])
    assert recalled() == 100
    written = state.stat().st_mtime_ns
    time.sleep(0.06)
    keeper.keep([one])
    assert state.stat().st_mtime_ns == written, "nothing new"


def test_old_entries_and_no_place_to_write_are_no_trouble(state, monkeypatch):
    Remembered("small").keep([endpoint(limit=900)], now=True)
    rows = json.loads(state.read_text())
    rows["http://a/v1 small"][1] -= (DAYS_KEPT + 1) * 86_400
    state.write_text(json.dumps(rows))
    assert recalled() == 64
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    Remembered("small").keep([endpoint(limit=900)], now=True)
    assert recalled() == 64


ROWS = st.dictionaries(st.just("http://a/v1 small"), st.lists(st.none() | st.booleans() | st.integers() | st.floats()))


@settings(max_examples=60)
@given(st.binary(max_size=60) | ROWS.map(lambda rows: json.dumps(rows).encode()))
def test_a_damaged_file_is_as_none(data):
    """Kills: believing what stands in the file; `inf` or -1 as a limit."""
    path = state_folder() / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    assert 1 <= recalled() <= 4096


def test_the_next_run_starts_at_the_limit_that_this_one_found():
    """A server that takes 24 at a time and turns the rest away. Kills: climbing from 64 again, into the next refusals.

    What counts is what the second session does to the server: how many it turns away.
    """

    def settings_of(server: TestServer) -> HttpEngine:
        value = {"http": server.url, "model": "small", "template": "chatml", "metrics": False, "canary": False}
        return HttpEngine(EngineSettings.model_validate(value).http)

    async def session(server: TestServer, number: int, mark: str) -> tuple[int, int]:
        async with settings_of(server) as engine:
            limit = engine.capacity
            under_way: set[asyncio.Task] = set()
            for at in range(number):
                while len(under_way) >= engine.capacity:
                    _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                under_way.add(asyncio.create_task(engine.complete(prompt(f"{mark}{at}", f"Cat {mark}{at}."))))
            answers = await asyncio.gather(*under_way)
            assert {answer.finish for answer in answers} == {"stop"}
        return limit, len(server.bodies) - number

    async def run() -> list[tuple[int, int]]:
        async with TestServer() as server:
            server.seconds = 0.03
            server.rule = lambda _: "throttle" if server.in_flight >= 24 else None
            first = await session(server, 500, "a")
            server.bodies.clear()
            return [first, await session(server, 100, "b")]

    (start, refused), (limit, again) = asyncio.run(run())
    assert start == 64 and refused >= 30
    # What the server has answered and the client not yet read is above the 24.
    assert 12 <= limit <= 40 and again <= refused / 3
