"""What a ``Gateway`` reads of what has happened, in a file of its own for its length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from connector_gateway.transport import Document, Transport, segment
from connector_gateway.values import Attachment, Capture

Order: TypeAlias = Literal["asc", "desc"]

# `type` is the API's word for a usage type; the builtin is not needed here.
# ruff: noqa: A002


class History:
    """Captures, exchanges and messages."""

    _transport: Transport

    def captures(
        self,
        to: str | None = None,
        *,
        type: str | None = None,
        channel: str | None = None,
        provider: str | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        order: Order | None = None,
    ) -> list[Capture]:
        """What the fakes accepted, without waiting or taking. A number finds every plausible reading of it.

        Newest first, unless ``order`` is ``asc``; at most ``limit`` (100, up to 1000); ``after`` and
        ``before`` are cursors.
        """
        page = _page(after, before, limit, order)
        query = {"to": to, "type": type, "channel": channel, "provider": provider, **page}
        return [Capture.of(document) for document in self._read("/api/captures", query)["captures"]]

    def eml(self, capture: Capture) -> bytes:
        """An email as a file for mail programs (RFC 5322); what the app built itself comes back byte for byte."""
        return self._transport.content(f"/api/captures/{segment(capture.id)}/eml")

    def attachment(self, attachment: Attachment) -> bytes:
        """The bytes of one of a capture's ``attachments``."""
        return self._transport.content(attachment.path)

    def exchanges(
        self,
        to: str | None = None,
        *,
        provider: str | None = None,
        accepted: bool | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        order: Order | None = None,
    ) -> list[dict[str, Any]]:
        """Requests at the fakes and their answers, refused ones too, as the API's JSON.

        Pages as ``captures``.
        """
        query = {"to": to, "provider": provider, "accepted": accepted, **_page(after, before, limit, order)}
        return list(self._read("/api/exchanges", query)["exchanges"])

    def messages(
        self,
        to: str | None = None,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        order: Order | None = None,
    ) -> list[dict[str, Any]]:
        """What the gateway was asked to send, as the API's JSON. Pages as ``captures``."""
        return list(self._read("/api/messages", {"to": to, **_page(after, before, limit, order)})["messages"])

    def _read(self, path: str, query: Mapping[str, object]) -> Document:
        return self._transport.json("GET", path, query=query)


def _page(after: int | None, before: int | None, limit: int | None, order: Order | None) -> dict[str, object]:
    return {"after": after, "before": before, "limit": limit, "order": order}
