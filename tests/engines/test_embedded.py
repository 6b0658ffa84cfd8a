"""The embedded engine generates, with the real weights, in this process."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from retold.core.document import Completion, Sampling
from retold.core.errors import EngineError, EngineMissing
from retold.engines import tune
from retold.engines.embedded import EmbeddedEngine
from retold.engines.fetch import locate
from retold.engines.http import HttpEngine
from retold.engines.processors import idle_processors
from retold.engines.settings import EmbeddedSettings, EngineSettings
from retold.engines.template import TEMPLATES
from retold.testing import ask, prompt

ABACUS = (
    "The abacus is a calculating tool that was in use centuries before the adoption of the written numeral system. "
    "It is still used by merchants in Eastern Europe, China and Africa."
)
SHORT = Sampling(max_tokens=12, temperature=0.0)


@pytest.fixture(scope="module")
def weights() -> Path:
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'retold[local]'")
    path = locate()
    if path is None:
        pytest.skip("the weights are not on this machine: run `retold engine fetch`")
    return path


def one_token(request_id: str, text: str) -> object:
    return prompt(request_id, text, sampling=Sampling(max_tokens=1, temperature=0.0))


@pytest.mark.embedded
def test_it_generates_and_reads_a_document_once(weights, capfd):
    """Kills: slots without affinity, usage dropped, a cut-off answer taken for whole, specials parsed in the source."""
    prompts = [prompt(f"r{n}", ABACUS, prefill="-", sampling=SHORT) for n in range(3)]
    prompts = [
        type(one)(**{**{name: getattr(one, name) for name in one.__slots__}, "document_id": "d"}) for one in prompts
    ]
    marked, plain = "A <|im_end|> B <|endoftext|>", "A  B "
    engine = EmbeddedEngine(EmbeddedSettings(slots=2, context=512))
    *answers, longest, broken, special, without = ask(
        engine,
        [
            *prompts,
            prompt("long", "word " * 2000),
            prompt("broken", "A \ud800 cat."),
            one_token("special", marked),
            one_token("without", plain),
        ],
    )
    assert [answer.finish for answer in answers] == ["length"] * 3
    assert all(len(answer.text.split()) >= 4 for answer in answers)
    assert answers[0].completion_tokens == 12
    assert answers[0].prompt_tokens == 52
    assert [answer.cached_tokens > 50 for answer in answers] == [False, True, True]
    assert (longest.finish, longest.text) == ("error", "")
    assert "exceeds the available context" in longest.error
    assert broken.finish == "error"
    # Read as special, both markers together would be two tokens.
    assert special.prompt_tokens - without.prompt_tokens >= 10
    assert engine.identity == "embedded:SmolLM2-135M-Instruct.Q4_1.gguf:b179c9523d0e6a0f:chatml"
    assert capfd.readouterr() == ("", "")


@pytest.mark.embedded
def test_answers_are_bound_and_told_how_probable_they_were(weights):
    """Kills: `grammar`, `schema` or `logprobs` of a prompt left out; logprobs where nobody asked for them."""
    one = prompt("r", ABACUS, sampling=SHORT)
    schema = '{"type": "object", "properties": {"used": {"enum": ["still"]}}, "required": ["used"],'
    schema += ' "additionalProperties": false}'
    named, recorded, plain, broken = ask(
        EmbeddedEngine(EmbeddedSettings(slots=1, context=512)),
        [
            replace(one, grammar='root ::= "tool" | "toy"', logprobs=True),
            replace(one, schema=schema, sampling=replace(SHORT, max_tokens=60)),
            one,
            replace(one, grammar='root ::= "tool'),
        ],
    )
    assert named.text in ("tool", "toy") and named.finish == "stop"
    assert len(named.logprobs) == named.completion_tokens and all(value <= 0 for value in named.logprobs)
    assert json.loads(recorded.text) == {"used": "still"} and recorded.logprobs == ()
    assert plain.text not in ("tool", "toy") and plain.logprobs == ()
    assert (broken.finish, broken.text) == ("error", "") and "grammar" in broken.error


@pytest.mark.embedded
def test_the_same_engine_by_path_has_the_same_identity(weights):
    named = EmbeddedEngine(EmbeddedSettings(model=str(weights)))
    assert named.identity == EmbeddedEngine().identity
    with pytest.raises(EngineError, match="has no token <bos>") as caught:
        ask(EmbeddedEngine(EmbeddedSettings(template="gemma")), [])
    assert "chatml" in caught.value.fix


@pytest.mark.embedded
def test_the_server_of_llama_cpp_answers_over_http(weights):
    """The HTTP engine against a real model server, by template and by chat."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.n_parallel, parameters.n_ctx, parameters.verbosity, parameters.warmup = 2, 1024, -1, False
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = idle_processors()
    server = xllamacpp.Server(parameters)

    async def run(template: str) -> tuple[Completion, str]:
        value = {"http": f"{server.listening_address}/v1", "model": "small", "template": template}
        settings = EngineSettings.model_validate(value).http
        assert settings is not None
        async with HttpEngine(settings) as engine:
            return await engine.complete(prompt("r", ABACUS, prefill="-", sampling=SHORT)), engine.witness

    rendered, canary = asyncio.run(run("chatml"))
    assert (rendered.finish, rendered.completion_tokens, rendered.prompt_tokens) == ("length", 12, 52)
    assert asyncio.run(run("chatml"))[1] == canary
    chatted, _ = asyncio.run(run("chat"))
    assert chatted.finish == "length"
    # The server's own template adds a system prompt: the reason to render here.
    assert chatted.prompt_tokens > rendered.prompt_tokens


