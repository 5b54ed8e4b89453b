"""The HTML of a mail as text and tags: one pass, however it is written. Python's own parser takes minutes for a
hostile one. What is wrong in it is read as a browser would where that is cheap, and never refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from gateway.extraction.plain import tag_end

# What is in these is neither shown nor markup.
RAW = frozenset(("script", "style", "template", "title"))
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_WHITE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Tag:
    """``source``: from ``<`` to ``>``. ``inside``: what an element of ``RAW`` holds, as it is written."""

    name: str
    closes: bool
    source: str
    inside: str = ""

    def attributes(self) -> dict[str, str]:
        """Names in small letters, the first of each; values without entities. None where the tag closes."""
        found: dict[str, str] = {}
        if not self.closes:
            for name, *values in _ATTRIBUTE.findall(self.source, len(self.name) + 1):
                found.setdefault(name.lower(), unescape("".join(values)))
        return found


def tokens(html: str) -> Iterator[str | Tag]:
    """Text as it is written, entities too, and tags; nothing of comments."""
    at = 0
    lowered = html.replace("İ", "i").lower()  # the only letter that grows
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
        at = end = tag_end(html, start + 1)
        if name is None:
            continue
        closes = html[start + 1] == "/"
        if name[1] in RAW and not closes:
            closing = lowered.find(f"</{name[1]}", at)
            at = len(html) if closing < 0 else closing
        yield Tag(name[1], closes, html[start:end], html[end:at])
    if at < len(html):
        yield html[at:]


class Hiding:
    """Follows tags: are we inside of an element that its attributes hide?"""

    def __init__(self) -> None:
        self._name: str | None = None
        self._depth = 0

    def at(self, tag: Tag) -> bool:
        """Is what comes behind this tag hidden? Elements of the same name nest; others do not matter."""
        if self._name is None:
            if tag.closes or tag.name in VOID or tag.name in RAW or not _hidden(tag.attributes()):
                return False
            self._name, self._depth = tag.name, 1
        elif tag.name == self._name:
            self._depth += -1 if tag.closes else 1
            if self._depth == 0:
                self._name = None
        return self._name is not None


def _hidden(given: dict[str, str]) -> bool:
    return "hidden" in given or "display:none" in _WHITE.sub("", given.get("style", "")).lower()
