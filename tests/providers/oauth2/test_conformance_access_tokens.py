"""Access tokens that are JWTs: RFC 9068, RFC 8707."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from joserfc.errors import BadSignatureError

from gateway.core.errors import ConfigError
from gateway.faults.rules import Effect, Match, Rule
from gateway.providers.oauth2.fake.config import read
from tests.providers.oauth2.conformance import rule
from tests.providers.oauth2.direct_fake import CALLBACK, DirectFake, authorization, claims_of
from tests.providers.oauth2.test_conformance_id_token import header_of, verified

ISSUER = "http://localhost:4650/fakes/oauth2/oidc"
API = {"client_id": "api", "client_secret": "api-secret"}


MUTATED = Rule(
    Match("oauth2", "token"),
    Effect(mutate={"accessToken": {"claims": {"aud": "another"}, "typ": "JWT", "tampered": True}}),
)


def jwts(*breaks: str, **issuer: Any) -> DirectFake:
    return DirectFake(*breaks, access_tokens="jwt", **issuer)


@rule("access_token_claims", "access_token_typ")
@pytest.mark.parametrize("alg", ["ES256", "ES384", "HS256"])
def test_an_access_token_says_who_made_it_for_whom_and_when(alg: str) -> None:
    fake = jwts(alg=alg)
    token = fake.tokens()["access_token"]
    own = "ES256" if alg == "HS256" else alg
    claims = verified(fake, token, own)
    now = int(fake.clock.real())
    assert claims.pop("jti") != claims_of(fake.tokens()["access_token"])["jti"]
    assert claims == {
        "iss": ISSUER,
        "sub": "1001",
        "aud": ISSUER,
        "client_id": "web",
        "scope": "openid",
        "iat": now,
        "exp": now + 3600,
    }
    assert (header_of(token)["typ"], header_of(token)["alg"]) == ("at+jwt", own)
    assert header_of(jwts("access_token_typ").tokens()["access_token"])["typ"] == "JWT"
    assert "jti" not in claims_of(jwts("access_token_claims").tokens()["access_token"])


def test_opaque_access_tokens_are_the_default_and_a_client_can_have_it_otherwise() -> None:
    for fake, dots in ((DirectFake(), 0), (jwts(), 2)):
        assert fake.tokens()["access_token"].count(".") == dots
        form = {"grant_type": "client_credentials", "client_id": "reader", "client_secret": "s"}
        machine = fake.post("/token", form).json["access_token"]
        assert claims_of(machine)["sub"] == claims_of(machine)["client_id"] == "reader"


@rule("access_token_audience")
def test_it_is_for_the_resource_that_was_asked_for() -> None:
    wanted = ["https://api.test/v1", "urn:logto:resource:organizations"]
    for fake, audience in ((jwts(), wanted), (jwts("access_token_audience"), ISSUER)):
        tokens = fake.tokens(resource=wanted)
        assert claims_of(tokens["access_token"])["aud"] == audience
        again = fake.refresh(tokens["refresh_token"], resource=wanted[0]).json
        assert claims_of(again["access_token"])["aud"] == (wanted[0] if audience == wanted else ISSUER)
        assert fake.refresh(again["refresh_token"], resource="https://other.test").error == "invalid_target"
    assert claims_of(jwts(audience="https://api.test").tokens()["access_token"])["aud"] == "https://api.test"
    assert jwts().authorize(resource="/relative").error == "invalid_target"
    assert jwts().post("/authorize", authorization(resource=f"https://{'a' * 8200}")).error == "invalid_target"
    assert "code" in DirectFake().authorize(resource="/relative").reply


def test_user_info_and_introspection_take_it_until_it_is_over() -> None:
    fake = jwts()
    token = fake.tokens()["access_token"]
    assert fake.userinfo(token).json["sub"] == "1001"
    found = fake.post("/introspect", {**API, "token": token}).json
    assert (found["active"], found["aud"], found["sub"]) == (True, ISSUER, "1001")
    head, claims, signature = token.split(".")
    assert fake.userinfo(f"{head}.{claims}.{signature[::-1]}").error == "invalid_token"
    fake.clock.time += 3600
    assert fake.userinfo(token).error == "invalid_token"
    assert fake.post("/introspect", {**API, "token": token}).json == {"active": False}


def test_it_is_no_id_token_hint() -> None:
    fake = jwts()
    assert fake.authorize(id_token_hint=fake.tokens()["access_token"]).error == "invalid_request"
    assert "code" in fake.authorize(id_token_hint=fake.tokens()["id_token"]).reply


def test_authlib_takes_it_as_a_resource_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = jwts()
    # Authlib's library looks at the system's clock; the fake's stands still.
    monkeypatch.setattr("joserfc._rfc7519.claims.time", SimpleNamespace(time=fake.clock.real))
    keys = fake.keys()

    class Validator(JWTBearerTokenValidator):  # type: ignore[misc]  # Authlib has no types
        def get_jwks(self) -> Any:
            return keys

    validator = Validator(ISSUER, ISSUER)
    checked = validator.authenticate_token(fake.tokens()["access_token"])
    validator.validate_token(checked, ["openid"], None)
    assert checked["client_id"] == "web"


def test_a_fault_makes_it_wrong_and_says_so_where_it_is_opaque() -> None:
    fake = jwts()
    fake.faults.book.add(MUTATED)
    tokens = fake.token()
    token = tokens.json["access_token"]
    assert (claims_of(token)["aud"], header_of(token)["typ"]) == ("another", "JWT")
    with pytest.raises(BadSignatureError):
        verified(fake, token)
    assert claims_of(tokens.json["id_token"])["aud"] == "web"
    assert fake.userinfo(token).status == 200, "it goes by what it has kept"
    assert "hint" not in tokens.verdict.explanation
    opaque = DirectFake()
    opaque.faults.book.add(MUTATED)
    assert "opaque" in opaque.token().verdict.explanation["hint"]


def test_an_issuer_without_a_key_set_has_none() -> None:
    with pytest.raises(ConfigError, match=r"issuers.github.access_tokens: the shape github has no key set"):
        read({"issuers": {"github": {"access_tokens": "jwt"}}}, [])
    fake = DirectFake()
    asked = {"response_type": "code", "client_id": "reader", "redirect_uri": CALLBACK, "login_hint": "ada"}
    code = fake.ask("GET", "/authorize?" + "&".join(f"{k}={v}" for k, v in asked.items()), issuer="plain").reply
    body = f"grant_type=authorization_code&code={code['code']}&client_id=reader&client_secret=s&redirect_uri="
    form = {"content_type": "application/x-www-form-urlencoded"}
    answer = fake.ask("POST", "/token", (body + CALLBACK).encode(), issuer="plain", **form)
    assert "." not in answer.json["access_token"]
