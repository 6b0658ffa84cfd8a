"""What reading may cost, whatever is in a file: the limits of all readers in one place.

    one document          `max_bytes` of the source (16 MB): `too_big`, found before it is whole in memory
    a line of JSON        four times that and 64 kB, skipped unread beyond
    unpacked bytes        256 MB, and 200 for each packed byte read: `decompression_bomb`, reading of that stream ends
                          (in Parquet: the texts of all rows, and 1 kB a row)
    a header              64 kB of a WARC record
    encodings of a body   4, one around the other, each unpacked to `max_bytes` at most
    rows of Parquet       as many at a time as 128 MB hold of the largest documents, 64 at most; a column of a row group
                          that says it unpacks to more than 64 MB and 200 times its size is not decoded
    deep JSON             1,024 levels (orjson): `invalid_json`

Text compresses 3 to 10 times, a log or a table of repeated rows 50, zeros 1,000 with gzip and 30,000 with zstd, whose
terabyte is a file of 32 MB. No reader has a clock: each passes over its bytes once (twice where it looks for the next
record behind damage), so these limits bound its seconds too. A Parquet file can lie about the size of a page: that
page is unpacked (2 GB at most, by the format) before it is refused.
"""

from __future__ import annotations

UNPACKED = 256_000_000
RATIO = 200
HEADERS = 1 << 16
ENCODINGS = 4
ESCAPED = 4
BATCH = 128_000_000
ROWS = 64
COLUMN = 64_000_000
ROW = 1_000


def unpacked(packed: int) -> int:
    """How many bytes may have come out of a stream of which `packed` bytes were read."""
    return UNPACKED + RATIO * packed


def rows(max_bytes: int) -> int:
    """How many rows of a table are decoded at a time."""
    return max(1, min(ROWS, BATCH // max_bytes))


def column(packed: int) -> int:
    """How many bytes a column of a row group of `packed` bytes may say that it unpacks to."""
    return COLUMN + RATIO * packed
