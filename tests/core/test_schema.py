"""Golden schemas: a change of a table is a deliberate act."""

from __future__ import annotations

import pyarrow as pa
import pytest

from retold.core.document import Document, Mark, Signals, Span
from retold.core.schema import STORE_FORMAT, TABLES, batch


def test_schemas_are_the_golden_ones(golden):
    """Kills: renaming, retyping or adding a column without looking at the golden file."""
    lines = [f"format {STORE_FORMAT}"]
    for table in TABLES.values():
        lines.append(f"\n{table.name}  key: {', '.join(table.key)}")
        lines += [f"  {field.name}: {field.type}" for field in table.schema]
    golden("schemas.txt", "\n".join(lines) + "\n")


def test_rows_become_batches_and_come_back():
    document = Document("d", "retelling", "text", "web", ("p",), (Span("p", 0, 4),), "faq", "model")
    row = batch("documents", [document]).to_pylist()[0]
    assert row["parents"] == ["p"] and row["spans"] == [{"document_id": "p", "start": 0, "end": 4}]
    signals = batch("signals", [Signals("d", {"words": 2.0}, (Mark(0, 2, "number"),))]).to_pylist()[0]
    assert dict(signals["values"]) == {"words": 2.0} and signals["marks"][0]["reason"] == "number"


def test_a_missing_column_and_a_wrong_type_are_refused():
    with pytest.raises(KeyError, match="uri"):
        batch("origins", [{"document_id": "d", "record_id": "r"}])
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError)):
        batch("origins", [{"document_id": 1.5, "record_id": "r", "uri": "u"}])


def test_statistics_are_kept_on_ids_only():
    texts = {"text", "detail", "heading", "title", "error", "report"}
    assert not [name for table in TABLES.values() for name in table.statistics if name in texts]
