"""Fixtures for all rooms."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory):
    """What runs find out about servers goes to a folder of this session, in the processes that tests start too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The labelled data beside the project. Tests marked `gates` fail, never skip, where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.fail(f"the labelled data is not at {folder}; gates run only where it is")
    return folder


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """`golden(name, text)` compares with a file beside the test; RETOLD_GOLDEN=write writes it anew."""
    import os

    folder = Path(request.node.path).parent / "golden"

    def compare(name: str, text: str) -> None:
        path = folder / name
        if os.environ.get("RETOLD_GOLDEN") == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing; write it with RETOLD_GOLDEN=write and review it"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def object_store():
    """An S3-compatible server on loopback, a process of its own."""
    from support.object_store import ObjectStore

    with ObjectStore() as server:
        yield server


@pytest.fixture
def prefix(object_store, monkeypatch) -> str:
    """A fresh s3://bucket/prefix, with the environment that leads there."""
    import uuid

    from support.object_store import BUCKET

    for name, value in object_store.variables.items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{uuid.uuid4().hex}"
