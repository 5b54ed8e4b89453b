"""Read the HTML of a mail: its tags, its text, its links.

Every function makes one pass, and its time is linear in the length, also for hostile HTML. (Python's own parser
takes minutes for it.) Invalid HTML is read roughly as a browser reads it, and never refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from gateway.extraction.text import readable

LONGEST_HTML = 400_000
"""Characters. The rest of a longer part is ignored."""
_LONGEST_LINK_TEXT = 100_000

RAW = frozenset(("script", "style", "template", "title"))
"""Elements whose content is neither shown nor parsed as markup."""
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_SPACE = re.compile(r"\s+")


# --- tags -------------------------------------------------------------------------------------------------------

_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_DELIMITER = re.compile(r"[<>\"']")


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening or closing tag."""

    name: str
    closes: bool
    source: str
    """The tag as written, from ``<`` to ``>``."""
    inside: str = ""
    """The content of an element of ``RAW``, as written."""

    def attributes(self) -> dict[str, str]:
        """Return the attributes with lower-case names and unescaped values. A closing tag has none.

        If a name is repeated, its first value counts.
        """
        attributes: dict[str, str] = {}
        if not self.closes:
            for name, *values in _ATTRIBUTE.findall(self.source, len(self.name) + 1):
                attributes.setdefault(name.lower(), unescape("".join(values)))
        return attributes


def tokens(html: str, raw: frozenset[str] = RAW) -> Iterator[str | Tag]:
    """Yield texts as written, with their entities, and tags. Comments are left out.

    Args:
        raw: Elements whose content is not parsed.
    """
    at = 0
    lowered = html.replace("İ", "i").lower()  # the only letter whose lower case is longer
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
        at = end = _tag_end(html, start + 1)
        if name is None:
            continue
        closes = html[start + 1] == "/"
        if name[1] in raw and not closes:
            closing = lowered.find(f"</{name[1]}", at)
            at = len(html) if closing < 0 else closing
        yield Tag(name[1], closes, html[start:end], html[end:at])
    if at < len(html):
        yield html[at:]


def _tag_end(html: str, at: int) -> int:
    """Return the index after the ``>`` that ends a tag: one outside quoted attributes."""
    quote = ""
    for delimiter in _DELIMITER.finditer(html, at):
        sign = delimiter[0]
        if quote:
            quote = "" if sign == quote else quote
        elif sign == ">":
            return delimiter.end()
        elif sign != "<" and html[delimiter.start() - 1] == "=":
            quote = sign
    return len(html)


class Hiding:
    """Tells, tag by tag, whether the text after it is in a hidden element."""

    def __init__(self) -> None:
        self._name: str | None = None
        self._depth = 0

    def at(self, tag: Tag) -> bool:
        """Take the next tag, and tell whether the text after it is hidden.

        Within a hidden element, only elements of the same name are counted.
        """
        if self._name is None:
            if tag.closes or tag.name in _VOID or tag.name in RAW or not _hides(tag.attributes()):
                return False
            self._name, self._depth = tag.name, 1
        elif tag.name == self._name:
            self._depth += -1 if tag.closes else 1
            if self._depth == 0:
                self._name = None
        return self._name is not None


def _hides(attributes: dict[str, str]) -> bool:
    return "hidden" in attributes or "display:none" in _SPACE.sub("", attributes.get("style", "")).lower()


# --- text -------------------------------------------------------------------------------------------------------

# Elements without a line break before and after them.
_INLINE = frozenset(
    ("a", "abbr", "b", "bdi", "bdo", "code", "em", "font", "i", "kbd", "mark", "s", "samp", "small", "span",
     "strong", "sub", "sup", "tt", "u", "var", "wbr")
)  # fmt: skip
_NOT_SHOWN = RAW | {"noscript"}
_PARAGRAPHS = frozenset(("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"))
_LINES = frozenset(("article", "br", "div", "footer", "header", "hr", "li", "section", "tr"))
_CELLS = frozenset(("td", "th"))
_FOLLOWED = re.compile(r"(?:https?:|mailto:|tel:)", re.IGNORECASE)
_HTML_SPACE = re.compile(r"[ \t\r\n\f]+")
_SPACES = re.compile(r" {2,}+")
_LINE_ENDS = re.compile(r" ?\n[ \n]*+")
_LINE_EDGES = re.compile(r" ?\n ?")
_GAPS = re.compile(r"\n{3,}")


