"""Social sign-in: the protocol of a driver, its values and its errors.

Names follow Logto's ``SocialUserInfo`` and the RFCs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from gateway.core.errors import Refused, RequestError, UnexpectedType
from gateway.core.model import Document


class SessionNotFound(RequestError):
    """The ``state`` of a callback is unknown, already used or too old."""

    code = "session.connector_validation_session_not_found"
    cause = "The `state` of the callback is unknown, was used already, or is older than its lifetime."
    cure = "Begin again with `authorization-uri`. A callback is good for one call."


class SignInRefused(Refused):
    """The provider or its user refused the sign-in, or the provider's answer cannot be trusted."""

    code = "connector.authorization_failed"
    status = 401
    cause = "The provider refused the sign-in, or the person did; `data.providerCode` has the OAuth error."
    cure = "Begin again. `access_denied` is somebody who said no; else see the exchange at the fake."
    reason = "authorization_failed"
    reason_cause = "The provider or the person refused the sign-in, or its `iss` is another one's."
    reason_cure = "Begin again; `data.providerCode` has the OAuth error."
    fallback_why = UnexpectedType.fallback_why


class AuthCodeInvalid(SignInRefused):
    code = "connector.social_auth_code_invalid"
    cause = "The provider does not take the code: used, too old, of another client, redirect URI or PKCE verifier."
    cure = "Begin again; a code works once."
    reason = "code_invalid"
    reason_cause = "The provider does not take the code."
    reason_cure = "Begin again: a code works once."


class AccessTokenInvalid(SignInRefused):
    code = "connector.social_invalid_access_token"
    cause = "The provider does not take the access token that it gave, or the refresh token."
    cure = "Begin again."
    reason = "access_token_invalid"
    reason_cause = "The provider does not take the token."
    reason_cure = "Begin again."


class IdTokenInvalid(SignInRefused):
    code = "connector.social_invalid_id_token"
    cause = "The ID token is not to be believed: signature, algorithm, issuer, audience, time or nonce."
    cure = "Compare `idTokenVerificationConfig` with what the provider's discovery document says."
    reason = "id_token_invalid"
    reason_cause = "The ID token is not to be believed."
    reason_cure = "Compare `idTokenVerificationConfig` with the provider's discovery document."


class Authorization(NamedTuple):
    """The URL for the browser, and the session that the driver needs at the callback: plain JSON, secret."""

    uri: str
    session: Document


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """The response of a token endpoint (RFC 6749 5.1). ``expires_in`` is in seconds."""

    access_token: str = field(repr=False)
    token_type: str
    expires_in: int | float | None = None
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    id_token: str | None = field(default=None, repr=False)

    def document(self) -> Document:
        """Return it as JSON with the names of the RFC, as Logto does."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Profile:
    """The user who signed in.

    ``raw_data`` is the provider's whole profile. ``email`` and ``phone`` are None if the provider calls them
    unverified.
    """

    id: str
    name: str | None = None
    avatar: str | None = None
    email: str | None = None
    phone: str | None = None
    raw_data: Document = field(default_factory=dict)

    def document(self) -> Document:
        found = {"id": self.id, "name": self.name, "avatar": self.avatar, "email": self.email, "phone": self.phone}
        return {**{key: value for key, value in found.items() if value is not None}, "rawData": self.raw_data}


class SignedIn(NamedTuple):
    profile: Profile
    tokens: TokenAnswer


class SocialDriver(Protocol):
    """The client of a social provider, for one connector.

    Raises ``errors.ConnectorError`` only. No call is tried again: an authorization code works once.
    """

    async def authorization_uri(self, state: str, redirect_uri: str, scope: str | None) -> Authorization: ...
    async def profile(self, callback: Mapping[str, str], session: Document) -> SignedIn:
        """Exchange the code and return the user's profile with the tokens.

        ``callback`` has the query parameters of the callback, whose ``state`` the caller has checked. ``session``
        is the one of ``authorization_uri``.
        """

    async def refresh(self, refresh_token: str) -> TokenAnswer:
        """Return new tokens. The answer has the old refresh token if the provider gave no new one."""

    async def close(self) -> None: ...
