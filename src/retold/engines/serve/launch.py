"""Which command starts which server: its arguments, its environment, its port, its GPUs.

In: `ServeSettings`. Out: one `Launch` per replica. Replica i listens on `port + i` and gets `tensor_parallel` GPUs of
its own by CUDA_VISIBLE_DEVICES; where there are none, nothing is set. The servers are told to count cached tokens and,
where that is not so by itself, to have metrics: prices and the number of prompts in flight are read from them. A line
in the log for every request, and reports that engines send home, are switched off.

The key goes through the environment and never onto a command line, which everybody on the machine can read; SGLang
takes it only there, so its arguments are completed inside its process.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from retold.core.errors import EngineError, EngineMissing
from retold.engines.attempt import read_key
from retold.engines.fetch import require

Kind = Literal["vllm", "sglang", "llamacpp"]
KINDS: tuple[Kind, ...] = ("vllm", "sglang", "llamacpp")
KEY_VARIABLES: Mapping[Kind, str] = {
    "vllm": "VLLM_API_KEY",
    "sglang": "RETOLD_SERVE_KEY",
    "llamacpp": "LLAMA_API_KEY",
}
EVERYWHERE = "0.0.0.0"  # noqa: S104
QUIET = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}
_INSTALL: Mapping[Kind, str] = {
    "vllm": "pip install vllm",
    "sglang": "pip install 'sglang[all]'",
    "llamacpp": "pip install 'retold[local]'",
}
_MODULES: Mapping[Kind, tuple[str, ...]] = {
    "vllm": ("vllm", "-m", "vllm.entrypoints.cli.main", "serve"),
    "sglang": ("sglang", "-m", "sglang.launch_server"),
    "llamacpp": ("xllamacpp", "-m", "retold.engines.serve.llama_server"),
}
_SGLANG_WITH_KEY = (
    "import os, runpy, sys; sys.argv[1:] += ['--api-key', os.environ['RETOLD_SERVE_KEY']]; "
    "runpy.run_module('sglang.launch_server', run_name='__main__', alter_sys=True)"
)


@dataclass(frozen=True)
class ServeSettings:
    """What the command line says. `gpus` empty: those that are found; `extra` goes to the server as it is."""

    engine: Kind
    model: str = ""
    name: str = ""
    revision: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    replicas: int = 1
    tensor_parallel: int = 1
    gpus: tuple[str, ...] = ()
    key: str = ""
    python: str = ""
    command: str = ""
    extra: tuple[str, ...] = ()


@dataclass(frozen=True)
class Launch:
    """How one replica is started. `environment` is put over our own."""

    replica: int
    words: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    host: str
    port: int
    model: str
    secret: str = field(repr=False)

    @property
    def url(self) -> str:
        """Its address, without /v1. What listens everywhere is asked on loopback."""
        host = {EVERYWHERE: "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def launches(settings: ServeSettings) -> tuple[Launch, ...]:
    """One for each replica. Raises EngineMissing or EngineError where nothing could be started as asked."""
    model = _model(settings)
    name = served_name(settings)
    words = _program(settings)
    secret = read_key(settings.key)
    environment = {**QUIET, **({KEY_VARIABLES[settings.engine]: secret} if secret else {})}
    shares = share_gpus(settings.gpus or found_gpus(), settings.replicas, settings.tensor_parallel)
    found = []
    for replica, gpus in enumerate(shares):
        port = settings.port + replica
        check_port(settings.host, port)
        visible = {"CUDA_VISIBLE_DEVICES": ",".join(gpus)} if gpus else {}
        arguments = _arguments(settings, model, name, port)
        found.append(
            Launch(
                replica, (*words, *arguments), {**environment, **visible}, settings.host, port, name, secret
            )
        )  # fmt: skip
    return tuple(found)


def served_name(settings: ServeSettings) -> str:
    """The name under which the servers offer the model."""
    return settings.name or Path(_model(settings)).name.removesuffix(".gguf")


def share_gpus(gpus: Sequence[str], replicas: int, each: int) -> list[tuple[str, ...]]:
    """`each` GPUs for every replica, or none for all. Raises EngineError where there are too few."""
    if not gpus:
        if each > 1:
            raise EngineError(f"there are no GPUs to share {each} ways", "leave --tensor-parallel out, or name --gpus")
        return [()] * replicas
    if replicas * each > len(gpus):
        raise EngineError(
            f"{replicas} replicas with {each} GPUs each need {replicas * each}, and there are {len(gpus)}",
            f"ask for --replicas {max(1, len(gpus) // each)}, or name others with --gpus",
        )
    return [tuple(gpus[replica * each : (replica + 1) * each]) for replica in range(replicas)]


def found_gpus() -> tuple[str, ...]:
    """Those that this process may use: CUDA_VISIBLE_DEVICES, else all that nvidia-smi lists, else none."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return tuple(name.strip() for name in allowed.split(",") if name.strip() not in ("", "-1"))
    lister = shutil.which("nvidia-smi")
    if lister is None:
        return ()
    try:
        done = subprocess.run([lister, "-L"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    rows = [line for line in done.stdout.splitlines() if line.startswith("GPU ")] if done.returncode == 0 else []
    return tuple(str(number) for number in range(len(rows)))


def check_port(host: str, port: int) -> None:
    """Raises EngineError where something listens there already, or where this address is not ours."""
    if port > 65535:
        raise EngineError(f"there is no port {port}", "begin lower: --port")
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind) as probe:
            # As servers do it: connections of an earlier server that are still closing do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise EngineError(
            f"port {port} on {host} cannot be used: {error.strerror or error}",
            "choose another first port with --port (each replica takes one), or end what listens there",
        ) from None


