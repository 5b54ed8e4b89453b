"""Whatever comes, the fake answers in its dialect: never a 500, never where it should not redirect to."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.model import Request, Response
from gateway.providers.oauth2.fake.masking import masked
from gateway.providers.oauth2.fake.rules import RULES
from tests.providers.oauth2.direct_fake import SECRET, DirectFake, authorization, basic

FORM = "application/x-www-form-urlencoded"
PATHS = [
    "/authorize",
    "/login",
    "/token",
    "/userinfo",
    "/jwks",
    "/revoke",
    "/introspect",
    "/logout",
    "/.well-known/openid-configuration",
    "",
    "/",
    "/nowhere",
]
NAMES = [
    *authorization(),
    "grant_type",
    "code",
    "code_verifier",
    "refresh_token",
    "token",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "claims",
    "prompt",
    "max_age",
    "id_token_hint",
    "response_mode",
    "request",
    "persona",
    "post_logout_redirect_uri",
    "access_token",
]
VALUES = st.one_of(
    st.sampled_from(
        ["", "code", "web", "authorization_code", "none", "openid", "https://app.test/callback", "a.b.c"]
    ),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")),
    st.binary(max_size=20),
)


@settings(max_examples=80, deadline=None, database=None)
@given(
    path=st.sampled_from(PATHS),
    method=st.sampled_from(["GET", "POST", "PUT", "OPTIONS", "HEAD"]),
    fields=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=12),
    header=st.one_of(st.none(), st.text(max_size=40), st.just(basic("web", SECRET)), st.just("Bearer x")),
    strict=st.booleans(),
    breaks=st.one_of(st.just([]), st.lists(st.sampled_from(sorted(RULES)), max_size=8)),
)
def test_no_request_makes_the_fake_fail(
    path: str,
    method: str,
    fields: list[tuple[str, str | bytes]],
    header: str | None,
    strict: bool,
    breaks: list[str],
) -> None:
    text = "&".join(f"{name}={quote(value)}" for name, value in fields)
    headers = {"authorization": header} if header is not None else {}
    if method == "POST":
        answer = DirectFake(*breaks, strict=strict).ask(method, path, text.encode(), content_type=FORM, **headers)
    else:
        answer = DirectFake(*breaks, strict=strict).ask(method, f"{path}?{text}", **headers)
    assert answer.status < 500
    assert all("\r" not in value and "\n" not in value for value in answer.headers.values())
    location = answer.headers.get("Location", "")
    if strict and location and not breaks:
        assert location.startswith(("https://app.test/", "http://127.0.0.1"))


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"%ff%00=%zz", b"&" * 100_000, b"a=1&" * 300, b"=&=&=", b"{}"], ids=range(6)
)
@pytest.mark.parametrize(
    "path", ["/token", "/revoke", "/introspect", "/authorize", "/login", "/userinfo", "/logout"]
)
def test_bodies_that_are_no_forms_are_refused(path: str, body: bytes) -> None:
    for kind in (FORM, "application/json", "multipart/form-data; boundary=x", "text/plain", ""):
        assert 200 <= DirectFake().ask("POST", path, body, content_type=kind).status < 500


@pytest.mark.parametrize("strict", [True, False])
def test_credentials_that_are_no_text_are_refused_or_taken_as_they_are(strict: bool) -> None:
    raw = base64.b64encode(b"\xff:\xff\x00%").decode()
    form = b"grant_type=client_credentials"
    fake = DirectFake(strict=strict)
    assert fake.ask("POST", "/token", form, content_type=FORM, authorization=f"Basic {raw}").status == 401
    answer = fake.ask("POST", "/token", form + b"&client_id=q&client_secret=%ff%00&scope=%ff", content_type=FORM)
    assert answer.error == ("invalid_client" if strict else "invalid_scope")
    answer = fake.ask("POST", "/token", form + b"&client_id=q&client_secret=%ff%00", content_type=FORM)
    assert answer.status == (401 if strict else 200)


@pytest.mark.parametrize("token", ["é", "\udcff", "", "-"])
def test_a_form_token_of_any_characters_is_refused(token: str) -> None:
    fake = DirectFake()
    cookie = fake.authorize(login_hint=None).cookie
    asked = urlencode(authorization(login_hint=None))
    answer = fake.post("/login", {"request": asked, "persona": "ada", "csrf": token}, cookie=cookie)
    assert (answer.status, answer.is_page) == (403, True)


def test_json_at_the_token_endpoint_is_invalid_request() -> None:
    body = json.dumps({"grant_type": "client_credentials"}).encode()
    answer = DirectFake().ask("POST", "/token", body, content_type="application/json")
    assert (answer.status, answer.error) == (400, "invalid_request")


@pytest.mark.parametrize("place", ["id_token_hint", "claims", "nonce", "login_hint", "scope", "code_challenge"])
def test_a_megabyte_in_a_parameter_does_no_harm(place: str) -> None:
    form = authorization(**{place: "A" * 1_000_000})
    assert DirectFake().post("/authorize", form).status in (200, 303, 400)


@pytest.mark.parametrize("place", ["nonce", "scope", "claims"])
def test_what_a_grant_would_keep_has_a_bound(place: str) -> None:
    long = "A" * 8193
    assert DirectFake().post("/authorize", authorization(**{place: long})).error == "invalid_request"
    form = {"grant_type": "client_credentials", "client_id": "web", "client_secret": SECRET}
    assert DirectFake().post("/token", {**form, "scope": long}).error == "invalid_scope"


def test_a_body_that_was_too_long_is_refused() -> None:
    for path in ("/token", "/authorize", "/login"):
        request = DirectFake().request("POST", f"/fakes/oauth2/oidc{path}", b"", content_type=FORM)
        request.oversized = True
        assert DirectFake().send(request).status in (400, 413)


@pytest.mark.parametrize(
    "target", ["/fakes/oauth2", "/fakes/oauth2/", "/fakes/oauth2//token", "/fakes/oauth2/a%2fb/token"]
)
def test_a_path_without_an_issuer_is_not_found(target: str) -> None:
    for strict in (True, False):
        request = Request("GET", target, "/fakes/oauth2", "http", "localhost", (), b"", "", 0.0, "ex_1")
        answer = DirectFake(strict=strict).send(request)
        assert (answer.status, answer.error) == (404, "not_found")


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "<script>alert(1)</script>"}, {"login_hint": "<img src=x>"}, {"scope": "openid <b>"}],
)
def test_nothing_of_a_request_becomes_markup(changes: dict[str, Any]) -> None:
    answer = DirectFake(strict=False).authorize(
        redirect_uri="http://localhost:3000/cb", **{"login_hint": None, **changes}
    )
    if answer.is_page:
        assert not any(value in answer.text for value in changes.values())


def test_an_exhausted_secret_guess_tells_nothing() -> None:
    known = DirectFake().token(client_secret="wrong").text
    unknown = DirectFake().token(client_id="nobody", client_secret="wrong", code="x").text
    assert known == unknown


@pytest.mark.parametrize(
    "text", ["request=" * 60_000 + "code=hidden", "request=code%3Dhidden%26x%3D1"], ids=range(2)
)
def test_parameters_within_parameters_are_masked_however_deep(text: str) -> None:
    request = DirectFake().request("POST", f"/fakes/oauth2/oidc/authorize?{text}", text.encode(), content_type=FORM)
    shown, answer = masked(request, Response(303, (("Location", f"/?{text}"),), b""))
    assert "hidden" not in shown.target + answer.headers[0][1]
    assert b"hidden" not in shown.body
