"""What is counted of sign-ins and of codes: how many began, how many ended well, and why the others did not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.providers.oauth2.scripted_provider import Said
from tests.support.running_gateway import RunningGateway
from tests.support.social_gateway import APP, SocialGateway, running_social
from tests.web.server.test_metrics import value

NUMBER = "13800138000"
ASKED = {"to": NUMBER, "type": "SignIn"}


@pytest.fixture
async def social() -> AsyncIterator[SocialGateway]:
    async with running_social() as social:
        yield social


async def signed_in(server: RunningGateway, step: str, outcome: str, connector: str = "acme") -> float:
    return await value(server, "gateway_sign_ins_total", connector=connector, step=step, outcome=outcome)


async def verified(server: RunningGateway, step: str, outcome: str) -> float:
    return await value(server, "gateway_verifications_total", channel="sms", step=step, outcome=outcome)


async def test_sign_ins_of_an_app_are_counted_by_how_they_end(social: SocialGateway) -> None:
    for state in ("one", "two", "three"):
        await social.begin(state)
    await social.finish("one")
    await social.finish("one")
    await social.finish("two", error="access_denied")
    await social.post("refresh", {"refreshToken": "a-token"})
    assert await signed_in(social.server, "start", "done") == 3
    assert await signed_in(social.server, "finish", "done") == 1
    assert await signed_in(social.server, "finish", "connector_validation_session_not_found") == 1
    assert await signed_in(social.server, "finish", "authorization_failed") == 1
    assert await signed_in(social.server, "refresh", "done") == 1
    assert await signed_in(social.server, "start", "done", connector="other") == 0


async def test_sign_ins_of_a_browser_are_counted_also_where_the_app_is_told(social: SocialGateway) -> None:
    state, cookie = await social.start(returnTo=APP)
    assert (await social.land(state, cookie)).status == 303
    state, cookie = await social.start(returnTo=APP)
    social.provider.answers["/token"] = Said({"error": "invalid_grant"}, 400)
    assert (await social.land(state, cookie)).status == 303
    await social.server.ask("GET", "/api/connectors/acme/start?returnTo=https://evil.example/")
    assert await signed_in(social.server, "start", "done") == 2
    assert await signed_in(social.server, "start", "invalid") == 1
    assert await signed_in(social.server, "finish", "done") == 1
    assert await signed_in(social.server, "finish", "code_invalid") == 1


async def test_codes_are_counted_by_step_and_outcome(server: RunningGateway) -> None:
    await server.ask("POST", "/api/verifications", ASKED)
    code = (await server.ask("GET", f"/api/codes/{NUMBER}")).body.decode()
    wrong = "000000" if code != "000000" else "111111"
    for typed in (wrong, code, code):
        await server.ask("POST", "/api/verifications/check", {**ASKED, "code": typed})
    assert await verified(server, "request", "done") == 1
    assert await verified(server, "check", "done") == 1
    assert await verified(server, "check", "code_mismatch") == 1
    assert await verified(server, "check", "not_found") == 1


async def test_a_code_that_could_not_be_sent_is_counted_by_its_reason(server: RunningGateway) -> None:
    await server.ask("POST", "/api/faults", {"error": "Nope"})
    await server.ask("POST", "/api/verifications", ASKED)
    assert await verified(server, "request", "recipient_refused") == 1
    assert await verified(server, "request", "done") == 0
