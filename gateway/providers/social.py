"""Signing people in: what a social driver is, the values that go in and out, and what goes wrong.

Names are those of Logto's ``SocialUserInfo`` and of the RFCs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from gateway.core.errors import Refused, RequestError
from gateway.core.model import Document


class SessionNotFound(RequestError):
    """A sign-in came back with a state that nobody gave out, or that was used, or is too old; as Logto says it."""

    code = "session.connector_validation_session_not_found"


class SignInRefused(Refused):
    """The provider, or the person at its page, said no; or its answer must not be believed."""

    code = "connector.authorization_failed"
    status = 401
    reason = "authorization_failed"


class AuthCodeInvalid(SignInRefused):
    code = "connector.social_auth_code_invalid"
    reason = "code_invalid"


class AccessTokenInvalid(SignInRefused):
    code = "connector.social_invalid_access_token"
    reason = "access_token_invalid"


class IdTokenInvalid(SignInRefused):
    code = "connector.social_invalid_id_token"
    reason = "id_token_invalid"


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
