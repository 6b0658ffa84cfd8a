"""Addresses of stores as people type them, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from retold.core.errors import StoreError
from retold.store import Place, Store


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("s3://bucket/a/b", "s3://bucket/a/b"),
        (Path("s3://bucket/a"), "s3://bucket/a"),
        ("s3://bucket//a/", "s3://bucket/a"),
        ("out/demo", "out/demo"),
        ("a:/b", "a:/b"),
    ],
)
def test_places_are_read_as_typed(typed, address):
    """Kills: a slash lost by `Path` making a local folder named `s3:`."""
    assert str(Place.of(typed)) == address
    assert Place.of(typed).remote == address.startswith("s3://")


@pytest.mark.parametrize("typed", ["s3://", "s3:///", "s3://b/../c", "gs://b/c", "https://host/b", "s3://key:word@b/c"])
def test_what_is_no_place_is_said_without_repeating_a_key(typed):
    """Kills: a key in an address that is printed."""
    with pytest.raises(StoreError) as error:
        Place.of(typed)
    assert "word" not in str(error.value)


def test_small_files_are_written_as_a_whole_and_read_back(prefix, tmp_path):
    for place in (Place.of(prefix), Place.of(tmp_path / "new")):
        assert place.read("x") is None
        place.write("x", "one")
        (place / "deep").write("y", "two")
        place.write("x", "three")
        assert place.read("x") == "three" and (place / "deep").read("y") == "two"


def test_a_bucket_that_is_not_there_is_an_error_with_a_remedy_and_without_keys(prefix):
    with pytest.raises(StoreError, match="check the bucket") as error:
        Store.create("s3://no-such-bucket-here/x")
    assert "never-to-be-printed" not in str(error.value) and "tester" not in str(error.value)


def test_a_server_that_is_not_there_is_an_error_too(prefix, monkeypatch):
    monkeypatch.setattr("retold.store.place.ATTEMPTS", 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StoreError, match="check the bucket"):
        Store.open(prefix)
