"""Grammars, schemas and logprobs under the names of each server, and nothing unbound taken for bound."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.document import Completion, Prompt
from retold.core.errors import EngineError
from retold.engines.binding import KINDS, fields_for, kind_of, logprobs_of
from retold.engines.http import HttpEngine
from retold.engines.settings import EngineSettings
from retold.testing import prompt
from support.server import TestServer

GRAMMAR = 'root ::= "yes" | "no"'
SCHEMA = '{"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "string"}}}'
BY_GRAMMAR = replace(prompt("r", "A cat."), grammar=GRAMMAR)
BY_SCHEMA = replace(prompt("r", "A cat."), schema=SCHEMA)
WITH_LOGPROBS = replace(prompt("r", "A cat."), logprobs=True)
NAMED = {"name": "answer", "schema": orjson.loads(SCHEMA), "strict": True}
FORMAT = {"response_format": {"type": "json_schema", "json_schema": NAMED}}


def engine_for(*servers: TestServer, **options: object) -> HttpEngine:
    value = {"http": [server.url for server in servers], "model": "small", "template": "chatml", **options}
    settings = EngineSettings.model_validate(value).http
    assert settings is not None
    return HttpEngine(settings)


@pytest.mark.parametrize(
    ("kind", "chat", "one", "fields"),
    [
        ("llamacpp", False, BY_GRAMMAR, {"grammar": GRAMMAR}),
        ("vllm", False, BY_GRAMMAR, {"structured_outputs": {"grammar": GRAMMAR}}),
        ("sglang", False, BY_GRAMMAR, {"ebnf": GRAMMAR}),
        ("llamacpp", False, BY_SCHEMA, {"json_schema": orjson.loads(SCHEMA)}),
        ("llamacpp", True, BY_SCHEMA, {"json_schema": orjson.loads(SCHEMA)}),
        ("sglang", False, BY_SCHEMA, {"json_schema": SCHEMA}),
        ("sglang", True, BY_SCHEMA, FORMAT),
        ("vllm", False, BY_SCHEMA, FORMAT),
        ("openai", True, BY_SCHEMA, FORMAT),
        ("openai", True, WITH_LOGPROBS, {"logprobs": True, "top_logprobs": 1}),
        ("vllm", False, WITH_LOGPROBS, {"logprobs": 1}),
        ("vllm", False, prompt("r", "A cat."), {}),
    ],
)
def test_each_server_is_told_under_its_own_names(kind, chat, one, fields):
    assert fields_for(one, kind, chat) == fields


def test_a_schema_is_sent_in_the_order_in_which_it_is_written():
    """Answers follow the order of the properties. Kills: keys sorted on the way."""
    sent = fields_for(BY_SCHEMA, "llamacpp", chat=False)["json_schema"]["properties"]
    assert list(orjson.loads(orjson.dumps(sent))) == ["b", "a"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "owned_by", "logprobs", "token_logprobs", "content", "logprob"]), inner
        )
    ),
    max_leaves=10,
)


@given(JSON)
def test_no_reply_breaks_the_readers(value):
    """Kills: `reply["data"]` taken without looking."""
    assert kind_of(orjson.dumps(value)) in KINDS
    found = logprobs_of(value if isinstance(value, dict) else {"logprobs": value})
    assert all(isinstance(number, float) for number in found)


def test_logprobs_are_read_in_both_forms_and_whole_or_not_at_all():
    assert logprobs_of({"logprobs": {"token_logprobs": [-1, -0.5]}}) == (-1.0, -0.5)
    assert logprobs_of({"logprobs": {"content": [{"logprob": -2.0}]}}) == (-2.0,)
    assert logprobs_of({"logprobs": {"token_logprobs": [None, -0.5]}}) == ()
    assert logprobs_of({"logprobs": None}) == logprobs_of({}) == ()


def play(one: Prompt, owner: str, binds: set[str], **options: object) -> tuple[Completion, TestServer]:
    async def run() -> tuple[Completion, TestServer]:
        server = TestServer()
        server.owner, server.binds = owner, frozenset(binds)
        async with server, engine_for(server, **options) as engine:
            return (await asyncio.gather(*(engine.complete(one) for _ in range(3))))[0], server

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("one", "owner", "field", "options"),
    [
        (BY_GRAMMAR, "vllm", "structured_outputs", {}),
        (BY_GRAMMAR, "sglang", "ebnf", {}),
        (BY_GRAMMAR, "llamacpp", "grammar", {}),
        (BY_GRAMMAR, "me", "ebnf", {"server": "sglang"}),
        (BY_SCHEMA, "vllm", "response_format", {}),
        (BY_SCHEMA, "sglang", "json_schema", {}),
        (BY_SCHEMA, "organization-owner", "response_format", {"template": "chat"}),
        (WITH_LOGPROBS, "vllm", "logprobs", {}),
        (WITH_LOGPROBS, "", "logprobs", {"template": "chat"}),
    ],
)
def test_a_server_that_does_it_is_asked_once_and_then_sent_the_prompt(one, owner, field, options):
    """Kills: a kind mistaken for another; a probe for each prompt; fields left out of the prompt itself."""
    answer, server = play(one, owner, {field}, canary=False, **options)
    assert answer.finish == "stop"
    assert all(field in body for body in server.bodies) and len(server.bodies) == 3
    assert len(server.canaries) == 1 and field in server.canaries[0]
    assert answer.logprobs == ((-0.5, -1.5) if one.logprobs else ())


@pytest.mark.parametrize("one", [BY_GRAMMAR, BY_SCHEMA, WITH_LOGPROBS])
def test_a_server_that_ignores_it_is_found_out_before_any_prompt(one):
    """Kills: an answer taken for bound since it came."""
    with pytest.raises(EngineError, match=r"was asked to .* and did not") as caught:
        play(one, "vllm", set())
    assert "server: beside http" in caught.value.fix


def test_a_server_that_refuses_the_field_is_told():
    async def run() -> None:
        server = TestServer(canary=["bad_request"])
        async with server, engine_for(server, canary=False, server="vllm") as engine:
            await engine.complete(BY_SCHEMA)

    with pytest.raises(EngineError, match="refuses to bind an answer to a JSON schema") as caught:
        asyncio.run(run())
    assert "is it vllm" in caught.value.fix


def test_what_is_known_is_refused_before_any_server_is_asked():
    """Kills: a grammar sent to a hosted API, found out when it runs."""
    value = {"http": "http://localhost:1/v1", "model": "m", "server": "openai"}
    declared = HttpEngine(EngineSettings.model_validate(value).http)
    assert "grammar" in declared.refuses(frozenset({"grammar"}))
    assert declared.refuses(frozenset({"schema", "logprobs"})) == ""
    with pytest.raises(EngineError, match="kind openai cannot"):
        play(BY_GRAMMAR, "somebody", {"grammar"})


def test_a_server_away_while_it_is_looked_at_costs_an_attempt_and_no_verdict():
    """Kills: a busy server taken for one that cannot."""

    async def run() -> Completion:
        server = TestServer(canary=["broken", "ok"])
        server.owner, server.binds = "vllm", frozenset({"structured_outputs"})
        async with server, engine_for(server, canary=False) as engine:
            return await engine.complete(BY_GRAMMAR)

    answer = asyncio.run(run())
    assert (answer.finish, answer.text) == ("stop", "zebra")


def test_where_and_under_which_name_it_is_sent_is_no_identity():
    one = EngineSettings.model_validate({"http": "http://a:1/v1", "model": "m"})
    other = EngineSettings.model_validate({"http": "http://a:1/v1", "model": "m", "server": "vllm"})
    assert one.fingerprint() == other.fingerprint()
