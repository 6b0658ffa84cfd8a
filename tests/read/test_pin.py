"""Parts are known by content: order, names and places change nothing; what is missing is said helpfully."""

from __future__ import annotations

import importlib
import io
import json
import os

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from read.archives import members, read_all, warc_record
from retold.core.errors import SourceError
from retold.read import Source, pin, read
from retold.read.files import lines
from retold.read.locate import _without_password

# The room exports the function `pin`, which hides the module of the same name.
pinning = importlib.import_module("retold.read.pin")


def ids(folder, settings_) -> list[str]:
    return [raw.record.record_id for raw in read_all(folder, settings_)[0]]


def names(folder, settings_) -> list[str]:
    return [part.name for part in pin("web", Source.model_validate(settings_), folder)]


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(8)), st.booleans())
def test_order_and_names_of_files_change_nothing(tmp_path_factory, order, nested):
    """Law 1. Kills: a file's name or place in the list going into a part's name or a record's id."""
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    for index in range(8):
        (first / f"{index}.txt").write_text(f"Text number {index}.", "utf-8")
    for place, index in enumerate(order):
        target = second / (f"sub{place % 3}" if nested else ".") / f"renamed-{place}.txt"
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"Text number {index}.", "utf-8")
    assert names(first, ".") == names(second, ".")
    assert ids(first, ".") == ids(second, ".")


def test_content_and_source_name_do_change_parts(tmp_path):
    (tmp_path / "a.txt").write_text("One.", "utf-8")
    before = names(tmp_path, "a.txt")
    assert before != [part.name for part in pin("other", Source.model_validate("a.txt"), tmp_path)]
    (tmp_path / "a.txt").write_text("Two.", "utf-8")
    assert before != names(tmp_path, "a.txt")


def test_many_small_files_are_few_parts(tmp_path):
    for index in range(300):
        (tmp_path / f"{index}.txt").write_text(f"Text number {index}.", "utf-8")
    parts = pin("web", Source.model_validate("."), tmp_path)
    assert len(parts) == 16 and sum(len(part.uris) for part in parts) == 300


def test_large_files_are_parts_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(pinning, "SMALL", 10)
    monkeypatch.setattr(pinning, "WHOLE", 200_000)
    (tmp_path / "a.txt").write_text("Text, longer than ten bytes.", "utf-8")
    (tmp_path / "b.txt").write_text("x" * 300_000, "utf-8")
    before = names(tmp_path, ".")
    assert len(before) == 2
    os.utime(tmp_path / "b.txt", ns=(1, 1))
    assert len(set(before) & set(names(tmp_path, "."))) == 1


def test_equal_files_are_read_once_and_keep_their_addresses(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("The same text.", "utf-8")
    raws, _ = read_all(tmp_path, ".")
    assert len(raws) == 1 and raws[0].uris == ("a.txt", "b.txt")


def test_one_text_at_two_addresses_stays_two_records(tmp_path):
    rows = [{"text": "Same.", "url": "http://a"}, {"text": "Same.", "url": "http://b"}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    raws, reasons = read_all(tmp_path, "a.jsonl")
    assert [raw.uris for raw in raws] == [("http://a",), ("http://b",)] and not reasons


def test_hidden_files_and_unknown_names_are_passed_over(tmp_path):
    for name in ("a.txt", ".hidden.txt", "b.bin", ".git/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"In {name}.", "utf-8")
    assert [raw.content for raw in read_all(tmp_path, ".")[0]] == ["In a.txt."]
    assert [raw.content for raw in read_all(tmp_path, {"paths": "b.*", "read": "text"})[0]] == ["In b.bin."]
    with pytest.raises(SourceError, match="does not tell how to read it"):
        names(tmp_path, "b.bin")


def test_messages_for_paths_that_mean_nothing(tmp_path, golden):
    (tmp_path / "crawls").mkdir()
    (tmp_path / "crawls" / "one.warc.gz").write_bytes(members(warc_record(1)))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "image.png").write_bytes(b"x")
    said = []
    for settings_ in (
        "crawl/*.warc.gz",
        "crawls/*.jsonl",
        "crawls/two.warc.gz",
        "entirely/elsewhere",
        "notes",
        {"paths": "crawls", "read": "parquet"},
        "notes/image.png",
        "memory://nothing/here.txt",
    ):
        with pytest.raises(SourceError) as caught:
            names(tmp_path, settings_)
        said.append(str(caught.value).replace(str(tmp_path), "BASE"))
    golden("missing.txt", "\n".join(said) + "\n")


def test_remote_files(tmp_path):
    system = fsspec.filesystem("memory")
    system.pipe("/crawl/a.warc.gz", members(warc_record(1), warc_record(2)))
    system.pipe("/crawl/deep/b.jsonl", b'{"text": "Remote words."}\n')
    try:
        for paths in ("memory://crawl", ["memory://crawl/*.gz", "memory://crawl/deep/b.jsonl"]):
            raws, reasons = read_all(tmp_path, paths)
            assert len(raws) == 3 and not reasons
        source = Source.model_validate("memory://crawl/deep/b.jsonl")
        part = pin("web", source, tmp_path)[0]
        assert part.uris == ("memory:///crawl/deep/b.jsonl",)
        system.rm("/crawl/deep/b.jsonl")
        with pytest.raises(SourceError, match="cannot be opened"):
            list(read(part, source))
    finally:
        system.rm("/crawl", recursive=True)


def test_passwords_in_addresses_are_not_recorded():
    assert _without_password("ftp://me:secret@host/a@b.txt") == "ftp://host/a@b.txt"


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line)), st.integers(1, 40))
def test_lines_are_those_of_the_stream(rows, limit):
    """Kills: losing a line at the border of two chunks."""

    class Dripping(io.BytesIO):
        def read(self, size=-1, /):
            return super().read(min(size, 7))

    expected = [row if len(row) <= limit else None for row in rows]
    found = list(lines(Dripping(b"".join(row + b"\n" for row in rows)), limit))
    assert found == expected
