"""The values that the client hands out: a fresh recipient, and a capture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self


class Recipient(str):
    """A number or address that the gateway never gave before. It *is* the text: E.164 (``+8613...``), or the
    address, so it goes wherever a string goes.

    ``channel`` is ``sms`` or ``email``; ``cursor`` the place in the log before which nothing can have come
    for it; ``region`` the number's country (None for an address).
    """

    __slots__ = ("_digits", "_national", "channel", "cursor", "region")

    channel: str
    cursor: int
    region: str | None
    _digits: str | None
    _national: str | None

    def __new__(cls, to: str, document: Mapping[str, Any] | None = None) -> Self:
        """From the API's answer to ``POST /api/recipients``."""
        known = document or {}
        self = super().__new__(cls, to)
        self.channel = known.get("channel") or ("email" if "@" in to else "sms")
        self.cursor = known.get("cursor") or 0
        self.region = known.get("region")
        self._digits = known.get("digits")
        self._national = known.get("national")
        return self

    @property
    def digits(self) -> str:
        """The number with its country code and without ``+``, as Logto keeps it: ``8613...``."""
        return self._part(self._digits, "digits")

    @property
    def national(self) -> str:
        """The number as people in its country write it."""
        return self._part(self._national, "national form")

    def _part(self, value: str | None, name: str) -> str:
        if value is None:
            raise AttributeError(f"{self} has no {name}: it is not a number that the gateway gave")
        return value


@dataclass(frozen=True, slots=True)
class Capture:
    """What a fake accepted and would have delivered. Read-only.

    ``to`` is the recipient as sent, ``read_as`` the form that the provider acts on, ``readings`` every form
    that it can plausibly mean. ``type`` is the usage type and ``code`` the code, where they are known;
    ``code_source`` says how, and ``code_confidence`` (0 to 1) how surely, where it was read from the text.
    ``cursor`` is its place in the log: a larger one is newer. ``received_at`` is the gateway's own clock, which
    tests may have moved. ``details`` are the provider's words, ``raw`` the whole JSON.
    """

    id: str
    cursor: int
    provider: str
    operation: str
    channel: str
    to: str
    read_as: str
    readings: tuple[str, ...]
    type: str | None
    locale: str | None
    code: str | None
    code_source: str | None
    code_confidence: float | None
    subject: str | None
    text: str | None
    html: str | None
    connector_id: str | None
    message_id: str | None
    exchange_id: str | None
    received_at: datetime
    details: Mapping[str, Any] = field(compare=False, repr=False)
    raw: Mapping[str, Any] = field(compare=False, repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Capture:
        """From the API's JSON. Keys that this version does not know stay in ``raw``."""
        return cls(
            id=document["id"],
            cursor=document["cursor"],
            provider=document["provider"],
            operation=document["operation"],
            channel=document["channel"],
            to=document["to"],
            read_as=document["readAs"],
            readings=tuple(document["readings"]),
            type=document.get("type"),
            locale=document.get("locale"),
            code=document.get("code"),
            code_source=document.get("codeSource"),
            code_confidence=document.get("codeConfidence"),
            subject=document.get("subject"),
            text=document.get("text"),
            html=document.get("html"),
            connector_id=document.get("connectorId"),
            message_id=document.get("messageId"),
            exchange_id=document.get("exchangeId"),
            received_at=datetime.fromisoformat(document["receivedAt"]),
            details=document.get("details") or {},
            raw=document,
        )
