"""Signing people in: what a social driver is, the values that go in and out, and what goes wrong.

Names are those of Logto's ``SocialUserInfo`` and of the RFCs.
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
    """Where to send the browser, and what the driver must be told when it comes back: plain JSON, secret."""

    uri: str
    session: Document


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What a token endpoint gave (RFC 6749 5.1). ``expires_in`` is in seconds."""

    access_token: str = field(repr=False)
    token_type: str
    expires_in: int | float | None = None
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    id_token: str | None = field(default=None, repr=False)

    def document(self) -> Document:
        """With the names of the RFC, as Logto passes it on."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Profile:
    """Who signed in. ``raw_data`` is all that the provider said of them. ``email`` and ``phone`` are there only
    where the provider does not call them unverified."""

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
    """The client half of a social provider, for one connector. Raises ``errors.ConnectorError`` only. One attempt
    for each call: a code works once."""

    async def authorization_uri(self, state: str, redirect_uri: str, scope: str | None) -> Authorization: ...
    async def profile(self, callback: Mapping[str, str], session: Document) -> SignedIn:
        """``callback``: the parameters with which the browser came back; who calls has checked ``state``."""

    async def refresh(self, refresh_token: str) -> TokenAnswer:
        """The old refresh token is in the answer where the provider gave no new one."""

    async def close(self) -> None: ...
