"""Every error that the gateway raises on purpose.

All derive from ``GatewayError``, in four families:

* ``RequestError``: a request to the API is wrong, or the gateway cannot do it now.
* ``ConnectorError``: a send, or a social sign-in, through a connector failed. ``Refused`` and ``Unreachable`` mean
  that the message was certainly not sent; ``Uncertain`` means that it may have been.
* ``ConfigError``: the config file or the command line cannot work. The command line prints it and ends with exit
  code 2.
* ``InternalError``: the gateway itself failed.

Errors of one part of the gateway are defined there: ``verification/errors.py``, ``providers/social.py`` (sign-in),
``rendering/environment.py`` (templates) and ``web/routing/idempotency.py``.

A class has its ``code``, ``status``, ``cause`` and ``cure`` as attributes. docs/errors.md and the OpenAPI document
are made from them; ``web/routing/errors.py`` lists the classes in the order in which they are shown. Codes and
statuses are Logto's if Logto has the same error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class GatewayError(Exception):
    """Base class of all errors.

    ``message`` is written by the gateway and safe to show to strangers: it never holds a provider's text, a secret
    or a recipient. ``data`` holds details for programs, as plain JSON.
    """

    code: ClassVar[str]
    """``family.reason``, for programs."""
    status: ClassVar[int]
    """HTTP status of the answer."""
    cause: ClassVar[str]
    """What happened, in sentences of Markdown. The same for every class with this ``code``, as is ``cure``."""
    cure: ClassVar[str]
    """What the caller can do about it."""
    retryable: bool = False
    """Whether the same call may succeed at once. Set on the instance if a fallback changed it."""
    maybe_sent: bool = False
    """Whether a message may have been sent in spite of the error. Set on the instance if a fallback changed it."""
    retry_after: float | None = None
    """Seconds after which a retry makes sense, None if unknown. The header ``Retry-After`` of the answer."""

    def __init__(self, message: str, *, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.data: dict[str, Any] = dict(data or {})

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return the HTTP headers that the answer has because of this error."""
        return (("Retry-After", str(max(1, round(self.retry_after)))),) if self.retry_after is not None else ()


class ConfigError(GatewayError):
    """The config or the command line cannot work; the message names the place and the fix."""

    code = "config.invalid"
    status = 500
    cause = "The config file or the command line cannot work. The process ends with exit code 2."
    cure = "The message names the place and the fix."


class InternalError(GatewayError):
    """A defect of the gateway, or of a fake. The log has the traceback; the answer has no details."""

    code = "gateway.internal"
    status = 500
    cause = "A defect of ours. The log says where, without what was sent."
    cure = "Please report it, with the line of the log."

    def __init__(self, message: str = "the gateway failed: this is a defect, please report it") -> None:
        super().__init__(message)


# --- requests to the API ---------------------------------------------------------------------------------------


class RequestError(GatewayError):
    """Base class: a request to the API is wrong, or cannot be done now. ``message`` names the field and the fix."""

    status = 400


class InvalidRequest(RequestError):
    code = "request.invalid"
    cause = "A field, a parameter, the JSON or its UTF-8 is wrong."
    cure = "`data.field` names it, and the message says what would be right."


class InvalidInput(InvalidRequest):
    """As Logto refuses the input of a call that its API has too."""

    code = "guard.invalid_input"
    cause = "A field of a call that Logto's API has too is missing, or has the wrong type or form."
    cure = "`data.field` names it; `data.issues` has it in Logto's words."


class InsufficientInfo(RequestError):
    code = "session.insufficient_info"
    cause = "`state` or `redirectUri` of a social sign-in is empty."
    cure = "Send both: a random `state`, and your callback."


class MalformedRequest(RequestError):
    """Not HTTP, or over the parser's limits."""

    code = "request.malformed"
    cause = (
        "Not well-formed HTTP/1.1, its first line is over 512 KiB, or a header over 64. The connection is closed."
    )
    cure = "Speak plain HTTP to this port (no TLS, no HTTP/2), and put long values into the body."


class Unauthorized(RequestError):
    code = "auth.unauthorized"
    status = 401
    cause = "The API token, or the connector's `authorization`, is missing or wrong."
    cure = (
        "Send `Authorization: Bearer <token>` with `server.api_token`. A `send` takes the connector's own "
        "`authorization` instead, verbatim."
    )

    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("WWW-Authenticate", "Bearer"),)


