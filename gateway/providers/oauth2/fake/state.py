"""What a fake remembers outside of the store: when its records can go, and keys that were parsed."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any

from gateway.core.clock import Clock
from gateway.core.errors import Conflict
from gateway.core.model import Document
from gateway.storage.ports import Record, Records

# A reset of the gateway takes whatever a fake keeps there.
PREFIX = "fakes/oauth2/"
# A code that was used must be known again, to revoke what came of it.
_KEPT_AFTER = 3600.0
_MOST = 50_000
_AT_ONCE = 8


@dataclass(slots=True)
class State:
    """State of one gateway: it goes on when the settings are made anew. ``keys``: parsed key rings by issuer."""

    keys: dict[str, Any] = field(default_factory=dict)
    _due: list[tuple[float, str]] = field(default_factory=list)
    _loaded: bool = False

    async def put(
        self, records: Records, clock: Clock, key: str, value: Document, if_version: int | None = None
    ) -> None:
        """``value["expires"]`` is a time of the gateway's clock. Raises ``errors.Conflict``."""
        if not self._loaded:
            await self._load(records)
        await records.put(PREFIX + key, value, if_version)
        heapq.heappush(self._due, (value["expires"] + _KEPT_AFTER, key))
        await self._forget(records, clock.now())

    async def get(self, records: Records, key: str) -> Record | None:
        return await records.get(PREFIX + key)

    async def replace(self, records: Records, key: str, value: Document, version: int) -> bool:
        """False: somebody was faster."""
        try:
            await records.put(PREFIX + key, value, version)
        except Conflict:
            return False
        return True

    async def _forget(self, records: Records, now: float) -> None:
        """The oldest few: each put that adds one takes away more where more are due."""
        due = self._due
        for _ in range(_AT_ONCE):
            if not due or (due[0][0] > now and len(due) <= _MOST):
                return
            key = heapq.heappop(due)[1]
            found = await records.get(PREFIX + key)
            if found is None:
                continue
            last = found.value["expires"] + _KEPT_AFTER
            if last <= now or len(due) >= _MOST:
                await records.delete(PREFIX + key)
            else:
                heapq.heappush(due, (last, key))  # its life was made longer meanwhile

    async def _load(self, records: Records) -> None:
        """What an earlier process has left."""
        self._loaded = True
        for key, record in await records.scan(PREFIX):
            if "expires" in record.value:
                heapq.heappush(self._due, (record.value["expires"] + _KEPT_AFTER, key.removeprefix(PREFIX)))
