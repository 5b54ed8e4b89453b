"""Lost, late, twice and every magic number, through Aliyun's official SDK over a socket; its receipts follow."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException

from connector_gateway import CodeTimeout, Gateway
from tests.e2e import accounts, aliyun_sdk, operations

MISS = "lost it: that was"


@pytest.fixture(autouse=True)
def frozen(gateway: Gateway) -> Iterator[None]:
    gateway.clock.freeze()
    yield
    gateway.clock.reset()


def send(gateway: Gateway, to: str, code: str = "246810", **config: Any) -> Any:
    return aliyun_sdk.client(gateway.url, **config).send_sms(aliyun_sdk.request(to, code)).body


def receipts(gateway: Gateway, number: str) -> list[tuple[int, str, bool]]:
    """SendStatus, ErrCode and whether there is a ReceiveDate, newest first."""
    day = datetime.fromtimestamp(gateway.clock.now.timestamp(), accounts.SHANGHAI).strftime("%Y%m%d")
    body = aliyun_sdk.client(gateway.url).query_send_details(aliyun_sdk.query(number, day)).body
    rows = body.sms_send_detail_dtos.sms_send_detail_dto
    return [(row.send_status, row.err_code, bool(row.receive_date)) for row in rows]


def national(phone: Any) -> str:
    return str(phone.digits).removeprefix("86")


def misses(gateway: Gateway, to: str) -> str:
    with pytest.raises(CodeTimeout) as none:
        gateway.code(to, timeout=0)
    return str(none.value)


def magic(kind: int, line: int = 4711) -> str:
    return f"15400{kind:02}{line:04}"


def test_a_lost_message_is_ok_to_the_sdk_and_fails_in_its_receipt(gateway: Gateway) -> None:
    phone = gateway.phone()
    with gateway.fault(to=phone, delivery="lost") as fault:
        assert send(gateway, phone.digits).code == "OK"
        assert receipts(gateway, national(phone)) == [(1, "", False)]
        assert gateway.captures(phone) == []
        assert f"{MISS} {fault.id}" in misses(gateway, phone)
        gateway.clock.advance(seconds=3)
        assert receipts(gateway, national(phone)) == [(2, "MOBILE_NOT_ON_SERVICE", True)]
        assert (fault.hits, fault.last_exchange) == (1, gateway.exchanges(phone, accepted=True)[-1]["id"])


def test_a_late_message_comes_with_the_clock_and_its_receipt_after_it(gateway: Gateway) -> None:
    phone = gateway.phone()
    gateway.fault(to=phone, delivery="late", late_seconds=600)
    assert send(gateway, phone.digits, "135790").code == "OK"
    assert "it comes in 600 s of the gateway's clock" in misses(gateway, phone)
    assert gateway.clock.next_job == gateway.clock.now + timedelta(minutes=10)
    gateway.clock.advance(minutes=9)
    assert receipts(gateway, national(phone)) == [(1, "", False)]
    gateway.clock.advance(minutes=1)
    assert gateway.code(phone, timeout=0) == "135790"
    assert receipts(gateway, national(phone)) == [(1, "", False)]
    gateway.clock.advance(seconds=2)
    assert receipts(gateway, national(phone)) == [(3, "DELIVERED", True)]


def test_a_doubled_message_comes_twice_and_has_one_receipt(gateway: Gateway) -> None:
    phone = gateway.phone()
    gateway.fault(to=phone, delivery="twice")
    send(gateway, phone.digits)
    gateway.clock.advance(seconds=2)
    assert [capture.code for capture in gateway.captures(phone)] == ["246810", "246810"]
    assert receipts(gateway, national(phone)) == [(3, "DELIVERED", True)]


def test_of_a_call_with_several_numbers_only_those_of_the_fault_are_lost(gateway: Gateway) -> None:
    gone, there = gateway.phone(), gateway.phone()
    gateway.fault(to=gone, delivery="lost")
    send(gateway, f"{gone.digits},{there.digits}")
    assert gateway.captures(gone) == []
    assert len(gateway.captures(there)) == 1


def test_statistics_count_what_was_lost_as_failed(gateway: Gateway) -> None:
    gateway.clock.advance(days=400)  # a day of this test's own
    for delivery in ("lost", "twice", None):
        phone = gateway.phone()
        if delivery == "lost":
            gateway.fault(to=phone, delivery="lost")
        elif delivery == "twice":
            gateway.fault(to=phone, delivery="twice")
        send(gateway, phone.digits)
    gateway.clock.advance(seconds=2)
    day = datetime.fromtimestamp(gateway.clock.now.timestamp(), accounts.SHANGHAI).strftime("%Y%m%d")
    asked = {"is_globe": 1, "start_date": day, "end_date": day, "page_index": 1, "page_size": 10}
    body = operations.call(gateway.url, "QuerySendStatistics", accounts.KEY_ID, accounts.SECRET, **asked)
    (row,) = body.data.target_list
    counts = (row.total_count, row.responded_success_count, row.responded_fail_count, row.no_responded_count)
    assert counts == (3, 2, 1, 0)


def test_abroad_a_lost_message_has_failed_too(gateway: Gateway) -> None:
    keys = (accounts.KEY_ID, accounts.SECRET)
    sent = operations.call(
        gateway.url, "SendMessageToGlobe", *keys, to="447700900908", message="Your code is 1357."
    )
    gateway.clock.advance(seconds=2)
    body = operations.call(gateway.url, "QueryMessage", *keys, message_id=sent.message_id)
    assert (body.status, body.error_code) == ("2", "MOBILE_NOT_ON_SERVICE")
    refused = operations.call(gateway.url, "SendMessageToGlobe", *keys, to="12125550101", message="Your code is 1.")
    assert refused.response_code == "OK"  # an ordinary number of New York
    refused = operations.call(gateway.url, "SendMessageToGlobe", *keys, to="12925550101", message="Your code is 1.")
    assert refused.response_code == "MOBILE_NUMBER_ILLEGAL"


# --- magic numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (1, "isv.MOBILE_NUMBER_ILLEGAL"),
        (2, "isv.BLACK_KEY_CONTROL_LIMIT"),
        (3, "isv.BUSINESS_LIMIT_CONTROL"),
    ],
)
def test_a_magic_number_that_the_service_refuses(gateway: Gateway, kind: int, code: str) -> None:
    for _ in range(2):
        assert send(gateway, magic(kind)).code == code
    assert gateway.captures(magic(kind)) == []


def test_the_magic_number_that_is_throttled(gateway: Gateway) -> None:
    with pytest.raises(ClientException) as throttled:
        send(gateway, magic(4))
    assert throttled.value.code == "Throttling.User"


def test_the_magic_number_whose_provider_is_down(gateway: Gateway) -> None:
    with pytest.raises(ServerException) as down:
        send(gateway, magic(5))
    assert (down.value.status_code, down.value.code) == (503, "ServiceUnavailable")


@pytest.mark.parametrize(("kind", "sent"), [(6, 0), (7, 1)])
def test_the_magic_numbers_that_get_no_answer(gateway: Gateway, kind: int, sent: int) -> None:
    number = magic(kind, time.monotonic_ns() % 10_000)
    with pytest.raises(Exception, match=r"(?i)timed out|timeout"):
        send(gateway, number, read_timeout=300)
    assert len(gateway.captures(number)) == sent


def test_the_magic_numbers_whose_messages_go_astray(gateway: Gateway) -> None:
    gateway.reset()
    gateway.clock.freeze()
    for kind in (8, 9, 10):
        assert send(gateway, magic(kind)).code == "OK"
    assert [len(gateway.captures(magic(kind))) for kind in (8, 9, 10)] == [0, 0, 2]
    assert f"{MISS} magic_lost" in misses(gateway, magic(8))
    gateway.clock.advance(seconds=29)
    assert gateway.captures(magic(9)) == []
    gateway.clock.advance(seconds=1)
    assert gateway.code(magic(9), timeout=0) == "246810"
    gateway.clock.advance(seconds=2)
    statuses = [receipts(gateway, magic(kind))[0][:2] for kind in (8, 9, 10)]
    assert statuses == [(2, "MOBILE_NOT_ON_SERVICE"), (3, "DELIVERED"), (3, "DELIVERED")]


@pytest.mark.parametrize(("kind", "code"), [(2, "isv.BLACK_KEY_CONTROL_LIMIT"), (8, "OK")])
def test_a_strict_fake_has_them_too(strict: Gateway, kind: int, code: str) -> None:
    client = aliyun_sdk.client(strict.url, accounts.STRICT_KEY_ID, accounts.STRICT_SECRET)
    number = magic(kind, time.monotonic_ns() % 10_000)
    assert client.send_sms(aliyun_sdk.request(number, "246810")).body.code == code
    assert strict.captures(number) == []