class Forbidden(RequestError):
    code = "auth.forbidden"
    status = 403
    cause = (
        "The request comes by a name in `Host`, or from a web page, that the access rules do not allow; or a live "
        "connector has no secret on a server that other machines reach."
    )
    cure = (
        "Add the name to `server.allow_hosts`, the origin of the page to `server.allow_origins`, or set "
        "`server.api_token`. [access.md](access.md) has the rules."
    )


class NotFound(RequestError):
    code = "entity.not_found"
    status = 404
    cause = "Nothing has that id or that path; or it was deleted, or is no longer kept."
    cure = "The message says what was looked for. What is kept is bounded by count, bytes and age."


class NoCodeArrived(NotFound):
    """The inbox has no code for the recipient. ``data.nearMisses`` explains it."""

    code = "code.not_found"
    cause = "No code for that recipient came in time, or the newest one is taken."
    cure = "`data.nearMisses` says what did arrive. Often the number was read as another one, or somebody took it."


class NotAllowed(RequestError):
    """``data["allow"]`` lists the methods of the path."""

    code = "request.method_not_allowed"
    status = 405
    cause = "The path is right, the method is not."
    cure = "The header `Allow` has the methods."

    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("Allow", ", ".join(self.data["allow"])),)


class RequestTimeout(RequestError):
    """The client sends too slowly. Its connection is closed."""

    code = "request.timeout"
    status = 408
    cause = "The body did not arrive within 30 s, or the head of the request within 10 s."
    cure = "Send it whole; look at `Content-Length`."

    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("Connection", "close"),)


class Conflict(RequestError):
    """The record has changed since it was read, or the server is shared and does not allow the change."""

    code = "entity.conflict"
    status = 409
    cause = "Somebody else changed it meanwhile; or the clock or a reset was asked of a shared server."
    cure = "Read it again and repeat. The clock of a shared server does not move: start one of your own."


class ReadOnly(RequestError):
    """The config file declares the connector, so it can only be changed there."""

    code = "entity.read_only"
    status = 409
    cause = "The config file declares this connector."
    cure = "Change it in the file, or make another connector."


class IdTaken(RequestError):
    code = "entity.unique_integrity_violation"
    status = 422
    cause = "There is a connector with that id."
    cure = "Choose another id, give none, or change the one that is there."


class Gone(RequestError):
    """A cursor points before the oldest entry of the log."""

    code = "cursor.gone"
    status = 410
    cause = "The cursor is older than what is kept."
    cure = "Read again without `after`; keep more with the section `retention` of the config file."


class TooLarge(RequestError):
    code = "request.too_large"
    status = 413
    cause = "The body is over 1 MiB, or a form over 64 KiB."
    cure = "Send less at once."


class WrongContentType(RequestError):
    code = "request.content_type"
    status = 415
    cause = "The body is not `application/json`, or it is compressed."
    cure = "Set `Content-Type: application/json`, and no `Content-Encoding`."


class Unavailable(RequestError):
    code = "gateway.unavailable"
    status = 503
    cause = "The gateway is stopping, or not ready."
    cure = "Ask again when it is up: `/readyz` says so, and in `data.checks` what is wrong."


class LimitReached(RequestError):
    """Base class: the maximum number of concurrent waits, streams or connections is reached."""

    status = 503
    retry_after = 1.0


class TooManyConnections(LimitReached):
    code = "limit.connections"
    cause = "There are as many connections as there may be. This one is closed."
    cure = "Keep connections and use them again, and ask again after `Retry-After` seconds."


class TooManyWaits(LimitReached):
    code = "limit.waits"
    cause = "There are as many waits at once as there may be."
    cure = "Let some end, and ask again after `Retry-After` seconds."


class TooManyWaitsOfOne(TooManyWaits):
    """Too many concurrent waits for the same recipient."""

    code = "limit.recipient_waits"
    status = 429
    cause = "There are as many waits at once for that recipient as there may be."
    cure = "Let some end; give each test a recipient of its own. `Retry-After` says when to ask again."


class TooManyStreams(LimitReached):
    code = "limit.streams"
    cause = "There are as many event streams at once as there may be."
    cure = "Close some, and ask again after `Retry-After` seconds."


