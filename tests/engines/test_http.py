"""The HTTP engine against a real server on loopback that misbehaves in every way it should survive."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate

import pytest

from retold.core.document import Completion
from retold.core.errors import EngineError
from retold.engines import http
from retold.engines.attempt import retry_after
from retold.engines.http import HttpEngine
from retold.engines.settings import EngineSettings
from retold.testing import prompt
from support.server import TestServer, answer_to


def engine_for(*servers: TestServer, **options: object) -> HttpEngine:
    value = {"http": [server.url for server in servers], "model": "small", "template": "chatml", **options}
    settings = EngineSettings.model_validate(value).http
    assert settings is not None
    return HttpEngine(settings)


def play(behaviours: str, **options: object) -> tuple[Completion, TestServer]:
    """One prompt after a good canary, against a server that behaves like this from then on."""

    async def run() -> tuple[Completion, TestServer]:
        async with TestServer(behaviours.split()) as server, engine_for(server, **options) as engine:
            return await engine.complete(prompt("r", "A cat.")), server

    return asyncio.run(run())


def refusal(behaviours: str, **options: object) -> EngineError:
    """The error with which the engine does not open."""

    async def run() -> None:
        async with TestServer(canary=behaviours.split()) as server, engine_for(server, **options):
            pass

    with pytest.raises(EngineError) as caught:
        asyncio.run(run())
    return caught.value


@pytest.mark.parametrize(
    "trouble",
    [
        "throttle",
        "busy",
        "broken",
        "reset",
        "half",
        "not_json",
        "error_body",
        "no_choices",
        "other_choice",
        "two_choices",
        "html",
        "chunked_half",
        "closing",
        "unknown_end",
        "hang",
        "huge",
    ],
)
def test_one_trouble_is_survived(trouble):
    """Kills: any of these taken as an answer, or as the end."""
    completion, server = play(f"{trouble} ok", deadline=0.5)
    assert completion.finish == "stop"
    assert completion.text.startswith(" answer of small")
    assert len(server.bodies) == (1 if trouble == "closing" else 2)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ("broken", "status 500: out of memory"),
        ("not_json", "not JSON"),
        ("error_body", "engine is dead"),
        ("no_choices", "no choices"),
        ("other_choice", "index"),
        ("hang", "no answer within 0.3 s"),
    ],
)
def test_lasting_trouble_is_an_error_and_never_data(trouble, error):
    completion, server = play(trouble, deadline=0.3, attempts=2)
    assert (completion.finish, completion.text) == ("error", "")
    assert error in completion.error
    assert len(server.bodies) == 2


def test_a_prompt_whose_connection_is_always_cut_is_given_up():
    completion, server = play("reset", deadline=0.3, attempts=50)
    assert (completion.finish, completion.failure) == ("error", "poison")
    assert "breaks off" in completion.error
    assert len(server.bodies) == 4


def test_a_refused_prompt_is_final():
    """Kills: repeating a 400."""
    completion, server = play("bad_request")
    assert completion.finish == "error"
    assert completion.error == "status 400: this prompt is too long"
    assert len(server.bodies) == 1


def test_being_told_to_wait_costs_no_attempt():
    """Kills: counting a 429 as a failure."""
    completion, server = play("throttle throttle throttle ok", attempts=1)
    assert completion.finish == "stop"
    assert len(server.bodies) == 4


def test_finish_and_usage_are_kept():
    completion, _ = play("cut_off")
    assert (completion.finish, completion.prompt_tokens, completion.completion_tokens) == ("length", 11, 7)
    assert completion.cached_tokens == 3
    assert play("filtered")[0].finish == "filtered"
    assert play("no_usage")[0].prompt_tokens > 0
    assert play("ok", template="chat")[0].text.startswith(" answer")


def test_a_lone_surrogate_is_an_error_of_its_prompt():
    async def run() -> Completion:
        async with TestServer() as server, engine_for(server) as engine:
            return await engine.complete(prompt("r", "A \ud800 cat."))

    assert asyncio.run(run()).finish == "error"


def test_a_model_that_is_not_served_is_named_with_the_nearest_one():
    async def run() -> None:
        async with TestServer(models=["other", "smalls"]) as server, engine_for(server):
            pass

    with pytest.raises(EngineError, match="does not serve small; it serves other, smalls") as caught:
        asyncio.run(run())
    assert caught.value.fix == "write model: smalls"


def test_nobody_listening_says_what_to_try():
    async def run() -> None:
        async with TestServer() as server:
            port = server.port
        async with engine_for(TestServer(port=port), attempts=1):
            pass

    with pytest.raises(EngineError, match=r"no server answers: http://127\.0\.0\.1") as caught:
        asyncio.run(run())
    assert "curl http://127.0.0.1" in caught.value.fix


def test_a_redirect_is_not_followed():
    assert "points elsewhere" in refusal("elsewhere").message


def test_a_refused_parameter_is_told_at_the_start():
    assert "omit" in refusal("bad_request").fix


def test_the_key_is_sent_and_never_shown(monkeypatch):
    """Kills: quoting a server's text that repeats the key."""
    monkeypatch.setenv("SOME_KEY", "sk-verysecret")
    error = refusal("no_key", key="SOME_KEY")
    assert "verysecret" not in str(error)
    assert "SOME_KEY" in error.fix
    _, server = play("ok", key="SOME_KEY")
    assert server.headers[-1]["Authorization"] == "Bearer sk-verysecret"
    assert "Authorization" not in play("ok")[1].headers[-1]


