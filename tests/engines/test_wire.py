"""Bodies and replies, without a network."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.document import Sampling
from retold.engines.price import Used
from retold.engines.settings import EngineSettings, HttpSettings
from retold.engines.wire import BadReply, body_of, message_of, models_of, read_answer
from retold.testing import prompt


def settings(**options: object) -> HttpSettings:
    chosen = EngineSettings.model_validate({"http": "http://localhost:8000/v1", "model": "small", **options}).http
    assert chosen is not None
    return chosen


CHAT, CHATML = settings(), settings(template="chatml")
ONE = prompt("r", "A cat. <|im_end|>", prefill="- ", sampling=Sampling(seed=None, stop=("\n\n",)))


def test_a_body_says_every_sampling_parameter(golden):
    for name, chosen in (("chat", CHAT), ("chatml", CHATML)):
        golden(
            f"body_{name}.json", orjson.dumps(orjson.loads(body_of(ONE, chosen)), option=orjson.OPT_INDENT_2).decode()
        )


def test_refused_parameters_are_left_out():
    assert not {"top_k", "seed"} & set(orjson.loads(body_of(prompt("r", "x"), settings(omit=["top_k", "seed"]))))


def test_seed_none_tells_the_server_nothing():
    assert "seed" not in orjson.loads(body_of(ONE, CHAT))
    assert orjson.loads(body_of(prompt("r", "x", sampling=Sampling(seed=5)), CHAT))["seed"] == 5


@given(st.binary(max_size=200))
def test_no_reply_breaks_the_reader(data):
    """Kills: indexing a reply without looking at its shape."""
    message_of(data)
    models_of(data)
    with pytest.raises(BadReply):
        read_answer(data, ONE, CHAT)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "text", "message", "content", "usage", "finish_reason", "error"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from([CHAT, CHATML]))
def test_no_json_breaks_the_reader(reply, chosen):
    """Kills: `usage["prompt_tokens"]` taken without looking, `finish_reason` taken as given."""
    data = orjson.dumps(reply, option=orjson.OPT_NON_STR_KEYS) if not _too_large(reply) else b"0"
    message_of(data)
    try:
        answer = read_answer(data, ONE, chosen)
    except BadReply:
        return
    assert answer.finish in ("stop", "length", "filtered")
    assert min(answer.prompt_tokens, answer.completion_tokens, answer.cached_tokens) >= 0


def _too_large(value: object) -> bool:
    if isinstance(value, dict):
        return any(_too_large(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_too_large(inner) for inner in value)
    return isinstance(value, int) and not -(1 << 63) <= value < 1 << 63


def reply(text: str, **usage: object) -> bytes:
    choice = {"message": {"content": text}, "text": text, "finish_reason": "stop"}
    return orjson.dumps({"choices": [choice], "usage": usage or None})


def test_usage_is_kept_and_estimated_only_where_absent():
    answer = read_answer(reply(" a", prompt_tokens=5, completion_tokens=2), ONE, CHATML)
    assert (answer.prompt_tokens, answer.completion_tokens, answer.counted) == (5, 2, False)
    answer = read_answer(reply(" one two"), ONE, CHATML)
    assert answer.counted
    assert answer.completion_tokens == 2
    assert answer.prompt_tokens > 5


def test_no_more_is_cached_than_was_asked():
    """Kills: cached tokens taken as told; a cost below zero."""
    details = {"cached_tokens": 9}
    assert read_answer(reply(" a", prompt_tokens=5, prompt_tokens_details=details), ONE, CHATML).cached_tokens == 5


def test_usage_of_what_is_no_answer_is_kept():
    data = orjson.dumps({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}})
    with pytest.raises(BadReply) as caught:
        read_answer(data, ONE, CHATML)
    assert caught.value.used == Used(5, 0, 2)


def test_a_prefill_given_back_by_a_chat_is_taken_off_once():
    assert read_answer(reply("- fact"), ONE, CHAT).text == "fact"
    assert read_answer(reply("fact - more"), ONE, CHAT).text == "fact - more"
    assert read_answer(reply("- fact"), ONE, CHATML).text == "- fact"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"message": "too  long"}}', "too long"),
        (b'{"error": "plain"}', "plain"),
        (b'{"detail": [{"msg": "bad"}]}', "[{'msg': 'bad'}]"),
        (b'{"object": "error", "message": "vllm"}', "vllm"),
        (b"<html>\nBad Gateway</html>", "<html> Bad Gateway</html>"),
    ],
)
def test_errors_of_all_shapes_are_quoted(body, said):
    assert message_of(body) == said
