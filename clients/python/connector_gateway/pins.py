"""Pins: codes that a test knows beforehand."""

from __future__ import annotations

from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from connector_gateway.errors import GatewayError
from connector_gateway.transport import Document, Transport, segment

__tracebackhide__ = True


class Pin:
    """One pin in force. A ``with`` block removes it at its end."""

    def __init__(self, transport: Transport, to: str, code: str, until: datetime | None) -> None:
        if until is not None and until.tzinfo is None:
            raise ValueError("the end needs a time zone, as datetime(2026, 12, 24, tzinfo=UTC)")
        end = None if until is None else until.astimezone(UTC).isoformat().replace("+00:00", "Z")
        self._transport = transport
        self._path = f"/api/code-pins/{segment(to)}"
        self._document: Document = transport.json("PUT", self._path, body={"code": code, "until": end})
        self._removed = False

    @property
    def to(self) -> str:
        """Whose it is, as it was given."""
        return str(self._document["to"])

    @property
    def code(self) -> str:
        """What will be sent."""
        return str(self._document["code"])

    @property
    def until(self) -> datetime | None:
        """When it ends, on the gateway's clock."""
        end = self._document["until"]
        return None if end is None else datetime.fromisoformat(end)

    def remove(self) -> None:
        """Take it away. Doing it twice is harmless, and so is a pin that is gone already."""
        if self._removed:
            return
        self._removed = True
        try:
            self._transport.json("DELETE", self._path)
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
        return f"<Pin for {self.to}>"
