"""What servers say of themselves, in the words of each."""

from __future__ import annotations

import pytest

from retold.engines.metrics import queue_of, slots_of

VLLM = """# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="a b} c"} 12.0
vllm:num_requests_running{engine="1",model_name="a b} c"} 3.0
vllm:num_requests_waiting{engine="0",model_name="a b} c"} 2.0
vllm:num_requests_waiting{engine="1",model_name="a b} c"} 0.0
vllm:kv_cache_usage_perc{engine="0"} 0.5
"""
LLAMA = "llamacpp:requests_processing 1\nllamacpp:requests_deferred 7\n"
SGLANG = 'sglang:num_running_reqs{model_name="m"} 4 1700000000000\nsglang:num_queue_reqs{model_name="m"} 1e1\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (VLLM, (15.0, 2.0)),
        (LLAMA, (1.0, 7.0)),
        (SGLANG, (4.0, 10.0)),
        (LLAMA.replace("\n", "\r\n"), (1.0, 7.0)),
        ("", None),
        ("<html>not found</html>", None),
        ("vllm:num_requests_running 3\n", None),
        (LLAMA.replace("7", "NaN"), None),
        (LLAMA.replace("7", "-1"), None),
        (LLAMA.replace("7", ""), None),
    ],
)
def test_running_and_waiting(text, found):
    """Kills: keeping the last of several engines; cutting labels at the first brace; taking the time for the value."""
    assert queue_of(text) == found


@pytest.mark.parametrize(
    ("body", "slots"),
    [
        (b'{"total_slots": 4, "model_path": "m.gguf"}', 4),
        (b'{"total_slots": 0}', None),
        (b'{"total_slots": true}', None),
        (b'{"total_slots": "4"}', None),
        (b'{"total_slots": 10000000}', None),
        (b'{"error": "not found"}', None),
        (b"[4]", None),
        (b"<html>", None),
    ],
)
def test_places_of_a_server(body, slots):
    """Kills: trusting whatever stands there."""
    assert slots_of(body) == slots
