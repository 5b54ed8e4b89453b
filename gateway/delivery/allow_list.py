"""Whom a live connector may write to: an allow list of recipients, and a cap of sends a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.core.clock import Clock
from gateway.core.errors import Conflict, DailyCap, NotOnAllowList
from gateway.core.model import Recipient
from gateway.core.recipients import email_reading, normal_domain, phone_readings
from gateway.storage.ports import Records

_PREFIX = "live/"
# Other texts with a * allow nobody: reading "a1*" as all numbers of +1 would allow half of America.
_RANGE = re.compile(r"\+?[0-9][0-9 ().-]*\*", re.ASCII)


class LiveGate:
    """Admits the sends of live connectors.

    ``allow`` lists numbers and addresses as people write them, ``*@example.com`` for a domain, ``+86138*`` for a
    range of numbers, ``*`` for all. ``sends_per_day`` is the cap for all live connectors together, by day in UTC of
    real time. Each attempt counts, whatever its outcome. A reset does not touch the count.
    """

    def __init__(self, allow: Sequence[str], sends_per_day: int, records: Records, clock: Clock) -> None:
        self._exact = {reading for entry in allow if "*" not in entry for reading in _readings(entry)}
        self._starts = tuple(_digits(entry) for entry in allow if _RANGE.fullmatch(entry))
        self._domains = tuple(f"@{_domain(entry[2:])}" for entry in allow if entry.startswith("*@"))
        self._all = "*" in allow
        self._cap = sends_per_day
        self._records = records
        self._clock = clock

    def allows(self, recipient: Recipient) -> bool:
        """Whether every reading is on the list: the provider may act on any of them."""
        return self._all or all(self._listed(reading) for reading in recipient.readings)

    async def admit(self, recipient: Recipient) -> None:
        """Count one send. Raises NotOnAllowList or DailyCap if the message must not go out."""
        if not self.allows(recipient):
            raise NotOnAllowList("this connector sends for real, and the recipient is not in live.allow")
        key = f"{_PREFIX}{datetime.fromtimestamp(self._clock.real(), UTC):%Y-%m-%d}"
        while True:
            record = await self._records.get(key)
            sent = record.value["sends"] if record is not None else 0
            if sent >= self._cap:
                raise DailyCap(f"live.sends_per_day: the {self._cap} sends of today (UTC) are used up")
            try:
                await self._records.put(key, {"sends": sent + 1}, if_version=record.version if record else 0)
            except Conflict:
                continue
            if record is None:
                await self._delete_other_days(key)
            return

    async def _delete_other_days(self, today: str) -> None:
        for key, _ in await self._records.scan(_PREFIX):
            if key != today:
                await self._records.delete(key)

    def _listed(self, reading: str) -> bool:
        if reading in self._exact:
            return True
        if "@" in reading:
            return reading.endswith(self._domains)
        return reading.startswith(self._starts)


def _readings(entry: str) -> tuple[str, ...]:
    """Return the first reading only: an entry that allows one number must not allow another one."""
    return (email_reading(entry),) if "@" in entry else phone_readings(entry)[:1]


def _domain(text: str) -> str:
    """Return a domain as it stands in the readings of addresses."""
    return normal_domain(text) or text.lower()


def _digits(start: str) -> str:
    """Return the start of a number, such as ``+86 138``, as it stands in readings."""
    return "+" + "".join(one for one in start if one.isdigit())
