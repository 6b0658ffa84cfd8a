"""Byte-level BPE: trained on real text, or loaded from a `tokenizer.json`.

    train(texts, vocabulary, end_of_text) -> bytes of a tokenizer.json
    load(path, end_of_text)               -> Encoder

The split into words is GPT-2's, the alphabet is the 256 bytes, so any text comes back unchanged. The library counts
words and merges the commonest pair, ties by token id: the order of texts changes nothing (a test shuffles them).
Training is quadratic in the length of one unbroken word: 1.2 MB of letters without a space did not end in nine minutes,
and take 5 seconds in pieces of 256; so runs longer than LONGEST_RUN characters are cut before they are counted.

Text is data: it is encoded with special tokens off, and a tokenizer for which a text that spells out the end token
gets that token is refused. (Sennrich, Haddow, Birch 2016; byte level after Radford et al. 2019.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from retold.core.errors import RecipeError
from retold.pack.fast import Ids, easy, faster, token_bytes

T = TypeVar("T")
Offsets = NDArray[np.int64]
FILE = "tokenizer.json"
LONGEST_RUN = 256
FAST_FROM = 1_000_000
"""Characters from which on the faster engine is looked for: whether it gives the same ids takes 0.2 s to find out."""


def _cut_runs(text: str) -> list[str]:
    """The text, in pieces without runs of non-space characters longer than LONGEST_RUN."""
    if len(text) <= LONGEST_RUN or max(map(len, text.split()), default=0) <= LONGEST_RUN:
        return [text]
    pieces, start, run = [], 0, 0
    for position, character in enumerate(text):
        run = 0 if character.isspace() else run + 1
        if run > LONGEST_RUN:
            pieces.append(text[start:position])
            start, run = position, 1
    return [*pieces, text[start:]]


def train(texts: Iterable[str], vocabulary: int, end_of_text: str) -> bytes:
    """A tokenizer of at most `vocabulary` tokens as the bytes of its `tokenizer.json`; `end_of_text` has id 0.

    Resident: the distinct words of `texts` with their counts.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[end_of_text],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator((_cut_runs(text) for text in texts), trainer)
    content: str = tokenizer.to_str(pretty=True)
    return content.encode("utf-8")


