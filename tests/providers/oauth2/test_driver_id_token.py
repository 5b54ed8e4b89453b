"""ID tokens that are to be believed, and every other kind."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from gateway.core.errors import InvalidResponse
from gateway.providers.oauth2.metadata import OIDC
from gateway.providers.social import IdTokenInvalid
from tests.providers.oauth2.driver_setup import CALLBACK, TOKENS, driver, oidc
from tests.providers.oauth2.id_tokens import (
    EC,
    OTHER,
    Key,
    part,
    public,
    refused,
    sign_in,
    signed,
    with_claims,
)
from tests.providers.oauth2.scripted_provider import Said, scripted


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


async def test_another_audience_is_taken_where_it_is_trusted_or_an_azp_says_whose_token_it_is() -> None:
    both = ["the-client", "the-api"]
    await refused(with_claims(aud=both), "aud")
    await refused(with_claims(aud=[*both, 7]), "aud", verification={"audience": "the-api"})
    await sign_in(with_claims(aud=both, azp="the-client"))
    for trusted in ("the-api", ["the-api", "a-third"]):
        await sign_in(with_claims(aud=both), verification={"audience": trusted})


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
    more: dict[str, Any] = {"jwk": OTHER.as_dict(private=False), "jku": "http://evil.example/jwks"}
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
        f"{part({'alg': 'ES256', 'crit': [[]]})}.{part({})}.x",
        f"{part({'alg': 'ES256', 'crit': [{}]})}.{part({})}.x",
        "é.é.é",
        part(b"[" * 40_000) + ".x.x",
    ],
    ids=range(12),
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


async def test_an_answer_without_id_token_is_an_invalid_response() -> None:
    async with scripted(token=Said(TOKENS)) as provider, driver(OIDC, oidc(provider.url)) as made:
        _, session = await made.authorization_uri("s", CALLBACK, None)
        with pytest.raises(InvalidResponse, match="id_token"):
            await made.profile({"code": "c"}, session)


async def test_the_id_token_of_a_refresh_is_checked_too() -> None:
    async with (
        scripted(token=Said({}), jwks=Said(public(EC))) as provider,
        driver(OIDC, oidc(provider.url)) as made,
    ):
        now = int(time.time())
        claims = {"iss": provider.url, "sub": "u-1", "aud": "the-client", "exp": now + 300, "iat": now}
        provider.answers["/token"] = Said({**TOKENS, "id_token": signed(claims)})
        assert (await made.refresh("t")).id_token
        provider.answers["/token"] = Said({**TOKENS, "id_token": signed({**claims, "aud": "another"})})
        with pytest.raises(IdTokenInvalid, match="aud"):
            await made.refresh("t")


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