def readable_html(html: str) -> str:
    """Return the text to extract from, with a line for each block. Hidden text is kept: preheaders have codes."""
    pieces: list[str] = []
    for piece in tokens(html[:LONGEST_HTML], _NOT_SHOWN):
        if isinstance(piece, str):
            pieces.append(piece)
        elif piece.name not in _INLINE and piece.name not in _NOT_SHOWN:
            pieces.append(" " if piece.name in _CELLS or piece.name == "input" else "\n")
    text = readable(unescape("".join(pieces)))
    return _LINE_ENDS.sub(_line_end, _SPACES.sub(" ", text)).strip()


def _line_end(match: re.Match[str]) -> str:
    return "\n" if match[0].count("\n") == 1 else "\n\n"


def plain_text(html: str) -> str:
    """Return the text for a reader: a line for each block, the address after each link, no hidden text."""
    pieces: list[str] = []
    open_link: tuple[int, str] | None = None  # index of its first piece, and its address
    hiding, hidden = Hiding(), False
    for piece in tokens(html):
        if isinstance(piece, str):
            if not hidden:
                pieces.append(_HTML_SPACE.sub(" ", piece))
            continue
        was_hidden, hidden = hidden, hiding.at(piece)
        if was_hidden or hidden or piece.name in RAW:
            continue
        if piece.name == "a":
            _end_link(pieces, open_link)
            address = piece.attributes().get("href", "").strip()
            open_link = (len(pieces), address) if address else None
        elif piece.name in _PARAGRAPHS:
            pieces.append("\n\n")
        elif piece.name == "br" or (piece.name in _LINES and not (pieces and pieces[-1].endswith("\n"))):
            pieces.append("\n")
        elif piece.name in _CELLS:
            pieces.append(" ")
        if piece.name == "li" and not piece.closes:
            pieces.append("- ")
    _end_link(pieces, open_link)
    joined = unescape("".join(pieces)).replace("\u00a0", " ")
    return _GAPS.sub("\n\n", _LINE_EDGES.sub("\n", _SPACES.sub(" ", joined))).strip()


def _end_link(pieces: list[str], link: tuple[int, str] | None) -> None:
    if link is None:
        return
    start, address = link
    text = "".join(pieces[start:]).strip()
    if _FOLLOWED.match(address) and text not in {address, address.removeprefix("mailto:")}:
        pieces.append(f" ({address})" if text else address)


# --- links ------------------------------------------------------------------------------------------------------

_LINK = re.compile(r"""<a(?:rea)?\b[^<>]*?\shref\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"'`\\^{|}\u3000-\u303f\uff00-\uff0f\uff1a-\uff20]{1,2048}", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s]", re.IGNORECASE)
_TRAILING = ".,;:!?*_~"
"""Signs after an address that belong to the sentence."""


def links(text: str, html: str | None) -> list[str]:
    """List every ``http:`` and ``https:`` address that a reader can follow, each once.

    The links of the HTML come first, then the addresses in the text. If the text is empty, the text of the HTML is
    read instead. The first 400,000 characters of each part are read, and 100,000 of the HTML for its text.
    """
    addresses: dict[str, None] = {}
    if html:
        for match in _LINK.finditer(html, 0, LONGEST_HTML):
            href = unescape(next(part for part in match.groups() if part is not None)).strip()
            if _WEB.match(href):
                addresses[href] = None
        if not text.strip():
            pieces = (piece if isinstance(piece, str) else " " for piece in tokens(html[:_LONGEST_LINK_TEXT]))
            text = unescape("".join(pieces))
    addresses.update(dict.fromkeys(_in_text(text[:LONGEST_HTML])))
    return list(addresses)


def _in_text(text: str) -> Iterator[str]:
    for match in _URL.finditer(text):
        url = match[0].rstrip(_TRAILING)
        # In "(see https://example.com/)", the closing bracket does not belong to the address.
        for opening, closing in ("()", "[]"):
            surplus = url.count(closing) - url.count(opening)
            while surplus > 0 and url.endswith(closing):
                url = url[:-1].rstrip(_TRAILING)
                surplus -= 1
        if _WEB.match(url):
            yield url
