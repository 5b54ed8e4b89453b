"""Faults: rules that make a fake misbehave on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from connector_gateway.errors import GatewayError
from connector_gateway.transport import Document, Transport, segment

__tracebackhide__ = True


class Fault:
    """One fault in force. A ``with`` block removes it at its end; the counters can be read after that."""

    def __init__(self, transport: Transport, document: Document) -> None:
        self._transport = transport
        self._document = document
        self._removed = False

    @property
    def id(self) -> str:
        """The gateway's name for it."""
        return str(self._document["id"])

    @property
    def hits(self) -> int:
        """How many requests it has made go wrong."""
        return int(self._read().get("hits", 0))

    @property
    def seen(self) -> int:
        """How many requests it matched, hit or not."""
        return int(self._read().get("seen", 0))

    @property
    def last_hit(self) -> datetime | None:
        """When it last made one go wrong, on the gateway's clock; None as long as it has not."""
        last = self._read().get("lastHit")
        return datetime.fromisoformat(last["at"]) if last else None

    @property
    def last_exchange(self) -> str | None:
        """The id of that request: ``/api/exchanges/{id}`` has it."""
        last = self._read().get("lastHit")
        return str(last["exchangeId"]) if last else None

    @property
    def raw(self) -> Mapping[str, Any]:
        """The API's JSON, as last read."""
        return self._document

    def remove(self) -> None:
        """Take it away. Doing it twice is harmless, and so is a fault that is gone already."""
        if self._removed:
            return
        self._read()
        self._removed = True
        try:
            self._transport.json("DELETE", f"/api/faults/{segment(self.id)}")
        except GatewayError as error:
            if error.status != 404:
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<Fault {self._document}>"

    def _read(self) -> Document:
        """The newest state; once it is gone, the last one."""
        if not self._removed:
            try:
                self._document = self._transport.json("GET", f"/api/faults/{segment(self.id)}")
            except GatewayError as error:
                if error.status != 404:
                    raise
        return self._document


def camel(key: str) -> str:
    """``truncate_at`` as the API spells it: ``truncateAt``."""
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)
