"""Rows for training: a tokenizer, documents packed into rows of equal length, Parquet files to train on.

The room's folds in their order: `TrainTokenizer` ("tokenizer"), `Pack` ("pack"), `Export` ("export"). All three use one
folder, `view.folder`: tokenizer.json, shards/ and texts/ are what a user takes away from a run.
"""

from retold.pack.export import Export
from retold.pack.pack import Pack
from retold.pack.settings import PackSettings
from retold.pack.summary import PackSummary, summarize
from retold.pack.train import TrainTokenizer

__all__ = ["Export", "Pack", "PackSettings", "PackSummary", "TrainTokenizer", "summarize"]
