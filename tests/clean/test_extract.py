"""Extraction: main content and title, any encoding, and pages built to hang a parser."""

from __future__ import annotations

import time

import pytest

from retold.clean.extract import Refused, extract
from retold.clean.page import attributes, nesting
from retold.core.document import Record
from retold.read import Raw

ARTICLE = (
    "<html><head><title>The  title\n here</title></head><body><nav><a href=/>Home</a></nav>"
    "<main><h1>Head</h1><p>The first paragraph.</p><p>The <b>second</b> one.</p></main></body></html>"
)


def raw(content: bytes | str, media: str = "text/html", charset: str = "") -> Raw:
    return Raw(Record("r", "web", "k", "http://x", media, 1), content, ("http://x",), {"charset": charset})


def test_main_content_and_title():
    found = extract(raw(ARTICLE.encode()))
    assert found.title == "The title here"
    assert "The first paragraph." in found.text and "The second one." in found.text and "Home" not in found.text


def test_text_passes_as_it_is():
    assert extract(raw("<b>not a page</b>", "text/plain")).text == "<b>not a page</b>"


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 50_000 + "x",
        "<DIV>" * 5_000 + "x" + "</DIV>" * 5_000,
        "<article>" * 20_000,
        "<div " + " ".join(f"a{index}=1" for index in range(100_000)) + ">x",
        "<div " + " ".join(f'a{index}=">"' for index in range(100_000)) + ">x",
        "<p a='<'" + " b" * 100_000 + ">x",
    ],
)
def test_pages_built_to_hang_a_parser_are_refused_quickly(page):
    """Kills: parsing before counting; a count that quoting can hide from."""
    start = time.monotonic()
    with pytest.raises(Refused) as caught:
        extract(raw(page.encode()))
    assert caught.value.reason == "too_complex" and time.monotonic() - start < 5


@pytest.mark.parametrize(
    "page",
    [
        "<div>x</div>" * 20_000,
        "<pre>" + "word " * 50_000,
        "<p>" + "a = 'b' > c " * 20_000,
        "<br>" * 50_000,
        "<" * 9_999,
        "<script><![CDATA[ " + "some = words " * 10_000 + "]]></script>",
    ],
)
def test_large_plain_pages_are_not_refused(page):
    extract(raw(page.encode()))
    assert nesting(page) <= 1 and attributes(page) < 5_000