class Encoder:
    """A tokenizer that treats text as data. Made in the process that uses it, from the file."""

    def __init__(self, tokenizer: Tokenizer, end: int, content: bytes = b"") -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = True
        self._tokenizer = tokenizer
        self._content = content
        self._came = 0
        self.end = end
        """The id of the end of a text."""

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        size: int = self._tokenizer.get_vocab_size(with_added_tokens=True)
        return size

    @property
    def largest(self) -> int:
        """The largest id."""
        return max(self._tokenizer.get_vocab(with_added_tokens=True).values())

    @cached_property
    def engine(self) -> str:
        """What makes the ids: "tiktoken" where it was found to give the same ones, "tokenizers" otherwise."""
        return "tiktoken" if self._fast is not None else "tokenizers"

    @cached_property
    def _fast(self) -> Ids | None:
        return faster(self._content, self._reference) if self._content else None

    def _for(self, texts: Sequence[str]) -> Ids | None:
        """The faster engine, where it may be used for these texts and so many came that finding out has paid."""
        if "_fast" not in self.__dict__:
            self._came += sum(map(len, texts))
            if self._came < FAST_FROM:
                return None
        return self._fast if all(map(easy, texts)) else None

    @cached_property
    def _bytes(self) -> NDArray[np.int32] | None:
        """UTF-8 bytes of each token; None where tokens are not pieces of the bytes of a text."""
        pieces = token_bytes(self._content) if self._content else None
        if pieces is None:
            return None
        sizes = np.zeros(max(pieces) + 1, dtype=np.int32)
        sizes[list(pieces)] = [len(piece) for piece in pieces.values()]
        return sizes

    def _reference(self, texts: Sequence[str]) -> list[list[int]]:
        return [list(item.ids) for item in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without an end token."""
        fast = self._for(texts)
        if fast is None:
            return self._reference(texts)
        return [fast.listed(text) for text in texts]

    def arrays(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """The same as arrays, which the faster engine makes without a list."""
        fast = self._for(texts)
        if fast is None:
            return [np.array(ids, dtype=np.int32) for ids in self._reference(texts)]
        return [fast.array(text) for text in texts]

    def counts(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without an end token."""
        return [len(ids) for ids in self.arrays(texts)]

    def characters(self, text: str, ids: Sequence[int] | NDArray[np.int32]) -> tuple[Offsets, Offsets]:
        """(first character, last character + 1) of each token; `ids` are those of the whole text.

        Tokens that share a character both name it.
        """
        sizes = self._bytes
        raw = np.frombuffer(text.encode(), dtype=np.uint8)
        ends = np.cumsum(sizes[np.asarray(ids, dtype=np.int64)], dtype=np.int64) if sizes is not None else None
        if ends is None or (int(ends[-1]) if len(ends) else 0) != len(raw):
            spans = np.array(self.encode([text])[0].offsets, dtype=np.int64).reshape(-1, 2)
            return spans[:, 0].copy(), spans[:, 1].copy()
        starts = np.r_[np.int64(0), ends[:-1]] if len(ends) else ends
        if len(raw) == len(text):
            return starts, ends
        begun = np.cumsum((raw & 0xC0) != 0x80)  # characters that begin at or before each byte
        return begun[starts] - 1, begun[ends - 1]

    def encode(self, texts: Sequence[str]) -> list[Any]:
        """One `tokenizers.Encoding` per text: `ids`, and character offsets by token."""
        encodings: list[Any] = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return encodings

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ids, end tokens left out."""
        text: str = self._tokenizer.decode([token for token in ids if token != self.end], skip_special_tokens=False)
        return text


def load(path: Path, end_of_text: str) -> Encoder:
    """The tokenizer at `path`.

    Raises RecipeError where the file is missing or is no tokenizer, where it does not know `end_of_text`, and where a
    text that spells `end_of_text` out would be encoded as that token.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecipeError(
            f"cannot read the tokenizer {path}: {error.strerror}",
            "write `tokenizer: train`, or the path of a tokenizer.json (nothing is downloaded by its name)",
        ) from error
    return parse(content, end_of_text, path.name)


@lru_cache(maxsize=4)
def parse(content: bytes, end_of_text: str, name: str = FILE) -> Encoder:
    """As `load`, from the bytes of the file; `name` is for messages. The last few are kept, with their engines."""
    try:
        tokenizer = Tokenizer.from_buffer(content)
    except Exception as error:  # the library raises plain Exception
        raise RecipeError(
            f"{name} is not a tokenizer: {str(error)[:200]}", "name the tokenizer.json of a Hugging Face tokenizer"
        ) from error
    end = tokenizer.token_to_id(end_of_text)
    if end is None:
        raise RecipeError(
            f"{name} has no token {end_of_text!r} to end a text with",
            "set pack.end_of_text to the end token of this tokenizer",
        )
    encoder = Encoder(tokenizer, end, content)
    for probe in (end_of_text, f"a{end_of_text}b", f" {end_of_text}\n"):
        if end in encoder.encode([probe])[0].ids:
            raise RecipeError(
                f"{name} turns text that spells {end_of_text!r} into that token, so a document could end itself",
                'mark the token as "special": true in the file, or choose another pack.end_of_text',
            )
    return encoder


def in_batches(
    rows: Iterable[tuple[T, str]], characters: int = 1 << 20
) -> Iterator[tuple[tuple[T, ...], tuple[str, ...]]]:
    """(what belongs to it, text) in batches of at most `characters`; a longer text is alone, an empty one left out."""
    owners: list[T] = []
    texts: list[str] = []
    size = 0
    for owner, text in rows:
        if not text:
            continue
        if texts and size + len(text) > characters:
            yield tuple(owners), tuple(texts)
            owners, texts, size = [], [], 0
        owners.append(owner)
        texts.append(text)
        size += len(text)
    if texts:
        yield tuple(owners), tuple(texts)
