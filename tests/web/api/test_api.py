"""The endpoints as docs/api.md describes them, over a socket."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.raw_http import Answer
from tests.support.running_gateway import RunningGateway, running

SEND = {"to": "13800138000", "type": "SignIn", "payload": {"code": "135790", "locale": "zh-CN"}}
HOUR = 3600


async def take(server: RunningGateway, to: str = "13800138000", **options: object) -> Answer:
    query = "&".join(f"{key}={value}" for key, value in {"timeout": 0, **options}.items())
    return await server.ask("POST", f"/api/codes/{to}?{query}")


async def wait(server: RunningGateway, **body: object) -> Any:
    return (await server.ask("POST", "/api/captures/wait", {"to": "13800138000", "timeout": 0, **body})).json()


async def test_send_then_wait_cannot_miss(server: RunningGateway) -> None:
    sent = await server.ask("POST", "/api/connectors/toy/send", SEND)
    assert sent.status == 200
    document = sent.json()
    assert document["receipt"] == {
        "provider": "toy",
        "providerMessageId": "id-1",
        "requestId": "request-1",
        "providerCode": "OK",
    }
    taken = await take(server)
    assert (taken.status, taken.body) == (200, b"135790")
    assert taken.header("content-type") == "text/plain; charset=utf-8"
    capture = (await server.ask("GET", f"/api/captures/{taken.header('x-gateway-capture')}")).json()
    assert str(capture["cursor"]) == taken.header("x-gateway-cursor")
    assert capture["messageId"] == document["messageId"]
    assert (capture["type"], capture["locale"], capture["connectorId"]) == ("SignIn", "zh-CN", "toy")
    assert (capture["code"], capture["codeSource"]) == ("135790", "rendered")
    message = (await server.ask("GET", f"/api/messages/{document['messageId']}")).json()
    assert [step["event"] for step in message["timeline"]] == ["requested", "captured", "sent"]
    exchange = (await server.ask("GET", f"/api/exchanges/{capture['exchangeId']}")).json()
    assert exchange["captureIds"] == [capture["id"]]


async def test_a_send_lists_the_keys_that_it_ignored(server: RunningGateway) -> None:
    answer = await server.ask("POST", "/api/connectors/toy/send", {**SEND, "zzz": 1, "aaa": {}})
    assert answer.json()["ignored"] == ["aaa", "zzz"]


async def test_a_send_that_the_provider_refuses_is_told_without_its_words(server: RunningGateway) -> None:
    await server.ask("POST", "/api/faults", {"error": {"code": "BAD_NUMBER", "message": "13800138000 is bad"}})
    answer = await server.ask("POST", "/api/connectors/toy/send", SEND)
    assert (answer.status, answer.code) == (400, "connector.general")
    assert answer.json()["data"] == {
        "reason": "recipient_refused",
        "provider": "toy",
        "providerCode": "BAD_NUMBER",
        "maybeSent": False,
        "retryable": False,
    }
    assert "13800138000" not in answer.body.decode()


async def test_a_connection_lost_in_a_send_is_maybe_sent_and_not_tried_again(server: RunningGateway) -> None:
    await server.ask("POST", "/api/faults", {"reset": True, "stage": "after"})
    answer = await server.ask("POST", "/api/connectors/toy/send", SEND)
    assert answer.json()["data"]["maybeSent"] is True
    assert len(server.script.requests) == 1
    assert (await take(server)).body == b"135790"


async def test_an_unknown_connector_is_a_404_with_the_known_ones(server: RunningGateway) -> None:
    answer = await server.ask("POST", "/api/connectors/nobody/send", SEND)
    assert (answer.status, answer.code) == (404, "entity.not_found")
    assert "toy, guarded" in answer.json()["message"]


async def test_each_take_gets_a_newer_code(server: RunningGateway) -> None:
    for code in ("111111", "222222"):
        await server.capture("13800138000", code)
    assert (await take(server)).body == b"222222"
    assert (await take(server)).status == 404
    await server.capture("13800138000", "333333")
    assert (await take(server)).body == b"333333"


async def test_looking_takes_nothing(server: RunningGateway) -> None:
    await server.capture("13800138000", "111111")
    for _ in range(2):
        assert (await server.ask("GET", "/api/codes/13800138000")).body == b"111111"
    assert (await take(server)).body == b"111111"
    assert (await server.ask("GET", "/api/codes/13800138000")).body == b"111111"


@pytest.mark.parametrize("to", ["13800138000", "+8613800138000", "%2B8613800138000", "+86%20138-0013-8000"])
async def test_a_number_is_found_however_it_is_written(server: RunningGateway, to: str) -> None:
    await server.capture("13800138000", "111111")
    assert (await take(server, to)).body == b"111111"


async def test_a_take_that_ends_without_says_what_did_arrive(server: RunningGateway) -> None:
    await server.capture("13900139000", "424242")
    answer = await take(server)
    assert (answer.status, answer.code) == (404, "code.not_found")
    data = answer.json()["data"]
    assert [miss["reason"] for miss in data["nearMisses"]] == ["other_recipient"]
    assert (data["to"], data["readAs"]) == ("13800138000", "+8613800138000")
    assert "424242" not in answer.body.decode()


async def test_a_north_american_number_that_went_out_as_chinese_is_explained(server: RunningGateway) -> None:
    await server.capture("13055550123", "111111")
    answer = await take(server, "+13055550123")
    (miss,) = answer.json()["data"]["nearMisses"]
    assert miss["reason"] == "read_as_another_number"
    listed = (await server.ask("GET", "/api/captures?to=%2B13055550123")).json()["captures"]
    assert [capture["readAs"] for capture in listed] == ["+8613055550123"]


async def test_a_wait_without_consume_takes_nothing_and_with_it_once(server: RunningGateway) -> None:
    await server.capture("13800138000", "111111")
    assert (await wait(server))["capture"]["code"] == "111111"
    taken = await wait(server, consume="one")
    assert taken["capture"]["code"] == "111111"
    assert taken["cursor"] == taken["capture"]["cursor"]
    assert (await wait(server, consume="one"))["capture"]["code"] == "111111"
    missed = await wait(server, consume="two")
    assert missed["timedOut"] is True
    assert [miss["reason"] for miss in missed["nearMisses"]] == ["taken"]
    assert missed["cursor"] >= taken["cursor"]


async def test_a_wait_after_a_cursor_gets_the_oldest_or_the_newest(server: RunningGateway) -> None:
    await server.capture("13800138000", "111111", text="It is 111111.")
    first = (await wait(server))["cursor"]
    await server.capture("13800138000", "222222", text="It is 222222.")
    await server.capture("13800138000", "333333", text="It is 333333.")
    assert (await wait(server, after=first))["capture"]["code"] == "222222"
    assert (await wait(server, after=first, newest=True))["capture"]["code"] == "333333"
    assert (await wait(server, after=first, newest=True, text="222222"))["capture"]["code"] == "222222"


async def test_lists_waits_and_codes_are_filtered_by_what_a_message_contains(server: RunningGateway) -> None:
    await server.capture("13800138000", "111111", text="It is 111111.")
    await server.capture("13800138000", "222222", text="It is 222222.")
    listed = (await server.ask("GET", "/api/captures?text=111111")).json()["captures"]
    assert [capture["code"] for capture in listed] == ["111111"]
    assert (await server.ask("GET", "/api/captures?subject=x")).json()["captures"] == []
    assert (await server.ask("GET", "/api/codes/13800138000?text=111111")).body == b"111111"
    missed = await wait(server, sender="shop@")
    assert {miss["reason"] for miss in missed["nearMisses"]} == {"other_contents"}
    assert missed["nearMisses"][0]["message"].endswith("but its sender does not contain 'shop@'")
    missed = await wait(server, link="any")
    assert missed["nearMisses"][0]["message"].endswith("but it has no link")


async def test_a_capture_names_the_test_of_its_recipient_until_a_reset(server: RunningGateway) -> None:
    made = (await server.ask("POST", "/api/recipients", {"channel": "sms", "test": "test_a.py::test_b"})).json()
    await server.capture(made["to"], "111111")
    await server.capture("13800138000", "222222")
    listed = (await server.ask("GET", "/api/captures")).json()["captures"]
    assert [capture["test"] for capture in listed] == [None, "test_a.py::test_b"]
    await server.ask("POST", "/api/reset", {})
    await server.capture(made["to"], "333333")
    assert (await server.ask("GET", "/api/captures")).json()["captures"][0]["test"] is None


async def test_a_cursor_that_is_gone_is_a_410() -> None:
    async with running(retention={"count": 3}) as server:
        for n in range(6):
            await server.capture("13800138000", str(n))
        for answer in (
            await server.ask("POST", "/api/captures/wait", {"to": "13800138000", "after": 1, "timeout": 0}),
            await take(server, after=1),
        ):
            assert (answer.status, answer.code) == (410, "cursor.gone")


@pytest.mark.parametrize("path", ["captures", "messages", "exchanges"])
async def test_a_list_after_a_cursor_that_is_gone_is_a_410_and_never_silently_short(path: str) -> None:
    async with running(retention={"count": 3}) as server:
        for n in range(6):
            await server.ask("POST", "/api/connectors/toy/send", {**SEND, "payload": {"code": str(n)}})
        answer = await server.ask("GET", f"/api/{path}?after=1&order=asc")
        assert (answer.status, answer.code) == (410, "cursor.gone")
        assert (await server.ask("GET", f"/api/{path}")).status == 200


async def test_lists_are_paged_both_ways(server: RunningGateway) -> None:
    for n in range(5):
        await server.capture("13800138000", str(n))
    newest = (await server.ask("GET", "/api/captures?limit=2")).json()["captures"]
    assert [one["code"] for one in newest] == ["4", "3"]
    older = (await server.ask("GET", f"/api/captures?limit=2&before={newest[-1]['cursor']}")).json()["captures"]
    assert [one["code"] for one in older] == ["2", "1"]
    oldest = (await server.ask("GET", "/api/captures?limit=2&order=asc&to=13800138000")).json()["captures"]
    assert [one["code"] for one in oldest] == ["0", "1"]
    rest = (await server.ask("GET", f"/api/captures?order=asc&after={oldest[-1]['cursor']}")).json()["captures"]
    assert [one["code"] for one in rest] == ["2", "3", "4"]


async def test_lists_are_filtered(server: RunningGateway) -> None:
    await server.ask("POST", "/api/connectors/toy/send", SEND)
    await server.capture("13900139000", "1")
    await server.ask("POST", "/fakes/toy/", {"op": "Nonsense", "to": "13900139000"})
    for target, count in (
        ("captures?type=SignIn", 1),
        ("captures?type=Register", 0),
        ("captures?provider=toy&channel=sms", 2),
        ("captures?provider=other", 0),
        ("exchanges?accepted=false", 1),
        ("exchanges?accepted=true&to=13800138000", 1),
        ("exchanges?provider=other", 0),
        ("messages?to=13800138000", 1),
        ("messages?to=13900139000", 0),
    ):
        found = (await server.ask("GET", f"/api/{target}")).json()
        assert len(found[target.partition("?")[0]]) == count, target


@pytest.mark.parametrize("written", ["signin", "SIGN_IN", "sign-in"])
async def test_a_usage_type_is_accepted_in_any_case_and_answered_in_logtos(
    server: RunningGateway, written: str
) -> None:
    body = {"to": SEND["to"], "type": written, "payload": {"code": "246810"}}
    assert (await server.ask("POST", "/api/messages", body)).status == 200
    (capture,) = (await server.ask("GET", f"/api/captures?type={written}")).json()["captures"]
    waited = await server.ask("POST", "/api/captures/wait", {"to": SEND["to"], "type": written, "timeout": 0})
    assert capture["type"] == waited.json()["capture"]["type"] == "SignIn"
    assert (await server.ask("POST", f"/api/codes/13800138000?type={written}&timeout=0")).body == b"246810"


async def test_every_list_finds_a_number_by_every_reading(server: RunningGateway) -> None:
    await server.capture("+13055550123", "1")
    await server.ask("POST", "/api/connectors/toy/send", {**SEND, "to": "+13055550123"})
    for path, count in (("captures", 2), ("exchanges", 2), ("messages", 1)):
        assert len((await server.ask("GET", f"/api/{path}?to=13055550123")).json()[path]) == count


async def test_deleting_says_how_many(server: RunningGateway) -> None:
    for to in ("13800138000", "13800138000", "13900139000", "13700137000"):
        await server.capture(to)
    assert (await server.ask("DELETE", "/api/captures?to=13800138000")).json() == {"deleted": 2}
    (one, _) = (await server.ask("GET", "/api/captures")).json()["captures"]
    assert (await server.ask("DELETE", f"/api/captures/{one['id']}")).json() == {"deleted": 1}
    assert (await server.ask("DELETE", f"/api/captures/{one['id']}")).status == 404
    assert (await server.ask("DELETE", "/api/captures")).json() == {"deleted": 1}


@pytest.mark.parametrize("target", ["captures/cap_1", "messages/msg_1", "exchanges/ex_1"])
async def test_what_is_not_there_is_a_404(server: RunningGateway, target: str) -> None:
    answer = await server.ask("GET", f"/api/{target}")
    assert (answer.status, answer.code) == (404, "entity.not_found")


async def test_fresh_recipients_are_never_given_twice(server: RunningGateway) -> None:
    made = await asyncio.gather(*(server.ask("POST", "/api/recipients", {}) for _ in range(50)))
    made += await asyncio.gather(*(server.ask("POST", "/api/recipients", {"channel": "email"}) for _ in range(50)))
    made += await asyncio.gather(*(server.ask("POST", "/api/recipients", {"region": "US"}) for _ in range(50)))
    assert {answer.status for answer in made} == {201}
    assert len({answer.json()["to"] for answer in made}) == 150
    first = made[0].json()
    assert first["to"] == f"+{first['digits']}"
    assert set(first) == {"to", "channel", "region", "digits", "national", "cursor"}


async def test_the_clock_moves_and_shows_itself(server: RunningGateway) -> None:
    assert (await server.ask("POST", "/api/clock", {"advance": HOUR})).json()["offsetSeconds"] == HOUR
    assert (await server.ask("POST", "/api/clock", {"freeze": True})).json()["frozen"] is True
    moved = await server.ask("POST", "/api/clock", {"set": "2026-12-24T00:00:00+01:00"})
    assert moved.json()["now"] == "2026-12-23T23:00:00.000Z"
    assert (await server.ask("GET", "/api/clock")).json()["now"] == "2026-12-23T23:00:00.000Z"
    assert (await server.ask("POST", "/api/clock", {"freeze": False})).json()["frozen"] is False
    assert (await server.ask("POST", "/api/clock", {"reset": True})).json()["offsetSeconds"] == 0


async def test_a_shared_server_refuses_to_move_its_clock_or_be_reset() -> None:
    async with running(server={"shared": True}) as server:
        for path, body in (("clock", {"advance": 1}), ("clock", {"reset": True}), ("reset", {})):
            answer = await server.ask("POST", f"/api/{path}", body)
            assert (answer.status, answer.code) == (409, "entity.conflict")
        assert (await server.ask("GET", "/api/clock")).json()["offsetSeconds"] == 0


async def test_a_reset_empties_everything_and_says_how_much(server: RunningGateway) -> None:
    await server.ask("POST", "/api/connectors/toy/send", SEND)
    await take(server)
    await server.ask("POST", "/api/faults", {"hang": True, "count": 1, "to": "13900139000"})
    await server.ask("POST", "/api/clock", {"advance": HOUR})
    gone = (await server.ask("POST", "/api/reset", {})).json()
    assert gone == {"captures": 1, "messages": 1, "exchanges": 1, "faults": 1}
    for path in ("captures", "messages", "exchanges"):
        assert (await server.ask("GET", f"/api/{path}")).json()[path] == []
    assert (await server.ask("GET", "/api/clock")).json()["offsetSeconds"] == 0
    await server.capture("13800138000", "111111")
    assert (await take(server)).body == b"111111"


async def test_faults_are_listed_in_the_callers_spelling_and_removed(server: RunningGateway) -> None:
    given = {"to": "13800138000", "keyId": "k", "error": {"code": "X", "retryAfter": 3}, "stage": "after"}
    made = (await server.ask("POST", "/api/faults", given)).json()
    assert made == {**given, "id": made["id"], "seen": 0, "hits": 0, "lastHit": None}
    assert (await server.ask("GET", "/api/faults")).json() == {"faults": [made]}
    assert (await server.ask("DELETE", f"/api/faults/{made['id']}")).json() == {"deleted": 1}
    assert (await server.ask("DELETE", f"/api/faults/{made['id']}")).status == 404
    assert (await server.ask("DELETE", "/api/faults")).json() == {"deleted": 0}


async def test_status_and_providers_tell_how_to_reach_it(server: RunningGateway) -> None:
    status = (await server.ask("GET", "/api/status")).json()
    assert set(status) == {"version", "apiVersion", "mode", "url", "shared", "pid"}
    assert status["url"] == f"http://127.0.0.1:{server.port}"
    (provider,) = (await server.ask("GET", "/api/providers")).json()["providers"]
    assert provider["url"] == f"{status['url']}/fakes/toy"
    assert provider["recipes"] == [{"title": "curl", "text": f"curl {provider['url']}/"}]
    assert provider["environment"] == {"TOY_URL": provider["url"]}


async def test_digits_with_a_country_code_are_that_number_and_a_wait_for_them_finds_what_was_sent(
    server: RunningGateway,
) -> None:
    sent = await server.ask("POST", "/api/connectors/toy/send", {**SEND, "to": "13055550123"})
    assert sent.status == 200
    (message,) = (await server.ask("GET", "/api/messages?to=%2B13055550123")).json()["messages"]
    assert (message["to"], message["readAs"]) == ("13055550123", "+13055550123")
    answer = await take(server, "13055550123")
    assert (answer.status, answer.body) == (200, b"135790")
