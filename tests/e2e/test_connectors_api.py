"""Connectors that are made, changed and removed while the gateway runs: the strict fake follows at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from connector_gateway import Gateway
from gateway.core.model import MASK
from tests.e2e import aliyun_sdk
from tests.e2e import independent_signer as signer
from tests.e2e.accounts import SIGN_NAME, TEMPLATE

USAGE_TYPES = ("SignIn", "Register", "ForgotPassword", "Generic")
CONFIG = {
    "accessKeyId": "key-of-mine",
    "accessKeySecret": "secret-of-mine",
    "signName": SIGN_NAME,
    "templates": [{"usageType": name, "templateCode": TEMPLATE} for name in USAGE_TYPES],
}
BODY = {"connectorId": "aliyun-short-message-service", "id": "mine", "config": CONFIG}


def ask(gateway: Gateway, method: str, path: str, body: object = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = Request(gateway.url + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urlopen(request, timeout=10) as answer:
            text, status = answer.read(), answer.status
    except HTTPError as error:
        text, status = error.read(), error.code
    return status, json.loads(text) if text else None


@pytest.fixture
def mine(strict: Gateway) -> Iterator[Gateway]:
    assert ask(strict, "POST", "/api/connectors", BODY)[0] == 200
    yield strict
    ask(strict, "DELETE", "/api/connectors/mine")


def refusal(gateway: Gateway, secret: str) -> str:
    """The code with which the fake refuses this key, or OK."""
    phone = gateway.phone()
    client = aliyun_sdk.client(gateway.url, "key-of-mine", secret)
    try:
        answer = client.send_sms(aliyun_sdk.request(phone.digits, "135790")).body
    except ClientException as error:
        return str(error.code)
    assert gateway.code(phone) == "135790"
    return str(answer.code)


def test_its_key_is_known_from_the_moment_that_it_is_made_until_it_is_removed(mine: Gateway) -> None:
    assert refusal(mine, "secret-of-mine") == "OK"
    assert refusal(mine, "another") == "SignatureDoesNotMatch"
    config = {**CONFIG, "accessKeySecret": "another"}
    assert ask(mine, "PATCH", "/api/connectors/mine", {"config": config})[0] == 200
    assert refusal(mine, "another") == "OK"
    assert refusal(mine, "secret-of-mine") == "SignatureDoesNotMatch"
    assert ask(mine, "DELETE", "/api/connectors/mine")[0] == 204
    assert refusal(mine, "another") == "InvalidAccessKeyId.NotFound"


def test_it_sends_with_its_new_secret_after_a_patch(mine: Gateway) -> None:
    send = {"to": mine.phone().digits, "type": "SignIn", "payload": {"code": "246810"}}
    assert ask(mine, "POST", "/api/connectors/mine/send", send)[0] == 200
    config = {**CONFIG, "accessKeySecret": "another"}
    assert ask(mine, "PATCH", "/api/connectors/mine", {"config": config})[0] == 200
    assert ask(mine, "POST", "/api/connectors/mine/send", send)[0] == 200


def test_a_config_can_be_tried_out_before_it_is_saved(strict: Gateway) -> None:
    phone = strict.phone()
    body = {"phone": phone.digits, "config": {**CONFIG, "accessKeyId": "tried-out"}}
    assert ask(strict, "POST", "/api/connectors/aliyun-short-message-service/test", body) == (204, None)
    assert strict.code(phone) == "000000"
    client = aliyun_sdk.client(strict.url, "tried-out", "secret-of-mine")
    with pytest.raises(Exception, match="InvalidAccessKeyId"):
        client.send_sms(aliyun_sdk.request(strict.phone().digits, "1"))


def test_a_masked_config_that_is_tried_out_uses_the_secret_of_its_connector(mine: Gateway) -> None:
    phone = mine.phone()
    masked = {**CONFIG, "accessKeySecret": MASK}
    path = "/api/connectors/aliyun-short-message-service/test"
    assert ask(mine, "POST", path, {"phone": phone.digits, "config": masked, "id": "mine"})[0] == 204
    assert mine.code(phone) == "000000"


def test_a_config_without_logto_s_templates_names_every_missing_usage_type(strict: Gateway) -> None:
    body = {**BODY, "config": {**CONFIG, "templates": [{"usageType": "SignIn", "templateCode": TEMPLATE}]}}
    status, error = ask(strict, "POST", "/api/connectors", body)
    assert (status, error["code"]) == (400, "connector.invalid_config")
    assert "Register, ForgotPassword, Generic" in error["message"]


def test_nothing_secret_is_ever_shown(mine: Gateway) -> None:
    for path in ("/api/connectors", "/api/connectors/mine", "/api/providers"):
        assert "secret-of-mine" not in json.dumps(ask(mine, "GET", path))


def test_a_nonce_stays_used_when_connectors_change(mine: Gateway) -> None:
    business = {
        "PhoneNumbers": mine.phone().digits,
        "SignName": SIGN_NAME,
        "TemplateCode": TEMPLATE,
        "TemplateParam": '{"code":"135790"}',
        "Format": "JSON",
    }
    given = signer.rpc_parameters("key-of-mine", "SendSms", business)
    given["Signature"] = signer.rpc_signature("secret-of-mine", "GET", given)
    path = f"/?{urlencode(given)}"
    assert ask(mine, "GET", path)[1]["Code"] == "OK"
    assert ask(mine, "PATCH", "/api/connectors/mine", {"authorization": "new"})[0] == 200
    assert ask(mine, "GET", path)[1]["Code"] == "SignatureNonceUsed"
