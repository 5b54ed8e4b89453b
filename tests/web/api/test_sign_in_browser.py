"""The browser's way through a sign-in whose callback is the gateway's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from gateway.sign_in.sign_in import TICKET_SECONDS
from tests.providers.oauth2.driver_setup import ADA, TOKENS
from tests.support.social_gateway import APP, ID, STATE, SocialGateway, running_social


@pytest.fixture
async def social() -> AsyncIterator[SocialGateway]:
    async with running_social() as social:
        yield social


async def test_a_browser_is_taken_through_the_whole_sign_in(social: SocialGateway) -> None:
    state, cookie = await social.start()
    found = await social.land(state, cookie, session_state="whatever")
    assert found.status == 200
    # Who it was, and no tokens: a page in the browser could read them.
    assert found.json() == {**ADA, "rawData": ADA}
    (asked,) = social.provider.to("/token")
    # As the browser's own Host has it.
    assert asked.form["redirect_uri"] == f"http://127.0.0.1{ID}/callback"
    assert (await social.land(state, cookie)).code == "session.connector_validation_session_not_found"


async def test_the_cookie_is_for_the_callback_only(social: SocialGateway) -> None:
    answer = await social.server.ask("GET", f"{ID}/start")
    cookie = answer.header("Set-Cookie") or ""
    assert {f"Path={ID}/callback", "HttpOnly", "SameSite=Lax", "Max-Age=600"} <= set(cookie.split("; "))
    assert answer.header("Cache-Control") == "no-store"


@pytest.mark.parametrize("cookie", [None, "another=1", "same name"])
async def test_another_browser_cannot_finish_what_this_one_began(social: SocialGateway, cookie: str | None) -> None:
    state, own = await social.start()
    if cookie == "same name":
        cookie = f"{own.partition('=')[0]}=of-another-browser"
    answer = await social.land(state, cookie)
    assert answer.code == "session.connector_validation_session_not_found"
    assert social.provider.asked == []


async def test_a_sign_in_of_the_browser_is_none_of_the_app(social: SocialGateway) -> None:
    state, cookie = await social.start()
    assert (await social.finish(state)).status == 400
    await social.begin()
    assert (await social.land(STATE, cookie)).status == 400
    assert social.provider.asked == []


async def test_the_app_gets_a_ticket_and_for_it_who_signed_in_with_tokens(social: SocialGateway) -> None:
    state, cookie = await social.start(returnTo=APP)
    back = await social.land(state, cookie)
    location = back.header("Location") or ""
    assert (back.status, location.partition("&")[0]) == (303, APP)
    assert back.header("Referrer-Policy") == "no-referrer"
    ticket = dict(parse_qsl(urlsplit(location).query))["ticket"]
    found = await social.post("user-info", {"ticket": ticket})
    assert found.json() == {**ADA, "rawData": ADA, "tokenResponse": TOKENS}
    assert (await social.post("user-info", {"ticket": ticket})).status == 400


async def test_a_ticket_is_too_old_after_a_minute(social: SocialGateway) -> None:
    state, cookie = await social.start(returnTo=APP)
    back = await social.land(state, cookie)
    ticket = dict(parse_qsl(urlsplit(back.header("Location") or "").query))["ticket"]
    await social.server.gateway.services.clock.advance(TICKET_SECONDS)
    assert (
        await social.post("user-info", {"ticket": ticket})
    ).code == "session.connector_validation_session_not_found"


async def test_the_app_is_told_what_went_wrong(social: SocialGateway) -> None:
    state, cookie = await social.start(returnTo=APP)
    back = await social.land(state, cookie, error="access_denied", error_description="words")
    assert back.header("Location") == f"{APP}&error=connector.authorization_failed"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "https://app.example/signed-in",
        f"{APP}&more=1",
        "//evil.example",
        "/\\evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "http://localhost:3000/",  # the connector is live
        "http://localhost@evil.example/",
        "data:text/html,x",
    ],
)
async def test_an_open_redirect_is_refused(social: SocialGateway, target: str) -> None:
    answer = await social.server.ask("GET", f"{ID}/start?{urlencode({'returnTo': target})}")
    assert (answer.status, answer.json()["data"]["field"]) == (400, "returnTo")


async def test_duplicate_parameters_are_refused(social: SocialGateway) -> None:
    state, cookie = await social.start()
    target = f"{ID}/callback?state={state}&code=a&code=b"
    answer = await social.server.ask("GET", target, headers={"Cookie": cookie})
    assert (answer.status, answer.json()["data"]["field"]) == (400, "code")
    assert social.provider.asked == []


@pytest.mark.parametrize("origin", ["https://provider.example", "null", None])
async def test_a_form_of_the_providers_page_becomes_a_visit_with_our_cookie(
    social: SocialGateway, origin: str | None
) -> None:
    state, cookie = await social.start()
    form = {"state": state, "code": "c o+d&e", "iss": social.provider.url, "user": '{"name": "Ada"}'}
    again = await social.post_back(origin, **form)
    location = again.header("Location") or ""
    assert (again.status, again.body, again.header("Set-Cookie")) == (303, b"", None)
    assert (again.header("Cache-Control"), again.header("Referrer-Policy")) == ("no-store", "no-referrer")
    assert social.provider.asked == []
    place, _, query = location.partition("?")
    assert (place, dict(parse_qsl(query))) == (f"http://127.0.0.1{ID}/callback", form)
    found = await social.server.ask("GET", f"{ID}/callback?{query}", headers={"Cookie": cookie})
    assert (found.status, found.json()["id"]) == (200, ADA["id"])
    assert social.provider.to("/token")[0].form["code"] == "c o+d&e"
    spent = await social.server.ask("GET", f"{ID}/callback?{query}", headers={"Cookie": cookie})
    assert spent.code == "session.connector_validation_session_not_found"


async def test_a_form_from_another_browser_signs_nobody_in(social: SocialGateway) -> None:
    state, _ = await social.start()
    again = await social.post_back("https://evil.example", state=state, code="c")
    query = (again.header("Location") or "").partition("?")[2]
    stolen = await social.server.ask("GET", f"{ID}/callback?{query}")
    assert stolen.code == "session.connector_validation_session_not_found"
    assert social.provider.asked == []


@pytest.mark.parametrize(
    ("query", "kind", "body", "status", "field"),
    [
        ("", "application/x-www-form-urlencoded", b"code=c", 400, "state"),
        ("", "application/x-www-form-urlencoded", b"state=s&code=a&code=b", 400, "code"),
        ("", "application/x-www-form-urlencoded", b"state=s&code=" + b"x" * 9000, 400, "code"),
        ("", "application/x-www-form-urlencoded", b"state=s&code=%FF", 400, None),
        ("", "application/x-www-form-urlencoded", b"state=s&code=\xff", 400, None),
        ("", "application/x-www-form-urlencoded", b"state=s&x=" + b"y" * 70_000, 413, None),
        ("", "application/json", b'{"state": "s"}', 415, "Content-Type"),
        ("", "text/plain", b"state=s", 415, "Content-Type"),
        ("?state=s", "application/x-www-form-urlencoded", b"state=s&code=c", 400, "state"),
    ],
)
async def test_a_form_that_cannot_be_is_named(
    social: SocialGateway, query: str, kind: str, body: bytes, status: int, field: str | None
) -> None:
    answer = await social.server.ask("POST", f"{ID}/callback{query}", body, {"Content-Type": kind})
    assert (answer.status, (answer.json().get("data") or {}).get("field")) == (status, field)


async def test_only_the_callback_takes_what_another_origin_posts(social: SocialGateway) -> None:
    evil = {"Origin": "https://evil.example"}
    for path in ("authorization-uri", "user-info", "refresh", "send"):
        assert (await social.server.ask("POST", f"{ID}/{path}", {}, evil)).status == 403
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    foreign = await social.server.ask("POST", f"{ID}/callback", b"state=s", {**form, "Host": "evil.example"})
    assert foreign.status == 403
    unknown = await social.server.ask("POST", "/api/connectors/nobody/callback", b"state=s", {**form, **evil})
    assert unknown.status == 404


async def test_with_an_api_token_browsers_get_through_and_apps_must_show_it() -> None:
    async with running_social(server={"api_token": "t"}) as social:
        state, cookie = await social.start(returnTo=APP)
        assert (await social.land(state, cookie)).status == 303
        assert (await social.begin()).status == 401
        assert (await social.finish()).status == 401


async def test_a_foreign_host_cannot_start_a_sign_in(social: SocialGateway) -> None:
    answer = await social.server.ask("GET", f"{ID}/start", headers={"Host": "evil.example"})
    assert answer.status == 403


async def test_the_public_url_is_where_the_provider_sends_the_browser() -> None:
    async with running_social(server={"public_url": "https://gateway.example"}) as social:
        answer = await social.server.ask("GET", f"{ID}/start")
    asked = dict(parse_qsl(urlsplit(answer.header("Location") or "").query))
    assert asked["redirect_uri"] == f"https://gateway.example{ID}/callback"
    assert "Secure" in (answer.header("Set-Cookie") or "")
