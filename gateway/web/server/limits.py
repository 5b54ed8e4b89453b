"""How much there may be at once, and how long a client may take. What is over a limit is refused, never queued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.core.errors import LimitReached


@dataclass(frozen=True, slots=True)
class Limits:
    """``head_seconds``: from the first byte of a request's head to its last; ``body_seconds``: for a whole body;
    ``unread_seconds``: for a client that reads nothing of what was sent to it."""

    waits: int = 1000
    waits_per_recipient: int = 200
    streams: int = 100
    connections: int = 2000
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    unread_seconds: float = 10.0


DEFAULT_LIMITS = Limits()


class Places:
    """So many at once, else ``full`` is raised; and so many for each recipient, else ``full_for_one``."""

    def __init__(
        self,
        size: int,
        full: type[LimitReached],
        per_recipient: int | None = None,
        full_for_one: type[LimitReached] | None = None,
    ) -> None:
        self._size = size
        self._full = full
        self._per_recipient = size if per_recipient is None else per_recipient
        self._full_for_one = full_for_one or full
        self._taken: Counter[str] = Counter()
        self._sum = 0

    def __len__(self) -> int:
        return self._sum

    def take(self, recipient: str = "") -> None:
        """Raises LimitReached."""
        if self._sum >= self._size:
            raise self._full(f"there are {self._size} at once already, which is the limit: try again later")
        if self._taken[recipient] >= self._per_recipient:
            what = f"there are {self._per_recipient} at once for that recipient already, which is the limit"
            raise self._full_for_one(f"{what}: try again later")
        self._sum += 1
        self._taken[recipient] += 1

    def leave(self, recipient: str = "") -> None:
        self._sum -= 1
        self._taken[recipient] -= 1
        if not self._taken[recipient]:
            del self._taken[recipient]

    @contextmanager
    def place(self, recipient: str = "") -> Iterator[None]:
        """Raises LimitReached."""
        self.take(recipient)
        try:
            yield
        finally:
            self.leave(recipient)
