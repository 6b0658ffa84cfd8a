"""Whether a text is code or LaTeX, by a cheap test on bytes: rules about prose say nothing about these.

Signals: `code_lines`, the share of lines with anything in them that look like code: their last character is one of
`{};([` or a backslash; or it is "," or ":", as in verse, and they have a mark of code; or at least 8 % of their
characters but white space are such marks: a backslash, a backquote or one of `{}()[]<>=;_|&^%$#@/*+~`.
`latex_commands`, a backslash and two letters or more, for each word between white space. A text is code from 0.4
on, LaTeX from 0.1 on. Of the standard library's modules nearly all are code by this, of the topics of Python's language
reference, prose with code in it, few (`tests/clean/test_code.py` prints the shares). Tables and text with much mark-up
can be taken for code.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

from retold.clean.entry import Numbers
from retold.text.compiled import compiled
from retold.text.scan import Bytes, Ints, Texts

CODE_LINES, LATEX_COMMANDS = 0.4, 0.1
"""From these on a text is code, or LaTeX."""

_DENSE = 0.08
_ENDS = np.zeros(256, np.bool_)
_ENDS[np.frombuffer(b"{};([\\", np.uint8)] = True


def measure(texts: Texts) -> dict[str, Numbers]:
    """The signals of some texts; measured once for the same texts."""
    if "code" in texts.notes:
        return cast(dict[str, Numbers], texts.notes["code"])
    out = np.zeros((2, len(texts)))
    _lines(texts.data, texts.bounds, out)
    found = texts.notes["code"] = {"code_lines": out[0], "latex_commands": out[1]}
    return found


def is_code(signals: dict[str, Numbers]) -> npt.NDArray[np.bool_]:
    """For each text, whether it is code or LaTeX."""
    return (signals["code_lines"] >= CODE_LINES) | (signals["latex_commands"] >= LATEX_COMMANDS)


@compiled
def _lines(data: Bytes, bounds: Ints, out: Numbers) -> None:
    for text in range(len(bounds) - 1):
        part = data[bounds[text] : bounds[text + 1]]
        lines = code = start = 0
        for place in range(len(part) + 1):
            if place < len(part) and part[place] != 0x0A:
                continue
            line = part[start:place]
            start = place + 1
            filled, marks = _counted(line)
            if filled:
                at = len(line) - 1
                while line[at] <= 0x20:
                    at -= 1
                last = line[at]
                lines += 1
                code += int(_ENDS[last] or marks >= _DENSE * filled or (marks > 0 and last in (0x2C, 0x3A)))
        words, commands = _spoken(part)
        out[0, text] = code / max(lines, 1)
        out[1, text] = commands / max(words, 1)


@compiled
def _counted(line: Bytes) -> tuple[int, int]:
    """(characters that are no white space, marks of code); without branches, many bytes at a time."""
    filled = marks = 0
    for place in range(len(line)):
        byte = line[place]
        filled += int((byte > 0x20) & (byte & 0xC0 != 0x80))
        marks += int(
            (np.uint8(byte - np.uint8(0x23)) < np.uint8(4))  # # $ % &
            | (np.uint8(byte - np.uint8(0x28)) < np.uint8(4))  # ( ) * +
            | (byte == np.uint8(0x2F))
            | (np.uint8(byte - np.uint8(0x3B)) < np.uint8(4))  # ; < = >
            | (byte == np.uint8(0x40))
            | (np.uint8(byte - np.uint8(0x5B)) < np.uint8(6))  # [ \ ] ^ _ `
            | (np.uint8(byte - np.uint8(0x7B)) < np.uint8(4))  # { | } ~
        )
    return filled, marks


@compiled
def _spoken(text: Bytes) -> tuple[int, int]:
    """(words between white space, backslashes with two letters after them)."""
    size = len(text)
    words = int(size > 0 and text[0] > 0x20)
    for place in range(1, size):
        words += int((text[place] > 0x20) & (text[place - 1] <= 0x20))
    commands = 0
    for place in range(size - 2):
        commands += int((text[place] == 0x5C) & _letter(text[place + 1]) & _letter(text[place + 2]))
    return words, commands


@compiled
def _letter(byte: int) -> bool:
    return bool(np.uint8((byte | 0x20) - 0x61) < np.uint8(26))
