"""Codes that the gateway makes and checks, over the kit, with the real server and Aliyun's SDK behind it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connector_gateway import Gateway, GatewayError


def test_a_code_is_requested_read_back_and_checked(gateway: Gateway) -> None:
    phone = gateway.phone()
    asked = gateway.request_code(phone, type="Register", locale="zh-CN", policy="nist", client_ip="203.0.113.7")
    capture = gateway.message(phone, type="Register")
    assert capture.message_id == asked["messageId"]
    assert str(capture.code) in str(capture.text)
    passed = gateway.verify(phone.digits, str(capture.code), "Register", verification_id=asked["verificationId"])
    assert passed


def test_a_request_that_is_repeated_under_its_key_makes_no_second_code(gateway: Gateway) -> None:
    phone = gateway.phone()
    first, again = (gateway.request_code(phone, idempotency_key=f"once-{phone}") for _ in range(2))
    assert first == again
    assert len(gateway.captures(phone)) == 1
    assert gateway.verify(phone, gateway.code(phone)).verification_id == first["verificationId"]


def test_a_wrong_code_is_an_outcome_and_a_wrong_call_an_error(gateway: Gateway) -> None:
    phone = gateway.phone()
    assert gateway.verify(phone, "246810").reason == "not_found"
    gateway.request_code(phone)
    outcome = gateway.verify(phone, "not it")
    assert (bool(outcome), outcome.reason, outcome.tries_left) == (False, "code_mismatch", 9)
    with pytest.raises(GatewayError, match="type: must be"):
        gateway.verify(phone, "246810", type="Unheard")


def test_a_pin_ends_when_the_test_does_or_sooner(gateway_server: object, gateway: Gateway) -> None:
    phone, other = gateway.phone(), gateway.phone()
    with Gateway(gateway.url) as mine:
        pin = mine.pin(phone, "246810")
        assert (pin.to, pin.code, pin.until, repr(pin)) == (phone, "246810", None, f"<Pin for {phone}>")
        mine.request_code(phone)
        assert mine.code(phone) == "246810"
        with mine.pin(other, "135790", until=timedelta(hours=1)) as short:
            assert short.until is not None
            assert timedelta(0) < short.until - gateway.clock.now <= timedelta(hours=1)
        short.remove()
    gateway.request_code(phone, policy="off")
    assert gateway.verify(phone, gateway.code(phone))
    with pytest.raises(GatewayError, match="no code is pinned"):
        gateway._transport.json("DELETE", f"/api/code-pins/{phone.digits}")


def test_an_end_without_a_zone_is_a_mistake_and_one_that_is_over_is_refused(gateway: Gateway) -> None:
    with pytest.raises(ValueError, match="time zone"):
        gateway.pin(gateway.phone(), "246810", until=datetime(2026, 12, 24))  # noqa: DTZ001  # the mistake
    with pytest.raises(GatewayError, match="until: is over"):
        gateway.pin(gateway.phone(), "246810", until=timedelta(0))
