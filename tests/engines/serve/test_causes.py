"""Why a server died, from what real ones print."""

from __future__ import annotations

import pytest

from retold.engines.serve.causes import cause_of

SAID = {
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 14.00 GiB.": "not enough memory",
    "ValueError: No available memory for the cache blocks. Try increasing it": "not enough memory",
    "To serve at least one request, 4.0 GiB KV cache is needed, which is larger than the available KV cache memory "
    "(1.0 GiB).": "not enough memory",
    "OSError: [Errno 98] Address already in use": "port is taken",
    "start: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: 8000": "port is taken",
    "OSError: org/x is not a local folder and is not a valid model identifier listed on the hub": "cannot be found",
    "llama_model_load: error loading model: failed to open GGUF file 'x.gguf'": "cannot be found",
    "You are trying to access a gated repo.": "licence or a login",
    "vllm: error: unrecognized arguments: --max-modellen 4": "does not know an argument",
    "RuntimeError: Failed to infer device type": "cannot use the GPUs",
    "/opt/bin/python: No module named vllm.entrypoints": "not installed whole",
}


@pytest.mark.parametrize("line", SAID)
def test_what_servers_say_last_tells_the_cause(line):
    cause = cause_of(["INFO starting", line, "INFO shutting down"], 1)
    assert SAID[line] in cause.what and cause.fix


def test_without_known_words_the_exit_code_speaks():
    """Kills: an out-of-memory kill without a word taken for an ordinary end."""
    assert "killed from outside" in cause_of(["INFO ready"], 137).what
    assert cause_of([], 139).what == "signal 11 ended it"
    assert cause_of([], 3).what == "it ended with code 3"


def test_only_what_time_does_not_heal_is_hopeless():
    assert not cause_of(["CUDA out of memory"], 1).hopeless
    assert cause_of(["unrecognized arguments: -x"], 2).hopeless
