"""The token endpoint: RFC 6749 4.1.3, 5.1, 5.2, 6; RFC 7636; RFC 9700."""

from __future__ import annotations

import json

import pytest

from tests.providers.oauth2.conformance import rule
from tests.providers.oauth2.direct_fake import CALLBACK, SECRET, VERIFIER, DirectFake, basic


@rule("code_client")
def test_a_code_is_good_for_its_client_only() -> None:
    other = {"client_id": "other", "client_secret": "other-secret"}
    fake, broken = DirectFake(), DirectFake("code_client")
    assert fake.token(code=fake.code(), **other).error == "invalid_grant"
    assert broken.token(code=broken.code(), **other).status == 200


@rule("code_redirect")
@pytest.mark.parametrize("uri", ["https://app.test/other", None])
def test_the_redirect_uri_is_the_same_in_both_requests(uri: str | None) -> None:
    assert DirectFake().token(redirect_uri=uri).error == "invalid_grant"
    assert DirectFake("code_redirect").token(redirect_uri=uri).status == 200


@rule("code_expiry")
def test_a_code_expires_after_a_minute_of_the_clock() -> None:
    for fake, status in ((DirectFake(), 400), (DirectFake("code_expiry"), 200)):
        code = fake.code()
        fake.clock.time += 60
        assert fake.token(code=code).status == status


@rule("code_replay", "code_replay_revokes")
def test_a_code_works_once_and_a_second_use_revokes_what_came_of_it() -> None:
    fake = DirectFake()
    code = fake.code()
    first = fake.token(code=code).json
    assert fake.userinfo(first["access_token"]).status == 200
    assert fake.token(code=code).error == "invalid_grant"
    assert fake.userinfo(first["access_token"]).error == "invalid_token"
    assert fake.refresh(first["refresh_token"]).error == "invalid_grant"

    kept = DirectFake("code_replay_revokes")
    code = kept.code()
    first = kept.token(code=code).json
    assert kept.token(code=code).error == "invalid_grant"
    assert kept.userinfo(first["access_token"]).status == 200

    broken = DirectFake("code_replay")
    code = broken.code()
    assert [broken.token(code=code).status for _ in range(2)] == [200, 200]


@rule("token_type", "expires_in_number", "no_store")
def test_a_token_answer_has_type_number_and_no_store() -> None:
    answer = DirectFake().token()
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 3600)
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert answer.headers["Content-Type"] == "application/json"
    assert "token_type" not in DirectFake("token_type").token().json
    assert DirectFake("expires_in_number").token().json["expires_in"] == "3600"
    assert "Cache-Control" not in DirectFake("no_store").token().headers


@rule("error_status")
def test_an_error_has_a_status_of_its_own() -> None:
    assert DirectFake().token(code="unknown").status == 400
    answer = DirectFake("error_status").token(code="unknown")
    assert (answer.status, answer.error) == (200, "invalid_grant")


@rule("invalid_client_401")
def test_failed_client_authentication_is_401_and_names_basic_where_it_was_used() -> None:
    form = {"grant_type": "client_credentials"}
    answer = DirectFake().post("/token", form, authorization=basic("web", "wrong"))
    assert (answer.status, answer.error) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    posted = DirectFake().token(client_secret="wrong")
    assert (posted.status, "WWW-Authenticate" in posted.headers) == (401, False)
    assert DirectFake("invalid_client_401").post("/token", form, authorization=basic("web", "wrong")).status == 400


@rule("form_only")
def test_the_body_is_a_form() -> None:
    for fake, status in ((DirectFake(), 400), (DirectFake("form_only"), 200)):
        form = {
            "grant_type": "authorization_code",
            "code": fake.code(),
            "redirect_uri": CALLBACK,
            "client_id": "web",
            "client_secret": SECRET,
            "code_verifier": VERIFIER,
        }
        answer = fake.ask("POST", "/token", json.dumps(form).encode(), content_type="application/json")
        assert answer.status == status
        if status == 400:
            assert answer.error == "invalid_request"


@rule("chunked_body")
def test_chunked_bodies_are_read() -> None:
    form = {"grant_type": "client_credentials", "client_id": "web", "client_secret": SECRET}
    assert DirectFake().post("/token", form, transfer_encoding="chunked").status == 200
    assert DirectFake("chunked_body").post("/token", form, transfer_encoding="chunked").status == 411


@rule("grant_type_known")
def test_an_unknown_grant_type_says_so() -> None:
    assert DirectFake().token(grant_type="magic").error == "unsupported_grant_type"
    assert DirectFake().token(grant_type=None).error == "invalid_request"
    assert DirectFake("grant_type_known").token(grant_type="magic").error == "invalid_request"


@rule("password_refused")
def test_passwords_are_not_exchanged_for_tokens() -> None:
    form = {
        "grant_type": "password",
        "username": "ada",
        "password": "x",
        "client_id": "web",
        "client_secret": SECRET,
    }
    assert DirectFake().post("/token", form).error == "unsupported_grant_type"
    assert DirectFake("password_refused").post("/token", form).status == 200


@rule("pkce_check")
def test_the_verifier_must_fit_the_challenge() -> None:
    assert DirectFake().token(code_verifier="w" * 43).error == "invalid_grant"
    assert DirectFake("pkce_check").token(code_verifier="w" * 43).status == 200


