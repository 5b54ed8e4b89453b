"""Every error code that can be answered, with its cause and cure: for docs/errors.md and the OpenAPI document.

Tests hold it against the code: what can be answered is listed, and what is listed can be answered. A new error
class, or a code given by hand (``code=...``, ``error_answer``), gets its line here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """``status`` is the HTTP status; None where the command line says it, and no answer does."""

    code: str
    status: int | None
    cause: str
    cure: str


CODES = (
    ErrorCode(
        "request.invalid",
        400,
        "A field, a parameter, the JSON or its UTF-8 is wrong.",
        "`data.field` names it, and the message says what would be right.",
    ),
    ErrorCode(
        "request.malformed",
        400,
        "Not well-formed HTTP/1.1, its first line is over 512 KiB, or a header over 64. The connection is closed.",
        "Speak plain HTTP to this port (no TLS, no HTTP/2), and put long values into the body.",
    ),
    ErrorCode(
        "auth.unauthorized",
        401,
        "The API token, or the connector's `authorization`, is missing or wrong.",
        "Send `Authorization: Bearer <token>` with `server.api_token`. A `send` takes the connector's own "
        "`authorization` instead, verbatim.",
    ),
    ErrorCode(
        "auth.forbidden",
        403,
        "`Host` or `Origin` is no loopback name.",
        "Ask at 127.0.0.1 or localhost, or add the name to `server.allow_hosts`.",
    ),
    ErrorCode(
        "entity.not_found",
        404,
        "Nothing has that id or that path; or it was deleted, or is no longer kept.",
        "The message says what was looked for. What is kept is bounded by count, bytes and age.",
    ),
    ErrorCode(
        "code.not_found",
        404,
        "No code for that recipient came in time, or the newest one is taken.",
        "`data.nearMisses` says what did arrive. Often the number was read as another one, or somebody took it.",
    ),
    ErrorCode(
        "request.method_not_allowed",
        405,
        "The path is right, the method is not.",
        "The header `Allow` has the methods.",
    ),
    ErrorCode(
        "request.timeout",
        408,
        "The body did not arrive within 30 s, or the head of the request within 10 s.",
        "Send it whole; look at `Content-Length`.",
    ),
    ErrorCode(
        "entity.conflict",
        409,
        "Somebody else changed it meanwhile; or the clock or a reset was asked of a shared server.",
        "Read it again and repeat. The clock of a shared server does not move: start one of your own.",
    ),
    ErrorCode(
        "entity.read_only",
        409,
        "The config file declares this connector.",
        "Change it in the file, or make another connector.",
    ),
    ErrorCode(
        "cursor.gone",
        410,
        "The cursor is older than what is kept.",
        "Read again without `after`; keep more with the section `retention` of the config file.",
    ),
    ErrorCode("request.too_large", 413, "The body is over 1 MiB, or a form over 64 KiB.", "Send less at once."),
    ErrorCode(
        "request.content_type",
        415,
        "The body is not `application/json`, or it is compressed.",
        "Set `Content-Type: application/json`, and no `Content-Encoding`.",
    ),
    ErrorCode(
        "entity.unique_integrity_violation",
        422,
        "There is a connector with that id.",
        "Choose another id, give none, or change the one that is there.",
    ),
    ErrorCode(
        "idempotency.key_reused",
        422,
        "The `Idempotency-Key` was used for another request: another body, path or connector.",
        "Make a new key for each request, and repeat a request with the key that it had.",
    ),
    ErrorCode(
        "idempotency.in_progress",
        409,
        "The first request with that `Idempotency-Key` is still under way after 12 s.",
        "Ask again with the same key a little later.",
    ),
    ErrorCode(
        "idempotency.interrupted",
        409,
        "The gateway was stopped in the middle of the first request with that `Idempotency-Key`. Maybe sent.",
        "See `GET /api/messages`. To send, perhaps a second time, use another key.",
    ),
    ErrorCode(
        "limit.recipient_waits",
        429,
        "There are as many waits at once for that recipient as there may be.",
        "Let some end; give each test a recipient of its own. `Retry-After` says when to ask again.",
    ),
    ErrorCode(
        "limit.waits",
        503,
        "There are as many waits at once as there may be.",
        "Let some end, and ask again after `Retry-After` seconds.",
    ),
    ErrorCode(
        "limit.streams",
        503,
        "There are as many event streams at once as there may be.",
        "Close some, and ask again after `Retry-After` seconds.",
    ),
    ErrorCode(
        "limit.connections",
        503,
        "There are as many connections as there may be. This one is closed.",
        "Keep connections and use them again, and ask again after `Retry-After` seconds.",
    ),
    ErrorCode(
        "gateway.internal",
        500,
        "A defect of ours. The log says where, without what was sent.",
        "Please report it, with the line of the log.",
    ),
    ErrorCode(
        "gateway.unavailable",
        503,
        "The gateway is stopping, or not ready.",
        "Ask again when it is up: `/readyz` says so, and in `data.checks` what is wrong.",
    ),
    ErrorCode(
        "store.unavailable",
        503,
        "The store cannot keep anything: disk full, or read-only. Nothing of what was asked has happened.",
        "Make room, or make the folder writable; then ask again.",
    ),
    ErrorCode(
        "connector.general",
        400,
        "The send failed. `data.reason` says how, `data.providerCode` what the provider said.",
        "See the reasons below. Where `data.maybeSent` is true, do not simply send again.",
    ),
    ErrorCode(
        "connector.invalid_config",
        400,
        "The connector's config cannot work.",
        "The message names the keys, and what they are called where Logto's pages have another name.",
    ),
    ErrorCode(
        "connector.not_found_with_connector_id",
        422,
        "There is no factory with that id.",
        "The message lists those that there are; so does `GET /api/connector-factories`.",
    ),
    ErrorCode(
        "connector.template_not_found",
        400,
        "There is no template for the usage type, and none for `Generic`.",
        "Add one to the connector's config, or a file in a folder of `templates`.",
    ),
    ErrorCode(
        "connector.recipient_not_allowed",
        403,
        "The connector sends for real, and the recipient is not in `live.allow`.",
        "Add the number or address there, or send through a connector that goes to its fake.",
    ),
    ErrorCode(
        "connector.rate_limit_exceeded",
        429,
        "The provider limits messages to this recipient, or calls in general.",
        "Wait; `Retry-After` says how long where the provider did. In a test, see whether a fault is in force.",
    ),
    ErrorCode(
        "connector.usage_limit_exceeded",
        429,
        "The account's quota, or `live.sends_per_day`, is used up.",
        "Raise the quota with the provider, or the cap in the config file, or wait for tomorrow (UTC).",
    ),
    ErrorCode(
        "connector.unexpected_type",
        400,
        "A social connector was asked to send, or another one to sign somebody in.",
        "Name a connector of the right kind; `GET /api/connectors` shows the `type` of each.",
    ),
    ErrorCode(
        "connector.authorization_failed",
        401,
        "The provider refused the sign-in, or the person did; `data.providerCode` has the OAuth error.",
        "Begin again. `access_denied` is somebody who said no; else see the exchange at the fake.",
    ),
    ErrorCode(
        "connector.social_auth_code_invalid",
        401,
        "The provider does not take the code: used, too old, of another client, redirect URI or PKCE verifier.",
        "Begin again; a code works once.",
    ),
    ErrorCode(
        "connector.social_invalid_access_token",
        401,
        "The provider does not take the access token that it gave, or the refresh token.",
        "Begin again.",
    ),
    ErrorCode(
        "connector.social_invalid_id_token",
        401,
        "The ID token is not to be believed: signature, algorithm, issuer, audience, time or nonce.",
        "Compare `idTokenVerificationConfig` with what the provider's discovery document says.",
    ),
    ErrorCode(
        "session.connector_validation_session_not_found",
        400,
        "The `state` of the callback is unknown, was used already, or is older than its lifetime.",
        "Begin again with `authorization-uri`. A callback is good for one call.",
    ),
    ErrorCode(
        "connector.invalid_response",
        400,
        "The provider answered something that it should not. The message may have gone out.",
        "See the exchange. If there is no fault in force, a proxy may be in between.",
    ),
    ErrorCode(
        "connector.not_found",
        501,
        "There is no connector for such recipients: none for SMS, or none for email.",
        "Add one to the config file, or over the API.",
    ),
    ErrorCode(
        "request.message_rate_limited",
        429,
        "As many codes were sent as the policy allows, or the last one is too young.",
        "Wait for `Retry-After` seconds of the gateway's clock, or advance it. `data.limitedBy` names the rule. In "
        "tests: fresh recipients, or the policy `off`.",
    ),
    ErrorCode(
        "session.verification_blocked_too_many_attempts",
        400,
        "Too many wrong codes for that recipient: it is locked, or must wait. Not even the right code passes.",
        "Wait for `data.retryAfter` seconds of the gateway's clock. Without it the lock has no end: "
        "`DELETE /api/verifications/{to}` lifts it.",
    ),
    ErrorCode(
        "verification_code.not_found",
        400,
        "No code was requested for that recipient and usage type, or it is used, or it is another request's.",
        "Request one. A code is good once; the usage type must be the same (`Generic` unless given).",
    ),
    ErrorCode(
        "verification_code.phone_mismatch",
        400,
        "`verificationId` is of a code that went to another number.",
        "Check with the recipient that the code was requested for.",
    ),
    ErrorCode(
        "verification_code.email_mismatch",
        400,
        "`verificationId` is of a code that went to another address.",
        "Check with the recipient that the code was requested for.",
    ),
    ErrorCode(
        "verification_code.expired",
        400,
        "The code was right for as long as the policy says, and that is over.",
        "Request a new one. The gateway's clock counts, which somebody may have moved.",
    ),
    ErrorCode(
        "verification_code.exceed_max_try",
        400,
        "As many wrong codes were tried as the policy allows: not even the right one passes.",
        "Request a new one.",
    ),
    ErrorCode(
        "verification_code.code_mismatch",
        400,
        "That is not the code. It has cost a try.",
        "Type the newest one: it has replaced the older ones. `data.triesLeft` says how often.",
    ),
    ErrorCode(
        "verification.sandbox_only",
        403,
        "A code that is known beforehand was asked of a gateway in mode live.",
        "Pin codes in a sandbox only.",
    ),
    ErrorCode(
        "template.invalid",
        400,
        "One of our templates is broken.",
        "The message names the file and, where it can, the line.",
    ),
    ErrorCode(
        "template.unknown_variable",
        400,
        "A template uses a name that is neither in the payload nor one of Logto's.",
        "Give it in `payload`, or correct the template: `data.variable`, `data.template`.",
    ),
    ErrorCode(
        "config.invalid",
        None,
        "The config file or the command line cannot work. The process ends with exit code 2.",
        "The message names the place and the fix.",
    ),
)
