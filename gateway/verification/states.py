"""What is kept of verifications: a record for each recipient, and one for each client address, country and for all.

Every change is a compare-and-swap over all the records that it rests on: no two tries, and no two sends, count as
one. Nothing in them says whose they are, or which code: see ``sealing``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from gateway.core.clock import Clock
from gateway.core.errors import Conflict
from gateway.core.model import Document
from gateway.storage.ports import Record, Store
from gateway.verification import rules
from gateway.verification.locks import Locks
from gateway.verification.rules import Policy

RECIPIENTS = "verifications/to/"
WINDOWS = "verifications/windows/"
PREFIXES = (RECIPIENTS, WINDOWS)
"""Of what a reset does away with. The key stays."""

_DAY = 86_400.0
_PRUNE_EVERY = 1024

T = TypeVar("T")
Change: TypeAlias = Callable[[list[Document]], tuple[T, list[Document] | None]]


class States:
    """``policies``: all that may be used, for how long something matters."""

    def __init__(self, store: Store, clock: Clock, policies: Sequence[Policy]) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._longest = max([_DAY, *(one.seconds for policy in policies for one in policy.windows)])
        self._locks = Locks()
        self._changes = 0
        self._prune_at = _PRUNE_EVERY

    async def read(self, key: str) -> Document:
        found = await self._store.records.get(key)
        return {} if found is None else found.value

    async def change(self, keys: Sequence[str], change: Change[T]) -> T:
        """``change`` gets what is kept under the keys, ``{}`` where nothing is, and gives its result and what to
        keep instead, None for no change. It is asked again where somebody was faster, and may raise. What it says
        is kept when this returns. Raises StoreFailed."""
        async with self._locks.holding(keys):
            while True:
                found = [await self._store.records.get(key) for key in keys]
                result, after = change([{} if one is None else one.value for one in found])
                if after is None:
                    return result
                with contextlib.suppress(Conflict):
                    await self._keep(keys, found, after)
                    break
        self._changes += 1
        if self._changes >= self._prune_at:
            await self._prune()
        return result

    async def forget(self, key: str) -> bool:
        return await self._store.records.delete(key)

    async def _keep(self, keys: Sequence[str], found: Sequence[Record | None], after: Sequence[Document]) -> None:
        touched = {"touched": int(self._clock.real())}
        async with self._store.batch() as batch:
            for key, one, document in zip(keys, found, after, strict=True):
                batch.put(key, {**document, **touched}, one.version if one else 0)

    async def _prune(self) -> None:
        """Forget what does not matter any more: memory stays bounded. Seldom enough that it costs each change next
        to nothing."""
        left = 0
        doomed: list[tuple[str, int]] = []
        for prefix in PREFIXES:
            for key, record in await self._store.records.scan(prefix):
                left += 1
                if self._is_over(record.value):
                    doomed.append((key, record.version))
        self._changes, self._prune_at = 0, max(_PRUNE_EVERY, left - len(doomed))
        # At once: a store on a disk does in one commit what is asked of it together.
        await asyncio.gather(*(self._drop(*one) for one in doomed), return_exceptions=True)

    def _is_over(self, state: Mapping[str, object]) -> bool:
        # Real time, as with all that is kept: a test that moves the clock by years still finds what it made.
        age = self._clock.real() - int(str(state.get("touched", 0)))
        if age > (31 * _DAY if state.get("failed") else self._longest):
            return True
        return rules.forgettable(state, self._policies, rules.milliseconds(self._clock.now()))

    async def _drop(self, key: str, version: int) -> None:
        """Raises Conflict if somebody needs it after all."""
        async with self._store.batch() as batch:
            # The put is there for its version: a delete has none.
            batch.put(key, {}, version)
            batch.delete(key)
