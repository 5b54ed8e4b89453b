"""Connectors and factories over the API, as Logto's console asks for them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.errors import ConfigError
from gateway.core.model import MASK
from tests.support import toy
from tests.support.running_gateway import RunningGateway, running

CONFIG = {"endpoint": "https://example.com", "key": "a-secret", "nested": {"a": 1}}
BODY = {"connectorId": toy.FACTORY, "id": "mine", "config": CONFIG}
SEND = {"to": "13800138000", "type": "SignIn", "payload": {"code": "246810"}}


async def made(server: RunningGateway, **more: Any) -> dict[str, Any]:
    answer = await server.ask("POST", "/api/connectors", {**BODY, **more})
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


async def test_factories_are_listed_as_logto_lists_them(server: RunningGateway) -> None:
    (factory,) = (await server.ask("GET", "/api/connector-factories")).json()
    assert factory["id"] == toy.FACTORY
    assert factory["type"] == "Sms"
    assert factory["target"] == "toy"
    assert factory["name"] == {"en": "Toy"}
    assert factory["readme"] == "# Toy\n"
    assert factory["logo"].startswith("data:image/svg+xml;base64,")
    assert {"key": "key", "label": "Key", "type": "Text", "required": False, "isConfidential": True} in factory[
        "formItems"
    ]
    assert (await server.ask("GET", f"/api/connector-factories/{toy.FACTORY}")).json() == factory
    answer = await server.ask("GET", "/api/connector-factories/nobody")
    assert (answer.status, answer.code) == (404, "entity.not_found")


async def test_a_connector_of_the_file_is_shown_and_cannot_be_changed(server: RunningGateway) -> None:
    (first, *_) = (await server.ask("GET", "/api/connectors")).json()
    assert (first["id"], first["connectorId"], first["readOnly"], first["isDefault"]) == (
        "toy",
        toy.FACTORY,
        True,
        True,
    )
    for method, body in (("PATCH", {"config": {}}), ("DELETE", None)):
        answer = await server.ask(method, "/api/connectors/toy", body)
        assert (answer.status, answer.code) == (409, "entity.read_only")
        assert "config file" in answer.json()["message"]


async def test_what_was_made_can_be_read_listed_and_used(server: RunningGateway) -> None:
    mine = await made(server)
    assert mine == (await server.ask("GET", "/api/connectors/mine")).json()
    listed = (await server.ask("GET", "/api/connectors")).json()
    assert [one["id"] for one in listed] == ["toy", "guarded", "mine"]
    assert (await server.ask("POST", "/api/connectors/mine/send", SEND)).status == 200
    assert (await server.ask("GET", "/api/connectors?target=other")).json() == []


@pytest.mark.parametrize("value", [True, 0, "false"])
async def test_profiles_are_not_synchronised(server: RunningGateway, value: object) -> None:
    """A 0 used to pass for false."""
    answer = await server.ask("POST", "/api/connectors", {**BODY, "syncProfile": value})
    assert (answer.status, answer.json()["data"]["field"]) == (400, "syncProfile")


async def test_without_an_id_it_gets_one(server: RunningGateway) -> None:
    first, second = await made(server, id=None), await made(server, id=None)
    assert first["id"] != second["id"]


async def test_secrets_are_masked_and_the_mask_written_back_keeps_them(server: RunningGateway) -> None:
    mine = await made(server, authorization="Bearer x", options={"token": "t", "timeout_seconds": 1})
    assert mine["config"] == {**CONFIG, "key": MASK}
    assert mine["options"] == {"token": MASK, "timeout_seconds": 1}
    assert mine["authorization"] == MASK
    changed = {"config": {**mine["config"], "endpoint": "https://other.example"}, "authorization": MASK}
    assert (
        await server.ask("PATCH", "/api/connectors/mine", {**changed, "options": mine["options"]})
    ).status == 200
    kept = server.gateway.connectors["mine"]
    assert kept.config == {**CONFIG, "endpoint": "https://other.example"}
    assert kept.options == {"token": "t", "timeout_seconds": 1}
    assert kept.authorization == "Bearer x"


async def test_a_mask_without_a_secret_behind_it_is_refused(server: RunningGateway) -> None:
    answer = await server.ask("POST", "/api/connectors", {**BODY, "config": {"key": MASK}})
    assert (answer.status, answer.code) == (400, "connector.invalid_config")
    assert "config.key" in answer.json()["message"]
    answer = await server.ask("POST", "/api/connectors", {**BODY, "authorization": MASK})
    assert answer.status == 400


async def test_a_patch_replaces_only_the_parts_that_it_names(server: RunningGateway) -> None:
    before = await made(server, authorization="Bearer x")
    answer = await server.ask("PATCH", "/api/connectors/mine", {"config": {"endpoint": "e"}})
    after = answer.json()
    assert after["config"] == {"endpoint": "e"}
    assert after["authorization"] == MASK
    assert after["version"] > before["version"]
    assert (await server.ask("PATCH", "/api/connectors/mine", {"authorization": None})).json()[
        "authorization"
    ] is None


async def test_a_patch_that_would_break_it_is_refused_whole(server: RunningGateway) -> None:
    before = await made(server)
    broken = {"config": {"bad": 1, "authenticationEndpoint": "x"}, "authorization": "new"}
    answer = await server.ask("PATCH", "/api/connectors/mine", broken)
    assert (answer.status, answer.code) == (400, "connector.invalid_config")
    assert "authenticationEndpoint is called endpoint" in answer.json()["message"]
    assert (await server.ask("GET", "/api/connectors/mine")).json() == before
    assert server.gateway.connectors["mine"].authorization is None


async def test_a_change_that_a_fake_cannot_take_is_refused_whole() -> None:
    def picky(config: Any, connectors: Any, previous: Any) -> Any:
        if any("worse" in one.config for one in connectors):
            raise ConfigError("fakes.toy: cannot work with that")
        return previous or toy.Script()

    provider = toy.provider_with(toy.Script())
    async with running({toy.NAME: replace(provider, fake_settings=picky)}) as server:
        before = await made(server)
        answer = await server.ask("PATCH", "/api/connectors/mine", {"config": {"worse": 1}})
        assert (answer.status, answer.code) == (400, "connector.invalid_config")
        assert (await server.ask("GET", "/api/connectors/mine")).json() == before
        answer = await server.ask("POST", "/api/connectors", {**BODY, "id": "other", "config": {"worse": 1}})
        assert answer.status == 400
        assert (await server.ask("GET", "/api/connectors/other")).status == 404


async def test_of_two_writers_with_one_version_the_second_is_told(server: RunningGateway) -> None:
    version = (await made(server))["version"]
    answers = await asyncio.gather(
        *(
            server.ask("PATCH", "/api/connectors/mine", {"config": {"endpoint": str(n)}, "version": version})
            for n in range(5)
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409, 409]
    assert {answer.code for answer in answers if answer.status == 409} == {"entity.conflict"}
    won = next(answer.json() for answer in answers if answer.status == 200)
    assert (await server.ask("GET", "/api/connectors/mine")).json() == won
    assert (await server.ask("DELETE", f"/api/connectors/mine?version={version}")).status == 409
    assert (await server.ask("DELETE", f"/api/connectors/mine?version={won['version']}")).status == 204


async def test_what_was_removed_is_gone_and_its_id_is_free(server: RunningGateway) -> None:
    await made(server)
    await server.ask("POST", "/api/connectors/mine/send", SEND)
    answer = await server.ask("DELETE", "/api/connectors/mine")
    assert (answer.status, answer.body) == (204, b"")
    for method in ("GET", "DELETE"):
        assert (await server.ask(method, "/api/connectors/mine")).status == 404
    assert (await server.ask("POST", "/api/connectors/mine/send", SEND)).status == 404
    await made(server)


@pytest.mark.parametrize("taken", ["toy", "mine"])
async def test_an_id_that_is_taken_is_refused(server: RunningGateway, taken: str) -> None:
    await made(server)
    answer = await server.ask("POST", "/api/connectors", {**BODY, "id": taken})
    assert (answer.status, answer.code) == (422, "entity.unique_integrity_violation")


@pytest.mark.parametrize("bad", ["a/b", "", "../x", ".hidden", "a b", "x" * 65, "短信", "a\n"])
async def test_an_id_that_cannot_stand_in_a_path_is_refused(server: RunningGateway, bad: str) -> None:
    answer = await server.ask("POST", "/api/connectors", {**BODY, "id": bad})
    assert (answer.status, answer.code) == (400, "guard.invalid_input")
    assert answer.json()["data"]["field"] == "id"


@pytest.mark.parametrize("path", ["a%2Fb", "%2e%2e", "a%00b", "%F0%9F%92%A9"])
async def test_a_strange_id_in_a_path_is_just_not_found(server: RunningGateway, path: str) -> None:
    for method in ("GET", "DELETE"):
        assert (await server.ask(method, f"/api/connectors/{path}")).status == 404


async def test_an_unknown_factory_is_answered_as_logto_does(server: RunningGateway) -> None:
    answer = await server.ask("POST", "/api/connectors", {**BODY, "connectorId": "nobody"})
    assert (answer.status, answer.code) == (422, "connector.not_found_with_connector_id")
    assert toy.FACTORY in answer.json()["message"]


async def test_the_default_of_a_channel_is_the_file_s_choice_else_the_first(server: RunningGateway) -> None:
    answer = await server.ask("POST", "/api/messages", SEND)
    assert answer.json()["connectorId"] == "toy"
    answer = await server.ask("POST", "/api/messages", {**SEND, "connectorId": "guarded"})
    assert answer.json()["connectorId"] == "guarded"
    answer = await server.ask("POST", "/api/messages", {**SEND, "to": "a@example.com"})
    assert (answer.status, answer.json()["data"]["field"]) == (404, "to")
    async with running(defaults={"sms": "guarded"}) as other:
        answer = await other.ask("POST", "/api/messages", SEND)
        assert answer.json()["connectorId"] == "guarded"
        shown = (await other.ask("GET", "/api/connectors")).json()
        assert [one["id"] for one in shown if one["isDefault"]] == ["guarded"]


async def test_a_config_is_tried_out_with_logto_s_test_code_and_nothing_of_it_stays(server: RunningGateway) -> None:
    answer = await server.ask(
        "POST", f"/api/connectors/{toy.FACTORY}/test", {"phone": "8613800138000", "config": CONFIG}
    )
    assert (answer.status, answer.body) == (204, b"")
    (message,) = (await server.ask("GET", "/api/messages")).json()["messages"]
    assert (message["type"], message["code"], message["status"]) == ("Generic", "000000", "sent")
    assert [one["id"] for one in (await server.ask("GET", "/api/connectors")).json()] == ["toy", "guarded"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"config": CONFIG}, 400, "guard.invalid_input"),
        ({"email": "a@example.com", "config": CONFIG}, 400, "connector.unexpected_type"),
        ({"phone": "+8613800138000", "config": CONFIG}, 400, "guard.invalid_input"),
        ({"phone": "8613800138000"}, 400, "guard.invalid_input"),
        ({"phone": "8613800138000", "config": {"bad": 1}}, 400, "connector.invalid_config"),
        ({"phone": "8613800138000", "config": {"key": MASK}}, 400, "connector.invalid_config"),
        ({"phone": "8613800138000", "config": {}, "id": "nobody"}, 404, "entity.not_found"),
    ],
)
async def test_a_test_that_cannot_work_says_why(
    server: RunningGateway, body: object, status: int, code: str
) -> None:
    answer = await server.ask("POST", f"/api/connectors/{toy.FACTORY}/test", body)
    assert (answer.status, answer.code) == (status, code)


async def test_a_test_of_an_unknown_factory_is_not_found(server: RunningGateway) -> None:
    answer = await server.ask("POST", "/api/connectors/nobody/test", {"phone": "8613800138000", "config": {}})
    assert (answer.status, answer.code) == (404, "connector.not_found")


async def test_in_a_test_the_mask_stands_for_the_secret_of_the_connector_that_it_names(
    server: RunningGateway,
) -> None:
    mine = await made(server)
    body = {"phone": "8613800138000", "config": mine["config"], "id": "mine"}
    assert (await server.ask("POST", f"/api/connectors/{toy.FACTORY}/test", body)).status == 204


LIVE = ({"id": "real", "factory": toy.FACTORY, "config": {}, "live": True},)


async def test_a_live_connector_writes_to_nobody_who_is_not_on_the_list() -> None:
    async with running(connectors=LIVE) as server:
        answer = await server.ask("POST", "/api/connectors/real/send", SEND)
        assert (answer.status, answer.code) == (403, "connector.recipient_not_allowed")
        assert answer.json()["data"]["reason"] == "recipient_not_allowed"
        (message,) = (await server.ask("GET", "/api/messages")).json()["messages"]
        assert message["status"] == "failed"


async def test_a_live_connector_does_not_go_to_the_fake_and_its_cap_counts() -> None:
    script = toy.Script()
    live = {"allow": ["13800138000"], "sends_per_day": 1}
    async with running(connectors=LIVE, script=script, live=live) as server:
        # Nothing answers at the toy's own address.
        assert (await server.ask("POST", "/api/connectors/real/send", SEND)).status == 400
        answer = await server.ask("POST", "/api/connectors/real/send", SEND)
        assert (answer.status, answer.code) == (429, "connector.usage_limit_exceeded")
        assert script.requests == []


async def test_in_mode_live_no_fake_is_mounted_and_every_connector_is_live() -> None:
    async with running(mode="live") as server:
        assert (await server.capture("13800138000")).status == 404
        assert (await server.ask("GET", "/api/providers")).json() == {"providers": []}
        assert all(one["live"] for one in (await server.ask("GET", "/api/connectors")).json())
        assert (await made(server))["live"] is True
        body = {"phone": "8613800138000", "config": {}}
        answer = await server.ask("POST", f"/api/connectors/{toy.FACTORY}/test", body)
        assert (answer.status, answer.code) == (403, "connector.recipient_not_allowed")


async def test_a_sandbox_connector_of_the_file_can_be_given_an_authorization(server: RunningGateway) -> None:
    masked = await server.ask("PATCH", "/api/connectors/toy", {"authorization": MASK})
    assert (masked.status, masked.code) == (400, "connector.invalid_config")  # there is nothing that it stands for
    given = await server.ask("PATCH", "/api/connectors/toy", {"authorization": "Bearer of-logto"})
    assert (given.status, given.json()["authorization"], given.json()["readOnly"]) == (200, MASK, True)
    assert "of-logto" not in given.body.decode()
    send = "/api/connectors/toy/send"
    assert (await server.ask("POST", send, SEND)).status == 401
    assert (await server.ask("POST", send, SEND, {"Authorization": "Bearer of-logto"})).status == 200
    assert (await server.ask("PATCH", "/api/connectors/toy", {"authorization": MASK})).status == 200
    assert (await server.ask("POST", send, SEND)).status == 401
    others: list[dict[str, Any]] = [{"config": {}}, {"live": True}, {"version": 1}]
    for more in others:
        answer = await server.ask("PATCH", "/api/connectors/toy", {"authorization": "x", **more})
        assert (answer.status, answer.code) == (409, "entity.read_only")
    assert (await server.ask("PATCH", "/api/connectors/toy", {"authorization": None})).json()[
        "authorization"
    ] is None
    assert (await server.ask("POST", send, SEND)).status == 200


@pytest.mark.parametrize("declared", [{"authorization": "of the file"}, {"live": True}])
async def test_an_authorization_of_the_file_and_a_live_connector_stay_as_they_are(declared: dict[str, Any]) -> None:
    connectors = [{"id": "own", "factory": toy.FACTORY, "config": {}, **declared}]
    async with running(connectors=connectors) as server:
        answer = await server.ask("PATCH", "/api/connectors/own", {"authorization": "x"})
        assert (answer.status, answer.code) == (409, "entity.read_only")


async def test_input_that_logto_refuses_gets_logtos_error(server: RunningGateway) -> None:
    answer = await server.ask("POST", "/api/connectors", {**BODY, "connectorId": 7})
    assert (answer.status, answer.code) == (400, "guard.invalid_input")
    assert answer.json()["data"] == {
        "field": "connectorId",
        "name": "ZodError",
        "issues": [{"code": "invalid_type", "path": ["connectorId"], "message": answer.json()["message"]}],
    }
    answer = await server.ask("POST", "/api/connectors", [])
    assert (answer.status, answer.code) == (400, "guard.invalid_input")


async def test_unknown_keys_are_accepted_where_logto_accepts_them(server: RunningGateway) -> None:
    mine = await made(server, surprise=1, metadata={"target": "toy", "name": {"en": "Toy"}})
    assert "surprise" not in mine
    assert (await server.ask("PATCH", "/api/connectors/mine", {"surprise": 1, "config": CONFIG})).status == 200
    assert (await server.ask("GET", "/api/connectors?surprise=1&target=toy")).status == 200
    body = {"phone": "8613800138000", "email": "a@example.com", "config": CONFIG, "surprise": 1}
    assert (await server.ask("POST", f"/api/connectors/{toy.FACTORY}/test", body)).status == 204
    # A version that is misspelt would delete what somebody else has changed.
    assert (await server.ask("DELETE", "/api/connectors/mine?versoin=1")).status == 400