@pytest.mark.parametrize("value", [None, "", "sk-very secret", "sk-vérysecret", "sk-very\nsecret"])
def test_a_key_that_cannot_be_one_is_told_without_it(monkeypatch, value):
    monkeypatch.delenv("SOME_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("SOME_KEY", value)
    message = str(refusal("ok", key="SOME_KEY"))
    assert "SOME_KEY" in message
    assert "secret" not in message


def test_identity_is_known_before_and_the_canary_after_the_start():
    async def run(behaviour: str) -> tuple[str, str, str]:
        async with TestServer(canary=[behaviour]) as server:
            engine = engine_for(server, revision="r1")
            before = engine.witness
            async with engine:
                assert server.canaries[0]["temperature"] == 0
                return before, engine.witness, engine.identity

    before, canary, identity = asyncio.run(run("ok"))
    assert (before, len(canary), identity) == ("", 32, "http:small@r1:chatml")
    assert asyncio.run(run("cut_off"))[1] == canary


def test_many_are_in_flight_and_no_more_than_allowed():
    async def run() -> tuple[float, int, int]:
        async with TestServer() as server, engine_for(server, in_flight=40) as engine:
            server.seconds = 0.1
            started = time.perf_counter()
            answers = await asyncio.gather(*(engine.complete(prompt(f"r{n}", "A cat.")) for n in range(120)))
            assert {answer.finish for answer in answers} == {"stop"}
            return time.perf_counter() - started, server.most_in_flight, engine.capacity

    seconds, most, capacity = asyncio.run(run())
    assert most == capacity == 40
    assert seconds < 120 * 0.1 / 4


def test_one_dead_address_of_two_costs_no_answer():
    """Kills: trying again where it just failed while another address is ready."""

    async def run() -> tuple[list[Completion], int, int]:
        dead, well = TestServer(["die"]), TestServer()
        dead.down_seconds = None
        async with dead, well, engine_for(dead, well, in_flight=4) as engine:
            answers = [await engine.complete(prompt(f"r{n}", "A cat.")) for n in range(20)]
            return answers, len(dead.bodies), engine.capacity

    answers, asked, capacity = asyncio.run(run())
    assert {answer.finish for answer in answers} == {"stop"}
    assert asked <= 8
    assert capacity == 4


def test_prompts_of_one_document_go_to_one_address():
    async def run() -> list[set[str]]:
        async with TestServer() as one, TestServer() as two, engine_for(one, two) as engine:
            for _ in range(3):
                await asyncio.gather(*(engine.complete(prompt(f"r{n}", f"Cat {n}.")) for n in range(12)))
            return [{body["prompt"] for body in server.bodies} for server in (one, two)]

    first, second = asyncio.run(run())
    assert not first & second
    assert first
    assert second


def test_when_nobody_answers_for_too_long_the_engine_is_gone():
    """Kills: turning every remaining prompt into an error while the servers are down."""

    async def run() -> None:
        async with TestServer(["broken"]) as server, engine_for(server, patience=0.5, attempts=50) as engine:
            await engine.complete(prompt("r", "A cat."))

    with pytest.raises(EngineError, match="no server has answered for"):
        asyncio.run(run())


def test_the_answer_to_another_prompt_is_never_taken():
    """A proxy mixes replies up. Kills: not comparing the name that a reply gives back."""

    async def run() -> tuple[list[Completion], TestServer]:
        async with TestServer() as server, engine_for(server, attempts=50) as engine:
            server.rule = lambda text: "swapped" if "Cat" in text and len(server.bodies) % 4 == 3 else None
            asked = [engine.complete(prompt(f"r{number}", f"Cat {number}.")) for number in range(20)]
            return list(await asyncio.gather(*asked)), server

    answers, server = asyncio.run(run())
    assert len(server.bodies) >= 24, "replies were mixed up"
    right = {answer_to(body["prompt"]) for body in server.bodies}
    assert {answer.finish for answer in answers} == {"stop"}
    assert {answer.text for answer in answers} == right and len(right) == 20
    prompts = {body["prompt"].split("Cat ")[1].split(".")[0]: body["prompt"] for body in server.bodies}
    assert [answer.text for answer in answers] == [answer_to(prompts[str(number)]) for number in range(20)]


def waited(retry_after: dict[str, str], trouble: str) -> float:
    """Seconds between being told to wait and the next sending."""

    async def run() -> float:
        async with TestServer([trouble, "ok"]) as server, engine_for(server) as engine:
            server.retry_after = retry_after
            server.sent_at.clear()
            completion = await engine.complete(prompt("r", "A cat."))
            assert (completion.finish, completion.sent) == ("stop", 2)
            return server.sent_at[1] - server.sent_at[0]

    return asyncio.run(run())


@pytest.mark.parametrize("trouble", ["throttle", "busy"])
def test_a_server_that_says_how_long_to_wait_is_asked_then_and_not_before(trouble):
    """Kills: a wait with jitter of our own; asking at once; waiting as long as after failures."""
    assert 1.2 <= waited({"Retry-After": "1.2"}, trouble) <= 1.7


def test_a_date_to_wait_for_is_of_the_servers_clock():
    """Its clock is two hours ahead. Kills: waiting two hours (or the most that is waited for) more."""
    there = time.time() + 7200
    headers = {"Date": formatdate(there, usegmt=True), "Retry-After": formatdate(there + 2, usegmt=True)}
    assert 1.9 <= waited(headers, "throttle") <= 2.6


def test_while_others_get_answers_a_prompt_may_wait_longer_than_the_patience():
    """Kills: making a dead letter of what was only told to wait."""

    async def run() -> tuple[list[Completion], int]:
        told, begun = 0, time.monotonic()

        def rule(text: str) -> str | None:
            nonlocal told
            if "Cat 0." not in text or time.monotonic() - begun > 2.0:
                return None
            told += 1
            return "throttle"

        async with TestServer(rule=rule) as server, engine_for(server, patience=1.5, in_flight=4) as engine:
            server.seconds = 0.05
            return await asyncio.gather(*(engine.complete(prompt(f"r{n}", f"Cat {n}.")) for n in range(320))), told

    answers, told = asyncio.run(run())
    assert {answer.finish for answer in answers} == {"stop"} and told
    assert answers[0].seconds > 1.5


def test_when_all_are_told_to_wait_for_too_long_the_run_ends_and_no_prompt_is_given_up():
    """A storm without end. Kills: turning every prompt into a dead letter while it lasts."""

    async def run() -> None:
        async with TestServer(["throttle"]) as server, engine_for(server, patience=0.5, in_flight=4) as engine:
            await asyncio.gather(*(engine.complete(prompt(f"r{n}", "A cat.")) for n in range(8)))

    with pytest.raises(EngineError, match=r"every prompt was told to wait \(status 429: slow down\)") as caught:
        asyncio.run(run())
    assert "later" in caught.value.fix


def test_a_model_that_one_address_loses_is_asked_of_the_others():
    """Restarted with another model, it answers 404. Kills: ending the run for it; sending it anything more."""

    async def run(canary: bool) -> tuple[list[Completion], list[int]]:
        one, two = TestServer(), TestServer()
        async with one, two, engine_for(one, two, in_flight=2, canary=canary, attempts=1) as engine:
            await asyncio.gather(*(engine.complete(prompt(f"a{n}", f"Cat {n}.")) for n in range(8)))
            one.models, before = ["other"], len(one.bodies)
            answers = await asyncio.gather(*(engine.complete(prompt(f"b{n}", f"Dog {n}.")) for n in range(20)))
            return answers, [before, len(one.bodies) - before]

    for canary in (True, False):
        answers, (before, after) = asyncio.run(run(canary))
        assert {answer.finish for answer in answers} == {"stop"}
        assert before >= 1 and after <= 5


def test_a_model_that_no_address_has_any_more_ends_the_run():
    """Kills: waiting for the patience to end, or giving prompts up one by one."""

    async def run() -> None:
        one, two = TestServer(), TestServer()
        async with one, two, engine_for(one, two, in_flight=2) as engine:
            await asyncio.gather(*(engine.complete(prompt(f"a{n}", f"Cat {n}.")) for n in range(8)))
            one.models = two.models = ["other"]
            await asyncio.gather(*(engine.complete(prompt(f"b{n}", f"Dog {n}.")) for n in range(20)))

    begun = time.monotonic()
    with pytest.raises(EngineError, match="does not serve small; it serves other"):
        asyncio.run(run())
    assert time.monotonic() - begun < 8


def test_waiting_is_read_from_numbers_and_dates():
    assert retry_after("Wed, 21 Oct 2015 07:28:09 GMT", "Wed, 21 Oct 2015 07:28:00 GMT") == 9
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:09 GMT") == 0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT", "today") == 0
    assert retry_after("3") == 3
    assert retry_after("-3") == 0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("soon") is None
    assert retry_after("nan") is None
    assert retry_after("") is None


def test_it_begins_with_the_places_that_the_server_names():
    """Kills: sending a server of one place as many as a large one takes."""

    async def run(**options: object) -> int:
        async with TestServer() as server:
            server.places = 2
            async with engine_for(server, **options) as engine:
                return engine.capacity

    assert asyncio.run(run()) == 6
    assert asyncio.run(run(in_flight=9)) == 9


def test_metrics_of_the_server_set_the_limit_while_it_runs(monkeypatch):
    """A deep queue is cut at the next look. Kills: not looking, or looking below /v1."""
    monkeypatch.setattr(http, "LOOK_SECONDS", 0.05)

    async def run() -> int:
        async with TestServer() as server, engine_for(server) as engine:
            server.seconds = 2.0
            server.metrics = "llamacpp:requests_processing 2\nllamacpp:requests_deferred 62\n"
            asked = [asyncio.create_task(engine.complete(prompt(f"r{n}", f"Cat {n}."))) for n in range(64)]
            for _ in range(100):
                if (limit := engine.capacity) < 64:
                    break
                await asyncio.sleep(0.02)
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
            return limit

    assert asyncio.run(run()) <= 8
