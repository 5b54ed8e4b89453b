"""What the store keeps of verifications, and how it is changed.

There is a record for each recipient, for each client address, for each country, and for all sends together. Every
change is a compare-and-swap over all the records that it depends on, so no two tries, and no two sends, count as
one. A record holds no address and no code, only hashes of them: see ``Seal``.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from gateway.core.clock import Clock
from gateway.core.errors import Conflict
from gateway.core.model import Document, Recipient
from gateway.storage.ports import Record, Records, Store
from gateway.verification import rules
from gateway.verification.rules import Policy

RECIPIENTS = "verifications/to/"
WINDOWS = "verifications/windows/"
_KEY = "verifications/key"

_DAY = 86_400.0
_PRUNE_EVERY = 1024

T = TypeVar("T")
Change: TypeAlias = Callable[[list[Document]], tuple[T, list[Document] | None]]


class States:
    """``policies`` are all that may be in use: they say how long a record matters."""

    def __init__(self, store: Store, clock: Clock, policies: Sequence[Policy]) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._longest = max([_DAY, *(window.seconds for policy in policies for window in policy.windows)])
        self._locks = Locks()
        self._changes = 0
        self._prune_at = _PRUNE_EVERY

    async def read(self, key: str) -> Document:
        record = await self._store.records.get(key)
        return {} if record is None else record.value

    async def change(self, keys: Sequence[str], change: Change[T]) -> T:
        """Apply a change to the documents under the keys and return its result. Raises StoreFailed.

        ``change`` gets the documents (``{}`` for a key without a record) and returns its result and the documents
        to keep instead, or None for no change. It is called again if another change was faster, and it may raise.
        """
        async with self._locks.holding(keys):
            while True:
                records = [await self._store.records.get(key) for key in keys]
                result, after = change([{} if record is None else record.value for record in records])
                if after is None:
                    return result
                with contextlib.suppress(Conflict):
                    await self._keep(keys, records, after)
                    break
        self._changes += 1
        if self._changes >= self._prune_at:
            await self._prune()
        return result

    async def delete(self, key: str) -> bool:
        return await self._store.records.delete(key)

    async def forget(self) -> int:
        """Delete all records except the key of the hashes, and return how many there were."""
        keys = [key for prefix in (RECIPIENTS, WINDOWS) for key, _ in await self._store.records.scan(prefix)]
        async with self._store.batch() as batch:
            for key in keys:
                batch.delete(key)
        return len(keys)

    async def _keep(self, keys: Sequence[str], records: Sequence[Record | None], after: Sequence[Document]) -> None:
        touched = {"touched": int(self._clock.real())}
        async with self._store.batch() as batch:
            for key, record, document in zip(keys, records, after, strict=True):
                batch.put(key, {**document, **touched}, record.version if record else 0)

    async def _prune(self) -> None:
        """Delete records that no longer matter, so that memory stays bounded.

        It runs so seldom that its share of the cost of each change is small.
        """
        left = 0
        doomed: list[tuple[str, int]] = []
        for prefix in (RECIPIENTS, WINDOWS):
            for key, record in await self._store.records.scan(prefix):
                left += 1
                if self._is_over(record.value):
                    doomed.append((key, record.version))
        self._changes, self._prune_at = 0, max(_PRUNE_EVERY, left - len(doomed))
        # At once: a store on a disk commits together what it is asked together.
        await asyncio.gather(*(self._drop(*one) for one in doomed), return_exceptions=True)

    def _is_over(self, state: Mapping[str, object]) -> bool:
        # Real time, as for all that is stored: a test that moves the clock by years still finds its records.
        age = self._clock.real() - int(str(state.get("touched", 0)))
        if age > (31 * _DAY if state.get("failed") else self._longest):
            return True
        return rules.forgettable(state, self._policies, rules.milliseconds(self._clock.now()))

    async def _drop(self, key: str, version: int) -> None:
        """Delete a record. Raises Conflict if it has changed meanwhile."""
        async with self._store.batch() as batch:
            # A delete has no version, so the put checks it.
            batch.put(key, {}, version)
            batch.delete(key)


class Locks:
    """A lock for each name that is in use. It only saves work: compare-and-swap decides."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._locks)

    @contextlib.asynccontextmanager
    async def holding(self, names: Iterable[str]) -> AsyncIterator[None]:
        """Hold the locks of all names. They are taken in the order of the names, so that there is no deadlock."""
        ordered = sorted(set(names))
        self._users.update(ordered)
        try:
            async with contextlib.AsyncExitStack() as stack:
                for name in ordered:
                    await stack.enter_async_context(self._locks.setdefault(name, asyncio.Lock()))
                yield
        finally:
            for name in ordered:
                self._users[name] -= 1
                if not self._users[name]:
                    del self._users[name]
                    self._locks.pop(name, None)


class Seal:
    """Hashes recipients and codes with HMAC-SHA-256 (RFC 2104) under one key.

    There are only a million codes of six digits, so without the key a hash would give the code away.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def recipient(self, recipient: Recipient) -> str:
        """Return the name of a recipient in keys, made of its channel and the reading that the provider acts on."""
        return self._hash("recipient", recipient.channel.value, recipient.read_as)[:32]

    def client(self, address: str) -> str:
        return self._hash("client", address)[:32]

    def code(self, recipient: Recipient, usage_type: str, code: str) -> str:
        return self._hash("code", recipient.channel.value, recipient.read_as, usage_type, code)

    def _hash(self, *parts: str) -> str:
        # As JSON, so that no two lists of parts have the same text.
        return hmac.digest(self._key, json.dumps(parts).encode(), "sha256").hex()


async def open_seal(records: Records, configured: str | None) -> Seal:
    """Return the seal under the configured key, or else under the store's own, which is made once."""
    if configured is not None:
        return Seal(configured.encode())
    while True:
        record = await records.get(_KEY)
        if record is not None:
            return Seal(bytes.fromhex(record.value["key"]))
        key = secrets.token_bytes(32)
        try:
            await records.put(_KEY, {"key": key.hex()}, if_version=0)
        except Conflict:
            continue
        return Seal(key)
