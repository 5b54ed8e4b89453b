"""Aliyun's official Python SDK against a gateway in a process of its own: sending, reading back, asking what became
of it, and every way of naming the endpoint."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connector_gateway import AsyncGateway, Gateway
from tests.e2e import accounts, aliyun_sdk
from tests.support.tiers import nth_fast

AWKWARD = "1 2(3)4'*! ~+/=&%:,号"
"""A code that every encoder spells differently: it survives only if the signature is made from decoded values."""

SCHEMES = [pytest.param({}, id="ACS3"), pytest.param({"signature_algorithm": "v2"}, id="v2")]


def upper_case_uuid(text: str) -> bool:
    parts = text.split("-")
    return text == text.upper() and [len(part) for part in parts] == [8, 4, 4, 4, 12]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_code_of_the_sync_client_is_read_back(gateway: Gateway, scheme: dict[str, Any]) -> None:
    phone = gateway.phone()
    response = aliyun_sdk.client(gateway.url, **scheme).send_sms(aliyun_sdk.request(phone.digits, AWKWARD))
    body = response.body
    assert (response.status_code, body.code, body.message) == (200, "OK", "OK")
    assert upper_case_uuid(body.request_id)
    assert body.biz_id.endswith("^0")
    assert body.biz_id[:-2].isdigit()
    assert len(body.biz_id) == 20
    assert gateway.code(phone) == AWKWARD
    capture = gateway.captures(phone)[0]
    assert capture.code_source == "template_param"
    assert capture.text == f"【网关沙盒】您的登录验证码为{AWKWARD}，10分钟内有效。如非本人操作，请忽略本短信。"
    assert capture.details["BizId"] == body.biz_id
    assert gateway.exchanges(phone)[0]["signature"] == "valid"


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_code_of_the_async_client_is_read_back(gateway: Gateway, scheme: dict[str, Any]) -> None:
    phone = gateway.phone()
    client = aliyun_sdk.client(gateway.url, **scheme)
    response = await client.send_sms_async(aliyun_sdk.request(phone.digits, AWKWARD))
    assert response.body.code == "OK"
    assert await AsyncGateway.of(gateway).code(phone) == AWKWARD
    exchange = gateway.exchanges(phone)[0]
    assert exchange["signature"] == "valid"
    if not scheme:
        headers = {name.lower(): value for name, value in exchange["request"]["headers"]}
        # What the HTTP stack below the async client adds after signing, and must not disturb.
        assert headers["content-type"] == "application/octet-stream"
        assert exchange["request"]["body"] == ""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_temporary_credentials_are_accepted_with_their_token(strict: Gateway, scheme: dict[str, Any]) -> None:
    phone = strict.phone()
    client = aliyun_sdk.client(
        strict.url, accounts.STS_KEY_ID, accounts.STS_SECRET, security_token=accounts.STS_TOKEN, **scheme
    )
    assert client.send_sms(aliyun_sdk.request(phone.digits, "135790")).body.code == "OK"
    assert strict.code(phone) == "135790"


async def test_temporary_credentials_are_accepted_from_the_async_client(strict: Gateway) -> None:
    phone = strict.phone()
    client = aliyun_sdk.client(
        strict.url, accounts.STS_KEY_ID, accounts.STS_SECRET, security_token=accounts.STS_TOKEN
    )
    assert (await client.send_sms_async(aliyun_sdk.request(phone.digits, "135791"))).body.code == "OK"
    assert await AsyncGateway.of(strict).code(phone) == "135791"


@pytest.mark.parametrize("connector", ["sms", "v2", "sts"])
def test_our_own_driver_gives_code_and_usage_type_exactly(strict: Gateway, connector: str) -> None:
    phone = strict.phone()
    receipt = strict.send(phone, "ForgotPassword", code="A1b2C3", connector=connector)["receipt"]
    assert strict.code(phone, type="ForgotPassword") == "A1b2C3"
    capture = strict.captures(phone)[0]
    assert (capture.code_source, capture.type, capture.connector_id) == ("rendered", "ForgotPassword", connector)
    assert capture.details["BizId"] == receipt["providerMessageId"]
    assert capture.details["RequestId"] == receipt["requestId"]
    assert receipt["providerCode"] == "OK"


def test_a_foreign_sender_gives_the_usage_type_of_the_connector_that_has_its_template(gateway: Gateway) -> None:
    phone = gateway.phone()
    request = aliyun_sdk.request(phone.digits, "192837", template_code="SMS_100000003", out_id="order 1")
    aliyun_sdk.client(gateway.url).send_sms(request)
    capture = gateway.message(phone)
    assert (capture.code, capture.code_source, capture.type) == ("192837", "template_param", "ForgotPassword")
    assert capture.details["OutId"] == "order 1"
    assert capture.message_id is None


def test_two_recipients_of_one_call_each_have_a_capture(gateway: Gateway) -> None:
    first, second = gateway.phone(), gateway.phone()
    aliyun_sdk.client(gateway.url).send_sms(aliyun_sdk.request(f"{first.digits},{second.digits}", "555123"))
    assert [gateway.code(first), gateway.code(second)] == ["555123", "555123"]


def test_a_thousand_recipients_fit_into_one_call(gateway: Gateway) -> None:
    phone = gateway.phone()
    numbers = ",".join(f"+86139{number:08}" for number in range(999)) + f",{phone.digits}"
    assert aliyun_sdk.client(gateway.url).send_sms(aliyun_sdk.request(numbers, "778899")).body.code == "OK"
    assert gateway.code(phone) == "778899"


# --- the endpoint ---------------------------------------------------------------------------------------------


ENDPOINTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "host and port": lambda at: {"endpoint": at},
    "with a slash": lambda at: {"endpoint": f"{at}/"},
    "as a URL": lambda at: {"endpoint": f"http://{at}"},
    "as a URL with a slash": lambda at: {"endpoint": f"http://{at}/"},
    "by name": lambda at: {"endpoint": at.replace("127.0.0.1", "localhost")},
    "the mount path": lambda at: {"endpoint": f"{at}/fakes/aliyun-sms"},
    "the mount path with a slash": lambda at: {"endpoint": f"{at}/fakes/aliyun-sms/"},
    "the mount path as a URL": lambda at: {"endpoint": f"http://{at}/fakes/aliyun-sms"},
    "Aliyun's name by proxy": lambda at: {"endpoint": "dysmsapi.aliyuncs.com", "http_proxy": f"http://{at}"},
    "a region's name by proxy": lambda at: {
        "endpoint": None,
        "region_id": "ap-southeast-1",
        "http_proxy": f"http://{at}",
    },
    "itself as its proxy": lambda at: {"endpoint": at, "http_proxy": f"http://{at}"},
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", nth_fast(ENDPOINTS, 3))
async def test_the_endpoint_may_be_written_in_any_way(gateway: Gateway, name: str, scheme: dict[str, Any]) -> None:
    config = ENDPOINTS[name](aliyun_sdk.address(gateway.url)) | scheme
    client = aliyun_sdk.client(gateway.url, **config)
    phone = gateway.phone()
    assert client.send_sms(aliyun_sdk.request(phone.digits, "100001")).body.code == "OK"
    assert await AsyncGateway.of(gateway).code(phone) == "100001"
    other = gateway.phone()
    assert (await client.send_sms_async(aliyun_sdk.request(other.digits, "100002"))).body.code == "OK"
    assert await AsyncGateway.of(gateway).code(other) == "100002"


def test_a_proxy_of_the_environment_may_be_the_gateway(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", gateway.url)
    phone = gateway.phone()
    client = aliyun_sdk.client(gateway.url, endpoint="dysmsapi.aliyuncs.com")
    assert client.send_sms(aliyun_sdk.request(phone.digits, "200001")).body.code == "OK"
    assert gateway.code(phone) == "200001"
    assert gateway.exchanges(phone)[0]["request"]["target"].startswith("http://dysmsapi.aliyuncs.com/?")


def test_a_foreign_proxy_of_the_environment_is_passed_by_naming_the_gateway_as_proxy(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://192.0.2.1:9")  # TEST-NET: nobody answers there
    phone = gateway.phone()
    client = aliyun_sdk.client(gateway.url, http_proxy=gateway.url)
    assert client.send_sms(aliyun_sdk.request(phone.digits, "200002")).body.code == "OK"
    assert gateway.code(phone) == "200002"


@pytest.mark.slow  # a server of its own
def test_a_proxy_in_the_gateways_own_environment_does_not_stop_its_driver() -> None:
    """In a process of its own: the gateway inherits the environment of whoever starts it."""
    script = (
        "import os\n"
        "os.environ['HTTP_PROXY'] = os.environ['http_proxy'] = 'http://192.0.2.1:9'\n"
        "from connector_gateway import Gateway, Server\n"
        "with Server() as server:\n"
        "    gateway = Gateway(server.url)\n"
        "    phone = gateway.phone()\n"
        "    gateway.send(phone, code='200003')\n"
        "    print(gateway.code(phone))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=50, check=False)
    assert (done.stdout, done.returncode) == ("200003\n", 0), done.stderr


# --- what became of it ----------------------------------------------------------------------------------------


def test_a_message_waits_for_its_receipt_and_then_is_delivered(gateway: Gateway) -> None:
    client = aliyun_sdk.client(gateway.url)
    phone = gateway.phone()
    day = gateway.clock.freeze().astimezone(accounts.SHANGHAI).strftime("%Y%m%d")
    sent = client.send_sms(aliyun_sdk.request(phone.digits, "314159", out_id="my id")).body
    number = phone.digits.removeprefix("86")

    waiting = client.query_send_details(aliyun_sdk.query(number, day)).body
    assert (waiting.code, waiting.message) == ("OK", "OK")
    assert int(waiting.total_count) == 1
    [detail] = waiting.sms_send_detail_dtos.sms_send_detail_dto
    assert (detail.send_status, detail.receive_date) == (1, "")
    assert (detail.phone_num, detail.template_code, detail.out_id) == (number, accounts.TEMPLATE, "my id")
    assert detail.content == gateway.captures(phone)[0].text

    received = gateway.clock.advance(seconds=5)
    [detail] = client.query_send_details(
        aliyun_sdk.query(number, day, biz_id=sent.biz_id)
    ).body.sms_send_detail_dtos.sms_send_detail_dto
    assert (detail.send_status, detail.err_code) == (3, "DELIVERED")
    sent_at, received_at = (
        datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=accounts.SHANGHAI)
        for text in (detail.send_date, detail.receive_date)
    )
    assert sent_at < received_at <= received.astimezone(UTC)

    other = client.query_send_details(aliyun_sdk.query(number, day, biz_id="111111111111111111^0")).body
    assert (int(other.total_count), other.sms_send_detail_dtos.sms_send_detail_dto or []) == (0, [])


async def test_details_come_in_pages_newest_first(gateway: Gateway) -> None:
    client = aliyun_sdk.client(gateway.url)
    phone = gateway.phone()
    day = gateway.clock.freeze().astimezone(accounts.SHANGHAI).strftime("%Y%m%d")
    for number in range(3):
        client.send_sms(aliyun_sdk.request(phone.digits, f"70000{number}"))
    found = []
    for page in (1, 2, 3):
        query = aliyun_sdk.query(phone.digits, day, page_size=1, current_page=page)
        body = (await client.query_send_details_async(query)).body
        assert int(body.total_count) == 3
        found += [detail.content for detail in body.sms_send_detail_dtos.sms_send_detail_dto]
    assert ["70000" in text for text in found] == [True] * 3
    assert [text.partition("70000")[2][0] for text in found] == ["2", "1", "0"]


def test_moving_the_clock_does_not_make_signatures_old(gateway: Gateway) -> None:
    """Freshness is judged by real time: a client's clock does not move with the gateway's."""
    gateway.clock.advance(days=2)
    phone = gateway.phone()
    assert aliyun_sdk.client(gateway.url).send_sms(aliyun_sdk.request(phone.digits, "600600")).body.code == "OK"
    assert gateway.code(phone) == "600600"


def test_template_param_may_be_anything_that_json_spells_otherwise(gateway: Gateway) -> None:
    phone = gateway.phone()
    spelled = '{ "code" : "\\u0031\\u0032\\u0033\\u0034" }'
    aliyun_sdk.client(gateway.url).send_sms(aliyun_sdk.request(phone.digits, "", template_param=spelled))
    assert gateway.code(phone) == json.loads(spelled)["code"] == "1234"
