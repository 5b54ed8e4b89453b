"""How much an account sends: the day's quota, the rate, and statistics. One count at a time.

The quota is of recipients in the last 24 hours. The rate is a bucket that holds a second's worth: a call passes if
there is room for one recipient, and takes room for all of its own, so the next ones wait the longer. The record
``usage`` has ``sends`` (pairs of time and recipients), ``room`` and ``at`` of the bucket, and ``slot``, the quarter
of an hour that is being counted; full quarters are records of kind ``statistics``.
"""

from __future__ import annotations

import math
from typing import Any

from gateway.model import Document
from gateway.providers.aws_ses.fake import resources
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.settings import Quota

DAY = 86_400.0
SLOT = 900
KEPT = 14 * DAY
_EXACT = 1000  # a quota up to here is counted to the moment, larger ones by the minute
_COUNTS = ("attempts", "bounces", "complaints", "rejects")


async def admit(call: Call, quota: Quota, recipients: int, simulated: int, counts: Document) -> None:
    """Count a mail to so many ``recipients``, ``simulated`` ones among them: these use the rate up, not the day.
    ``counts``: what it adds to the statistics. Raises Refusal where a limit is reached, counting nothing."""
    settings, now = call.settings, call.now
    async with settings.ledger.turn:
        before = await resources.get(call, "usage") or {"sends": [], "room": None, "at": now, "slot": None}
        sends = _recent(before["sends"], now)
        room = _room(before, quota, now)
        if settings.limits:
            if quota.per_second is not None and room < 1:
                raise Refusal("Throttling", f"the account sends {quota.per_second:g} a second at most")
            real = recipients - simulated
            if quota.per_day is not None and real and total(sends) + real > quota.per_day:
                raise Refusal("DailyQuota", f"the account sends {quota.per_day} in 24 hours at most")
        if recipients > simulated:
            sends = _with(sends, now, recipients - simulated, quota)
        slot = await _slot(call, before["slot"], now, counts)
        after = {"sends": sends, "room": room - recipients, "at": now, "slot": slot}
        await resources.put(call, "usage", "", after)


async def sent(call: Call) -> int:
    """Recipients in the last 24 hours."""
    usage = await resources.get(call, "usage")
    return total(_recent(usage["sends"], call.now)) if usage else 0


async def statistics(call: Call) -> list[Document]:
    """Quarters of an hour in which something happened, the last two weeks, oldest first: ``at`` (seconds) and
    ``attempts``, ``bounces``, ``complaints``, ``rejects``."""
    usage = await resources.get(call, "usage")
    slots = await resources.listing(call, "statistics")
    if usage and usage["slot"]:
        slots.append(usage["slot"])
    return [slot for slot in slots if slot["at"] >= call.now - KEPT]


def total(sends: list[list[Any]]) -> int:
    return sum(count for _, count in sends)


def _recent(sends: list[list[Any]], now: float) -> list[list[Any]]:
    """Those of the last 24 hours; also those of a future that the clock was moved back from."""
    if not sends or now - sends[0][0] < DAY:
        return sends
    return [one for one in sends if now - one[0] < DAY]


def _with(sends: list[list[Any]], now: float, count: int, quota: Quota) -> list[list[Any]]:
    exact = quota.per_day is not None and quota.per_day <= _EXACT
    last = sends[-1] if sends else None
    if last is not None and (last[0] == now or (not exact and 0 <= now - last[0] < 60)):
        return [*sends[:-1], [last[0], last[1] + count]]
    return [*sends, [now, count]]


def _room(before: Document, quota: Quota, now: float) -> float:
    if quota.per_second is None:
        return 0.0
    full: float = max(1.0, quota.per_second)
    if before["room"] is None:
        return full
    kept: float = before["room"]
    gained = max(0.0, now - before["at"]) * quota.per_second
    # Rounded: a thousandth of a recipient must not be what a whole second lacks.
    room: float = math.floor((kept + gained) * 1000 + 0.5) / 1000
    return min(full, room)


async def _slot(call: Call, slot: Document | None, now: float, counts: Document) -> Document:
    start = int(now) // SLOT * SLOT
    if slot is not None and slot["at"] != start:
        await resources.put(call, "statistics", f"{slot['at']:012d}", slot)
        for old in await resources.listing(call, "statistics"):
            if old["at"] < now - KEPT:
                await resources.delete(call, "statistics", f"{old['at']:012d}")
        slot = await resources.get(call, "statistics", f"{start:012d}")
    before = slot or {}
    return {"at": start, **{name: before.get(name, 0) + counts.get(name, 0) for name in _COUNTS}}
