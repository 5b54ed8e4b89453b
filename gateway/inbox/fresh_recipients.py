"""Recipients for tests: numbers and addresses that this gateway never gave before."""

from __future__ import annotations

import contextlib
import secrets

from gateway.core.errors import Conflict, NotFound
from gateway.core.recipients import fresh_phone, fresh_range, is_valid_phone
from gateway.storage.ports import Records

_PREFIX = "recipients/"


class FreshRecipients:
    """Gives each recipient once. A reset does not touch the counts, so that no number is given again."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def phone(self, region: str) -> str:
        """Return a valid number of a region (ISO 3166) in E.164. Raises NotFound if all are given."""
        number = fresh_phone(region, await self._next(region))
        while not is_valid_phone(number):
            number = fresh_phone(region, await self._next(region))
        return number

    def email(self) -> str:
        return f"user-{secrets.token_hex(6)}@example.com"

    async def _next(self, region: str) -> int:
        """Count up from a random start, so that two gateways give different numbers."""
        key = _PREFIX + region
        while True:
            record = await self._records.get(key)
            first = record.value["first"] if record else secrets.randbelow(10**6)
            count = record.value["count"] + 1 if record else first
            if count - first >= fresh_range(region):
                raise NotFound(f"region: every number of {region} that we can make up was given already")
            with contextlib.suppress(Conflict):
                await self._records.put(key, {"first": first, "count": count}, record.version if record else 0)
                return int(count)
