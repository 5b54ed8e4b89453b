"""What keeps live connectors from writing to strangers: an allow list, and a cap of sends a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.core.clock import Clock
from gateway.core.errors import Conflict, DailyCap, NotOnAllowList
from gateway.core.model import Recipient
from gateway.core.recipients import email_reading, normal_domain, phone_readings
from gateway.storage.ports import Records

PREFIX = "live/"
# Other texts with a * allow nobody: who reads "a1*" as all numbers of +1 has written to half of America.
_RANGE = re.compile(r"\+?[0-9][0-9 ().-]*\*", re.ASCII)


class LiveGate:
    """``allow``: numbers and addresses as people write them, ``*@example.com`` for a domain, ``+86138*`` for a
    range of numbers, ``*`` for everybody. ``sends_per_day``: of all live connectors together, a day in UTC of real
    time; an attempt counts, whatever becomes of it."""

    def __init__(self, allow: Sequence[str], sends_per_day: int, records: Records, clock: Clock) -> None:
        self._exact = {reading for entry in allow if "*" not in entry for reading in _readings(entry)}
        self._starts = tuple(_digits(entry) for entry in allow if _RANGE.fullmatch(entry))
        self._domains = tuple(f"@{_domain(entry[2:])}" for entry in allow if entry.startswith("*@"))
        self._everybody = "*" in allow
        self._cap = sends_per_day
        self._records = records
        self._clock = clock

    def allows(self, recipient: Recipient) -> bool:
        """Every reading must be on the list: which of them the provider acts on is its own affair."""
        return self._everybody or all(self._listed(reading) for reading in recipient.readings)

    async def admit(self, recipient: Recipient) -> None:
        """Count one send. Raises NotOnAllowList or DailyCap; then nothing may go out."""
        if not self.allows(recipient):
            raise NotOnAllowList("this connector sends for real, and the recipient is not in live.allow")
        key = f"{PREFIX}{datetime.fromtimestamp(self._clock.real(), UTC):%Y-%m-%d}"
        while True:
            found = await self._records.get(key)
            sent = found.value["sends"] if found is not None else 0
            if sent >= self._cap:
                raise DailyCap(f"live.sends_per_day: the {self._cap} sends of today (UTC) are used up")
            try:
                await self._records.put(key, {"sends": sent + 1}, if_version=found.version if found else 0)
            except Conflict:
                continue
            if found is None:
                await self._forget_other_days(key)
            return

    async def _forget_other_days(self, today: str) -> None:
        for key, _ in await self._records.scan(PREFIX):
            if key != today:
                await self._records.delete(key)

    def _listed(self, reading: str) -> bool:
        if reading in self._exact:
            return True
        if "@" in reading:
            return reading.endswith(self._domains)
        return reading.startswith(self._starts)


def _readings(entry: str) -> tuple[str, ...]:
    """Only the first: an entry that allows one number must not allow another one."""
    return (email_reading(entry),) if "@" in entry else phone_readings(entry)[:1]


def _domain(text: str) -> str:
    """As in readings."""
    return normal_domain(text) or text.lower()


def _digits(start: str) -> str:
    """``+86 138`` as readings begin."""
    return "+" + "".join(one for one in start if one.isdigit())
