"""The page in a real browser: it shows, nothing runs, nothing is fetched."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import zlib

import pytest

from retold.report.page import write_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
PATIENCE = 90

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt-get install chromium)"),
]


def browse(page, folder, *options) -> str:
    command = [CHROMIUM, *QUIET, f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout


@pytest.fixture(scope="module")
def page(hostile, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_page(hostile.story, path)
    return path


def colours(path) -> int:
    """How many different rows of pixels a PNG has: 1 for an empty page."""
    data, place, packed = path.read_bytes(), 8, b""
    width = 0
    while place < len(data):
        (size,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        if kind == b"IHDR":
            width = struct.unpack(">I", body[:4])[0] * (4 if body[9] == 6 else 3) + 1
        packed += body if kind == b"IDAT" else b""
        place += 12 + size
    pixels = zlib.decompress(packed)
    return len({pixels[start : start + width] for start in range(0, len(pixels), width)})


@pytest.mark.parametrize("width", [1280, 420])
def test_it_shows_something(page, tmp_path, width):
    browse(page, tmp_path, f"--screenshot={tmp_path / 'page.png'}", f"--window-size={width},1600")
    assert colours(tmp_path / "page.png") > 100


def test_planted_scripts_do_nothing(page, tmp_path):
    """Law 8. Kills: any text of the store that reaches the page as markup."""
    document = browse(page, tmp_path, "--dump-dom")
    assert "<title>little: what was retold</title>" in document
    assert "&lt;script&gt;document.title='owned'&lt;/script&gt;" in document
    assert "<script" not in document and "<img" not in document


def asked_by(page, folder) -> list[str]:
    """Addresses that the page asks for; those that the browser asks for itself have no origin."""
    log = folder / "net.json"
    shot = f"--screenshot={folder / 'shot.png'}"
    browse(page, folder, f"--log-net-log={log}", "--net-log-capture-mode=Everything", shot)
    events = [event.get("params") for event in json.loads(log.read_text("utf-8"))["events"]]
    requests = [params for params in events if isinstance(params, dict) and "url" in params and "initiator" in params]
    return [params["url"] for params in requests if params["initiator"] != "not an origin"]


def test_no_request_leaves_the_machine(page, tmp_path):
    """Law 7. Kills: a font, an image or a style sheet from anywhere."""
    assert [url for url in asked_by(page, tmp_path) if not url.startswith("file:")] == []


def test_the_watch_for_requests_sees_one(tmp_path):
    leaking = tmp_path / "leak.html"
    leaking.write_text('<p>x<img src="http://canary.invalid/x.png">', encoding="utf-8")
    assert "http://canary.invalid/x.png" in asked_by(leaking, tmp_path)
