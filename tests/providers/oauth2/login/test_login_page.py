"""The login page, without a browser: its steps, its headers, what strangers put on it, and forgery."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from gateway.providers.oauth2.fake.pages import rendering
from tests.providers.oauth2.login.flows import BACK, FORM, Flow, part, told
from tests.support.raw_http import Answer

EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}"


def fields(page: Answer) -> list[tuple[str, str]]:
    """The hidden ones of the form."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.body.decode())
    return [(unescape(name), unescape(value)) for name, value in found]


def cookie(page: Answer) -> dict[str, str]:
    return {"Cookie": str(page.header("set-cookie")).partition(";")[0]}


async def press(flow: Flow, page: Answer, *more: tuple[str, str], headers: dict[str, str] | None = None) -> Answer:
    body = urlencode([*fields(page), *more]).encode()
    return await flow.server.ask("POST", f"{flow.base}/login", body, {**FORM, **cookie(page), **(headers or {})})


async def test_a_persona_is_chosen_and_the_answer_is_see_other(flow: Flow) -> None:
    page = await flow.authorize()
    assert page.status == 200
    answer = await press(flow, page, ("persona", "liwei"))
    assert answer.status == 303
    assert told(answer)["state"] == "s1"
    code = told(answer)["code"]
    tokens = await flow.token(grant_type="authorization_code", code=code, redirect_uri=BACK)
    assert part(tokens.json()["id_token"], 1)["name"] == "李薇"


async def test_denying_is_told_to_the_client(flow: Flow) -> None:
    answer = await press(flow, await flow.authorize(), ("deny", "yes"))
    assert (told(answer)["error"], told(answer)["state"]) == ("access_denied", "s1")


async def test_claims_are_edited_for_this_once(flow: Flow) -> None:
    page = await press(flow, await flow.authorize(), ("edit", "ada"))
    text = unescape(page.body.decode())
    assert 'value="ada.wren@example.com"' in text
    changed = [("claim.email", "new@example.com"), ("claim.email_verified", "false"), ("claim.name", "")]
    answer = await press(flow, page, *changed, ("more.name", "email_count"), ("more.value", "3"), ("edited", "yes"))
    tokens = (
        await flow.token(grant_type="authorization_code", code=told(answer)["code"], redirect_uri=BACK)
    ).json()
    claims = part(tokens["id_token"], 1)
    assert (claims["sub"], claims["email"], claims["email_verified"]) == ("1001", "new@example.com", False)
    assert "name" not in claims
    assert part((await flow.exchange("ada")).json()["id_token"], 1)["email"] == "ada.wren@example.com"


async def test_what_is_no_json_comes_back_with_a_word_on_it(flow: Flow) -> None:
    page = await press(flow, await flow.authorize(), ("edit", "ada"))
    again = await press(flow, page, ("claim.address", "{broken"), ("more.value", "x"), ("edited", "yes"))
    text = again.body.decode()
    assert again.status == 200
    assert text.count('aria-invalid="true" aria-describedby') == 3
    assert "{broken" in text


async def test_consent_is_asked_for_where_the_client_asks_for_it(flow: Flow) -> None:
    page = await press(flow, await flow.authorize(prompt="consent"), ("persona", "ada"))
    assert page.status == 200
    assert page.body.count(b'type="checkbox"') == 3
    answer = await press(flow, page, ("scope", "openid"), ("allow", "yes"))
    tokens = await flow.token(grant_type="authorization_code", code=told(answer)["code"], redirect_uri=BACK)
    assert tokens.json()["scope"] == "openid"


async def test_one_can_go_back_and_nobody_cannot_sign_in(flow: Flow) -> None:
    page = await press(flow, await flow.authorize(prompt="consent"), ("persona", "ada"))
    assert b"Who are you today?" in (await press(flow, page, ("back", "yes"))).body
    page = await flow.authorize()
    assert b"nobody of that name" in (await press(flow, page, ("persona", "mallory"))).body


