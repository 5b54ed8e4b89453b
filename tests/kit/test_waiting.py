"""Waiting for a code or a message. The other side is a stand-in: see scripted.py."""

from __future__ import annotations

from typing import Any

import pytest

from connector_gateway import CodeTimeout, Gateway, GatewayError, GatewayUnreachable
from tests.kit.scripted_gateway import Scripted
from tests.kit.test_values import documented_capture

PHONE = "+8613800138000"
TIMED_OUT: dict[str, Any] = {"timedOut": True, "nearMisses": [], "cursor": 3}
REGISTER = {
    "reason": "other_type",
    "message": "a message of type Register arrived, not SignIn",
    "captureId": "cap_1",
    "to": PHONE,
    "at": "2026-11-21T10:20:30.123Z",
}
REFUSED = {
    "reason": "refused",
    "message": "aliyun-sms refused SendSms with SignatureDoesNotMatch: another account's secret",
    "exchangeId": "ex_1",
    "at": "2026-11-21T10:20:31.456Z",
}
NAMELESS = {
    "reason": "refused_unaddressed",
    "message": "aliyun-sms refused SendSms with MissingPhoneNumbers: send PhoneNumbers",
    "exchangeId": "ex_2",
    "at": "2026-11-21T10:20:33.000Z",
}
FOREIGN = {
    "reason": "other_recipient",
    "message": "a message of type SignIn went to +8613900139000",
    "captureId": "cap_2",
    "at": "2026-11-21T10:20:32.000Z",
}


def no_code(scripted: Scripted, *misses: dict[str, str]) -> None:
    scripted.tell({**TIMED_OUT, "nearMisses": misses})


def test_a_code_is_taken_by_its_recipient_and_what_narrows_it_down(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"capture": documented_capture(), "cursor": 17})
    assert client.code(PHONE, type="SignIn", timeout=2, after=7) == "246810"
    assert scripted.last.line == "POST /api/captures/wait"
    assert scripted.last.body.pop("consume")
    # Only what has a code: a welcome message in between must not take it along.
    assert scripted.last.body == {"to": PHONE, "type": "SignIn", "after": 7, "timeout": 2, "code": True}


def test_a_message_is_looked_at_and_not_taken(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"capture": documented_capture(), "cursor": 17})
    assert client.message(PHONE).code == "246810"
    assert scripted.last.body == {"to": PHONE, "timeout": 10}
    client.message("+8613900139000", "Register", "sms", 0.5, 3, subject="a", text="b", sender="c")
    assert scripted.last.body == {
        "to": "+8613900139000",
        "type": "Register",
        "channel": "sms",
        "after": 3,
        "timeout": 0.5,
        "subject": "a",
        "text": "b",
        "sender": "c",
    }


def test_the_next_wait_begins_where_the_recipient_was_read_up_to(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"capture": documented_capture(), "cursor": 17})
    client.message(PHONE)
    # However the number is written, as long as it is the one that the provider read.
    client.message("8613800138000")
    assert scripted.last.body == {"to": "8613800138000", "after": 17, "newest": True, "timeout": 10}
    client.message(PHONE, after=3)
    assert scripted.last.body == {"to": PHONE, "after": 3, "timeout": 10}


def test_a_position_that_is_no_longer_kept_is_given_up(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"capture": documented_capture(), "cursor": 17})
    scripted.refuse(410, "cursor.gone", "after: entries since that cursor are no longer kept")
    scripted.tell({"capture": documented_capture(), "cursor": 17})
    client.message(PHONE)
    client.message(PHONE)
    assert [asked.body.get("after") for asked in scripted.asked] == [None, 17, None]


def test_two_codes_are_taken_with_two_tokens(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"capture": documented_capture(), "cursor": 17})
    client.code(PHONE)
    client.code(PHONE)
    one, other = (asked.body["consume"] for asked in scripted.asked)
    assert one != other


def test_a_long_wait_is_several_calls_with_one_token(scripted: Scripted, client: Gateway) -> None:
    scripted.tell(TIMED_OUT)
    scripted.tell(TIMED_OUT)
    scripted.tell({"capture": documented_capture(), "cursor": 17})
    assert client.code(PHONE, timeout=130) == "246810"
    assert [asked.body["timeout"] for asked in scripted.asked] == [60, 60, 10]
    assert len({asked.body["consume"] for asked in scripted.asked}) == 1


def test_a_call_whose_answer_was_lost_is_made_again_with_the_same_token(
    scripted: Scripted, client: Gateway
) -> None:
    scripted.tell_nothing()
    scripted.tell({"capture": documented_capture(), "cursor": 17})
    assert client.message(PHONE).cursor == 17
    first, second = (asked.body for asked in scripted.asked)
    assert first == second


def test_a_code_whose_answer_was_lost_is_asked_for_again_with_the_same_token(
    scripted: Scripted, client: Gateway
) -> None:
    # The call may have taken it: the token gets it again.
    scripted.tell_nothing()
    scripted.tell({"capture": documented_capture(), "cursor": 17})
    assert client.code(PHONE) == "246810"
    first, second = (asked.body for asked in scripted.asked)
    assert first == second


