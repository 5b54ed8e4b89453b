"""Windows: at most so many sends in any period of so many seconds.

A history is ``[[time, how many], ...]``, oldest first, in milliseconds. It is exact for windows of up to 100 sends.
In a larger window a send counts at the end of its slot, a hundredth of the window, so that the history stays short.
Such a window may allow too few sends, never too many.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gateway.verification.rules.policy import By, Window

History: TypeAlias = list[list[int]]
Histories: TypeAlias = Mapping[By, History]

_EXACT = 100


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that forbids a send or a check for now.

    ``rule`` is a ``By``, ``resend_wait``, ``try_wait`` or ``lock``. ``until`` is when it ends (milliseconds);
    None for a lock that ends only when the recipient is forgotten.
    """

    rule: str
    until: int | None

    def retry_after(self, now: int) -> int | None:
        """Return the whole seconds to wait, rounded up, so that the same rule does not refuse the next attempt."""
        return None if self.until is None else max(1, math.ceil((self.until - now) / 1000))


def milliseconds(seconds: float) -> int:
    """Return whole milliseconds, cut off as in ``iso``. The small addition undoes the rounding error of a float."""
    return int(seconds * 1000 + 0.01)


def seconds(at: int) -> float:
    return at / 1000


def running(since: int, lasts: int, now: int) -> bool:
    """Whether a period that began at ``since`` still goes on.

    A period that begins too far in the future does not count, so that a clock that was moved back blocks no
    recipient for years.
    """
    return since - lasts < now < since + lasts


def free_at(history: History, window: Window, now: int) -> int:
    """Return when the next send fits into the window: ``now``, or later."""
    lasts = milliseconds(window.seconds)
    counted = [(at, many) for at, many in history if running(at, lasts, now)]
    total = sum(many for _, many in counted)
    free = now
    for at, many in counted:
        if total < window.sends:
            break
        total -= many
        free = max(free, at + lasts)
    return free


def refused(history: History, windows: Sequence[Window], now: int) -> Refusal | None:
    """Return the window that forbids a send for the longest time, or None if there is none."""
    free, by = max(((free_at(history, window, now), window.by) for window in windows), default=(now, None))
    return Refusal(by.value, free) if by is not None and free > now else None


def added(history: History, windows: Sequence[Window], now: int) -> History:
    """Return the history with a send at ``now``, and without sends that no window counts any more."""
    if not windows:
        return history
    longest = max(milliseconds(window.seconds) for window in windows)
    kept = {at: many for at, many in history if running(at, longest, now)}
    at = _slot(windows, now)
    kept[at] = kept.get(at, 0) + 1
    return [list(entry) for entry in sorted(kept.items())]


def removed(history: History, windows: Sequence[Window], at: int) -> History:
    """Return the history without one send made at ``at``, if it still counts."""
    at = _slot(windows, at)
    return [[time, many - (time == at)] for time, many in history if time != at or many > 1]


def _slot(windows: Sequence[Window], at: int) -> int:
    """Return the time under which a send is counted: its own, or the end of its slot if a window is large."""
    slots = [milliseconds(window.seconds) // _EXACT if window.sends > _EXACT else 1 for window in windows]
    slot = max(1, min(slots, default=1))
    return -(-at // slot) * slot
