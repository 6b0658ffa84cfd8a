"""Encodings: what a page is in, where its server, its head and its bytes disagree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.clean.charset import decode
from retold.clean.extract import extract
from retold.core.document import Record
from retold.read import Raw

PAGE = "<html><head>{0}<title>{1}</title></head><body><main><p>{2}</p></main></body></html>"
JAPANESE = PAGE.format(
    "", "東京の天気", "今日は天気がいいから散歩しましょう。明日は雨が降るそうです。図書館で本を読みます。"
)
RUSSIAN = PAGE.format("", "Погода", "Сегодня хорошая погода, и мы пойдём гулять в парк. Завтра обещают дождь.")
CHINESE = PAGE.format("", "天气", "今天天气很好，我们去公园散步。明天可能会下雨，所以我会在图书馆看书。")
FRENCH = PAGE.format(
    "", "Été", "Où est passée la forêt ? L'été dernier, à côté du café, près de la préfecture désertée."
)
GERMAN = PAGE.format("", "Grüße", "Schöne Grüße aus Köln, für Übung und Gemüt.")


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        ("Grüße".encode(), ""),
        ("Grüße".encode(), "iso-8859-1"),
        ("Grüße".encode("latin-1"), "iso-8859-1"),
        ('<meta charset="windows-1252">Grüße'.encode("cp1252"), ""),
        ("\ufeffGrüße".encode("utf-16-le"), "utf-8"),
        ("\ufeffGrüße".encode("utf-16-be"), "utf-8"),
        ("\ufeffGrüße".encode(), "no such thing"),
    ],
)
def test_encodings(data, declared):
    assert decode(data, declared).endswith("Grüße")


@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "windows-1252", "no such thing"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (CHINESE, "gb18030"),
        (JAPANESE, "utf-16-le"),
        (RUSSIAN, "utf-16-be"),
        (FRENCH, "utf-8"),
    ],
)
def test_a_wrong_declaration_is_not_believed(text, encoding, declared):
    """Kills: taking what is declared without seeing whether it fits."""
    assert decode(text.encode(encoding), declared) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(FRENCH, "cp1252"), (GERMAN, "latin-1"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (JAPANESE, "shift_jis")],
)
def test_a_right_declaration_is_believed(text, encoding):
    """Kills: calling French garbled, leaving all to the detector."""
    assert decode(text.encode(encoding), encoding) == text


def test_the_page_is_believed_where_the_server_is_wrong():
    page = RUSSIAN.replace("<head>", '<head><meta charset="windows-1251">')
    assert decode(page.encode("cp1251"), "iso-8859-1") == page


def test_declared_utf16_without_a_mark():
    """Kills: believing a declaration of UTF-16 on bytes without a NUL."""
    assert decode(RUSSIAN.encode("utf-16-le"), "utf-16") == RUSSIAN
    assert decode(b"<p>plain ASCII</p>", "utf-16") == "<p>plain ASCII</p>"


def test_damaged_utf8_stays_utf8():
    """Kills: giving up UTF-8 for one bad byte."""
    data = RUSSIAN.encode()
    for hurt in (data[:150] + b"\xff" + data[150:], data[:151]):
        text = decode(hurt, "")
        assert "хорошая" in text and text.count("\ufffd") <= 3
    assert decode(JAPANESE.encode("shift_jis") + b"\xff\xff", "utf-8").startswith(JAPANESE)


def test_seven_bit_encodings():
    assert "日本" in decode("日本".encode("iso-2022-jp"), "iso-2022-jp")


@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "utf-16", "shift_jis", "gb2312", "x-user-defined", "\0"]))
def test_decoding_never_fails(data, declared):
    decode(data, declared).encode("utf-8")


@pytest.mark.parametrize("hurt", [b"\0", b"&#0;", b"&#xD800;", b"\xed\xa0\x80", b"&#x110000;"])
def test_nul_bytes_and_half_surrogates_in_a_page_are_text_or_gone(hurt):
    page = b"<html><body><main><p>One paragraph " + hurt + b" of words.</p></main></body></html>"
    raw = Raw(Record("r", "web", "k", "http://x", "text/html", 1), page, ("http://x",))
    text = extract(raw).text
    text.encode("utf-8")
    assert "One paragraph" in text and "of words." in text and "\0" not in text
