"""Settings of packing: `pack: {tokenizer: train, length: 1024}`.

Every field here decides what comes out. The seed of the order is the recipe's, and is handed to the steps beside these.
Sizes read as people write them: `vocabulary: 32k` is 32,000 and `train_on: 200M` is 200 million characters; `length` is
a plain number of tokens, because people who write "4k" there mean 4,096 as often as 4,000.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import field_validator

from retold.core.document import Kind
from retold.core.quantity import Count
from retold.core.settings import Settings, identity

TRAIN = "train"
Format = Literal["mds", "megatron", "npy"]
FORMATS: tuple[Format, ...] = get_args(Format)
ALWAYS = "parquet"
END_OF_TEXT = "<|endoftext|>"
SMALLEST_VOCABULARY = 300  # 256 bytes, the end of a text, and something to learn
LARGEST_VOCABULARY = 1_000_000
SHORTEST_ROW = 16
LONGEST_ROW = 1 << 20


class PackSettings(Settings):
    """What goes into rows, how long they are, and by which tokenizer.

    tokenizer: "train", or the path of a `tokenizer.json`, relative to the recipe
    vocabulary: tokens of a trained tokenizer, at most (a small corpus may hold fewer)
    train_on: characters of real text it is trained on, at most; a sample by document where there are more
    length: tokens of a row
    end_of_text: the token that follows every document and fills up rows
    kinds: the kinds of document that are packed and exported as text
    rows_per_shard: rows of one file
    formats: what is written beside Parquet: megatron, mds, npy
    borders: export position ids, sequence ids and cu_seqlens, for attention within documents
    """

    tokenizer: str = identity(TRAIN)
    vocabulary: Count = identity(8192)
    train_on: Count = identity(200_000_000)
    length: int = identity(1024)
    end_of_text: str = identity(END_OF_TEXT)
    kinds: tuple[Kind, ...] = identity(("reflection", "retelling", "source"))
    rows_per_shard: Count = identity(8192)
    formats: tuple[Format, ...] = identity(())
    borders: bool = identity(False)

    @field_validator("tokenizer", "end_of_text")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value.strip():
            raise ValueError('it is empty: write "train" or the path of a tokenizer.json, and a token such as </s>')
        return value

    @field_validator("vocabulary")
    @classmethod
    def _vocabulary(cls, value: int) -> int:
        if not SMALLEST_VOCABULARY <= value <= LARGEST_VOCABULARY:
            raise ValueError(
                f"a vocabulary of {value} tokens is out of range: {SMALLEST_VOCABULARY} to {LARGEST_VOCABULARY} "
                "(256 are single bytes; 8192 suits a small corpus, 32k a large one)"
            )
        return value

    @field_validator("length")
    @classmethod
    def _length(cls, value: int) -> int:
        if not SHORTEST_ROW <= value <= LONGEST_ROW:
            raise ValueError(
                f"rows of {value} tokens are out of range: {SHORTEST_ROW} to {LONGEST_ROW}, such as 1024 or 4096"
            )
        return value

    @field_validator("train_on", "rows_per_shard")
    @classmethod
    def _positive(cls, value: int) -> int:
        if value < 1:
            raise ValueError(f"{value} is not a size: write 1 or more")
        return value

    @field_validator("formats", mode="before")
    @classmethod
    def _formats(cls, value: Any) -> Any:
        names = [value] if isinstance(value, str) else list(value or ())
        return tuple(sorted({name for name in names if name != ALWAYS}))

    @field_validator("kinds")
    @classmethod
    def _kinds(cls, value: tuple[Kind, ...]) -> tuple[Kind, ...]:
        if not value or len(set(value)) != len(value):
            raise ValueError("name each kind of document to pack once, such as [source, retelling]")
        return tuple(sorted(value))
