"""A search of every byte that lies beside a store: Parquet unpacked, files that no version names included."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def everything(out: Path) -> dict[str, bytes]:
    """Every file as bytes, Parquet unpacked."""
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".parquet":
                sink = pa.BufferOutputStream()
                table = pq.read_table(path)
                with pa.ipc.new_stream(sink, table.schema) as writer:
                    writer.write_table(table.combine_chunks())
                content += sink.getvalue().to_pybytes() + repr(table.to_pylist()).encode()
            found[str(path.relative_to(out))] = content
    return found


def found_in(out: Path, needles: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """The files that hold one of these, each with it."""
    return [(name, one) for name, content in everything(out).items() for one in needles if one in content]
