"""A second connector over the API: what the answer, the error, the message, the inbox and the metrics say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from gateway.core import errors
from gateway.core.model import Channel, Receipt
from gateway.providers.ports import ConnectorFactory, Driver
from tests.support import toy
from tests.support.running_gateway import RunningGateway, running

MAIL_FACTORY = "toy-mail"
SEND = {"to": "13800138000", "type": "SignIn", "payload": {"code": "246810"}}
MAIL = "ada@example.com"


class Failing(toy.ToyDriver):
    """``config.fails``: the error class that it raises instead of sending."""

    def __init__(self, address: str | None, fails: str | None) -> None:
        super().__init__(address)
        self._fails = fails

    async def send(self, *given: Any) -> Receipt:
        if self._fails is None:
            return await super().send(*given)
        kind: type[errors.ConnectorError] = getattr(errors, self._fails)
        raise kind("no", provider=toy.NAME, provider_code=f"Toy.{self._fails}", retry_after=0.001)


def driver(settings: Any, address: str | None) -> Driver:
    return Failing(address, settings.get("fails"))


def connector(name: str, fails: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": name, "factory": toy.FACTORY, "config": {"fails": fails} if fails else {}, **more}


@asynccontextmanager
async def with_connectors(*connectors: dict[str, Any], **sections: Any) -> AsyncIterator[RunningGateway]:
    sms = toy.provider.factories[toy.FACTORY]
    script = toy.Script()
    factories: dict[str, ConnectorFactory] = {
        toy.FACTORY: replace(sms, driver=driver),
        MAIL_FACTORY: replace(sms, id=MAIL_FACTORY, channel=Channel.EMAIL, driver=driver),
    }
    providers = {toy.NAME: toy.provider_with(script, factories=factories)}
    async with running(providers, script=script, connectors=connectors, **sections) as server:
        yield server


async def test_the_second_sends_and_everything_says_so() -> None:
    async with with_connectors(connector("a", "AccountRefused", fallback="b"), connector("b")) as server:
        answer = (await server.ask("POST", "/api/connectors/a/send", SEND)).json()
        assert answer["connectorId"] == "b"
        assert answer["failed"] == [
            {
                "connectorId": "a",
                "reason": "account_refused",
                "provider": "toy",
                "providerCode": "Toy.AccountRefused",
                "maybeSent": False,
                "retryable": False,
            }
        ]
        message = (await server.ask("GET", f"/api/messages/{answer['messageId']}")).json()
        assert message["connectorId"] == "a"
        steps = [(step["event"], step.get("connectorId")) for step in message["timeline"]]
        assert steps == [("requested", None), ("fallback", "b"), ("captured", None), ("sent", "b")]
        (capture,) = (await server.ask("GET", "/api/captures")).json()["captures"]
        assert (capture["connectorId"], capture["messageId"]) == ("b", answer["messageId"])
        metrics = (await server.ask("GET", "/metrics")).body.decode()
        assert 'gateway_sends_total{connector="a",outcome="account_refused"} 1.0' in metrics
        assert 'gateway_sends_total{connector="b",outcome="sent"} 1.0' in metrics


async def test_a_code_that_the_second_sends_says_so_and_is_right() -> None:
    async with with_connectors(connector("a", "AccountRefused", fallback="b"), connector("b")) as server:
        answer = (await server.ask("POST", "/api/verifications", {"to": SEND["to"]})).json()
        assert answer["connectorId"] == "b"
        ((one, why),) = [(one["connectorId"], one["reason"]) for one in answer["failed"]]
        assert (one, why) == ("a", "account_refused")
        code = (await server.ask("GET", f"/api/codes/{SEND['to']}")).body.decode()
        passed = await server.ask("POST", "/api/verifications/check", {"to": SEND["to"], "code": code})
        assert passed.status == 200


@pytest.mark.parametrize("live", [True, False])
async def test_a_code_that_a_live_connector_may_send_is_not_known_beforehand(live: bool) -> None:
    connectors = (connector("a", fallback="b"), connector("b", live=live))
    sections = {"live": {"allow": ["*"]}, "codes": {"echo": True}}
    async with with_connectors(*connectors, **sections) as server:
        await server.ask("PUT", f"/api/code-pins/{SEND['to']}", {"code": "x1y2z3"})
        answer = await server.ask("POST", "/api/verifications", {"to": SEND["to"]})
        assert answer.status == 200
        pinned = await server.ask("POST", "/api/verifications/check", {"to": SEND["to"], "code": "x1y2z3"})
    assert ("code" in answer.json(), pinned.status) == ((False, 400) if live else (True, 200))


async def test_a_send_that_needs_no_other_says_nothing_of_others() -> None:
    async with with_connectors(connector("a", fallback="b"), connector("b", "AccountRefused")) as server:
        answer = (await server.ask("POST", "/api/messages", SEND)).json()
    assert answer["connectorId"] == "a"
    assert not {"failed", "fallbackTo"} & set(answer)


async def test_where_all_fail_the_first_error_lists_the_others() -> None:
    connectors = (
        connector("a", "Throttled", fallback=["b", "c"]),
        connector("b", "CredentialsRefused"),
        connector("c", "TimedOut"),
    )
    async with with_connectors(*connectors) as server:
        answer = await server.ask("POST", "/api/messages", SEND)
        assert (answer.status, answer.code) == (429, "connector.rate_limit_exceeded")
        data = answer.json()["data"]
        assert (data["reason"], data["maybeSent"], data["retryable"]) == ("throttled", True, False)
        assert [(one["connectorId"], one["reason"], one["maybeSent"]) for one in data["fallbacks"]] == [
            ("b", "credentials_refused", False),
            ("c", "timed_out", True),
        ]
        (message,) = (await server.ask("GET", "/api/messages")).json()["messages"]
        assert message["status"] == "failed"


async def test_the_other_channel_is_used_where_the_body_has_the_other_address() -> None:
    mail = {**connector("mail"), "factory": MAIL_FACTORY}
    async with with_connectors(connector("a", "AccountRefused"), mail) as server:
        answer = (await server.ask("POST", "/api/messages", {**SEND, "fallbackTo": MAIL})).json()
        assert (answer["connectorId"], answer["fallbackTo"]) == ("mail", MAIL)
        code = await server.ask("POST", f"/api/codes/{MAIL}?timeout=0")
        assert code.body == b"246810"
        for to in (SEND["to"], MAIL):
            (message,) = (await server.ask("GET", f"/api/messages?to={to}")).json()["messages"]
            assert message["fallbackTo"] == message["timeline"][1]["fallbackTo"] == MAIL


async def test_the_default_of_the_other_channel_and_its_fallback_stand_in() -> None:
    mail = {**connector("mail", "UsageLimited", fallback="post"), "factory": MAIL_FACTORY}
    post = {**connector("post"), "factory": MAIL_FACTORY}
    async with with_connectors(connector("a", "AccountRefused"), mail, post) as server:
        answer = (await server.ask("POST", "/api/messages", {**SEND, "fallbackTo": MAIL})).json()
    assert answer["connectorId"] == "post"
    assert [one["connectorId"] for one in answer["failed"]] == ["a", "mail"]


@pytest.mark.parametrize(
    ("other", "status", "said"),
    [
        ("nobody", 400, "fallbackTo: must be a phone number"),
        ("a@b", 400, "fallbackTo: must be an email address"),
        ("13900139000", 400, "fallbackTo: must be of another channel than to, which is sms"),
        (MAIL, 404, "fallbackTo: there is no connector for email"),
        (5, 400, "fallbackTo: must be a valid string"),
    ],
)
async def test_another_address_that_cannot_be_used_is_refused_before_anything_is_sent(
    other: object, status: int, said: str
) -> None:
    async with with_connectors(connector("a")) as server:
        answer = await server.ask("POST", "/api/messages", {**SEND, "fallbackTo": other})
        assert (answer.status, answer.json()["data"]) == (status, {"field": "fallbackTo"})
        assert answer.json()["message"].startswith(said)
        assert server.script.requests == []


async def test_a_connector_that_is_made_names_its_fallback_as_the_file_does() -> None:
    async with with_connectors(connector("b"), connector("c")) as server:
        body = {
            "connectorId": toy.FACTORY,
            "id": "mine",
            "config": {"fails": "AccountRefused"},
            "fallback": "b",
        }
        assert (await server.ask("POST", "/api/connectors", body)).json()["fallback"] == ["b"]
        answer = await server.ask("POST", "/api/connectors/mine/send", SEND)
        assert answer.json()["connectorId"] == "b"
        changed = await server.ask("PATCH", "/api/connectors/mine", {"fallback": ["c", "b"]})
        assert changed.json()["fallback"] == ["c", "b"]
        assert (await server.ask("POST", "/api/connectors/mine/send", SEND)).json()["connectorId"] == "c"
        assert (await server.ask("PATCH", "/api/connectors/mine", {"fallback": []})).json()["fallback"] == []
        assert (await server.ask("POST", "/api/connectors/mine/send", SEND)).status == 400
        assert [one["fallback"] for one in (await server.ask("GET", "/api/connectors")).json()] == [[], [], []]


@pytest.mark.parametrize(
    ("fallback", "said"),
    [
        ("nobody", "fallback: there is no connector nobody"),
        (["mail"], "fallback: mail sends email, not sms"),
        (["mine"], "fallback: goes round in a circle: mine -> mine"),
        (["over"], "fallback: goes round in a circle: mine -> over -> mine"),
    ],
)
async def test_a_fallback_that_cannot_work_is_refused_and_nothing_has_changed(fallback: object, said: str) -> None:
    async with with_connectors({**connector("mail"), "factory": MAIL_FACTORY}) as server:
        made = {"connectorId": toy.FACTORY, "config": {}}
        await server.ask("POST", "/api/connectors", {**made, "id": "mine"})
        await server.ask("POST", "/api/connectors", {**made, "id": "over", "fallback": "mine"})
        answer = await server.ask("PATCH", "/api/connectors/mine", {"fallback": fallback})
        assert (answer.status, answer.code) == (400, "connector.invalid_config")
        assert answer.json()["message"] == said
        assert (await server.ask("GET", "/api/connectors/mine")).json()["fallback"] == []


@pytest.mark.parametrize("fallback", [["x" * 65], [""], [5], {}, ["b"] * 9, "a/b"])
async def test_what_is_no_list_of_ids_is_refused_without_showing_it(
    server: RunningGateway, fallback: object
) -> None:
    body = {"connectorId": toy.FACTORY, "config": {}, "fallback": fallback}
    answer = await server.ask("POST", "/api/connectors", body)
    assert (answer.status, answer.code) == (400, "guard.invalid_input")
    assert answer.json()["data"]["field"].startswith("fallback")
    assert "xxx" not in answer.json()["message"]


async def test_a_live_connector_is_not_stood_in_for_by_a_fake() -> None:
    async with with_connectors(connector("b")) as server:
        made = {"connectorId": toy.FACTORY, "config": {}, "fallback": "b"}
        refused = await server.ask("POST", "/api/connectors", {**made, "id": "mine", "live": True})
        assert refused.json()["message"] == "fallback: b is not live: what it takes reaches nobody"
        second = {"connectorId": toy.FACTORY, "config": {}, "id": "second", "live": True}
        await server.ask("POST", "/api/connectors", second)
        first = {**second, "id": "first", "fallback": "second"}
        assert (await server.ask("POST", "/api/connectors", first)).status == 200
        answer = await server.ask("PATCH", "/api/connectors/second", {"live": False})
        assert answer.json()["message"] == ("fallback of first: second is not live: what it takes reaches nobody")


async def test_one_that_others_need_cannot_be_removed() -> None:
    async with with_connectors(connector("a")) as server:
        made = {"connectorId": toy.FACTORY, "config": {}}
        await server.ask("POST", "/api/connectors", {**made, "id": "second"})
        await server.ask("POST", "/api/connectors", {**made, "id": "first", "fallback": "second"})
        answer = await server.ask("DELETE", "/api/connectors/second")
        assert (answer.status, answer.code) == (409, "entity.conflict")
        assert "is the fallback of first" in answer.json()["message"]
        assert (await server.ask("DELETE", "/api/connectors/first")).status == 204
        assert (await server.ask("DELETE", "/api/connectors/second")).status == 204


async def test_each_of_a_hundred_sends_goes_out_once_by_the_one_that_can() -> None:
    async with with_connectors(connector("a", "AccountRefused", fallback="b"), connector("b")) as server:
        bodies = [{**SEND, "to": str(13_000_000_000 + number)} for number in range(100)]
        answers = await asyncio.gather(*(server.ask("POST", "/api/messages", body) for body in bodies))
        assert {answer.json()["connectorId"] for answer in answers} == {"b"}
        captures = (await server.ask("GET", "/api/captures?limit=1000")).json()["captures"]
        assert len({capture["to"] for capture in captures}) == len(captures) == 100


async def test_a_send_that_fell_back_is_repeated_by_its_key_and_not_sent_again() -> None:
    async with with_connectors(connector("a", "AccountRefused", fallback="b"), connector("b")) as server:
        key = {"Idempotency-Key": "k"}
        answers = [await server.ask("POST", "/api/connectors/a/send", SEND, key) for _ in range(2)]
        assert answers[0].body == answers[1].body
        assert len(server.script.requests) == 1


async def test_a_key_whose_fallback_may_have_sent_is_never_used_for_a_second_send() -> None:
    connectors = (connector("a", "AccountRefused", fallback="b"), connector("b", "TimedOut"))
    async with with_connectors(*connectors) as server:
        key = {"Idempotency-Key": "k"}
        answers = [await server.ask("POST", "/api/connectors/a/send", SEND, key) for _ in range(2)]
        assert answers[1].header("Idempotency-Replayed") == "true"
        assert len((await server.ask("GET", "/api/messages")).json()["messages"]) == 1


async def test_a_live_send_whose_guard_says_no_is_not_gone_around() -> None:
    connectors = (connector("a", "AccountRefused", live=True, fallback="b"), connector("b", live=True))
    async with with_connectors(*connectors, live={"allow": ["*"], "sends_per_day": 1}) as server:
        answer = await server.ask("POST", "/api/messages", SEND)
        assert answer.json()["data"]["fallbacks"][0]["reason"] == "daily_cap"
        assert server.script.requests == []


async def test_a_stored_fallback_that_is_gone_is_passed_over(
    tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    store = f"sqlite:{tmp_path}/gateway.db"
    async with with_connectors(connector("b"), connector("c"), store=store) as server:
        body = {"connectorId": toy.FACTORY, "id": "mine", "config": {"fails": "AccountRefused"}}
        await server.ask("POST", "/api/connectors", {**body, "fallback": ["b", "c"]})
    async with with_connectors(connector("c"), store=store) as server:
        assert "connector mine of the store: its fallback b is not there" in caplog.text
        assert (await server.ask("POST", "/api/connectors/mine/send", SEND)).json()["connectorId"] == "c"


async def test_a_connector_of_an_older_store_has_no_fallback() -> None:
    async with with_connectors(connector("b")) as server:
        old: dict[str, Any] = {
            "factoryId": toy.FACTORY,
            "config": {},
            "options": {},
            "authorization": None,
            "live": False,
        }
        await server.store.records.put("connectors/old", old)
        await server.gateway.services.connectors.load()
        assert (await server.ask("GET", "/api/connectors/old")).json()["fallback"] == []
