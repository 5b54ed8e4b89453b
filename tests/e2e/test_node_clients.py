"""Node's clients against the fake: both of Aliyun's SDKs, and Logto's connectors, none of them changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector_gateway import Gateway, Recipient
from tests.e2e import accounts, aliyun_sdk
from tests.e2e.node_clients import Node

# The first of them installs the packages.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

AWKWARD = "1 2(3)4'*! ~+/=&%:,号"
HTML = {"status": 502, "headers": {"Content-Type": "text/html"}, "body": "<html>Bad Gateway</html>"}
THROTTLED = {"code": "Throttling.User", "retry_after": 0.7}


def fields(phone: Recipient, code: str = AWKWARD) -> dict[str, str]:
    return {
        "phoneNumbers": phone.digits,
        "signName": accounts.SIGN_NAME,
        "templateCode": accounts.TEMPLATE,
        "templateParam": json.dumps({"code": code}, ensure_ascii=False),
    }


def keys(**more: str) -> dict[str, str]:
    return {"accessKeyId": accounts.KEY_ID, "accessKeySecret": accounts.SECRET, **more}


def pop_core(gateway: Gateway, phone: Recipient, method: str = "GET", **config: str) -> dict[str, Any]:
    given = keys(endpoint=gateway.url, **config)
    return {"client": "popCore", "config": given, "parameters": fields(phone), "options": {"method": method}}


def sdk(gateway: Gateway, phone: Recipient, **config: str) -> dict[str, Any]:
    given = keys(endpoint=aliyun_sdk.address(gateway.url), protocol="http", **config)
    return {"client": "sdk", "config": given, "parameters": fields(phone)}


def logto(gateway: Gateway, phone: Recipient, kind: str = "SignIn", **payload: Any) -> dict[str, Any]:
    return {
        "client": "logto",
        "connector": "@logto/connector-aliyun-sms",
        "config": accounts.logto_config(accounts.KEY_ID, accounts.SECRET),
        "message": {"to": phone.digits, "type": kind, "payload": {"code": "135246", **payload}},
    }


def http_sms(
    gateway: Gateway, connector: str, phone: Recipient, authorization: str | None = None
) -> dict[str, Any]:
    endpoint = f"{gateway.url}/api/connectors/{connector}/send"
    message = {"to": phone.digits, "type": "Register", "payload": {"code": "864209"}, "ip": "192.0.2.7"}
    config = {"endpoint": endpoint} | ({"authorization": authorization} if authorization else {})
    return {"client": "logto", "connector": "@logto/connector-http-sms", "config": config, "message": message}


# --- @alicloud/pop-core ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pop_core_sends_and_the_code_is_read_back(gateway: Gateway, node: Node, method: str) -> None:
    phone = gateway.phone()
    [result] = node.call(gateway.url, pop_core(gateway, phone, method))
    assert result["returned"]["Code"] == "OK"
    assert gateway.code(phone) == AWKWARD
    assert gateway.exchanges(phone)[0]["signature"] == "valid"


def test_pop_core_throws_every_error_with_its_code(gateway: Gateway, node: Node) -> None:
    phones = [gateway.phone() for _ in range(5)]
    for phone, fault in zip(
        phones,
        ("isv.BUSINESS_LIMIT_CONTROL", "Throttling.User", "InternalError", None, None),
        strict=True,
    ):
        if fault:
            gateway.fault(to=phone, error=fault)
    gateway.fault(to=phones[3], answer=HTML)
    calls = [pop_core(gateway, phone) for phone in phones]
    calls[4] = pop_core(gateway, phones[4], accessKeySecret="wrong")
    limited, throttled, failed, html, refused = (result["thrown"] for result in node.call(gateway.url, *calls))
    assert (limited["code"], limited["name"]) == ("isv.BUSINESS_LIMIT_CONTROL", "isv.BUSINESS_LIMIT_CONTROLError")
    assert limited["data"].keys() == {"Message", "RequestId", "Code"}
    assert (throttled["code"], failed["code"]) == ("Throttling.User", "InternalError")
    assert html["name"] == "SyntaxError"
    assert refused["code"] == "SignatureDoesNotMatch"
    assert "server string to sign is:GET&%2F&AccessKeyId" in refused["data"]["Message"]


# --- @alicloud/dysmsapi20170525 -------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [{}, {"signatureAlgorithm": "v2"}])
def test_the_sdk_sends_and_the_code_is_read_back(gateway: Gateway, node: Node, config: dict[str, str]) -> None:
    phone = gateway.phone()
    [result] = node.call(gateway.url, sdk(gateway, phone, **config))
    assert (result["returned"]["statusCode"], result["returned"]["body"]["code"]) == (200, "OK")
    assert gateway.code(phone) == AWKWARD
    assert gateway.exchanges(phone)[0]["signature"] == "valid"


def test_the_sdk_sends_with_temporary_credentials(strict: Gateway, node: Node) -> None:
    phone = strict.phone()
    call = sdk(strict, phone)
    call["config"] |= {
        "accessKeyId": accounts.STS_KEY_ID,
        "accessKeySecret": accounts.STS_SECRET,
        "securityToken": accounts.STS_TOKEN,
    }
    # A strict fake takes letters and digits only.
    call["parameters"]["templateParam"] = json.dumps({"code": "135246"})
    [result] = node.call(strict.url, call)
    assert result["returned"]["body"]["code"] == "OK"
    assert strict.code(phone) == "135246"


def test_the_sdk_asks_what_became_of_it(gateway: Gateway, node: Node) -> None:
    phone = gateway.phone()
    gateway.send(phone, code="123456")
    day = gateway.captures(phone)[0].received_at.astimezone(accounts.SHANGHAI).strftime("%Y%m%d")
    gateway.clock.advance(seconds=5)
    query = {"phoneNumber": phone.digits, "sendDate": day, "pageSize": 10, "currentPage": 1}
    [result] = node.call(gateway.url, {**sdk(gateway, phone), "parameters": query, "action": "querySendDetails"})
    body = result["returned"]["body"]
    assert (body["code"], body["totalCount"]) == ("OK", "1")  # this SDK makes a string of it
    assert body["smsSendDetailDTOs"]["smsSendDetailDTO"][0]["sendStatus"] == 3


def test_the_sdk_returns_errors_of_the_service_and_throws_the_gateways(gateway: Gateway, node: Node) -> None:
    phones = [gateway.phone() for _ in range(6)]
    errors: tuple[Any, ...] = ("isv.BUSINESS_LIMIT_CONTROL", "Throttling.User", THROTTLED, "InternalError")
    for phone, error in zip(phones, errors, strict=False):
        gateway.fault(to=phone, error=error)
    gateway.fault(to=phones[4], answer=HTML)
    calls = [sdk(gateway, phone) for phone in phones]
    calls[5]["config"] |= {"accessKeySecret": "wrong"}
    limited, bare, throttled, failed, html, refused = node.call(gateway.url, *calls)
    assert limited["returned"]["body"]["code"] == "isv.BUSINESS_LIMIT_CONTROL"
    # Unlike Python's, this SDK knows a throttle by its code, with or without the header.
    assert (bare["thrown"]["name"], bare["thrown"]["code"]) == ("ThrottlingError", "Throttling.User")
    assert (throttled["thrown"]["name"], throttled["thrown"]["retryAfter"]) == ("ThrottlingError", 700)
    assert (failed["thrown"]["name"], failed["thrown"]["code"]) == ("ServerError", "InternalError")
    assert "SyntaxError" in (html["thrown"]["name"], html["thrown"]["kind"])
    assert (refused["thrown"]["name"], refused["thrown"]["code"]) == ("ClientError", "SignatureDoesNotMatch")


# --- Logto ----------------------------------------------------------------------------------------------------


def test_logtos_aliyun_connector_reaches_the_fake_and_the_code_is_read_back(gateway: Gateway, node: Node) -> None:
    """Its endpoint is fixed, https://dysmsapi.aliyuncs.com/: a preload sends that host to the gateway."""
    phone = gateway.phone()
    [result] = node.call(gateway.url, logto(gateway, phone, locale="zh-CN"), preload=True)
    assert result["returned"]["Code"] == "OK"
    assert gateway.code(phone, type="SignIn") == "135246"
    exchange = gateway.exchanges(phone)[0]
    assert (exchange["signature"], exchange["request"]["host"]) == ("valid", "dysmsapi.aliyuncs.com")
    assert gateway.captures(phone)[0].code_source == "template_param"


