"""Every format, plain and compressed, gives back what was put in; layouts are recognised; ids come from content."""

from __future__ import annotations

import gzip
import json
import pickle

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from pydantic import ValidationError

from read.archives import members, page, read_all, warc_record, wet_record
from retold.core.document import record_id
from retold.core.errors import SourceError
from retold.read import REASONS, Source, pin, read
from retold.read.locate import kind_of

PACKINGS = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}
TEXTS = ["The first text, with an é.", "The second one.\nIt has two lines.", "第三"]


@pytest.mark.parametrize("packing", PACKINGS)
def test_json_lines(tmp_path, packing):
    lines = "".join(json.dumps({"text": text, "id": f"k{index}"}) + "\n" for index, text in enumerate(TEXTS))
    (tmp_path / f"a.jsonl{packing}").write_bytes(PACKINGS[packing](lines.encode()))
    raws, reasons = read_all(tmp_path, f"a.jsonl{packing}")
    assert [(raw.content, raw.record.key) for raw in raws] == [(text, f"k{i}") for i, text in enumerate(TEXTS)]
    assert raws[0].record.record_id == record_id("web", "k0") and not reasons


def test_json_lines_with_a_byte_order_mark_and_the_line_ends_of_windows(tmp_path):
    """Kills: `removeprefix` left out, which costs the first record; a mark taken off every line."""
    lines = [json.dumps({"text": text}) for text in TEXTS] + ["\ufeff{}"]
    (tmp_path / "a.jsonl").write_bytes(("\ufeff" + "\r\n".join(lines)).encode())
    raws, reasons = read_all(tmp_path, "a.jsonl")
    assert [raw.content for raw in raws] == TEXTS and reasons == ["invalid_json"]


@pytest.mark.parametrize("packing", PACKINGS)
def test_text_and_markdown(tmp_path, packing):
    (tmp_path / f"a.txt{packing}").write_bytes(PACKINGS[packing](b"\xef\xbb\xbf" + TEXTS[0].encode()))
    (tmp_path / f"b.md{packing}").write_bytes(PACKINGS[packing](b"intro\n# The title \n\nText."))
    raws, reasons = read_all(tmp_path, ".")
    by_media = {raw.record.media_type: raw for raw in raws}
    assert by_media["text/plain"].content == TEXTS[0]
    assert by_media["text/markdown"].record.title == "The title" and not reasons


@pytest.mark.parametrize("packing", PACKINGS)
def test_html_files(tmp_path, packing):
    (tmp_path / f"a.html{packing}").write_bytes(PACKINGS[packing](page(1)))
    raws, _ = read_all(tmp_path, {"paths": f"a.html{packing}", "licence": "CC0-1.0"})
    assert raws[0].content == page(1) and raws[0].record.licence == "CC0-1.0"


@pytest.mark.parametrize("packing", ["plain", "gz", "whole.gz", "zst"])
def test_archives(tmp_path, packing):
    records = [warc_record(1), warc_record(2, kind="request"), warc_record(3, status="404 Not Found")]
    records += [warc_record(4, media="image/png"), warc_record(5, media="application/xhtml+xml; charset=latin-1")]
    joined = b"".join(records)
    data = {"plain": joined, "gz": members(*records), "whole.gz": gzip.compress(joined)}.get(packing)
    (tmp_path / "a.warc").write_bytes(data if data is not None else zstandard.compress(joined))
    raws, reasons = read_all(tmp_path, "a.warc")
    assert [raw.content for raw in raws] == [page(1), page(5)]
    assert reasons == ["not_response", "http_error", "not_html"]
    record = raws[0].record
    assert (record.key, record.uri, record.date) == (
        "<urn:uuid:00000001>",
        "http://example.org/1",
        "2024-05-18T01:58:10Z",
    )
    assert raws[1].fields["charset"] == "latin-1"


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
def test_archives_of_texts(tmp_path, packing):
    """Kills: taking any conversion for text, decoding with replacements, reading metadata."""
    records = [wet_record(0, b"software: x", "application/warc-fields", "warcinfo"), wet_record(1)]
    records += [wet_record(2, "第二 page".encode()), wet_record(3, b"%PDF", "application/pdf"), wet_record(4, b"\xff")]
    records += [
        wet_record(5, b"nul \0 here"),
        wet_record(6, b" \n"),
        wet_record(7, b"{}", "application/json", "metadata"),
    ]
    data = members(*records) if packing == ".gz" else PACKINGS[packing](b"".join(records))
    (tmp_path / f"a.warc.wet{packing}").write_bytes(data)
    raws, reasons = read_all(tmp_path, ".")
    assert [raw.content for raw in raws] == ["Page 1\nPlain words of a page, again and again.\n", "第二 page"]
    assert reasons == ["not_response", "not_response", "not_utf8", "nul_characters", "empty", "not_response"]
    record = raws[0].record
    assert (record.key, record.uri, record.media_type) == ("<urn:uuid:00000001>", "http://example.org/1", "text/plain")


def test_an_archive_of_metadata_holds_no_text(tmp_path):
    records = [wet_record(index, b'{"Envelope": {}}', "application/json", "metadata") for index in range(3)]
    (tmp_path / "a.warc.wat.gz").write_bytes(members(*records))
    assert read_all(tmp_path, ".") == ([], ["not_response"] * 3)


def test_bodies_are_unpacked(tmp_path):
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(page(2)), page(2))
    records = [
        warc_record(1, gzip.compress(page(1)), headers=["Content-Encoding: gzip"]),
        warc_record(2, chunked, headers=["Transfer-Encoding: chunked"]),
        warc_record(3, zstandard.compress(page(3)), headers=["Content-Encoding: zstd"]),
        warc_record(4, page(4), headers=["Content-Encoding: gzip"]),
        warc_record(5, b"\x00\x01\x02 no gzip", headers=["Content-Encoding: gzip"]),
        warc_record(6, gzip.compress(b"<html>" + b" " * 50_000_000), headers=["Content-Encoding: gzip"]),
    ]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    raws, reasons = read_all(tmp_path, "a.warc")
    assert [raw.content for raw in raws] == [page(1), page(2), page(3), page(4)]
    assert reasons == ["damaged_record", "too_big"]


def test_parquet_in_the_layout_of_hugging_face(tmp_path):
    table = pa.table(
        {
            "text": pa.array(TEXTS).dictionary_encode(),
            "id": ["a", "b", "c"],
            "url": ["http://x/a", None, "http://x/c"],
            "date": pa.array([1_600_000_000] * 3, pa.timestamp("s")),
            "unused": [[1], [2], [3]],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    raws, reasons = read_all(tmp_path, "a.parquet")
    assert [raw.content for raw in raws] == TEXTS and not reasons
    assert [raw.record.uri for raw in raws] == ["http://x/a", "a.parquet", "http://x/c"]
    assert raws[0].record.date.startswith("2020-09-13")


def test_layouts_of_datatrove_and_dolma(tmp_path):
    trove = {"text": TEXTS[0], "id": "<urn:1>", "metadata": {"url": "http://t/1", "date": "2024-01-01"}}
    dolma = {
        "id": "d1",
        "text": TEXTS[1],
        "source": "s",
        "created": "2020",
        "added": "2021",
        "metadata": {"license": "MIT"},
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(trove) + "\n" + json.dumps(dolma) + "\n", "utf-8")
    first, second = read_all(tmp_path, "a.jsonl")[0]
    assert (first.record.key, first.record.uri, first.record.date) == ("<urn:1>", "http://t/1", "2024-01-01")
    assert (second.record.key, second.record.date, second.record.licence) == ("d1", "2020", "MIT")


def test_columns_named_by_the_recipe(tmp_path):
    row = {"body": {"main": "Words."}, "uid": 7, "id": "no", "rights": "CC-BY-4.0", "head": " A \n title "}
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    settings = {"paths": "a.jsonl", "text": "body.main", "id": "uid", "title": "head", "licence": {"column": "rights"}}
    record = read_all(tmp_path, settings)[0][0].record
    assert (record.key, record.licence, record.title) == ("7", "CC-BY-4.0", "A title")


def test_python_docs_need_nothing():
    source = Source.model_validate({"read": "python_docs"})
    raws, reasons = read_all(None, source)
    assert len(raws) > 50 and not reasons
    assert all(raw.record.licence == "PSF-2.0" and raw.record.title for raw in raws)
    assert len({raw.record.record_id for raw in raws}) == len(raws)


def test_a_limit_is_dealt_out_over_parts(tmp_path):
    for index in range(12):
        (tmp_path / f"{index}.txt").write_text(f"Text number {index}.", "utf-8")
    everything = [raw.content for raw in read_all(tmp_path, ".")[0]]
    limited = [raw.content for raw in read_all(tmp_path, {"paths": ".", "limit": 5})[0]]
    assert len(everything) == 12 and limited == everything[:5]


def test_settings_say_what_is_wrong():
    for bad in (
        {},
        {"read": "python_docs", "paths": "x"},
        {"paths": "x", "max_bytes": "ten"},
        {"paths": "x", "typo": 1},
    ):
        with pytest.raises(ValidationError):
            Source.model_validate(bad)
    assert Source.model_validate({"paths": "x", "max_bytes": "1.5 MB"}).max_bytes == 1_500_000
    assert "paths" not in Source.model_validate("x").identity()


def test_names_tell_kinds():
    names = ["a.JSONL.gz", "b.parquet", "c.md", "d.htm.zst", "e.warc.gz", "f.bin", "jsonl"]
    assert [kind_of(name) for name in names] == ["jsonl", "parquet", "text", "html", "warc", "", ""]


def test_a_source_and_its_parts_travel_to_other_processes(tmp_path):
    (tmp_path / "a.txt").write_text("Words.", "utf-8")
    source = Source.model_validate("a.txt")
    parts = pin("web", source, tmp_path)
    assert pickle.loads(pickle.dumps((source, parts))) == (source, parts)


def test_a_disk_that_fails_stops_the_part_and_is_no_verdict(tmp_path):
    """Kills: counting a file that vanished after planning as a bad document."""
    (tmp_path / "a.txt").write_text("Words.", "utf-8")
    source = Source.model_validate("a.txt")
    parts = pin("web", source, tmp_path)
    (tmp_path / "a.txt").write_text("Other words.", "utf-8")
    with pytest.raises(SourceError, match="when the run was planned"):
        list(read(parts[0], source))
    (tmp_path / "a.txt").unlink()
    with pytest.raises(SourceError, match="cannot be opened"):
        list(read(parts[0], source))


def test_every_reason_is_explained():
    assert all(code.isidentifier() and text.endswith(".") for code, text in REASONS.items())
