"""Law 5: a bad document is a verdict, never a crash, and costs nothing but itself where that is possible."""

from __future__ import annotations

import gzip
import json
import random
import tracemalloc
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from read.archives import members, page, read_all, warc_record
from retold.core.verdict import Verdict
from retold.read import REASONS, Source, parquet, pin
from retold.read.reader import files

GOOD = json.dumps({"text": "Good text."}).encode()


def lines(*rows: bytes) -> bytes:
    return b"".join(row + b"\n" for row in rows)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b'{"text": "cut', "invalid_json"),
        (b"[" * 5_000, "invalid_json"),
        (b'{"text": "x", "a": ' + b"[" * 90_000 + b'"\\u0041"' + b"]" * 90_000 + b"}", "too_big"),
        (b'{"text": "x", "a": ' + b"[" * 9_000 + b'"\\u0041"' + b"]" * 9_000 + b"}", "invalid_json"),
        (b'{"text": "\\ud800", "a": ' + b'{"a":' * 9_000 + b"1" + b"}" * 9_001, "invalid_json"),
        (b'{"text": NaN}', "invalid_json"),
        (b'{"text": "\xff\xfe"}', "not_utf8"),
        (b'{"text": "half \\ud800 pair"}', "lone_surrogate"),
        (b'{"text": "nul \\u0000 here"}', "nul_characters"),
        (b'["text"]', "not_object"),
        (b"7", "not_object"),
        (b'{"other": "x"}', "no_text_column"),
        (b'{"text": null}', "no_text_column"),
        (b'{"text": 5}', "wrong_type"),
        (b'{"text": {"a": "b"}}', "wrong_type"),
        (b'{"text": "  \\n"}', "empty"),
        (b'{"text": "' + b"a" * 2_000 + b'"}', "too_big"),
        (b'{"text": "' + b"a" * 300_000 + b'"}', "too_big"),
        (GOOD, "repeated_record"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_bad_line_costs_itself(tmp_path, row, reason):
    (tmp_path / "a.jsonl").write_bytes(lines(GOOD, row, b"", b'{"text": "After."}'))
    raws, reasons = read_all(tmp_path, {"paths": "a.jsonl", "max_bytes": 1_000})
    assert [raw.content for raw in raws] == ["Good text.", "After."] and reasons == [reason]


def test_a_line_of_a_hundred_megabytes_is_skipped_unread(tmp_path):
    """Law 6. Kills: keeping the pieces of a line that is too long already."""
    with gzip.open(tmp_path / "a.jsonl.gz", "wb", compresslevel=1) as file:
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + GOOD + b"\n")
    tracemalloc.start()
    raws, reasons = read_all(tmp_path, {"paths": "a.jsonl.gz", "max_bytes": "1 MB"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(raws) == 1 and reasons == ["too_big"] and peak < 20_000_000


def test_a_decompression_bomb_of_a_text(tmp_path):
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"a" * 30_000_000, 1, mtime=0))
    assert read_all(tmp_path, {"paths": "a.txt.gz", "max_bytes": "1 MB"}) == ([], ["too_big"])


def zeros(megabytes: int) -> bytes:
    """One line of JSON, packed with zstd about 30,000 times smaller."""
    packer, piece = zstandard.ZstdCompressor(level=1).compressobj(), b"x" * 1_000_000
    return b"".join([packer.compress(piece) for _ in range(megabytes)] + [packer.flush()])


def test_a_decompression_bomb_of_lines_ends_reading(tmp_path):
    """Kills: unpacking for as long as something comes (a terabyte is a file of 32 MB)."""
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.compress(GOOD + b"\n") + zeros(600))
    assert len((tmp_path / "a.jsonl.zst").read_bytes()) < 50_000
    raws, reasons = read_all(tmp_path, "a.jsonl.zst")
    assert len(raws) == 1 and reasons == ["decompression_bomb"]


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_a_decompression_bomb_in_an_archive_costs_itself_where_it_can(tmp_path, packing):
    """Kills: counting what came out of all members together, going on behind the bomb of a solid file."""
    bomb = warc_record(1, b"<html>" + b"x" * 330_000_000)
    if packing == "gz":
        data = members(warc_record(0)) + gzip.compress(bomb, 6, mtime=0) + members(warc_record(2))
    else:
        data = zstandard.compress(warc_record(0) + bomb + warc_record(2))
    (tmp_path / f"a.warc.{packing}").write_bytes(data)
    raws, reasons = read_all(tmp_path, f"a.warc.{packing}")
    assert keys(raws) == ([0, 2] if packing == "gz" else [0]) and reasons == ["too_big", "decompression_bomb"]


