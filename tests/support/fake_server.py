"""A model server in few words, for tests of what starts and watches servers: a real process with real HTTP.

    python -I fake_server.py FOLDER --host HOST --port PORT --served-model-name NAME [--behave WORD]

Each life appends a line to FOLDER/lives (pid, pid of its worker, GPUs, key). Like a real server it starts a worker,
here one in a session of its own that ignores SIGTERM. Behaviours: `die` (0.2 s after its start, always), `die-once`,
`no-memory`, `no-model`, `hang` (answers nothing after its first second), `stubborn` (ignores SIGTERM), `chatty` (prints
much, and its key).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

METRICS = 'vllm:num_requests_running{engine="0"} 3.0\nvllm:num_requests_waiting{engine="0"} 1.0\n'
WORKER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
LAST_WORDS = {
    "no-memory": "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 14.00 GiB.",
    "no-model": "OSError: nowhere/model is not a local folder and is not a valid model identifier listed on the hub",
}


def value(name: str) -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else ""


class Handler(BaseHTTPRequestHandler):
    begun = time.monotonic()
    hangs = False

    def do_GET(self) -> None:
        if self.hangs and time.monotonic() - self.begun > 1.0:
            time.sleep(60)
        if self.path == "/v1/models" and self.headers.get("Authorization", "") != bearer():
            self.answer(401, "no key")
        elif self.path == "/v1/models":
            self.answer(200, json.dumps({"data": [{"id": value("--served-model-name")}]}))
        else:
            self.answer(200, METRICS if self.path == "/metrics" else "")

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_words: object) -> None:
        """Quiet."""


def bearer() -> str:
    key = os.environ.get("VLLM_API_KEY", "")
    return f"Bearer {key}" if key else ""


def main() -> None:
    behaviour, lives = value("--behave"), Path(sys.argv[1]) / "lives"
    worker = subprocess.Popen([sys.executable, "-I", "-S", "-c", WORKER], start_new_session=True)
    first = not lives.exists()
    told = [os.getpid(), worker.pid, os.environ.get("CUDA_VISIBLE_DEVICES", ""), os.environ.get("VLLM_API_KEY", "")]
    with lives.open("a") as file:
        file.write(json.dumps(told) + "\n")
    if behaviour in LAST_WORDS:
        sys.exit(LAST_WORDS[behaviour])
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour == "chatty":
        for number in range(2000):
            print(f"line {number}: " + "x" * 60)
        print(f"ServerArgs(api_key='{os.environ.get('VLLM_API_KEY', '')}')", flush=True)
    Handler.hangs = behaviour == "hang"
    if behaviour == "die" or (behaviour == "die-once" and first):
        threading.Timer(0.2, lambda: os._exit(3)).start()
    ThreadingHTTPServer((value("--host"), int(value("--port"))), Handler).serve_forever()


if __name__ == "__main__":
    main()
