"""What is said to an OpenAI-compatible server and how its answer is read: pure functions, no network.

In: a prompt and the settings of the engine; the bytes of a reply. Out: the body to send; `Answer`, or `BadReply` with
what is wrong. A server's reply is not trusted to be JSON, to have choices, or to say how many tokens it used.

Parameters go under the names that vLLM and SGLang (`repetition_penalty`) and llama.cpp (`repeat_penalty`) know, both at
once, since each ignores the other's; servers that refuse unknown names need `omit` (so does `seed` with vLLM's CPU
build 0.32, which it stops).

Every sending has a name of its own, which vLLM gives back in its reply's `id`: a reply that has another of our names
was meant for another prompt (a proxy mixed them up) and is refused. Servers that give none back cannot be caught so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from retold.core.document import Finish, Prompt
from retold.engines.binding import logprobs_of
from retold.engines.price import NOTHING, Used
from retold.engines.settings import CHAT, HttpSettings
from retold.engines.template import TEMPLATES, as_text, continuation, render, sent_prefill
from retold.text.tokens import count

FINISH: dict[str, Finish] = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filtered",
}


SENT_AS = "retold-"
"""What the names of all sendings begin with. They are of one length, so none is the beginning of another."""


class BadReply(Exception):
    """A reply that is not an answer: the message says what came instead, `used` the tokens that it reports anyway."""

    def __init__(self, message: str, used: Used = NOTHING) -> None:
        super().__init__(message)
        self.used = used


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered. `counted`: it gave no usage, so tokens were estimated by `text.tokens.count`."""

    text: str
    finish: Finish
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    counted: bool
    logprobs: tuple[float, ...] = ()

    @property
    def used(self) -> Used:
        """Its tokens, as they are paid."""
        return Used(self.prompt_tokens, self.cached_tokens, self.completion_tokens)


def path_of(settings: HttpSettings) -> str:
    """The path below the address that answers."""
    return "/chat/completions" if settings.template == CHAT else "/completions"


def body_of(prompt: Prompt, settings: HttpSettings) -> bytes:
    """The JSON to send. Raises TypeError for text that is not Unicode (a lone surrogate)."""
    fields: dict[str, Any] = {"model": settings.model}
    stops = list(prompt.sampling.stop)
    if settings.template == CHAT:
        fields["messages"] = _messages(prompt)
        if sent_prefill(prompt):
            # vLLM and SGLang must be told to continue the last turn; llama.cpp does it by itself.
            fields.update(add_generation_prompt=False, continue_final_message=True)
    else:
        form = TEMPLATES[settings.template]
        fields["prompt"] = as_text(render(prompt, settings.template), form.begin)
        stops.extend(stop for stop in form.stops if stop not in stops)
    sampling = prompt.sampling
    fields.update(
        max_tokens=sampling.max_tokens,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        min_p=sampling.min_p,
        repetition_penalty=sampling.repeat_penalty,
        repeat_penalty=sampling.repeat_penalty,
        presence_penalty=0.0,
        frequency_penalty=0.0,
        n=1,
        stream=False,
    )
    if stops:
        fields["stop"] = stops
    if sampling.seed is not None:
        fields["seed"] = sampling.seed
    return orjson.dumps({name: value for name, value in fields.items() if name not in settings.omit})


def _messages(prompt: Prompt) -> list[dict[str, str]]:
    # A chat server writes the turns into one string and reads special tokens in it: the same care as for `as_text`.
    messages = [{"role": turn.role, "content": as_text(turn.content)} for turn in prompt.turns]
    if sent_prefill(prompt):
        messages.append({"role": "assistant", "content": sent_prefill(prompt)})
    return messages


def read_answer(data: bytes, prompt: Prompt, settings: HttpSettings, sent_as: str = "") -> Answer:
    """The answer in a reply with status 200 to the sending of that name. Raises BadReply if there is none."""
    reply = _parse(data)
    name = reply.get("id")
    if sent_as and isinstance(name, str) and SENT_AS in name and sent_as not in name:
        raise BadReply("the reply belongs to another prompt")  # what it used is the other one's
    if reply.get("error"):
        raise BadReply(f"the server reports an error: {message_of(data)}", _used(reply))
    try:
        text, finish, logprobs = _choice(reply, prompt, settings)
    except BadReply as problem:
        raise BadReply(str(problem), _used(reply)) from None
    answer = _with_usage(continuation(prompt, text), finish, reply.get("usage"), prompt)
    return replace(answer, logprobs=logprobs) if logprobs else answer


def _choice(reply: Mapping[str, Any], prompt: Prompt, settings: HttpSettings) -> tuple[str, Finish, tuple[float, ...]]:
    choices = reply.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise BadReply("the reply has no choices")
    if len(choices) > 1:
        raise BadReply(f"the reply has {len(choices)} choices for one")
    choice = choices[0]
    if choice.get("index") not in (0, None):
        raise BadReply(f"the reply's only choice has the index {choice.get('index')!r}")
    message = choice.get("message")
    text = choice.get("text") if settings.template != CHAT else isinstance(message, dict) and message.get("content")
    reason = choice.get("finish_reason")
    if reason == "content_filter" and not isinstance(text, str):
        text = ""
    if not isinstance(text, str):
        raise BadReply("the reply has no text")
    if reason not in FINISH:
        raise BadReply(f"the reply ended with {reason!r}")
    if settings.template == CHAT:
        # Some servers give the beginning back that they were asked to continue.
        text = text.removeprefix(sent_prefill(prompt))
    return text, FINISH[reason], logprobs_of(choice) if prompt.logprobs else ()


def _with_usage(text: str, finish: Finish, usage: object, prompt: Prompt) -> Answer:
    asked, cached, written = _usage(usage)
    estimate = asked is None or written is None
    if asked is None:
        asked = sum(count(piece.text) for turn in prompt.turns for piece in turn.content) + count(prompt.prefill)
    # Some servers count cached tokens in other units than they count the prompt; more than all of it cannot be cached.
    return Answer(text, finish, asked, count(text) if written is None else written, min(cached, asked), estimate)


def _usage(usage: object) -> tuple[int | None, int, int | None]:
    """Tokens of the prompt, cached, and generated, as far as they are told."""
    given = usage if isinstance(usage, Mapping) else {}
    details = given.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else 0
    return _whole(given.get("prompt_tokens")), _whole(cached) or 0, _whole(given.get("completion_tokens"))


def _used(reply: Mapping[str, Any]) -> Used:
    asked, cached, written = _usage(reply.get("usage"))
    return Used(asked or 0, min(cached, asked or 0), written or 0)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62 else None


def _parse(data: bytes) -> dict[str, Any]:
    try:
        reply = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise BadReply(f"the reply is not JSON: {data[:60].decode('utf-8', 'replace')!r}") from None
    if not isinstance(reply, dict):
        raise BadReply(f"the reply is not an object: {data[:60].decode('utf-8', 'replace')!r}")
    return reply


def message_of(data: bytes) -> str:
    """The message in the body of an error, at most 200 characters, whatever its shape."""
    try:
        reply: object = orjson.loads(data)
    except orjson.JSONDecodeError:
        return " ".join(data[:400].decode("utf-8", "replace").split())[:200]
    for name in ("error", "message", "detail"):
        if isinstance(reply, dict) and name in reply:
            reply = reply[name]
    return " ".join(str(reply).split())[:200]


def models_of(data: bytes) -> list[str]:
    """The names in a reply of `/models`; none if it is not such a reply."""
    try:
        rows = _parse(data).get("data")
    except BadReply:
        return []
    names = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [name for name in names if isinstance(name, str)][:1000]
