"""Answers bound to a grammar or a schema, and the probabilities of their tokens: what each kind of server calls it.

In: what a prompt needs, and the kind of server. Out: fields for the body of the request; whether a server does it.

    kind       schema                                       grammar                        logprobs
    llamacpp   json_schema (an object)                      grammar                        logprobs: 1
    vllm       response_format                              structured_outputs.grammar     logprobs: 1
    sglang     json_schema (a string); chat: as OpenAI's    ebnf                           logprobs: 1
    openai     response_format                              none                           logprobs: 1
    (chat: logprobs: true, top_logprobs: 1)

Names of llama.cpp b11549, vLLM 0.12 and later (before, it had `guided_grammar`), SGLang 0.5. vLLM and SGLang read
grammars with xgrammar, which takes GBNF, llama.cpp's notation.

Which of them a server is, it says under `/models` (`owned_by`); one that says something else is taken for OpenAI's.
Under which name a need is sent decides nothing about the answer, so the kind of server is not identity. Whether a
server does what it was sent is for `binder.py` to find out.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final, Literal

import orjson

from retold.core.document import Need, Prompt

Kind = Literal["vllm", "sglang", "llamacpp", "openai"]
KINDS: Final[tuple[Kind, ...]] = ("vllm", "sglang", "llamacpp", "openai")
NAMES: Final[Mapping[Need, str]] = {
    "grammar": "bind an answer to a grammar",
    "schema": "bind an answer to a JSON schema",
    "logprobs": "give the probabilities of tokens",
}


def fields_for(prompt: Prompt, kind: Kind, chat: bool) -> dict[str, Any]:
    """What is added to the body for the needs of a prompt."""
    fields: dict[str, Any] = {}
    if prompt.logprobs:
        fields |= {"logprobs": True, "top_logprobs": 1} if chat else {"logprobs": 1}
    if prompt.grammar:
        fields |= _grammar(prompt.grammar, kind)
    if prompt.schema:
        fields |= _schema(prompt.schema, kind, chat)
    return fields


def _grammar(grammar: str, kind: Kind) -> dict[str, Any]:
    if kind == "vllm":
        return {"structured_outputs": {"grammar": grammar}}
    return {"ebnf" if kind == "sglang" else "grammar": grammar}


def _schema(schema: str, kind: Kind, chat: bool) -> dict[str, Any]:
    if kind == "llamacpp":
        return {"json_schema": orjson.loads(schema)}
    if kind == "sglang" and not chat:
        return {"json_schema": schema}
    named = {"name": "answer", "schema": orjson.loads(schema), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def refusal(needs: frozenset[Need], kind: str) -> str:
    """What this kind of server is known not to do; empty if nothing, or if the kind is not known."""
    if "grammar" in needs and kind == "openai":
        return f"servers of the kind openai cannot {NAMES['grammar']}"
    return ""


def kind_of(models: bytes) -> Kind:
    """Which server a reply of `/models` is from."""
    try:
        reply = orjson.loads(models)
    except orjson.JSONDecodeError:
        return "openai"
    rows = reply.get("data") if isinstance(reply, dict) else None
    owners = [row.get("owned_by") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return next((kind for kind in KINDS if kind in owners), "openai")


def logprobs_of(choice: Mapping[str, Any]) -> tuple[float, ...]:
    """Logarithms of the probabilities of the generated tokens in a choice, in either form; none unless all are told."""
    told = choice.get("logprobs")
    if not isinstance(told, Mapping):
        return ()
    values = told.get("token_logprobs")
    if not isinstance(values, list):
        rows = told.get("content")
        rows = rows if isinstance(rows, list) else []
        values = [row.get("logprob") if isinstance(row, Mapping) else None for row in rows]
    numbers = [float(value) for value in values if isinstance(value, int | float) and isfinite(value)]
    return tuple(numbers) if len(numbers) == len(values) else ()
