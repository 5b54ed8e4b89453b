"""Every operation through the official SDKs, over a socket, and every error that a rule gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from connector_gateway import ExternalServer, Gateway
from gateway.providers.aliyun_sms.fake.account import REFUSED
from gateway.providers.aliyun_sms.wire.errors import ERRORS
from tests.e2e import accounts, operations
from tests.e2e.error_codes import BUSINESS, GATEWAY, GLOBE
from tests.e2e.test_connectors_api import ask
from tests.support.gateway_processes import forked
from tests.support.tiers import nth_fast

KEY, SECRET = accounts.STRICT_KEY_ID, accounts.STRICT_SECRET


class Api:
    """The SDKs with one account's key."""

    def __init__(self, gateway: Gateway, key_id: str = KEY, secret: str = SECRET) -> None:
        self.gateway = gateway
        self.key_id, self.secret = key_id, secret

    def __call__(self, action: str, **fields: Any) -> Any:
        return operations.call(self.gateway.url, action, self.key_id, self.secret, **fields)

    def ok(self, action: str, **fields: Any) -> Any:
        body = self(action, **fields)
        assert (body.response_code if action in operations.GLOBE else body.code) == "OK", body
        return body

    def decide(self, name: str, state: str, reason: str = "") -> None:
        reviews = ask(self.gateway, "GET", "/api/reviews")[1]["reviews"]
        [review] = [one for one in reviews if one["name"] == name]
        decision = {"state": state, "reason": reason}
        status, shown = ask(self.gateway, "POST", f"/api/reviews/{review['id']}", decision)
        assert (status, shown["decision"]["state"]) == (200, state)


@pytest.fixture
def api(strict: Gateway) -> Api:
    return Api(strict)


@pytest.mark.parametrize(("add", "change", "ask_for"), [("Add", "Modify", "Query"), ("Create", "Update", "Get")])
def test_the_life_of_a_template(api: Api, add: str, change: str, ask_for: str) -> None:
    fields: dict[str, Any] = dict(operations.TEMPLATE)
    if add == "Create":
        fields = {**operations.NEW_TEMPLATE, "related_sign_name": accounts.SIGN_NAME, "more_data": ["a.png"]}
    code = api.ok(f"{add}SmsTemplate", **fields).template_code
    phone = api.gateway.phone()
    send = {
        "phone_numbers": phone.digits,
        "sign_name": accounts.SIGN_NAME,
        "template_code": code,
        "template_param": '{"code":"424242"}',
    }
    assert api("SendSms", **send).code == "isv.SMS_TEMPLATE_ILLEGAL"
    assert int(api.ok(f"{ask_for}SmsTemplate", template_code=code).template_status) == 0
    assert api("DeleteSmsTemplate", template_code=code).code == "isv.ERROR_TEMPLATE_NOT_DELETE"
    api.decide(code, "rejected", "不清楚")
    assert int(api.ok(f"{ask_for}SmsTemplate", template_code=code).template_status) == 2
    assert api.ok(f"{change}SmsTemplate", **fields, template_code=code).template_code == code
    api.decide(code, "approved")
    assert api(f"{change}SmsTemplate", **fields, template_code=code).code == "isv.ERROR_TEMPLATE_NOT_MODIFY"
    assert api.ok("SendSms", **send).biz_id
    assert api.gateway.code(phone) == "424242"
    [row] = [one for one in listed(api, "Template") if one.template_code == code]
    assert (row.template_type, row.outer_template_type, row.audit_status) == (2, 0, "AUDIT_STATE_PASS")
    assert api.ok("DeleteSmsTemplate", template_code=code).template_code == code
    assert api(f"{ask_for}SmsTemplate", template_code=code).code == "isv.SMS_TEMPLATE_ILLEGAL"


@pytest.mark.parametrize(("add", "change", "ask_for"), [("Add", "Modify", "Query"), ("Create", "Update", "Get")])
def test_the_life_of_a_signature(api: Api, add: str, change: str, ask_for: str) -> None:
    name = f"公司{uuid4().hex[:8]}"

    def fields(action: str) -> dict[str, Any]:
        new = {"sign_name": name, **operations.NEW_SIGN}
        return new if add == "Create" else operations.old_sign(action, name)

    assert api.ok(f"{add}SmsSign", **fields("AddSmsSign")).sign_name == name
    phone = api.gateway.phone()
    send = {
        "phone_numbers": phone.digits,
        "sign_name": name,
        "template_code": accounts.TEMPLATE,
        "template_param": '{"code":"424242"}',
    }
    assert api("SendSms", **send).code == "isv.SIGN_STATE_ILLEGAL"
    assert api("DeleteSmsSign", sign_name=name).code == "isv.ERROR_SIGN_NOT_DELETE"
    assert api(f"{change}SmsSign", **fields("ModifySmsSign")).code == "isv.ERROR_SIGN_NOT_MODIFY"
    api.decide(name, "rejected", "不清楚")
    assert api.ok(f"{ask_for}SmsSign", sign_name=name).sign_status == 2
    assert api.ok(f"{change}SmsSign", **fields("ModifySmsSign")).sign_name == name
    api.decide(name, "approved")
    assert api.ok("SendSms", **send).biz_id
    [row] = [one for one in listed(api, "Sign") if one.sign_name == name]
    assert row.audit_status == "AUDIT_STATE_PASS"
    assert row.authorization_letter_audit_pass is False
    assert api.ok("DeleteSmsSign", sign_name=name).sign_name == name
    assert api(f"{ask_for}SmsSign", sign_name=name).code == "isv.SMS_SIGNATURE_ILLEGAL"


