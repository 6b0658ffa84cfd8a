"""An S3-compatible object store on loopback, as a process of its own: moto's, which keeps everything in memory.

    with ObjectStore() as store:            # store.url, store.variables for the environment of who uses it
    python tests/support/object_store.py 0  # prints its port, serves until its standard input is closed

moto looks whether an object exists and then stores it, in two steps; a lock makes a conditional put one step, as in S3.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from types import TracebackType

KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "never-to-be-printed", "AWS_REGION": "us-east-1"}
BUCKET = "retold-tests"


class ObjectStore:
    """Starts the process and makes one bucket; `kill -9` of those who use it leaves it alone."""

    def __enter__(self) -> ObjectStore:
        command = [sys.executable, __file__, "0"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        return {**KEYS, "AWS_ENDPOINT_URL": self.url}


def serve(port: int) -> None:
    """Serve until standard input ends."""
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from moto.s3.models import s3_backends
    from werkzeug.serving import WSGIRequestHandler, make_server

    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    WSGIRequestHandler.disable_nagle_algorithm = True
    WSGIRequestHandler.log_request = lambda *_: None
    app = DomainDispatcherApplication(create_backend_app)
    one_at_a_time = threading.Lock()

    def whole(environment, begin):
        if environment["REQUEST_METHOD"] == "GET":
            return app(environment, begin)
        with one_at_a_time:
            return app(environment, begin)

    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(BUCKET, "us-east-1")
    server = make_server("127.0.0.1", port, whole, threaded=True)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
