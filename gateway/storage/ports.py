"""The protocols of a store and of due jobs. No code.

``memory`` and ``sqlite`` implement the store, ``jobs`` the schedule.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol, TypeAlias

from gateway.core.model import Document


class Record(NamedTuple):
    value: Document
    version: int


class Entry(NamedTuple):
    """One entry of the log. ``at`` is the real time of its append."""

    seq: int
    stream: str
    value: Document
    at: float


class Records(Protocol):
    """Documents by key. A version is a positive number that grows with each put; none is given twice, so an old
    one does not fit a key that was deleted and made anew."""

    async def get(self, key: str) -> Record | None: ...
    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        """``if_version``: the version that must be there now, 0 for none at all, None for whatever.
        Raises ``errors.Conflict`` otherwise."""

    async def delete(self, key: str) -> bool: ...
    async def scan(self, prefix: str) -> list[tuple[str, Record]]:
        """All whose key starts so, by key."""


class Log(Protocol):
    """One sequence for all streams, so a cursor (the ``seq`` of an entry) means the same everywhere.

    Each stream is bounded; the oldest entries go first, and the newest is kept however large it is. ``keys`` are
    the ways in which an entry can be found besides its stream. Reads by key cost what they return, however long
    the log is.
    """

    async def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> int:
        """``size``: the bytes that the entry counts for in the stream's bound."""

    async def read(
        self,
        stream: str,
        *,
        key: str | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[Entry]: ...
    async def drop(self, stream: str, key: str | None = None) -> int:
        """Remove all entries of the stream (with that key); how many there were."""

    async def wait(self, stream: str, keys: Sequence[str], after: int) -> None:
        """Until the stream holds an entry newer than ``after`` with one of the keys (no keys: any entry)."""

    def last(self) -> int:
        """The newest ``seq`` given, 0 at first."""

    def evicted(self, stream: str) -> int:
        """The newest ``seq`` of the stream that a bound (not ``drop``) has removed, 0 if none."""


class Batch(Protocol):
    """Changes that happen together or not at all. ``seqs`` is filled when the block has ended."""

    seqs: list[int]

    def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> None: ...
    def put(self, key: str, value: Document, if_version: int | None = None) -> None: ...
    def delete(self, key: str) -> None: ...


class Store(Protocol):
    """Where state lives. Dumb: the rules are Python, above it."""

    @property
    def schema_version(self) -> int: ...
    @property
    def records(self) -> Records: ...
    @property
    def log(self) -> Log: ...
    def batch(self) -> AbstractAsyncContextManager[Batch]:
        """Leaving the block commits; an exception in it, or a version that does not fit, changes nothing."""

    async def close(self) -> None: ...


class Job(NamedTuple):
    """Something that is to happen ``at`` a time of the gateway's clock. ``order``: of those of the same time."""

    at: float
    order: int
    id: str
    name: str


JobHandler: TypeAlias = Callable[[Document, float, Batch], Awaitable[Sequence[Job]]]
"""Does a job: its data, when it was due, and the batch in which it is done. What must happen once goes into the
batch; anything else may happen again after a kill. Returns the jobs that it prepared in that batch."""


class Schedule(Protocol):
    """Due jobs on the gateway's clock."""

    def handle(self, name: str, handler: JobHandler) -> None: ...
    def prepare(self, batch: Batch, when: float, name: str, data: Document) -> Job:
        """Part of the batch: kept if that is. ``data`` is plain JSON."""

    def arm(self, job: Job) -> None:
        """The batch is through."""
