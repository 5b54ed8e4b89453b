"""Bytes of a mail as text: charsets, transfer encodings, encoded words, lists of addresses.

Pure. Nothing here fails on any input, and nothing costs more than a few passes over it.
"""

from __future__ import annotations

import binascii
import re
from itertools import groupby

# Declared is the old name, sent is what grew out of it.
_GROWN = {"gb2312": "gb18030", "gbk": "gb18030", "us-ascii": "utf-8", "ascii": "utf-8", "latin-1": "cp1252"}
# RFC 2047; blanks inside an encoded word are wrong, and some senders have them.
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?\r\n]{0,1000})\?=")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def decoded(content: bytes, charset: str | None) -> str:
    """In its charset; where that is unknown or wrong, in UTF-8; as latin-1 in the end."""
    name = (charset or "utf-8").strip("\"' ").lower()
    for candidate in dict.fromkeys((_GROWN.get(name, name), "utf-8")):
        try:
            return content.decode(candidate)
        except (LookupError, ValueError):
            # ValueError: bytes that are not of that charset, or a name that can be none.
            continue
    return content.decode("latin-1")


def transferred(content: bytes, encoding: str) -> tuple[bytes, bool]:
    """What a Content-Transfer-Encoding made of it, undone, and whether it was right."""
    if encoding == "base64":
        return _from_base64(content)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(content), True
    return content, encoding in ("", "7bit", "8bit", "binary")


def _from_base64(content: bytes) -> tuple[bytes, bool]:
    """As much of it as there is: other characters do not count, a rest of one character is dropped."""
    plain = content.strip().translate(None, b"\r\n \t")
    try:
        return binascii.a2b_base64(plain, strict_mode=True), True
    except binascii.Error:
        kept = _NOT_BASE64.sub(b"", plain)
        kept = kept[: -1 if len(kept) % 4 == 1 else None]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4)), False


def unfolded(value: str) -> str:
    """A header as one line of Unicode: ``value`` as the email package reads it, raw bytes as surrogate escapes."""
    if not value.isascii():
        value = decoded(value.encode("utf-8", "surrogateescape"), None)
    return _FOLD.sub("", value).strip() if "\n" in value else value.strip()


def words(value: str) -> str:
    """With its encoded words (RFC 2047) read. Blanks between two of them are not shown, and a character may be cut
    in two by them."""
    if "=?" not in value:
        return value
    # In turn: plain text, charset, encoding, content.
    pieces = _WORD.split(value)
    found: list[tuple[str | None, str | bytes]] = []
    for at in range(0, len(pieces), 4):
        plain = pieces[at]
        between = 0 < at < len(pieces) - 1
        if plain and not (between and plain.isspace()):
            found.append((None, plain))
        if at + 1 < len(pieces):
            charset, encoding, content = pieces[at + 1 : at + 4]
            raw = content.encode("utf-8", "surrogateescape")
            if encoding in "bB":
                raw, _ = _from_base64(raw)
            else:
                raw = binascii.a2b_qp(raw, header=True)
            found.append((charset.partition("*")[0].lower(), raw))
    text = ""
    for charset_, group in groupby(found, key=lambda piece: piece[0]):
        parts = [piece for _, piece in group]
        if charset_ is None:
            text += "".join([part for part in parts if isinstance(part, str)])
        else:
            text += decoded(b"".join([part for part in parts if isinstance(part, bytes)]), charset_)
    return text


def split_addresses(value: str) -> list[str]:
    """The addresses of a header's value, each as written, ``Name <a@x>`` or ``a@x``; commas in quotes, comments and
    angle brackets do not divide, and of a group (``Friends: a@x, b@y;``) only the members count."""
    found: list[str] = []
    current: list[str] = []
    quoted = escaped = angled = False
    comments = 0
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\" and (quoted or comments):
            escaped = True
        elif quoted:
            quoted = character != '"'
        elif character == "(":
            comments += 1
        elif comments:
            comments -= character == ")"
        elif character == '"':
            quoted = True
        elif character in "<>":
            angled = character == "<"
        elif not angled and character in ",;":
            found.append("".join(current))
            current = []
            continue
        elif not angled and character == ":" and "@" not in current:
            current = []
            continue
        current.append(character)
    found.append("".join(current))
    return [one.strip() for one in found if one.strip()]
