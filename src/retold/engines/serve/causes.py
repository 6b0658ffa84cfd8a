"""Why a server died, as far as the end of its log tells.

In: the last lines and the exit code. Out: a `Cause`: what happened, what to do, and whether starting it again is
pointless as long as nothing changes. Looked up by the words that vLLM, SGLang, llama.cpp, PyTorch and the hub's client
use; where none is known the log speaks for itself.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """`hopeless`: a server that never was ready is not started again."""

    what: str
    fix: str
    hopeless: bool = False


_MEMORY_FIX = (
    "give it less to hold (-- --max-model-len 4096, or --gpu-memory-utilization), more GPUs each (--tensor-parallel), "
    "fewer --replicas, or a smaller model"
)
PORT = Cause("its port is taken", "end what listens there, or choose another: --port", hopeless=True)
_KNOWN: tuple[tuple[tuple[str, ...], Cause], ...] = (
    (
        (
            "out of memory",
            "outofmemoryerror",
            "no available memory for the cache blocks",
            "free memory on device",
            "larger than the maximum number of tokens that can be stored in kv cache",
            "larger than the available kv cache memory",
            "not enough memory",
            "cannot allocate memory",
            "std::bad_alloc",
            "failed to allocate",
        ),
        Cause("there is not enough memory", _MEMORY_FIX),
    ),
    (("address already in use", "couldn't bind", "could not bind"), PORT),
    (
        ("gated repo", "access to model", "401 client error"),
        Cause("the model asks for a licence or a login", "accept its licence at the hub and set HF_TOKEN", True),
    ),
    (
        (
            "not a valid model identifier",
            "repositorynotfounderror",
            "repository not found",
            "invalid repository id",
            "does not appear to have a file named",
            "failed to load model",
            "failed to open gguf",
            "error while loading model",
            "can't load the configuration of",
            "can't load the model",
        ),
        Cause(
            "the model cannot be found or read", "name a folder, a .gguf file (llama.cpp) or a model of the hub", True
        ),
    ),
    (
        ("couldn't connect to 'http", "max retries exceeded", "localentrynotfounderror", "offline mode is enabled"),
        Cause("the model is not on this machine and cannot be downloaded", "put it into a folder and name that", True),
    ),
    (
        (
            "unrecognized arguments",
            "unknown argument",
            "invalid argument:",
            "error: argument",
            "arguments are required",
        ),
        Cause("it does not know an argument", "look at what stands after -- on the command line", True),
    ),
    (
        ("failed to infer device type", "no cuda-capable device", "driver version is insufficient", "no kernel image"),
        Cause(
            "it cannot use the GPUs of this machine", "look at the driver (nvidia-smi) and at the engine's build", True
        ),
    ),
    (
        ("no module named", "cannot be started: no such file"),
        Cause("the engine is not installed whole", "name the Python that has it: --python PATH", True),
    ),
)


def cause_of(tail: Sequence[str], code: int | None) -> Cause:
    """The first known cause, looked for from the last line up: what a program says last is nearest to its end."""
    for line in reversed(tail):
        lowered = line.lower()
        for words, cause in _KNOWN:
            if any(word in lowered for word in words):
                return cause
    if code == 128 + signal.SIGKILL:
        return Cause("it was killed from outside, most likely by the system for want of memory", _MEMORY_FIX)
    if code is not None and code > 128:
        return Cause(f"signal {code - 128} ended it", "the log says more")
    return Cause(f"it ended with code {code}" if code is not None else "it did not answer", "the log says more")
