"""What the official Python SDK raises or returns for every error of Aliyun, and for credentials that are wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import (
    AlibabaCloudException,
    ClientException,
    ServerException,
    ThrottlingException,
)
from alibabacloud_tea_openapi.utils import Utils

from connector_gateway import CodeTimeout, Gateway, GatewayError, Recipient
from tests.e2e import accounts, aliyun_sdk, raw_http
from tests.e2e.error_codes import BUSINESS, GATEWAY, LOGTO, MAYBE_SENT
from tests.support.tiers import nth_fast

SCHEMES = [pytest.param({}, id="ACS3"), pytest.param({"signature_algorithm": "v2"}, id="v2")]


def refused(gateway: Gateway, phone: Recipient, *credentials: str, **config: Any) -> Any:
    """What the SDK raises; and nothing was captured."""
    with pytest.raises(AlibabaCloudException) as raised:
        aliyun_sdk.client(gateway.url, *credentials, **config).send_sms(aliyun_sdk.request(phone.digits, "123456"))
    assert gateway.captures(phone) == []
    return raised.value


def last(gateway: Gateway, phone: Recipient) -> dict[str, Any]:
    return gateway.exchanges(phone, limit=1)[0]


# --- the table of codes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", nth_fast(GATEWAY, 6))
def test_an_error_of_the_gateway_is_raised_with_its_status(gateway: Gateway, code: str) -> None:
    status, message, _ = GATEWAY[code]
    phone = gateway.phone()
    gateway.fault(to=phone, error=code)
    raised = refused(gateway, phone)
    assert type(raised) is (ClientException if status < 500 else ServerException)
    assert (raised.code, raised.status_code) == (code, status)
    assert raised.message.startswith(f"code: {status}, {message}")
    assert raised.message.endswith(f" request id: {raised.request_id}")
    assert raised.data["RequestId"] == raised.request_id
    assert raised.data["HostId"]
    assert code in raised.data["Recommend"]


@pytest.mark.parametrize("code", nth_fast(BUSINESS, 6))
def test_an_error_of_the_service_is_returned_with_status_200(gateway: Gateway, code: str) -> None:
    message, _ = BUSINESS[code]
    phone = gateway.phone()
    gateway.fault(to=phone, error=code)
    response = aliyun_sdk.client(gateway.url).send_sms(aliyun_sdk.request(phone.digits, "123456"))
    assert (response.status_code, response.body.code, response.body.biz_id) == (200, code, None)
    assert message in response.body.message
    assert response.body.request_id
    sent_body = json.loads(last(gateway, phone)["response"]["body"])
    assert sent_body.keys() == {"Message", "RequestId", "Code"}
    assert gateway.captures(phone) == []


async def test_the_async_client_raises_and_returns_the_same(gateway: Gateway) -> None:
    phone = gateway.phone()
    client = aliyun_sdk.client(gateway.url)
    gateway.fault(to=phone, error="InternalError", count=1)
    gateway.fault(to=phone, error="isv.BUSINESS_LIMIT_CONTROL", count=1)
    with pytest.raises(ServerException) as raised:
        await client.send_sms_async(aliyun_sdk.request(phone.digits, "1234"))
    assert raised.value.code == "InternalError"
    response = await client.send_sms_async(aliyun_sdk.request(phone.digits, "1234"))
    assert response.body.code == "isv.BUSINESS_LIMIT_CONTROL"


def test_a_throttle_is_one_only_with_the_header_that_says_when_to_come_back(gateway: Gateway) -> None:
    phone = gateway.phone()
    with gateway.fault(to=phone, error={"code": "Throttling.User", "retry_after": 0.7}):
        raised = refused(gateway, phone)
        assert type(raised) is ThrottlingException
        assert (raised.retry_after, raised.code) == (700, "Throttling.User")
    with gateway.fault(to=phone, error="Throttling.User"):
        assert type(refused(gateway, phone)) is ClientException


@pytest.mark.parametrize("code", nth_fast([*GATEWAY, *BUSINESS], 6))
def test_our_driver_says_what_kind_of_error_it_was(gateway: Gateway, code: str) -> None:
    reason = GATEWAY[code][2] if code in GATEWAY else BUSINESS[code][1]
    phone = gateway.phone()
    # A Retry-After of a hundredth keeps the driver's next attempts at a throttle from waiting.
    error = {"code": code, "retry_after": 0.01} if reason == "throttled" else code
    gateway.fault(to=phone, error=error)
    with pytest.raises(GatewayError) as raised:
        gateway.send(phone, code="123456")
    data = raised.value.data
    assert (data["reason"], data["providerCode"], data["provider"]) == (reason, code, "aliyun-sms")
    assert data["maybeSent"] is (reason in MAYBE_SENT)
    assert data["requestId"] == json.loads(last(gateway, phone)["response"]["body"])["RequestId"]
    assert raised.value.status == LOGTO.get(reason, 400)
    assert len(gateway.exchanges(phone)) == (3 if reason == "throttled" else 1)
    shown = f"{raised.value}"
    assert phone.digits[-8:] not in shown
    assert "123456" not in shown


# --- credentials ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_wrong_secret_is_refused_with_the_string_that_the_server_signed(
    gateway: Gateway, scheme: dict[str, Any]
) -> None:
    phone = gateway.phone()
    raised = refused(gateway, phone, accounts.KEY_ID, "not-the-secret", **scheme)
    assert (type(raised), raised.code, raised.status_code) == (ClientException, "SignatureDoesNotMatch", 400)
    assert "server string to sign is:" in raised.message
    exchange = last(gateway, phone)
    assert (exchange["signature"], exchange["accepted"]) == ("refused", False)
    explanation = exchange["explanation"]
    assert explanation["stringToSign"] in raised.data["Message"]
    assert accounts.KEY_ID in explanation["diagnosis"]  # no known mistake: whose secret it is, nobody can tell
    if scheme:
        assert explanation["stringToSign"].startswith("POST&%2F&AccessKeyId%3D")
    else:
        assert explanation["canonicalRequest"].startswith("POST\n/\nPhoneNumbers=")
        assert explanation["canonicalRequest"] in raised.data["Message"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_accounts_secret_is_recognised(strict: Gateway, scheme: dict[str, Any]) -> None:
    phone = strict.phone()
    refused(strict, phone, accounts.STRICT_KEY_ID, accounts.OTHER_SECRET, **scheme)
    diagnosis = last(strict, phone)["explanation"]["diagnosis"]
    assert accounts.OTHER_KEY_ID in diagnosis
    assert accounts.STRICT_KEY_ID in diagnosis
    assert accounts.OTHER_SECRET not in json.dumps(last(strict, phone))


@pytest.mark.parametrize("worn", [f"{accounts.SECRET}\n", f" {accounts.SECRET}", f'"{accounts.SECRET}"'])
def test_a_secret_with_something_around_it_is_recognised(gateway: Gateway, worn: str) -> None:
    phone = gateway.phone()
    refused(gateway, phone, accounts.KEY_ID, worn)
    assert "blanks, a line end or quotes" in last(gateway, phone)["explanation"]["diagnosis"]


def test_a_wait_says_that_a_request_was_refused_and_why(strict: Gateway) -> None:
    phone = strict.phone()
    refused(strict, phone, accounts.STRICT_KEY_ID, accounts.OTHER_SECRET)
    with pytest.raises(CodeTimeout, match=r"SignatureDoesNotMatch.*signed with the secret of other-key-id"):
        strict.code(phone, timeout=0)


def test_an_unknown_key_is_taken_by_a_lenient_fake_and_marked(gateway: Gateway) -> None:
    phone = gateway.phone()
    client = aliyun_sdk.client(gateway.url, "never-registered", "whatever")
    assert client.send_sms(aliyun_sdk.request(phone.digits, "464646")).body.code == "OK"
    assert gateway.code(phone) == "464646"
    exchange = last(gateway, phone)
    assert (exchange["signature"], exchange["keyId"]) == ("unverified", "never-registered")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_unknown_key_is_refused_by_a_strict_fake(strict: Gateway, scheme: dict[str, Any]) -> None:
    phone = strict.phone()
    raised = refused(strict, phone, "never-registered", "whatever", **scheme)
    assert (raised.code, raised.status_code) == ("InvalidAccessKeyId.NotFound", 404)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("token", "code"),
    [(None, "MissingSecurityToken"), ("another", "InvalidSecurityToken.MismatchWithAccessKey")],
)
def test_temporary_credentials_need_their_own_token(
    strict: Gateway, token: str | None, code: str, scheme: dict[str, Any]
) -> None:
    phone = strict.phone()
    raised = refused(strict, phone, accounts.STS_KEY_ID, accounts.STS_SECRET, security_token=token, **scheme)
    assert (type(raised), raised.code, raised.status_code) == (ClientException, code, 400)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_that_is_a_quarter_of_an_hour_off_is_refused(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, minutes: int, scheme: dict[str, Any]
) -> None:
    stamp = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    monkeypatch.setattr(Utils, "get_timestamp", staticmethod(lambda: stamp))
    phone = gateway.phone()
    raised = refused(gateway, phone, **scheme)
    assert (type(raised), raised.code, raised.status_code) == (ClientException, "InvalidTimeStamp.Expired", 400)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("minutes", [-14, 14])
def test_a_clock_that_is_a_little_off_is_accepted(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, minutes: int, scheme: dict[str, Any]
) -> None:
    stamp = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    monkeypatch.setattr(Utils, "get_timestamp", staticmethod(lambda: stamp))
    phone = gateway.phone()
    client = aliyun_sdk.client(gateway.url, **scheme)
    assert client.send_sms(aliyun_sdk.request(phone.digits, "123456")).body.code == "OK"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_nonce_is_good_for_one_request(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, scheme: dict[str, Any]
) -> None:
    phone = gateway.phone()
    monkeypatch.setattr(Utils, "get_nonce", staticmethod(lambda: f"nonce of {phone}"))
    client = aliyun_sdk.client(gateway.url, **scheme)
    assert client.send_sms(aliyun_sdk.request(phone.digits, "123456")).body.code == "OK"
    with pytest.raises(ClientException) as raised:
        client.send_sms(aliyun_sdk.request(phone.digits, "654321"))
    assert (raised.value.code, raised.value.status_code) == ("SignatureNonceUsed", 400)
    assert [capture.code for capture in gateway.captures(phone)] == ["123456"]


def test_a_refused_request_leaves_its_nonce_unused(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = gateway.phone()
    monkeypatch.setattr(Utils, "get_nonce", staticmethod(lambda: f"nonce of {phone}"))
    refused(gateway, phone, accounts.KEY_ID, "not-the-secret")
    client = aliyun_sdk.client(gateway.url)
    assert client.send_sms(aliyun_sdk.request(phone.digits, "123456")).body.code == "OK"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_recorded_request_cannot_be_replayed_nor_changed(gateway: Gateway, scheme: dict[str, Any]) -> None:
    """The very bytes that the SDK sent, once more; then with another number in them and the old signature."""
    phone = gateway.phone()
    aliyun_sdk.client(gateway.url, **scheme).send_sms(aliyun_sdk.request(phone.digits, "123456"))
    sent = last(gateway, phone)["request"]
    headers = [(name, value) for name, value in sent["headers"] if name.lower() != "content-length"]
    other = gateway.phone()
    forged = sent["target"].replace(phone.digits, other.digits)
    answers = raw_http.call(
        gateway.url,
        raw_http.written("POST", sent["target"], headers),
        raw_http.written("POST", forged, headers),
    )
    assert [(answer.status, answer.code) for answer in answers] == [
        (400, "SignatureNonceUsed"),
        (400, "SignatureDoesNotMatch"),
    ]
    assert len(gateway.captures(phone)) == 1
    assert gateway.captures(other) == []


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"signature_algorithm": "ACS3-HMAC-SM3"}, "InvalidSignatureMethod"),
        ({"access_key_id": None, "access_key_secret": None, "bearer_token": "t"}, "InvalidSignatureMethod"),
    ],
)
def test_the_sdks_other_ways_to_sign_are_refused_by_name(
    gateway: Gateway, config: dict[str, Any], code: str
) -> None:
    from alibabacloud_dysmsapi20170525.client import Client
    from alibabacloud_tea_openapi.utils_models import Config

    given = {
        "access_key_id": accounts.KEY_ID,
        "access_key_secret": accounts.SECRET,
        "endpoint": aliyun_sdk.address(gateway.url),
        "protocol": "HTTP",
        **config,
    }
    phone = gateway.phone()
    with pytest.raises(ClientException) as raised:
        Client(Config(**given)).send_sms(aliyun_sdk.request(phone.digits, "123456"))
    assert raised.value.code == code


# --- the rules of the service ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"phone_numbers": "1380013800"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"phone_numbers": "13800138000, 13800138001"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"phone_numbers": "138001380000"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"phone_numbers": "+6581234567"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"template_param": "{code: 1}"}, "isv.INVALID_JSON_PARAM"),
        ({"template_param": '["123456"]'}, "isv.INVALID_JSON_PARAM"),
    ],
)
def test_the_grammar_is_always_checked(gateway: Gateway, fields: dict[str, str], code: str) -> None:
    response = aliyun_sdk.client(gateway.url).send_sms(aliyun_sdk.request("13800138000", "123456", **fields))
    assert (response.status_code, response.body.code) == (200, code)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"sign_name": "nobody's"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"template_code": "SMS_1"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"template_param": '{"code":123456}'}, "isv.INVALID_JSON_PARAM"),
        ({"template_param": '{"other":"123456"}'}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"template_code": "SMS_200000001"}, "isv.DOMESTIC_NUMBER_NOT_SUPPORTED"),
        ({"phone_numbers": "6581234567"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"out_id": "x" * 256}, "isv.PARAM_LENGTH_LIMIT"),
    ],
)
def test_a_strict_fake_knows_what_is_registered(
    strict: Gateway, gateway: Gateway, fields: dict[str, str], code: str
) -> None:
    request = aliyun_sdk.request("13800138000", "123456", **fields)
    client = aliyun_sdk.client(strict.url, accounts.STRICT_KEY_ID, accounts.STRICT_SECRET)
    assert client.send_sms(request).body.code == code
    assert aliyun_sdk.client(gateway.url).send_sms(request).body.code == "OK"


def test_a_lenient_fake_shows_what_a_strict_one_would_refuse(gateway: Gateway) -> None:
    client = aliyun_sdk.client(gateway.url)
    unknown, empty = gateway.phone(), gateway.phone()
    client.send_sms(aliyun_sdk.request(unknown.digits, "123456", sign_name="nobody's", template_code="SMS_1"))
    assert gateway.message(unknown).text == "【nobody's】 <SMS_1 is not registered here> code=123456"
    client.send_sms(aliyun_sdk.request(empty.digits, "", template_param='{"other":"123456"}'))
    assert "${code}" in (gateway.message(empty).text or "")


@pytest.mark.parametrize("name", ["phone_numbers", "sign_name", "template_code"])
def test_a_mandatory_parameter_that_is_empty_is_missing(gateway: Gateway, name: str) -> None:
    with pytest.raises(ClientException) as raised:
        aliyun_sdk.client(gateway.url).send_sms(aliyun_sdk.request("13800138000", "1", **{name: ""}))
    word = "".join(part.capitalize() for part in name.split("_"))
    assert (raised.value.code, raised.value.status_code) == (f"Missing{word}", 400)
    assert raised.value.data["Message"] == f"{word} is mandatory for this action."


def test_an_operation_that_is_not_there_is_refused_as_unknown(gateway: Gateway) -> None:
    from alibabacloud_dysmsapi20170525 import models

    with pytest.raises(ClientException) as raised:
        aliyun_sdk.client(gateway.url).query_card_sms_template(
            models.QueryCardSmsTemplateRequest(template_code="x")
        )
    assert (raised.value.code, raised.value.status_code) == ("InvalidAction.NotFound", 404)
