"""Extract the one-time code of a message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.extraction.candidates import REACH_AFTER, REACH_BEFORE, Scoring, candidates
from gateway.extraction.labels import labels
from gateway.extraction.mail_html import readable_html
from gateway.extraction.masks import masked
from gateway.extraction.text import INTERESTING, around, readable

Source: TypeAlias = Literal["origin_bound", "keyword", "context", "only_candidate"]
Part: TypeAlias = Literal["text", "html", "subject"]

_ENOUGH = 0.8
"""With this confidence, the other parts of the message are not read."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """A code, and its place in the message."""

    code: str
    """As a user types it."""
    source: Source
    confidence: float
    """From 0 to 1. It orders codes; it is not a probability."""
    part: Part
    start: int
    """Index in ``readable(...)`` of the part, or in ``readable_html(...)`` of HTML."""
    end: int
    """Index after the last character, separators included."""


def warm() -> None:
    """Compile all patterns, about 0.1 s of work. Else the first extraction does this."""
    masked("")
    labels("")


def extract(text: str, html: str | None = None, subject: str | None = None) -> Extraction | None:
    """Return the one-time code of a message, or None. No text makes it raise an exception.

    The text is read first, then the text of the HTML, then the subject. The code with the highest confidence wins,
    and the earlier part if two are equal.
    """
    best: Extraction | None = None
    parts: tuple[tuple[Part, str | None], ...] = (("text", text), ("html", html), ("subject", subject))
    for part, raw in parts:
        if not raw:
            continue
        extraction = _extract(part, readable_html(raw) if part == "html" else readable(raw))
        if extraction is not None and (best is None or extraction.confidence > best.confidence):
            best = extraction
        if best is not None and best.confidence >= _ENOUGH:
            break
    return best


def _extract(part: Part, text: str) -> Extraction | None:
    bound = _origin_bound(text)
    if bound is not None:
        start, end = bound
        return Extraction(text[start:end], "origin_bound", 1.0, part, start, end)
    if INTERESTING.search(text) is None:
        return None
    shown = masked(text)
    numbers = candidates(shown)
    if not numbers:
        return None
    near = around(((number.start, number.end) for number in numbers), len(shown), REACH_BEFORE, REACH_AFTER)
    best = Scoring(shown, labels(shown, near), numbers).best()
    if best is None:
        return None
    candidate = best.candidate
    return Extraction(candidate.code, best.ground, best.score, part, candidate.start, candidate.end)


# --- origin-bound codes -----------------------------------------------------------------------------------------

# --- origin-bound codes -----------------------------------------------------------------------------------------

_LINE = re.compile(r"@[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::[0-9]{1,5})? #([!-~]{1,64})(?: [@%][!-~]{1,253})?")
_RETRIEVER_LINE = re.compile(r"[A-Za-z0-9+/]{11}")


def _origin_bound(text: str) -> tuple[int, int] | None:
    """Return the place of the code in the last line of an origin-bound one-time code: ``@example.com #123456``.

    The format is that of the WICG draft "Origin-bound one-time codes delivered via SMS" and of Apple's
    "domain-bound codes": ``@``, the host, a space, ``#``, the code. The embedded form adds `` @iframe.example``
    (Apple: ``%``). It must be the last line. Only the hash line of Android's SMS Retriever, which must be last too,
    may follow.
    """
    start, line = _last_line(text, len(text))
    if _RETRIEVER_LINE.fullmatch(line):
        start, line = _last_line(text, start)
    match = _LINE.fullmatch(line)
    return None if match is None else (start + match.start(1), start + match.end(1))


def _last_line(text: str, end: int) -> tuple[int, str]:
    """Return start and content of the last line before ``end`` that is not empty."""
    kept = text[:end].rstrip()
    start = kept.rfind("\n") + 1
    line = kept[start:].lstrip()
    return len(kept) - len(line), line
