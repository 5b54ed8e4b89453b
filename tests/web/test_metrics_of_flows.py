"""What is counted of sign-ins and of codes: how many began, how many ended well, and why the others did not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.oauth2.scripted import Said
from tests.support.house import House
from tests.support.inn import APP, Inn, open_inn
from tests.web.test_metrics import value

NUMBER = "13800138000"
ASKED = {"to": NUMBER, "type": "SignIn"}


@pytest.fixture
async def inn() -> AsyncIterator[Inn]:
    async with open_inn() as inn:
        yield inn


async def signed_in(house: House, step: str, outcome: str, connector: str = "acme") -> float:
    return await value(house, "gateway_sign_ins_total", connector=connector, step=step, outcome=outcome)


async def verified(house: House, step: str, outcome: str) -> float:
    return await value(house, "gateway_verifications_total", channel="sms", step=step, outcome=outcome)


async def test_sign_ins_of_an_app_are_counted_by_how_they_end(inn: Inn) -> None:
    for state in ("one", "two", "three"):
        await inn.begin(state)
    await inn.finish("one")
    await inn.finish("one")
    await inn.finish("two", error="access_denied")
    await inn.post("refresh", {"refreshToken": "a-token"})
    assert await signed_in(inn.house, "start", "done") == 3
    assert await signed_in(inn.house, "finish", "done") == 1
    assert await signed_in(inn.house, "finish", "connector_validation_session_not_found") == 1
    assert await signed_in(inn.house, "finish", "authorization_failed") == 1
    assert await signed_in(inn.house, "refresh", "done") == 1
    assert await signed_in(inn.house, "start", "done", connector="other") == 0


async def test_sign_ins_of_a_browser_are_counted_also_where_the_app_is_told(inn: Inn) -> None:
    state, cookie = await inn.start(returnTo=APP)
    assert (await inn.land(state, cookie)).status == 303
    state, cookie = await inn.start(returnTo=APP)
    inn.provider.answers["/token"] = Said({"error": "invalid_grant"}, 400)
    assert (await inn.land(state, cookie)).status == 303
    await inn.house.ask("GET", "/api/connectors/acme/start?returnTo=https://evil.example/")
    assert await signed_in(inn.house, "start", "done") == 2
    assert await signed_in(inn.house, "start", "invalid") == 1
    assert await signed_in(inn.house, "finish", "done") == 1
    assert await signed_in(inn.house, "finish", "code_invalid") == 1


async def test_codes_are_counted_by_step_and_outcome(house: House) -> None:
    await house.ask("POST", "/api/verifications", ASKED)
    code = (await house.ask("GET", f"/api/codes/{NUMBER}")).body.decode()
    wrong = "000000" if code != "000000" else "111111"
    for typed in (wrong, code, code):
        await house.ask("POST", "/api/verifications/check", {**ASKED, "code": typed})
    assert await verified(house, "request", "done") == 1
    assert await verified(house, "check", "done") == 1
    assert await verified(house, "check", "code_mismatch") == 1
    assert await verified(house, "check", "not_found") == 1


async def test_a_code_that_could_not_be_sent_is_counted_by_its_reason(house: House) -> None:
    await house.ask("POST", "/api/faults", {"error": "Nope"})
    await house.ask("POST", "/api/verifications", ASKED)
    assert await verified(house, "request", "recipient_refused") == 1
    assert await verified(house, "request", "done") == 0
