"""A proxy on loopback before an object store that loses answers: what a network does at the worst moment.

`with LossyProxy(url) as proxy: proxy.faults.append(("PUT", "_delta_log/", "applied, then cut"))`: the next request
whose method and path fit suffers that fault, once; then the fault is gone, and stands in `happened`. Faults: "applied,
then cut" (the server has done it, the connection is reset without an answer), "applied, then 500", "cut" and "500"
(never forwarded).
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

NOW = b"\1\0\0\0\0\0\0\0"
SORRY = b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>lost</Message></Error>"
assert struct.pack("ii", 1, 0) == NOW  # SO_LINGER of zero seconds: a reset instead of a farewell


class LossyProxy:
    """Listens while open. `url` is what to give to whoever shall suffer."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.faults: list[tuple[str, str, str]] = []
        self.happened: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def __enter__(self) -> LossyProxy:
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # clients that do not wait for the end of an answer
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fault(self, method: str, path: str) -> str:
        with self._lock:
            for one in self.faults:
                if one[0] == method and one[1] in path:
                    self.faults.remove(one)
                    self.happened.append((one[2], path))
                    return one[2]
        return ""


class _Handler(BaseHTTPRequestHandler):
    proxy: LossyProxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _forward(self) -> None:
        body = self._body()
        fault = self.proxy.fault(self.command, self.path)
        if fault == "500":
            self._answer(500, [], SORRY)
            return
        if fault == "cut":
            self._cut()
            return
        upstream = http.client.HTTPConnection(self.proxy.upstream, timeout=30)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect"):
                upstream.putheader(name, value)
        upstream.endheaders(body or None)
        reply = upstream.getresponse()
        data = reply.read()
        if fault == "applied, then cut":
            self._cut()
        elif fault == "applied, then 500":
            self._answer(500, [], SORRY)
        else:
            self._answer(reply.status, reply.getheaders(), data, reply.getheader("Content-Length"))
        upstream.close()

    def _cut(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)
        self.connection.close()
        self.close_connection = True

    def _body(self) -> bytes:
        """The body as it travels, with its framing where it comes in pieces."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while True:
            size = self.rfile.readline()
            body += size
            if not int(size.split(b";")[0], 16):
                break
            body += self.rfile.read(int(size.split(b";")[0], 16) + 2)
        while body[-4:] != b"\r\n\r\n":  # trailers, then an empty line
            body += self.rfile.readline()
        return body

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes, length: str | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _forward

    def log_message(self, *_: object) -> None:
        """Say nothing."""
