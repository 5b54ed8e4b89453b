"""Text and HTML as they are read: one spelling for digits, spaces and dashes, nothing invisible, no markup.

Each step is one pass over the text. What is longer than ``LONGEST`` is read at its beginning and at its end.
"""

from __future__ import annotations

import re
import string
import unicodedata
from html import unescape

# Characters. A verification mail has some 3,000; codes stand at the beginning, origin-bound lines at the end.
HEAD = 12_000
TAIL = 4_000
LONGEST = HEAD + TAIL
LONGEST_HTML = 400_000

_ALPHANUMERIC = string.ascii_letters + string.digits
_CUT = "\n\n"

# Zero-width and direction marks, soft hyphen, and what makes a keycap of a digit (U+FE0F, U+20E3).
_INVISIBLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069),
    (0x20E3, 0x20E3), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
)  # fmt: skip
_SPELLING: dict[int, str | None] = {
    **{code: None for first, last in _INVISIBLE for code in range(first, last + 1)},
    # Full-width ASCII; not the comma, which stands in sentences and never in a number.
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code != 0xFF0C},
    **dict.fromkeys((0x09, 0x0B, 0x0C, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    **dict.fromkeys((0x0D, 0x85, 0x2028, 0x2029), "\n"),
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63), "-"),
    **dict.fromkeys((0x2018, 0x2019, 0x02BC, 0x0060, 0x00B4), "'"),
    0x00: " ",  # what is masked later is filled with it
    0x066A: "%", 0x066B: ".", 0x066C: ",", 0xFFE0: "¢", 0xFFE1: "£", 0xFFE5: "¥", 0xFFE6: "₩",
}  # fmt: skip
_MARKS = 30
_MANY_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MARKS + 1}}}")  # no mark is a letter
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")

_MARKUP = re.compile(r"[<>\"']")
_TAG_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})")
# Between these there is no line break on the screen.
_INLINE = frozenset(
    ("a", "abbr", "b", "bdi", "bdo", "code", "em", "font", "i", "kbd", "mark", "s", "samp", "small", "span",
     "strong", "sub", "sup", "tt", "u", "var", "wbr")
)  # fmt: skip
_CELLS = frozenset(("td", "th", "input"))
_UNSHOWN = frozenset(("script", "style", "title", "template", "noscript"))
_SPACES = re.compile(r" {2,}+")
_LINE_ENDS = re.compile(r" ?\n[ \n]*+")


def readable(text: str) -> str:
    """The text with ASCII digits and spaces, composed (NFC), without invisible characters; shortened in the
    middle if it is long. Doing it twice changes nothing."""
    text = _shortened(text.replace("\r\n", "\n"))
    if text.isascii():
        return text.translate(_SPELLING)
    text = unicodedata.normalize("NFC", _few_marks(text.translate(_SPELLING)))
    # Composing can lengthen a text: some characters are composed of more than one.
    return _shortened(_FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text))


def _shortened(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    # No number may come from a cut through a longer one.
    head, tail = text[:HEAD].rstrip(_ALPHANUMERIC), text[-(TAIL - len(_CUT)) :].lstrip(_ALPHANUMERIC)
    return head + _CUT + tail


def _few_marks(text: str) -> str:
    """At most 30 combining marks in a row (UAX #15, stream-safe text): composing longer runs takes quadratic
    time."""
    if _MANY_MARKS.search(text) is None:
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MARKS:
            kept.append(character)
    return "".join(kept)


def readable_html(html: str) -> str:
    """What a reader of the HTML sees, a line for each block. Hidden elements count: previews have codes too."""
    pieces: list[str] = []
    html = html[:LONGEST_HTML]
    lowered = html.replace("İ", "i").lower()
    at = 0
    while (start := html.find("<", at)) >= 0:
        pieces.append(html[at:start])
        at = _after_markup(html, lowered, start, pieces)
    pieces.append(html[at:])
    text = readable(unescape("".join(pieces)))
    return _LINE_ENDS.sub(_line_end, _SPACES.sub(" ", text)).strip()


def _line_end(found: re.Match[str]) -> str:
    return "\n" if found[0].count("\n") == 1 else "\n\n"


def _after_markup(html: str, lowered: str, start: int, pieces: list[str]) -> int:
    """Where the text goes on after the ``<`` at ``start``; what the tag looks like on the screen goes into
    ``pieces``. A ``<`` that begins no tag is text."""
    if html.startswith("<!--", start):
        end = html.find("-->", start + 4)
        return len(html) if end < 0 else end + 3
    name = _TAG_NAME.match(lowered, start + 1)
    if name is None and html[start + 1 : start + 2] not in ("!", "?"):
        pieces.append("<")
        return start + 1
    end = tag_end(html, start + 1)
    if name is None:
        return end
    element = name[1]
    if element in _UNSHOWN and html[start + 1] != "/":
        closing = lowered.find(f"</{element}", end)
        return len(html) if closing < 0 else closing
    if element not in _INLINE and element not in _UNSHOWN:
        pieces.append(" " if element in _CELLS else "\n")
    return end


def tag_end(html: str, at: int) -> int:
    """Behind the ``>`` that is not inside a quoted attribute."""
    quote = ""
    for mark in _MARKUP.finditer(html, at):
        sign = mark[0]
        if quote:
            quote = "" if sign == quote else quote
        elif sign == ">":
            return mark.end()
        elif sign != "<" and html[mark.start() - 1] == "=":
            quote = sign
    return len(html)