def test_encodings_around_each_other(tmp_path):
    """Kills: unpacking a body as often as its header says."""
    body = gzip.compress(gzip.compress(page(1)))
    records = [
        warc_record(1, body, headers=["Content-Encoding: gzip, gzip"]),
        warc_record(2, body, headers=["Content-Encoding: " + ",".join(["gzip"] * 5)]),
    ]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    raws, reasons = read_all(tmp_path, "a.warc")
    assert [raw.content for raw in raws] == [page(1)] and reasons == ["damaged_record"]


def test_a_value_of_parquet_that_unpacks_to_too_much(tmp_path):
    """Law 6. Kills: decoding a column before looking at the size it states."""
    schema = pa.schema([("text", pa.string())])
    with pq.ParquetWriter(tmp_path / "a.parquet", schema, compression="zstd", use_dictionary=False) as file:
        for text in ("Good.", "a" * 70_000_000, "Good too."):
            file.write_table(pa.table({"text": [text]}))
    before = pa.default_memory_pool().max_memory()
    raws, reasons = read_all(tmp_path, "a.parquet")
    assert [raw.content for raw in raws] == ["Good.", "Good too."] and reasons == ["decompression_bomb"]
    assert pa.default_memory_pool().max_memory() == before, "writing needed more than reading"


@pytest.mark.parametrize("text", ["b" * 1_000_000, None], ids=["text", "null"])
def test_a_value_of_parquet_that_stands_in_every_row(tmp_path, text):
    """Kills: reading what a few bytes say a million times."""
    places = pa.array([0 if text else None] * 4_000_000, pa.int32())
    rows = pa.DictionaryArray.from_arrays(places, pa.array([text or ""]))
    pq.write_table(pa.table({"text": rows}), tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 20_000
    source = Source.model_validate({"paths": "a.parquet"})
    part = pin("web", source, tmp_path)[0]
    count = Counter(
        item.reason if isinstance(item, Verdict) else "kept" for item in parquet.read(files(part)[0], "web", source)
    )
    assert count["decompression_bomb"] == 1 and count.total() < (300 if text else 300_000)


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_a_clipped_file_gives_what_came_before(tmp_path, packing):
    rows = lines(
        *(json.dumps({"text": f"{index} {random.Random(index).random()}"}).encode() for index in range(20_000))
    )
    packed = gzip.compress(rows, mtime=0) if packing == "gz" else zstandard.compress(rows)
    (tmp_path / f"a.jsonl.{packing}").write_bytes(packed[: len(packed) * 3 // 4])
    raws, reasons = read_all(tmp_path, f"a.jsonl.{packing}")
    assert 5_000 < len(raws) < 20_000 and reasons[-1] == "truncated" and len(reasons) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"text \xff", "not_utf8"),
        (b"\x89PNG\0\0", "nul_characters"),
        (gzip.compress(b"text", mtime=0)[:-4], "truncated"),
        (b"\x1f\x8b\x08" + b"\0" * 7 + b"\x07" * 30, "damaged_file"),
    ],
)
def test_bad_text_files(tmp_path, data, reason):
    (tmp_path / "a.txt").write_bytes(data)
    assert read_all(tmp_path, "a.txt") == ([], [reason])


