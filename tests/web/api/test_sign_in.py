"""Signing in over the API, for an app with a callback of its own: state, and what is refused."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gateway.sign_in.sign_in import LIFE_SECONDS, PREFIX
from gateway.web.server.log import LogEvent
from tests.providers.oauth2.driver_setup import ADA, TOKENS, oauth2
from tests.providers.oauth2.scripted_provider import Said
from tests.support.social_gateway import APP, CALLBACK, ID, STATE, SocialGateway, running_social


@pytest.fixture
async def social() -> AsyncIterator[SocialGateway]:
    async with running_social() as social:
        yield social


async def test_an_app_with_its_own_callback_signs_somebody_in(social: SocialGateway) -> None:
    begun = await social.begin(scope="one two")
    uri = begun.json()["redirectTo"]
    assert uri.startswith(f"{social.provider.url}/authorize?")
    asked = dict(parse_qsl(urlsplit(uri).query))
    assert (asked["state"], asked["redirect_uri"], asked["scope"]) == (STATE, CALLBACK, "one two")
    found = await social.finish()
    assert found.status == 200
    assert found.json() == {**ADA, "rawData": ADA, "tokenResponse": TOKENS}


async def test_a_state_works_once(social: SocialGateway) -> None:
    await social.begin()
    assert (await social.finish()).status == 200
    again = await social.finish()
    assert (again.status, again.code) == (400, "session.connector_validation_session_not_found")
    assert len(social.provider.to("/token")) == 1


async def test_of_two_at_once_with_the_same_state_one_gets_through(social: SocialGateway) -> None:
    await social.begin()
    found = await asyncio.gather(*(social.finish() for _ in range(5)))
    assert sorted(one.status for one in found) == [200, 400, 400, 400, 400]
    assert len(social.provider.to("/token")) == 1


async def test_a_state_is_used_up_by_a_sign_in_that_failed(social: SocialGateway) -> None:
    await social.begin()
    refused = await social.finish(error="access_denied", error_description="somebody's words")
    assert (refused.status, refused.code) == (401, "connector.authorization_failed")
    assert refused.json()["data"]["providerCode"] == "access_denied"
    assert b"words" not in refused.body
    assert (await social.finish()).code == "session.connector_validation_session_not_found"


async def test_a_state_of_another_connector_is_unknown(social: SocialGateway) -> None:
    await social.begin()
    assert (await social.finish(connector="/api/connectors/other")).status == 400
    assert (await social.finish(state=f"{STATE}x")).status == 400
    assert social.provider.asked == []
    assert (await social.finish()).status == 200


async def test_a_state_is_too_old_after_ten_minutes(social: SocialGateway) -> None:
    await social.begin("early")
    await social.begin("late")
    clock = social.server.gateway.services.clock
    await clock.advance(LIFE_SECONDS - 5)
    assert (await social.finish("early")).status == 200
    await clock.advance(6)
    assert (await social.finish("late")).code == "session.connector_validation_session_not_found"


async def test_what_nobody_came_back_for_is_swept_away(social: SocialGateway) -> None:
    services = social.server.gateway.services
    for number in range(3):
        await social.begin(f"left-{number}")
    await services.clock.advance(LIFE_SECONDS + 1)
    services.sign_in._swept -= 60  # a minute of real time
    await social.begin("new")
    assert len(await services.store.records.scan(PREFIX)) == 1


async def test_the_store_keeps_no_state_in_clear(social: SocialGateway) -> None:
    await social.begin()
    assert STATE not in json.dumps(
        [(key, one.value) for key, one in await social.server.store.records.scan(PREFIX)]
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "state"),
        ({"state": "x" * 1025, "redirectUri": CALLBACK}, "state"),
        ({"state": 7, "redirectUri": CALLBACK}, "state"),
        ({"state": "s"}, "redirectUri"),
        ({"state": "s", "redirectUri": "/callback"}, "redirectUri"),
        ({"state": "s", "redirectUri": "javascript://x/%0aalert(1)"}, "redirectUri"),
        ({"state": "s", "redirectUri": "javascript:/x/%0aalert(1)"}, "redirectUri"),
        ({"state": "s", "redirectUri": "mailto:/x"}, "redirectUri"),
        ({"state": "s", "redirectUri": "http://a.example/#fragment"}, "redirectUri"),
        ({"state": "s", "redirectUri": "http://a.example/\r\nX: y"}, "redirectUri"),
        ({"state": "s", "redirectUri": "http://a.example\\@b.example/"}, "redirectUri"),
    ],
)
async def test_bad_input_is_named(social: SocialGateway, body: dict[str, Any], field: str) -> None:
    answer = await social.post("authorization-uri", body)
    assert (answer.status, answer.code) in ((400, "request.invalid"), (400, "guard.invalid_input"))
    assert answer.json()["data"]["field"] == field


async def test_input_is_checked_as_by_logto(social: SocialGateway) -> None:
    for body in ({"redirectUri": CALLBACK}, {"state": "s"}, {"state": 7, "redirectUri": CALLBACK}):
        answer = await social.post("authorization-uri", body)
        assert (answer.status, answer.code) == (400, "guard.invalid_input")
        assert answer.json()["data"]["name"] == "ZodError"
    for body in ({"state": "", "redirectUri": CALLBACK}, {"state": "s", "redirectUri": ""}):
        answer = await social.post("authorization-uri", body)
        assert (answer.status, answer.code) == (400, "session.insufficient_info")
    unknown = {"state": "s", "redirectUri": CALLBACK, "scop": "x"}
    assert (await social.post("authorization-uri", unknown)).status == 200
    answer = await social.post("authorization-uri", {"state": "s", "redirectUri": CALLBACK}, "/api/connectors/toy")
    assert (answer.status, answer.code) == (400, "connector.unexpected_type")


async def test_a_social_factory_cannot_be_tested_by_a_message(social: SocialGateway) -> None:
    answer = await social.server.ask("POST", "/api/connectors/oauth2/test", {"phone": "1", "config": {}})
    assert (answer.status, answer.code) == (404, "connector.not_found")


async def test_a_select_of_a_form_has_its_choices(social: SocialGateway) -> None:
    items = (await social.server.ask("GET", "/api/connector-factories/oauth2")).json()["formItems"]
    (method,) = [item for item in items if item["key"] == "tokenEndpointAuthMethod"]
    assert method["selectItems"][0] == {"value": "client_secret_post", "title": "client_secret_post"}
    assert all("selectItems" in item for item in items if item["type"] == "Select")
    assert not any("selectItems" in item for item in items if item["type"] != "Select")


async def test_an_app_of_a_phone_may_have_a_scheme_of_its_own(social: SocialGateway) -> None:
    for uri in ("io.logto.app://callback", "io.logto.app:/callback"):
        assert (await social.post("authorization-uri", {"state": "s", "redirectUri": uri})).status == 200


@pytest.mark.parametrize(
    "callback",
    [{"code": 7}, {"code": ["a", "b"]}, {"iss": {}}, {"code": "x" * 9000}, {"whatever": None}, {"code": "\ud800"}],
)
async def test_a_callback_is_made_of_texts(social: SocialGateway, callback: dict[str, Any]) -> None:
    await social.begin()
    assert (await social.finish(**callback)).code == "request.invalid"
    assert (await social.finish()).status == 200


async def test_a_callback_without_state_is_refused(social: SocialGateway) -> None:
    answer = await social.post("user-info", {"code": "c"})
    assert answer.json()["data"]["field"] == "state"


async def test_tokens_are_refreshed(social: SocialGateway) -> None:
    answer = await social.post("refresh", {"refreshToken": "an-old-one"})
    assert answer.json() == {**TOKENS, "refresh_token": "an-old-one"}


async def test_a_connector_that_sends_signs_nobody_in(social: SocialGateway) -> None:
    toy_id = "/api/connectors/toy"
    for answer in (
        await social.begin(connector=toy_id),
        await social.post("refresh", {"refreshToken": "t"}, toy_id),
        await social.server.ask("GET", f"{toy_id}/start"),
    ):
        assert (answer.status, answer.code) == (400, "connector.unexpected_type")


async def test_a_social_connector_sends_nothing(social: SocialGateway) -> None:
    message = {"to": "13800138000", "type": "SignIn", "payload": {"code": "1234"}}
    for answer in (
        await social.post("send", message),
        await social.server.ask("POST", "/api/messages", {**message, "connectorId": "acme"}),
    ):
        assert (answer.status, answer.code) == (400, "connector.unexpected_type")
    assert (await social.server.ask("POST", "/api/messages", message)).status == 200


async def test_a_social_connector_is_shown_as_logto_does(social: SocialGateway) -> None:
    shown = (await social.server.ask("GET", ID)).json()
    assert (shown["type"], shown["platform"], shown["isStandard"]) == ("Social", "Universal", True)
    assert (shown["target"], shown["isDefault"]) == ("oauth2", False)
    assert shown["config"]["clientSecret"] == "********"


async def test_no_token_code_or_secret_is_in_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    lines: list[LogEvent] = []
    async with running_social(lines) as social:
        state, cookie = await social.start(returnTo=APP)
        await social.land(state, cookie, code="a-secret-code")
        social.provider.answers["/token"] = Said({"error": "a-secret-error"}, 400)
        state, cookie = await social.start()
        assert (await social.land(state, cookie, code="a-secret-code")).status == 400
    assert len(lines) == 4
    said = f"{lines} {caplog.text}"
    for secret in ("a-secret-code", "an-access-token", "the-secret", "a-secret-error", "ada@example.com", state):
        assert secret not in said


async def test_a_changed_connector_is_used_from_the_next_call_on() -> None:
    async with running_social() as social:
        config = oauth2(social.provider.url, clientId="before")
        options = {"allow_private_addresses": True}
        body = {"connectorId": "oauth2", "id": "mine", "config": config, "options": options, "live": True}
        assert (await social.server.ask("POST", "/api/connectors", body)).status == 200
        mine = "/api/connectors/mine"
        assert "client_id=before&" in (await social.begin(connector=mine)).json()["redirectTo"]
        await social.server.ask("PATCH", mine, {"config": {**config, "clientId": "after"}})
        assert "client_id=after&" in (await social.begin("next", mine)).json()["redirectTo"]
        assert (await social.server.ask("DELETE", mine)).status == 204
        assert (await social.begin("gone", mine)).status == 404