def listed(api: Api, kind: str) -> list[Any]:
    rows: list[Any] = []
    for page in range(1, 20):
        body = api.ok(f"QuerySms{kind}List", page_index=page, page_size=50)
        rows += getattr(body, f"sms_{kind.lower()}_list")
        if len(rows) >= body.total_count:
            return rows
    raise AssertionError("the pages do not end")


def test_a_batch_its_details_and_its_statistics(api: Api) -> None:
    first, second = api.gateway.phone(), api.gateway.phone()
    sent = api.ok(
        "SendBatchSms",
        template_code=accounts.TEMPLATE,
        phone_number_json=json.dumps([first.digits, second.digits]),
        sign_name_json=json.dumps([accounts.SIGN_NAME] * 2),
        template_param_json=json.dumps([{"code": "111111"}, {"code": "222222"}]),
        out_id="batch 1",
    )
    assert [api.gateway.code(first), api.gateway.code(second)] == ["111111", "222222"]
    day = datetime.now(accounts.SHANGHAI).strftime("%Y%m%d")
    asked = api.ok("QuerySendDetails", phone_number=second.digits, send_date=day, page_size=10, current_page=1)
    [row] = asked.sms_send_detail_dtos.sms_send_detail_dto
    assert (row.out_id, row.template_code) == ("batch 1", accounts.TEMPLATE)
    assert sent.biz_id.endswith("^0")
    data = api.ok("QuerySendStatistics", is_globe=1, start_date=day, end_date=day, page_index=1, page_size=10).data
    [today] = [one for one in data.target_list if one.send_date == day]
    assert today.total_count >= 2


def test_the_international_api(api: Api) -> None:
    sent = api.ok("SendMessageToGlobe", to="6581234567", message="Your code is 515151", from_="Gateway", type="OTP")
    assert (sent.to, sent.segments, sent.number_detail.country) == ("6581234567", "1", "SG")
    capture = api.gateway.captures("+6581234567")[0]
    assert (capture.code, capture.code_source) == ("515151", "heuristic")
    asked = api.ok("QueryMessage", message_id=sent.message_id)
    assert (asked.message, asked.status) == ("Your code is 515151", "3")
    batch = api.ok("BatchSendMessageToGlobe", to='["6581234567","x"]', message="Sale", type="MKT")
    assert (batch.success_count, batch.failed_list) == ("1", '["x"]')
    mainland = api.ok(
        "SendMessageWithTemplate",
        to="8613800138000",
        from_=accounts.SIGN_NAME,
        template_code=accounts.TEMPLATE,
        template_param='{"code":"616161"}',
    )
    assert api.ok("QueryMessage", message_id=mainland.message_id).to == "8613800138000"
    assert api("QueryMessage", message_id="1").response_code == "DATA_NOT_EXIST"


# --- errors by fault ----------------------------------------------------------------------------------------------


OTHERS = sorted(set(ERRORS) - {*GATEWAY, *BUSINESS, *GLOBE})
"""Those of the table that test_python_sdk_errors and the next test here do not raise."""


@pytest.mark.parametrize("code", nth_fast(OTHERS, 5))
def test_what_is_left_of_the_table_is_raised_too(gateway: Gateway, code: str) -> None:
    phone = gateway.phone()
    with gateway.fault(to=phone, error=code), pytest.raises(ClientException) as raised:
        Api(gateway, accounts.KEY_ID, accounts.SECRET)("SendSms", **{**_SEND, "phone_numbers": phone.digits})
    assert (raised.value.code, raised.value.status_code) == (code, ERRORS[code].status)


@pytest.mark.parametrize("code", nth_fast(GLOBE, 4))
def test_an_error_of_the_international_api_is_returned_and_mapped(gateway: Gateway, code: str) -> None:
    key = f"globe-{code}"
    with gateway.fault(key_id=key, error=code):
        body = Api(gateway, key, "any")("SendMessageToGlobe", to="6581234567", message="hi")
    assert (body.response_code, body.message_id) == (code, None)
    assert body.response_description
    assert body.request_id
    assert ERRORS[code].means.reason == GLOBE[code]


