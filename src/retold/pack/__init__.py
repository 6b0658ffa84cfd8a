"""Rows for training: a tokenizer, documents packed into rows of equal length, files to train on.

The room's folds in their order: `TrainTokenizer` ("tokenizer"), `Pack` ("pack"), `Export` ("export"). All three use one
folder, `view.folder`: tokenizer.json, shards/ and texts/ are what a user takes away from a run.

The map between tokens and characters (table `packed`, and the column `documents` of shards/*.parquet):

    row         0, 1, 2, ... over all rows of a run; row r is line r % rows_per_shard of shards/<r // rows_per_shard>
    phase       the phase of training that the row belongs to, empty without a mixture; phases are ranges of rows
    input_ids   int32, `length` of them
    loss_mask   uint8: 1 where a token trains; 0 on padding and on text without loss (`Document.no_loss`)
    documents   [(document_id, char_start, char_end, token_start, token_end)], ascending

A range says: tokens [token_start, token_end) of the row are those of the characters [char_start, char_end) of the
document's text. Ranges stand side by side from the first token of a row; what lies behind the last one is padding, and
so is the place of a document that was forgotten since. The end token belongs to the document that it ends and has no
characters: a range with char_end == the length of the text ends with it. A document longer than a row is several ranges
in ascending rows, which meet at characters where a word begins (as far as there is one), and a document drawn again by
a mixture has its ranges once more. So a document's tokens are those of its ranges in the order of rows, and no position
of a row that is not padding is without one.
`pack.locate` finds the characters of one token and checks them by tokenising them again.
"""

from retold.pack.export import Export
from retold.pack.pack import Pack
from retold.pack.settings import PackSettings
from retold.pack.summary import PackSummary, summarize
from retold.pack.train import TrainTokenizer

__all__ = ["Export", "Pack", "PackSettings", "PackSummary", "TrainTokenizer", "summarize"]
