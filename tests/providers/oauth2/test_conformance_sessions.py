"""Who signs in: OIDC Core 3.1.2; signing out: RP-Initiated Logout."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.providers.oauth2.conformance import rule
from tests.providers.oauth2.direct_fake import Answer, DirectFake, authorization, b64, claims_of

BYE = "https://app.test/bye"


def signed_in(fake: DirectFake, **changes: str) -> dict[str, str]:
    """The browser's headers after a sign-in."""
    return {"cookie": fake.authorize(**changes).cookie}


@rule("prompt_none")
def test_prompt_none_never_shows_a_page() -> None:
    fake = DirectFake()
    assert fake.authorize(prompt="none", login_hint=None).error == "login_required"
    assert fake.authorize(prompt="none").error == "login_required"
    browser = signed_in(fake)
    assert "code" in fake.authorize(browser, prompt="none", login_hint=None).reply
    assert fake.authorize(browser, prompt="none", login_hint="bob").error == "login_required"
    more = fake.authorize(browser, prompt="none", login_hint=None, scope="openid email")
    assert more.error == "consent_required"
    other = fake.authorize(browser, prompt="none", client_id="other", login_hint=None)
    assert other.error == "consent_required"
    assert fake.authorize(prompt="none login").error == "invalid_request"
    assert DirectFake("prompt_none").authorize(prompt="none", login_hint=None).shows_login


def test_prompt_none_may_want_an_interaction() -> None:
    fake = DirectFake()
    browser = signed_in(fake, login_hint="denise")
    assert fake.authorize(browser, prompt="none", login_hint=None).error == "interaction_required"


def test_a_persona_of_the_issuer_is_always_signed_in() -> None:
    fake = DirectFake(auto_login="bob")
    assert claims_of(fake.tokens(login_hint=None)["id_token"])["sub"] == "1002"
    assert "code" in fake.authorize(prompt="none", login_hint=None).reply
    assert DirectFake(auto_login="nobody").authorize(login_hint=None).error == "server_error"


@rule("prompt_login")
@pytest.mark.parametrize("prompt", ["login", "consent", "select_account", "login consent"])
def test_prompt_login_asks_again(prompt: str) -> None:
    fake, broken = DirectFake(), DirectFake("prompt_login")
    assert "code" in fake.authorize(signed_in(fake), login_hint=None).reply
    assert fake.authorize(signed_in(fake), login_hint=None, prompt=prompt).shows_login
    assert "code" in broken.authorize(signed_in(broken), login_hint=None, prompt=prompt).reply
    assert fake.authorize(prompt="magic").error == "invalid_request"


@rule("max_age")
def test_max_age_asks_again_when_it_is_over() -> None:
    fake, broken = DirectFake(), DirectFake("max_age")
    for one in (fake, broken):
        browser = signed_in(one)
        one.clock.time += 100
        assert "code" in one.authorize(browser, login_hint=None, max_age="101").reply
        answer = one.authorize(browser, login_hint=None, max_age="100")
        assert answer.shows_login is (one is fake)
        silent = one.authorize(browser, login_hint=None, max_age="100", prompt="none")
        assert silent.error == ("login_required" if one is fake else None)
    for wrong in ("-1", "1.5", "x", "9" * 13):
        assert fake.authorize(max_age=wrong).error == "invalid_request"


@rule("login_hint")
@pytest.mark.parametrize("hint", ["bob", "1002"])
def test_login_hint_chooses_who_signs_in(hint: str) -> None:
    assert DirectFake().id_token(login_hint=hint)["sub"] == "1002"
    assert DirectFake().id_token(login_hint="ada@example.com")["sub"] == "1001"
    assert DirectFake().authorize(login_hint="nobody").shows_login
    assert DirectFake("login_hint").authorize(login_hint=hint).shows_login