# --- errors by rule -----------------------------------------------------------------------------------------------

_SEND = {
    "phone_numbers": "13800138000",
    "sign_name": accounts.SIGN_NAME,
    "template_code": accounts.TEMPLATE,
    "template_param": '{"code":"123456"}',
}
_NOTICE = {"template_code": "SMS_NOTICE", "template_param": '{"order":"1"}'}


def _config() -> str:
    def account(key_id: str, **more: object) -> dict[str, object]:
        return {"access_key_id": key_id, "access_key_secret": "s", **more}

    fake = {
        "strict": True,
        "accounts": [
            account("active"),
            account("second"),
            account("poor", balance=0),
            account("elsewhere", allowed_networks=["10.0.0.0/8"]),
            account("here", allowed_networks=["127.0.0.0/8"]),
            *(account(state, state=state) for state in REFUSED),
        ],
        "signatures": [accounts.SIGN_NAME, "第二公司", {"name": "登录专用", "codes_only": True}, "禁用公司"],
        "forbidden_signatures": ["禁用公司"],
        "refused_names": ["违规公司"],
        "templates": [{"code": "SMS_NOTICE", "text": "您的订单${order}已发货。", "kind": "notification"}],
        "blacklist": ["13900139000"],
        "forbidden_words": ["赌博"],
        "bound_numbers": ["13800138001"],
        "limits": {"account_per_day": 900, "account_per_month": 800},
        "signs_per_day": 1,
        "templates_per_day": 1,
    }
    return json.dumps({"connectors": [], "fakes": {"aliyun-sms": fake}}, ensure_ascii=False)


@pytest.fixture(scope="module")
def ruled_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExternalServer]:
    path: Path = tmp_path_factory.mktemp("ruled") / "gateway.yaml"
    path.write_text(_config(), encoding="utf-8")
    with forked(path.parent, "--config", str(path)) as server:
        yield server


@pytest.fixture
def ruled(ruled_server: ExternalServer) -> Iterator[Gateway]:
    with Gateway(ruled_server.url) as bound:
        yield bound


def numbers(count: int) -> str:
    return ",".join(f"137{number:08}" for number in range(count))


BY_RULE: list[tuple[str, dict[str, Any]]] = [
    ("isv.MOBILE_NUMBER_ILLEGAL", {"phone_numbers": "138"}),
    ("isv.MOBILE_NUMBER_ILLEGAL", {"phone_numbers": "13800138000,6581234567"}),
    ("isv.MOBILE_COUNT_OVER_LIMIT", {"phone_numbers": numbers(1001)}),
    ("isv.DAY_LIMIT_CONTROL", {"phone_numbers": numbers(901)}),
    ("isv.MONTH_LIMIT_CONTROL", {"phone_numbers": numbers(801)}),
    ("isv.BLACK_KEY_CONTROL_LIMIT", {"phone_numbers": "13900139000"}),
    ("isv.DOMESTIC_NUMBER_NOT_SUPPORTED", {"template_code": "SMS_200000001"}),
    ("isv.SMS_SIGNATURE_ILLEGAL", {"sign_name": "没有"}),
    ("isv.SMS_SIGN_ILLEGAL", {"sign_name": "禁用公司"}),
    ("isv.SMS_SIGNATURE_SCENE_ILLEGAL", {"sign_name": "登录专用", **_NOTICE}),
    ("isv.SMS_TEMPLATE_ILLEGAL", {"template_code": "SMS_1"}),
    ("isv.TEMPLATE_MISSING_PARAMETERS", {"template_param": "{}"}),
    ("isv.INVALID_PARAMETERS", {"template_param": '{"code":"1234","locale":"zh-CN"}'}),
    ("isv.INVALID_JSON_PARAM", {"template_param": "code=1"}),
    ("isv.INVALID_JSON_PARAM", {"template_param": '{"code":123456}'}),
    ("isv.INVALID_JSON_PARAM", {"template_param": '{"code":{"a":"b"}}'}),
    ("isv.PARAM_LENGTH_LIMIT", {"template_param": json.dumps({f"k{n}": "1" for n in range(1000)})}),
    ("isv.PARAM_LENGTH_LIMIT", {"out_id": "x" * 256}),
    ("isv.PARAM_NOT_SUPPORT_URL", {**_NOTICE, "template_param": '{"order":"http://a.example"}'}),
    ("isv.TEMPLATE_PARAMS_ILLEGAL", {**_NOTICE, "template_param": '{"order":"【假】"}'}),
    ("isv.SMS_CONTENT_ILLEGAL", {**_NOTICE, "template_param": '{"order":"赌博"}'}),
    ("isv.EXTEND_CODE_ERROR", {"sms_up_extend_code": "12345678"}),
    ("isv.SMS_TEST_SIGN_TEMPLATE_LIMIT", {"sign_name": "阿里云短信测试"}),
    ("isv.SMS_TEST_NUMBER_LIMIT", {"sign_name": "阿里云短信测试", "template_code": "SMS_154950909"}),
    (
        "isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL",
        {
            "sign_name": "阿里云短信测试",
            "template_code": "SMS_154950909",
            "phone_numbers": "13800138001",
            "template_param": '{"code":"12ab"}',
        },
    ),
]


