"""Exchanges: the requests at the fakes with their answers, refused ones too. Add, search, wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from gateway.core import recipients
from gateway.core.errors import Gone
from gateway.core.model import Document, Masked, Recipient, Request, Response, iso
from gateway.core.offload import run_by_size
from gateway.storage.paging import Page, read_page
from gateway.storage.ports import Entry, Log

_STREAM = "exchanges"
_UNADDRESSED = "refused:nobody"
_WAIT_PAGE = 100
_SMALL = 50_000  # bytes


@dataclass(slots=True)
class Exchange:
    """One request at a fake and its answer.

    ``ended_at`` is real time in seconds since the epoch. ``masked`` hides the secrets of request and answer; None
    if there are none to hide.
    """

    provider: str
    request: Request
    response: Response
    ended_at: float
    masked: Masked | None = None

    def document(self) -> Document:
        """Return the exchange as the API shows it."""
        request, response = self.request, self.response
        if self.masked is not None:
            request, response = self.masked(request, response)
        verdict, wire = self.response.verdict, response.wire
        return {
            "id": request.exchange_id,
            "provider": self.provider,
            "operation": verdict.operation,
            "accepted": verdict.accepted,
            "code": verdict.code,
            "keyId": verdict.key_id,
            "signature": verdict.signature,
            "to": [recipient.to for recipient in verdict.recipients],
            "captureIds": list(verdict.capture_ids),
            "faultIds": list(verdict.fault_ids),
            "explanation": dict(verdict.explanation),
            "at": iso(request.received_at),
            "milliseconds": round((self.ended_at - request.received_at) * 1000, 3),
            "request": {
                "method": request.method,
                "target": request.target,
                "host": request.host,
                "peer": request.peer,
                "headers": request.headers,
                "body": readable(request.body),
                "oversized": request.oversized,
            },
            "response": {
                "status": response.status,
                "headers": response.headers,
                "body": readable(response.body),
                "answered": not (wire.hang or wire.reset or wire.fin),
            },
        }

    def keys(self) -> tuple[str, ...]:
        """Return the keys under which the log finds it: id, provider, recipients, refused recipients."""
        verdict = self.response.verdict
        keys = [f"id:{self.request.exchange_id}", f"provider:{self.provider}"]
        for recipient in verdict.recipients:
            keys += recipients.keys(recipient)
            if not verdict.accepted:
                keys += [f"refused:{reading}" for reading in recipient.readings]
        if not verdict.accepted and not verdict.recipients:
            keys.append(_UNADDRESSED)
        return tuple(keys)

    def size(self) -> int:
        """Return the bytes that it counts for in the bound of the stream."""
        return 1500 + len(self.request.target) + len(self.request.body) + len(self.response.body)


class Exchanges:
    """The exchanges of all fakes."""

    streams: ClassVar[tuple[str, ...]] = (_STREAM,)

    def __init__(self, log: Log) -> None:
        self._log = log

    async def add(self, exchange: Exchange) -> None:
        size = exchange.size()
        document = await run_by_size(size, exchange.document, small=_SMALL)
        await self._log.append(_STREAM, document, exchange.keys(), size)

    async def get(self, exchange_id: str) -> Entry | None:
        entries = await self._log.read(_STREAM, key=f"id:{exchange_id}", limit=1)
        return entries[0] if entries else None

    async def search(
        self,
        page: Page,
        recipient: Recipient | None = None,
        provider: str | None = None,
        keep: Callable[[Document], bool] | None = None,
    ) -> list[Entry]:
        """Return a page of the exchanges about a recipient (by every reading) at a provider. Raises Gone."""

        def fits(exchange: Document) -> bool:
            return provider in (None, exchange["provider"]) and (keep is None or keep(exchange))

        keys: tuple[str, ...] = ()
        if recipient is not None:
            keys = recipients.keys(recipient)
        elif provider is not None:
            keys = (f"provider:{provider}",)
        return await read_page(self._log, _STREAM, page, keys, fits)

    async def refused(self, reading: str | None, limit: int) -> list[Entry]:
        """Return the newest refused requests for a reading of a recipient; None for those without a recipient."""
        key = _UNADDRESSED if reading is None else f"refused:{reading}"
        return await self._log.read(_STREAM, key=key, limit=limit, newest_first=True)

    async def wait(
        self,
        fits: Callable[[Document], bool],
        seconds: float,
        after: int | None = None,
        provider: str | None = None,
    ) -> Entry | None:
        """Wait for the first exchange that fits, and return None if there is none within ``seconds`` of real time.

        ``after`` is a cursor; None for exchanges from now on. ``provider`` narrows what is read. Raises Gone if
        entries after the cursor were evicted.
        """
        after = after if after is not None else self._log.last()
        key = f"provider:{provider}" if provider is not None else None
        keys = (key,) if key is not None else ()
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if after < self.evicted:
                        raise Gone("after: entries since that cursor are no longer kept; wait again without it")
                    entries = await self._log.read(_STREAM, key=key, after=after, limit=_WAIT_PAGE)
                    for entry in entries:
                        if fits(entry.value):
                            return entry
                    after = entries[-1].seq if entries else after
                    if len(entries) < _WAIT_PAGE:
                        await self._log.wait(_STREAM, keys, after)
        except TimeoutError:
            return None

    async def forget(self) -> int:
        """Delete all exchanges and return how many there were."""
        return await self._log.drop(_STREAM)

    # --- following ----------------------------------------------------------------------------------------

    @property
    def cursor(self) -> int:
        """The newest place in the log."""
        return self._log.last()

    @property
    def evicted(self) -> int:
        """The cursor of the newest exchange that a bound has removed."""
        return self._log.evicted(_STREAM)

    async def read_after(self, cursor: int, limit: int) -> list[Entry]:
        return await self._log.read(_STREAM, after=cursor, limit=limit)

    async def wait_after(self, cursor: int) -> None:
        """Wait until there is an exchange after the cursor."""
        await self._log.wait(_STREAM, (), cursor)


def readable(body: bytes) -> str:
    """Return bytes as text: UTF-8, or Latin-1 if they are not valid UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")
