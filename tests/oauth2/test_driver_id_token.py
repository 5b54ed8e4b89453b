"""ID tokens that are to be believed, and every other kind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.registry import HeaderParameter

from gateway.errors import ConnectorError, InvalidResponse, ProviderFailed
from gateway.providers.oauth2.driver import jwks as jwks_module
from gateway.providers.oauth2.metadata import OIDC
from gateway.social import IdTokenInvalid, SignedIn
from tests.oauth2.driving import CALLBACK, TOKENS, driver, oidc
from tests.oauth2.scripted import Said, scripted

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
    async with scripted(token=Said({}), jwks=keys or Said(public(EC))) as provider:
        async with driver(OIDC, oidc(provider.url, verification=verification, **config), **(options or {})) as made:
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
    return found


async def refused(make: Make, said: str = "the ID token is refused", **more: Any) -> None:
    with pytest.raises(IdTokenInvalid, match=said) as caught:
        await sign_in(make, **more)
    assert (caught.value.reason_code, caught.value.status) == ("connector.social_invalid_id_token", 401)


def with_claims(**changes: Any) -> Make:
    """None: without that claim."""

    def make(claims: dict[str, Any]) -> str:
        return signed({name: value for name, value in {**claims, **changes}.items() if value is not None})

    return make


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("ES256", EC),
        ("ES384", ECKey.generate_key("P-384", {"kid": "one"})),
        ("RS256", RSAKey.generate_key(2048, {"kid": "one"})),
        ("EdDSA", OKPKey.generate_key("Ed25519", {"kid": "one"})),
    ],
    ids=["ES256", "ES384", "RS256", "EdDSA"],
)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_a_good_token_says_who_signed_in(alg: str, key: Key) -> None:
    found = await sign_in(lambda claims: signed({**claims, "name": "Ada"}, key, alg), keys=Said(public(key)))
    assert (found.profile.id, found.profile.name) == ("u-1", "Ada")
    assert found.tokens.id_token


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"iss": 7}, "iss"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"aud": "another"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": ["the-client", "b"], "azp": "b"}, "azp"),
        ({"exp": None}, "exp"),
        ({"exp": 1}, "expired"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": True}, "exp"),
        ({"iat": None}, "iat"),
        ({"nbf": 10**11}, "not valid yet"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": 7}, "nonce"),
        ({"nonce": "ä"}, "nonce"),
        ({"at_hash": "AAAA"}, "at_hash"),
        ({"at_hash": 7}, "at_hash"),
    ],
)
async def test_a_wrong_claim_is_refused(changes: dict[str, Any], said: str) -> None:
    await refused(with_claims(**changes), said)


async def test_the_right_hash_of_the_access_token_is_taken() -> None:
    half = hashlib.sha256(b"an-access-token").digest()[:16]
    await sign_in(with_claims(at_hash=part(half), aud=["b", "the-client"], azp="the-client"))


async def test_without_a_nonce_of_ours_none_is_asked_for() -> None:
    assert await sign_in(with_claims(nonce=None), options={"nonce": False})


@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
async def test_an_unsigned_token_is_refused(alg: str) -> None:
    await refused(lambda claims: f"{part({'alg': alg})}.{part(claims)}.", "algorithm")
    await refused(
        lambda claims: f"{part({'alg': alg})}.{part(claims)}.", "algorithm", verification={"algorithms": [alg]}
    )


async def test_a_public_key_is_no_secret() -> None:
    """Algorithm confusion: an HMAC with what everybody knows."""
    rsa = RSAKey.generate_key(2048, {"kid": "one"})
    pem = rsa.as_pem(private=False)

    def make(claims: dict[str, Any]) -> str:
        head = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
        return f"{head}.{part(hmac.digest(pem, head.encode(), 'sha256'))}"

    await refused(make, "algorithm", keys=Said(public(rsa)))
    await refused(make, "signed", keys=Said(public(rsa)), verification={"algorithms": ["HS256", "RS256"]})


async def test_a_secret_signs_only_where_the_config_lists_that() -> None:
    key = OctKey.import_key("s" * 32)
    config: dict[str, Any] = {"clientSecret": "s" * 32}
    await refused(lambda claims: signed(claims, key, "HS256"), "algorithm", **config)
    await sign_in(lambda claims: signed(claims, key, "HS256"), verification={"algorithms": ["HS256"]}, **config)


async def test_a_symmetric_key_in_the_jwk_set_is_no_key() -> None:
    keys = {"keys": [{"kty": "oct", "k": part(b"s" * 32), "kid": "one"}]}
    key = OctKey.import_key("s" * 32)
    await refused(lambda claims: signed(claims, key, "HS256"), keys=Said(keys))


async def test_a_key_in_the_header_is_not_used() -> None:
    more = {"jwk": OTHER.as_dict(private=False), "jku": "http://evil.example/jwks"}
    await refused(lambda claims: signed(claims, OTHER, **more), "signed")


async def test_a_key_of_another_algorithm_is_not_used() -> None:
    await refused(signed, "signed", keys=Said(public(EC, alg="ES384")))
    await refused(signed, "signed", keys=Said(public(EC, use="enc")))


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        "..",
        f"{part([])}.{part({})}.x",
        f"{part({'alg': ['ES256']})}.{part({})}.x",
        f"{part({'alg': 'ES256', 'kid': 7})}.{part({})}.x",
        "é.é.é",
        part(b"[" * 40_000) + ".x.x",
    ],
    ids=range(10),
)
async def test_what_is_no_token_is_refused(token: str) -> None:
    await refused(lambda _: token)


async def test_a_token_of_a_mebibyte_is_refused() -> None:
    await refused(lambda claims: signed({**claims, "x": "x" * 70_000}), "64 KiB")
    with pytest.raises(InvalidResponse):
        await sign_in(lambda claims: signed({**claims, "x": "x" * (1 << 20)}))


@pytest.mark.parametrize("payload", [b"[]", b"no JSON", b"\xff", b"[" * 30_000], ids=range(4))
async def test_a_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    await refused(lambda _: signed(payload), "JSON")


async def test_a_changed_token_is_refused() -> None:
    def make(claims: dict[str, Any]) -> str:
        head, _, signature = signed(claims).split(".")
        return f"{head}.{part({**claims, 'sub': 'somebody else'})}.{signature}"

    await refused(make, "signed")


async def test_critical_parameters_must_be_understood() -> None:
    await refused(lambda claims: signed(claims, crit=["exp"], exp=1), "critical")
    await sign_in(lambda claims: signed(claims, crit=["exp"], exp=1), verification={"crit": {"exp": True}})


async def test_the_verification_config_is_kept_to() -> None:
    await refused(signed, "algorithm", verification={"algorithms": ["RS256"]})
    await refused(signed, "sub", verification={"subject": "u-2"})
    await refused(signed, "typ", verification={"typ": "JWT"})
    await sign_in(lambda claims: signed(claims, typ="application/jwt"), verification={"typ": "JWT"})
    await sign_in(with_claims(iss="https://b.example"), verification={"issuer": ["a", "https://b.example"]})
    old = int(time.time()) - 120
    await refused(with_claims(iat=old), "too old", verification={"maxTokenAge": "1 minute"})
    await sign_in(with_claims(iat=old), verification={"maxTokenAge": "1 minute", "clockTolerance": 90})
    await refused(with_claims(exp=old), "expired", verification={"clockTolerance": "60s"})
    await sign_in(with_claims(exp=old), verification={"clockTolerance": "5 minutes"})
    await sign_in(with_claims(exp=1_000_000), verification={"currentDate": "1970-01-02T00:00:00Z"})


async def test_keys_are_asked_for_once() -> None:
    asked: list[int] = []
    await sign_in(signed, times=3, asked=asked)
    assert asked == [1]


async def test_an_unknown_key_is_asked_for_once_more() -> None:
    asked: list[int] = []
    turns = iter([EC, OTHER, OTHER])

    def make(claims: dict[str, Any]) -> str:
        key = next(turns)
        return signed(claims, key, kid=key.kid)

    await sign_in(make, keys=[Said(public(EC)), Said(public(EC, OTHER))], times=3, asked=asked)
    await refused(lambda claims: signed(claims, OTHER, kid="three"), "signed", asked=asked)
    assert asked == [2, 1]


async def test_a_new_key_under_the_old_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(jwks_module.time, "monotonic", lambda: clock[0])
    turns = iter([EC, OTHER])

    def make(claims: dict[str, Any]) -> str:
        clock[0] += 10
        return signed(claims, next(turns))

    asked: list[int] = []
    await sign_in(make, keys=[Said(public(EC)), Said(public(OTHER, kid="one"))], times=2, asked=asked)
    assert asked == [2]


async def test_a_key_that_was_withdrawn_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(jwks_module.time, "monotonic", lambda: clock[0])

    def make(claims: dict[str, Any]) -> str:
        clock[0] += jwks_module.LIFE_SECONDS
        return signed(claims)

    await refused(make, "signed", keys=[Said(public(EC)), Said(public(OTHER))], times=2)


async def test_a_token_without_kid_is_tried_with_every_key() -> None:
    await sign_in(lambda claims: signed(claims, kid=None), keys=Said(public(OTHER, EC)))


async def test_strange_keys_beside_the_right_one_do_no_harm() -> None:
    strange: list[Any] = [7, {"kty": "EC"}, {"kty": "EC", "crv": "P-256", "x": "!", "y": "!"}, {"kty": "new"}]
    await sign_in(signed, keys=Said({"keys": [*strange, *public(EC)["keys"]]}))


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        (Said("nothing", 500), ProviderFailed),
        (Said("<html>"), InvalidResponse),
        (Said([]), InvalidResponse),
        (Said({"keys": {}}), InvalidResponse),
    ],
    ids=range(4),
)
async def test_without_keys_the_provider_has_failed(keys: Said, kind: type[ConnectorError]) -> None:
    with pytest.raises(kind):
        await sign_in(signed, keys=keys)


async def test_an_answer_without_id_token_is_an_invalid_response() -> None:
    async with scripted(token=Said(TOKENS)) as provider, driver(OIDC, oidc(provider.url)) as made:
        _, session = await made.authorization_uri("s", CALLBACK, None)
        with pytest.raises(InvalidResponse, match="id_token"):
            await made.profile({"code": "c"}, session)


MAIL = "ada@example.com"


@pytest.mark.parametrize(
    ("claim", "config", "taken"),
    [
        (True, {}, True),
        (False, {}, False),
        (None, {}, False),
        ("true", {}, False),
        ("true", {"acceptStringTypedBooleanClaims": True}, True),
        ("false", {"acceptStringTypedBooleanClaims": True}, False),
        (None, {"trustUnverifiedEmail": True}, True),
        (False, {"trustUnverifiedEmail": True}, True),
    ],
)
async def test_an_email_counts_where_it_is_verified_or_trusted(claim: object, config: Any, taken: bool) -> None:
    found = await sign_in(with_claims(email=MAIL, email_verified=claim), **config)
    assert found.profile.email == (MAIL if taken else None)


@pytest.mark.parametrize(
    ("claims", "taken"),
    [
        ({"phone_number": "1555", "phone_number_verified": True}, "1555"),
        ({"phone_number": "1555"}, None),
        ({"phone": "1555", "phone_verified": True}, "1555"),
        ({"phone": "1555", "phone_verified": False}, None),
        ({"phone_number": "1555", "phone_verified": True}, None),
    ],
)
async def test_a_phone_counts_in_both_spellings(claims: dict[str, Any], taken: str | None) -> None:
    assert (await sign_in(with_claims(**claims))).profile.phone == taken