def _model(settings: ServeSettings) -> str:
    if not settings.model:
        if settings.engine != "llamacpp":
            raise EngineError(
                f"{settings.engine} needs a model", f"such as: retold engine serve ./model --engine {settings.engine}"
            )
        return str(require())
    path = Path(settings.model).expanduser()
    # What looks like a path is one: a misspelt path is not looked for on a hub.
    looks = settings.model.startswith((".", "/", "~")) or settings.model.endswith(".gguf")
    if (looks or settings.engine == "llamacpp") and not path.exists():
        raise EngineError(f"there is no model at {settings.model}", "is the path right? it counts from this folder")
    return str(path) if path.exists() else settings.model


def _program(settings: ServeSettings) -> tuple[str, ...]:
    """The words before the arguments."""
    kind = settings.engine
    if settings.command:
        words = tuple(shlex.split(settings.command))
        if not words or shutil.which(words[0]) is None:
            raise EngineMissing(f"there is no program {settings.command!r}", "is the path right, and may it be run?")
        return words
    package, *start = _MODULES[kind]
    if settings.python:
        python = settings.python
        if shutil.which(python) is None:
            raise EngineMissing(f"there is no Python at {python}", "name the file, such as ~/vllm/bin/python")
        if kind != "llamacpp" and not _has(python, package):
            raise EngineMissing(f"{python} has no {package}", f"run: {python} -m {_INSTALL[kind]}")
        return _module(kind, str(Path(python).expanduser()), start, settings)
    if kind == "llamacpp" and (server := shutil.which("llama-server")):
        return (server,)
    if importlib.util.find_spec(package) is not None:
        return _module(kind, sys.executable, start, settings)
    if kind == "vllm" and (server := shutil.which("vllm")):
        return (server, "serve")
    raise EngineMissing(
        f"{kind} is not installed here",
        f"run: {_INSTALL[kind]}, or name the Python of another environment that has it: --python PATH",
    )


def _module(kind: Kind, python: str, start: Sequence[str], settings: ServeSettings) -> tuple[str, ...]:
    return (python, "-c", _SGLANG_WITH_KEY) if kind == "sglang" and settings.key else (python, *start)


def _has(python: str, package: str) -> bool:
    script = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", script], capture_output=True, check=False).returncode == 0


def _arguments(settings: ServeSettings, model: str, name: str, port: int) -> list[str]:
    """What each server calls the same things."""
    where = ["--host", settings.host, "--port", str(port)]
    revision = ["--revision", settings.revision] if settings.revision and not Path(model).exists() else []
    several = settings.tensor_parallel > 1
    wide = ["--tensor-parallel-size", str(settings.tensor_parallel)] if several else []
    named = ["--served-model-name", name]
    if settings.engine == "vllm":
        counted = ["--enable-prompt-tokens-details", "--disable-uvicorn-access-log"]
        return [model, *named, *where, *counted, *wide, *revision, *settings.extra]
    if settings.engine == "sglang":
        counted = ["--enable-metrics", "--enable-cache-report", "--log-level-http", "warning"]
        return ["--model-path", model, *named, *where, *counted, *wide, *revision, *settings.extra]
    return ["--model", model, "--alias", name, *where, "--metrics", *settings.extra]
