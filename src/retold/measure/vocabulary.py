"""A tokenizer of whole words for invented worlds, and encoding with the loss mask.

Words and whole numbers keep the space before them and punctuation stands alone; a text without a space at the beginning
of a line decodes to itself, and a word outside the given texts is unknown. With some hundred words a model of a tenth
of a million parameters spends them on thinking and not on its vocabulary, which is what makes these experiments run on
one core. Arms on real text use byte-level BPE (`pack.tokenizer`) instead. In: the texts of the world, all of them, so
that the vocabulary is the same in every arm. Out: bytes of a `tokenizer.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from retold.measure.builder import TrainingText

END, UNKNOWN = "<|end|>", "<|unknown|>"
MARKS = "[.,:;?!]"
"""Punctuation that is a token of its own."""

Tokens = tuple[NDArray[np.int32], NDArray[np.bool_]]
"""Ids, and whether loss is taken on each."""


def whole_words(texts: Iterable[str]) -> bytes:
    """A `tokenizer.json` that knows the words of these texts; END has id 0."""
    tokenizer = Tokenizer(models.WordLevel({}, unk_token=UNKNOWN))
    # A word is the same word at the beginning of a text, of a line, and after a space.
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend(" "), normalizers.Replace(Regex("\n(?=.)"), "\n ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split("\n", "isolated"),
            pre_tokenizers.Split(" ", "merged_with_next"),
            pre_tokenizers.Split(Regex(MARKS), "isolated"),
        ]
    )
    words: set[str] = set()
    for text in texts:
        prepared = tokenizer.normalizer.normalize_str(text)
        words.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(prepared))
    vocabulary = {word: index for index, word in enumerate([END, UNKNOWN, *sorted(words)])}
    tokenizer.model = models.WordLevel(vocabulary, unk_token=UNKNOWN)
    tokenizer.decoder = decoders.Sequence([decoders.Fuse(), decoders.Strip(" ", 1, 0), decoders.Replace("\n ", "\n")])
    tokenizer.add_special_tokens([END])
    content: str = tokenizer.to_str(pretty=True)
    return content.encode("utf-8")


class Vocabulary:
    """A tokenizer at work: texts to ids with their loss mask, ids to text. Text is data: END is never read in it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._tokenizer = Tokenizer.from_str(content.decode("utf-8"))
        self._tokenizer.encode_special_tokens = True
        self.end: int = self._tokenizer.token_to_id(END) or 0
        self.size: int = self._tokenizer.get_vocab_size(with_added_tokens=True)
        self._cached = lru_cache(maxsize=1 << 16)(self._encode)

    def ids(self, text: str) -> list[int]:
        """Ids of a text, without an end."""
        found: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return found

    def encode(self, text: TrainingText) -> Tokens:
        """Ids of a text and END, and where loss is taken."""
        return self._cached(text)

    def _encode(self, text: TrainingText) -> Tokens:
        encoding = self._tokenizer.encode(text.text, add_special_tokens=False)
        ids = np.array([*encoding.ids, self.end], dtype=np.int32)
        learnt = np.ones(len(ids), dtype=np.bool_)
        for start, stop in text.masked:
            for place, (first, last) in enumerate(encoding.offsets):
                if first < stop and last > start:
                    learnt[place] = False
        return ids, learnt

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ids up to the first END."""
        kept = list(ids)
        if self.end in kept:
            kept = kept[: kept.index(self.end)]
        text: str = self._tokenizer.decode(kept, skip_special_tokens=False)
        return text
