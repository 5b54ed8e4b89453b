"""What a person can follow in a mail, and the mail without its markup. Each is one pass over the HTML, however it
is written: Python's own parser takes minutes for a hostile one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from gateway.extraction.plain import LONGEST_HTML, tag_end

_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})")
_VALUE = r"""\shref\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
_HREF = re.compile(_VALUE, re.IGNORECASE)
_LINK = re.compile(r"<a(?:rea)?\b[^<>]*?" + _VALUE, re.IGNORECASE)
_LONGEST_WORDS = 100_000
_UNSHOWN = frozenset(("head", "script", "style", "title", "template"))
_PARAGRAPHS = frozenset(("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"))
_LINES = frozenset(("article", "br", "div", "footer", "header", "hr", "li", "section", "tr"))
_CELLS = frozenset(("td", "th"))
_WHITE = re.compile(r"[ \t\r\n\f]+")
_SPACES = re.compile(r" {2,}")
_EDGES = re.compile(r" ?\n ?")
_GAPS = re.compile(r"\n{3,}")

_URL = re.compile(r"https?://[^\s<>\"'`\\^{|}\u3000-\u303f\uff00-\uff0f\uff1a-\uff20]{1,2048}", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s]", re.IGNORECASE)
_FOLLOWED = re.compile(r"(?:https?:|mailto:|tel:)", re.IGNORECASE)
# What ends a sentence, not an address.
_TRAILING = ".,;:!?*_~"


@dataclass(slots=True)
class _Tag:
    name: str
    closes: bool
    source: str

    @property
    def href(self) -> str | None:
        found = _HREF.search(self.source)
        return (
            None if found is None else unescape(next(part for part in found.groups() if part is not None)).strip()
        )


def links(text: str, html: str | None) -> list[str]:
    """Every ``http:`` and ``https:`` address that a reader can follow, each once: the links of the HTML, then what
    the text says; the words of the HTML where there is no text. What stands behind the first 400,000 characters of
    a part (of words: 100,000) is not looked at."""
    found: dict[str, None] = {}
    if html:
        for link in _LINK.finditer(html, 0, LONGEST_HTML):
            href = unescape(next(part for part in link.groups() if part is not None)).strip()
            if _WEB.match(href):
                found[href] = None
        if not text.strip():
            words = (piece if isinstance(piece, str) else " " for piece in _pieces(html[:_LONGEST_WORDS]))
            text = unescape("".join(words))
    found.update(dict.fromkeys(_in_text(text[:LONGEST_HTML])))
    return list(found)


def plain_text(html: str) -> str:
    """As a reader sees it: a line for each block, and behind the words of a link its address."""
    pieces: list[str] = []
    opened: tuple[int, str] | None = None
    for piece in _pieces(html):
        if isinstance(piece, str):
            pieces.append(_WHITE.sub(" ", piece))
        elif piece.name == "a":
            _end_link(pieces, opened)
            href = None if piece.closes else piece.href
            opened = (len(pieces), href) if href else None
        elif piece.name in _PARAGRAPHS:
            pieces.append("\n\n")
        elif piece.name == "br" or (piece.name in _LINES and not (pieces and pieces[-1].endswith("\n"))):
            pieces.append("\n")
        elif piece.name in _CELLS:
            pieces.append(" ")
        if isinstance(piece, _Tag) and piece.name == "li" and not piece.closes:
            pieces.append("- ")
    _end_link(pieces, opened)
    joined = unescape("".join(pieces)).replace("\u00a0", " ")
    return _GAPS.sub("\n\n", _EDGES.sub("\n", _SPACES.sub(" ", joined))).strip()


def _end_link(pieces: list[str], opened: tuple[int, str] | None) -> None:
    if opened is None:
        return
    start, address = opened
    words = "".join(pieces[start:]).strip()
    if _FOLLOWED.match(address) and words not in {address, address.removeprefix("mailto:")}:
        pieces.append(f" ({address})" if words else address)


def _pieces(html: str) -> Iterator[str | _Tag]:
    """Text as it is written, and tags; nothing of comments, nor of elements that are not shown."""
    at = 0
    lowered = html.replace("İ", "i").lower()
    while (start := html.find("<", at)) >= 0:
        if start > at:
            yield html[at:start]
        if html.startswith("<!--", start):
            end = html.find("-->", start + 4)
            at = len(html) if end < 0 else end + 3
            continue
        name = _NAME.match(lowered, start + 1)
        if name is None and html[start + 1 : start + 2] not in ("!", "?"):
            yield "<"
            at = start + 1
            continue
        at = tag_end(html, start + 1)
        if name is None:
            continue
        closes = html[start + 1] == "/"
        if name[1] in _UNSHOWN and not closes:
            closing = lowered.find(f"</{name[1]}", at)
            at = len(html) if closing < 0 else closing
        else:
            yield _Tag(name[1], closes, html[start:at])
    if at < len(html):
        yield html[at:]


def _in_text(text: str) -> Iterator[str]:
    for found in _URL.finditer(text):
        url = found[0].rstrip(_TRAILING)
        # "(see https://example.com/)" has a bracket that is not the address's.
        for opening, closing in ("()", "[]"):
            surplus = url.count(closing) - url.count(opening)
            while surplus > 0 and url.endswith(closing):
                url = url[:-1].rstrip(_TRAILING)
                surplus -= 1
        if _WEB.match(url):
            yield url
