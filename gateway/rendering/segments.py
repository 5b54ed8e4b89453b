"""Encoding and length of an SMS: GSM-7 or UCS-2, the characters that force UCS-2, and the number of segments.

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
"""The default alphabet: one unit (septet) for each character. Its escape, 0x1B, is no character."""
EXTENSION = "\f^{}\\[~]|€"
"""The extension table: two units for each character, an escape and a septet."""

Market: TypeAlias = Literal["domestic", "international"]
"""Aliyun counts messages to mainland numbers and messages abroad differently."""

_COST = dict.fromkeys(BASIC, 1) | dict.fromkeys(EXTENSION, 2)
_SHOWN = 20  # forcing characters in a document: every character of a Chinese text is one

# Typographic characters and their plain twins. Those that Unicode decomposes (NFKC) are not listed.
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
    """A character outside the GSM-7 alphabet, which forces UCS-2."""

    character: str
    position: int
    """Index in the text, from 0."""
    suggestion: str | None
    """A replacement in GSM-7. Empty if the character can be left out, None if there is no replacement."""

    def document(self) -> Document:
        return {"character": self.character, "position": self.position, "suggestion": self.suggestion}


@dataclass(frozen=True, slots=True)
class Segments:
    """Encoding and length of one message."""

    market: Market
    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    """Length of the message: septets (GSM-7) or UTF-16 code units (UCS-2)."""
    count: int
    room: int
    """Units that fit into one segment of this message."""
    free: int
    """Units that are left in the last segment."""
    forced: tuple[Forced, ...]
    """The characters that force UCS-2, in the order of the text."""

    def document(self) -> Document:
        return {
            "market": self.market,
            "encoding": self.encoding,
            "units": self.units,
            "segments": self.count,
            "perSegment": self.room,
            "free": self.free,
            "forcedBy": [item.document() for item in self.forced[:_SHOWN]],
        }


def segments(text: str, market: Market = "international") -> Segments:
    """Count the segments of a text, which includes the signature.

    * international, GSM-7: one message of 160 septets, or segments of 153. A character of the extension table is
      not split.
    * international, with a character outside GSM-7: UCS-2, one message of 70 code units, or segments of 67. A
      surrogate pair is not split.
    * domestic: Aliyun counts every character as one, ASCII too: one message of 70, or segments of 67.
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
    """Tell whether every character is in the GSM-7 alphabet."""
    return _COST.keys() >= set(text)


def forcing(text: str) -> tuple[Forced, ...]:
    """List every character outside the GSM-7 alphabet, in the order of the text."""
    return tuple(
        Forced(character, position, plain(character))
        for position, character in enumerate(text)
        if character not in _COST
    )


def plain(character: str) -> str | None:
    """Return the nearest replacement in GSM-7, such as ``a`` for ``á``. None if there is none."""
    if character in _COST:
        return character
    if character in _PLAIN:
        return _PLAIN[character]
    for form in ("NFKC", "NFKD"):
        decomposed = unicodedata.normalize(form, character)
        letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
        if letters and all(letter in _COST for letter in letters):
            return letters
    return None


def first_of_each(forced: Iterable[Forced]) -> list[Forced]:
    """List every character once, at its first position."""
    first: dict[str, Forced] = {}
    for item in forced:
        first.setdefault(item.character, item)
    return list(first.values())


def by_accident(forced: Iterable[Forced]) -> bool:
    """Tell whether UCS-2 is forced by punctuation, spaces, full-width forms or emoji only.

    Letters, accented ones too, belong to a language: then UCS-2 is intended.
    """
    characters = [item.character for item in forced]
    return bool(characters) and not any(map(_is_letter, characters))


def _is_letter(character: str) -> bool:
    full_width = "\uff01" <= character <= "\uff5e"
    return unicodedata.category(character)[0] in "LM" and not full_width


def _utf16(character: str) -> int:
    return 2 if character > "\uffff" else 1


def _pack(costs: Iterable[int], single: int, each: int) -> tuple[int, int, int, int]:
    """Return units, segments, units in one segment, and units left in the last segment.

    A character that does not fit into a segment begins the next one.

    Args:
        costs: The units of each character.
        single: The units that fit into a message of one segment.
        each: The units that fit into each segment of a longer message.
    """
    units, count, used = 0, 1, 0
    for cost in costs:
        units += cost
        if used + cost > each:
            count, used = count + 1, 0
        used += cost
    return (units, 1, single, single - units) if units <= single else (units, count, each, each - used)
