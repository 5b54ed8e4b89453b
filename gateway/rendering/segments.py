"""How a text goes over the air: GSM-7 or UCS-2, which characters forced the latter, and how many segments it takes.

Sources: 3GPP TS 23.038 (section 6.2.1, the default alphabet and its extension table), TS 23.040 (a segment of a
long message gives six bytes to its header), and Aliyun's sending rules for messages within China.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.core.model import Document

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet: one unit (septet) each. Its escape, 0x1B, is no character."""
EXTENSION = "\f^{}\\[~]|€"
"""The extension table: an escape and a septet each, so two units."""

Market: TypeAlias = Literal["domestic", "international"]
"""Aliyun counts a message to a mainland number in another way than one that leaves China."""

_COST = dict.fromkeys(BASIC, 1) | dict.fromkeys(EXTENSION, 2)
_SHOWN = 20  # forcing characters in a document: a Chinese text has as many as it is long

# What word processors put in the place of a plain character. What Unicode itself can take apart (NFKC) is not here.
_PLAIN = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02bc\u2039\u203a", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u00b7", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\u2028\u2029", " "),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    "\u2026": "...",
    "\u00d7": "x",
    "\u00a9": "(c)",
    "\u00ae": "(r)",
    "\u3010": "[",
    "\u3011": "]",
    "\u3001": ",",
    "\u3002": ".",
}


@dataclass(frozen=True, slots=True)
class Forced:
    """A character that GSM-7 has not. ``position`` is its index in the text, from 0. ``suggestion`` says the same
    in GSM-7 (empty: leave it out), None where nothing does."""

    character: str
    position: int
    suggestion: str | None

    def document(self) -> Document:
        return {"character": self.character, "position": self.position, "suggestion": self.suggestion}


@dataclass(frozen=True, slots=True)
class Segments:
    """``units`` are septets (GSM-7) or UTF-16 code units (UCS-2); ``room`` is what one segment of such a message
    holds, ``free`` what its last one has left."""

    market: Market
    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    count: int
    room: int
    free: int
    forced: tuple[Forced, ...]

    def document(self) -> Document:
        return {
            "market": self.market,
            "encoding": self.encoding,
            "units": self.units,
            "segments": self.count,
            "perSegment": self.room,
            "free": self.free,
            "forcedBy": [one.document() for one in self.forced[:_SHOWN]],
        }


def segments(text: str, market: Market = "international") -> Segments:
    """How many segments a text takes, its signature included.

    international: 160 septets, or 153 a segment, where a character of the extension table is not split; with any
    other character all of it is UCS-2: 70 code units, or 67, and a surrogate pair is not split. domestic: Aliyun
    counts every character as one, ASCII too: 70, or 67 a segment, and nothing is forced.
    """
    if market == "domestic":
        units = sum(map(_utf16, text))
        count = 1 if units <= 70 else -(-units // 67)
        room = 70 if count == 1 else 67
        return Segments(market, "UCS-2", units, count, room, count * room - units, ())
    forced = forcing(text)
    if forced:
        units, count, room, free = _pack(map(_utf16, text), 70, 67)
        return Segments(market, "UCS-2", units, count, room, free, forced)
    units, count, room, free = _pack((_COST[character] for character in text), 160, 153)
    return Segments(market, "GSM-7", units, count, room, free, ())


def is_gsm7(text: str) -> bool:
    """Whether every character is in its alphabet."""
    return _COST.keys() >= set(text)


def forcing(text: str) -> tuple[Forced, ...]:
    """Every character that GSM-7 has not, in the order of the text."""
    return tuple(
        Forced(character, position, plain(character))
        for position, character in enumerate(text)
        if character not in _COST
    )


def plain(character: str) -> str | None:
    """The nearest thing in GSM-7: a straight quote for a curly one, ``a`` for ``á``. None if there is none."""
    if character in _COST:
        return character
    if character in _PLAIN:
        return _PLAIN[character]
    for form in ("NFKC", "NFKD"):
        taken_apart = unicodedata.normalize(form, character)
        letters = "".join(one for one in taken_apart if not unicodedata.combining(one))
        if letters and all(one in _COST for one in letters):
            return letters
    return None


def first_of_each(forced: Iterable[Forced]) -> list[Forced]:
    """Every character once, where it comes first."""
    found: dict[str, Forced] = {}
    for one in forced:
        found.setdefault(one.character, one)
    return list(found.values())


def by_accident(forced: Iterable[Forced]) -> bool:
    """Is there nothing among them that a language is written with? Then nobody wanted UCS-2: quotes, dashes and
    spaces of a word processor, full-width forms, an emoji. Accented letters are somebody's language."""
    found = list(forced)
    return bool(found) and not any(_is_letter(one.character) for one in found)


def _is_letter(character: str) -> bool:
    full_width = "\uff01" <= character <= "\uff5e"
    return unicodedata.category(character)[0] in "LM" and not full_width


def _utf16(character: str) -> int:
    return 2 if character > "\uffff" else 1


def _pack(costs: Iterable[int], single: int, each: int) -> tuple[int, int, int, int]:
    """Units, segments, room of one, room left in the last. Whoever does not fit any more begins the next one."""
    units, count, used = 0, 1, 0
    for cost in costs:
        units += cost
        if used + cost > each:
            count, used = count + 1, 0
        used += cost
    return (units, 1, single, single - units) if units <= single else (units, count, each, each - used)