@rule("pkce_plain_refused")
def test_the_method_plain_is_refused() -> None:
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
    assert DirectFake().authorize(**plain).error == "invalid_request"
    assert DirectFake().authorize(code_challenge=VERIFIER, code_challenge_method=None).error == "invalid_request"
    assert DirectFake().authorize(code_challenge_method="S512").error == "invalid_request"
    assert DirectFake().authorize(code_challenge=None).error == "invalid_request"
    broken = DirectFake("pkce_plain_refused")
    assert broken.token(code=broken.code(**plain)).status == 200


@rule("pkce_syntax")
@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 42 + "!", "v" * 42 + "é"])
def test_a_verifier_has_43_to_128_unreserved_characters(verifier: str) -> None:
    answer = DirectFake().token(code_verifier=verifier)
    assert (answer.error, "43 to 128" in answer.json["error_description"]) == ("invalid_grant", True)
    assert DirectFake().authorize(code_challenge="short").error == "invalid_request"
    assert DirectFake("pkce_syntax").authorize(code_challenge="short").error is None


@rule("pkce_verifier_required")
def test_a_challenge_wants_its_verifier() -> None:
    assert DirectFake().token(code_verifier=None).error == "invalid_grant"
    assert DirectFake("pkce_verifier_required").token(code_verifier=None).status == 200


@rule("pkce_downgrade")
def test_a_verifier_without_a_challenge_is_refused() -> None:
    bare = {"code_challenge": None, "code_challenge_method": None}
    for fake, status in ((DirectFake(), 400), (DirectFake("pkce_downgrade"), 200)):
        assert fake.token(code=fake.code(**bare)).status == status


@rule("pkce_public")
def test_a_public_client_must_send_a_challenge() -> None:
    bare = {"client_id": "spa", "code_challenge": None, "code_challenge_method": None}
    assert DirectFake().authorize(**bare).error == "invalid_request"
    assert DirectFake("pkce_public").authorize(**bare).error is None
    fake = DirectFake()
    assert fake.token(code=fake.code(client_id="spa"), client_id="spa", client_secret=None).status == 200


@rule("refresh_rotation", "refresh_reuse")
def test_a_refresh_token_is_replaced_and_its_second_use_revokes_the_family() -> None:
    fake = DirectFake()
    first = fake.tokens()
    second = fake.refresh(first["refresh_token"]).json
    assert second["refresh_token"] != first["refresh_token"]
    assert fake.refresh(first["refresh_token"]).error == "invalid_grant"
    assert fake.userinfo(second["access_token"]).error == "invalid_token"
    assert fake.refresh(second["refresh_token"]).error == "invalid_grant"

    same = DirectFake("refresh_rotation")
    first = same.tokens()
    assert same.refresh(first["refresh_token"]).json["refresh_token"] == first["refresh_token"]
    assert same.refresh(first["refresh_token"]).status == 200

    reusable = DirectFake("refresh_reuse")
    first = reusable.tokens()
    assert [reusable.refresh(first["refresh_token"]).status for _ in range(2)] == [200, 200]


@rule("refresh_client")
def test_a_refresh_token_is_good_for_its_client_only() -> None:
    other = {"client_id": "other", "client_secret": "other-secret"}
    for fake, status in ((DirectFake(), 400), (DirectFake("refresh_client"), 200)):
        assert fake.refresh(fake.tokens()["refresh_token"], **other).status == status


@rule("refresh_scope")
def test_a_refresh_never_widens_the_scope() -> None:
    for fake, status in ((DirectFake(), 400), (DirectFake("refresh_scope"), 200)):
        token = fake.tokens(scope="openid profile")["refresh_token"]
        assert fake.refresh(token, scope="openid email").status == status
    fake = DirectFake()
    answer = fake.refresh(fake.tokens(scope="openid profile")["refresh_token"], scope="openid")
    assert answer.json["scope"] == "openid"
    for malformed in (" ", "openid\tprofile", 'openid "', "openid\n"):
        assert fake.refresh(fake.tokens()["refresh_token"], scope=malformed).error == "invalid_scope"


def test_a_refresh_token_expires_on_the_clock() -> None:
    fake = DirectFake(refresh_seconds=100.0)
    token = fake.tokens()["refresh_token"]
    fake.clock.time += 100
    assert fake.refresh(token).error == "invalid_grant"


def test_a_refresh_extends_the_life_of_its_family() -> None:
    fake = DirectFake(token_seconds=10_000.0, refresh_seconds=10_000.0)
    answer = fake.tokens()
    for _ in range(4):
        fake.clock.time += 9_000  # an expired grant is deleted an hour later
        answer = fake.refresh(answer["refresh_token"]).json
        assert fake.userinfo(answer["access_token"]).status == 200


def test_a_refresh_token_comes_with_offline_access_where_the_issuer_says_so() -> None:
    fake = DirectFake(refresh_tokens="offline_access")
    assert "refresh_token" not in fake.tokens()
    assert "refresh_token" in fake.tokens(scope="openid offline_access")
    assert "refresh_token" not in DirectFake(refresh_tokens="never").tokens(scope="openid offline_access")


def test_a_client_gets_a_token_for_itself() -> None:
    fake = DirectFake()
    form = {"grant_type": "client_credentials", "client_id": "web", "client_secret": SECRET, "scope": "a b"}
    answer = fake.post("/token", form).json
    assert (answer["scope"], "refresh_token" in answer, "id_token" in answer) == ("a b", False, False)
    assert fake.userinfo(answer["access_token"]).error == "insufficient_scope"
    public = {"grant_type": "client_credentials", "client_id": "spa"}
    assert fake.post("/token", public).error == "unauthorized_client"
