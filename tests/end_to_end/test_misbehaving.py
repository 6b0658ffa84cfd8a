"""A fleet that misbehaves in every way at once, through the real loop and store: the run ends right.

What a server says is a function of the prompt and of its weights, so every row can be checked.
"""

from __future__ import annotations

import time

import pytest

from retold.core.errors import EngineError
from retold.core.fingerprint import uniform
from retold.engines import canary, http, stragglers
from retold.engines.http import HttpEngine
from retold.engines.settings import EngineSettings
from retold.runner.progress import Silent
from retold.runner.run import Options, run_stages
from retold.runner.stages import chain
from retold.store import Store
from support.server import TestServer, answer_to, serving
from support.toy import Letters, Requests, Shout, Unique, parts

OFTEN = {"throttle": 0.06, "busy": 0.06, "broken": 0.06, "hang": 0.02, "reset": 0.06, "half": 0.05, "not_json": 0.05,
         "error_body": 0.05, "other_choice": 0.05, "no_choices": 0.04, "unknown_end": 0.04, "slow": 0.01,
         "two_choices": 0.05, "swapped": 0.05, "html": 0.05, "chunked_half": 0.04, "closing": 0.1}  # fmt: skip


def moody(share: float, seed: int):
    """Misbehaves for a share of sendings, drawn anew for each sending."""
    sent: dict[str, int] = {}

    def rule(text: str) -> str | None:
        if canary.CANARY.turns[0].content[0].text in text:
            return None
        sent[text] = sent.get(text, 0) + 1
        drawn, total = uniform("moody", seed, text, sent[text]) / share, 0.0
        for kind, often in OFTEN.items():
            total += often
            if drawn < total:
                return kind
        return None

    return rule


def swapped(server: TestServer, after: int):
    """From this many prompts on the server has other weights under the same name."""

    def rule(_text: str) -> None:
        server.weights = "small" if len(server.bodies) < after else "other"

    return rule


def engine_for(*servers: TestServer, **options) -> HttpEngine:
    value = {"http": [server.url for server in servers], "model": "small", "template": "chatml", **options}
    return HttpEngine(EngineSettings.model_validate(value).http)


def run(store: Store, engine: HttpEngine, letters: str) -> dict[str, str]:
    """Everything the store holds afterwards: letter to answer."""
    pieces = parts(p=letters)
    steps = [Letters(), Unique(), Requests(), Shout(engine)]
    run_stages(store, chain(steps, pieces), pieces, Options(group_seconds=0.2), Silent())
    asked = {row["request_id"]: row["document_id"] for row in store.rows("requests")}
    texts = {row["document_id"]: row["text"] for row in store.rows("documents")}
    rows = store.rows("completions")
    assert len(rows) == len({row["request_id"] for row in rows}), "an answer stands twice"
    return {texts[asked[row["request_id"]]]: row["text"] for row in rows}


def letters(number: int) -> str:
    return "".join(chr(0x4E00 + at) for at in range(number))


def right(letter: str, weights: str = "small") -> str:
    return answer_to(f"<|im_start|>user\n{letter}<|im_end|>\n<|im_start|>assistant\n", weights)


