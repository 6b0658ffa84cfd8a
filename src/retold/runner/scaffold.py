"""A first recipe for the files that are there, commented.

In: paths as the user typed them. Out: the text of a recipe whose paths are relative to where it will lie. Files are
found as a run would find them; of a few tables and JSON lines of each source the names of columns are read, so that a
text that stands under another name than `text` is found at once and not after a run that has dropped everything.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from retold.read.columns import columns, text_of
from retold.read.locate import Found, locate, passed_over
from retold.read.settings import Source

ENDS_SHOWN = 5
TABLES_LOOKED_AT = 20
COLUMNS_SHOWN = 12
TEMPLATE = """\
# A recipe for retold.
#   retold check {path}    is it right?
#   retold plan {path}     what would it do, reuse and cost?
#   retold run {path}      do it; Ctrl-C is safe, run again to continue
name: {name}
seed: 7                      # every choice comes from this number and from ids

sources:
{sources}
curate:
  - normalize                # Unicode, control characters, white space
  - language: {{keep: [en]}}   # delete this line to keep every language
  - length: {{min_words: 20}}
  - exact                    # the same text twice is one document with two origins

engines:
  # A small model inside this process: it shows the whole path, its text is not training data.
  small: embedded
  # For training data serve a model of 1B or more and say where:
  # small: {{http: [http://localhost:8000/v1], model: NAME}}

rephrase:
  engine: small
  styles: {{faq: 2, table: 1, key_facts: 1}}   # weights; `retold styles` lists them
  rules: all                 # rule-made styles: no model, true by construction
  until: {{retellings: 100}}   # delete this line to retell everything

verify: default@2            # what is not supported by its source is refused, with the reason
pack: {{tokenizer: train, length: 1024}}
"""


def scaffold(paths: Sequence[str], target: Path, name: str = "") -> str:
    """The text of a recipe for these files, folders and addresses. Raises SourceError where one means nothing."""
    lines, taken = "", set[str]()
    for path in paths:
        place = (
            path if "://" in path else Path(os.path.relpath(Path(path).resolve(), target.parent.resolve())).as_posix()
        )
        label = _label(path, taken)
        found = locate(label, Source(paths=(place,)), target.parent)
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(Counter(file.read for file in found).items()))
        over = passed_over(place, target.parent)
        if over:
            ends = ", ".join(f"{end} {count:,}" for end, count in sorted(over.items())[:ENDS_SHOWN])
            kinds += f"; not read: {ends} (name a pattern and `read:` to have them)"
        column, remark = _text_column(found)
        lines += f"  {label}: {{paths: {_quoted(place)}{column}}}   # {_one_line(kinds)}\n{remark}"
    return TEMPLATE.format(path=target.name, name=name or target.stem, sources=lines)


def _text_column(found: Sequence[Found]) -> tuple[str, str]:
    """(", text: NAME" where the text has another name than the usual one, a remark where that cannot be told)."""
    tables = [file for file in found if file.read in ("parquet", "jsonl")][:TABLES_LOOKED_AT]
    seen = {file.uri: names for file in tables if (names := columns(file))}
    chosen = {uri: text_of(names) for uri, names in seen.items()}
    if len(set(chosen.values())) == 1 and (name := next(iter(chosen.values()))):
        return (f", text: {name}" if name != "text" else ""), ""
    asked = {uri: name for uri, name in chosen.items() if name != "text"}
    if not asked:
        return "", ""
    uri, name = next(iter(asked.items()))
    there = ", ".join(seen[uri][:COLUMNS_SHOWN])
    what = f"its text may be under {name}" if name else "no usual name for the text is among them"
    advice = f"{uri} has the columns {there}: {what}. Make such files a source of their own, with `text: COLUMN`."
    return "", f"    # {_one_line(advice)}\n"


def _one_line(words: str) -> str:
    """Names of files and columns are anything: in a comment they stay on its line."""
    return "".join(letter if letter.isprintable() else " " for letter in words)


def _label(path: str, taken: set[str]) -> str:
    stem = Path(path).name.split(".")[0] or Path(path).resolve().name
    word = "".join(letter if letter.isalnum() else "_" for letter in stem).strip("_").lower() or "documents"
    number, label = 1, word
    while label in taken:
        number += 1
        label = f"{word}_{number}"
    taken.add(label)
    return label


def _quoted(place: str) -> str:
    return '"' + place.replace("\\", "\\\\").replace('"', '\\"') + '"'
