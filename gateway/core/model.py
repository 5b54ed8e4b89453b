"""Values that all parts of the gateway share: messages, recipients, captures, requests of fakes, ... Pure.

No code changes a value after it is made. The values that every request makes are not frozen all the same: a
field of a frozen dataclass costs five times as much to set, and a request sets about sixty.

A value that is stored has ``document()``: plain JSON as the API shows it (camelCase, times as ISO 8601 in UTC with
milliseconds). So a store keeps exactly what the API shows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]
"""A JSON object."""

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in their order, such as HTTP headers. Names may repeat."""

MASK = "********"
"""Shown in place of a secret."""


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

    @classmethod
    def read(cls, text: str) -> UsageType | None:
        """Return the usage type of a name in any case, also ``sign_in`` or ``sign-in``; None for any other text."""
        plain = text.lower().replace("_", "").replace("-", "")
        return next((usage_type for usage_type in cls if usage_type.lower() == plain), None)


class Channel(StrEnum):
    """What carries a message."""

    SMS = "sms"
    EMAIL = "email"


def new_id(prefix: str) -> str:
    """Return a random id such as ``msg_9f2c61d0a4b87e35``, for a prefix such as ``msg``.

    It has letters, digits and ``_`` only, so it fits into a free field of any provider. It is unique, but no
    secret.
    """
    # The generator of the operating system would cost a system call.
    return f"{prefix}_{random.getrandbits(64):016x}"


def iso(epoch: float) -> str:
    """Return seconds since the epoch as ISO 8601 with milliseconds, such as ``2026-11-21T10:20:30.123Z``."""
    # A float may be slightly less than a whole millisecond, which must not give the millisecond before.
    milliseconds = int(epoch * 1000 + 0.01)
    text = datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


@dataclass(slots=True, unsafe_hash=True)
class Recipient:
    """A phone number or email address."""

    channel: Channel
    to: str
    """As the client wrote it."""
    readings: tuple[str, ...]
    """Every normal form that ``to`` can plausibly mean: E.164 for a number (``+`` and at most 15 digits), lower
    case for an address. The provider sends to the first. The others help a test to find a message."""

    @property
    def read_as(self) -> str:
        """The normal form that the provider sends to."""
        return self.readings[0]


@dataclass(slots=True, unsafe_hash=True)
class Content:
    """A rendered message."""

    text: str
    subject: str | None = None
    """None for SMS."""
    html: str | None = None
    """None for SMS, and for a mail that has text only."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that a caller asked a connector to send."""

    id: str
    """Unique id: ``msg_`` and random characters."""
    connector_id: str
    recipient: Recipient
    usage_type: UsageType
    payload: Mapping[str, Any]
    """The variables of the template, as the caller sent them."""
    created_at: float
    """When it was asked for: seconds since the epoch, on the gateway's clock."""
    ip: str | None = None
    """IP address of the end user, if the caller sent it."""
    fallback_to: Recipient | None = None
    """The end user's address on another channel, for a fallback to a connector of that channel."""

    @property
    def code(self) -> str | None:
        """The verification code in the payload, None if there is none."""
        code = self.payload.get("code")
        return code if isinstance(code, str) else None

    @property
    def locale(self) -> str | None:
        """The locale in the payload, such as ``zh-CN``; None if there is none."""
        locale = self.payload.get("locale")
        return locale if isinstance(locale, str) else None

    def document(self) -> Document:
        """Return the message as the API shows it."""
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
    """A provider's answer to a message that it accepted."""

    provider: str
    """The name of the provider."""
    provider_message_id: str
    """The provider's id of the message."""
    request_id: str
    """The provider's id of the request."""
    provider_code: str
    """The provider's code for success."""

    def document(self) -> Document:
        """Return the receipt as the API shows it."""
        return {
            "provider": self.provider,
            "providerMessageId": self.provider_message_id,
            "requestId": self.request_id,
            "providerCode": self.provider_code,
        }


@dataclass(slots=True)
class Attachment:
    """A part of a mail that is neither its text nor its HTML."""

    name: str
    content_type: str
    content: str
    """The bytes as base64 (RFC 4648, section 4), so that they are plain JSON."""
    size: int
    """Length of the decoded content in bytes."""
    disposition: str = "attachment"
    """``attachment`` or ``inline``."""
    content_id: str | None = None
    """RFC 2392, without angle brackets."""

    def document(self) -> Document:
        """Return the attachment as the API shows it, without its content."""
        return {
            "name": self.name,
            "contentType": self.content_type,
            "disposition": self.disposition,
            "contentId": self.content_id,
            "size": self.size,
        }


