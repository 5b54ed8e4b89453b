"""What a mail is written in: transfer encodings, headers with encoded words, lists of addresses.

Pure. Nothing here fails on any input, and nothing costs more than a few passes over it.
"""

from __future__ import annotations

import binascii
import re
from itertools import groupby

from gateway.providers.aws_ses.fake.charsets import decoded, guessed

# RFC 2047; blanks inside an encoded word are wrong, and some senders have them.
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?\r\n]{0,1000})\?=")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_NOT_BASE64 = bytes(byte for byte in range(256) if byte not in _BASE64)


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
        kept = plain.translate(None, _NOT_BASE64)
        kept = kept[: -1 if len(kept) % 4 == 1 else None]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4)), False


def unfolded(value: str, charset: str | None = None) -> str:
    """A header as one line of Unicode.

    Args:
        value: As the email package reads it, raw bytes as surrogate escapes.
        charset: The charset of the mail, for a header with 8-bit characters that are not UTF-8.
    """
    if not value.isascii() or "\x1b" in value:
        value = guessed(value.encode("utf-8", "surrogateescape"), charset)
    return _FOLD.sub("", value).strip() if "\n" in value else value.strip()


def words(value: str, warnings: list[str] | None = None) -> str:
    """With its encoded words (RFC 2047) read. Blanks between two of them are not shown, and a character may be cut
    in two by them. ``warnings``: see ``charsets.decoded``."""
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
            text += decoded(b"".join([part for part in parts if isinstance(part, bytes)]), charset_, warnings)
    return text


def split_addresses(value: str) -> list[str]:
    """The addresses of a header's value, each as written, ``Name <a@x>`` or ``a@x``; commas in quotes, comments and
    angle brackets do not divide, and of a group (``Friends: a@x, b@y;``) only the members count."""
    found: list[str] = []
    current: list[str] = []
    quoted = escaped = angled = addressed = False
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
            addressed = False
            continue
        elif not angled and character == ":" and not addressed:
            current = []
            continue
        addressed = addressed or character == "@"
        current.append(character)
    found.append("".join(current))
    return [one.strip() for one in found if one.strip()]