class StoreFailed(RequestError):
    """The store cannot read or write. ``data["maybeSent"]`` is true if a message was sent before."""

    code = "store.unavailable"
    status = 503
    cause = "The store cannot keep anything: disk full, or read-only. Nothing of what was asked has happened."
    cure = "Make room, or make the folder writable; then ask again."


# --- sends through a connector ---------------------------------------------------------------------------------


class ConnectorError(GatewayError):
    """A send failed. Raised itself only if no subclass fits.

    ``provider_code`` and ``request_id`` are the provider's; its text is never copied. ``retry_after`` is in
    seconds, None if the provider did not say it.
    """

    code = "connector.general"
    status = 400
    cause = "The send failed. `data.reason` says how, `data.providerCode` what the provider said."
    cure = "See the reasons below. Where `data.maybeSent` is true, do not simply send again."
    reason: ClassVar[str] = "general"
    """``data.reason``: many classes share a ``code``, and this tells them apart."""
    reason_cause: ClassVar[str]
    """What happened, for this ``reason`` alone. The base classes have no text: ``ConnectorError``, ``Refused`` and
    ``Uncertain``."""
    reason_cure: ClassVar[str]
    """What the caller can do about it."""
    fallback: ClassVar[bool] = False
    """Whether a fallback connector is tried: the message was certainly not sent, and another connector need not
    fail for the same cause."""
    fallback_why: ClassVar[str]
    """Why a fallback is tried or not, as the end of a sentence."""

    def __init__(
        self,
        message: str,
        *,
        provider: str | None = None,
        provider_code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        details = {"provider": provider, "providerCode": provider_code, "requestId": request_id}
        super().__init__(
            message,
            data={
                "reason": self.reason,
                **{key: value for key, value in details.items() if value is not None},
                "maybeSent": self.maybe_sent,
                "retryable": self.retryable,
            },
        )
        self.provider = provider
        self.provider_code = provider_code
        self.request_id = request_id
        self.retry_after = retry_after


class InvalidConfig(ConnectorError):
    code = "connector.invalid_config"
    cause = "The connector's config cannot work."
    cure = "The message names the keys, and what they are called where Logto's pages have another name."
    reason = "invalid_config"
    reason_cause = "The connector's config cannot work."
    reason_cure = "Correct the keys that the message names."
    fallback = True
    fallback_why = "another connector has another config."


class UnknownFactory(InvalidConfig):
    code = "connector.not_found_with_connector_id"
    status = 422
    cause = "There is no factory with that id."
    cure = "The message lists those that there are; so does `GET /api/connector-factories`."


class TemplateNotFound(ConnectorError):
    code = "connector.template_not_found"
    cause = "There is no template for the usage type, and none for `Generic`."
    cure = "Add one to the connector's config, or a file in a folder of `templates`."
    reason = "template_not_found"
    reason_cause = "No template fits the usage type."
    reason_cure = "Add one, or one for `Generic`."
    fallback = True
    fallback_why = "another connector has templates of its own."


class UnexpectedType(ConnectorError):
    """A social connector cannot send, and the others cannot sign users in."""

    code = "connector.unexpected_type"
    cause = "A social connector was asked to send, or another one to sign somebody in."
    cure = "Name a connector of the right kind; `GET /api/connectors` shows the `type` of each."
    reason = "unexpected_type"
    reason_cause = "A social connector cannot send, another one cannot sign in."
    reason_cure = "Name another one."
    fallback_why = "nothing is sent in a sign-in."


class NotOnAllowList(ConnectorError):
    """A live connector sends only to the recipients in ``live.allow``."""

    code = "connector.recipient_not_allowed"
    status = 403
    cause = "The connector sends for real, and the recipient is not in `live.allow`."
    cure = "Add the number or address there, or send through a connector that goes to its fake."
    reason = "recipient_not_allowed"
    reason_cause = "Not in `live.allow`, and the connector sends for real."
    reason_cure = "Add the recipient."
    fallback_why = "it is a guard of ours against sending, and holds for every connector."


class DailyCap(ConnectorError):
    """A live connector has sent as many messages today as ``live.sends_per_day`` allows."""

    code = "connector.usage_limit_exceeded"
    status = 429
    cause = "The account's quota, or `live.sends_per_day`, is used up."
    cure = "Raise the quota with the provider, or the cap in the config file, or wait for tomorrow (UTC)."
    reason = "daily_cap"
    reason_cause = "`live.sends_per_day` is used up."
    reason_cure = "Raise it, or wait for tomorrow (UTC)."
    fallback_why = NotOnAllowList.fallback_why


class Refused(ConnectorError):
    """The provider refused the message, so it was certainly not sent. Raised itself only if no subclass fits."""

    reason = "refused"


class CredentialsRefused(Refused):
    reason = "credentials_refused"
    reason_cause = "The provider does not know the key, or the signature is wrong."
    reason_cure = "Check key id and secret; at a fake, the exchange explains it."
    fallback = True
    fallback_why = "another connector has another key."


class RecipientRefused(Refused):
    reason = "recipient_refused"
    reason_cause = "The provider does not take this number or address."
    reason_cure = "Send it with its country code; see how it was read (`readAs`)."
    fallback_why = "another provider would not take it either."


class ContentRefused(Refused):
    reason = "content_refused"
    reason_cause = "The provider does not take the signature, the template or its parameters."
    reason_cure = "Register them, or correct the connector's config; a variable may be missing in `payload`."
    fallback_why = "what is wrong with a message is wrong everywhere, and should be seen."


class AccountRefused(Refused):
    reason = "account_refused"
    reason_cause = "The account may not do this: unpaid, suspended, or without the permission."
    reason_cure = "Settle it with the provider."
    fallback = True
    fallback_why = "another connector has another account."


class RateLimited(Refused):
    """The provider's limit per recipient: an immediate retry is pointless."""

    code = "connector.rate_limit_exceeded"
    status = 429
    cause = "The provider limits messages to this recipient, or calls in general."
    cure = "Wait; `Retry-After` says how long where the provider did. In a test, see whether a fault is in force."
    reason = "rate_limited"
    reason_cause = "Too many messages to this recipient."
    reason_cure = "Wait: trying again at once is pointless."
    fallback_why = "the limit protects the recipient, and another way would get around it."


class UsageLimited(Refused):
    """The provider's quota for the account."""

    code = DailyCap.code
    status = DailyCap.status
    cause = DailyCap.cause
    cure = DailyCap.cure
    reason = "usage_limited"
    reason_cause = "The account's quota is used up."
    reason_cure = "Raise it with the provider."
    fallback = True
    fallback_why = "another account has a quota of its own."


class Throttled(Refused):
    """The provider's limit of calls, not of messages: a retry after a short back-off may work."""

    code = RateLimited.code
    status = RateLimited.status
    cause = RateLimited.cause
    cure = RateLimited.cure
    reason = "throttled"
    reason_cause = "Too many calls at once. Certainly not sent."
    reason_cure = "Try again a little later."
    fallback = True
    fallback_why = "another provider may have room."
    retryable = True


class Unreachable(ConnectorError):
    """No connection was established, so the message was certainly not sent."""

    reason = "unreachable"
    reason_cause = "No connection came about. Certainly not sent."
    reason_cure = "Check name, network and proxy; try again."
    fallback = True
    fallback_why = "another provider is at another address."
    retryable = True


class Uncertain(ConnectorError):
    """Base class: the provider may have sent the message, so the gateway never tries again."""

    reason = "uncertain"
    fallback_why = "it may arrive twice."
    maybe_sent = True


class TimedOut(Uncertain):
    reason = "timed_out"
    reason_cause = "The provider did not answer in time."
    reason_cure = "Maybe sent: ask the provider before sending again."


class ConnectionLost(Uncertain):
    reason = "connection_lost"
    reason_cause = "The connection broke before the answer."
    reason_cure = "Maybe sent: as above."


class ProviderFailed(Uncertain):
    reason = "provider_failed"
    reason_cause = "The provider answered with an error of its own (5xx)."
    reason_cure = "Maybe sent: as above."


class Interrupted(Uncertain):
    reason = "interrupted"
    reason_cause = "The gateway was stopped while it was sending."
    reason_cure = "Maybe sent: as above."


class InvalidResponse(Uncertain):
    code = "connector.invalid_response"
    cause = "The provider answered something that it should not. The message may have gone out."
    cure = "See the exchange. If there is no fault in force, a proxy may be in between."
    reason = "invalid_response"
    reason_cause = "The answer cannot be understood."
    reason_cure = "Maybe sent: as above."
