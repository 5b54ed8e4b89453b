"""Which signature nonces a fake has seen. State of one gateway: it belongs to its ``FakeSettings``."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

# A timestamp may lie 15 minutes ahead and then stays fresh for 15 more: so long a nonce can come back.
REMEMBERED_SECONDS = 1800.0
_LONGEST_KEPT = 64


class NonceMemory:
    """Nonces of the last half hour, for each key id, and at most ``limit`` of them: the oldest go first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # A plain dict finds its first key the more slowly the more were taken from its front.
        self._expires: OrderedDict[tuple[str, str], float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._expires)

    def first_use(self, key_id: str, nonce: str, at: float) -> bool:
        """Remember it, and say whether it is new. ``at`` is real time in seconds."""
        key = (_short(key_id), _short(nonce))
        known = self._expires.get(key)
        if known is not None and known > at:
            return False
        self._forget(at)
        self._expires.pop(key, None)
        self._expires[key] = at + REMEMBERED_SECONDS
        return True

    def _forget(self, now: float) -> None:
        while self._expires:
            oldest = next(iter(self._expires))
            if self._expires[oldest] > now and len(self._expires) < self._limit:
                return
            del self._expires[oldest]


def _short(text: str) -> str:
    """A long nonce by its hash, so that memory is bounded in bytes too."""
    if len(text) <= _LONGEST_KEPT:
        return text
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
