"""The authorization endpoint: RFC 6749 4.1, RFC 9207, RFC 9700, RFC 8252."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.oauth2.bare import CALLBACK, QUERY_CALLBACK, Bare, authorization
from tests.oauth2.conformance import rule


@rule("client_known")
def test_an_unknown_client_gets_a_page_and_is_never_redirected() -> None:
    for client in ("nobody", None, ""):
        answer = Bare().authorize(client_id=client)
        assert (answer.status, answer.is_page) == (400, True)
    answer = Bare("client_known").authorize(client_id="nobody")
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
    answer = Bare().authorize(redirect_uri=uri)
    assert (answer.status, answer.is_page) == (400, True)
    if uri == "https://evil.test/callback":
        assert Bare("redirect_registered").authorize(redirect_uri=uri).location.startswith(uri)


@rule("redirect_exact")
def test_redirect_uris_are_compared_as_strings() -> None:
    longer = f"{CALLBACK}/more"
    assert Bare().authorize(redirect_uri=longer).status == 400
    assert Bare("redirect_exact").authorize(redirect_uri=longer).location.startswith(longer)
    for unsafe in (f"{longer}\r\nX-A: b", f"{longer} b", f"{longer}é"):
        assert Bare("redirect_exact").authorize(redirect_uri=unsafe).status == 400


@rule("loopback_port")
def test_a_loopback_address_may_have_any_port() -> None:
    uri = "http://127.0.0.1:51234/done"
    assert Bare().authorize(client_id="native", redirect_uri=uri).location.startswith(f"{uri}?")
    assert Bare("loopback_port").authorize(client_id="native", redirect_uri=uri).status == 400
    for other in ("http://127.0.0.1:51234/other", "http://127.0.0.1.evil.test/done", "https://127.0.0.1/done"):
        assert Bare().authorize(client_id="native", redirect_uri=other).status == 400


@rule("redirect_query")
def test_the_query_of_a_redirect_uri_is_kept() -> None:
    assert Bare().authorize(redirect_uri=QUERY_CALLBACK).location.startswith(f"{QUERY_CALLBACK}&code=")
    assert "tenant" not in Bare("redirect_query").authorize(redirect_uri=QUERY_CALLBACK).location


@rule("error_redirect")
def test_other_errors_go_back_to_the_client() -> None:
    answer = Bare().authorize(response_type=None)
    assert answer.location.startswith(f"{CALLBACK}?error=invalid_request&error_description=")
    assert answer.reply["state"] == "s 1+&="
    assert Bare("error_redirect").authorize(response_type=None).is_page


@rule("state_echo")
@pytest.mark.parametrize("state", ["", "a b+c%20&=/?#", "é漢", "\udcff\udc80", "x" * 8192, '"><script>'])
def test_state_comes_back_as_it_was_sent(state: str) -> None:
    assert Bare().authorize(state=state).reply["state"] == state
    assert Bare().authorize(state=state, response_type=None).reply["state"] == state
    assert "state" not in Bare("state_echo").authorize(state=state).reply


def test_no_state_gives_no_state() -> None:
    assert "state" not in Bare().authorize(state=None).reply


def test_an_oversized_state_is_refused_on_a_page() -> None:
    answer = Bare().authorize(state="x" * 8193)
    assert (answer.status, answer.is_page) == (400, True)


@rule("authorize_post")
def test_authorize_takes_post_too() -> None:
    answer = Bare().post("/authorize", authorization())
    assert (answer.status, "code" in answer.reply) == (303, True)
    assert Bare("authorize_post").post("/authorize", authorization()).status == 405
    assert Bare().post("/authorize", authorization(), content_type="application/json").status == 400


@rule("repeated_parameters")
def test_a_parameter_that_is_sent_twice_is_refused() -> None:
    twice = {"scope": ["openid", "email"]}
    assert Bare().authorize(**twice).error == "invalid_request"
    assert Bare().authorize(state=["a", "b"]).reply.keys() == {"error", "error_description", "iss"}
    for name, value in (("client_id", "web"), ("redirect_uri", CALLBACK)):
        answer = Bare().authorize(**{name: [value, value]})
        assert (answer.status, answer.is_page) == (400, True)
    assert Bare().authorize(resource=["https://a.test", "https://b.test"]).error is None
    assert Bare().token(code=["a", "b"]).error == "invalid_request"
    assert Bare("repeated_parameters").authorize(**twice).error is None


@rule("response_type")
def test_an_unknown_response_type_is_refused() -> None:
    assert Bare().authorize(response_type="magic").error == "unsupported_response_type"
    assert "code" in Bare("response_type").authorize(response_type="magic").reply


@rule("implicit_refused")
def test_tokens_do_not_come_from_authorize() -> None:
    for kind in ("token", "id_token", "id_token token"):
        assert Bare().authorize(response_type=kind).error == "unsupported_response_type"
        answer = Bare("implicit_refused").authorize(response_type=kind, nonce="n")
        assert "#" in answer.location
        assert set(kind.split()) <= {name.removeprefix("access_") for name in answer.reply} | {"id_token"}


@rule("scope_allowed")
def test_a_scope_that_the_client_may_not_have_is_refused() -> None:
    narrow = {"client_id": "narrow", "scope": "openid email"}
    assert Bare().authorize(**narrow).error == "invalid_scope"
    assert Bare().authorize(scope='a"b').error == "invalid_scope"
    assert Bare("scope_allowed").authorize(**narrow).error is None


@rule("client_grants")
def test_a_client_uses_its_own_grants_only() -> None:
    assert Bare().authorize(client_id="machine").error == "unauthorized_client"
    assert Bare("client_grants").authorize(client_id="machine").error is None
    form = {"grant_type": "client_credentials", "client_id": "once", "client_secret": "s"}
    assert Bare().post("/token", form).error == "unauthorized_client"


@rule("iss_parameter")
def test_authorize_answers_with_the_issuer() -> None:
    issuer = "http://localhost:4650/fakes/oauth2/oidc"
    assert Bare().authorize().reply["iss"] == issuer
    assert Bare().authorize(response_type=None).reply["iss"] == issuer
    key = "authorization_response_iss_parameter_supported"
    assert Bare().get("/.well-known/openid-configuration").json[key] is True
    broken = Bare("iss_parameter")
    assert "iss" not in broken.authorize().reply
    assert broken.get("/.well-known/openid-configuration").json[key] is False


@rule("see_other")
def test_after_a_login_form_comes_303() -> None:
    form = {"request": "&".join(f"{name}={value}" for name, value in authorization(state="1").items())}
    form["persona"] = "ada"
    assert Bare().post("/login", form).status == 303
    assert Bare("see_other").post("/login", form).status == 307


@rule("page_headers")
def test_pages_are_not_stored_or_framed_or_named_as_referrer() -> None:
    for answer in (Bare().authorize(login_hint=None), Bare().authorize(client_id="nobody")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Cache-Control" not in Bare("page_headers").authorize(login_hint=None).headers


@rule("response_mode")
@pytest.mark.parametrize(("mode", "joint"), [("query", "?code="), ("fragment", "#code="), ("form_post", None)])
def test_the_response_mode_is_followed(mode: str, joint: str | None) -> None:
    answer = Bare().authorize(response_mode=mode)
    if joint is None:
        assert answer.is_page
        assert f'action="{CALLBACK}"' in answer.text
        assert answer.reply.keys() >= {"code", "state", "iss"}
    else:
        assert answer.location.startswith(CALLBACK + joint)
    assert Bare().authorize(response_mode="smoke").error == "invalid_request"
    assert urlsplit(Bare("response_mode").authorize(response_mode=mode).location).query


def test_a_persona_that_denies_and_a_person_who_does() -> None:
    assert Bare().authorize(login_hint="lothar").error == "access_denied"
    answer = Bare().post(
        "/login", {"request": "&".join(f"{n}={v}" for n, v in authorization().items()), "action": "deny"}
    )
    assert answer.error == "access_denied"


@pytest.mark.parametrize("name", ["request", "request_uri", "registration"])
def test_what_is_not_supported_says_so(name: str) -> None:
    assert Bare().authorize(**{name: "x"}).error == f"{name}_not_supported"
