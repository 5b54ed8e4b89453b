"""Every fault, seen from both sides of the wire: what the official SDK raises, what our driver makes of it, and
whether the message was sent. What is observed must be what tests/e2e/fault_table.py and docs/aliyun-sms.md say."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.exceptions import UnretryableException

from connector_gateway import ExternalServer, Gateway, GatewayError, Recipient
from tests.e2e import accounts, aliyun_sdk, fault_table
from tests.e2e.fault_table import ROWS, Row

CODE = "407215"
DOC = Path(__file__).parents[2] / "docs" / "aliyun-sms.md"


@dataclass(frozen=True)
class Seen:
    said: str
    sent: int
    error: Any = None
    shown: str = ""


def ids(row: Row) -> str:
    return f"{row.title} {row.stage}".replace("`", "")


def by_sdk(gateway: Gateway, row: Row) -> Seen:
    """The official client, without anything of ours between it and the fake."""
    phone = gateway.phone()
    client = aliyun_sdk.client(
        gateway.url, accounts.STRICT_KEY_ID, accounts.STRICT_SECRET, read_timeout=accounts.TIMEOUT * 1000
    )
    error: Any = None
    with gateway.fault(to=phone, stage=row.stage, **row.fault):
        try:
            body = client.send_sms(aliyun_sdk.request(phone.digits, CODE)).body
            said = "returns no body" if body is None else f"returns `{body.code}`"
        except UnretryableException as raised:
            error, said = raised, f"`UnretryableException` of `{type(raised.inner_exception).__name__}`"
        except AlibabaCloudException as raised:
            error, said = raised, f"`{type(raised).__name__}` `{raised.code}`"
        sent = captured(gateway, phone, row)
    return Seen(said, sent, error)


def by_driver(gateway: Gateway, row: Row) -> Seen:
    """Our driver, through the API that Logto's connector calls."""
    phone = gateway.phone()
    error = None
    with gateway.fault(to=phone, stage=row.stage, **row.fault):
        try:
            gateway.send(phone, code=CODE)
            said = "a receipt"
        except GatewayError as raised:
            error, data = raised, raised.data
            certain = "maybe sent" if data["maybeSent"] else "not sent"
            said = f"`{raised.code.removeprefix('connector.')}`, `{data['reason']}`, {certain}"
        sent = captured(gateway, phone, row)
        attempts = len(gateway.exchanges(phone))
    if attempts != 1:
        said += f", {attempts} attempts"
    shown = "" if error is None else f"{error} {gateway.sends(phone)[0]['timeline']}"
    return Seen(said, sent, error, shown.replace(phone.digits, "<number>") if shown else "")


def captured(gateway: Gateway, phone: Recipient, row: Row) -> int:
    if row.late:
        assert gateway.captures(phone) == [], "the client gave up before the fake accepted"
        gateway.message(phone)
    return len(gateway.captures(phone))


@pytest.fixture(scope="module")
def observed(strict_server: ExternalServer) -> Iterator[dict[str, tuple[Future[Seen], Future[Seen]]]]:
    """All rows at the same time, each with its own numbers: most of the time is spent waiting."""
    gateway = Gateway(strict_server.url)
    with ThreadPoolExecutor(8) as threads:
        yield {
            ids(row): (threads.submit(by_sdk, gateway, row), threads.submit(by_driver, gateway, row))
            for row in ROWS
            if not row.slow
        }


def check(row: Row, sdk: Seen, driver: Seen) -> None:
    assert sdk.said == row.sdk
    assert driver.said == row.driver
    both = {"no": (0, 0), "driver: yes": (0, 1), "yes; driver: 3 times": (1, 3)}.get(row.sent, (1, 1))
    assert (sdk.sent, driver.sent) == both


outcome = pytest.mark.outcome(of=lambda row: row.driver.rpartition(", ")[2])


@outcome
@pytest.mark.parametrize("row", [row for row in ROWS if not row.slow], ids=ids)
def test_a_fault_does_what_the_table_says(observed: dict[str, tuple[Future[Seen], Future[Seen]]], row: Row) -> None:
    sdk, driver = observed[ids(row)]
    check(row, sdk.result(), driver.result())


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in ROWS if row.slow], ids=ids)
def test_a_fault_that_takes_its_time_does_what_the_table_says(strict: Gateway, row: Row) -> None:
    with ThreadPoolExecutor(2) as threads:
        sdk, driver = threads.submit(by_sdk, strict, row), threads.submit(by_driver, strict, row)
        check(row, sdk.result(), driver.result())


@outcome
@pytest.mark.parametrize("row", [row for row in ROWS if not row.slow], ids=ids)
def test_a_driver_that_says_not_sent_is_right_and_one_that_may_be_wrong_says_maybe(
    observed: dict[str, tuple[Future[Seen], Future[Seen]]], row: Row
) -> None:
    """A fault after acceptance that answers with a refusal is a provider that lies: only there nobody can tell."""
    driver = observed[ids(row)][1].result()
    lies = row.stage == "after" and "error" in row.fault
    if driver.error is not None and driver.sent and not lies:
        assert driver.error.data["maybeSent"]
        assert not driver.error.data["retryable"]


@outcome
@pytest.mark.parametrize("row", [row for row in ROWS if not row.slow], ids=ids)
def test_our_errors_show_no_number_no_code_and_no_text_of_the_provider(
    observed: dict[str, tuple[Future[Seen], Future[Seen]]], row: Row
) -> None:
    shown = observed[ids(row)][1].result().shown
    for secret in (
        CODE,
        accounts.STRICT_SECRET,
        "Bad Gateway",
        "触发",
        "Max retries",
        "Traceback",
        "HTTPConnection",
    ):
        assert secret not in shown


def test_an_exception_of_the_sdk_may_hold_the_number_and_the_code(gateway: Gateway) -> None:
    """Why our driver copies nothing of it, and nobody should log it."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        host, port = nobody.getsockname()
        with pytest.raises(UnretryableException) as raised:
            aliyun_sdk.client(f"http://{host}:{port}").send_sms(aliyun_sdk.request("13800138000", CODE))
    assert "PhoneNumbers=13800138000" in str(raised.value)
    assert CODE in str(raised.value)


@pytest.mark.parametrize(
    ("fault", "inner"),
    [
        ({"fin": True}, "ServerDisconnectedError"),
        ({"reset": True}, "RetryError"),
        ({"hang": True}, "RetryError"),
        ({"answer": {"status": 502, "body": "<html>"}}, "RuntimeError"),
    ],
)
async def test_the_async_client_differs_where_the_connection_ends_silently(
    strict: Gateway, fault: dict[str, Any], inner: str
) -> None:
    phone = strict.phone()
    strict.fault(to=phone, **fault)
    client = aliyun_sdk.client(
        strict.url, accounts.STRICT_KEY_ID, accounts.STRICT_SECRET, read_timeout=accounts.TIMEOUT * 1000
    )
    with pytest.raises(UnretryableException) as raised:
        await client.send_sms_async(aliyun_sdk.request(phone.digits, CODE))
    assert type(raised.value.inner_exception).__name__ == inner


def test_the_page_has_the_table_as_it_was_observed() -> None:
    page = DOC.read_text(encoding="utf-8")
    assert fault_table.rendered() in page, "run `python -m tests.e2e.fault_table` and paste what it prints"
