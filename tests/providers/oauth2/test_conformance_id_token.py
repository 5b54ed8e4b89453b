"""ID tokens: OIDC Core 2, 3.1.3.6, 10.1, 12.2."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import OctKey

from gateway.providers.oauth2.fake.pipeline import fake as serve
from tests.providers.oauth2.conformance import rule
from tests.providers.oauth2.direct_fake import (
    CALLBACK,
    CLIENTS,
    SECRET,
    VERIFIER,
    Answer,
    DirectFake,
    authorization,
    b64,
    claims_of,
    encoded,
)

ISSUER = "http://localhost:4650/fakes/oauth2/oidc"


def verified(fake: DirectFake, token: str, alg: str = "ES256") -> dict[str, Any]:
    return dict(jwt.decode(token, fake.keys(), algorithms=[alg]).claims)


def header_of(token: str) -> dict[str, Any]:
    part = token.partition(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


@rule("id_token_openid")
def test_an_id_token_comes_with_the_scope_openid_only() -> None:
    assert "id_token" not in DirectFake().tokens(scope="profile")
    assert "id_token" in DirectFake("id_token_openid").tokens(scope="profile")


@rule("id_token_issuer", "id_token_audience", "id_token_azp", "id_token_expiry", "id_token_issued_at")
def test_an_id_token_says_who_made_it_for_whom_and_when() -> None:
    fake = DirectFake()
    now = int(fake.clock.real())
    claims = verified(fake, fake.tokens()["id_token"])
    del claims["at_hash"]
    assert claims == {"iss": ISSUER, "sub": "1001", "aud": "web", "azp": "web", "iat": now, "exp": now + 3600}
    assert DirectFake("id_token_issuer").id_token()["iss"] != ISSUER
    assert DirectFake("id_token_audience").id_token()["aud"] != "web"
    assert DirectFake("id_token_azp").id_token()["azp"] != "web"
    assert DirectFake("id_token_expiry").id_token()["exp"] < now
    assert DirectFake("id_token_issued_at").id_token()["iat"] > now


def test_times_in_an_id_token_are_real_ones_wherever_the_clock_is() -> None:
    fake = DirectFake()
    fake.clock.time += 1_000_000
    assert fake.id_token()["iat"] == int(fake.clock.real())


@rule("id_token_signature")
def test_the_signature_fits_the_key() -> None:
    broken = DirectFake("id_token_signature")
    with pytest.raises(BadSignatureError):
        verified(broken, broken.tokens()["id_token"])


@rule("id_token_signed")
def test_the_algorithm_is_never_none() -> None:
    assert header_of(DirectFake().tokens()["id_token"])["alg"] == "ES256"
    token = DirectFake("id_token_signed").tokens()["id_token"]
    assert (header_of(token)["alg"], token[-1]) == ("none", ".")


@rule("jwks_kid")
def test_keys_and_tokens_have_a_kid_and_only_strings() -> None:
    fake = DirectFake()
    kid = header_of(fake.tokens()["id_token"])["kid"]
    (key,) = fake.get("/jwks").json["keys"]
    assert key["kid"] == kid
    assert all(isinstance(value, str) for value in key.values())
    assert "d" not in key
    broken = DirectFake("jwks_kid")
    assert "kid" not in header_of(broken.tokens()["id_token"])
    assert "kid" not in broken.get("/jwks").json["keys"][0]


@rule("id_token_nonce")
def test_nonce_comes_back_iff_it_was_sent() -> None:
    assert "nonce" not in DirectFake().id_token()
    assert DirectFake().id_token(nonce="n-1")["nonce"] == "n-1"
    assert DirectFake("id_token_nonce").id_token(nonce="n-1")["nonce"] != "n-1"


@rule("id_token_at_hash")
@pytest.mark.parametrize(("alg", "digest"), [("ES256", "sha256"), ("ES384", "sha384"), ("HS256", "sha256")])
def test_at_hash_is_the_left_half_of_the_hash_of_the_algorithm(alg: str, digest: str) -> None:
    tokens = DirectFake(alg=alg).tokens()
    whole = hashlib.new(digest, tokens["access_token"].encode()).digest()
    assert claims_of(tokens["id_token"])["at_hash"] == b64(whole[: len(whole) // 2])
    broken = DirectFake("id_token_at_hash", alg=alg).tokens()
    whole = hashlib.new(digest, broken["access_token"].encode()).digest()
    assert claims_of(broken["id_token"])["at_hash"] != b64(whole[: len(whole) // 2])


@rule("id_token_auth_time")
def test_max_age_brings_auth_time() -> None:
    fake = DirectFake()
    assert "auth_time" not in fake.id_token()
    assert fake.id_token(max_age="100")["auth_time"] == int(fake.clock.real())
    assert "auth_time" not in DirectFake("id_token_auth_time").id_token(max_age="100")


@rule("refresh_id_token")
def test_an_id_token_on_refresh_has_the_same_sub_and_no_nonce() -> None:
    for fake, kept in ((DirectFake(), True), (DirectFake("refresh_id_token"), False)):
        first = fake.tokens(nonce="n-1")
        again = claims_of(fake.refresh(first["refresh_token"]).json["id_token"])
        assert (again["sub"] == claims_of(first["id_token"])["sub"]) is kept
        assert ("nonce" not in again) is kept


def test_es384_and_hs256_sign_with_their_own_keys() -> None:
    fake = DirectFake(alg="ES384")
    assert verified(fake, fake.tokens()["id_token"], "ES384")["sub"] == "1001"
    shared = DirectFake(alg="HS256")
    token = shared.tokens()["id_token"]
    assert shared.get("/jwks").json == {"keys": []}
    key = OctKey.import_key({"kty": "oct", "k": b64(SECRET.encode())})
    assert jwt.decode(token, key, algorithms=["HS256"]).claims["sub"] == "1001"
    public = shared.token(code=shared.code(client_id="spa"), client_id="spa", client_secret=None)
    assert public.error == "unauthorized_client"


async def test_rs256_makes_its_key_when_first_asked_for() -> None:
    fake = DirectFake(alg="RS256")

    async def ask(method: str, path: str, body: str = "") -> Answer:
        kind = {"content_type": "application/x-www-form-urlencoded"} if body else {}
        request = fake.request(method, f"/fakes/oauth2/oidc{path}", body.encode(), **kind)
        return Answer(await serve(request, fake.context))

    code = (await ask("GET", "/authorize?" + encoded(authorization()))).reply["code"]
    assert await fake.records.scan("oauth2:keys") == []
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "web",
        "client_secret": SECRET,
        "code_verifier": VERIFIER,
    }
    token = (await ask("POST", "/token", encoded(form))).json["id_token"]
    assert verified(fake, token, "RS256")["sub"] == "1001"


def test_a_token_checked_with_another_issuers_keys_fails() -> None:
    fake = DirectFake()
    token = fake.tokens()["id_token"]
    other = DirectFake()
    with pytest.raises((JoseError, ValueError)):
        verified(other, token)
    assert CLIENTS["web"].secrets[0] not in token