def test_a_model_that_is_no_model_is_told(tmp_path):
    with pytest.raises(EngineMissing, match="cannot be read"):
        EmbeddedEngine(EmbeddedSettings(model=str(tmp_path / "absent.gguf")))
    (tmp_path / "page.gguf").write_text("<html>")
    with pytest.raises(EngineError, match="not a readable GGUF"):
        EmbeddedEngine(EmbeddedSettings(model=str(tmp_path / "page.gguf")))


def test_without_weights_it_says_how_to_get_them(tmp_path, monkeypatch):
    pytest.importorskip("xllamacpp")
    monkeypatch.setenv("RETOLD_CACHE", str(tmp_path))
    monkeypatch.setattr("retold.engines.fetch.find_spec", lambda _name: None)
    with pytest.raises(EngineMissing) as caught:
        ask(EmbeddedEngine(), [])
    assert caught.value.fix == "run: retold engine fetch"


def test_an_engine_that_is_not_open_says_so():
    with pytest.raises(EngineError, match="not open"):
        asyncio.run(EmbeddedEngine().complete(prompt("r", "x")))


def test_templates_without_special_tokens_become_one_string():
    body = EmbeddedEngine(EmbeddedSettings(template="plain")).body(prompt("r", "A <|im_end|>"))
    assert body["prompt"] == "A < |im_end|>\n\nRetell this.\n\n"
    assert set(TEMPLATES) == {"chatml", "llama3", "gemma", "plain"}


def test_idle_processors_are_at_least_one():
    assert idle_processors(0.05) >= 1


@pytest.mark.embedded
def test_it_is_tested_once_on_a_machine_and_then_remembered(weights, tmp_path, monkeypatch):
    """Kills: a test at every start; a choice that never reaches the server."""
    monkeypatch.setenv("RETOLD_CACHE", str(tmp_path))
    monkeypatch.setattr(tune, "SECONDS", 0.0)  # the first choice only
    tested = []

    async def opened() -> tune.Choice:
        engine = EmbeddedEngine(EmbeddedSettings(model=str(weights), context=512))
        start = engine._serve
        monkeypatch.setattr(engine, "_serve", lambda path, choice: tested.append(choice) or start(path, choice))
        async with engine:
            answer = await engine.complete(prompt("r", ABACUS, sampling=SHORT))
            assert answer.finish == "length" and engine.capacity == 4 * engine.choice.slots
            return engine.choice

    first, second = asyncio.run(opened()), asyncio.run(opened())
    assert first.pace > 0 and first.slots == 1
    # Another number of idle processors, should that be so now, is tested on its own.
    assert len(tested) == 3 or first.threads != second.threads
    assert (tmp_path / "weights" / tune.FILE).exists()


@pytest.mark.embedded
def test_it_tells_its_pace(weights):
    """Kills: seconds taken for tokens per second. One token a second to ten thousand is any machine there is."""

    async def measure() -> tuple[float, float]:
        async with EmbeddedEngine() as engine:
            return await engine.pace()

    reading, writing = asyncio.run(measure())
    assert 1 < writing < 10_000 and 1 < reading < 10_000
