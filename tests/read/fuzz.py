"""Mutated files through reading, extraction and cleaning: the program that `test_fuzz.py` runs as a process of its own.

    python tests/read/fuzz.py FIRST COUNT FOLDER

Case n takes file n modulo all of them, and damages it one to eight times as a generator seeded with n says. Before a
case begins its number is written to FOLDER/case, so that a process that dies tells where; what comes out is checked
and counted. Memory of the process is limited to 3 GB more than it has at the start.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from memory_view import MemoryView
from read.archives import members, page, warc_record, wet_record
from retold.clean import REASONS, Curate, Normalize
from retold.read import REASONS as READ
from retold.read import Source, pin

MEMORY = 3_000_000_000
FOUND = (6_462,)  # cases that once ended in an exception come first: a column's name that is not UTF-8
JUNK = (
    b"\0",
    b"\xff",
    b"\r\n\r\n",
    b"\n",
    b"WARC/1.0\r\n",
    b"\x1f\x8b\x08",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"<",
    b'"',
)
NUMBERS = (b"0", b"-1", b"99999999999999999999", b"2147483647", b"4294967296", b"1e999", b"NaN")
WORDS = ("water", "köy", "東京", "\U0001f600", "x" * 80, "<b>", "&amp;", "\u202e", "a_b", "'")


def files() -> dict[str, bytes]:
    """One small file of our own for each way in."""
    draw = random.Random(7)
    texts = [" ".join(draw.choices(WORDS, k=40)) for _ in range(12)]
    rows = "".join(
        json.dumps({"text": text, "id": i, "metadata": {"url": f"http://x/{i}"}}) + "\n" for i, text in enumerate(texts)
    )
    body = page(4, texts[0])
    records = [
        warc_record(0),
        warc_record(1, gzip.compress(page(1), mtime=0), headers=["Content-Encoding: gzip"]),
        warc_record(2, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), headers=["Transfer-Encoding: chunked"]),
        warc_record(3, zstandard.compress(page(3)), headers=["Content-Encoding: zstd"]),
        warc_record(4, texts[1].encode("utf-16-le"), media="text/html; charset=utf-16"),
        warc_record(5, kind="request"),
        wet_record(6, texts[2].encode()),
    ]
    table = pa.table({"text": texts, "id": range(12), "meta": [{"url": "http://x", "list": [[1], []]}] * 12})
    made = {}
    for name, options in (
        ("plain", {"compression": "none", "use_dictionary": False}),
        ("packed", {"compression": "zstd"}),
    ):
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, row_group_size=4, **options)
        made[f"{name}.parquet"] = sink.getvalue().to_pybytes()
    html = "".join(
        f"<div class=c{i}><table><tr><td>{text}</td></tr></table><script>x</script>" for i, text in enumerate(texts)
    )
    return made | {
        "a.warc": b"".join(records),
        "b.warc.gz": members(*records),
        "c.warc.zst": zstandard.compress(b"".join(records)),
        "d.warc.wet.gz": members(*(wet_record(i, text.encode()) for i, text in enumerate(texts))),
        "e.html": f"<html><head><meta charset=utf-8><title>T</title></head><body>{html}</body></html>".encode(),
        "f.html": page(5, texts[3]).decode().encode("cp1251", "replace"),
        "g.jsonl": rows.encode(),
        "h.jsonl.gz": gzip.compress(rows.encode(), mtime=0),
        "i.jsonl.zst": zstandard.compress(rows.encode()),
        "j.txt.gz": gzip.compress("\n".join(texts).encode(), mtime=0),
        "k.md": ("# T\n" + "\n".join(texts)).encode(),
    }


def damaged(data: bytes, draw: random.Random) -> bytes:
    """`data`, damaged one to eight times."""
    hurt = bytearray(data)
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(hurt) + 1)
        end = min(len(hurt), at + draw.choice((1, 2, 8, 64, 512)))
        match draw.randrange(8):
            case 0:
                del hurt[at:end]
            case 1:
                hurt[at:at] = hurt[at:end] * draw.choice((1, 2, 50))
            case 2:
                hurt[at:at] = draw.choice(JUNK) * draw.choice((1, 1, 3, 5_000))
            case 3:
                hurt[at:end] = draw.randbytes(end - at)
            case 4:
                _number(hurt, at, draw)
            case 5 if draw.random() < 0.3:
                del hurt[at:]
            case 6 if len(hurt) > 1:
                other = draw.randrange(len(hurt))
                hurt[at:end] = hurt[other : other + end - at]
            case _:
                for place in range(at, end, 8):
                    hurt[place] ^= 1 << draw.randrange(8)
    return bytes(hurt)


def _number(hurt: bytearray, at: int, draw: random.Random) -> None:
    """Put another number in the place of the next one: lengths that lie."""
    while at < len(hurt) and not 48 <= hurt[at] <= 57:
        at += 1
    end = at
    while end < len(hurt) and 48 <= hurt[end] <= 57:
        end += 1
    hurt[at:end] = draw.choice(NUMBERS)


def case(number: int, made: dict[str, bytes], folder: Path) -> Counter[str]:
    """One damaged file, read and cleaned to rows. Returns the reasons, and the documents under ""."""
    draw = random.Random(number)
    name = list(made)[number % len(made)]
    (folder / name).write_bytes(damaged(made[name], draw))
    source = Source(paths=(name,))
    parts = pin("fuzz", source, folder)
    view, step = MemoryView(folder, parts), Curate({"fuzz": source}, (Normalize(),))
    for part in parts:
        for output in step.process(part, view):
            view.add(step.name, part.name, output)
    (folder / name).unlink()
    found = Counter(row["reason"] for row in view.table("verdicts"))
    assert set(found) <= set(READ) | set(REASONS), found
    for row in view.table("documents"):
        assert row["text"].strip() and "\0" not in row["text"], row
        found[""] += 1
    assert found, "a file ends as documents or verdicts"
    return found


def main(first: int, count: int, folder: Path) -> None:
    """Cases from `first` on; prints what came out and the slowest."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    made, total, slowest = files(), Counter[str](), (0.0, 0)
    for number in (*FOUND, *range(first, first + count)):
        (folder / "case").write_text(str(number))
        start = time.monotonic()
        total += case(number, made, folder)
        slowest = max(slowest, (time.monotonic() - start, number))
    print(json.dumps({"cases": count, "slowest": slowest, "found": dict(total.most_common())}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