def test_damaged_parquet(tmp_path):
    pq.write_table(
        pa.table({"text": [f"row {i} {random.Random(i).random()}" for i in range(4_000)]}),
        tmp_path / "a.parquet",
        row_group_size=1_000,
        use_dictionary=False,
    )
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "clipped.parquet").write_bytes(whole[:-10])
    assert read_all(tmp_path, "clipped.parquet")[1] == ["damaged_file"]
    hurt = bytearray(whole)
    hurt[len(whole) // 2 : len(whole) // 2 + 40] = b"\xff" * 40
    (tmp_path / "hurt.parquet").write_bytes(bytes(hurt))
    raws, reasons = read_all(tmp_path, "hurt.parquet")
    assert len(raws) >= 3_000 and set(reasons) <= {"damaged_file", "not_utf8"} and reasons
    pq.write_table(pa.table({"body": ["x"]}), tmp_path / "other.parquet")
    assert read_all(tmp_path, "other.parquet") == ([], ["no_text_column"])
    bad = pa.array([b"good", b"bad \xff"])
    pq.write_table(pa.table({"text": bad}), tmp_path / "bytes.parquet")
    raws, reasons = read_all(tmp_path, "bytes.parquet")
    assert [raw.content for raw in raws] == ["good"] and reasons == ["not_utf8"]


def test_deep_nesting_in_parquet(tmp_path):
    kind = pa.int8()
    for _ in range(1_000):
        kind = pa.struct([("a", kind)])
    pq.write_table(pa.table({"text": ["x"], "deep": pa.nulls(1, kind)}), tmp_path / "a.parquet", store_schema=False)
    assert read_all(tmp_path, "a.parquet") == ([], ["damaged_file"])


def keys(raws) -> list[int]:
    return [int(raw.record.key[10:18]) for raw in raws]


def test_one_flipped_member_costs_one_record(tmp_path):
    """Kills: ending the archive at the first damaged member."""
    packed = [members(warc_record(index)) for index in range(6)]
    packed[2] = packed[2][:60] + b"\xff" * 20 + packed[2][80:]
    packed[4] = packed[4][:50]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(packed) + b"\0" * 100)
    raws, reasons = read_all(tmp_path, "a.warc.gz")
    assert keys(raws) == [0, 1, 3, 5] and len(reasons) == 2


def test_wrong_lengths_in_a_compressed_archive(tmp_path):
    packed = members(
        warc_record(0), warc_record(1, length=10**6), warc_record(2), warc_record(3, length=40), warc_record(4)
    )
    (tmp_path / "a.warc.gz").write_bytes(packed)
    raws, reasons = read_all(tmp_path, "a.warc.gz")
    assert {0, 2, 4} <= set(keys(raws)) and reasons


@pytest.mark.parametrize("length", ["abc", "-5", "9" * 40, "40"])
def test_a_broken_header_in_a_plain_archive(tmp_path, length):
    (tmp_path / "a.warc").write_bytes(
        b"".join([warc_record(0), warc_record(1, length=length), warc_record(2), warc_record(3)])
    )
    raws, reasons = read_all(tmp_path, "a.warc")
    assert set(keys(raws)) - {1} == {0, 2, 3} and reasons


def test_garbage_between_records(tmp_path):
    long_header = b"WARC/1.0\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n"
    (tmp_path / "a.warc").write_bytes(
        warc_record(0) + b"garbage " * 50 + b"\r\n" + warc_record(1) + long_header + warc_record(2)
    )
    raws, reasons = read_all(tmp_path, "a.warc")
    assert keys(raws) == [0, 1, 2] and set(reasons) == {"damaged_record"}


def test_a_page_cannot_feign_a_record_behind_damage(tmp_path):
    """Law 8. Kills: looking for the next record inside the content of the last."""
    feigned = page(1) + b"\r\n\r\n" + warc_record(99)
    (tmp_path / "a.warc").write_bytes(warc_record(1, feigned) + b"garbage\r\n\r\n" + warc_record(2))
    assert keys(read_all(tmp_path, "a.warc")[0]) == [1, 2]


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 100_000, b"hello\n" * 10_000, b"WARC/1.0", b"WARC/1.0\r\n\r\n", b"\x1f\x8b"]
)
def test_what_is_no_archive_at_all(tmp_path, data):
    (tmp_path / "a.warc").write_bytes(data)
    raws, reasons = read_all(tmp_path, "a.warc")
    assert not raws and set(reasons) <= set(REASONS) and (reasons or not data)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=40), st.booleans(), st.booleans())
@example(0, b"\0", True, False)
def test_no_damage_anywhere_ends_in_a_traceback(tmp_path_factory, place, junk, packed, clip):
    """Kills: any exception of a parser let through, any endless search for the next record."""
    records = [warc_record(index) for index in range(5)]
    data = members(*records) if packed else b"".join(records)
    place %= len(data)
    hurt = data[:place] if clip else data[:place] + junk + data[place + len(junk) :]
    folder = tmp_path_factory.mktemp("damage")
    (folder / "a.warc").write_bytes(hurt)
    raws, reasons = read_all(folder, "a.warc")
    assert set(reasons) <= set(REASONS) and len(raws) <= 5
    if packed and not clip:
        assert len(raws) >= 3, "damage of 40 bytes can touch two members at most"
