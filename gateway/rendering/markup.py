"""What is in the HTML of an email: for previews, for the lint, and for a plain text where nobody wrote one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_UNSHOWN = frozenset(("head", "script", "style", "template", "title"))
_PARAGRAPHS = frozenset(("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"))
_LINES = frozenset(("article", "div", "footer", "header", "li", "section", "tr"))
_ACTIVE = frozenset(("embed", "form", "iframe", "input", "object", "script", "select", "textarea"))
_REMOTE = re.compile(r"""(?:url\(|@import)\s*['"]?\s*((?:https?:)?//[^'")\s]+)""", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_PADDING = re.compile("[\\s\u034f\u200b-\u200d\u2060\ufeff\u00ad]+")
_EDGES = re.compile(r" ?\n ?")
_GAPS = re.compile(r"\n{3,}")


@dataclass(slots=True)
class Markup:
    """``text``: as a reader sees it, with the addresses of links. ``preheader``: what is hidden in front of it, for
    the list of an inbox. ``links``: every ``href``. ``remote``: what would be loaded from outside. ``no_alt``:
    pictures without a description. ``active``: elements and attributes that mail clients refuse."""

    lang: str | None = None
    title: str | None = None
    preheader: str | None = None
    text: str = ""
    links: list[str] = field(default_factory=list)
    remote: list[str] = field(default_factory=list)
    no_alt: list[str] = field(default_factory=list)
    active: list[str] = field(default_factory=list)


def read(html: str) -> Markup:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._markup = Markup()
        self._pieces: list[str] = []
        self._hidden: list[str] = []
        self._first: list[str] | None = None
        self._in_title = False
        # Where the words of an open link begin, and its address.
        self._link: tuple[int, str] | None = None
        # Elements that are open inside one that is not shown, itself first.
        self._unshown: list[str] = []

    def found(self) -> Markup:
        self._end_link()
        self._markup.text = _GAPS.sub("\n\n", _EDGES.sub("\n", "".join(self._pieces))).strip()
        self._markup.preheader = _PADDING.sub(" ", "".join(self._first or ())).strip() or None
        return self._markup

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._look(tag, given)
        if tag == "title" and self._markup.title is None:
            self._in_title = True
            self._markup.title = ""
        style = re.sub(r"\s", "", given.get("style", "")).lower()
        unshown = tag in _UNSHOWN or "hidden" in given or "display:none" in style
        if tag not in _VOID and (self._unshown or unshown):
            if not self._unshown and tag not in _UNSHOWN and self._first is None and not self._said():
                self._first = self._hidden
            self._unshown.append(tag)
        self._space(tag)
        if tag == "li":
            self._pieces.append("- ")
        if tag == "a" and not self._unshown:
            self._end_link()
            self._link = (len(self._pieces), given.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if tag == "a":
            self._end_link()
        if tag in self._unshown:
            while self._unshown.pop() != tag:
                pass
            if not self._unshown:
                self._hidden = []
        if tag not in _VOID:
            self._space(tag, ends=True)

    def handle_data(self, data: str) -> None:
        if self._in_title and self._markup.title is not None:
            self._markup.title += data
        if self.cdata_elem == "style":
            self._markup.remote += _REMOTE.findall(data)
        if self._unshown:
            self._hidden.append(data)
            return
        words = re.sub(r"[^\S\u00a0]+", " ", data).replace("\u00a0", " ")
        if words == " " and self._pieces and self._pieces[-1].endswith((" ", "\n")):
            return
        self._pieces.append(words)

    def _look(self, tag: str, given: dict[str, str]) -> None:
        markup = self._markup
        if tag == "html":
            markup.lang = given.get("lang", "").strip() or None
        if tag in _ACTIVE:
            markup.active.append(f"<{tag}>")
        markup.active += [name for name in given if name.startswith("on")]
        address = given.get("href", "").strip()
        if address.lower().startswith("javascript:"):
            markup.active.append("javascript:")
        if tag == "link":
            markup.remote += [address] if _ABSOLUTE.match(address) else []
        elif address:
            markup.links.append(address)
        for name in ("src", "background", "srcset", "poster"):
            if _ABSOLUTE.match(given.get(name, "").strip()):
                markup.remote.append(given[name].strip())
        markup.remote += _REMOTE.findall(given.get("style", ""))
        if tag == "img" and "alt" not in given:
            markup.no_alt.append(given.get("src", ""))

    def _said(self) -> bool:
        return any(piece.strip() for piece in self._pieces)

    def _space(self, tag: str, *, ends: bool = False) -> None:
        if self._unshown:
            return
        if tag in _PARAGRAPHS:
            self._pieces.append("\n\n")
        elif tag == "br" or (tag in _LINES and not (self._pieces and self._pieces[-1].endswith("\n"))):
            self._pieces.append("\n")
        elif tag in {"td", "th"} and not ends:
            self._pieces.append(" ")

    def _end_link(self) -> None:
        if self._link is None:
            return
        start, address = self._link
        self._link = None
        words = "".join(self._pieces[start:]).strip()
        if address and not address.startswith("#") and words not in {address, address.removeprefix("mailto:")}:
            self._pieces.append(f" ({address})" if words else address)
