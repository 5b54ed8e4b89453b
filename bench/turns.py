"""Measure several things by turns and compare them: the median of paired ratios."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the printed table."""

    what: str
    measured: str
    goal: str = ""


Columns = Sequence[Sequence[float]]


def by_turns(rounds: int, *works: Callable[[], float]) -> list[tuple[float, ...]]:
    """Call each work once to warm up, then all of them in turns. Returns one column of values for each work."""
    for work in works:
        work()
    turns = [[work() for work in works] for _ in range(rounds)]
    return list(zip(*turns, strict=True))


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """Return the median of the paired ratios: two values of one turn met the same machine."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def above(more: Sequence[float], less: Sequence[float]) -> float:
    """Return the median of the paired differences."""
    return statistics.median(a - b for a, b in zip(more, less, strict=True))


def microseconds(column: Sequence[float]) -> str:
    """Return the median of seconds, in microseconds."""
    return f"{statistics.median(column) * 1e6:.0f} µs"
