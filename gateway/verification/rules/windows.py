"""Windows: at most so many sends in any stretch of so many seconds.

A history is ``[[time, how many], ...]``, oldest first, in milliseconds. It is exact for windows of up to 100 sends.
In larger ones a send counts as made at the end of its slot, a hundredth of the window, so that a history stays
short; such a window lets through too few rather than too many.
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
    """Not now. ``rule`` is what says so: a ``By``, ``resend_wait``, ``try_wait`` or ``lock``. ``until``: when it
    may be tried again; None where only somebody who lifts the lock changes it."""

    rule: str
    until: int | None

    def retry_after(self, now: int) -> int | None:
        """Whole seconds, rounded up: whoever waits so long is not refused for the same reason."""
        return None if self.until is None else max(1, math.ceil((self.until - now) / 1000))


def milliseconds(seconds: float) -> int:
    """Cut off, as times are shown; what a float lacks of a whole one does not make it the one before."""
    return int(seconds * 1000 + 0.01)


def seconds(at: int) -> float:
    return at / 1000


def running(since: int, lasts: int, now: int) -> bool:
    """Does what began then and lasts so long still go on? What lies further in the future than that never was: a
    clock that was moved back does not block anybody for years."""
    return since - lasts < now < since + lasts


def free_at(history: History, window: Window, now: int) -> int:
    """When the next send fits into the window: ``now``, or later."""
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
    """By the window that is longest in the way, if there is one."""
    free, by = max(((free_at(history, window, now), window.by) for window in windows), default=(now, None))
    return Refusal(by.value, free) if by is not None and free > now else None


def added(history: History, windows: Sequence[Window], now: int) -> History:
    """With a send at ``now``, without what no window counts any more."""
    if not windows:
        return history
    longest = max(milliseconds(window.seconds) for window in windows)
    kept = {at: many for at, many in history if running(at, longest, now)}
    at = _slot(windows, now)
    kept[at] = kept.get(at, 0) + 1
    return [list(entry) for entry in sorted(kept.items())]


def removed(history: History, windows: Sequence[Window], at: int) -> History:
    """Without one send of that time, if it still counts."""
    at = _slot(windows, at)
    return [[time, many - (time == at)] for time, many in history if time != at or many > 1]


def _slot(windows: Sequence[Window], at: int) -> int:
    """The time under which a send is counted: its own, or the end of its slot where a window is large."""
    slots = [milliseconds(window.seconds) // _EXACT if window.sends > _EXACT else 1 for window in windows]
    slot = max(1, min(slots, default=1))
    return -(-at // slot) * slot
