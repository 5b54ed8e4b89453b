"""What a person can follow in a mail, and the mail without its markup. Each is one pass over the HTML, however it
is written: Python's own parser takes minutes for a hostile one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from gateway.extraction.plain import LONGEST_HTML
from gateway.extraction.tags import RAW, Hiding, tokens

_LINK = re.compile(r"""<a(?:rea)?\b[^<>]*?\shref\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_LONGEST_WORDS = 100_000
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
            words = (piece if isinstance(piece, str) else " " for piece in tokens(html[:_LONGEST_WORDS]))
            text = unescape("".join(words))
    found.update(dict.fromkeys(_in_text(text[:LONGEST_HTML])))
    return list(found)


def plain_text(html: str) -> str:
    """As a reader sees it: a line for each block, and behind the words of a link its address; nothing that is
    hidden."""
    pieces: list[str] = []
    opened: tuple[int, str] | None = None
    hiding, hidden = Hiding(), False
    for piece in tokens(html):
        if isinstance(piece, str):
            if not hidden:
                pieces.append(_WHITE.sub(" ", piece))
            continue
        was, hidden = hidden, hiding.at(piece)
        if was or hidden or piece.name in RAW:
            continue
        if piece.name == "a":
            _end_link(pieces, opened)
            href = piece.attributes().get("href", "").strip()
            opened = (len(pieces), href) if href else None
        elif piece.name in _PARAGRAPHS:
            pieces.append("\n\n")
        elif piece.name == "br" or (piece.name in _LINES and not (pieces and pieces[-1].endswith("\n"))):
            pieces.append("\n")
        elif piece.name in _CELLS:
            pieces.append(" ")
        if piece.name == "li" and not piece.closes:
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
