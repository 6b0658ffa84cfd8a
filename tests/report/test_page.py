"""The page: one file, nothing fetched, nothing run, all text shown as text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retold.core.errors import RetoldError
from retold.report.gather import gather
from retold.report.page import page_html, write_page
from support.pages import TAGS, URL_ATTRIBUTES, Reader


@pytest.fixture(scope="module")
def page(little):
    return page_html(little.story)


def test_it_is_well_formed_and_asks_for_nothing(page):
    reader = Reader(page)
    assert not reader.open and reader.tags <= TAGS
    links = [(tag, value) for tag, name, value in reader.attributes if name in URL_ATTRIBUTES]
    assert links == [("a", "#samples")]
    assert "<script" not in page.lower() and "@import" not in page and "url(" not in page
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert ("meta", "content", policy) in reader.attributes


def test_hostile_text_is_shown_and_nothing_else(hostile):
    """Law 8. Kills: `autoescape=True` -> a list of extensions (the template ends in .j2), Markup around source text."""
    page = page_html(hostile.story)
    reader = Reader(page)
    assert reader.tags <= TAGS
    assert not [name for _, name, _ in reader.attributes if name.startswith("on")]
    assert "document.title='owned'" in reader.shown
    assert "<script" not in page.lower() and "\x1b" not in page and "\x07" not in page


def test_hostile_names_of_styles_and_recipes_are_text_too(little):
    evil = "\"><script>alert(1)</script><b onclick='x'>"
    styles = tuple(replace(style, style=evil, made_by=evil) for style in little.story.styles)
    samples = tuple(
        replace(sample, style=evil, title=evil, detail=evil, reason=evil, uri=evil) for sample in little.story.samples
    )
    making = replace(little.story.making, recipe=evil, engines=(evil,), stages=((evil, evil),))
    reader = Reader(page_html(replace(little.story, styles=styles, samples=samples, making=making)))
    assert reader.tags <= TAGS
    assert not [name for _, name, _ in reader.attributes if name.startswith("on")]


def test_the_figures_are_on_the_page(page, little):
    shown = " ".join(Reader(page).shown.split())
    for style in little.story.styles:
        assert f"{style.accepted:,} of {style.asked:,}" in shown
    assert f"{little.story.packed.tokens:,}" in shown
    assert "Accepted is not the same as true" in shown
    assert little.story.making.engines[0] in shown
    for _, label in little.story.making.stages:
        assert label in shown


def test_unsupported_words_are_marked(page):
    assert '<mark title="number not in source">42</mark>' in page


def test_every_chart_has_its_own_name(page):
    names = [value for _, name, value in Reader(page).attributes if name == "id"]
    assert len(names) == len(set(names))


def test_the_same_store_gives_the_same_page(little, page):
    assert page_html(gather(little.view, little.store)) == page


def test_a_story_of_nothing_is_a_page_too(little):
    stages = {"curate": little.view.stages["curate"]}
    page = page_html(gather(replace(little.view, stages=stages, planned=()), little.store))
    assert "Nothing has been retold here yet" in page
    assert Reader(page).tags <= TAGS


def test_the_page_appears_whole_or_not_at_all(little, tmp_path, monkeypatch):
    """Kills: writing to the path itself, which leaves half a page when the disk is full."""
    path = tmp_path / "deep" / "report.html"
    write_page(little.story, path)
    before = path.read_text("utf-8")

    def full(self, *args, **options):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(RetoldError, match="no space left"):
        write_page(little.story, path)
    monkeypatch.undo()
    assert path.read_text("utf-8") == before
    assert [item.name for item in path.parent.iterdir()] == ["report.html"]


def test_a_page_that_cannot_be_written_says_so(little, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RetoldError, match="cannot write the page"):
        write_page(little.story, tmp_path / "file" / "report.html")
