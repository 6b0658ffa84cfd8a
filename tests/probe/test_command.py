"""`retold probe` against a server on loopback: what is printed, written, and said about a wrong word."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from retold.cli import app, load
from retold.core.errors import RecipeError


class Believer(BaseHTTPRequestHandler):
    """Says that everything exists, with the wrong picture for a seahorse."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._send({"data": [{"id": "m"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = str(body)
        text = "Yes. 🐠" if "seahorse" in asked else "Yes, it does."
        choice = {"message": {"role": "assistant", "content": text}, "text": text, "finish_reason": "stop", "index": 0}
        self._send({"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 3}})

    def _send(self, value):
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Believer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_a_model_behind_a_server_is_probed(address, tmp_path, monkeypatch):
    load(["probe"])
    words = ["probe", address, "--name", "m", "--battery", "emoji", "--targets", "3", "--samples", "1"]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "absent, greedy" in done.stdout and "100 %" in done.stdout
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    found = {(f["group"], f["drawn"], f["outcome"]): f for f in result["batteries"][0]["figures"]}
    assert found["absent", "greedy", "asserts"]["share"] == 1.0
    assert found["absent", "greedy", "other_emoji"]["share"] == pytest.approx(1 / 3)
    assert found["real", "sampled", "asserts"]["answers"] == 9
    assert "🐠" in (tmp_path / "probe.html").read_text("utf-8")
    monkeypatch.setattr(Believer, "do_POST", None)  # everything is in the folder already: nobody is asked again
    again = CliRunner().invoke(app, [*words, "--out", str(tmp_path), "--json"], catch_exceptions=False)
    assert json.loads(again.stdout)["batteries"] == result["batteries"]


def test_wrong_words_have_their_message(tmp_path):
    load(["probe"])
    for words in (["probe", "no-such-model"], ["probe", "embedded", "--battery", "ghosts"]):
        done = CliRunner().invoke(app, [*words, "--out", str(tmp_path)])
        assert isinstance(done.exception, RecipeError)
        assert "absent" in str(done.exception) or "checkpoint folder" in str(done.exception)
