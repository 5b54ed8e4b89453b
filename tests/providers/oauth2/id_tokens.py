"""ID tokens made by tests, and sign-ins with them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.registry import HeaderParameter

from gateway.providers.oauth2.metadata import OIDC
from gateway.providers.social import IdTokenInvalid, SignedIn
from tests.providers.oauth2.driver_setup import CALLBACK, TOKENS, driver, oidc
from tests.providers.oauth2.scripted_provider import Said, scripted

Key = ECKey | RSAKey | OKPKey
EC = ECKey.generate_key("P-256", {"kid": "one"})
OTHER = ECKey.generate_key("P-256", {"kid": "two"})


def public(*keys: Key, **more: Any) -> dict[str, Any]:
    return {"keys": [{**key.as_dict(private=False), "kid": key.kid, **more} for key in keys]}


def signed(claims: Mapping[str, Any] | bytes, key: Any = EC, alg: str = "ES256", **header: Any) -> str:
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    known = {name: HeaderParameter(name, lambda _: None) for name in header.get("crit", ())}
    registry = jws.JWSRegistry(known, algorithms=[alg], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = 1 << 22
    whole = {"alg": alg, "kid": "one", **header}
    return jws.serialize_compact(
        {name: value for name, value in whole.items() if value is not None}, payload, key, registry=registry
    )


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


Make = Callable[[dict[str, Any]], str]


async def sign_in(
    make: Make,
    *,
    keys: Said | list[Said] | None = None,
    verification: Mapping[str, Any] | None = None,
    times: int = 1,
    asked: list[int] | None = None,
    options: Mapping[str, Any] | None = None,
    **config: Any,
) -> SignedIn:
    """``make`` gets claims that are right, and gives the token. ``times``: so many sign-ins, the last one's result.
    ``asked`` gets how often the keys were asked for."""
    async with (
        scripted(token=Said({}), jwks=keys or Said(public(EC))) as provider,
        driver(OIDC, oidc(provider.url, verification=verification, **config), **(options or {})) as made,
    ):
        found: SignedIn | None = None
        try:
            for _ in range(times):
                _, session = await made.authorization_uri("s", CALLBACK, None)
                now = int(time.time())
                claims = {
                    "iss": provider.url,
                    "sub": "u-1",
                    "aud": "the-client",
                    "exp": now + 300,
                    "iat": now,
                    "nonce": session.get("nonce"),
                }
                provider.answers["/token"] = Said({**TOKENS, "id_token": make(claims)})
                found = await made.profile({"code": "c"}, session)
        finally:
            if asked is not None:
                asked.append(len(provider.to("/jwks")))
    assert found is not None
    return found


async def refused(make: Make, said: str = "the ID token is refused", **more: Any) -> None:
    with pytest.raises(IdTokenInvalid, match=said) as caught:
        await sign_in(make, **more)
    assert (caught.value.code, caught.value.status) == ("connector.social_invalid_id_token", 401)


def with_claims(**changes: Any) -> Make:
    """None: without that claim."""

    def make(claims: dict[str, Any]) -> str:
        return signed({name: value for name, value in {**claims, **changes}.items() if value is not None})

    return make
