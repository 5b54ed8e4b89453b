"""Times as the library ``jose`` takes them: seconds, or texts such as ``10 minutes`` (its ``secs``)."""

from __future__ import annotations

import re

_SPAN = re.compile(r"\+? ?(\d+(?:\.\d+)?) ?([a-z]+)", re.IGNORECASE)
_UNITS = {
    "second": 1,
    "sec": 1,
    "s": 1,
    "minute": 60,
    "min": 60,
    "m": 60,
    "hour": 3600,
    "hr": 3600,
    "h": 3600,
    "day": 86400,
    "d": 86400,
    "week": 604800,
    "w": 604800,
    "year": 31557600,
    "yr": 31557600,
    "y": 31557600,
}


def seconds(span: str | float) -> float:
    """Raises ValueError."""
    if isinstance(span, int | float):
        if not 0 <= span < 10**10:
            raise ValueError("must be a number of seconds, 0 or more")
        return float(span)
    match = _SPAN.fullmatch(span.strip())
    unit = match[2].lower() if match else ""
    factor = _UNITS.get(unit) or (_UNITS.get(unit.removesuffix("s")) if len(unit) > 2 else None)
    if match is None or factor is None:
        raise ValueError('must be seconds, or a text such as "10 minutes"')
    return float(match[1]) * factor
