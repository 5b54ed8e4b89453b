"""The browser's way through a sign-in whose callback is the gateway's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from gateway.sign_in import TICKET_SECONDS
from tests.oauth2.driving import ADA, TOKENS
from tests.support.inn import APP, ID, STATE, Inn, open_inn


@pytest.fixture
async def inn() -> AsyncIterator[Inn]:
    async with open_inn() as inn:
        yield inn


async def test_a_browser_is_taken_through_the_whole_sign_in(inn: Inn) -> None:
    state, cookie = await inn.start()
    found = await inn.land(state, cookie, session_state="whatever")
    assert found.status == 200
    # Who it was, and no tokens: a page in the browser could read them.
    assert found.json() == {**ADA, "rawData": ADA}
    (asked,) = inn.provider.to("/token")
    # As the browser's own Host has it.
    assert asked.form["redirect_uri"] == f"http://127.0.0.1{ID}/callback"
    assert (await inn.land(state, cookie)).code == "session.connector_validation_session_not_found"


async def test_the_cookie_is_for_the_callback_only(inn: Inn) -> None:
    answer = await inn.house.ask("GET", f"{ID}/start")
    cookie = answer.header("Set-Cookie") or ""
    assert {f"Path={ID}/callback", "HttpOnly", "SameSite=Lax", "Max-Age=600"} <= set(cookie.split("; "))
    assert answer.header("Cache-Control") == "no-store"


@pytest.mark.parametrize("cookie", [None, "another=1", "same name"])
async def test_another_browser_cannot_finish_what_this_one_began(inn: Inn, cookie: str | None) -> None:
    state, own = await inn.start()
    if cookie == "same name":
        cookie = f"{own.partition('=')[0]}=of-another-browser"
    answer = await inn.land(state, cookie)
    assert answer.code == "session.connector_validation_session_not_found"
    assert inn.provider.asked == []


async def test_a_sign_in_of_the_browser_is_none_of_the_app(inn: Inn) -> None:
    state, cookie = await inn.start()
    assert (await inn.finish(state)).status == 400
    await inn.begin()
    assert (await inn.land(STATE, cookie)).status == 400
    assert inn.provider.asked == []


async def test_the_app_gets_a_ticket_and_for_it_who_signed_in_with_tokens(inn: Inn) -> None:
    state, cookie = await inn.start(returnTo=APP)
    back = await inn.land(state, cookie)
    location = back.header("Location") or ""
    assert (back.status, location.partition("&")[0]) == (303, APP)
    assert back.header("Referrer-Policy") == "no-referrer"
    ticket = dict(parse_qsl(urlsplit(location).query))["ticket"]
    found = await inn.post("user-info", {"ticket": ticket})
    assert found.json() == {**ADA, "rawData": ADA, "tokenResponse": TOKENS}
    assert (await inn.post("user-info", {"ticket": ticket})).status == 400


async def test_a_ticket_is_too_old_after_a_minute(inn: Inn) -> None:
    state, cookie = await inn.start(returnTo=APP)
    back = await inn.land(state, cookie)
    ticket = dict(parse_qsl(urlsplit(back.header("Location") or "").query))["ticket"]
    await inn.house.gateway.services.clock.advance(TICKET_SECONDS)
    assert (
        await inn.post("user-info", {"ticket": ticket})
    ).code == "session.connector_validation_session_not_found"


async def test_the_app_is_told_what_went_wrong(inn: Inn) -> None:
    state, cookie = await inn.start(returnTo=APP)
    back = await inn.land(state, cookie, error="access_denied", error_description="words")
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
async def test_an_open_redirect_is_refused(inn: Inn, target: str) -> None:
    answer = await inn.house.ask("GET", f"{ID}/start?{urlencode({'returnTo': target})}")
    assert (answer.status, answer.json()["data"]["field"]) == (400, "returnTo")


async def test_duplicate_parameters_are_refused(inn: Inn) -> None:
    state, cookie = await inn.start()
    target = f"{ID}/callback?state={state}&code=a&code=b"
    answer = await inn.house.ask("GET", target, headers={"Cookie": cookie})
    assert (answer.status, answer.json()["data"]["field"]) == (400, "code")
    assert inn.provider.asked == []


async def test_with_an_api_token_browsers_get_through_and_apps_must_show_it() -> None:
    async with open_inn(server={"api_token": "t"}) as inn:
        state, cookie = await inn.start(returnTo=APP)
        assert (await inn.land(state, cookie)).status == 303
        assert (await inn.begin()).status == 401
        assert (await inn.finish()).status == 401


async def test_a_foreign_host_cannot_start_a_sign_in(inn: Inn) -> None:
    answer = await inn.house.ask("GET", f"{ID}/start", headers={"Host": "evil.example"})
    assert answer.status == 403


async def test_the_public_url_is_where_the_provider_sends_the_browser() -> None:
    async with open_inn(server={"public_url": "https://gateway.example"}) as inn:
        answer = await inn.house.ask("GET", f"{ID}/start")
    asked = dict(parse_qsl(urlsplit(answer.header("Location") or "").query))
    assert asked["redirect_uri"] == f"https://gateway.example{ID}/callback"
    assert "Secure" in (answer.header("Set-Cookie") or "")
