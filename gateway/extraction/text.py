"""Normalize a text, and find the parts of it that are near numbers.

Normal text has one spelling for digits, spaces and dashes, and no invisible characters. Every function makes one
pass over the text.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable
from typing import TypeAlias

# Characters. A verification mail has about 3,000. Codes stand at the beginning, origin-bound lines at the end.
_HEAD = 12_000
_TAIL = 4_000
LONGEST = _HEAD + _TAIL
"""Characters. From a longer text, only the beginning and the end are read."""

_ALPHANUMERIC = string.ascii_letters + string.digits
_CUT = "\n\n"

# Zero-width and direction marks, the soft hyphen, and the marks of keycap digits (U+FE0F, U+20E3).
_INVISIBLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069),
    (0x20E3, 0x20E3), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
)  # fmt: skip
_SPELLING: dict[int, str | None] = {
    **{code: None for first, last in _INVISIBLE for code in range(first, last + 1)},
    # Full-width ASCII, except the comma: it stands in sentences, not in numbers.
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code != 0xFF0C},
    **dict.fromkeys((0x09, 0x0B, 0x0C, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    **dict.fromkeys((0x0D, 0x85, 0x2028, 0x2029), "\n"),
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63), "-"),
    **dict.fromkeys((0x2018, 0x2019, 0x02BC, 0x0060, 0x00B4), "'"),
    0x00: " ",  # the fill character of masks
    0x066A: "%", 0x066B: ".", 0x066C: ",", 0xFFE0: "¢", 0xFFE1: "£", 0xFFE5: "¥", 0xFFE6: "₩",
}  # fmt: skip
_MARKS = 30
_MANY_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MARKS + 1}}}")  # combining marks are no letters
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")


def readable(text: str) -> str:
    """Normalize a text: ASCII digits and spaces, composed characters (NFC), no invisible ones.

    A long text is shortened in the middle. The function is idempotent.
    """
    text = _shortened(text.replace("\r\n", "\n"))
    if text.isascii():
        return text.translate(_SPELLING)
    text = unicodedata.normalize("NFC", _few_marks(text.translate(_SPELLING)))
    # Composing can lengthen a text: NFC decomposes some characters.
    return _shortened(_FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text))


def _shortened(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    # A cut through a long number must not leave a shorter one.
    head, tail = text[:_HEAD].rstrip(_ALPHANUMERIC), text[-(_TAIL - len(_CUT)) :].lstrip(_ALPHANUMERIC)
    return head + _CUT + tail


def _few_marks(text: str) -> str:
    """Keep at most 30 combining marks in a row (UAX #15, stream-safe text). Composing takes quadratic time."""
    if _MANY_MARKS.search(text) is None:
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MARKS:
            kept.append(character)
    return "".join(kept)


# --- windows ----------------------------------------------------------------------------------------------------

Window: TypeAlias = tuple[int, int]
"""Start and end of a part of a text."""

DIGITS = re.compile("[0-9]+")
INTERESTING = re.compile("[0-9]+|[A-Z]-[A-Z]")
"""Every code has a match of this pattern."""


def around(places: Iterable[Window], length: int, before: int, after: int) -> list[Window]:
    """Return windows around places. Windows that touch are joined.

    Args:
        places: In ascending order.
        length: Of the text.
        before: Characters in front of each place.
        after: Characters behind each place.
    """
    windows: list[Window] = []
    for first, last in places:
        start, end = max(0, first - before), min(length, last + after)
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(end, windows[-1][1]))
        else:
            windows.append((start, end))
    return windows


def whole_words(text: str, pattern: re.Pattern[str], reach: int) -> list[Window]:
    """Return windows around the matches of a pattern, extended to the next blanks, so that no word is cut.

    Args:
        reach: Characters in front of and behind each match.
    """
    windows: list[Window] = []
    for first, last in around((match.span() for match in pattern.finditer(text)), len(text), reach, reach):
        before = windows[-1][1] if windows else 0
        if last <= before:
            continue
        start = max(text.rfind(" ", before, first), text.rfind("\n", before, first)) + 1
        end = min((at for at in (text.find(" ", last), text.find("\n", last)) if at >= 0), default=len(text))
        if windows and start == 0:  # no blank in between
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows
