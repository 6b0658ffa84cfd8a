"""How a recipe names an engine, and the one settings model that all its spellings become.

In: `embedded`, `{embedded: {slots: 4}}`, `{http: [http://host:8000/v1], model: NAME, key: ENV_VAR}`,
`{checkpoint: FOLDER}`, `{scripted: {lie: 0.2}}`. Out: `EngineSettings` with exactly one kind set. What decides the
text of an answer (model, revision, template) is identity; where and how fast it is asked (addresses, key, slots,
patience) is execution, so moving a fleet keeps every finished row. So is `licence`, the model's terms: declaring them
asks nothing again; the step that makes documents of answers has them in its own identity. Mistakes raise ValueError
with a sentence for a person; the recipe adds the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import field_validator, model_validator

from retold.core.document import Failure
from retold.core.quantity import Share
from retold.core.settings import Settings, execution, identity
from retold.engines.binding import Kind
from retold.engines.price import Price
from retold.engines.template import TEMPLATES

KINDS = ("embedded", "http", "checkpoint", "scripted")
DEFAULT_LICENCE, DEFAULT_SIZE = "Apache-2.0", "135M"
"""Of SmolLM2-135M-Instruct."""
CHAT = "chat"
_CHECKPOINT_FORM = "checkpoint takes a folder: {checkpoint: path/to/model}"
_HTTP_FORM = "http takes addresses and a model: {http: [http://localhost:8000/v1], model: NAME}"


class EmbeddedSettings(Settings):
    """llama.cpp in this process. Without `model` it runs SmolLM2-135M-Instruct, placed by `retold engine fetch`."""

    model: str = identity("", description="path of a GGUF file; empty: the default weights")
    licence: str = execution("", description="terms of the model, as SPDX names them; inherited by what it makes")
    template: str = identity("", description="chat template; empty: the one whose special tokens the model has")
    slots: int = execution(0, ge=0, le=64, description="prompts answered side by side; 0 or auto: tested here, once")
    threads: int = execution(0, ge=0, le=1024, description="0 or auto: by the processors that stand idle at the start")
    batch: int = execution(0, ge=0, le=4096, description="prompt tokens worked on at once; 0 or auto: tested here")
    # It decides whether a long prompt is answered, never what an answer says, so raising it redoes nothing.
    context: int = execution(2048, ge=64, description="tokens of prompt and answer together, per slot")

    @field_validator("slots", "threads", "batch", mode="before")
    @classmethod
    def _auto(cls, value: object) -> object:
        return 0 if value == "auto" else value

    @field_validator("template")
    @classmethod
    def _known(cls, name: str) -> str:
        return name and known_template(name)


class HttpSettings(Settings):
    """One model behind one or more OpenAI-compatible servers."""

    model: str = identity(min_length=1, description="the name under which the servers offer the model")
    revision: str = identity("", description="which weights these are; servers report only a name")
    template: str = identity(CHAT, description="rendered here and sent as text; `chat`: the server's own template")
    omit: tuple[str, ...] = identity((), description="sampling parameters that the servers refuse, such as top_k")
    licence: str = execution("", description="terms of the model, as SPDX names them; inherited by what it makes")
    urls: tuple[str, ...] = execution(min_length=1)
    server: Literal["auto", Kind] = execution("auto", description="which server it is, for grammars and schemas")
    key: str = execution("", description="name of the environment variable that holds the API key")
    in_flight: int = execution(0, ge=0, le=100_000, description="prompts in flight per address; 0: found while running")
    max_in_flight: int = execution(4096, ge=1, le=100_000, description="never more than this per address")
    affinity: bool = execution(True, description="prompts of one document to one address, for its prefix cache")
    metrics: bool = execution(True, description="look at the servers' own /metrics, where they have them")
    canary: bool = execution(True, description="ask a fixed greedy prompt now and then: is it still the same model?")
    price: Price | dict[str, Price] = execution(Price(), description="USD; one for all, or by address")
    deadline: float = execution(300.0, gt=0, description="seconds for one attempt, connecting and reading included")
    attempts: int = execution(5, ge=1, le=100, description="attempts per prompt; being told to wait is not one")
    patience: float = execution(600.0, gt=0, description="seconds without any answer until the engine counts as gone")

    @field_validator("urls")
    @classmethod
    def _addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        clean = tuple(_address(url) for url in urls)
        if len(set(clean)) < len(clean):
            raise ValueError("an address is listed twice")
        return clean

    @field_validator("price")
    @classmethod
    def _price_addresses(cls, price: Price | dict[str, Price]) -> Price | dict[str, Price]:
        return price if isinstance(price, Price) else {_address(url): one for url, one in price.items()}

    @model_validator(mode="after")
    def _only_listed(self) -> HttpSettings:
        """A price under an address that nobody asks would leave the one that is meant free of charge."""
        for url in self.price if isinstance(self.price, dict) else ():
            if url not in self.urls:
                near = get_close_matches(url, self.urls, 1, 0.0)[0]
                raise ValueError(f"price names {url}, which is not an address of this engine; did you mean {near}?")
        return self

    @field_validator("key")
    @classmethod
    def _variable(cls, name: str) -> str:
        if name and not (name.isascii() and name.isidentifier()):
            # The value is not repeated: it may be a key that was pasted where its variable's name belongs.
            raise ValueError("key names an environment variable, such as OPENAI_API_KEY; never write the key itself")
        return name

    @field_validator("template")
    @classmethod
    def _known(cls, name: str) -> str:
        return name if name == CHAT else known_template(name)


class CheckpointSettings(Settings):
    """A local folder that `transformers` loads."""

    model: str = identity(min_length=1, description="folder with config.json, tokenizer.json and *.safetensors")
    licence: str = execution("", description="terms of the model, as SPDX names them; inherited by what it makes")
    template: str = identity("", description="chat template; empty: the one whose special tokens the model has")

    @field_validator("template")
    @classmethod
    def _known(cls, name: str) -> str:
        return name and known_template(name)


class ScriptedSettings(Settings):
    """An engine that makes up its answers from the prompt and misbehaves on request, for tests and dry runs.

    Each share is drawn by request id and `seed`, never by order, so the same requests always misbehave.
    """

    seed: int = identity(0)
    licence: str = execution("", description="terms of the model, as SPDX names them; inherited by what it makes")
    stall: Share = identity(0.0, description="share that takes `stall_seconds` longer")
    fail: Share = identity(0.0, description="share that ends in an error")
    cut_off: Share = identity(0.0, description="share that stops in mid-sentence with finish length")
    babble: Share = identity(0.0, description="share that repeats itself")
    lie: Share = identity(0.0, description="share with one number or name changed")
    refuse: Share = identity(0.0, description="share that declines to answer")
    outage: dict[Failure, Share] = execution(
        {}, description="shares that fail for now, by class of failure: what a server does that is down"
    )
    latency: float = execution(0.0, ge=0, description="seconds per answer")
    stall_seconds: float = execution(5.0, ge=0)
    capacity: int = execution(8, ge=1, le=100_000)


class EngineSettings(Settings):
    """Exactly one kind of engine with its settings."""

    embedded: EmbeddedSettings | None = identity(None)
    http: HttpSettings | None = identity(None)
    checkpoint: CheckpointSettings | None = identity(None)
    scripted: ScriptedSettings | None = identity(None)

    @model_validator(mode="before")
    @classmethod
    def _spelling(cls, value: object) -> object:
        return normal_form(value)

    @property
    def kind(self) -> Literal["embedded", "http", "checkpoint", "scripted"]:
        """Which one it is."""
        if self.embedded is not None:
            return "embedded"
        if self.http is not None:
            return "http"
        return "checkpoint" if self.checkpoint is not None else "scripted"

    @property
    def licence(self) -> str:
        """The terms of the model: as declared, those of the default weights, or "" where nobody has said."""
        chosen = self.embedded or self.http or self.checkpoint or self.scripted
        declared = chosen.licence.strip() if chosen is not None else ""
        return declared or (DEFAULT_LICENCE if self.embedded is not None and not self.embedded.model else "")

    @property
    def has_terms(self) -> bool:
        """False for one that asks no model and declares nothing: what it makes has the terms of its source alone."""
        return self.scripted is None or bool(self.licence)

    @property
    def priced(self) -> bool:
        """Whether an answer of it may cost something by its settings."""
        price = self.http.price if self.http is not None else Price()
        each = price.values() if isinstance(price, dict) else (price,)
        return any(one.input or one.cached or one.output or one.hour for one in each)

    @property
    def small(self) -> bool:
        """Whether it is known to answer with a model of about a hundred million parameters: the embedded weights."""
        return self.embedded is not None and not self.embedded.model

    def identity(self) -> dict[str, Any]:
        """The identity of the kind that is set, and nothing of the others: a new kind changes no fingerprint."""
        return {name: value for name, value in super().identity().items() if value is not None}


def known_template(name: str) -> str:
    """`name`, if there is such a template. Raises ValueError naming the nearest one otherwise."""
    if name in TEMPLATES:
        return name
    near = get_close_matches(name, TEMPLATES, 1)
    guess = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"there is no template {name!r}: the templates are {', '.join(TEMPLATES)}{guess}")


def normal_form(value: object) -> object:
    """Any spelling of an engine as `{kind: {...}}`. Raises ValueError with a sentence for a person."""
    if isinstance(value, EngineSettings):
        return value
    if isinstance(value, str):
        if value == "http":
            raise ValueError(_HTTP_FORM)
        if value == "checkpoint":
            raise ValueError(_CHECKPOINT_FORM)
        _one_kind([value])
        return {value: {}}
    if not isinstance(value, Mapping) or not value:
        raise ValueError("an engine is a name such as embedded, or {http: [http://localhost:8000/v1], model: NAME}")
    given = {str(name): inner for name, inner in value.items()}
    if "kind" in given:
        raise ValueError("write the kind of engine as the key: {embedded: {slots: 4}}, not {kind: embedded, slots: 4}")
    # Settings written out hold null for the kinds that are not set; a person writes null for a kind without settings.
    set_kinds = [name for name in KINDS if given.get(name) is not None]
    kind = _one_kind(set_kinds or [name for name in KINDS if name in given] or list(given))
    beside = {name: inner for name, inner in given.items() if name != kind and (name not in KINDS or inner is not None)}
    return {kind: _http(given[kind], beside) if kind == "http" else _nested(kind, given[kind], beside)}


def _one_kind(names: list[str]) -> str:
    if len(names) > 1 and all(name in KINDS for name in names):
        raise ValueError(f"one engine has one kind, and this one has {' and '.join(names)}")
    for name in names:
        if name not in KINDS:
            near = get_close_matches(name, KINDS, 1)
            guess = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"there is no engine {name!r}: the engines are {', '.join(KINDS)}{guess}")
    return names[0]


def _nested(kind: str, inner: object, beside: Mapping[str, object]) -> object:
    if kind == "checkpoint":
        if isinstance(inner, str):
            return {"model": inner, **beside}
        if inner is None:
            raise ValueError(_CHECKPOINT_FORM)
    if inner is not None and not isinstance(inner, Mapping | Settings):
        raise ValueError(f"{kind} takes settings by name, such as {{{kind}: {{slots: 4}}}}, not {inner!r}")
    if beside:
        raise ValueError(f"{', '.join(beside)} belongs inside: {{{kind}: {{{next(iter(beside))}: ...}}}}")
    return inner if isinstance(inner, Settings) else dict(inner or {})


def _http(inner: object, beside: Mapping[str, object]) -> object:
    if isinstance(inner, Settings):
        return inner
    if isinstance(inner, str):
        inner = [inner]
    if isinstance(inner, list | tuple):
        inner = {"urls": [*inner], **beside}
    elif isinstance(inner, Mapping):
        if beside:
            raise ValueError(f"{', '.join(beside)} stands beside http and {', '.join(inner)} inside it: use one place")
    else:
        raise ValueError(_HTTP_FORM)
    fields = {str(name): value for name, value in inner.items()}
    if not fields.get("model"):
        raise ValueError("an http engine needs the name of its model: {http: [...], model: NAME}")
    if not fields.get("urls"):
        raise ValueError("an http engine needs at least one address: {http: [http://localhost:8000/v1], model: NAME}")
    return _choose_template(fields)


def _choose_template(fields: dict[str, Any]) -> dict[str, Any]:
    chat = fields.pop("chat", None)
    template = fields.get("template")
    if chat not in (None, True, False):
        raise ValueError("chat is true (the server's own template) or false (a template rendered here)")
    if chat and template not in (None, CHAT):
        raise ValueError(f"chat: true uses the server's own template, so template: {template} has no effect: drop one")
    if chat is False and template in (None, CHAT):
        raise ValueError(f"chat: false needs the template to render here, one of {', '.join(TEMPLATES)}")
    if "template" in fields and template is None:
        del fields["template"]
    return fields


def _address(url: str) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{_without_login(url)!r} is not an address such as http://localhost:8000/v1")
    if parts.username or parts.password:
        raise ValueError("an address may not hold a name or password; put the key into an environment variable (key:)")
    if parts.query or parts.fragment:
        raise ValueError("an address ends before ? and #: give the part that all requests share, such as .../v1")
    # Servers offer the interface under /v1; a bare host is what people copy from the server's own log.
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/') or '/v1'}"


def _without_login(url: str) -> str:
    return url.rpartition("@")[2][:80]
