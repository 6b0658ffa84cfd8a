"""HTML pages in "curate": what a page says of itself becomes rows, and its settings are those of its source."""

from __future__ import annotations

from memory_view import MemoryView, run_map
from read.archives import warc_record
from retold.clean import Curate, Length, Normalize
from retold.read import Source, pin

WORDS = "<p>An article with a sentence that is long enough to be one, and then some more of it.</p>" * 2
PAGE = (
    '<html><head><title>Title</title><meta property="article:published_time" content="2024-05-18T10:00Z">'
    '<link rel="canonical" href="https://example.org/a"></head><body><main>'
    f'{WORDS}</main><a rel="license" href="https://creativecommons.org/licenses/by/4.0/">x</a></body></html>'
)
SLOW = f"<html><body>{WORDS}<table><tr>{'<td>x</td>' * 40_000}"


def curate(folder, **settings) -> MemoryView:
    source = Source.model_validate({"paths": ".", **settings})
    view = MemoryView(folder, pin("web", source, folder))
    run_map(Curate({"web": source}, (Normalize(), Length(min_words=1))), view)
    return view


def test_what_a_page_says_fills_what_the_reader_does_not_know(tmp_path):
    """Kills: a field of the page that does not reach its row; the file's address lost for the claimed one."""
    (tmp_path / "saved.html").write_text(PAGE)
    view = curate(tmp_path)
    record, document = view.table("records")[0], view.table("documents")[0]
    assert (record["title"], record["date"], record["licence"]) == ("Title", "2024-05-18", "CC-BY-4.0")
    assert record["uri"] == "https://example.org/a" and document["licence"] == "CC-BY-4.0"
    assert {row["uri"] for row in view.table("origins")} == {"saved.html", "https://example.org/a"}


def test_what_the_reader_knows_stays(tmp_path):
    """Law 8: a page may claim any address. Kills: the claim before the address that it was fetched from."""
    (tmp_path / "a.warc").write_bytes(warc_record(1, PAGE.encode()))
    view = curate(tmp_path, licence="MIT")
    record = view.table("records")[0]
    assert record["licence"] == "MIT" and record["date"] != "2024-05-18" and "example.org/a" not in record["uri"]
    assert [row["uri"] for row in view.table("origins")] == [record["uri"]]


def test_how_pages_are_extracted_is_set_by_source(tmp_path):
    """Kills: the setting that is read and not used; a timeout that ends more than its page."""
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "b.html").write_text(SLOW)
    view = curate(tmp_path, extract="thorough", page_seconds=0.5)
    assert [row["reason"] for row in view.table("verdicts")] == ["took_too_long"]
    assert len(view.table("documents")) == 1 and len(view.table("records")) == 2
    fast = curate(tmp_path, extract="fast", page_seconds=0.5)
    assert not fast.table("verdicts") and len(fast.table("documents")) == 2


def test_both_settings_are_identity():
    """They decide texts and verdicts. Kills: `execution` for either."""
    sources = [Source(paths=("x",)), Source(paths=("x",), extract="fast"), Source(paths=("x",), page_seconds=1)]
    assert len({source.fingerprint() for source in sources}) == 3
