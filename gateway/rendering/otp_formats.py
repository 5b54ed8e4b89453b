"""What phones and providers look for in a text: links, the origin-bound line, Android's hash, placeholders."""

from __future__ import annotations

import re

RETRIEVER_BYTES = 140

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s，。；！]+"
    r"|(?<![@\w.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|cn|net|org|io|co|app|dev|me|info|link|example)/[^\s，。；！]*",
    re.IGNORECASE,
)
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
_ORIGIN_BOUND = re.compile(rf"@(?P<host>{_HOST}) #(?P<code>[^\s#]+)(?: [@%](?:{_HOST}))?", re.IGNORECASE)
_LOOKS_ORIGIN_BOUND = re.compile(r"^\s*@\S+|#\d{4,8}\s*$")
# Not a word of eleven letters: it has a digit, a sign, or a capital within.
_HASH = re.compile(r"(?:^|\s)(?=\S*[0-9+/]|\S+[A-Z])(?=\S*[a-zA-Z])[A-Za-z0-9+/]{11}$")
_BRACES = re.compile(r"\{\{\s*([\w.]{1,64})\s*\}\}|(?<!\$)\{(code)\}|#\{?(code)\}?#?", re.IGNORECASE)


def link(text: str) -> str | None:
    """The first link, a bare host with a path included. A lone ``example.com`` may be a name."""
    found = _LINK.search(text)
    return found[0] if found else None


def origin_bound_fault(text: str, code: str | None) -> str | None:
    """What is wrong with a line that means to be ``@example.com #123456``; None if it is right or not there.

    It must be the last line, below the explanation, with one space, a bare host name and the code itself.
    """
    lines = text.split("\n")
    meant = [at for at, line in enumerate(lines) if _LOOKS_ORIGIN_BOUND.search(line) and "@" in line]
    if not meant:
        return None
    line = lines[meant[-1]]
    match = _ORIGIN_BOUND.fullmatch(line)
    if not line.startswith("@"):
        return "must be a line of its own, with nothing before the @"
    if "://" in line:
        return "names a URL: leave the scheme out"
    if match is None:
        return "is malformed"
    if meant[-1] != len(lines) - 1:
        return "is not the last one"
    if code is not None and match["code"] != code:
        return "has another code than the message"
    return None


def is_for_retriever(text: str) -> bool:
    """Android hands a message to the app whose hash (11 characters of base64) it ends with; ``<#>`` once marked
    its beginning."""
    return text.startswith("<#>") or _HASH.search(text.rstrip()) is not None


def foreign_placeholder(text: str) -> tuple[str, str] | None:
    """A placeholder of another system that stands in the text, and how Aliyun writes it."""
    found = _BRACES.search(text)
    if found is None:
        return None
    name = next(part for part in found.groups() if part)
    return found[0], f"${{{name}}}"
