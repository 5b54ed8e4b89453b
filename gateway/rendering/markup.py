"""What is in the HTML of an email, for previews and for the lint."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from gateway.extraction import Hiding, Tag, plain_text, tokens

_ACTIVE = frozenset(("embed", "form", "iframe", "input", "object", "script", "select", "textarea"))
_REMOTE = re.compile(r"""(?:url\(|@import)\s*+['"]?\s*+((?:https?:)?//[^'")\s]+)""", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_PADDING = re.compile("[\\s\u034f\u200b-\u200d\u2060\ufeff\u00ad]+")


@dataclass(slots=True)
class Markup:
    """``text``: what a mail says that has no text of its own. ``preheader``: what is hidden in front of it, for the
    list of an inbox. ``links``: every ``href``. ``remote``: what would be loaded from outside. ``no_alt``: pictures
    without a description. ``active``: elements and attributes that mail clients refuse."""

    lang: str | None = None
    title: str | None = None
    preheader: str | None = None
    text: str = ""
    links: list[str] = field(default_factory=list)
    remote: list[str] = field(default_factory=list)
    no_alt: list[str] = field(default_factory=list)
    active: list[str] = field(default_factory=list)


def read(html: str) -> Markup:
    """One pass over the HTML, however it is written."""
    markup = Markup(text=plain_text(html))
    hiding, hidden, said = Hiding(), False, False
    first: list[str] | None = None
    for piece in tokens(html):
        if isinstance(piece, str):
            if hidden and first is not None and not said:
                first.append(piece)
            said = said or (not hidden and bool(piece.strip()))
            continue
        was, hidden = hidden, hiding.at(piece)
        if hidden and not was and first is None:
            first = []
        elif was and not hidden:
            said = said or bool(first)  # only the first that is hidden is the preheader
        if not piece.closes:
            _look(markup, piece)
    markup.preheader = _PADDING.sub(" ", unescape("".join(first or ()))).strip() or None
    return markup


def _look(markup: Markup, tag: Tag) -> None:
    given = tag.attributes()
    if tag.name == "html":
        markup.lang = given.get("lang", "").strip() or None
    elif tag.name == "title" and markup.title is None:
        markup.title = unescape(tag.inside)
    elif tag.name == "style":
        markup.remote += _REMOTE.findall(tag.inside)
    elif tag.name == "img" and "alt" not in given:
        markup.no_alt.append(given.get("src", ""))
    if tag.name in _ACTIVE:
        markup.active.append(f"<{tag.name}>")
    markup.active += [name for name in given if name.startswith("on")]
    address = given.get("href", "").strip()
    if address.lower().startswith("javascript:"):
        markup.active.append("javascript:")
    if tag.name == "link":
        markup.remote += [address] if _ABSOLUTE.match(address) else []
    elif address:
        markup.links.append(address)
    for name in ("src", "background", "srcset", "poster"):
        if _ABSOLUTE.match(given.get(name, "").strip()):
            markup.remote.append(given[name].strip())
    markup.remote += _REMOTE.findall(given.get("style", ""))
