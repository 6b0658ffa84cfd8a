"""The layout of documentation and of ordinary text."""

from __future__ import annotations

import pydoc_data.topics

from hypothesis import given, settings
from hypothesis import strategies as st

from retold.text.blocks import blocks

SAMPLE = """\
Mapping Types
*************

A *mapping* maps things. It is wrapped over two lines since
it is long.

class dict(**kwargs)
class dict(mapping)

   Return a new dictionary.

   * Use a comma-separated list
     of pairs

   * Use another

   >>> a = 1
   True

Note:

  Keep it.

[1] A footnote over
    two lines.

1. First
2. Second

+---+---+
| a | b |
+---+---+

   def f(x):
      return x

# Title

```
not prose. At all.

still code
```
"""


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.body : block.body_end].split("\n")[0]) for block in blocks(text)]


def test_documentation() -> None:
    assert kinds(SAMPLE) == [
        ("heading", "Mapping Types"),
        ("prose", "A *mapping* maps things. It is wrapped over two lines since"),
        ("signature", "class dict(**kwargs)"),
        ("signature", "class dict(mapping)"),
        ("prose", "Return a new dictionary."),
        ("item", "Use a comma-separated list"),
        ("item", "Use another"),
        ("code", ">>> a = 1"),
        ("label", "Note:"),
        ("prose", "Keep it."),
        ("note", "A footnote over"),
        ("item", "First"),
        ("item", "Second"),
        ("table", "+---+---+"),
        ("code", "def f(x):"),
        ("heading", "Title"),
        ("code", "```"),
    ]


def test_a_wrapped_line_that_begins_with_a_number_is_no_item() -> None:
    text = "It came with version\n3. and then it stayed there for a long time, as one\nwould expect."
    assert [block.kind for block in blocks(text)] == ["prose"]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "a b",
                "Title",
                "===",
                "* x",
                "1. y",
                "   x = 1",
                "f(x)",
                "",
                "  ",
                "| t |",
                "```",
                "Note:",
                ">>> q",
                "\t#",
            ]
        ),
        max_size=20,
    ).map("\n".join)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
)
def test_blocks_cover_the_text(text: str) -> None:
    """Kills: forgetting the last chunk, or the lines of an unclosed fence."""
    position = 0
    for block in blocks(text):
        assert position <= block.start <= block.body <= block.body_end <= block.end
        assert block.start < block.end
        assert not text[position : block.start].strip()
        position = block.end
    assert not text[position:].strip()


def test_every_topic_of_the_language_reference_has_prose() -> None:
    for topic, text in pydoc_data.topics.topics.items():
        assert any(block.kind == "prose" for block in blocks(text)), topic
