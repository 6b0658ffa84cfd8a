"""Commands, GPUs, ports and keys of servers."""

from __future__ import annotations

import socket
import sys

import pytest

from retold.core.errors import EngineError, EngineMissing
from retold.engines.serve import launch
from retold.engines.serve.launch import ServeSettings, found_gpus, launches, served_name, share_gpus
from support.ports import free_port


@pytest.fixture(autouse=True)
def no_gpus(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


def test_each_replica_has_its_port_and_its_gpus(tmp_path):
    """Kills: every replica on the first GPU."""
    port = free_port(2)
    settings = ServeSettings(
        "vllm", str(tmp_path), "small", "v2", port=port, replicas=2, tensor_parallel=2, gpus=("0", "1", "2", "3"),
        command=sys.executable, extra=("--max-model-len", "512"),
    )  # fmt: skip
    first, second = launches(settings)
    assert first.environment["CUDA_VISIBLE_DEVICES"] == "0,1"
    assert second.environment["CUDA_VISIBLE_DEVICES"] == "2,3"
    assert (first.port, second.url) == (port, f"http://127.0.0.1:{port + 1}")
    # A revision is for the hub; a folder has none.
    assert second.words[1:] == (
        str(tmp_path), "--served-model-name", "small", "--host", "127.0.0.1", "--port", str(port + 1),
        "--enable-prompt-tokens-details", "--disable-uvicorn-access-log", "--tensor-parallel-size", "2",
        "--max-model-len", "512",
    )  # fmt: skip


def test_engines_are_told_the_same_in_their_own_words(tmp_path):
    settings = ServeSettings("sglang", "org/model", revision="v2", port=free_port(), command=sys.executable)
    words = launches(settings)[0].words
    assert words[1:5] == ("--model-path", "org/model", "--served-model-name", "model")
    assert words[9:] == (
        "--enable-metrics", "--enable-cache-report", "--log-level-http", "warning", "--revision", "v2"
    )  # fmt: skip
    gguf = tmp_path / "tiny.gguf"
    gguf.touch()
    words = launches(ServeSettings("llamacpp", str(gguf), port=free_port(), command=sys.executable))[0].words
    assert words[1:5] == ("--model", str(gguf), "--alias", "tiny") and words[-1] == "--metrics"


def test_the_key_is_in_the_environment_and_nowhere_else(monkeypatch, tmp_path):
    """Kills: --api-key on a command line, which everybody on the machine can read; a key in a repr."""
    monkeypatch.setenv("MY_KEY", "sk-hidden")
    for engine, variable in (("vllm", "VLLM_API_KEY"), ("sglang", "RETOLD_SERVE_KEY")):
        settings = ServeSettings(engine, str(tmp_path), port=free_port(), key="MY_KEY", command=sys.executable)
        (one,) = launches(settings)
        assert one.environment[variable] == "sk-hidden"
        assert "sk-hidden" not in " ".join(one.words) and "sk-hidden" not in repr(one)


def test_gpus_are_shared_out_or_the_shortage_is_said():
    assert share_gpus((), 3, 1) == [(), (), ()]
    with pytest.raises(EngineError, match="3 replicas with 2 GPUs each need 6, and there are 4") as caught:
        share_gpus("0123", 3, 2)
    assert "--replicas 2" in caught.value.fix
    with pytest.raises(EngineError, match="no GPUs"):
        share_gpus((), 1, 2)


def test_gpus_are_those_that_this_process_may_use(monkeypatch, tmp_path):
    """Kills: other people's GPUs taken on a shared machine."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a,GPU-b")
    assert found_gpus() == ("GPU-a", "GPU-b")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    lister = tmp_path / "nvidia-smi"
    lister.write_text("#!/bin/sh\necho 'GPU 0: A (UUID: x)'\necho '  MIG 1g'\necho 'GPU 1: A (UUID: y)'\n")
    lister.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert found_gpus() == ("0", "1")
    monkeypatch.setenv("PATH", "")
    assert found_gpus() == ()


def test_a_port_in_use_is_said_before_anything_starts(tmp_path):
    """Kills: only the first port looked at."""
    port = free_port(2)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + 1))
        other.listen()
        settings = ServeSettings("vllm", str(tmp_path), port=port, replicas=2, command=sys.executable)
        with pytest.raises(EngineError, match=f"port {port + 1} on 127.0.0.1 cannot be used: Address already in use"):
            launches(settings)


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_an_engine_that_is_not_installed_is_named_with_what_installs_it(engine, monkeypatch, tmp_path):
    monkeypatch.setattr(launch.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineMissing, match=f"{engine} is not installed here") as caught:
        launches(ServeSettings(engine, str(tmp_path)))
    assert f"pip install {engine}" in caught.value.fix.replace("'", "") and "--python PATH" in caught.value.fix


def test_mistakes_are_said_before_anything_starts(tmp_path):
    with pytest.raises(EngineMissing, match="has no vllm"):
        launches(ServeSettings("vllm", str(tmp_path), python=sys.executable))
    with pytest.raises(EngineMissing, match="no Python at /nowhere/python"):
        launches(ServeSettings("vllm", str(tmp_path), python="/nowhere/python"))
    with pytest.raises(EngineMissing, match="no program '/nowhere/serve'"):
        launches(ServeSettings("vllm", str(tmp_path), command="/nowhere/serve"))
    with pytest.raises(EngineError, match=r"no model at \./absent"):
        launches(ServeSettings("vllm", "./absent", command=sys.executable))
    with pytest.raises(EngineError, match="vllm needs a model"):
        launches(ServeSettings("vllm", command=sys.executable))


def test_a_model_is_offered_under_its_own_name():
    assert served_name(ServeSettings("vllm", "org/Small-1B")) == "Small-1B"
    assert served_name(ServeSettings("vllm", "org/Small-1B", "other")) == "other"
