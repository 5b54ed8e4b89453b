"""How much an account sends: the day's quota, the rate, and statistics. One count at a time.

The quota is of recipients in the last 24 hours. The rate is a bucket that holds a second's worth: a call passes if
there is room for one recipient, and takes room for all of its own, so the next ones wait the longer. The record
``usage`` has ``sends`` (pairs of time and recipients), ``room`` and ``at`` of the bucket, and ``slot``, the quarter
of an hour that is being counted; full quarters are records of kind ``statistics``. Where no limit is applied, the
mails of a minute wait in the ledger until somebody asks, or another minute begins; the empty record ``waiting``
says that they still count.
"""

from __future__ import annotations

import math
from typing import Any

from gateway.core.model import Document
from gateway.providers.aws_ses.fake import resources
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.settings import Counts, Quota, Waiting

DAY = 86_400.0
SLOT = 900
MINUTE = 60.0
KEPT = 14 * DAY
_EXACT = 1000  # a quota up to here is counted to the moment, larger ones by the minute


async def admit(call: Call, quota: Quota, recipients: int, simulated: int, counts: Counts) -> None:
    """Count a mail to so many ``recipients``, ``simulated`` ones among them: these use the rate up, not the day.
    Raises Refusal where a limit is reached, counting nothing."""
    ledger, key, now = call.settings.ledger, call.key("usage"), call.now
    if not call.settings.limits:
        # Nobody asks whether there is room, so most mails cost no write: those of a minute are kept together.
        waiting = ledger.waiting.get(key)
        if (
            waiting is not None
            and 0 <= now - waiting.at < MINUTE
            and now // SLOT == waiting.at // SLOT
            and await resources.version(call, "waiting") == waiting.version
            and ledger.waiting.get(key) is waiting
        ):
            waiting.real += recipients - simulated
            waiting.counts = waiting.counts.plus(counts)
            return
    async with ledger.turn:
        before = await _settled(call, now)
        sends = _recent(before["sends"], now)
        room = _room(before, quota, now)
        if not call.settings.limits:
            version = await resources.put(call, "waiting", "", {})
            ledger.waiting[key] = Waiting(now, recipients - simulated, counts, version)
            return
        if quota.per_second is not None and room < 1:
            raise Refusal("Throttling", f"the account sends {quota.per_second:g} a second at most")
        real = recipients - simulated
        if quota.per_day is not None and real and total(sends) + real > quota.per_day:
            raise Refusal("DailyQuota", f"the account sends {quota.per_day} in 24 hours at most")
        after = {
            "sends": _with(sends, now, real, quota) if real else sends,
            "room": room - recipients,
            "at": now,
            "slot": await _slot(call, before["slot"], now, counts),
        }
        await resources.put(call, "usage", "", after)


async def sent(call: Call) -> int:
    """Recipients in the last 24 hours."""
    async with call.settings.ledger.turn:
        usage = await _settled(call, call.now)
    return total(_recent(usage["sends"], call.now))


async def statistics(call: Call) -> list[Document]:
    """Quarters of an hour in which something happened, the last two weeks, oldest first: ``at`` (seconds) and
    ``attempts``, ``bounces``, ``complaints``, ``rejects``."""
    async with call.settings.ledger.turn:
        usage = await _settled(call, call.now)
    slots = await resources.listing(call, "statistics")
    if usage["slot"]:
        slots.append(usage["slot"])
    return [slot for slot in slots if slot["at"] >= call.now - KEPT]


async def _settled(call: Call, now: float) -> Document:
    """The record, with what was waiting written into it."""
    version = await resources.version(call, "waiting")
    usage = await resources.get(call, "usage") or {"sends": [], "room": None, "at": now, "slot": None}
    waiting = call.settings.ledger.waiting.pop(call.key("usage"), None)
    if waiting is None or waiting.version != version:
        return usage
    sends = usage["sends"]
    if waiting.real:
        sends = [*_recent(sends, now), [waiting.at, waiting.real]]
    usage = {**usage, "sends": sends, "slot": await _slot(call, usage["slot"], waiting.at, waiting.counts)}
    await resources.put(call, "usage", "", usage)
    return usage


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
    if last is not None and (last[0] == now or (not exact and 0 <= now - last[0] < MINUTE)):
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


async def _slot(call: Call, slot: Document | None, now: float, counts: Counts) -> Document:
    start = int(now) // SLOT * SLOT
    if slot is not None and slot["at"] != start:
        await resources.put(call, "statistics", f"{slot['at']:012d}", slot)
        for old in await resources.listing(call, "statistics"):
            if old["at"] < now - KEPT:
                await resources.delete(call, "statistics", f"{old['at']:012d}")
        slot = await resources.get(call, "statistics", f"{start:012d}")
    before = slot or {}
    return {"at": start, **{name: before.get(name, 0) + count for name, count in counts._asdict().items()}}
