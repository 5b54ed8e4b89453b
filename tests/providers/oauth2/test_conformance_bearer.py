"""Bearer tokens: RFC 6750; user info: OIDC Core 5.3."""

from __future__ import annotations

import pytest

from tests.providers.oauth2.conformance import rule
from tests.providers.oauth2.direct_fake import SECRET, DirectFake, claims_of


@rule("bearer_challenge")
def test_without_credentials_there_is_no_error_code() -> None:
    answer = DirectFake().get("/userinfo")
    assert (answer.status, answer.json) == (401, {})
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="gateway"'
    assert DirectFake().get("/userinfo", authorization="Basic eDp5").json == {}
    assert DirectFake("bearer_challenge").get("/userinfo").error == "invalid_token"


@rule("bearer_token")
def test_an_unknown_expired_or_revoked_token_is_invalid_token() -> None:
    for fake, status in ((DirectFake(), 401), (DirectFake("bearer_token"), 200)):
        token = fake.tokens()["access_token"]
        fake.clock.time += 3600
        assert fake.userinfo(token).status == status
    answer = DirectFake().userinfo("unknown")
    assert (answer.status, answer.error) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    fake = DirectFake()
    token = fake.tokens()["access_token"]
    fake.post("/revoke", {"token": token, "client_id": "web", "client_secret": SECRET})
    assert fake.userinfo(token).error == "invalid_token"


@rule("bearer_scope")
def test_a_token_without_the_scope_is_insufficient_scope() -> None:
    for fake, status in ((DirectFake(), 403), (DirectFake("bearer_scope"), 200)):
        answer = fake.userinfo(fake.tokens(scope="profile")["access_token"])
        assert answer.status == status
    fake = DirectFake()
    answer = fake.userinfo(fake.tokens(scope="profile")["access_token"])
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert 'scope="openid"' in answer.headers["WWW-Authenticate"]


@rule("bearer_one_method")
def test_one_token_in_one_place() -> None:
    for fake, status in ((DirectFake(), 400), (DirectFake("bearer_one_method"), 200)):
        token = fake.tokens()["access_token"]
        answer = fake.post("/userinfo", {"access_token": token}, authorization=f"Bearer {token}")
        assert answer.status == status


@rule("bearer_scheme_case")
def test_the_scheme_is_read_in_any_case() -> None:
    for scheme in ("bearer", "BEARER", "BeArEr"):
        for fake, status in ((DirectFake(), 200), (DirectFake("bearer_scheme_case"), 401)):
            token = fake.tokens()["access_token"]
            assert fake.get("/userinfo", authorization=f"{scheme} {token}").status == status


@rule("bearer_query")
def test_no_token_in_the_query() -> None:
    for fake, status in ((DirectFake(), 400), (DirectFake("bearer_query"), 200)):
        token = fake.tokens()["access_token"]
        assert fake.get("/userinfo", {"access_token": token}).status == status


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Bearer \u00e9", "Bearer a\x00b"])
def test_a_malformed_header_is_invalid_request(header: str) -> None:
    answer = DirectFake().get("/userinfo", authorization=header)
    assert (answer.status, answer.error) == (400, "invalid_request")


@rule("userinfo_post")
def test_user_info_takes_post_too() -> None:
    for fake, status in ((DirectFake(), 200), (DirectFake("userinfo_post"), 405)):
        token = fake.tokens()["access_token"]
        assert fake.post("/userinfo", {"access_token": token}).status == status
        assert fake.ask("POST", "/userinfo", authorization=f"Bearer {token}").status == status


@rule("userinfo_sub")
def test_user_info_has_the_sub_of_the_id_token() -> None:
    for fake, same in ((DirectFake(), True), (DirectFake("userinfo_sub"), False)):
        tokens = fake.tokens()
        found = fake.userinfo(tokens["access_token"]).json["sub"]
        assert (found == claims_of(tokens["id_token"])["sub"]) is same


@rule("scope_claims")
def test_a_scope_brings_its_claims_and_no_others() -> None:
    fake, broken = DirectFake(), DirectFake("scope_claims")
    for scope, names in (
        ("openid", {"sub"}),
        ("openid profile", {"sub", "name"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid phone", {"sub", "phone_number"}),
    ):
        assert fake.userinfo(fake.tokens(scope=scope)["access_token"]).json.keys() == names
    assert "email" in broken.userinfo(broken.tokens()["access_token"]).json


def test_plain_oauth2_tells_all_with_any_token() -> None:
    fake = DirectFake()
    code = fake.ask(
        "GET",
        "/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.test%2Fcallback&login_hint=ada",
        issuer="plain",
    ).reply["code"]
    form = f"grant_type=authorization_code&code={code}&client_id=other&client_secret=other-secret"
    kind = "application/x-www-form-urlencoded"
    assert fake.ask("POST", "/token", form.encode(), issuer="plain", content_type=kind).error == "invalid_grant"
    form = f"grant_type=authorization_code&code={code}&client_id=web&client_secret=newer-secret"
    form += "&redirect_uri=https%3A%2F%2Fapp.test%2Fcallback"
    tokens = fake.ask("POST", "/token", form.encode(), issuer="plain", content_type=kind).json
    assert "id_token" not in tokens
    found = fake.ask("GET", "/userinfo", issuer="plain", authorization=f"Bearer {tokens['access_token']}").json
    assert (found["id"], found["email"]) == ("1001", "ada@example.com")
