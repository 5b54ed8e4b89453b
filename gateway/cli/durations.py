"""Durations as people write them: ``90``, ``90s``, ``10m``, ``1h30m``, ``2d``."""

from __future__ import annotations

import re

import click

_SECONDS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_WHOLE = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?|(?:[0-9]{1,9}(?:\.[0-9]{1,6})?[dhms])+", re.ASCII)
_PART = re.compile(r"([0-9.]+)([dhms])", re.ASCII)


class Duration(click.ParamType[float]):
    """Seconds; a bare number counts them."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        text = str(value).strip().lower()
        if not _WHOLE.fullmatch(text):
            self.fail(f"{value!r} is no duration such as 90, 90s, 10m, 1h30m or 2d", param, ctx)
        parts = _PART.findall(text)
        return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else float(text)


def written(seconds: float) -> str:
    """``5400`` as ``1h30m``; nothing below a millisecond."""
    sign, left = ("-" if seconds < 0 else ""), round(abs(seconds), 3)
    said = ""
    for unit, size in _SECONDS.items():
        if unit != "s":
            count, left = divmod(left, size)
            said += f"{count:.0f}{unit}" if count else ""
    left = round(left, 3)
    return f"{sign}{said}{left:g}s" if left or not said else f"{sign}{said}"
