"""Three settings: what each keeps of lists, tables and code, and when the better extractor is asked."""

from __future__ import annotations

import time

import pytest

from retold.clean import cascade
from retold.clean.cascade import main_text, pays
from retold.clean.page import page

HOWS = ("fast", "balanced", "thorough")
PARAGRAPHS = [
    "A first paragraph that is long enough to be one, and that ends as sentences do.",
    "A second paragraph, which says something else, with a<br>break in it, and goes on for a while.",
    "A third one closes what there is to say about this, and nobody has said it before.",
]
LIST = "<ul><li>First item of <b>three</b></li><li>Second item<ul><li>Inner item</li></ul></li></ul>"
NUMBERED = "<ol><li>Open the box</li><li>Close the box</li></ol>"
TABLE = (
    "<table><tr><th>Name</th><th>Value</th></tr><tr><td>alpha</td><td>1.5</td></tr>"
    "<tr><td>beta</td><td></td></tr></table>"
)
CODE = "<pre>def f(x):\n    if x:\n\n        return 1</pre>"
VERSE = "<pre>Plain words in lines\n\n    that mean something as they stand</pre>"
TERMS = "<dl><dt>box</dt><dd>What is opened.</dd></dl>"


def with_parts(*parts: str) -> str:
    """An article with each part between two paragraphs of its own."""
    body = "".join(
        f"<p>{PARAGRAPHS[0]} Part {number}.</p>{part}<p>{PARAGRAPHS[1]} Part {number}.</p>"
        for number, part in enumerate(parts)
    )
    return f"<html><head><title> A  title </title></head><body><article>{body}<p>{PARAGRAPHS[2]}</p></article>"


def surrounded(html: str, links: int = 60) -> str:
    """A page of which much is menus and teasers, so that the better extractor is asked."""
    teasers = "".join(f'<div><a href="/{number}">Read more about {number} now</a></div>' for number in range(links))
    return html.replace("<body>", f"<body><nav>{teasers}</nav>") + f"<div class=related>{teasers}</div>"


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("dress", [str, surrounded])
def test_lists_tables_and_code_are_kept_as_text_that_means_something(how, dress):
    """Kills: items run together, cells without a border, code without its lines; in any setting."""
    found = main_text(dress(with_parts(LIST, NUMBERED, TABLE, CODE, VERSE, TERMS)), how)
    lines = found.text.split("\n")
    for line in ("  • First item of three", "  • Second item", "    • Inner item", "  1. Open the box"):
        assert line in lines, (line, found.text)
    assert {"  2. Close the box", "Name\t\tValue", "alpha\t\t1.5", "box", "What is opened."} <= set(lines)
    assert "def f(x):\n    if x:\n\n        return 1\n" in found.text
    assert "Plain words in lines\n\n    that mean something as they stand\n" in found.text
    assert "with a\nbreak in it" in found.text and "Part 0.\n\n" in found.text
    assert found.title == "A title"


@pytest.mark.parametrize("how", ["balanced", "thorough"])
def test_the_better_extractor_leaves_teasers_out(how):
    """Kills: the cascade that never asks it; a threshold that no page passes."""
    html = surrounded(with_parts("", ""))
    assert "Read more" not in main_text(html, how).text


def test_a_list_of_links_stays_out_and_a_list_of_words_comes_in():
    """resiliparse alone leaves both out where they are not deep. Kills: the wrapper; the share of links."""
    words = "<ul><li>Words only</li><li>More of them, and <a href=/>one link</a> in them</li></ul>"
    links = "<ul><li><a href=/>Home</a></li><li><a href=/>About us</a></li></ul>"
    for body in ("{p}{list}{p}", "<div>{p}{list}{p}</div>", "<main>{p}{list}</main>"):
        text = page(f"<body>{body.format(p=f'<p>{PARAGRAPHS[0]}</p>', list=words + links)}".encode(), "", "fast").text
        assert "  • Words only\n  • More of them, and one link in them" in text and "Home" not in text
    assert "Words" not in page(f"<body><nav>{words}</nav><p>{PARAGRAPHS[0]}</p>".encode(), "", "fast").text


def test_when_it_pays():
    prose = "\n".join([PARAGRAPHS[0] + PARAGRAPHS[1]] * 20)
    menus = "\n".join([prose] + ["Read more"] * 20)
    many, few = "<a href=/>x</a>" * 30, "<a href=/>x</a>" * 10
    assert pays("", "") and pays(few, " \n"), "nothing was found"
    assert pays(many, menus) and not pays(many, prose) and not pays(few, menus)
    assert pays(many, "Short."), "little was found"
    assert not pays(many + f"<pre class=x>{prose}</pre>", menus), "mostly code"
    assert not pays(many, "\n".join([prose] + [f"cell {number}\t\tcell" for number in range(200)])), "mostly a table"


def test_a_page_that_the_better_extractor_loses_keeps_the_fast_text(monkeypatch):
    """It drops paragraphs that are said again. Kills: its text whatever it is; the share at which it is lost."""
    html = f"<html><body><article>{f'<p>{PARAGRAPHS[0]}</p>' * 12}</article>"
    assert main_text(html, "thorough").text.count(PARAGRAPHS[0]) == 12
    monkeypatch.setattr(cascade, "LOST", 0.0)
    assert main_text(html, "thorough").text.count(PARAGRAPHS[0]) < 12


DOCBOOK = "<body><div class=section>" + "".join(
    f'<div class="para">\n\tThe list number {number} is kept in <code class="filename">/etc/passwd</code>, and the '
    f"other (which is secret) in <code>/etc/shadow{number}</code>. Both are text files (of lines), in a simple "
    "format.\n</div>"
    for number in range(12)
)


def test_sentences_that_the_better_extractor_cuts_stay_whole(monkeypatch):
    """Paragraphs that are `div` with code in them, as DocBook writes them. Kills: its text in pieces."""
    whole = "is kept in /etc/passwd, and the other (which is secret) in /etc/shadow7. Both are"
    assert whole in main_text(DOCBOOK, "thorough").text
    monkeypatch.setattr(cascade, "IN_PIECES", 1.0)
    assert whole not in main_text(DOCBOOK, "thorough").text


@pytest.mark.parametrize("how", HOWS)
def test_pages_of_nothing_raise_nothing(how):
    for data in (b"", b"<", b"<html>", b"<table>" * 300, b"&#xD800;&#0;<p>x", b"<p>" + b"<b>" * 900 + b"x"):
        page(data, "", how).text.encode("utf-8")


@pytest.mark.parametrize("how", HOWS)
def test_time_of_wide_pages(how):
    """Kills: going through a live collection of the parser, which takes the square of its length."""
    wide = f"<body><p>{PARAGRAPHS[0]}</p>" + "<ul><li>a</li></ul>" * 10_000 + "<a href=/>x</a>" * 10_000
    start = time.process_time()
    page(wide.encode(), "", how)
    assert time.process_time() - start < 10
