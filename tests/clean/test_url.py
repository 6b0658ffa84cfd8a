"""The entry "url": hosts and words of addresses, before anything is extracted."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from clean.test_step import LONG, curate, lines
from read.archives import warc_record
from retold.clean import CURATE, Entry, Normalize, Url, misplaced
from retold.clean.step import _Known, _Piece, admitted
from retold.core.document import Record
from retold.core.errors import SourceError
from retold.read import Raw, Source
from retold.runner.recipe import Recipe

RECIPES = Path(__file__).resolve().parents[2] / "recipes"


def write(folder, name: str, text: str) -> str:
    (folder / name).write_text(text, "utf-8")
    return name


def url(folder, **settings) -> Url:
    return Url.model_validate(settings).pinned(folder)


def test_block_lists_of_all_forms(tmp_path):
    write(tmp_path, "domains", "\ufeff# a comment\nbad.example  # why\n\n*.worse.example\nbücher.example\n")
    (tmp_path / "hosts.gz").write_bytes(gzip.compress(b"127.0.0.1 localhost\n0.0.0.0 ads.example\n"))
    entry = url(tmp_path, block=["domains", "hosts.gz"], domains="ru", allow=["good.bad.example", "fine.ru"])
    blocked = ["http://bad.example/", "https://www.bad.example:80/x", "http://a.worse.example", "http://ads.example"]
    blocked += ["http://xn--bcher-kva.example/", "http://site.ru/", "http://evil.bad.example", "http://x@bad.example"]
    for uri in blocked:
        assert entry.refuses(uri)[0] == "url_blocked_domain", uri
    for uri in ("http://notbad.example/", "http://good.bad.example/", "http://a.fine.ru/", "bad.example/x", ""):
        assert entry.refuses(uri) is None, uri


def test_the_nearest_name_decides(tmp_path):
    """Kills: letting an allowed name above the blocked one win."""
    write(tmp_path, "domains", "bad.blogs.example\nexact.example\n")
    entry = url(tmp_path, block="domains", allow=["blogs.example", "exact.example"])
    assert entry.refuses("http://bad.blogs.example/")[1] == "bad.blogs.example"
    assert entry.refuses("http://blogs.example/") is None and entry.refuses("http://exact.example/") is None


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("http://example.org/my-zorble-page", "zorble"),
        ("http://zorble.example/", "zorble"),
        ("http://example.org/zorbles", ""),
        ("http://example.org/?q=ZORBLE", "zorble"),
        ("http://example.org/%7Aorble", "zorble"),
        ("http://example.org/a_zorble_b", "zorble"),
        ("http://example.org/free-quux/", "free quux"),
        ("http://example.org/free/x/quux", ""),
        ("http://xn--rger-koa.example/", "ärger"),
        ("http://example.org/%E6%9D%B1%E4%BA%AC", "東 京"),
        ("http://example.org/xx-fni-bbed/", "holds fnibb"),
        ("http://example.org/profnibbing", "holds fnibb"),
        ("http://example.org/soft-snib", ""),
        ("http://example.org/soft-snib/soft-snib", ""),
        ("http://example.org/snib/snob", "snib, snob"),
    ],
)
def test_words_of_addresses(tmp_path, uri, found):
    """Words are invented. Kills: whole words found inside others, one soft word twice counted as two."""
    write(tmp_path, "hard.txt", "Zorble\nfree quux\närger\n東京\n")
    write(tmp_path, "strict.txt", "fnibb\n")
    write(tmp_path, "soft.txt", "snib\nsnob\n")
    entry = url(tmp_path, words="hard.txt", subwords="strict.txt", soft_words="soft.txt")
    assert entry.refuses(uri) == (("url_blocked_word", found) if found else None)


def test_records_are_dropped_before_they_are_extracted(tmp_path):
    """Kills: judging documents instead of records, losing the twin from a wanted address, keeping unwanted origins."""
    rows = [("a", "http://bad.example/1", LONG), ("b", "http://good.example/1", LONG)]
    rows += [("c", "http://bad.example/2", LONG + " More."), ("d", "http://good.example/zorble", "Never a document.")]
    lines(tmp_path, *({"id": key, "url": uri, "text": text} for key, uri, text in rows))
    (tmp_path / "p.warc").write_bytes(warc_record(7, b"<html>" + b"<div>" * 5_000))
    write(tmp_path, "words", "zorble")
    entry = url(tmp_path, domains=["bad.example", "example.org"], words="words")
    view, _ = curate(tmp_path, {"set": "a.jsonl", "web": "p.warc"}, (entry, Normalize()))
    assert [row["text"] for row in view.table("documents")] == [LONG] and len(view.table("records")) == 5
    assert [row["uri"] for row in view.table("origins")] == ["http://good.example/1"]
    reasons = sorted((row["kind"], row["reason"], row["detail"]) for row in view.table("verdicts"))
    assert reasons == [
        ("record", "url_blocked_domain", "bad.example: http://bad.example/1"),
        ("record", "url_blocked_domain", "bad.example: http://bad.example/2"),
        ("record", "url_blocked_domain", "example.org: http://example.org/7"),
        ("record", "url_blocked_word", "zorble: http://good.example/zorble"),
    ]


def test_a_record_with_several_addresses_keeps_the_wanted_ones():
    """Kills: dropping a record for one of its addresses."""
    entry = Url(domains=("bad.example",))
    mixed = ("http://bad.example/", "http://good.example/", "http://good.example/")
    assert admitted(mixed, (entry,)) == (("http://good.example/",), None)
    assert admitted(mixed[:1], (Normalize(), entry))[1] == ("url_blocked_domain", "bad.example: http://bad.example/")
    assert admitted((), (entry,)) == ((), None)
    piece = _Piece(Source(paths=("x",)), (entry,), _Known())
    piece.take(Raw(Record("00" * 16, "s", "k", "http://good.example/", "text/plain", 9), LONG, mixed))
    assert piece.output()["origins"]["uri"].to_pylist() == ["http://good.example/"]


def test_what_lists_hold_is_identity_and_where_they_are_is_not(tmp_path):
    """Law 3. Kills: paths in the identity, digests not in it."""
    write(tmp_path, "one", "bad.example\n")
    write(tmp_path, "two", "bad.example\n")
    first, second = url(tmp_path, block="one"), url(tmp_path, block="two")
    assert (first.measuring(), first.versions()) == (second.measuring(), second.versions())
    write(tmp_path, "two", "worse.example\n")
    assert url(tmp_path, block="two").versions() != first.versions()
    with pytest.raises(SourceError, match="when the run was planned"):
        write(tmp_path, "one", "grown.example, after it was pinned\n")
        first.refuses("http://x.example")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("good.example\nexample.org/path\n", r"list, line 2 is no name"),
        ("# nothing\n\n", "hold nothing"),
        ("x" * 10_000, "longer than 4,096 bytes"),
    ],
)
def test_a_recipe_with_a_bad_list_is_refused_before_it_runs(tmp_path, text, message):
    write(tmp_path, "list", text)
    lines(tmp_path, {"text": LONG})
    write(tmp_path, "r.yaml", "sources: {set: a.jsonl}\ncurate: [{url: {block: list}}, normalize]\n")
    with pytest.raises(Exception, match=message):
        Recipe.load(tmp_path / "r.yaml")


def test_the_address_that_a_saved_page_claims_is_judged(tmp_path):
    """Kills: judging only what the reader knows, letting the path of the file count as a wanted address."""
    for name in ("bad", "good"):
        head = f'<head><link rel="canonical" href="http://{name}.example/x"></head>'
        write(tmp_path, f"{name}.html", f"<html>{head}<body><main><p>{LONG} {name}</p></main></body></html>")
    view, _ = curate(tmp_path, {"saved": "."}, (url(tmp_path, domains="bad.example"), Normalize()))
    assert [row["reason"] for row in view.table("verdicts")] == ["url_blocked_domain"]
    assert {row["uri"] for row in view.table("origins")} == {"good.html", "http://good.example/x"}


def test_the_examples_of_lists():
    entry = url(RECIPES, block="lists/hosts.txt", words="lists/words.txt")
    for uri in ("http://www.blocked.example/", "http://x.also-blocked.example/", "http://ads.example/"):
        assert entry.refuses(uri)[0] == "url_blocked_domain"
    assert entry.refuses("http://xn--bcher-kva.test/") and entry.refuses("http://a.example/quux-fnib")
    assert not entry.refuses("http://a.example/fnib")


def test_the_entry_in_a_recipe(tmp_path):
    """An entry that sees no text may stand before normalize."""
    assert CURATE["url"] is Url and issubclass(Url, Entry)
    lines(tmp_path, {"text": LONG, "url": "http://bad.example"})
    write(tmp_path, "list", "bad.example\n")
    recipe = write(tmp_path, "r.yaml", "sources: {set: a.jsonl}\ncurate: [{url: {block: list}}, normalize]\n")
    loaded = Recipe.load(tmp_path / recipe)
    assert loaded.curate[0].refuses("http://www.bad.example") and misplaced(loaded.curate) is None
    for settings in ({}, {"domains": "example.org/x"}, {"words": "w", "soft_count": 0}):
        with pytest.raises(ValidationError):
            Url.model_validate(settings)
    assert json.loads(json.dumps(loaded.curate[0].measuring()))["soft_count"] == 2
