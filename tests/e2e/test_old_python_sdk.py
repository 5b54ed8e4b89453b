"""Aliyun's first Python SDK (``aliyun-python-sdk-core``), which many still have: RPC v1 by CommonRequest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

import pytest
from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest, RpcRequest

from connector_gateway import Gateway
from tests.e2e import accounts, aliyun_sdk

AWKWARD = "1 2(3)4'*! ~+/=&%:,号"


@contextmanager
def client(*credentials: str, **more: Any) -> Iterator[Any]:
    made = AcsClient(*credentials, region_id="cn-hangzhou", **more)
    try:
        yield made
    finally:
        made.session.close()  # the SDK leaves its connections to the garbage collector, which warns


def call(request: Any, key_id: str = accounts.KEY_ID, secret: str = accounts.SECRET) -> bytes:
    with client(key_id, secret) as made:
        answer: bytes = made.do_action_with_exception(request)
        return answer


def send_sms(gateway: Gateway, to: str, code: str, method: str = "GET", *, body: tuple[str, ...] = ()) -> Any:
    """``body``: the parameters that travel in the form instead of the query."""
    request = CommonRequest(version="2017-05-25", action_name="SendSms")
    request.set_domain(aliyun_sdk.address(gateway.url))
    request.set_protocol_type("http")
    request.set_method(method)
    fields = {
        "PhoneNumbers": to,
        "SignName": accounts.SIGN_NAME,
        "TemplateCode": accounts.TEMPLATE,
        "TemplateParam": json.dumps({"code": code}, ensure_ascii=False),
    }
    for name, value in fields.items():
        (request.add_body_params if name in body else request.add_query_param)(name, value)
    return request


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("GET", ()),
        ("POST", ()),
        ("POST", ("TemplateParam", "SignName")),
        ("POST", ("PhoneNumbers", "SignName", "TemplateCode", "TemplateParam")),
    ],
)
def test_a_code_is_read_back_wherever_its_parameters_travel(
    gateway: Gateway, method: str, body: tuple[str, ...]
) -> None:
    phone = gateway.phone()
    answer = json.loads(call(send_sms(gateway, phone.digits, AWKWARD, method, body=body)))
    assert (answer["Code"], answer["Message"]) == ("OK", "OK")
    assert answer["BizId"].endswith("^0")
    assert gateway.code(phone) == AWKWARD
    exchange = gateway.exchanges(phone)[0]
    assert (exchange["signature"], exchange["request"]["method"]) == ("valid", method)
    assert "SignatureType=&" in f"{exchange['request']['target']}&"


def test_it_may_ask_for_xml(gateway: Gateway) -> None:
    phone = gateway.phone()
    request = send_sms(gateway, phone.digits, "123456")
    request.set_accept_format("XML")
    # Not do_action_with_exception: that one asks for JSON, whatever the request says.
    with client(accounts.KEY_ID, accounts.SECRET) as made, pytest.warns(DeprecationWarning, match="do_action"):
        answer = made.do_action(request)
    assert answer.startswith(b"<?xml version='1.0' encoding='UTF-8'?><SendSmsResponse>")
    root = ElementTree.fromstring(answer.decode())  # noqa: S314 (written by the server under test)
    assert root.findtext("Code") == "OK"
    assert gateway.code(phone) == "123456"


def test_temporary_credentials_travel_as_a_parameter(strict: Gateway) -> None:
    from aliyunsdkcore.auth.credentials import StsTokenCredential

    phone = strict.phone()
    credential = StsTokenCredential(accounts.STS_KEY_ID, accounts.STS_SECRET, accounts.STS_TOKEN)
    with client(credential=credential) as made:
        answer = made.do_action_with_exception(send_sms(strict, phone.digits, "123456"))
    assert json.loads(answer)["Code"] == "OK"
    assert strict.code(phone) == "123456"


def test_a_refused_signature_has_a_colon_before_the_echo(gateway: Gateway) -> None:
    """The SDK looks at what stands after the first colon of the message, and dies of an IndexError without one."""
    phone = gateway.phone()
    with pytest.raises(ServerException) as raised:
        call(send_sms(gateway, phone.digits, "123456", "POST"), accounts.KEY_ID, "no")
    assert (raised.value.get_error_code(), raised.value.get_http_status()) == ("SignatureDoesNotMatch", 400)
    assert gateway.captures(phone) == []


@pytest.mark.parametrize(("method", "body"), [("GET", ()), ("POST", ()), ("POST", ("TemplateParam",))])
def test_the_echo_of_a_refused_signature_is_the_clients_own_string(
    gateway: Gateway, method: str, body: tuple[str, ...]
) -> None:
    """A request of a product's package knows what it signed. Where the echo is the same, character by character,
    the SDK says that it is the secret that is wrong."""
    phone = gateway.phone()
    common = send_sms(gateway, phone.digits, AWKWARD, method, body=body)
    request = RpcRequest("Dysmsapi", "2017-05-25", "SendSms", protocol="http")
    request.set_endpoint(aliyun_sdk.address(gateway.url))
    request.set_method(method)
    request.set_query_params(common.get_query_params())
    request.set_body_params(common.get_body_params())
    with pytest.raises(ServerException) as raised:
        call(request, accounts.KEY_ID, "no")
    assert (raised.value.get_error_code(), raised.value.get_http_status()) == ("InvalidAccessKeySecret", 400)
    assert gateway.exchanges(phone)[0]["code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("Throttling.User", 400),
        ("InvalidAccessKeyId.NotFound", 404),
        ("SignatureNonceUsed", 400),
        ("InternalError", 500),
    ],
)
def test_an_error_of_the_gateway_is_raised(gateway: Gateway, code: str, status: int) -> None:
    phone = gateway.phone()
    gateway.fault(to=phone, error=code)
    with pytest.raises(ServerException) as raised:
        call(send_sms(gateway, phone.digits, "123456"))
    assert (raised.value.get_error_code(), raised.value.get_http_status()) == (code, status)
    assert raised.value.get_request_id()


def test_an_error_of_the_service_is_returned(gateway: Gateway) -> None:
    phone = gateway.phone()
    gateway.fault(to=phone, error="isv.BUSINESS_LIMIT_CONTROL")
    answer = json.loads(call(send_sms(gateway, phone.digits, "123456")))
    assert answer["Code"] == "isv.BUSINESS_LIMIT_CONTROL"
    assert answer.keys() == {"Code", "Message", "RequestId"}


@pytest.mark.parametrize("fault", [{"fin": True}, {"reset": True}])
def test_a_lost_connection_is_an_exception_of_the_client(gateway: Gateway, fault: dict[str, Any]) -> None:
    phone = gateway.phone()
    gateway.fault(to=phone, **fault)
    with pytest.raises(ClientException) as raised:
        call(send_sms(gateway, phone.digits, "123456"))
    assert raised.value.get_error_code() == "SDK.HttpError"


def test_details_are_asked_for_with_the_same_request(gateway: Gateway) -> None:
    phone = gateway.phone()
    call(send_sms(gateway, phone.digits, "123456"))
    request = CommonRequest(version="2017-05-25", action_name="QuerySendDetails")
    request.set_domain(aliyun_sdk.address(gateway.url))
    request.set_protocol_type("http")
    day = gateway.captures(phone)[0].received_at.astimezone(accounts.SHANGHAI).strftime("%Y%m%d")
    for name, value in {"PhoneNumber": phone.digits, "SendDate": day, "PageSize": 10, "CurrentPage": 1}.items():
        request.add_query_param(name, value)
    answer = json.loads(call(request))
    assert (answer["Code"], answer["TotalCount"]) == ("OK", 1)
    assert answer["SmsSendDetailDTOs"]["SmsSendDetailDTO"][0]["SendStatus"] in (1, 3)
