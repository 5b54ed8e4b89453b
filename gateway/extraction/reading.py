"""The code of a message, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.extraction import origin_bound
from gateway.extraction.candidates import candidates
from gateway.extraction.labels import labels
from gateway.extraction.masks import masked
from gateway.extraction.plain import readable, readable_html
from gateway.extraction.scoring import REACH_AFTER, REACH_BEFORE, Scoring
from gateway.extraction.windows import INTERESTING, around

Source: TypeAlias = Literal["origin_bound", "keyword", "context", "only_candidate"]
Part: TypeAlias = Literal["text", "html", "subject"]

# From here on no other part of the message is read.
_ENOUGH = 0.8


@dataclass(frozen=True, slots=True)
class Extraction:
    """``code`` as a user types it. ``confidence`` from 0 to 1: an order, not a probability. ``start`` and ``end``
    are its place in ``readable(...)`` of that part (``readable_html(...)`` for HTML), separators included."""

    code: str
    source: Source
    confidence: float
    part: Part
    start: int
    end: int


def warm() -> None:
    """Make what the first reading would make: some 0.1 s of work."""
    masked("")
    labels("")


def extract(text: str, html: str | None = None, subject: str | None = None) -> Extraction | None:
    """The one-time code of a message, or None. Raises nothing, whatever the text.

    The text is read first, then what the HTML shows, then the subject; the likeliest code wins, the earlier part
    where two are equal.
    """
    best: Extraction | None = None
    parts: tuple[tuple[Part, str | None], ...] = (("text", text), ("html", html), ("subject", subject))
    for part, raw in parts:
        if not raw:
            continue
        found = _read(part, readable_html(raw) if part == "html" else readable(raw))
        if found is not None and (best is None or found.confidence > best.confidence):
            best = found
        if best is not None and best.confidence >= _ENOUGH:
            break
    return best


def _read(part: Part, text: str) -> Extraction | None:
    bound = origin_bound.find(text)
    if bound is not None:
        start, end = bound
        return Extraction(text[start:end], "origin_bound", 1.0, part, start, end)
    if INTERESTING.search(text) is None:
        return None
    shown = masked(text)
    found = candidates(shown)
    if not found:
        return None
    near = around(((one.start, one.end) for one in found), len(shown), REACH_BEFORE, REACH_AFTER)
    best = Scoring(shown, labels(shown, near), found).best()
    if best is None:
        return None
    candidate = best.candidate
    return Extraction(candidate.code, best.ground, best.score, part, candidate.start, candidate.end)
