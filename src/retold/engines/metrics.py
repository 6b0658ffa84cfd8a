"""What servers say of themselves: how many prompts they work on, and how many wait inside them, or can be worked on.

In: the text of `/metrics` (Prometheus) of vLLM, SGLang or llama.cpp. Out: (running, waiting), summed over models and
ranks, or None where the text has neither. Servers that have no metrics answer 404 or something else: that is normal.
What preemption and a full cache do to a server shows in the same figures: what it puts off waits. llama.cpp tells in
`/props` how many places it has, also where its metrics are off, which is how it starts.
"""

from __future__ import annotations

import math

import orjson

RUNNING = ("vllm:num_requests_running", "sglang:num_running_reqs", "llamacpp:requests_processing")
WAITING = ("vllm:num_requests_waiting", "sglang:num_queue_reqs", "llamacpp:requests_deferred")
MOST_LINES = 20_000
MOST_SLOTS = 10_000


def queue_of(text: str) -> tuple[float, float] | None:
    """(running, waiting), or None."""
    found: dict[str, float] = {}
    for line in text.splitlines()[:MOST_LINES]:
        name, _, rest = line.partition("{") if "{" in line else line.partition(" ")
        if name in RUNNING or name in WAITING:
            value = _number(rest.rpartition("}")[2] if "{" in line else rest)
            if value is not None:
                found[name] = found.get(name, 0.0) + value
    running = [found[name] for name in RUNNING if name in found]
    waiting = [found[name] for name in WAITING if name in found]
    return (running[0], waiting[0]) if running and waiting else None


def slots_of(body: bytes) -> int | None:
    """How many prompts a llama.cpp server works on at a time, from its `/props`; None elsewhere."""
    try:
        properties = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    slots = properties.get("total_slots") if isinstance(properties, dict) else None
    return slots if type(slots) is int and 0 < slots <= MOST_SLOTS else None


def _number(text: str) -> float | None:
    words = text.split()
    try:
        value = float(words[0]) if words else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
