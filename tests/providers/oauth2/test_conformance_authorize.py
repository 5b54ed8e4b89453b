"""The authorization endpoint: RFC 6749 4.1, RFC 9207, RFC 9700, RFC 8252."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.providers.oauth2.conformance import rule
from tests.providers.oauth2.direct_fake import CALLBACK, QUERY_CALLBACK, DirectFake, authorization


@rule("client_known")
def test_an_unknown_client_gets_a_page_and_is_never_redirected() -> None:
    for client in ("nobody", None, ""):
        answer = DirectFake().authorize(client_id=client)
        assert (answer.status, answer.is_page) == (400, True)
    answer = DirectFake("client_known").authorize(client_id="nobody")
    assert answer.location.startswith(CALLBACK)


@rule("redirect_registered")
@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.test/callback",
        "https://app.test/callback/more",
        "https://app.test/callback?x=1",
        "https://app.test/Callback",
        "https://app.test:443/callback",
        "https://app.test@evil.test/callback",
        "https://app.test/callback#fragment",
        "https://app.test/callback/../evil",
        "javascript:alert(1)",
        "//app.test/callback",
        "https://app.test/callback\r\nSet-Cookie: a=b",
        None,
    ],
)
def test_a_redirect_uri_that_is_not_registered_gets_a_page(uri: str | None) -> None:
    answer = DirectFake().authorize(redirect_uri=uri)
    assert (answer.status, answer.is_page) == (400, True)
    if uri == "https://evil.test/callback":
        assert DirectFake("redirect_registered").authorize(redirect_uri=uri).location.startswith(uri)


@rule("redirect_exact")
def test_redirect_uris_are_compared_as_strings() -> None:
    longer = f"{CALLBACK}/more"
    assert DirectFake().authorize(redirect_uri=longer).status == 400
    assert DirectFake("redirect_exact").authorize(redirect_uri=longer).location.startswith(longer)
    for unsafe in (f"{longer}\r\nX-A: b", f"{longer} b", f"{longer}é"):
        assert DirectFake("redirect_exact").authorize(redirect_uri=unsafe).status == 400


@rule("loopback_port")
def test_a_loopback_address_may_have_any_port() -> None:
    uri = "http://127.0.0.1:51234/done"
    assert DirectFake().authorize(client_id="native", redirect_uri=uri).location.startswith(f"{uri}?")
    assert DirectFake("loopback_port").authorize(client_id="native", redirect_uri=uri).status == 400
    for other in ("http://127.0.0.1:51234/other", "http://127.0.0.1.evil.test/done", "https://127.0.0.1/done"):
        assert DirectFake().authorize(client_id="native", redirect_uri=other).status == 400


@rule("redirect_query")
def test_the_query_of_a_redirect_uri_is_kept() -> None:
    assert DirectFake().authorize(redirect_uri=QUERY_CALLBACK).location.startswith(f"{QUERY_CALLBACK}&code=")
    assert "tenant" not in DirectFake("redirect_query").authorize(redirect_uri=QUERY_CALLBACK).location


@rule("error_redirect")
def test_other_errors_go_back_to_the_client() -> None:
    answer = DirectFake().authorize(response_type=None)
    assert answer.location.startswith(f"{CALLBACK}?error=invalid_request&error_description=")
    assert answer.reply["state"] == "s 1+&="
    assert DirectFake("error_redirect").authorize(response_type=None).is_page


@rule("state_echo")
@pytest.mark.parametrize("state", ["", "a b+c%20&=/?#", "é漢", "\udcff\udc80", "x" * 8192, '"><script>'])
def test_state_comes_back_as_it_was_sent(state: str) -> None:
    assert DirectFake().authorize(state=state).reply["state"] == state
    assert DirectFake().authorize(state=state, response_type=None).reply["state"] == state
    assert "state" not in DirectFake("state_echo").authorize(state=state).reply


def test_no_state_gives_no_state() -> None:
    assert "state" not in DirectFake().authorize(state=None).reply


def test_an_oversized_state_is_refused_on_a_page() -> None:
    answer = DirectFake().authorize(state="x" * 8193)
    assert (answer.status, answer.is_page) == (400, True)


@rule("authorize_post")
def test_authorize_takes_post_too() -> None:
    answer = DirectFake().post("/authorize", authorization())
    assert (answer.status, "code" in answer.reply) == (303, True)
    assert DirectFake("authorize_post").post("/authorize", authorization()).status == 405
    assert DirectFake().post("/authorize", authorization(), content_type="application/json").status == 400


@rule("repeated_parameters")
def test_a_parameter_that_is_sent_twice_is_refused() -> None:
    twice = {"scope": ["openid", "email"]}
    assert DirectFake().authorize(**twice).error == "invalid_request"
    assert DirectFake().authorize(state=["a", "b"]).reply.keys() == {"error", "error_description", "iss"}
    for name, value in (("client_id", "web"), ("redirect_uri", CALLBACK)):
        answer = DirectFake().authorize(**{name: [value, value]})
        assert (answer.status, answer.is_page) == (400, True)
    assert DirectFake().authorize(resource=["https://a.test", "https://b.test"]).error is None
    assert DirectFake().token(code=["a", "b"]).error == "invalid_request"
    assert DirectFake("repeated_parameters").authorize(**twice).error is None


@rule("response_type")
def test_an_unknown_response_type_is_refused() -> None:
    assert DirectFake().authorize(response_type="magic").error == "unsupported_response_type"
    assert "code" in DirectFake("response_type").authorize(response_type="magic").reply


@rule("implicit_refused")
def test_tokens_do_not_come_from_authorize() -> None:
    for kind in ("token", "id_token", "id_token token"):
        assert DirectFake().authorize(response_type=kind).error == "unsupported_response_type"
        answer = DirectFake("implicit_refused").authorize(response_type=kind, nonce="n")
        assert "#" in answer.location
        assert set(kind.split()) <= {name.removeprefix("access_") for name in answer.reply} | {"id_token"}


@rule("scope_allowed")
def test_a_scope_that_the_client_may_not_have_is_refused() -> None:
    narrow = {"client_id": "narrow", "scope": "openid email"}
    assert DirectFake().authorize(**narrow).error == "invalid_scope"
    assert DirectFake().authorize(scope='a"b').error == "invalid_scope"
    assert DirectFake("scope_allowed").authorize(**narrow).error is None


@rule("client_grants")
def test_a_client_uses_its_own_grants_only() -> None:
    assert DirectFake().authorize(client_id="machine").error == "unauthorized_client"
    assert DirectFake("client_grants").authorize(client_id="machine").error is None
    form = {"grant_type": "client_credentials", "client_id": "once", "client_secret": "s"}
    assert DirectFake().post("/token", form).error == "unauthorized_client"


@rule("iss_parameter")
def test_authorize_answers_with_the_issuer() -> None:
    issuer = "http://localhost:4650/fakes/oauth2/oidc"
    assert DirectFake().authorize().reply["iss"] == issuer
    assert DirectFake().authorize(response_type=None).reply["iss"] == issuer
    key = "authorization_response_iss_parameter_supported"
    assert DirectFake().get("/.well-known/openid-configuration").json[key] is True
    broken = DirectFake("iss_parameter")
    assert "iss" not in broken.authorize().reply
    assert broken.get("/.well-known/openid-configuration").json[key] is False


@rule("see_other")
def test_after_a_login_form_comes_303() -> None:
    form = {"request": "&".join(f"{name}={value}" for name, value in authorization(state="1").items())}
    form["persona"] = "ada"
    assert DirectFake().post("/login", form).status == 303
    assert DirectFake("see_other").post("/login", form).status == 307


@rule("page_headers")
def test_pages_are_not_stored_or_framed_or_named_as_referrer() -> None:
    for answer in (DirectFake().authorize(login_hint=None), DirectFake().authorize(client_id="nobody")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Cache-Control" not in DirectFake("page_headers").authorize(login_hint=None).headers


@rule("response_mode")
@pytest.mark.parametrize(("mode", "joint"), [("query", "?code="), ("fragment", "#code="), ("form_post", None)])
def test_the_response_mode_is_followed(mode: str, joint: str | None) -> None:
    answer = DirectFake().authorize(response_mode=mode)
    if joint is None:
        assert answer.is_page
        assert f'action="{CALLBACK}"' in answer.text
        assert answer.reply.keys() >= {"code", "state", "iss"}
    else:
        assert answer.location.startswith(CALLBACK + joint)
    assert DirectFake().authorize(response_mode="smoke").error == "invalid_request"
    assert urlsplit(DirectFake("response_mode").authorize(response_mode=mode).location).query


def test_a_persona_that_denies_and_a_person_who_does() -> None:
    assert DirectFake().authorize(login_hint="lothar").error == "access_denied"
    answer = DirectFake().post(
        "/login", {"request": "&".join(f"{n}={v}" for n, v in authorization().items()), "action": "deny"}
    )
    assert answer.error == "access_denied"


@pytest.mark.parametrize("name", ["request", "request_uri", "registration"])
def test_what_is_not_supported_says_so(name: str) -> None:
    assert DirectFake().authorize(**{name: "x"}).error == f"{name}_not_supported"
