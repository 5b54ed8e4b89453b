"""Drivers of all three factories, and sign-ins through them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from gateway.providers.oauth2.driver import OAuth2Driver
from gateway.providers.oauth2.parsing import parse
from gateway.providers.social import SignedIn
from tests.providers.oauth2.scripted_provider import Said

CALLBACK = "http://app.example/callback"
TOKENS = {"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 3600, "scope": "profile"}
ADA = {"id": "u-1", "name": "Ada", "avatar": "http://a.example/a.png", "email": "ada@example.com", "phone": "1555"}
CLIENT = {"clientId": "the-client", "clientSecret": "the-secret"}


def oauth2(url: str, **more: Any) -> dict[str, Any]:
    return {
        **CLIENT,
        "authorizationEndpoint": f"{url}/authorize",
        "tokenEndpoint": f"{url}/token",
        "userInfoEndpoint": f"{url}/userinfo",
        **more,
    }


def oidc(url: str, *, verification: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        **CLIENT,
        "authorizationEndpoint": f"{url}/authorize",
        "tokenEndpoint": f"{url}/token",
        "scope": "profile email",
        "idTokenVerificationConfig": {"jwksUri": f"{url}/jwks", "issuer": url, **(verification or {})},
        **more,
    }


@asynccontextmanager
async def driver(factory: str, config: Mapping[str, Any], **options: Any) -> AsyncIterator[OAuth2Driver]:
    """A live one: the scripted server is at a loopback address."""
    settings = parse(factory, config, {"allow_private_addresses": True, **options})
    made = OAuth2Driver(settings, None)
    try:
        yield made
    finally:
        await made.close()


async def signed_in(made: OAuth2Driver, **callback: str) -> SignedIn:
    """Begin and finish, as ``gateway.sign_in`` does."""
    _, session = await made.authorization_uri("a-state", CALLBACK, None)
    return await made.profile(callback or {"code": "a-code"}, session)


def happy(**token: Any) -> dict[str, Said | list[Said]]:
    return {"token": Said({**TOKENS, **token}), "userinfo": Said(ADA)}