@pytest.mark.parametrize("wait", [Gateway.code, Gateway.message], ids=["code", "message"])
def test_a_wait_at_no_gateway_is_unreachable_and_not_a_timeout(nobody: str, wait: Any) -> None:
    with pytest.raises(GatewayUnreachable):
        wait(Gateway(nobody), PHONE)


@pytest.mark.parametrize("wait", [Gateway.code, Gateway.message], ids=["code", "message"])
def test_a_refused_wait_is_a_refusal_and_not_a_timeout(scripted: Scripted, client: Gateway, wait: Any) -> None:
    scripted.refuse(410, "cursor.gone", "after: entries since that cursor are no longer kept")
    with pytest.raises(GatewayError, match="no longer kept"):
        wait(client, PHONE, after=1)


def test_a_wait_for_less_than_nothing_is_refused(client: Gateway) -> None:
    with pytest.raises(ValueError, match="timeout: must be 0 or more"):
        client.code(PHONE, timeout=-1)


# --- what a person reads when nothing came ----------------------------------------------------------------------


def test_a_timeout_says_what_arrived_and_what_was_refused(scripted: Scripted, client: Gateway) -> None:
    no_code(scripted, REGISTER, REFUSED, FOREIGN)
    with pytest.raises(CodeTimeout) as caught:
        client.code(PHONE, type="SignIn", timeout=0.25)
    assert str(caught.value).splitlines() == [
        "no code for +8613800138000 within 0.25 s (type SignIn)",
        "what did arrive:",
        "  other_type: a message of type Register arrived, not SignIn (10:20:30, cap_1)",
        "what was refused:",
        (
            "  refused: aliyun-sms refused SendSms with SignatureDoesNotMatch: another account's secret "
            "(10:20:31, ex_1)"
        ),
        "what arrived for others:",
        "  other_recipient: a message of type SignIn went to +8613900139000 (10:20:32, cap_2)",
    ]
    assert isinstance(caught.value, AssertionError)
    assert (caught.value.to, caught.value.seconds) == (PHONE, 0.25)
    assert caught.value.near_misses == [REGISTER, REFUSED, FOREIGN]


def test_what_several_calls_report_is_shown_once(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({**TIMED_OUT, "nearMisses": [REGISTER]})
    scripted.tell({**TIMED_OUT, "nearMisses": [REFUSED, REGISTER]})
    with pytest.raises(CodeTimeout, match=r"^no message for \+8613800138000 within 70 s\n") as caught:
        client.message(PHONE, timeout=70)
    assert caught.value.near_misses == [REGISTER, REFUSED]


PROVIDERS = {"providers": [{"name": "aliyun-sms", "channels": ["sms"]}, {"name": "oauth2", "channels": []}]}


def test_a_gateway_that_no_app_reached_asks_where_the_app_points(scripted: Scripted, client: Gateway) -> None:
    no_code(scripted)
    scripted.tell(PROVIDERS)
    scripted.tell({"exchanges": [], "cursor": 0})
    with pytest.raises(CodeTimeout) as caught:
        client.code(PHONE, timeout=0)
    assert str(caught.value) == (
        f"no code for {PHONE} within 0 s\n"
        f"no request to send SMS has reached the gateway, which is up at {scripted.url}: "
        "is your app pointed at it? "
        "`gateway.env()` has the settings for it, `gateway.providers()` the lines to paste."
    )


def test_a_gateway_that_others_reached_says_so_and_asks_for_providers_of_that_channel_only(
    scripted: Scripted, client: Gateway
) -> None:
    no_code(scripted, NAMELESS, FOREIGN)
    scripted.tell(PROVIDERS)
    scripted.tell({"exchanges": [{"id": "ex_9", "cursor": 9, "provider": "aliyun-sms", "operation": "SendSms"}]})
    with pytest.raises(CodeTimeout) as caught:
        client.code(PHONE, timeout=0)
    assert [asked.query.get("provider") for asked in scripted.asked[2:]] == ["aliyun-sms"]
    assert str(caught.value).splitlines()[1:] == [
        (
            f"nothing for this recipient has reached the gateway, which is up at {scripted.url}; "
            "the last request to send SMS was aliyun-sms SendSms (ex_9)"
        ),
        "what was refused, for whomever it was:",
        (
            "  refused_unaddressed: aliyun-sms refused SendSms with MissingPhoneNumbers: send PhoneNumbers "
            "(10:20:33, ex_2)"
        ),
        "what arrived for others:",
        "  other_recipient: a message of type SignIn went to +8613900139000 (10:20:32, cap_2)",
    ]


def test_a_gateway_that_goes_away_after_the_wait_does_not_hide_the_timeout(
    scripted: Scripted, client: Gateway
) -> None:
    no_code(scripted)
    scripted.tell_nothing()
    with pytest.raises(CodeTimeout, match="and the gateway has gone since: "):
        client.code(PHONE, timeout=0)
