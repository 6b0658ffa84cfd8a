"""What pages say about themselves, and what is not taken for it."""

from __future__ import annotations

import time

import pytest
from resiliparse.parse.html import HTMLTree

from retold.clean.metadata import NOTHING, Metadata, commons, day, metadata


def says(html: str) -> Metadata:
    return metadata(HTMLTree.parse(html), html)


@pytest.mark.parametrize(
    "mark",
    [
        '<meta property="article:published_time" content="2024-05-18T23:30:00-08:00">',
        '<meta name="DC.date.issued" content="2024-05-18">',
        '<meta name="date" content="20240518">',
        '<script type="application/ld+json">{"@type": "Article", "datePublished" : "2024-05-18"}</script>',
        '</head><body><time datetime="2024-05-18 10:00">May</time>',
        '</head><body><time datetime="2001-01-01">x</time><time pubdate datetime="2024-05-18">May</time>',
        '</head><body><time datetime="2001-01-01">x</time><time itemprop=datePublished datetime="2024-05-18">y</time>',
        '<meta name="date" content="2001-01-01"><meta property="article:published_time" content="2024-05-18">',
    ],
)
def test_the_day_of_publication(mark):
    """The day as written, the most exact mark first. Kills: the order of elements as the order of trust."""
    assert says(f"<html><head>{mark}").date == "2024-05-18"


@pytest.mark.parametrize(
    "mark",
    [
        '<meta name="date" content="yesterday">',
        '<meta name="date" content="0001-01-01">',
        '<meta name="date" content="2024-13-41">',
        '<meta property="article:modified_time" content="2024-05-18">',
        '</head><body><time datetime="2024-05-18">a</time><time datetime="2024-05-19">b</time>',
        "</head><body><p>May 18, 2024</p><time>2024</time>",
    ],
)
def test_no_day_is_guessed(mark):
    """Kills: the first of many times; the day of a change; a year that is a default of some database."""
    assert says(f"<html><head>{mark}").date == ""


def test_days():
    assert day(" 2024-02-29T00:00Z") == "2024-02-29" and day("2023-02-29") == day("") == day("2024") == ""


@pytest.mark.parametrize(
    ("mark", "url"),
    [
        ('<link rel="canonical" href=" https://example.org/a ">', "https://example.org/a"),
        ('<meta property="og:url" content="http://example.org/b">', "http://example.org/b"),
        (
            '<meta property="og:url" content="http://example.org/b"><link rel=canonical href=https://example.org/a>',
            "https://example.org/a",
        ),
        ('<link rel="canonical" href="/a">', ""),
        ('<link rel="canonical" href="javascript:alert(1)">', ""),
        ('<link rel="canonical" href="https://example.org/a b">', ""),
        ('</head><body><link rel="canonical" href="https://example.org/comment">', ""),
    ],
)
def test_the_address(mark, url):
    assert says(f"<html><head>{mark}").url == url


BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"


@pytest.mark.parametrize(
    ("mark", "licence"),
    [
        (f'<a rel="license" href="{BY_SA}">x</a>', "CC-BY-SA-4.0"),
        (f'<a rel="nofollow license" href="{BY_SA}legalcode">x</a>', "CC-BY-SA-4.0"),
        ('<a rel="license" href="http://creativecommons.org/licenses/by/3.0/us/">x</a>', "CC-BY-3.0-US"),
        ('<a rel="license" href="https://creativecommons.org/publicdomain/zero/1.0/">x</a>', "CC0-1.0"),
        (r'<script>{"license": "https:\/\/creativecommons.org\/licenses\/by\/4.0\/"}</script>', "CC-BY-4.0"),
        ('<a rel="license" href="https://example.org/terms">x</a>', "https://example.org/terms"),
        ('<a rel="license" href="/terms">license</a>', ""),
        (f'<a href="{BY_SA}">this picture\'s license</a>', ""),
        (f'<a rel=license href="{BY_SA}">x</a><a rel=license href="http://creativecommons.org/licenses/by/2.0/">', ""),
    ],
)
def test_the_licence(mark, licence):
    """Kills: any link to a licence as the page's own; one of several licences as that of all."""
    assert says(f"<html><body>{mark}").licence == licence


def test_addresses_that_are_no_licence():
    for path in ("", "licenses/", "licenses/by", "licenses/by/next/", "licenses/evil/4.0", "about/cc0/1.0"):
        assert commons(f"https://creativecommons.org/{path}") == ""


def test_a_page_without_anything():
    for page in ("", "<p>x", "<html><head></head></html>", "<frameset>"):
        assert says(page) == NOTHING


def test_time_goes_with_the_size_of_the_page():
    """Kills: going through a live collection of the parser, which takes the square (40 s for these links)."""
    pages = [
        "<body>" + f'<a href="{BY_SA}">license</a>' * 50_000,
        "<head>" + "<meta name=a content=b>" * 50_000,
        "<body>" + "<time datetime=2020-01-01>" * 50_000,
    ]
    start = time.process_time()
    for page in pages:
        says(page)
    assert time.process_time() - start < 10
