"""Protocols of a store and of scheduled jobs.

``memory`` and ``sqlite`` implement ``Store``, ``jobs`` implements ``Schedule``. A store applies no rules of its
own: the code above it decides what is written. Every method of a store that is awaited may raise
``errors.StoreFailed`` (the disk failed, or the store is closed). Documents are plain JSON; a value that is not
raises TypeError or ValueError.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol, TypeAlias

from gateway.core.model import Document


class Record(NamedTuple):
    """A stored document."""

    value: Document
    """The document. Callers must not change it."""
    version: int
    """A positive number that grows with every put."""


class Entry(NamedTuple):
    """An entry of the log."""

    seq: int
    """Sequence number: unique in the store, ascending in the order of the appends."""
    stream: str
    """Name of the stream that the entry belongs to."""
    value: Document
    """The appended document."""
    at: float
    """Real time of the append, in seconds since the epoch."""


class Records(Protocol):
    """Documents by key.

    A version is never given twice, so the version of a deleted record does not match a new record of the same key.
    """

    async def get(self, key: str) -> Record | None:
        """Return the record, or None if there is none."""

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        """Create or replace the record, and return its new version.

        Args:
            if_version: The version that the current record must have; 0 if there must be no record; None to write
                in any case.

        Raises:
            errors.Conflict: The current version is another one.
        """

    async def delete(self, key: str) -> bool:
        """Delete the record. Return False if there was none."""

    async def scan(self, prefix: str) -> list[tuple[str, Record]]:
        """Return all records whose key starts with the prefix, sorted by key."""


class Log(Protocol):
    """Append-only streams of documents that share one sequence, so a ``seq`` is a cursor in every stream.

    Each stream is bounded in entries, bytes and age (``log_index.Bounds``). A bound evicts the oldest entries;
    the newest entry stays, whatever its size. An entry is found by its stream, or by its stream and one of its
    keys. The cost of a read by key depends on the number of entries that it returns, not on the length of the
    log.
    """

    async def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> int:
        """Append an entry and return its ``seq``.

        Args:
            keys: Keys to find the entry by. Repeated keys count once.
            size: Bytes that the entry counts for in the bound of its stream.
        """

    async def read(
        self,
        stream: str,
        *,
        key: str | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[Entry]:
        """Return entries of the stream, at most ``limit``, oldest first unless ``newest_first``.

        Args:
            key: Return only entries with this key.
            after: Return only entries with a larger ``seq``.
            before: Return only entries with a smaller ``seq``.
        """

    async def drop(self, stream: str, key: str | None = None) -> int:
        """Remove all entries of the stream, or those with the key, and return their number."""

    async def wait(self, stream: str, keys: Sequence[str], after: int) -> None:
        """Wait until the stream has an entry with a ``seq`` larger than ``after`` and with one of the keys.

        Without keys, any entry of the stream will do.
        """

    def last(self) -> int:
        """Return the ``seq`` of the newest entry ever appended, 0 if there was none."""

    def evicted(self, stream: str) -> int:
        """Return the largest ``seq`` of the stream that a bound has evicted, 0 if none. ``drop`` does not
        count."""


class Batch(Protocol):
    """Changes that are committed together or not at all."""

    seqs: list[int]
    """The ``seq`` of each appended entry, in the order of the appends. Filled when the batch is committed."""

    def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> None:
        """Append an entry at the commit. Arguments as in ``Log.append``."""

    def put(self, key: str, value: Document, if_version: int | None = None) -> None:
        """Put a record at the commit. Arguments as in ``Records.put``."""

    def delete(self, key: str) -> None:
        """Delete a record at the commit."""


class Store(Protocol):
    """The state of one gateway: records by key, and a log."""

    @property
    def schema_version(self) -> int:
        """Version of the stored format, from 1."""

    @property
    def records(self) -> Records:
        """Documents by key."""

    @property
    def log(self) -> Log:
        """Streams of entries."""

    def batch(self) -> AbstractAsyncContextManager[Batch]:
        """Return a context manager that commits the batch at the end of its block.

        An exception in the block discards the batch. If the version of a record does not match, nothing is changed
        and leaving the block raises ``errors.Conflict``.
        """

    async def close(self) -> None:
        """Finish the pending changes and release the store. Further calls do nothing."""


class Job(NamedTuple):
    """A scheduled job."""

    at: float
    """When the job is due: seconds since the epoch, on the gateway's clock."""
    order: int
    """Ascending in the order in which jobs are made; it orders jobs that are due at the same time."""
    id: str
    """Unique id."""
    name: str
    """Selects the handler."""


JobHandler: TypeAlias = Callable[[Document, float, Batch], Awaitable[Sequence[Job]]]
"""Run a job, given its data, the time it was due, and the batch that also deletes the job.

Changes that must happen exactly once go into the batch. Any other effect may be repeated after a crash. The
handler returns the jobs that it has prepared in the batch.
"""


class Schedule(Protocol):
    """Jobs that are due on the gateway's clock."""

    def handle(self, name: str, handler: JobHandler) -> None:
        """Register the handler for the jobs of this name."""

    def prepare(self, batch: Batch, when: float, name: str, data: Document) -> Job:
        """Add a job to the batch. After the commit, pass the job to ``arm``, or return it from a job handler.

        Args:
            when: When the job is due: seconds since the epoch, on the gateway's clock.
            data: Passed to the handler. Plain JSON.
        """

    def arm(self, job: Job) -> None:
        """Start the timer of a prepared job, after its batch is committed."""
