"""The values that travel through the gateway, without I/O; rules live elsewhere. Nobody changes one that was made.
Those that every request makes are not frozen, since a frozen field costs four times as much to set.

A value that is stored has ``document()``: plain JSON in the API's own spelling (camelCase, times as ISO 8601 in
UTC with milliseconds), so what a store keeps and what the API shows are one thing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

# So written they are names of this module too.
from gateway.core.mail import Attachment as Attachment  # noqa: PLC0414
from gateway.core.mail import Mail as Mail  # noqa: PLC0414

Document: TypeAlias = dict[str, Any]
Pairs: TypeAlias = tuple[tuple[str, str], ...]


class UsageType(StrEnum):
    """Why a message is sent: Logto's nine names, exactly."""

    SIGN_IN = "SignIn"
    REGISTER = "Register"
    FORGOT_PASSWORD = "ForgotPassword"  # noqa: S105  # a name of Logto's
    ORGANIZATION_INVITATION = "OrganizationInvitation"
    GENERIC = "Generic"
    USER_PERMISSION_VALIDATION = "UserPermissionValidation"
    BIND_NEW_IDENTIFIER = "BindNewIdentifier"
    MFA_VERIFICATION = "MfaVerification"
    BIND_MFA = "BindMfa"


class Channel(StrEnum):
    """What carries a message."""

    SMS = "sms"
    EMAIL = "email"


def new_id(prefix: str) -> str:
    """A random id such as ``msg_9f2c61d0a4b87e35``: letters, digits and ``_`` only, so that it may travel in
    any provider's free field. Unique, not secret: the system's generator would cost a call to the kernel."""
    return f"{prefix}_{random.getrandbits(64):016x}"  # see above


def iso(epoch: float) -> str:
    """Seconds since the epoch as ``2026-11-21T10:20:30.123Z``."""
    # What a float lacks of a whole millisecond does not make it the one before.
    seconds, milliseconds = divmod(int(epoch * 1000 + 0.01), 1000)
    return f"{_second(seconds)}.{milliseconds:03d}Z"