@dataclass(slots=True)
class Mail:
    """The fields of a mail besides its subject, text and HTML. Addresses and header values are as the client sent
    them."""

    sender: str
    """The header From."""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    return_path: str | None = None
    """Where bounces go, if the client said it."""
    headers: Pairs = ()
    """Further headers."""
    attachments: tuple[Attachment, ...] = ()
    raw: str | None = None
    """The RFC 5322 message as base64, if the client sent one. None if the provider builds the message."""
    tags: Pairs = ()
    """The provider's tags of a message."""
    configuration_set: str | None = None
    """Name of the SES configuration set."""
    warnings: tuple[str, ...] = ()
    """What in ``raw`` could not be read as its sender meant it, one sentence each."""

    def document(self) -> Document:
        """Return the mail as the API shows it, without ``contents``."""
        return {
            "from": self.sender,
            "to": list(self.to),
            "cc": list(self.cc),
            "bcc": list(self.bcc),
            "replyTo": list(self.reply_to),
            "returnPath": self.return_path,
            "headers": [[name, value] for name, value in self.headers],
            "attachments": [attachment.document() for attachment in self.attachments],
            "raw": self.raw is not None,
            "tags": dict(self.tags),
            "configurationSet": self.configuration_set,
            "warnings": list(self.warnings),
        }

    def contents(self) -> Document | None:
        """Return the raw message and the contents of the attachments, or None if there are none.

        They are stored apart from the capture, so that a page of captures does not carry them.
        """
        if self.raw is None and not self.attachments:
            return None
        return {"raw": self.raw, "attachments": [attachment.content for attachment in self.attachments]}

    @property
    def size(self) -> int:
        """Approximate size of ``contents`` in bytes."""
        return len(self.raw or "") + sum(len(attachment.content) for attachment in self.attachments)


@dataclass(slots=True)
class Capture:
    """A message that a fake accepted for one recipient, and would have delivered."""

    provider: str
    """The name of the provider."""
    operation: str
    """The provider's name of the call that sent it."""
    recipient: Recipient
    content: Content
    exchange_id: str
    """The id of the request that sent it."""
    received_at: float
    """Seconds since the epoch, on the gateway's clock."""
    code: str | None = None
    """The verification code, if the fake knows it."""
    code_source: str | None = None
    """How the code was found, such as ``template_param``."""
    usage_type: str | None = None
    connector_id: str | None = None
    locale: str | None = None
    link: str | None = None
    """The free field of the provider in which our driver sends the message id (Aliyun's ``OutId``, an SES tag). The
    inbox fills in code, usage type and locale from that message."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """The provider's own fields."""
    mail: Mail | None = None
    """None for SMS."""
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
    """An HTTP request to a fake, as it came over the wire."""

    method: str
    target: str
    """The request target as received, which may be in absolute form."""
    prefix: str
    """The mount path that the client put before the provider's own path. Empty if the fake was chosen by the host
    or by marks of the provider in the request."""
    scheme: str
    """``http`` or ``https``."""
    host: str
    """The header Host."""
    headers: Pairs
    body: bytes
    peer: str
    """IP address of the client."""
    received_at: float
    """Real time, in seconds since the epoch."""
    exchange_id: str
    """Unique id of the request and its response."""
    oversized: bool = False
    """True if the body was longer than the provider's ``max_body``. ``body`` is empty then."""
    _by_name: dict[str, str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def by_name(self) -> dict[str, str]:
        """The headers by lower-case name, with trimmed values. Callers must not change it.

        If a header is repeated, it holds the last value, and has fewer names than there are ``headers``.
        """
        by_name = self._by_name
        if by_name is None:
            by_name = self._by_name = {name.lower(): value.strip(" \t") for name, value in self.headers}
        return by_name

    def header(self, name: str) -> str | None:
        """Return the first header of this lower-case name, or None."""
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True, slots=True)
class Wire:
    """How a response is sent. The adapter in ``web`` executes it."""

    latency: float = 0.0
    """Seconds to wait before the response."""
    hang: bool = False
    """Never respond, and keep the connection open."""
    reset: bool = False
    """Reset the connection (TCP RST) instead of a response."""
    fin: bool = False
    """Close the connection without a response."""
    truncate_at: int | None = None
    """Announce the length of the whole body, send this many bytes of it, and close the connection."""
    drip: float | None = None
    """Send the body slowly, at this many bytes per second."""


PLAIN = Wire()


@dataclass(slots=True, unsafe_hash=True)
class Verdict:
    """What a fake decided about a request: the part of an exchange that is not on the wire."""

    accepted: bool
    operation: str | None = None
    """The provider's name of the call; None if the request names none."""
    key_id: str | None = None
    """The access key id in the request."""
    signature: str = "absent"
    """``valid``, ``unverified`` (a lenient fake, and a key that is not registered), ``refused`` or ``absent``."""
    code: str | None = None
    """The provider's code for the result, for success too."""
    recipients: tuple[Recipient, ...] = ()
    capture_ids: tuple[str, ...] = ()
    fault_ids: tuple[str, ...] = ()
    """The faults that applied."""
    explanation: Mapping[str, Any] = field(default_factory=dict)
    """Details for the developer. Shown by the API, never sent to the client."""


UNJUDGED = Verdict(accepted=False)


@dataclass(slots=True)
class Response:
    """A fake's response."""

    status: int
    headers: Pairs
    """In the order and case in which the provider sends them."""
    body: bytes
    wire: Wire = PLAIN
    verdict: Verdict = UNJUDGED


Masked: TypeAlias = Callable[[Request, Response], tuple[Request, Response]]
"""Return a request and its response with stars in place of their secrets. Never raises."""
