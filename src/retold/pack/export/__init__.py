"""The fold "export": packed rows as files that trainers read unchanged, all in the one order of the rows.

    shards/00000.parquet ...     always: datasets, polars, DuckDB, Spark                     (`parquet.py`)
    texts/00000.parquet ...      always: the documents themselves
    megatron/PHASE.bin, .idx     `formats: [megatron]`: Megatron-LM's indexed data set         (`megatron.py`)
    mds/shard.00000.mds ...      `formats: [mds]`: MosaicML Streaming                          (`mds.py`)
    npy/00000.npy ...            `formats: [npy]`: numpy, memory-mapped, with a loader of ours (`npy.py`)

Every format holds the same tokens in the same order, whatever the number of workers: rows are numbered when they are
packed. `retold.json` in each folder says how many, which phases, and at which row each file begins, so that a training
that stopped after so many rows goes on at exactly the next. A format that the recipe does not name any more loses its
folder, which would be of other rows.
"""

from retold.pack.export.fold import Export
from retold.pack.export.parquet import SHARDS, TEXTS, export_texts
from retold.pack.export.write import export

__all__ = ["SHARDS", "TEXTS", "Export", "export", "export_texts"]
