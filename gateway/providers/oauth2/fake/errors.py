"""Errors of the fake: what it refuses, how the refusal travels, and the table of all codes."""

from __future__ import annotations

from typing import Literal, TypeAlias

from gateway.providers.ports import KnownError

How: TypeAlias = Literal["json", "page", "redirect", "bearer"]

_AUTHORIZE = ("authorize", "login")
_TOKEN = ("token",)

# RFC 6749 4.1.2.1 and 5.2, OIDC Core 3.1.2.6, RFC 6750 3.1. The status is that of an answer; a redirect has none.
ERRORS: tuple[KnownError, ...] = (
    KnownError("invalid_request", 400, "The request is malformed."),
    KnownError("invalid_client", 401, "Client authentication failed.", ("token", "revoke", "introspect")),
    KnownError("invalid_grant", 400, "The code or refresh token is not valid, or not for this client.", _TOKEN),
    KnownError("unauthorized_client", 400, "The client may not do this.", (*_AUTHORIZE, *_TOKEN)),
    KnownError("unsupported_grant_type", 400, "This grant type is not known here.", _TOKEN),
    KnownError("invalid_scope", 400, "The scope is unknown, malformed or not allowed.", (*_AUTHORIZE, *_TOKEN)),
    KnownError("access_denied", 400, "The user or the server denied the request.", _AUTHORIZE),
    KnownError("unsupported_response_type", 400, "This response type is not known here.", _AUTHORIZE),
    KnownError("server_error", 500, "The server met an unexpected condition."),
    KnownError("temporarily_unavailable", 503, "The server is overloaded or being maintained."),
    KnownError("login_required", 400, "Nobody is signed in.", _AUTHORIZE),
    KnownError("consent_required", 400, "The user has not consented yet.", _AUTHORIZE),
    KnownError("interaction_required", 400, "The user has to do something.", _AUTHORIZE),
    KnownError("account_selection_required", 400, "The user has to choose an account.", _AUTHORIZE),
    KnownError("request_not_supported", 400, "The parameter request is not supported.", _AUTHORIZE),
    KnownError("request_uri_not_supported", 400, "The parameter request_uri is not supported.", _AUTHORIZE),
    KnownError("registration_not_supported", 400, "The parameter registration is not supported.", _AUTHORIZE),
    KnownError("invalid_target", 400, "The resource is malformed or was not asked for.", (*_AUTHORIZE, *_TOKEN)),
    KnownError("invalid_token", 401, "The access token is expired, revoked or unknown.", ("userinfo",)),
    KnownError("insufficient_scope", 403, "The access token has not the scope for this.", ("userinfo",)),
    KnownError("unsupported_token_type", 400, "This kind of token cannot be revoked.", ("revoke",)),
    KnownError("slow_down", 429, "Too many requests."),
)
BY_CODE = {row.code: row for row in ERRORS}


def known() -> tuple[KnownError, ...]:
    return ERRORS


class Refusal(Exception):  # the house's name for what a fake refuses
    """The fake says no. ``how`` it travels: as JSON (RFC 6749 5.2), as a page that never redirects (4.1.2.1), as a
    redirect to the client (4.1.2.1), or in ``WWW-Authenticate`` (RFC 6750 3). ``status`` None: the table's.
    ``description`` is sent (ASCII, without ``"`` and ``\\``), ``hint`` is for the exchange. ``code`` is empty where
    the dialect has none (RFC 6750 3: no credentials). Neither ever holds a secret."""

    def __init__(
        self,
        code: str,
        description: str,
        how: How = "json",
        *,
        status: int | None = None,
        hint: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        scope: str = "",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.how: How = how
        row = BY_CODE.get(code)
        self.status = status if status is not None else (row.status if row else 400)
        self.hint = hint
        self.headers = headers
        self.scope = scope
