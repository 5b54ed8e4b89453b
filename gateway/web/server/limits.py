"""How many waits, streams and connections there may be, and how long a client may take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.core.errors import LimitReached


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one server. A request beyond a limit is refused at once, never queued."""

    waits: int = 1000
    waits_per_recipient: int = 200
    streams: int = 100
    connections: int = 2000
    # From the first byte of a request's head to its last.
    head_seconds: float = 10.0
    # For a whole body.
    body_seconds: float = 30.0
    # For a client that reads nothing of what was sent to it.
    unread_seconds: float = 10.0


DEFAULT_LIMITS = Limits()


class ConcurrencyLimit:
    """A limit of how many things go on at once, in total and for each recipient.

    Args:
        size: how many in total.
        error: raised if there are so many already.
        per_recipient: how many for one recipient; ``size`` unless given.
        recipient_error: raised if there are so many for that recipient already; ``error`` unless given.
    """

    def __init__(
        self,
        size: int,
        error: type[LimitReached],
        per_recipient: int | None = None,
        recipient_error: type[LimitReached] | None = None,
    ) -> None:
        self._size = size
        self._error = error
        self._per_recipient = size if per_recipient is None else per_recipient
        self._recipient_error = recipient_error or error
        self._by_recipient: Counter[str] = Counter()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def acquire(self, recipient: str = "") -> None:
        """Count one more. Raises LimitReached."""
        if self._count >= self._size:
            raise self._error(f"there are {self._size} at once already, which is the limit: try again later")
        if self._by_recipient[recipient] >= self._per_recipient:
            what = f"there are {self._per_recipient} at once for that recipient already, which is the limit"
            raise self._recipient_error(f"{what}: try again later")
        self._count += 1
        self._by_recipient[recipient] += 1

    def release(self, recipient: str = "") -> None:
        """Count one less."""
        self._count -= 1
        self._by_recipient[recipient] -= 1
        if not self._by_recipient[recipient]:
            del self._by_recipient[recipient]

    @contextmanager
    def hold(self, recipient: str = "") -> Iterator[None]:
        """Count one more until the end of the block. Raises LimitReached."""
        self.acquire(recipient)
        try:
            yield
        finally:
            self.release(recipient)