def test_logtos_aliyun_connector_chooses_its_template_by_the_number(gateway: Gateway, node: Node) -> None:
    chinese, american = gateway.phone(), gateway.phone("US")
    calls = [logto(gateway, chinese, "Register"), logto(gateway, american, "MfaVerification")]
    node.call(gateway.url, *calls, preload=True)
    assert gateway.message(chinese).details["TemplateCode"] == "SMS_100000002"
    # 1 and ten digits: neither Logto nor Aliyun can tell it from a Chinese number, and Generic stands for the type.
    read_as = f"+86{american.digits}"
    assert gateway.message(read_as).details["TemplateCode"] == "SMS_100000005"


def test_logtos_aliyun_connector_tells_rate_limits_from_other_errors(gateway: Gateway, node: Node) -> None:
    phones = [gateway.phone() for _ in range(5)]
    errors: tuple[Any, ...] = (
        "isv.BUSINESS_LIMIT_CONTROL",
        "isv.AMOUNT_NOT_ENOUGH",
        {"code": "isv.BUSINESS_LIMIT_CONTROL", "status": 400},
        "Throttling.User",
    )
    for phone, error in zip(phones, errors, strict=False):
        gateway.fault(to=phone, error=error)
    gateway.fault(to=phones[4], answer=HTML)
    calls = [logto(gateway, phone) for phone in phones]
    thrown = [result["thrown"] for result in node.call(gateway.url, *calls, preload=True)]
    assert [(error["kind"], error["code"]) for error in thrown] == [
        ("ConnectorError", "rate_limit_exceeded"),
        ("ConnectorError", "general"),
        ("ConnectorError", "general"),
        ("ConnectorError", "general"),
        ("ConnectorError", "invalid_response"),
    ]
    assert thrown[1]["data"]["errorDescription"] == "账户余额不足"
    assert all(thrown[index]["data"]["RequestId"] for index in range(4))


