"""One-time codes over the API: Logto's calls to the letter, the richer ones, pins, and what is asked wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support import toy
from tests.support.raw_http import Answer
from tests.support.running_gateway import RunningGateway, running

PHONE = "8613800138000"
MIB = 1024 * 1024


async def logto(server: RunningGateway, **body: str) -> Answer:
    return await server.ask("POST", "/api/verification-codes", body)


async def verify(server: RunningGateway, code: str, **who: str) -> Answer:
    return await server.ask("POST", "/api/verification-codes/verify", {**who, "verificationCode": code})


async def request(server: RunningGateway, to: str = PHONE, **more: Any) -> Answer:
    return await server.ask("POST", "/api/verifications", {"to": to, **more})


async def check(server: RunningGateway, code: str, to: str = PHONE, **more: Any) -> Answer:
    return await server.ask("POST", "/api/verifications/check", {"to": to, "code": code, **more})


async def code_of(server: RunningGateway, to: str = PHONE) -> str:
    return (await server.ask("GET", f"/api/codes/{to}")).body.decode()


async def move(server: RunningGateway, **how: object) -> None:
    assert (await server.ask("POST", "/api/clock", how)).status == 200


def wrong(code: str) -> str:
    return "000000" if code != "000000" else "111111"


def said(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


# --- Logto's calls ------------------------------------------------------------------------------------------


async def test_logtos_flow_is_204_and_204(server: RunningGateway) -> None:
    asked = await logto(server, phone=PHONE)
    assert (asked.status, asked.body) == (204, b"")
    passed = await verify(server, await code_of(server), phone=PHONE)
    assert (passed.status, passed.body) == (204, b"")
    assert said(await verify(server, "111111", phone=PHONE)) == (400, "verification_code.not_found")


async def test_logtos_codes_are_six_digits_of_type_generic(server: RunningGateway) -> None:
    await logto(server, phone=PHONE)
    capture = (await server.ask("GET", f"/api/captures?to={PHONE}")).json()["captures"][0]
    assert (capture["type"], capture["codeSource"]) == ("Generic", "rendered")
    assert len(capture["code"]) == 6
    assert capture["code"].isdigit()
    # The richer call knows the same code.
    assert (await check(server, capture["code"])).status == 200


async def test_logtos_errors_come_in_logtos_order(server: RunningGateway) -> None:
    await move(server, freeze=True)
    assert said(await verify(server, "111111", phone=PHONE)) == (400, "verification_code.not_found")
    await logto(server, phone=PHONE)
    code = await code_of(server)
    for _ in range(10):
        assert said(await verify(server, wrong(code), phone=PHONE)) == (400, "verification_code.code_mismatch")
    assert said(await verify(server, code, phone=PHONE)) == (400, "verification_code.exceed_max_try")
    await move(server, advance=600.001)
    assert said(await verify(server, code, phone=PHONE)) == (400, "verification_code.expired")


async def test_a_code_is_good_to_the_last_millisecond(server: RunningGateway) -> None:
    await move(server, freeze=True)
    for seconds, status in ((600, 204), (600.001, 400)):
        await logto(server, phone=PHONE)
        await move(server, advance=seconds)
        assert (await verify(server, await code_of(server), phone=PHONE)).status == status


async def test_the_eleventh_send_is_429_with_the_seconds_to_wait(server: RunningGateway) -> None:
    await move(server, freeze=True)
    for _ in range(10):
        assert (await logto(server, phone=PHONE)).status == 204
    refused = await logto(server, phone=PHONE)
    assert said(refused) == (429, "request.message_rate_limited")
    assert refused.header("retry-after") == "600"
    assert (await verify(server, await code_of(server), phone=PHONE)).status == 204
    await move(server, advance=600)
    assert (await logto(server, phone=PHONE)).status == 204


async def test_a_channel_without_a_connector_is_501(server: RunningGateway) -> None:
    assert said(await logto(server, email="ada@example.com")) == (501, "connector.not_found")
    assert said(await request(server, "ada@example.com")) == (501, "connector.not_found")


async def test_a_send_that_fails_is_the_connectors_error_and_does_not_count(server: RunningGateway) -> None:
    for _ in range(11):
        await server.ask("POST", "/api/faults", {"to": PHONE, "error": "NO", "count": 1})
        assert said(await logto(server, phone=PHONE)) == (400, "connector.general")
    for _ in range(10):
        assert (await logto(server, phone=PHONE)).status == 204


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone": ""},
        {"phone": "+8613800138000"},
        {"phone": "138 0013 8000"},
        {"phone": "abc"},
        {"phone": "８６１３８００１３８０００"},
        {"phone": "8613800138000\n"},
        {"phone": 13800138000},
        {"phone": None},
        {"phone": "1" * 321},
        {"email": ""},
        {"email": "ada"},
        {"email": "ada@example"},
        {"email": "a b@example.com"},
        {"email": ["ada@example.com"]},
        {"email": "a" * 320 + "@example.com"},
        {"email": "ada@example.com", "phone": PHONE},
        {"to": PHONE},
    ],
)
async def test_recipients_are_as_logto_takes_them(server: RunningGateway, body: Mapping[str, object]) -> None:
    asked = await server.ask("POST", "/api/verification-codes", body)
    assert said(asked) == (400, "guard.invalid_input")
    typed = await server.ask("POST", "/api/verification-codes/verify", {**body, "verificationCode": "246810"})
    assert said(typed) == (400, "guard.invalid_input")
    assert await server.store.records.scan("verifications/to/") == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"phone": "+8613800138000"}, "phone: must be digits with country code, without +, such as 8613800138000"),
        ({"phone": "８６１３８"}, "phone: must be digits with country code, without +, such as 8613800138000"),
        ({"email": "ada"}, "email: must be an email address such as ada@example.com"),
    ],
)
async def test_a_wrong_recipient_is_named_as_logto_names_it(
    server: RunningGateway, body: Mapping[str, object], message: str
) -> None:
    asked = await server.ask("POST", "/api/verification-codes/verify", {**body, "verificationCode": "246810"})
    assert asked.json()["message"] == message
    assert asked.json()["data"]["field"] == message.partition(":")[0]
    assert [issue["message"] for issue in asked.json()["data"]["issues"]] == [message]


async def test_what_is_too_short_or_of_the_wrong_form_is_told_in_our_words(server: RunningGateway) -> None:
    empty = await verify(server, "", phone=PHONE)
    assert empty.json()["message"] == "verificationCode: must have at least 1 character"
    pinned = await server.ask("PUT", f"/api/code-pins/{PHONE}", {"code": "12 34"})
    assert pinned.json()["message"] == "code: must match pattern '^[A-Za-z0-9]{1,32}$'"


# --- the richer calls ---------------------------------------------------------------------------------------


async def test_the_answer_says_all_that_an_app_shows(server: RunningGateway) -> None:
    await move(server, set="2026-12-24T00:00:00Z")
    await move(server, freeze=True)
    now = (await server.ask("GET", "/api/clock")).json()["now"]
    asked = (await request(server, "138 0013 8000", type="SignIn", policy="nist", locale="zh-CN")).json()
    assert (asked["to"], asked["readAs"], asked["channel"]) == ("138 0013 8000", "+8613800138000", "sms")
    assert (asked["type"], asked["connectorId"], asked["triesLeft"]) == ("SignIn", "toy", 10)
    assert asked["expiresAt"] == now.replace("T00:00:", "T00:10:")
    assert asked["resendAt"] == now.replace("T00:00:0", "T00:00:3")
    assert asked["receipt"]["provider"] == "toy"
    assert "code" not in asked
    message = (await server.ask("GET", f"/api/messages/{asked['messageId']}")).json()
    assert (message["locale"], message["type"]) == ("zh-CN", "SignIn")
    passed = (await check(server, message["code"], type="SignIn")).json()
    assert passed == {
        "verified": True,
        "verificationId": asked["verificationId"],
        "to": PHONE,
        "readAs": "+8613800138000",
        "channel": "sms",
        "type": "SignIn",
    }


async def test_the_payload_reaches_the_template_and_the_code_is_ours(server: RunningGateway) -> None:
    asked = (await request(server, payload={"application": {"name": "Shop"}})).json()
    message = (await server.ask("GET", f"/api/messages/{asked['messageId']}")).json()
    assert message["payload"] == {"application": {"name": "Shop"}, "code": message["code"]}


async def test_a_wrong_code_says_how_many_tries_are_left(server: RunningGateway) -> None:
    await request(server)
    refused = await check(server, "wrong")
    assert (said(refused), refused.json()["data"]) == ((400, "verification_code.code_mismatch"), {"triesLeft": 9})


async def test_a_code_may_be_typed_with_spaces_hyphens_and_full_width_digits(server: RunningGateway) -> None:
    await request(server)
    code = await code_of(server)
    typed = f" {code[:3]}－{code[3:]}\u3000".translate({ord("0") + at: 0xFF10 + at for at in range(10)})
    assert (await check(server, typed)).status == 200


async def test_a_check_may_name_its_request(server: RunningGateway) -> None:
    asked = (await request(server)).json()
    code, own = await code_of(server), {"verificationId": asked["verificationId"]}
    other = await check(server, code, "8613900139000", **own)
    assert said(other) == (400, "verification_code.phone_mismatch")
    other = await check(server, code, "ada@example.com", **own)
    assert said(other) == (400, "verification_code.email_mismatch")
    other = await check(server, code, verificationId="ver_1")
    assert said(other) == (400, "verification_code.not_found")
    assert (await check(server, code, **own)).status == 200


async def test_the_wait_between_two_sends_is_told(server: RunningGateway) -> None:
    await move(server, freeze=True)
    assert (await request(server, policy="nist")).status == 200
    refused = await request(server, policy="nist")
    assert said(refused) == (429, "request.message_rate_limited")
    assert (refused.header("retry-after"), refused.json()["data"]["limitedBy"]) == ("30", "resend_wait")
    await move(server, advance=30)
    assert (await request(server, policy="nist")).status == 200


async def test_a_wait_after_wrong_codes_has_logtos_code_and_the_seconds(server: RunningGateway) -> None:
    await move(server, freeze=True)
    await request(server, policy="nist")
    for _ in range(3):
        assert said(await check(server, "wrong")) == (400, "verification_code.code_mismatch")
    blocked = await check(server, await code_of(server))
    assert said(blocked) == (400, "session.verification_blocked_too_many_attempts")
    assert (blocked.header("retry-after"), blocked.json()["data"]) == ("30", {"retryAfter": 30})
    await move(server, advance=30)
    assert (await check(server, await code_of(server))).status == 200


async def test_what_is_known_of_a_recipient_can_be_forgotten(server: RunningGateway) -> None:
    await request(server)
    gone = await server.ask("DELETE", "/api/verifications/%2B8613800138000")
    assert (gone.status, gone.json()) == (200, {"deleted": 1})
    assert said(await check(server, await code_of(server))) == (400, "verification_code.not_found")
    assert said(await server.ask("DELETE", "/api/verifications/13800138000")) == (404, "entity.not_found")


async def test_whoever_asks_counts_by_the_body_or_else_by_the_connection() -> None:
    rules = {"windows": [{"by": "address", "sends": 1, "seconds": 60}]}
    async with running(codes={"rules": rules}) as server:
        assert (await request(server, "13800138000")).status == 200
        assert (await logto(server, phone="8613800138001")).status == 429
        assert (await request(server, "13800138001", clientIp="127.0.0.1")).status == 429
        assert (await request(server, "13800138001", clientIp="203.0.113.7")).status == 200
        assert (await request(server, "13800138002", clientIp="203.0.113.7")).status == 429


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "to"),
        ({"to": ""}, "to"),
        ({"to": "nobody"}, "to"),
        ({"to": "+"}, "to"),
        ({"to": "1" * 400}, "to"),
        ({"to": "ada@", "connectorId": "toy"}, "to"),
        ({"to": "ada@example.com", "connectorId": "toy"}, "to"),
        ({"to": PHONE, "type": "SignOn"}, "type"),
        ({"to": PHONE, "type": "Test"}, "type"),
        ({"to": PHONE, "policy": "none"}, "policy"),
        ({"to": PHONE, "clientIp": "localhost"}, "clientIp"),
        ({"to": PHONE, "clientIp": ""}, "clientIp"),
        ({"to": PHONE, "payload": {"code": "1"}}, "payload.code"),
        ({"to": PHONE, "payload": {"link": 1}}, "payload.link"),
        ({"to": PHONE, "payload": []}, "payload"),
        ({"to": PHONE, "locale": 7}, "locale"),
        ({"to": PHONE, "code": "246810"}, "code"),
    ],
)
async def test_a_wrong_request_names_its_field_and_counts_for_nothing(
    server: RunningGateway, body: Mapping[str, object], field: str
) -> None:
    asked = await server.ask("POST", "/api/verifications", body)
    assert (said(asked), asked.json()["data"]) == ((400, "request.invalid"), {"field": field})
    assert await server.store.records.scan("verifications/to/") == []
    assert (await server.ask("GET", "/api/messages")).json()["messages"] == []


async def test_a_connector_that_is_not_there_is_404_and_counts_for_nothing(server: RunningGateway) -> None:
    assert said(await request(server, connectorId="gone")) == (404, "entity.not_found")
    assert await server.store.records.scan("verifications/to/") == []


@pytest.mark.parametrize("code", ["", "  ", "-", "1" * 101, "１" * 100_000])
async def test_what_is_no_code_is_a_wrong_request_and_costs_no_try(server: RunningGateway, code: str) -> None:
    await request(server)
    assert said(await check(server, code)) == (400, "request.invalid")
    assert said(await verify(server, code, phone=PHONE)) == (400, "guard.invalid_input")
    assert (await check(server, "wrong")).json()["data"] == {"triesLeft": 9}


async def test_a_code_of_ten_megabytes_is_refused_unread(server: RunningGateway) -> None:
    refused = await check(server, "1" * 10 * MIB)
    assert said(refused) == (413, "request.too_large")


async def test_a_provider_that_cannot_be_reached_is_our_error_and_counts_for_nothing(
    server: RunningGateway,
) -> None:
    server.gateway.services.about.port, port = 1, server.port
    assert said(await request(server)) == (400, "connector.general")
    server.gateway.services.about.port = port
    await server.gateway.services.delivery.discard_driver("toy")
    for _ in range(10):
        assert (await request(server)).status == 200


# --- codes that are known beforehand ------------------------------------------------------------------------


async def test_a_pin_is_what_is_sent_until_it_ends(server: RunningGateway) -> None:
    await move(server, freeze=True)
    now = (await server.ask("GET", "/api/clock")).json()["now"]
    until = now[:11] + "23:59:59.999Z"
    pinned = await server.ask("PUT", "/api/code-pins/13800138000", {"code": "246810", "until": until})
    assert pinned.status == 200
    assert (await server.ask("GET", "/api/code-pins")).json() == {"pins": [pinned.json()]}
    await request(server)
    assert await code_of(server) == "246810"
    await move(server, advance=86_400)
    assert (await server.ask("GET", "/api/code-pins")).json() == {"pins": []}
    assert (await server.ask("DELETE", "/api/code-pins/13800138000")).status == 404


async def test_a_pin_can_be_replaced_and_taken_away(server: RunningGateway) -> None:
    for code in ("111111", "222222"):
        assert (await server.ask("PUT", f"/api/code-pins/{PHONE}", {"code": code})).json()["until"] is None
    await request(server)
    assert await code_of(server) == "222222"
    assert (await server.ask("DELETE", "/api/code-pins/13800138000")).json() == {"deleted": 1}
    assert (await server.ask("GET", "/api/code-pins")).json() == {"pins": []}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": ""},
        {"code": "24 68"},
        {"code": "１２３"},
        {"code": "1" * 33},
        {"code": 246810},
        {"code": "246810", "until": "tomorrow"},
        {"code": "246810", "until": "2020-01-01T00:00:00Z"},
    ],
)
async def test_a_pin_that_makes_no_sense_is_refused(server: RunningGateway, body: Mapping[str, object]) -> None:
    assert said(await server.ask("PUT", "/api/code-pins/13800138000", body)) == (400, "request.invalid")


async def test_an_echo_is_in_the_answer_and_never_in_logtos() -> None:
    async with running(codes={"echo": True, "seed": 7}) as server:
        first = (await request(server)).json()["code"]
        assert first == await code_of(server)
        assert (await logto(server, phone=PHONE)).body == b""
    async with running(codes={"echo": True, "seed": 7}) as server:
        assert (await request(server)).json()["code"] == first


async def test_in_mode_live_nothing_is_pinned() -> None:
    async with running({toy.NAME: toy.provider}, mode="live", live={"allow": ["*"]}) as server:
        refused = await server.ask("PUT", "/api/code-pins/13800138000", {"code": "246810"})
        assert said(refused) == (403, "verification.sandbox_only")


async def test_a_reset_forgets_codes_counts_and_pins(server: RunningGateway) -> None:
    await server.ask("PUT", "/api/code-pins/13800138000", {"code": "246810"})
    for _ in range(10):
        await request(server)
    assert (await request(server)).status == 429
    await server.ask("POST", "/api/reset", {})
    assert said(await check(server, "246810")) == (400, "verification_code.not_found")
    assert (await server.ask("GET", "/api/code-pins")).json() == {"pins": []}
    assert (await request(server)).status == 200


async def test_all_of_it_asks_for_the_api_token() -> None:
    async with running(server={"api_token": "a-token"}) as server:
        for method, path in (
            ("POST", "/api/verification-codes"),
            ("POST", "/api/verification-codes/verify"),
            ("POST", "/api/verifications"),
            ("POST", "/api/verifications/check"),
            ("DELETE", "/api/verifications/13800138000"),
            ("GET", "/api/code-pins"),
            ("PUT", "/api/code-pins/13800138000"),
        ):
            assert (await server.ask(method, path)).status == 401


async def test_no_answer_and_no_log_holds_a_code_or_a_number(
    server: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(11):
        await logto(server, phone=PHONE)
    code = await code_of(server)
    bodies = b"".join([(await verify(server, wrong(code), phone=PHONE)).body for _ in range(11)])
    bodies += (await logto(server, phone=PHONE)).body
    assert code.encode() not in bodies
    assert b"13800138000" not in bodies
    assert code not in caplog.text
    assert "13800138000" not in caplog.text
