"""Names of hosts: one form for all spellings, what blocks what, and the lines of block lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.clean.hosts import Hosts, above, name, named, readable, split
from retold.core.errors import SourceError


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("http://Example.ORG/Page", "example.org"),
        ("https://example.org:8443?x=1", "example.org"),
        ("http://example.org./", "example.org"),
        ("http://good.org@evil.example/", "evil.example"),
        ("http://evil.example\\@good.org/", "evil.example"),
        ("http://evil.example#@good.org/", "evil.example"),
        ("ht\ntp://exam\tple.org/", "example.org"),
        ("http:////example.org/", "example.org"),
        ("http://%65xample.org/", "example.org"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
        ("http://BÜCHER。example/", "xn--bcher-kva.example"),
        ("http://XN--BCHER-KVA.example/", "xn--bcher-kva.example"),
        ("http://straße.example/", "xn--strae-oqa.example"),
        ("http://a_b.example/", "a_b.example"),
        ("http://[2001:DB8::0:1]:80/", "2001:db8::1"),
        ("http://192.0.2.7:80/x", "192.0.2.7"),
        ("crawl/page.html", ""),
        ("file:///home/x", ""),
        ("dns:example.org", ""),
        ("http://", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_address(uri, host):
    """Kills: taking what stands before "@", splitting at the first colon, transitional Punycode."""
    assert split(uri)[0] == host


@given(st.text(max_size=80))
def test_any_text_has_a_host_or_none(text):
    """Law 5. Kills: an exception of idna, Punycode or a bracket let through."""
    for uri in (text, f"http://{text}", f"http://[{text}", f"http://xn--{text}.é/"):
        host, _ = split(uri)
        assert name(host) == host or not host.isascii() or ":" in host
        readable(host).encode("utf-8", "surrogatepass")
        Hosts(["x"]).blocking(host)


@pytest.mark.parametrize(
    ("listed", "host", "blocking"),
    [
        ("example.org", "example.org", "example.org"),
        ("example.org", "a.b.example.org", "example.org"),
        ("example.org", "myexample.org", ""),
        ("example.org", "example.org.evil.com", ""),
        ("www.example.org", "example.org", ""),
        ("ru", "site.ru", "ru"),
        ("ru", "guru", ""),
        ("co.uk", "shop.co.uk", "co.uk"),
        ("co.uk", "notco.uk", ""),
        ("2.7", "192.0.2.7", ""),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("рф", "xn--e1afmkfd.xn--p1ai", "xn--p1ai"),
    ],
)
def test_what_a_name_blocks(listed, host, blocking):
    """Kills: comparing the ends of names as text, cutting IP addresses at their dots."""
    assert Hosts([name(listed)]).blocking(host) == blocking


def test_a_set_of_many_names_holds_them_and_no_others():
    """Kills: comparing digests with numpy's cut-off zeros (one in 256 ends in one)."""
    names = [f"host{index}.example" for index in range(2_000)]
    found = Hosts(names * 2)
    assert len(found) == 2_000 and all(found.blocking(item) == item for item in names)
    assert not any(found.blocking(f"other{index}.example") for index in range(2_000))
    assert list(above("a.b.c")) == ["a.b.c", "b.c", "c"] and not Hosts([]).blocking("a.b")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Example.org", ["example.org"]),
        ("*.example.org", ["example.org"]),
        (".example.org", ["example.org"]),
        ("0.0.0.0 ads.example track.example", ["ads.example", "track.example"]),
        ("127.0.0.1 localhost", []),
        ("::1 ip6-localhost", []),
        ("192.0.2.7", ["192.0.2.7"]),
    ],
)
def test_lines_of_block_lists(line, names):
    assert list(named(line, "list, line 1")) == names


@pytest.mark.parametrize("line", ["example.org/page", "||example.org^", "two names", "example.org,other.org", "."])
def test_what_is_no_name_is_refused(line):
    with pytest.raises(SourceError, match="list, line 3 is no name of a host"):
        list(named(line, "list, line 3"))
