"""The values that the client hands out: a fresh recipient, a capture, and an attachment of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self, TypeAlias

LinkKind: TypeAlias = Literal["sign_in", "verify", "reset", "invite", "other"]
"""What a link in a message is for."""

OUTCOMES = "verification_code."
"""What the API's error codes begin with that say that a code is not right."""


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
class Attachment:
    """A part of an email that is no text of it; ``Gateway.attachment`` fetches it.

    ``size`` is in bytes. ``content_id`` is what the HTML calls a picture, after ``cid:``; ``disposition`` is
    ``attachment`` or ``inline``; ``path`` is where the gateway has it.
    """

    name: str
    content_type: str
    size: int
    disposition: str
    content_id: str | None
    path: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Attachment:
        """From the API's JSON."""
        return cls(
            name=document["name"],
            content_type=document["contentType"],
            size=document["size"],
            disposition=document["disposition"],
            content_id=document["contentId"],
            path=document["url"],
        )


@dataclass(frozen=True, slots=True)
class Capture:
    """What a fake accepted and would have delivered. Read-only.

    ``to`` is the recipient as sent, ``read_as`` the form that the provider acts on, ``readings`` every form
    that it can plausibly mean. ``type`` is the usage type and ``code`` the code, where they are known;
    ``code_source`` says how, and ``code_confidence`` (0 to 1) how surely, where it was read from the text.
    ``cursor`` is its place in the log: a larger one is newer. ``received_at`` is the gateway's own clock, which
    tests may have moved. ``details`` are the provider's words, ``raw`` the whole JSON.

    ``links`` are the web addresses in it, ``link_kinds`` what each is for. ``test`` is the node id of the test that
    made the recipient. An email also has ``subject``, ``html``, ``sender`` (From),
    ``reply_to``, ``headers`` (pairs, those that were given) and ``attachments``; for SMS they are None or empty.
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
    links: tuple[str, ...]
    link_kinds: Mapping[str, LinkKind] = field(compare=False, repr=False)
    sender: str | None
    reply_to: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[Attachment, ...]
    connector_id: str | None
    message_id: str | None
    test: str | None
    exchange_id: str | None
    received_at: datetime
    details: Mapping[str, Any] = field(compare=False, repr=False)
    raw: Mapping[str, Any] = field(compare=False, repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Capture:
        """From the API's JSON. Keys that this version does not know stay in ``raw``."""
        mail = document.get("mail") or {}
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
            links=tuple(document.get("links") or ()),
            link_kinds=dict(zip(document.get("links") or (), document.get("linkKinds") or (), strict=False)),
            sender=mail.get("from"),
            reply_to=tuple(mail.get("replyTo") or ()),
            headers=tuple((name, value) for name, value in mail.get("headers") or ()),
            attachments=tuple(Attachment.of(one) for one in mail.get("attachments") or ()),
            connector_id=document.get("connectorId"),
            message_id=document.get("messageId"),
            test=document.get("test"),
            exchange_id=document.get("exchangeId"),
            received_at=datetime.fromisoformat(document["receivedAt"]),
            details=document.get("details") or {},
            raw=document,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a code that was checked. It is true if the code was right.

    ``reason`` is None for a right code, else ``code_mismatch``, ``expired``, ``exceed_max_try`` or ``not_found``.
    ``message`` says it in words; ``tries_left`` is how many wrong codes may still follow, if the gateway says so;
    ``raw`` is the API's JSON.
    """

    verified: bool
    reason: str | None
    message: str
    tries_left: int | None
    verification_id: str | None
    raw: Mapping[str, Any] = field(compare=False, repr=False)

    def __bool__(self) -> bool:
        return self.verified

    @classmethod
    def right(cls, document: Mapping[str, Any]) -> Outcome:
        """From the API's answer."""
        return cls(True, None, "the code is right", None, document.get("verificationId"), document)

    @classmethod
    def wrong(cls, code: str, message: str, data: Mapping[str, Any]) -> Outcome:
        """From the API's error."""
        return cls(False, code.removeprefix(OUTCOMES), message, data.get("triesLeft"), None, data)
