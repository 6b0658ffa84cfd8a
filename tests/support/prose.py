"""The documents of the data beside the project, as plain texts: for gates and benchmarks only."""

from __future__ import annotations

import bz2
import gzip
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

from retold.clean.extract import Refused, extract
from retold.core.document import Record
from retold.read import Raw

PIECE = 2_500


def debian(folder: Path) -> Iterator[tuple[str, str]]:
    """(package/name, text) of the Debian documentation, HTML extracted."""
    for path in sorted((folder / "prose" / "debian-docs").iterdir()):
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as archive:
                for member in archive:
                    if member.isfile() and (handle := archive.extractfile(member)):
                        text = plain(member.name, handle.read())
                        if text:
                            yield f"{path.name.split('_')[0]}/{member.name}", text
        elif path.name.endswith(".gz"):
            yield path.name, gzip.decompress(path.read_bytes()).decode("utf-8", "replace")


def plain(name: str, data: bytes) -> str:
    """The text of a page or a text file; empty where there is none."""
    if not name.lower().endswith((".html", ".htm")):
        return data.decode("utf-8", "replace") if name.endswith((".txt", ".rst", ".md")) else ""
    try:
        return extract(Raw(Record("r", "s", name, name, "text/html", len(data)), data, (name,))).text
    except Refused:
        return ""


def wikipedia(folder: Path) -> Iterator[tuple[str, str]]:
    """(title, text) of the English pages, markup taken off roughly."""
    for path in sorted((folder / "prose" / "wikipedia-xml").glob("enwiki*.bz2")):
        content = bz2.decompress(path.read_bytes()).decode("utf-8", "replace")
        for page in content.split("<page>")[1:]:
            title = re.search(r"<title>(.*?)</title>", page)
            text = re.search(r"<text[^>]*>(.*?)</text>", page, re.DOTALL)
            if title and text and not text[1].startswith("#REDIRECT"):
                words = re.sub(r"\{\{[^{}]*\}\}|&lt;.*?&gt;|'{2,}|\[\[(?:[^|\]]*\|)?|\]\]", "", text[1])
                yield title[1], words.replace("&quot;", '"').replace("&amp;", "&")


def pieces(texts: Iterator[tuple[str, str]], size: int = PIECE) -> Iterator[tuple[str, str]]:
    """Documents of about `size` characters, cut at line ends."""
    for name, text in texts:
        lines: list[str] = []
        held = number = 0
        for line in text.splitlines(keepends=True):
            lines.append(line)
            held += len(line)
            if held >= size:
                yield f"{name}#{number}", "".join(lines)
                lines, held, number = [], 0, number + 1
        if held > 200 or (held and not number):
            yield f"{name}#{number}", "".join(lines)