@pytest.fixture(autouse=True)
def quick(request, monkeypatch):
    """Seconds that are long in production are short here, but not in the long proofs."""
    if request.node.get_closest_marker("prove"):
        return
    monkeypatch.setattr(canary, "SECONDS", 0.5)
    monkeypatch.setattr(canary, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(canary, "GIVE_UP_SECONDS", 1.0)
    monkeypatch.setattr(http, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(stragglers, "STRAGGLER_SECONDS", 1.0)


def test_storms_hangs_halves_and_a_death_cost_time_and_no_row(tmp_path, capsys):
    """One of three addresses dies for good on the way. Kills: any of these taken for an answer; asking twice."""
    wanted = letters(200)

    def timed(store: Store, *servers: TestServer, dying: bool) -> float:
        with serving(*servers) as at:
            for server in servers:
                server.seconds = 0.02
                server.slow_seconds = 60.0
            engine = engine_for(*servers, deadline=2.0, attempts=30, in_flight=8)
            if dying:
                servers[0].down_seconds = None
                at(0.5, servers[0].die)
            begun = time.perf_counter()
            answers = run(store, engine, wanted)
        assert answers == {letter: right(letter) for letter in wanted}
        assert store.rows("dead_letters") == []
        return time.perf_counter() - begun

    calm = timed(Store.create(tmp_path / "calm"), *(TestServer() for _ in range(3)), dying=False)
    servers = [TestServer(rule=moody(0.5, seed)) for seed in range(3)]
    storm = timed(Store.create(tmp_path / "storm"), *servers, dying=True)
    with capsys.disabled():
        print(f"\n  200 prompts at 3 addresses: undisturbed {calm:.1f} s, misbehaving {storm:.1f} s")
    assert storm < 40


def test_another_model_behind_the_same_name_is_never_data(tmp_path):
    """Kills: handing out answers before a later canary, or comparing canaries only when opening."""
    wanted = letters(200)
    one, two = TestServer(), TestServer()
    two.rule = swapped(two, after=40)
    with serving(one, two):
        one.seconds = two.seconds = 0.05
        answers = run(Store.create(tmp_path), engine_for(one, two, in_flight=4), wanted)
    assert two.weights == "other" and len(two.bodies) >= 40, "it has become another model"
    assert answers == {letter: right(letter) for letter in wanted}


def test_what_another_model_refuses_is_asked_again(tmp_path):
    """It takes the name over and finds every prompt too long. Kills: a dead letter before a later canary."""
    wanted = letters(200)
    one, two = TestServer(), TestServer()
    becomes = swapped(two, after=40)

    def rule(text: str) -> str | None:
        becomes(text)
        is_canary = canary.CANARY.turns[0].content[0].text in text
        return "bad_request" if two.weights == "other" and not is_canary else None

    two.rule = rule
    with serving(one, two):
        one.seconds = two.seconds = 0.05
        store = Store.create(tmp_path)
        answers = run(store, engine_for(one, two, in_flight=4), wanted)
    assert two.weights == "other" and len(two.bodies) > 40
    assert answers == {letter: right(letter) for letter in wanted} and store.rows("dead_letters") == []


def test_when_every_address_is_another_model_the_run_stops_and_says_so(tmp_path):
    """Also in the next run, which knows the canary from the store. Kills: not keeping the witness."""
    store, server = Store.create(tmp_path), TestServer()
    server.rule = swapped(server, after=150)
    with serving(server):
        server.seconds = 0.05
        with pytest.raises(EngineError, match="another model answers under this name") as caught:
            run(store, engine_for(server, in_flight=4), letters(200))
        assert "revision" in caught.value.fix
        with pytest.raises(EngineError, match="another model answers under this name"):
            run(store, engine_for(server, in_flight=4), letters(200))
    said = [row["text"] for row in store.rows("completions")]
    assert said and not [text for text in said if "other" in text]


def test_addresses_that_disagree_from_the_start_are_told_apart(tmp_path):
    one, two = TestServer(), TestServer()
    two.weights = "other"
    with serving(one, two), pytest.raises(EngineError, match="differently"):
        run(Store.create(tmp_path), engine_for(one, two), "ab")


@pytest.mark.parametrize("addresses", [1, 2])
def test_a_poison_document_is_found_and_costs_nobody_else(tmp_path, addresses):
    """It stops whatever server gets it. Kills: retrying it for ever, or giving up the innocent with it."""
    wanted = letters(60)
    poison = wanted[17]
    servers = [TestServer(rule=lambda text: "die" if poison in text else None) for _ in range(addresses)]
    with serving(*servers):
        for server in servers:
            server.seconds = 0.03
        store = Store.create(tmp_path)
        answers = run(store, engine_for(*servers, in_flight=16, attempts=8), wanted)
    assert answers == {letter: right(letter) for letter in wanted if letter != poison}
    assert [row["failure"] for row in store.rows("dead_letters")] == ["poison"]
    assert sum(server.deaths for server in servers) <= 14


def test_a_straggler_is_sent_again_and_the_later_sending_counts(tmp_path):
    """One address swallows one prompt for a minute. Kills: waiting for it; keeping whichever comes first."""
    wanted = letters(80)
    slow = wanted[40]
    one = TestServer(rule=lambda text: "slow" if slow in text else None)
    two = TestServer()
    with serving(one, two):
        one.seconds = two.seconds = 0.02
        begun = time.perf_counter()
        engine = engine_for(one, two, in_flight=8)
        answers = run(Store.create(tmp_path), engine, wanted)
    assert answers == {letter: right(letter) for letter in wanted}
    assert time.perf_counter() - begun < 30


@pytest.mark.prove
@pytest.mark.parametrize("addresses", [1, 3])
def test_stalls_of_a_real_minute_cost_less_than_two_and_no_row(tmp_path, addresses, capsys):
    """One prompt in a hundred stalls for 60 s at its first sending, with every limit as it is in production.

    Kills: a run that waits for stalls one after another; a stall that is taken for the death of its address.
    """
    wanted = letters(600)
    stalled: set[str] = set()

    def rule(text: str) -> str | None:
        if uniform("stall", text) < 0.01 and text not in stalled and canary.CANARY.turns[0].content[0].text not in text:
            stalled.add(text)
            return "slow"
        return None

    def timed(name: str, *servers: TestServer) -> float:
        with serving(*servers):
            for server in servers:
                server.seconds, server.slow_seconds = 0.05, 60.0
            store, begun = Store.create(tmp_path / name), time.perf_counter()
            answers = run(store, engine_for(*servers, in_flight=8), wanted)
        assert answers == {letter: right(letter) for letter in wanted}
        assert store.rows("dead_letters") == []
        return time.perf_counter() - begun

    calm = timed("calm", *(TestServer() for _ in range(addresses)))
    stalling = timed("stalling", *(TestServer(rule=rule) for _ in range(addresses)))
    with capsys.disabled():
        print(f"\n  600 prompts, {addresses} addresses, {len(stalled)} stalls of a minute: {calm:.1f} s undisturbed, "
              f"{stalling:.1f} s with them")  # fmt: skip
    assert len(stalled) >= 3 and stalling < 110