@rule("ui_locales")
def test_ui_locales_chooses_the_language_of_the_page() -> None:
    asked = {"login_hint": None, "ui_locales": "fr zh-CN en"}
    fake = DirectFake()
    page = fake.authorize({"accept_language": "en"}, **asked)
    assert (page.headers["Content-Language"], '<html lang="zh-CN">' in page.text) == ("zh-CN", True)
    assert set(fake.get("/.well-known/openid-configuration").json["ui_locales_supported"]) == {"en", "zh-CN"}
    broken = DirectFake("ui_locales").authorize({"accept_language": "en"}, **asked)
    assert broken.headers["Content-Language"] == "en"


@rule("claims_parameter")
def test_the_claims_parameter_brings_single_claims() -> None:
    wanted = json.dumps({"id_token": {"email": None, "auth_time": {"essential": True}}, "userinfo": {"name": None}})
    fake = DirectFake()
    tokens = fake.tokens(claims=wanted)
    claims = claims_of(tokens["id_token"])
    assert (claims["email"], "auth_time" in claims, "name" in claims) == ("ada@example.com", True, False)
    assert fake.userinfo(tokens["access_token"]).json.keys() == {"sub", "name"}
    assert "email" not in DirectFake("claims_parameter").id_token(claims=wanted)
    for wrong in (
        "{",
        "[]",
        '{"id_token": 1}',
        '{"id_token": {"a": 1}}',
        "[" * 10_000,
        '{"id_token":{"sub":{"value":[1]}}',
    ):
        assert DirectFake().authorize(claims=wrong).error == "invalid_request"
    other = json.dumps({"id_token": {"sub": {"value": "1002"}}})
    assert DirectFake().authorize(claims=other).shows_login


@pytest.mark.parametrize("by", ["claims", "id_token_hint"])
def test_nobody_else_can_be_chosen_on_the_page(by: str) -> None:
    fake = DirectFake()
    claims = json.dumps({"id_token": {"sub": {"value": "1001"}}})
    asked = authorization(login_hint=None, **{by: claims if by == "claims" else fake.tokens()["id_token"]})

    def choose(**form: str) -> Answer:
        return fake.post("/login", {"request": urlencode(asked), **form})

    wrong = choose(persona="bob")
    assert (wrong.shows_login, "asks for somebody else" in wrong.text) == (True, True)
    assert choose(persona="ada", claims='{"sub": "1002"}').shows_login
    assert "code" in choose(persona="ada").reply
    assert "code" in choose(persona="bob", claims='{"sub": "1001"}').reply
    assert "asks for somebody else" in fake.get("/authorize", {**asked, "login_hint": "bob"}).text


def test_an_id_token_hint_names_who_must_be_signed_in() -> None:
    fake = DirectFake()
    hint = fake.tokens()["id_token"]
    browser = signed_in(fake, login_hint="bob")
    asked = {"login_hint": None, "prompt": "none", "id_token_hint": hint}
    assert fake.authorize(browser, **asked).error == "login_required"
    assert "code" in fake.authorize(signed_in(fake), **asked).reply
    assert fake.authorize(id_token_hint="x" * 20_000).error == "invalid_request"


def test_a_session_ends_on_the_clock() -> None:
    fake = DirectFake(session_seconds=60.0)
    browser = signed_in(fake)
    fake.clock.time += 60
    assert fake.authorize(browser, login_hint=None).shows_login


def test_an_issuer_without_sso_asks_every_time() -> None:
    fake = DirectFake(sso=False)
    assert fake.authorize(signed_in(fake), login_hint=None).shows_login


def chosen(fake: DirectFake, **form: str) -> Answer:
    return fake.post("/login", {"request": urlencode(authorization(login_hint=None)), **form})


def test_whoever_is_chosen_on_the_page_signs_in() -> None:
    fake = DirectFake()
    code = chosen(fake, persona="bob").reply["code"]
    assert claims_of(fake.token(code=code).json["id_token"])["sub"] == "1002"
    assert chosen(fake, persona="nobody").shows_login