async def test_the_page_is_not_kept_framed_or_scripted(flow: Flow) -> None:
    page = await flow.authorize()
    policy = dict(row.strip().split(" ", 1) for row in str(page.header("content-security-policy")).split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in str(policy)
    assert page.header("cache-control") == "no-store"
    assert page.header("referrer-policy") == "no-referrer"
    assert "HttpOnly" in str(page.header("set-cookie"))
    text = page.body.decode()
    assert re.search(r"<script|\son\w+=|style=|(?:src|href)=.(?!data:)", text) is None


async def test_hostile_names_and_claims_are_only_text(flow: Flow) -> None:
    server = flow.server
    back = {"secrets": ["s"], "redirectUris": [BACK], "logo": "https://evil.example/pixel.png"}
    await server.ask("PUT", f"/api/clients/{quote(EVIL, safe='')}", {"name": EVIL, **back})
    await server.ask(
        "PUT", "/api/personas/evil", {"claims": {"name": EVIL, "picture": "javascript:alert(1)", EVIL: EVIL}}
    )
    evil = Flow(server, client=EVIL)
    page = await evil.authorize(scope="openid", state=EVIL)
    for one in (
        page,
        await press(evil, page, ("edit", "evil")),
        await evil.authorize(scope="openid", ui_locales=EVIL),
    ):
        assert one.status == 200
        text = one.body.decode()
        assert "<script" not in text
        assert "<img" not in text
        assert "{{7*7}}" in unescape(text)
        assert "evil.example" not in text
        assert "&lt;script&gt;" in text
    answer = await press(evil, page, ("persona", "evil"))
    assert dict(parse_qsl(urlsplit(str(answer.header("location"))).query))["state"] == EVIL


async def test_a_form_of_another_site_is_refused(flow: Flow) -> None:
    page = await flow.authorize()
    without = [row for row in fields(page) if row[0] != "csrf"] + [("persona", "ada")]
    for headers in (
        {**cookie(page)},
        {"Origin": "https://evil.example"},
        {**cookie(page), "Sec-Fetch-Site": "cross-site"},
        {"Cookie": "gateway_login=guessed", "Origin": "null"},
    ):
        body = urlencode(without).encode()
        answer = await flow.server.ask("POST", f"{flow.base}/login", body, {**FORM, **headers})
        assert answer.status == 403, headers
        assert answer.header("location") is None


async def test_a_changed_request_is_checked_again(flow: Flow) -> None:
    page = await flow.authorize()
    evil = urlencode({**flow.asked(), "redirect_uri": "https://evil.example/"})
    rest = [row for row in fields(page) if row[0] != "request"]
    body = urlencode([*rest, ("request", evil), ("persona", "ada")]).encode()
    answer = await flow.server.ask("POST", f"{flow.base}/login", body, {**FORM, **cookie(page)})
    assert (answer.status, answer.header("location")) == (400, None)


@pytest.mark.parametrize("claims", ["[]", "nothing", "[" * 100_000, '"' + "x" * 200_000 + '"'])
async def test_claims_that_are_no_object_are_refused(flow: Flow, claims: str) -> None:
    answer = await press(flow, await flow.authorize(), ("persona", "ada"), ("claims", claims))
    assert answer.status == 400


async def test_the_token_against_forgery_is_in_no_exchange(flow: Flow) -> None:
    page = await flow.authorize()
    token = dict(fields(page))["csrf"]
    await press(flow, page, ("persona", "ada"))
    shown = (await flow.server.ask("GET", "/api/exchanges")).body.decode()
    assert token not in shown


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Wren", "AW"), ("李薇", "李"), ("zoë", "Z"), ("<b>", "?"), ("", "?"), ("A B C", "AC")],
)
def test_initials(name: str, letters: str) -> None:
    assert rendering.initials(name) == letters if name != "李薇" else rendering.initials(name)[0] == letters


@pytest.mark.parametrize(
    ("uri", "allowed"),
    [
        ("http://localhost/cb", "'self' http: https:"),
        ("com.example.app:/cb", "'self' http: https: com.example.app:"),
        ("javascript:alert(1)", "'self' http: https:"),
        ("a b; script-src *:x", "'self' http: https:"),
    ],
)
def test_the_form_may_lead_to_the_client_and_to_no_script(uri: str, allowed: str) -> None:
    policy = dict(rendering.headers(uri))["Content-Security-Policy"]
    assert f"form-action {allowed};" in policy
