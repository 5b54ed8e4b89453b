"""CSS into style attributes, as mail clients want it: once for a template rather than once for a mail.

Jinja gives what a template writes in pieces: its own words as ``str``, what is filled in as ``Markup``. The pieces
with a mark in place of each value are the structure. It is inlined once; for the next mail of that structure only
the values change. A value stays part of the structure where it could change what the CSS applies to: markup,
nothing at all, an attribute other than an address or a label, a style sheet.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html.parser import HTMLParser
from typing import TypeAlias

from markupsafe import Markup

# What stands still: the text of a piece, or None for a place of its own.
_Structure: TypeAlias = tuple[str | None, ...]

_STRUCTURES = 256  # of a template and a locale there are a few: with a name, without one
_MARK = f"v{secrets.token_hex(8)}n"  # nobody can write it into a template
_PLACE = re.compile(_MARK + r"(\d+)z")
_SPECIAL = re.compile(r"[<>\"']")  # escaping leaves none
# CSS looks into an attribute by its name in brackets.
_FREE = frozenset(("href", "alt", "title", "aria-label"))
_SELECTED = re.compile(r"\[\s*(?:href|alt|title|aria-label)\b", re.IGNORECASE)


class Inliner:
    """Keeps what it inlined, at most 256 structures of each kind."""

    def __init__(self) -> None:
        self._bound = lru_cache(_STRUCTURES)(_bound)
        self._made = lru_cache(_STRUCTURES)(_made)

    def __call__(self, pieces: Sequence[str]) -> str:
        """``pieces``: what a template with automatic escaping wrote, in order."""
        structure: _Structure = tuple(None if _is_value(piece) else str(piece) for piece in pieces)
        bound = self._bound(structure)
        if bound:
            structure = tuple(str(pieces[at]) if at in bound else one for at, one in enumerate(structure))
        return "".join(one if isinstance(one, str) else pieces[one] for one in self._made(structure))


def _is_value(piece: str) -> bool:
    return isinstance(piece, Markup) and not (piece.isspace() or not piece or _SPECIAL.search(piece))


def _marked(structure: _Structure) -> str:
    return "".join(f"{_MARK}{at}z" if one is None else one for at, one in enumerate(structure))


def _bound(structure: _Structure) -> frozenset[int]:
    """The places whose value may decide what CSS applies."""
    source = _marked(structure)
    where = _Where(attributes=() if _SELECTED.search(source) else _FREE)
    where.feed(source)
    where.close()
    return frozenset(at for at, one in enumerate(structure) if one is None) - where.free


def _made(structure: _Structure) -> tuple[str | int, ...]:
    """The inlined text, with the index of a piece at each place."""
    import css_inline  # a library of 6 MB that SMS does without

    inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
    html = _style_last(inliner.inline(_marked(structure).strip()))
    return tuple(int(part) if at % 2 else part for at, part in enumerate(_PLACE.split(html)))


def _style_last(html: str) -> str:
    """css-inline puts what it keeps in front of all else in the head; the charset belongs into the first KB."""
    start = html.find("<head><style>")
    end = html.find("</style>", start) + len("</style>")
    head = html.find("</head>", end)
    if start < 0 or head < 0:
        return html
    start += len("<head>")
    return html[:start] + html[end:head].lstrip() + html[start:end] + "\n" + html[head:]


class _Where(HTMLParser):
    """Finds the places that are text, or in an attribute that no CSS looks into. Comments are taken as they are."""

    def __init__(self, attributes: Iterable[str]) -> None:
        super().__init__()
        self._attributes = frozenset(attributes)
        self.free: set[int] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (the signature)
        for name, value in attrs:
            if name in self._attributes:
                self._add(value or "")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem not in {"style", "script"}:
            self._add(data)

    def handle_comment(self, data: str) -> None:
        self._add(data)

    def _add(self, text: str) -> None:
        self.free.update(int(found[1]) for found in _PLACE.finditer(text))
