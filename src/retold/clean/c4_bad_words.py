r"""The entry "c4_bad_words": C4's rule that one word of a list drops the page.

    - c4_bad_words: {words: lists/en.txt}
    - c4_bad_words: {words: lists/ja.txt, whole_words: false}       Japanese, Thai and Chinese, as C4 has them

In: texts. Out: the signal `c4_bad_words`, 1 where the text in lower case holds a listed word or phrase with no letter,
digit or underscore beside it (`(?:\W|^)(...)(?:\W|$)` in `c4_utils.py` of TensorFlow Datasets, since version 3 of C4;
before, only letters from a to z counted). For languages without spaces what is beside it does not matter. Words of the
list are taken in lower case. C4's own list is LDNOOBW, by language; none is shipped, and `unsafe.py` says what such
lists do: they drop pages of medicine and law, and what minorities write about themselves.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from retold.clean.entry import Limit, Measured
from retold.clean.lists import Files, Listed, entries
from retold.core.settings import execution, identity

if TYPE_CHECKING:
    from retold.text.phrases import Phrases
    from retold.text.scan import Texts


class C4BadWords(Listed):
    """Drop documents that hold a word of the list."""

    LISTS: ClassVar[tuple[str, ...]] = ("words",)
    words: tuple[str, ...] = execution(min_length=1, description="files of words or phrases, one a line")
    whole_words: bool = identity(True, description="false for languages without spaces between words")

    def measure(self, texts: Texts) -> Measured:
        """1 where one is there."""
        from retold.text.phrases import found_in
        from retold.text.scan import Texts

        lowered = Texts([text.lower() for text in texts.strings])
        found = found_in(lowered, _list(self.listed("words")), whole=self.whole_words)
        return Measured({"c4_bad_words": found.astype(np.float64)})

    def limits(self) -> tuple[Limit, ...]:
        """None is allowed."""
        return (Limit("c4_bad_words", "c4_bad_words", at_most=0.0),)


@cache
def _list(files: Files) -> Phrases:
    from retold.text.phrases import phrases

    return phrases(entry.lower() for entry, _ in entries(files))
