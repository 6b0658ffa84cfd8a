"""What servers say of themselves: how many prompts they work on, and how many wait inside them.

In: the text of `/metrics` (Prometheus) of vLLM, SGLang or llama.cpp. Out: (running, waiting), summed over models and
ranks, or None where the text has neither. Servers that have no metrics answer 404 or something else: that is normal.
"""

from __future__ import annotations

import math

RUNNING = ("vllm:num_requests_running", "sglang:num_running_reqs", "llamacpp:requests_processing")
WAITING = ("vllm:num_requests_waiting", "sglang:num_queue_reqs", "llamacpp:requests_deferred")
MOST_LINES = 20_000


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


def _number(text: str) -> float | None:
    words = text.split()
    try:
        value = float(words[0]) if words else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