def test_claims_edited_on_the_page_are_for_this_once() -> None:
    fake = DirectFake()
    code = chosen(fake, persona="bob", claims='{"sub": "77", "name": "Eve"}').reply["code"]
    assert claims_of(fake.token(code=code).json["id_token"])["sub"] == "77"
    assert fake.id_token(login_hint="bob")["sub"] == "1002"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_claims_that_no_token_can_have_are_refused(number: str) -> None:
    fake = DirectFake()
    assert chosen(fake, persona="bob", claims=f'{{"sub": "77", "age": [{number}]}}').status == 400
    edited = {"persona": "bob", "edited": "yes", "more.name": "age", "more.value": number}
    code = chosen(fake, **edited).reply["code"]
    assert fake.userinfo(fake.token(code=code).json["access_token"]).json == {"sub": "1002"}
    assert number in str([record.value for record in fake.records._values.values()])  # as text


def test_the_form_is_checked_again_when_it_comes_back() -> None:
    request = urlencode(authorization(redirect_uri="https://evil.test/"))
    answer = DirectFake().post("/login", {"request": request, "persona": "ada"})
    assert (answer.status, answer.is_page) == (400, True)


@rule("logout_redirect")
@pytest.mark.parametrize("uri", ["https://evil.test/", BYE + "/", "//app.test/bye", f"{BYE}\r\nX: y"])
def test_after_sign_out_only_registered_uris_are_gone_to(uri: str) -> None:
    answer = DirectFake().get("/logout", {"client_id": "web", "post_logout_redirect_uri": uri})
    assert (answer.status, answer.is_page) == (400, True)
    assert DirectFake().get("/logout", {"client_id": "web", "post_logout_redirect_uri": BYE}).location == BYE
    assert DirectFake().get("/logout", {"post_logout_redirect_uri": BYE}).status == 400
    if uri.isprintable():
        assert DirectFake("logout_redirect").get("/logout", {"post_logout_redirect_uri": uri}).location == uri


@rule("logout_state")
def test_sign_out_echoes_state() -> None:
    asked = {"client_id": "web", "post_logout_redirect_uri": BYE, "state": "a b"}
    assert DirectFake().get("/logout", asked).location == f"{BYE}?state=a+b"
    assert DirectFake().post("/logout", asked).status == 303
    for kind in ("application/json", ""):
        answer = DirectFake().post("/logout", asked, content_type=kind)
        assert (answer.status, answer.is_page) == (400, True)
    assert DirectFake("logout_state").get("/logout", asked).location == BYE


@rule("logout_hint")
def test_an_id_token_hint_is_checked() -> None:
    fake = DirectFake()
    hint = fake.tokens()["id_token"]
    assert fake.get("/logout", {"id_token_hint": hint, "post_logout_redirect_uri": BYE}).location == BYE
    assert fake.get("/logout", {"id_token_hint": hint, "client_id": "other"}).status == 400
    shared = DirectFake(alg="HS256")
    hint = shared.tokens()["id_token"]
    assert shared.get("/logout", {"id_token_hint": hint, "post_logout_redirect_uri": BYE}).location == BYE
    assert shared.get("/logout", {"id_token_hint": f"{hint[:-3]}AAA"}).status == 400
    assert shared.get("/logout", {"id_token_hint": hint, "client_id": "other"}).status == 400
    forged = jwt.encode(
        {"alg": "HS256"},
        {"iss": "http://localhost:4650/fakes/oauth2/oidc", "aud": "web", "sub": "1001"},
        OctKey.import_key({"kty": "oct", "k": b64(json.dumps(fake.get("/jwks").json["keys"][0]).encode())}),
    )
    for wrong in ("x", "a.b.c", forged, f"{b64(b'[]')}.e30.", hint[:-4] + "AAAA", "e30.e30." + "A" * 1_000_000):
        assert fake.get("/logout", {"id_token_hint": wrong}).status == 400
    assert DirectFake("logout_hint").get("/logout", {"id_token_hint": "x"}).status == 200


def test_sign_out_ends_the_session() -> None:
    fake = DirectFake()
    browser = signed_in(fake)
    assert fake.get("/logout", **browser).status == 200
    assert fake.authorize(browser, login_hint=None).shows_login
