"""Reading a page as a browser would: its tags, attributes and shown text."""

from __future__ import annotations

from html.parser import HTMLParser

OUTLINE = "html head meta title style body main header footer section aside article div details summary svg desc"
INLINE = "span p b em i code small a mark blockquote h1 h2 h3 h4 h5 ol ul li dl dt dd rect line circle text"
TAGS = {*OUTLINE.split(), *INLINE.split(), "table", "thead", "tbody", "tr", "th", "td"}
URL_ATTRIBUTES = {"src", "href", "action", "data", "poster", "srcset", "xlink:href", "formaction", "background"}


class Reader(HTMLParser):
    """Collects tags, attributes and shown text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.shown = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        self.shown += data