@lru_cache(maxsize=64)
def _second(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@dataclass(slots=True, unsafe_hash=True)
class Recipient:
    """An address as somebody wrote it, and every normal form that it can plausibly mean.

    ``readings[0]`` is the form that whoever carries the message acts on; the others are what a person may have
    meant. Phone readings are E.164 (ITU-T E.164: ``+`` and at most 15 digits), email readings are lower case.
    """

    channel: Channel
    to: str
    readings: tuple[str, ...]

    @property
    def read_as(self) -> str:
        return self.readings[0]


@dataclass(slots=True, unsafe_hash=True)
class Content:
    """A rendered message. ``subject`` and ``html`` are None for SMS."""

    text: str
    subject: str | None = None
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What we were asked to send, and by which connector. Times are seconds of the gateway's own clock.
    ``fallback_to``: the same person's other address, for a connector of another channel."""

    id: str
    connector_id: str
    recipient: Recipient
    usage_type: UsageType
    payload: Mapping[str, Any]
    created_at: float
    ip: str | None = None
    fallback_to: Recipient | None = None

    @property
    def code(self) -> str | None:
        code = self.payload.get("code")
        return code if isinstance(code, str) else None

    @property
    def locale(self) -> str | None:
        locale = self.payload.get("locale")
        return locale if isinstance(locale, str) else None

    def document(self) -> Document:
        return {
            "messageId": self.id,
            "connectorId": self.connector_id,
            "channel": self.recipient.channel.value,
            "to": self.recipient.to,
            "readAs": self.recipient.read_as,
            "type": self.usage_type.value,
            "locale": self.locale,
            "code": self.code,
            "payload": dict(self.payload),
            "at": iso(self.created_at),
            **({"fallbackTo": self.fallback_to.to} if self.fallback_to is not None else {}),
        }


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider answered to a message that it took."""

    provider: str
    provider_message_id: str
    request_id: str
    provider_code: str

    def document(self) -> Document:
        return {
            "provider": self.provider,
            "providerMessageId": self.provider_message_id,
            "requestId": self.request_id,
            "providerCode": self.provider_code,
        }


@dataclass(slots=True)
class Capture:
    """What a fake accepted and would have delivered to one recipient.

    ``link`` is the free text in which our own driver carries the message id (Aliyun's ``OutId``, an SES tag);
    the inbox looks it up and fills in code, usage type and locale. ``details`` are the provider's own fields.
    ``mail`` is the email half.
    """

    provider: str
    operation: str
    recipient: Recipient
    content: Content
    exchange_id: str
    received_at: float
    code: str | None = None
    code_source: str | None = None
    usage_type: str | None = None
    connector_id: str | None = None
    locale: str | None = None
    link: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    mail: Mail | None = None
    id: str = field(default_factory=lambda: new_id("cap"))

    def document(self) -> Document:
        """Return the capture as the API shows it."""
        content, recipient = self.content, self.recipient
        return {
            "id": self.id,
            "provider": self.provider,
            "operation": self.operation,
            "channel": recipient.channel.value,
            "to": recipient.to,
            "readAs": recipient.read_as,
            "readings": list(recipient.readings),
            "type": self.usage_type,
            "locale": self.locale,
            "code": self.code,
            "codeSource": self.code_source,
            "codeConfidence": None,
            "subject": content.subject,
            "text": content.text,
            "html": content.html,
            "mail": None if self.mail is None else self.mail.document(),
            "connectorId": self.connector_id,
            "messageId": None,
            "exchangeId": self.exchange_id,
            "receivedAt": iso(self.received_at),
            "details": dict(self.details),
        }


@dataclass(slots=True)
class Request:
    """One HTTP request at a fake, as it came over the wire. No I/O, no framework: tests build it by hand.

    ``target`` is the request target as received, absolute form included; ``prefix`` the mount path that a client
    put before the provider's own path (empty when the fake was found by its host or by the provider's marks).
    ``received_at`` is real time in seconds since the epoch. ``oversized``: the body was longer than the
    provider's ``max_body`` and is not here.
    """

    method: str
    target: str
    prefix: str
    scheme: str
    host: str
    headers: Pairs
    body: bytes
    peer: str
    received_at: float
    exchange_id: str
    oversized: bool = False
    _by_name: dict[str, str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def by_name(self) -> dict[str, str]:
        """The headers by lower-case name, values trimmed; where one is repeated (there are fewer names than
        headers), the last of them. Made once, for whoever asks. Nobody changes it."""
        found = self._by_name
        if found is None:
            found = self._by_name = {name.lower(): value.strip(" \t") for name, value in self.headers}
        return found

    def header(self, name: str) -> str | None:
        """The first header of that (lower-case) name."""
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True, slots=True)
class Wire:
    """How an answer goes over the wire. Seconds and bytes; the adapter in ``web/`` executes it.

    ``hang``: never answer, hold the connection. ``reset``: TCP RST instead of an answer. ``fin``: close without
    one. ``truncate_at``: announce the whole body, send so many bytes of it, close. ``drip``: bytes a second.
    """

    latency: float = 0.0
    hang: bool = False
    reset: bool = False
    fin: bool = False
    truncate_at: int | None = None
    drip: float | None = None


PLAIN = Wire()


@dataclass(slots=True, unsafe_hash=True)
class Verdict:
    """What a fake made of a request: the part of an exchange that no byte on the wire shows.

    ``signature``: ``valid``, ``unverified`` (a key that nobody registered, in a lenient fake), ``refused`` or
    ``absent``. ``code``: the provider's own, also on success. ``explanation``: for people, never sent.
    """

    accepted: bool
    operation: str | None = None
    key_id: str | None = None
    signature: str = "absent"
    code: str | None = None
    recipients: tuple[Recipient, ...] = ()
    capture_ids: tuple[str, ...] = ()
    fault_ids: tuple[str, ...] = ()
    explanation: Mapping[str, Any] = field(default_factory=dict)


UNJUDGED = Verdict(accepted=False)


@dataclass(slots=True)
class Response:
    """A fake's answer. Headers in the order and case in which the provider sends them."""

    status: int
    headers: Pairs
    body: bytes
    wire: Wire = PLAIN
    verdict: Verdict = UNJUDGED


Masked: TypeAlias = Callable[[Request, Response], tuple[Request, Response]]
"""What may be shown of a request and its answer: both again, with stars for their secrets. Never raises."""
