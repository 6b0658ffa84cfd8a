"""What the tests of `rephrase` share: style files of a user, documents of prose, and answers for a plan."""

from __future__ import annotations

from pathlib import Path

from memory_view import MemoryView
from retold.core.document import Completion, Document, Passage
from retold.core.schema import batch
from retold.core.step import Part
from retold.text.tokens import count

FACTS = """---
name: my_facts
version: 3
summary: Facts as bullet points.
unit: passage
contract: {parser: bullets, items: [1, 8], length: [0.05, 2.0], copy_limit: 1.0}
prefill: "-"
---
## user
{passage}

List facts about {heading}.
"""

PROSE = """---
name: my_prose
version: 1
summary: The passage in prose.
unit: passage
contract: {parser: prose, items: [1, 20], length: [0.05, 2.0], copy_limit: 1.0}
---
## user
{passage}

Tell it again.
"""

SENTENCES = """---
name: my_sentences
version: 2
summary: Each sentence in other words.
unit: sentence
contract: {parser: prose, items: [1, 1], length: [0.1, 3.0], copy_limit: 1.0}
---
## user
Say this in other words: {sentence}
"""

HARBOUR = """Harbour notes
*************

The harbour at Lerwick was built in 1886 and can hold forty boats in its inner basin. Most of the boats
that tie up there fish for mackerel and haddock between May and October. The keeper counts them every
morning before seven and writes the number into a long blue book.

When the wind turns to the north, the outer gate is closed and no boat may leave until the keeper has
raised the white flag. A boat that leaves before that pays a fine of twenty pounds to the harbour board.

Tides
=====

High water comes twice a day, about fifty minutes later than on the day before. The board prints a
table for the whole year and sends it to every owner in December. Owners who have lost theirs can read
it from the wall beside the ice house, where it hangs behind a sheet of glass that is cleaned weekly.
"""

RAIN = """Rain is measured in a copper cylinder that stands in the open, well away from walls and trees. The
observer empties it into a glass at nine in the morning and reads the height of the water. One millimetre
in the glass is one litre of rain on each square metre of ground. Snow is melted first, and hail is
counted as rain. A day with less than a fifth of a millimetre counts as a dry day in the yearly table.
"""


def source(document_id: str, text: str, title: str = "", licence: str = "CC-BY-4.0") -> Document:
    """A document as the curation leaves it."""
    return Document(document_id, "source", text, "notes", title=title, licence=licence)


def corpus(folder: Path, parts: dict[str, list[Document]]) -> MemoryView:
    """A view of these documents, in parts of these names."""
    view = MemoryView(folder, [Part(name, "notes") for name in parts])
    for name, documents in parts.items():
        view.add("curate", name, {"documents": batch("documents", documents)})
    return view


def passage(passage_id: str, text: str, document_id: str = "d1", start: int = 0, heading: str = "") -> Passage:
    """A passage that says `text`."""
    return Passage(passage_id, document_id, start, start + len(text), heading, text, count(text))


def with_passages(folder: Path, parts: dict[str, list[Passage]]) -> MemoryView:
    """A view of these passages, in parts of these names, without documents."""
    view = MemoryView(folder, [Part(name, "notes") for name in parts])
    for name, passages in parts.items():
        view.add("passages", name, {"passages": batch("passages", passages)})
    return view


def answer(request_id: str, text: str, finish: str = "stop", error: str = "") -> Completion:
    """What an engine said."""
    return Completion(request_id, text, finish, "scripted", 100, len(text.split()), error=error)