def test_logtos_aliyun_connector_with_a_wrong_secret_is_told_so(gateway: Gateway, node: Node) -> None:
    phone = gateway.phone()
    call = logto(gateway, phone)
    call["config"] = accounts.logto_config(accounts.KEY_ID, "wrong")
    [result] = node.call(gateway.url, call, preload=True)
    assert result["thrown"]["code"] == "general"
    assert result["thrown"]["data"]["Code"] == "SignatureDoesNotMatch"


def test_logtos_http_connector_delivers_through_our_driver(strict: Gateway, node: Node) -> None:
    phone, other = strict.phone(), strict.phone()
    given, open_one = node.call(
        strict.url,
        http_sms(strict, "guarded", phone, accounts.AUTHORIZATION),
        http_sms(strict, "sms", other),
    )
    assert (given["returned"]["statusCode"], open_one["returned"]["statusCode"]) == (200, 200)
    capture = strict.message(phone, type="Register")
    assert (capture.code, capture.code_source, capture.connector_id) == ("864209", "rendered", "guarded")
    assert strict.code(other) == "864209"


def test_logtos_http_connector_passes_our_errors_on_without_anything_personal(strict: Gateway, node: Node) -> None:
    """Logto shows the text to the end user: our code and reason, but no number, no code, no secret."""
    phones = [strict.phone() for _ in range(5)]
    strict.fault(to=phones[0], error="isv.BUSINESS_LIMIT_CONTROL")
    strict.fault(to=phones[1], error="SignatureDoesNotMatch")
    strict.fault(to=phones[2], answer=HTML)
    calls = [http_sms(strict, "guarded", phone, accounts.AUTHORIZATION) for phone in phones]
    calls[3] = http_sms(strict, "guarded", phones[3], "Bearer something else")
    calls[4] = http_sms(strict, "guarded", phones[4])
    results = node.call(strict.url, *calls)
    bodies = [json.loads(result["thrown"]["data"]["message"]) for result in results]
    assert [(body["code"], body["data"].get("reason")) for body in bodies] == [
        ("connector.rate_limit_exceeded", "rate_limited"),
        ("connector.general", "credentials_refused"),
        ("connector.invalid_response", "invalid_response"),
        ("auth.unauthorized", None),
        ("auth.unauthorized", None),
    ]
    for result, phone in zip(results, phones, strict=True):
        shown = json.dumps(result, ensure_ascii=False)
        for personal in (phone.digits[-8:], "864209", accounts.AUTHORIZATION, accounts.STRICT_SECRET):
            assert personal not in shown
