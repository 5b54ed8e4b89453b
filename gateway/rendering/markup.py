"""Facts about the HTML of an email, for previews and lint rules."""

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
    """The facts about one HTML document."""

    lang: str | None = None
    title: str | None = None
    preheader: str | None = None
    """The hidden text at the beginning, which an inbox shows beside the subject."""
    text: str = ""
    """The visible text."""
    links: list[str] = field(default_factory=list)
    """The ``href`` of every link."""
    remote: list[str] = field(default_factory=list)
    """Addresses of pictures, fonts and styles that would be loaded."""
    no_alt: list[str] = field(default_factory=list)
    """The ``src`` of pictures without ``alt``."""
    active: list[str] = field(default_factory=list)
    """Elements and attributes that mail clients refuse, such as ``<form>`` and ``onclick``."""


def read(html: str) -> Markup:
    """Read the facts from an HTML document. The time is linear in its length, also for hostile HTML."""
    markup = Markup(text=plain_text(html))
    hiding, hidden, text_began = Hiding(), False, False
    preheader: list[str] | None = None  # the text of the first hidden element
    for piece in tokens(html):
        if isinstance(piece, str):
            if hidden and preheader is not None and not text_began:
                preheader.append(piece)
            text_began = text_began or (not hidden and bool(piece.strip()))
            continue
        was_hidden, hidden = hidden, hiding.at(piece)
        if hidden and not was_hidden and preheader is None:
            preheader = []
        elif was_hidden and not hidden:
            text_began = text_began or bool(preheader)  # further hidden elements are not part of the preheader
        if not piece.closes:
            _add_tag(markup, piece)
    markup.preheader = _PADDING.sub(" ", unescape("".join(preheader or ()))).strip() or None
    return markup


def _add_tag(markup: Markup, tag: Tag) -> None:
    attributes = tag.attributes()
    if tag.name == "html":
        markup.lang = attributes.get("lang", "").strip() or None
    elif tag.name == "title" and markup.title is None:
        markup.title = unescape(tag.inside)
    elif tag.name == "style":
        markup.remote += _REMOTE.findall(tag.inside)
    elif tag.name == "img" and "alt" not in attributes:
        markup.no_alt.append(attributes.get("src", ""))
    if tag.name in _ACTIVE:
        markup.active.append(f"<{tag.name}>")
    markup.active += [name for name in attributes if name.startswith("on")]
    address = attributes.get("href", "").strip()
    if address.lower().startswith("javascript:"):
        markup.active.append("javascript:")
    if tag.name == "link":
        markup.remote += [address] if _ABSOLUTE.match(address) else []
    elif address:
        markup.links.append(address)
    for name in ("src", "background", "srcset", "poster"):
        if _ABSOLUTE.match(attributes.get(name, "").strip()):
            markup.remote.append(attributes[name].strip())
    markup.remote += _REMOTE.findall(attributes.get("style", ""))
