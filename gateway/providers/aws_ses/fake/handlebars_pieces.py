"""The template language of SES in pieces: text, and what stands in braces. Pure; the cost is that of one pass."""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(r"""\s*("[^"]*"|'[^']*'|\|[^|]*\||=|(?:\[[^\]]*\]|[^\s="'|\[])+)""")
_LONGEST_TAG = 10_000  # characters; AWS names no limit
_LINE_BEFORE = re.compile(r"(?:\A|\n)[ \t]*\Z")
_LINE_AFTER = re.compile(r"[ \t]*(?:\r?\n|\Z)")


class Malformed(Exception):
    """What is written is no template, or one that never comes to an end. ``message`` has the line."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Tag(NamedTuple):
    """``kind``: the character after the braces, empty for a value, ``else`` for both spellings of it. ``trims``:
    are blanks before and after it taken away (``~``)?"""

    kind: str
    words: list[str]
    line: int
    trims: tuple[bool, bool]


def pieces(source: str) -> list[str | Tag]:
    """Text and tags in turn. A block's tag that has a line to itself takes the line with it."""
    pieces: list[str | Tag] = []
    at = line = 0
    trim = False
    while True:
        start = source.find("{{", at)
        escaped = start > at and source[start - 1] == "\\"
        text = source[at:] if start < 0 else source[at : start - escaped]
        if trim:
            text = text.lstrip()
        trim = False
        line += source.count("\n", at, start if start >= 0 else len(source))
        if start < 0:
            pieces.append(text)
            return pieces
        if escaped and not source.endswith("\\\\", at, start):
            pieces.extend((text, "{{"))
            at = start + 2
            continue
        tag, end = _tag(source, start, line + 1)
        if tag is None or tag.kind not in ("", "&"):
            after = _LINE_AFTER.match(source, end)
            if after and _LINE_BEFORE.search(source, max(0, source.rfind("\n", 0, start)), start):
                text = text.rstrip(" \t")
                line += source.count("\n", start, after.end())
                pieces.append(text)
                if tag is not None:
                    pieces.append(tag)
                    trim = tag.trims[1]
                    if tag.trims[0]:
                        pieces[-2] = text.rstrip()
                at = after.end()
                continue
        line += source.count("\n", start, end)
        if tag is not None and tag.trims[0]:
            text = text.rstrip()
        pieces.append(text)
        if tag is not None:
            pieces.append(tag)
            trim = tag.trims[1]
        at = end


def _tag(source: str, start: int, line: int) -> tuple[Tag | None, int]:
    """None for a comment. Where it ends."""
    if source.startswith(("{{!", "{{~!"), start):
        close = "--}}" if source.startswith(("{{!--", "{{~!--"), start) else "}}"
        end = source.find(close, start)
        if end < 0:
            raise Malformed(f"line {line}: a comment is not closed")
        return None, end + len(close)
    if source.startswith("{{{{", start):
        raise Malformed(f"line {line}: raw blocks are not supported")
    braces = 3 if source.startswith("{{{", start) else 2
    end = source.find("}" * braces, start)
    if end < 0:
        raise Malformed(f"line {line}: {'{' * braces} is not closed")
    inner = source[start + braces : end]
    if len(inner) > _LONGEST_TAG:
        raise Malformed(f"line {line}: a tag has at most {_LONGEST_TAG} characters")
    end += braces
    trims = (inner.startswith("~"), inner.endswith("~"))
    inner = inner.strip("~").strip()
    kind = ""
    if braces == 2:
        for sign in ("#*", "#", "/", "^", ">", "&"):
            if inner.startswith(sign):
                kind, inner = sign, inner[len(sign) :].strip()
                break
    words = _words(inner, line)
    if (kind == "^" and not words) or (not kind and braces == 2 and words[:1] == ["else"]):
        kind, words = "else", words[1:]
    return Tag("" if kind == "&" else kind, words, line, trims), end


def _words(inner: str, line: int) -> list[str]:
    words, at = [], 0
    while at < len(inner):
        found = _WORD.match(inner, at)
        if found is None:
            raise Malformed(f"line {line}: {inner[at : at + 20]!r} cannot be read")
        words.append(found[1])
        at = found.end()
    return words
