"""llama.cpp's HTTP server out of the package `xllamacpp`, for machines without a `llama-server` of their own.

    python -m retold.engines.serve.llama_server --model FILE --alias NAME --port 8000

The arguments are named as those of `llama-server`. The key is read from LLAMA_API_KEY.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence

from retold.engines.processors import idle_processors


def main(words: Sequence[str]) -> int:
    """Serve until a signal comes."""
    reader = argparse.ArgumentParser(prog="llama_server", allow_abbrev=False)
    reader.add_argument("--model", "-m", required=True)
    reader.add_argument("--alias", default="")
    reader.add_argument("--host", default="127.0.0.1")
    reader.add_argument("--port", type=int, default=8080)
    reader.add_argument("--parallel", type=int, default=4, help="prompts answered side by side")
    reader.add_argument("--ctx-size", type=int, default=8192, help="tokens of all of them together")
    reader.add_argument("--threads", type=int, default=0, help="0: as many as there are idle processors now")
    reader.add_argument("--cache-ram", type=int, default=256, help="MiB of earlier prompts kept beside the slots")
    reader.add_argument("--metrics", action="store_true")
    chosen = reader.parse_args(words)

    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = chosen.model
    parameters.model_alias = {chosen.alias} if chosen.alias else set()
    parameters.hostnames, parameters.port = [chosen.host], chosen.port
    parameters.n_parallel, parameters.n_ctx = chosen.parallel, chosen.ctx_size
    parameters.cache_ram_mib = chosen.cache_ram
    threads = chosen.threads or idle_processors()
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.endpoint_metrics, parameters.endpoint_slots = chosen.metrics, True
    parameters.warmup, parameters.offline, parameters.ui = False, True, False
    key = os.environ.get("LLAMA_API_KEY", "")
    parameters.api_keys = [key] if key else []
    try:
        server = xllamacpp.Server(parameters)
    except (RuntimeError, ValueError, MemoryError) as error:
        sys.stderr.write(f"error while loading model {chosen.model}: {error}\n")
        return 1
    print(f"listening on {server.listening_address}", flush=True)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    sys.stdout.flush()
    os._exit(0)  # taking the server down in order waits for its connections


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
