"""One line in the log for an incident, not one for each request that it hits."""

from __future__ import annotations

from gateway.core.errors import StoreFailed
from gateway.web.server.defects import log


class StoreIncident:
    """From the first exchange that could not be kept to the next one that could."""

    def __init__(self) -> None:
        self._lost = 0

    def lost(self, error: StoreFailed) -> None:
        if not self._lost:
            log.warning("%s; until it works again, exchanges are not kept", error.message)
        self._lost += 1

    def over(self) -> None:
        if self._lost:
            log.warning("the store works again; exchanges that were not kept: %d", self._lost)
            self._lost = 0
