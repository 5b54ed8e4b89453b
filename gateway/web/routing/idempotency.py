"""Run a request with an ``Idempotency-Key`` once, and give its answer to every repetition.

Follows the IETF draft "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header-07). The
draft leaves two choices: here a request that arrives while the first is running waits for it, and an answer is kept
for 24 hours.

The store has a claim for the key before the work begins, and the answer before the client gets it. If the process
is killed during the work, a claim without an answer remains, and the work is never started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel, Field

from gateway.core.clock import Clock
from gateway.core.errors import (
    Conflict,
    InvalidRequest,
    RequestError,
    StoreFailed,
)
from gateway.core.model import Document, Response
from gateway.storage.ports import Record, Store

NAME = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
PREFIX = "idempotency/"
KEPT_SECONDS = 24 * 3600.0
# Longer than a send may take (8 s).
WAIT_SECONDS = 12.0
# With one claim; the rest is erased with the next claims.
_ERASED_AT_ONCE = 100


class Keyed(BaseModel):
    """The header, for the OpenAPI document."""

    idempotency_key: str | None = Field(
        None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Do this once: the same key and body within 24 hours get the same answer. Visible ASCII.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    )


class KeyReused(RequestError):
    """Another request has used the ``Idempotency-Key``."""

    code = "idempotency.key_reused"
    status = 422
    cause = "The `Idempotency-Key` was used for another request: another body, path or connector."
    cure = "Make a new key for each request, and repeat a request with the key that it had."


class KeyInProgress(RequestError):
    """The first request with the ``Idempotency-Key`` is still running."""

    code = "idempotency.in_progress"
    status = 409
    cause = "The first request with that `Idempotency-Key` is still under way after 12 s."
    cure = "Ask again with the same key a little later."


class KeyInterrupted(RequestError):
    """The gateway stopped during the first request with the ``Idempotency-Key``, so its result is unknown."""

    code = "idempotency.interrupted"
    status = 409
    cause = "The gateway was stopped in the middle of the first request with that `Idempotency-Key`. Maybe sent."
    cure = "See `GET /api/messages`. To send, perhaps a second time, use another key."
    maybe_sent = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of the work.

    ``spent``: keep the answer for this key. Otherwise the work certainly did nothing, and the key may be used
    again.
    """

    answer: Response
    spent: bool = True


@dataclass(frozen=True, slots=True)
class _Running:
    digest: str
    # The answer; None if there is none, so the requests that wait for it look in the store again.
    done: asyncio.Future[Response | None]