@pytest.mark.parametrize("row", nth_fast(BY_RULE, 4), ids=[f"{at} {code}" for at, (code, _) in enumerate(BY_RULE)])
def test_a_rule_gives_its_code(ruled: Gateway, row: tuple[str, dict[str, Any]]) -> None:
    code, changes = row
    body = Api(ruled, "active", "s")("SendSms", **{**_SEND, **changes})
    assert (body.code, body.biz_id) == (code, None)


def test_ten_thousand_keys_are_too_many(ruled: Gateway) -> None:
    """In a form, as SendBatchSms has it, and in a query of 240 kB."""
    param = {f"k{number}": "1" for number in range(10_000)}
    fields = {
        "template_code": accounts.TEMPLATE,
        "phone_number_json": '["13800138000"]',
        "sign_name_json": json.dumps([accounts.SIGN_NAME]),
        "template_param_json": json.dumps([param]),
    }
    api = Api(ruled, "active", "s")
    assert api("SendBatchSms", **fields).code == "isv.PARAM_LENGTH_LIMIT"
    assert api("SendSms", **{**_SEND, "template_param": json.dumps(param)}).code == "isv.PARAM_LENGTH_LIMIT"


@pytest.mark.parametrize("state", [state for state, code in REFUSED.items() if code.startswith("is")])
def test_an_account_gives_the_code_of_its_state(ruled: Gateway, state: str) -> None:
    assert Api(ruled, state, "s")("SendSms", **_SEND).code == REFUSED[state]


def test_an_account_sends_from_its_own_networks_only(ruled: Gateway) -> None:
    assert Api(ruled, "elsewhere", "s")("SendSms", **_SEND).code == "isv.DENY_IP_RANGE"
    phone = ruled.phone()
    assert Api(ruled, "here", "s")("SendSms", **{**_SEND, "phone_numbers": phone.digits}).code == "OK"


def test_balance_and_limits_give_their_codes(ruled: Gateway) -> None:
    assert Api(ruled, "poor", "s")("SendSms", **_SEND).code == "isv.AMOUNT_NOT_ENOUGH"
    api, phone = Api(ruled, "second", "s"), ruled.phone()
    ruled.clock.freeze()
    said = [api("SendSms", **{**_SEND, "phone_numbers": phone.digits}) for _ in range(2)]
    assert [body.code for body in said] == ["OK", "isv.BUSINESS_LIMIT_CONTROL"]
    assert said[1].message == "触发分钟级流控Permits:1"
    ruled.clock.advance(timedelta(minutes=1))
    assert api("SendSms", **{**_SEND, "phone_numbers": phone.digits}).code == "OK"


def test_applications_give_their_codes(ruled: Gateway) -> None:
    api = Api(ruled, "second", "s")

    def sign(**changes: Any) -> str:
        fields = {**operations.old_sign("AddSmsSign", "某某公司"), **changes}
        return str(api("AddSmsSign", **fields).code)

    def template(**changes: Any) -> str:
        return str(api("AddSmsTemplate", **{**operations.TEMPLATE, **changes}).code)

    assert sign(sign_name="违规公司") == "isv.SIGNATURE_BLACKLIST"
    assert sign(sign_name="测试公司") == "isv.SIGN_NAME_ILLEGAL"
    assert sign(sign_name="公司😀") == "isv.SMS_SIGN_EMOJI_ILLEGAL"
    assert sign(sign_name="一二三四五六七八九十一二三") == "isv.SIGN_OVER_LIMIT"
    assert sign(sign_source=9) == "isv.SIGN_SOURCE_ILLEGAL"
    files = operations.old_sign("AddSmsSign", "某某公司")["sign_file_list"]
    files[0].file_contents = "A" * 2_900_000
    assert sign(sign_file_list=files) == "isv.SIGN_FILE_LIMIT"
    assert [sign(), sign(sign_name="又一公司")] == ["OK", "isv.SIGN_COUNT_OVER_LIMIT"]
    assert template(template_content="验证码${code}" + "字" * 500) == "isv.TEMPLATE_OVER_LIMIT"
    assert template(template_content="验证码") == "template_parameter_count_illegal"
    assert [template(), template()] == ["OK", "isv.TEMPLATE_COUNT_OVER_LIMIT"]
