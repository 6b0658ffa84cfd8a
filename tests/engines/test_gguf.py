"""Headers of model files: read, and refused with a sentence where they are no such thing."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.errors import EngineError
from retold.engines.gguf import read_header


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def header(**values: bytes) -> bytes:
    pairs = b"".join(text(key.replace("__", ".")) + value for key, value in values.items())
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(values)) + pairs


def small() -> bytes:
    tokens = ["<|im_start|>", "a", "<|added|>", "<table>"]
    return header(
        general__architecture=struct.pack("<I", 8) + text("llama"),
        llama__context_length=struct.pack("<II", 4, 512),
        tokenizer__ggml__tokens=struct.pack("<IIQ", 9, 8, len(tokens)) + b"".join(map(text, tokens)),
        tokenizer__ggml__token_type=struct.pack("<IIQ4i", 9, 5, 4, 3, 1, 4, 4),
        tokenizer__ggml__bos_token_id=struct.pack("<II", 4, 0),
        tokenizer__ggml__add_bos_token=struct.pack("<I?", 7, True),
    )


def test_a_header_tells_context_specials_and_beginning(tmp_path):
    path = tmp_path / "small.gguf"
    path.write_bytes(small())
    found = read_header(path)
    assert (found.context, found.begin, found.specials) == (512, 0, {"<|im_start|>": 0, "<|added|>": 2})


@given(st.integers(0, len(small()) - 1), st.integers(0, 255))
def test_a_damaged_header_is_told_and_never_a_crash(tmp_path_factory, at, byte):
    """Kills: an array length taken as given."""
    path = tmp_path_factory.getbasetemp() / "damaged.gguf"
    data = bytearray(small())
    data[at] = byte
    path.write_bytes(data)
    try:
        read_header(path)
    except EngineError as error:
        assert "GGUF" in error.message


@pytest.mark.parametrize("data", [b"", b"GGUF", b"<html>", small()[:60], b"GGUF" + struct.pack("<IQQ", 9, 0, 0)])
def test_what_is_no_model_is_told(tmp_path, data):
    path = tmp_path / "no.gguf"
    path.write_bytes(data)
    with pytest.raises(EngineError, match="not a readable GGUF model"):
        read_header(path)
    with pytest.raises(EngineError):
        read_header(tmp_path / "absent.gguf")
