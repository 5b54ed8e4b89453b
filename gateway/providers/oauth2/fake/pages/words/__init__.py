"""The words of the pages: a file a language, all with the same keys, so that one more language is one more file.

``notes`` translates what fixtures say of their personas; a note of somebody else's is shown as it was written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
LANGUAGES = ("en", "zh-CN")
"""The first is that of who asks for none of them."""
# RFC 9110 12.5.4 and 12.4.2: a language range, and how much it is wanted.
_RANGE = re.compile(r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)(?:\s*;\s*q=([01](?:\.[0-9]{0,3})?))?", re.ASCII)
_MOST = 20


@dataclass(frozen=True, slots=True)
class Words:
    """``lang``: a BCP 47 tag."""

    lang: str
    texts: Mapping[str, str]
    scopes: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, name: str, **values: str) -> str:
        return self.texts[name].format(**values)


def chosen(ui_locales: str | None, accept_language: str | None) -> Words:
    """``ui_locales`` (OIDC Core 3.1.2.1) counts more than what the browser is set to. English where neither names
    a language that there is."""
    wanted = [*(ui_locales or "").split()[:_MOST], *_accepted(accept_language or "")]
    return of(next((found for tag in wanted if (found := _language(tag)) is not None), LANGUAGES[0]))


@cache
def of(lang: str) -> Words:
    return Words(lang, **json.loads((_FOLDER / f"{lang}.json").read_text("utf-8")))


def _language(tag: str) -> str | None:
    """By its first part: a reader of any Chinese reads ours rather than English."""
    first = tag.lower().partition("-")[0]
    return next((one for one in LANGUAGES if one.lower().partition("-")[0] == first), None)


def _accepted(header: str) -> Iterator[str]:
    """The ranges, the most wanted first."""
    found: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST]:
        match = _RANGE.fullmatch(part.strip())
        if match is not None and (wanted := float(match[2] or 1)) > 0:
            found.append((wanted, match[1]))
    yield from (tag for _, tag in sorted(found, key=lambda one: -one[0]))