class Idempotency:
    """The claims and answers of all keys.

    ``keys`` and ``size`` (bytes of answers) limit what is kept; the oldest are erased first. Ages are measured in
    real time, not on the gateway's clock.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        keys: int = 10_000,
        size: int = 16 * 1024 * 1024,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._keys = keys
        self._size = size
        self._wait_seconds = wait_seconds
        self._running: dict[str, _Running] = {}
        # Time of the claim and bytes of the answer, oldest first.
        self._kept: dict[str, tuple[float, int]] = {}
        self._sum = 0

    async def load(self) -> None:
        """Read the keys that are in the store."""
        found = [(name, record.value) for name, record in await self._store.records.scan(PREFIX)]
        for name, value in sorted(found, key=lambda one: float(one[1]["at"])):
            self._remember(name, value["at"], len(value.get("body", "")))

    async def once(
        self, caller: str, key: str, request: str, work: Callable[[], Awaitable[Outcome]]
    ) -> tuple[Response, bool]:
        """Do the work unless it was done with this key before.

        Returns the answer, and whether an earlier request made it. The same ``key`` of another ``caller`` is
        another key. ``request`` identifies the request: method, path and body.

        Raises KeyReused if the key was used for another request, KeyInProgress if the first request is still
        running after ``wait_seconds``, KeyInterrupted if the gateway stopped during the first request, and
        StoreFailed.
        """
        name, digest = PREFIX + _digest(f"{caller}\n{key}"), _digest(request)
        while True:
            answer, earlier = await self._join(name, digest), True
            if answer is None:
                found = await self._store.records.get(name)
                if name in self._running:
                    continue
                if found is not None and not self._is_old(found.value["at"]):
                    answer = _kept_answer(found.value, digest)
                else:
                    answer, earlier = await self._run(name, digest, found, work), False
            if answer is not None:
                return answer, earlier

    async def forget(self) -> int:
        """Erase all keys but those of running requests, and return how many there were."""
        gone = [name for name in self._kept if name not in self._running]
        async with self._store.batch() as batch:
            for name in gone:
                batch.delete(name)
        for name in gone:
            self._drop(name)
        return len(gone)

    async def _join(self, name: str, digest: str) -> Response | None:
        """Wait for the running request with this key. Returns None if there is none, or if it had no answer."""
        running = self._running.get(name)
        if running is None:
            return None
        if running.digest != digest:
            raise _reused()
        await asyncio.wait({running.done}, timeout=self._wait_seconds)
        if not running.done.done():
            raise KeyInProgress(
                "Idempotency-Key: the first request with this key is still under way: ask again later",
                data={"field": "Idempotency-Key"},
            )
        return running.done.result()

    async def _run(
        self, name: str, digest: str, old: Record | None, work: Callable[[], Awaitable[Outcome]]
    ) -> Response | None:
        """Claim the key and do the work. Returns None if another request claimed the key first."""
        running = self._running[name] = _Running(digest, asyncio.get_running_loop().create_future())
        answer, claim = None, {"asked": digest, "at": self._clock.real()}
        try:
            if await self._claim(name, claim, old):
                outcome = await work()
                await self._settle(name, claim, outcome)
                answer = outcome.answer
        finally:
            del self._running[name]
            running.done.set_result(answer)
        return answer

    async def _claim(self, name: str, claim: Document, old: Record | None) -> bool:
        doomed = self._doomed(name)
        try:
            async with self._store.batch() as batch:
                batch.put(name, claim, old.version if old is not None else 0)
                for one in doomed:
                    batch.delete(one)
        except Conflict:
            return False
        for one in (name, *doomed):
            self._drop(one)
        self._remember(name, claim["at"], 0)
        return True

    async def _settle(self, name: str, claim: Document, outcome: Outcome) -> None:
        # If the store fails, the claim stays, so the work is never done again. The client gets the answer.
        with contextlib.suppress(StoreFailed):
            if outcome.spent:
                kept = {**claim, **_document(outcome.answer)}
                await self._store.records.put(name, kept)
                self._drop(name)
                self._remember(name, claim["at"], len(kept["body"]))
            else:
                await self._store.records.delete(name)
                self._drop(name)

    def _doomed(self, claimed: str) -> list[str]:
        """Return the keys to erase for a new one: those that are too old, and the oldest beyond the limits."""
        doomed: list[str] = []
        count, size = len(self._kept) + 1, self._sum
        for name, (at, its) in self._kept.items():
            fits = count <= self._keys and size <= self._size and not self._is_old(at)
            if fits or len(doomed) == _ERASED_AT_ONCE:
                break
            if name != claimed and name not in self._running:
                doomed.append(name)
                count, size = count - 1, size - its
        return doomed

    def _is_old(self, at: float) -> bool:
        return self._clock.real() - at >= KEPT_SECONDS

    def _remember(self, name: str, at: float, size: int) -> None:
        self._kept[name] = (at, size)
        self._sum += size

    def _drop(self, name: str) -> None:
        _, size = self._kept.pop(name, (0.0, 0))
        self._sum -= size


def canonical(request: list[object]) -> str:
    """Return the same text for equal JSON, whatever its spacing and order of keys."""
    try:
        return json.dumps(request, sort_keys=True, separators=(",", ":"))
    except RecursionError:
        raise InvalidRequest("the body is nested too deeply") from None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _document(answer: Response) -> Document:
    return {
        "status": answer.status,
        "headers": [list(pair) for pair in answer.headers],
        "body": answer.body.decode("utf-8"),
    }


def _kept_answer(kept: Document, digest: str) -> Response:
    if kept["asked"] != digest:
        raise _reused()
    if "status" not in kept:
        raise KeyInterrupted(
            "Idempotency-Key: the gateway was stopped while it worked on the first request with this key: nobody "
            "knows whether that message was sent. See GET /api/messages; to send, maybe again, use another key",
            data={"field": "Idempotency-Key", "maybeSent": True},
        )
    headers = tuple((name, value) for name, value in kept["headers"])
    return Response(kept["status"], headers, kept["body"].encode())


def _reused() -> KeyReused:
    return KeyReused(
        "Idempotency-Key: was used for another request (body or path) within 24 hours: each request needs its own",
        data={"field": "Idempotency-Key"},
    )
