"""Every error that the gateway raises on purpose.

::

    GatewayError
    ├── ConfigError                 the command line or the config file: one line, exit code 2
    ├── RequestError                our API was asked wrongly
    │   ├── InvalidRequest    400
    │   ├── SessionNotFound   400   a state that is unknown, used or too old (gateway.social)
    │   ├── Unauthorized      401
    │   ├── Forbidden         403
    │   ├── NotFound          404
    │   ├── NotAllowed        405
    │   ├── RequestTimeout    408
    │   ├── Conflict          409   somebody else was faster
    │   ├── ReadOnly          409   the config file has it
    │   ├── IdTaken           422   as Logto says it
    │   ├── KeyReused         422   one Idempotency-Key for two requests (idempotency.py)
    │   ├── KeyInProgress     409   the first request with that key is still under way
    │   ├── KeyInterrupted    409   nobody knows how the first one ended
    │   ├── Gone              410   a cursor whose entries are no longer kept
    │   ├── TooLarge          413
    │   ├── WrongContentType  415
    │   ├── Unavailable       503   the gateway itself, while it stops
    │   ├── LimitReached      503   as many at once as there may be
    │   │   ├── TooManyWaits, TooManyStreams
    │   │   └── TooManyWaitsOfOne  429   of one recipient
    │   └── StoreFailed       503   disk full or read-only: nothing of what was asked has happened
    └── ConnectorError        400   a send failed (codes and statuses as Logto's connectors have them)
        ├── InvalidConfig     400   the connector's config cannot work
        │   └── UnknownFactory  422   as Logto says it
        ├── TemplateNotFound  400   no template for the usage type, and no Generic
        ├── NotImplementedYet 501
        ├── UnexpectedType    400   a social connector cannot send, another one cannot sign in
        ├── NotOnAllowList    403   a live connector, and a stranger
        ├── DailyCap          429   a live connector, and enough sends for today
        ├── Refused           400   the provider said no: certainly not sent
        │   ├── CredentialsRefused, RecipientRefused, ContentRefused, AccountRefused
        │   ├── SignInRefused 401   a sign-in (gateway.social, with those below)
        │   │   └── AuthCodeInvalid, AccessTokenInvalid, IdTokenInvalid   connector.social_...
        │   ├── RateLimited   429   per recipient: trying again at once is pointless
        │   ├── UsageLimited  429   per account
        │   └── Throttled     429   too many calls: worth another try
        ├── Unreachable       400   no connection, so certainly not sent: worth another try
        └── Uncertain         400   maybe sent: never tried again
            ├── TimedOut, ConnectionLost, ProviderFailed, Interrupted
            └── InvalidResponse     connector.invalid_response

``message`` is ours and safe to show to strangers: it never holds the provider's text, a secret or a recipient.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class GatewayError(Exception):
    """``code`` is ``family.reason``; ``status`` the HTTP status; ``retryable``: the same call may work at once;
    ``maybe_sent``: the message may have gone out although this was raised. Both are the class's, except where a
    fallback changed what is known."""

    code: ClassVar[str] = "gateway.internal"
    status: ClassVar[int] = 500
    retryable: bool = False
    maybe_sent: bool = False

    def __init__(self, message: str, *, code: str | None = None, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason_code = code or self.code
        self.data: dict[str, Any] = dict(data or {})


class ConfigError(GatewayError):
    """The config or the command line cannot work; the message names the place and the fix."""

    code = "config.invalid"


class RequestError(GatewayError):
    """Our API was asked wrongly; ``message`` names the field and what would be right."""

    code = "request.invalid"
    status = 400


class InvalidRequest(RequestError):
    """A field or parameter is wrong."""


class Unauthorized(RequestError):
    code = "auth.unauthorized"
    status = 401


class Forbidden(RequestError):
    code = "auth.forbidden"
    status = 403


class NotFound(RequestError):
    code = "entity.not_found"
    status = 404


class NotAllowed(RequestError):
    code = "request.method_not_allowed"
    status = 405


class RequestTimeout(RequestError):
    code = "request.timeout"
    status = 408


class Conflict(RequestError):
    code = "entity.conflict"
    status = 409


class ReadOnly(RequestError):
    """What the config file declares is changed there."""

    code = "entity.read_only"
    status = 409


class IdTaken(RequestError):
    code = "entity.unique_integrity_violation"
    status = 422


class Gone(RequestError):
    """A cursor points before what is still kept."""

    code = "cursor.gone"
    status = 410


class TooLarge(RequestError):
    code = "request.too_large"
    status = 413


class WrongContentType(RequestError):
    code = "request.content_type"
    status = 415


class Unavailable(RequestError):
    code = "gateway.unavailable"
    status = 503


class LimitReached(RequestError):
    """As many at once as there may be. ``retry_after`` is in seconds."""

    # The one that is answered before there is a request.
    code = "limit.connections"
    status = 503
    retry_after: ClassVar[float] = 1.0


class TooManyWaits(LimitReached):
    code = "limit.waits"


class TooManyWaitsOfOne(TooManyWaits):
    """For one recipient."""

    code = "limit.recipient_waits"
    status = 429


class TooManyStreams(LimitReached):
    code = "limit.streams"


class StoreFailed(RequestError):
    """The store cannot keep anything now: disk full, or read-only. Nothing of what was asked has happened."""

    code = "store.unavailable"
    status = 503


class ConnectorError(GatewayError):
    """A send failed. ``provider_code`` and ``request_id`` are the provider's; its text is never copied.

    ``reason`` is the class in one word, ``retry_after`` seconds, if the provider said so. ``fallback``: it was
    certainly not sent, for a cause that another connector need not share, so one that stands in may try
    (``web/send_reasons.py`` says why, or why not).
    """

    code = "connector.general"
    status = 400
    reason: ClassVar[str] = "general"
    fallback: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        provider: str | None = None,
        provider_code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        known = {"provider": provider, "providerCode": provider_code, "requestId": request_id}
        super().__init__(
            message,
            data={
                "reason": self.reason,
                **{key: value for key, value in known.items() if value is not None},
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
    reason = "invalid_config"
    fallback = True


class UnknownFactory(InvalidConfig):
    code = "connector.not_found_with_connector_id"
    status = 422


class TemplateNotFound(ConnectorError):
    code = "connector.template_not_found"
    reason = "template_not_found"
    fallback = True


class NotImplementedYet(ConnectorError):
    code = "connector.not_implemented"
    status = 501
    reason = "not_implemented"
    fallback = True


class UnexpectedType(ConnectorError):
    code = "connector.unexpected_type"
    reason = "unexpected_type"


class NotOnAllowList(ConnectorError):
    code = "connector.recipient_not_allowed"
    status = 403
    reason = "recipient_not_allowed"


class DailyCap(ConnectorError):
    code = "connector.usage_limit_exceeded"
    status = 429
    reason = "daily_cap"


class Refused(ConnectorError):
    """The provider answered no: certainly not sent."""

    reason = "refused"


class CredentialsRefused(Refused):
    reason = "credentials_refused"
    fallback = True


class RecipientRefused(Refused):
    reason = "recipient_refused"


class ContentRefused(Refused):
    reason = "content_refused"


class AccountRefused(Refused):
    reason = "account_refused"
    fallback = True


class RateLimited(Refused):
    code = "connector.rate_limit_exceeded"
    status = 429
    reason = "rate_limited"


class UsageLimited(Refused):
    code = "connector.usage_limit_exceeded"
    status = 429
    reason = "usage_limited"
    fallback = True


class Throttled(Refused):
    code = "connector.rate_limit_exceeded"
    status = 429
    reason = "throttled"
    fallback = True
    retryable = True


class Unreachable(ConnectorError):
    """No connection came about: certainly not sent."""

    reason = "unreachable"
    fallback = True
    retryable = True


class Uncertain(ConnectorError):
    """Nobody knows whether the provider sent it."""

    reason = "uncertain"
    maybe_sent = True


class TimedOut(Uncertain):
    reason = "timed_out"


class ConnectionLost(Uncertain):
    reason = "connection_lost"


class ProviderFailed(Uncertain):
    reason = "provider_failed"


class Interrupted(Uncertain):
    reason = "interrupted"


class InvalidResponse(Uncertain):
    code = "connector.invalid_response"
    reason = "invalid_response"
