"""Every spelling of an engine in a recipe, and what a person reads when one is wrong."""

from __future__ import annotations

import pickle

import pytest
from pydantic import ValidationError

from retold.engines import EngineSettings, build
from retold.engines.http import HttpEngine
from retold.engines.price import Price
from retold.engines.scripted import ScriptedEngine

URL = "http://localhost:8000/v1"


def read(value: object) -> EngineSettings:
    return EngineSettings.model_validate(value)


def sentence(value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        read(value)
    return "\n".join(problem["msg"].removeprefix("Value error, ") for problem in caught.value.errors())


def test_all_spellings_of_one_engine_are_one_engine():
    assert read("embedded") == read({"embedded": None}) == read({"embedded": {}})
    assert read({"embedded": {"slots": 4, "threads": 2}}).embedded.slots == 4
    short = read({"http": URL, "model": "small", "key": "MY_KEY", "max_in_flight": 8})
    assert short == read({"http": [URL + "/"], "model": "small", "key": "MY_KEY", "max_in_flight": 8})
    assert short == read(
        {"http": {"urls": ["http://localhost:8000"], "model": "small", "key": "MY_KEY", "max_in_flight": 8}}
    )
    assert short.http.urls == (URL,)
    assert read("scripted").kind == "scripted"


def test_what_was_read_reads_back():
    for value in ("embedded", {"scripted": {"lie": "20%"}}, {"http": URL, "model": "small", "template": "chatml"}):
        settings = read(value)
        assert read(settings) is settings
        assert read(settings.model_dump()) == settings
        assert pickle.loads(pickle.dumps(settings)) == settings


def test_chat_is_the_template_of_the_server():
    assert read({"http": URL, "model": "m"}).http.template == "chat"
    assert read({"http": URL, "model": "m", "chat": True}).http.template == "chat"
    assert read({"http": URL, "model": "m", "chat": False, "template": "chatml"}).http.template == "chatml"


def test_where_and_how_fast_is_no_identity():
    """Kills: `urls`, `key` or `max_in_flight` marked identity, which would redo all answers when a fleet moves."""
    one = read({"http": URL, "model": "small", "revision": "r1"})
    other = read(
        {"http": ["http://b:1/v1", "http://c:1/v1"], "model": "small", "revision": "r1", "key": "K", "deadline": 9}
    )
    assert one.fingerprint() == other.fingerprint()
    assert one.fingerprint() != read({"http": URL, "model": "small", "revision": "r2"}).fingerprint()
    assert (
        one.fingerprint() != read({"http": URL, "model": "small", "revision": "r1", "template": "gemma"}).fingerprint()
    )
    assert read("embedded").fingerprint() == read({"embedded": {"slots": 1, "context": 512}}).fingerprint()


@pytest.mark.parametrize(
    "value",
    [
        "embeded",
        "http",
        7,
        {},
        {"embedded": {"slots": 4}, "http": [URL], "model": "m"},
        {"embedded": 4},
        {"embedded": None, "slots": 4},
        {"embedded": {"template": "chatlm"}},
        {"kind": "embedded"},
        {"slots": 4},
        {"http": [URL]},
        {"http": [], "model": "m"},
        {"http": 8000, "model": "m"},
        {"http": ["localhost:8000"], "model": "m"},
        {"http": [f"{URL}?key=1"], "model": "m"},
        {"http": [URL, URL + "/"], "model": "m"},
        {"http": {"urls": [URL]}, "model": "m"},
        {"http": [URL], "model": "m", "chat": "yes"},
        {"http": [URL], "model": "m", "chat": False},
        {"http": [URL], "model": "m", "chat": True, "template": "chatml"},
        {"http": [URL], "model": "m", "template": "chatlm"},
        {"http": [URL], "model": "m", "max_in_flite": 3},
        {"http": [URL], "model": "m", "price": {"http://localhost:8080/v1": {"input": 1}}},
        {"scripted": {"lie": "120%"}},
    ],
    ids=repr,
)
def test_a_mistake_is_told_in_a_sentence(value, golden):
    """The sentences are in `golden/`; none names a class, a union or a validator."""
    said = sentence(value)
    assert not any(word in said for word in ("Settings", "union", "Traceback", "NoneType"))
    golden(f"mistakes/{''.join(sign if sign.isalnum() else '_' for sign in repr(value))[:80]}.txt", said + "\n")


def test_a_price_is_found_under_its_address_however_that_is_spelt():
    """Kills: a price that no address finds, so that answers count as free."""
    for spelt in (URL, URL + "/", "http://localhost:8000"):
        settings = read(
            {"http": ["http://localhost:8000", "http://b:1/v1"], "model": "m", "price": {spelt: {"hour": 2}}}
        )
        assert settings.http.price == {URL: Price(hour=2)}


def test_a_key_written_into_the_recipe_is_refused_and_not_repeated():
    """Kills: quoting the value of `key` or the login of an address in the message."""
    for value in (
        {"http": [URL], "model": "m", "key": "sk-verysecret"},
        {"http": ["http://user:sk-verysecret@host/v1"], "model": "m"},
        {"http": ["ftp://user:sk-verysecret@host/v1"], "model": "m"},
    ):
        assert "verysecret" not in sentence(value)


def test_build_gives_the_engine_of_the_settings():
    assert isinstance(build(read({"http": URL, "model": "small"})), HttpEngine)
    assert isinstance(build(read("scripted")), ScriptedEngine)
    engine = build(read("embedded"))
    assert engine.name == "embedded"
    assert engine.identity == "embedded:SmolLM2-135M-Instruct.Q4_1.gguf:b179c9523d0e6a0f:chatml"


@pytest.mark.parametrize(
    ("engine", "priced"),
    [
        ("embedded", False),
        ("scripted", False),
        ({"http": ["http://a:1/v1"], "model": "m"}, False),
        *(
            ({"http": ["http://a:1/v1"], "model": "m", "price": {name: 1}}, True)
            for name in ("input", "output", "hour")
        ),
        ({"http": ["http://a:1/v1"], "model": "m", "price": {"cached": 0.1}}, True),
        ({"http": ["http://a:1/v1", "http://b:1/v1"], "model": "m", "price": {"http://b:1/v1": {"hour": 2}}}, True),
    ],
)
def test_an_engine_knows_whether_its_answers_cost(engine, priced):
    """Kills: any kind of price left out, or looking at the first address alone."""
    assert EngineSettings.model_validate(engine).priced is priced
