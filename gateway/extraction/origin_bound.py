"""The last line of an origin-bound one-time code: ``@example.com #123456``.

The format of the WICG draft "Origin-bound one-time codes delivered via SMS" and of Apple's "domain-bound codes":
``@``, the host, a space, ``#``, the code; the embedded form adds `` @iframe.example`` (Apple: ``%``). It must be
the last line; the hash line of Android's SMS Retriever may follow, since both must be last.
"""

from __future__ import annotations

import re

_LINE = re.compile(r"@[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::[0-9]{1,5})? #([!-~]{1,64})(?: [@%][!-~]{1,253})?")
RETRIEVER_LINE = re.compile(r"[A-Za-z0-9+/]{11}")


def find(text: str) -> tuple[int, int] | None:
    """Where the code of the origin-bound line is, or None."""
    start, line = _last_line(text, len(text))
    if RETRIEVER_LINE.fullmatch(line):
        start, line = _last_line(text, start)
    found = _LINE.fullmatch(line)
    return None if found is None else (start + found.start(1), start + found.end(1))


def _last_line(text: str, end: int) -> tuple[int, str]:
    """Start and content of the last line before ``end`` that is not empty."""
    kept = text[:end].rstrip()
    start = kept.rfind("\n") + 1
    line = kept[start:].lstrip()
    return len(kept) - len(line), line
