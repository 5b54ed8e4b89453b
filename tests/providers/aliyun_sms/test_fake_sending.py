"""SendSms: what lands in the inbox, and what a lenient and a strict fake say to the same request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.providers.aliyun_sms.fake.settings import Owner
from gateway.providers.aliyun_sms.fake.templates import Template, seeded
from tests.providers.aliyun_sms.direct_fake import TEMPLATES, DirectFake, guessing
from tests.providers.aliyun_sms.independent_clients import KEY_ID, NOW, SEND, SIGN_NAME, acs3, rpc


def send(**changes: str) -> dict[str, str]:
    return {**SEND, **changes}


# --- the capture --------------------------------------------------------------------------------------------


def test_a_capture_shows_the_text_as_on_the_phone_and_the_providers_own_words() -> None:
    bare = DirectFake()
    answer = bare.answer(acs3(send(OutId="msg_1", SmsUpExtendCode="90999"), signed={"x-acs-retry-attempts": "2"}))
    (capture,) = bare.captures.documents
    assert capture["text"] == "【阿里云短信测试】您的验证码为123456，请勿告知他人。"
    assert (capture["to"], capture["readAs"]) == ("13800138000", "+8613800138000")
    assert (capture["code"], capture["codeSource"]) == ("123456", "template_param")
    assert (capture["type"], capture["connectorId"]) == ("SignIn", "sms")
    assert (capture["operation"], capture["exchangeId"]) == ("SendSms", "ex_1")
    assert capture["details"] == {
        "RequestId": answer.json["RequestId"],
        "BizId": answer.json["BizId"],
        "OutId": "msg_1",
        "SignName": SIGN_NAME,
        "TemplateCode": "SMS_154950909",
        "TemplateParam": '{"code":"123456"}',
        "SmsUpExtendCode": "90999",
        "templateKind": "verification",
        "signature": "valid",
        "keyId": KEY_ID,
        "retryAttempts": "2",
        "acceptedAt": NOW,
    }
    json.dumps(capture)


def test_several_numbers_get_a_capture_each_under_one_biz_id() -> None:
    bare = DirectFake()
    answer = bare.answer(rpc(send(PhoneNumbers="13800138000,8613800138001,6581234567")))
    found = bare.captures.documents
    assert [capture["readAs"] for capture in found] == ["+8613800138000", "+8613800138001", "+6581234567"]
    assert {capture["details"]["BizId"] for capture in found} == {answer.json["BizId"]}
    assert [recipient.to for recipient in answer.verdict.recipients] == [capture["to"] for capture in found]
    assert len(set(answer.verdict.capture_ids)) == 3


@pytest.mark.parametrize(
    ("number", "sign", "template", "text"),
    [
        ("13800138000", "Gateway", "SMS_INTL", "【Gateway】Your code is 123456."),
        ("6581234567", "Gateway", "SMS_INTL", "[Gateway]Your code is 123456."),
        ("6581234567", SIGN_NAME, "SMS_INTL", f"【{SIGN_NAME}】Your code is 123456."),
        ("6581234567", "Gateway", "SMS_154950909", "【Gateway】您的验证码为123456，请勿告知他人。"),
        ("85298765432", "Gateway", "SMS_INTL", "[Gateway]Your code is 123456."),
    ],
)
def test_the_signature_has_the_brackets_that_the_preview_shows(
    number: str, sign: str, template: str, text: str
) -> None:
    bare = DirectFake()
    assert bare.answer(rpc(send(PhoneNumbers=number, SignName=sign, TemplateCode=template))).code == "OK"
    assert bare.captures.texts == [text]


def test_one_call_to_china_and_abroad_gives_each_its_brackets() -> None:
    bare = DirectFake()
    bare.answer(rpc(send(PhoneNumbers="13800138000,6581234567", SignName="Gateway", TemplateCode="SMS_INTL")))
    assert bare.captures.texts == ["【Gateway】Your code is 123456.", "[Gateway]Your code is 123456."]


@pytest.mark.parametrize(
    ("param", "code"),
    [
        ('{"code":"123456"}', "123456"),
        ('{"code":"12ab","product":"x"}', "12ab"),
        ('{"number":"8842"}', "8842"),
        ('{"name":"Alice"}', None),
        ('{"number":"8842","time":"1234"}', None),
        ('{"code":123456}', "123456"),
        ('{"code":true}', None),
        ('{"code":""}', None),
        ('{"link":"https://example.com"}', None),
        ("{}", None),
        ("", None),
    ],
)
def test_the_code_is_the_parameter_code_or_the_only_one_that_looks_like_it(param: str, code: str | None) -> None:
    bare = DirectFake()
    assert bare.answer(rpc(send(TemplateParam=param))).code == "OK"
    (capture,) = bare.captures.documents
    assert (capture["code"], capture["codeSource"]) == (code, None if code is None else "template_param")


def test_an_unregistered_template_is_shown_with_its_values() -> None:
    bare = DirectFake()
    param = '{"code":"123456","application":{"name":"demo"}}'
    bare.answer(rpc(send(TemplateCode="SMS_1", TemplateParam=param)))
    bare.answer(rpc(send(TemplateCode="SMS_2", TemplateParam="")))
    assert bare.captures.texts == [
        f'【{SIGN_NAME}】 <SMS_1 is not registered here> code=123456 application={{"name":"demo"}}',
        f"【{SIGN_NAME}】 <SMS_2 is not registered here>",
    ]
    assert bare.captures.documents[0]["type"] is None


def test_the_usage_type_is_unknown_where_a_connector_uses_one_template_for_several() -> None:
    bare = DirectFake(owners={"SMS_154950909": Owner("sms", None)})
    bare.answer(rpc())
    assert (bare.captures.documents[0]["type"], bare.captures.documents[0]["connectorId"]) == (None, "sms")


# --- lenient and strict -------------------------------------------------------------------------------------

LONG = "x" * 256

COLUMNS = [
    # what is wrong, what a lenient fake says, what a strict one says
    ("nothing", {}, "OK", "OK"),
    ("sign name", {"SignName": "没有注册"}, "OK", "isv.SMS_SIGNATURE_ILLEGAL"),
    ("template", {"TemplateCode": "SMS_1"}, "OK", "isv.SMS_TEMPLATE_ILLEGAL"),
    ("no TemplateParam", {"TemplateParam": ""}, "OK", "isv.TEMPLATE_MISSING_PARAMETERS"),
    ("no variable", {"TemplateParam": '{"kode":"1"}'}, "OK", "isv.TEMPLATE_MISSING_PARAMETERS"),
    ("empty variable", {"TemplateParam": '{"code":""}'}, "OK", "isv.TEMPLATE_MISSING_PARAMETERS"),
    ("number value", {"TemplateParam": '{"code":123456}'}, "OK", "isv.INVALID_JSON_PARAM"),
    ("other value", {"TemplateParam": '{"code":"1234","a":{"b":1}}'}, "OK", "isv.INVALID_JSON_PARAM"),
    ("undeclared", {"TemplateParam": '{"code":"1234","locale":"zh"}'}, "OK", "OK"),
    ("OutId of 255", {"OutId": LONG[1:]}, "OK", "OK"),
    ("OutId of 256", {"OutId": LONG}, "OK", "isv.PARAM_LENGTH_LIMIT"),
    ("mainland by international", {"TemplateCode": "SMS_INTL"}, "OK", "isv.DOMESTIC_NUMBER_NOT_SUPPORTED"),
    ("abroad by mainland", {"PhoneNumbers": "6581234567"}, "OK", "isv.MOBILE_NUMBER_ILLEGAL"),
    ("abroad", {"PhoneNumbers": "6581234567", "TemplateCode": "SMS_INTL"}, "OK", "OK"),
    ("no variables at all", {"TemplateCode": "SMS_PLAIN", "TemplateParam": ""}, "OK", "OK"),
    ("values for none", {"TemplateCode": "SMS_PLAIN"}, "OK", "OK"),
    ("grammar", {"PhoneNumbers": "138 0013 8000"}, *["isv.MOBILE_NUMBER_ILLEGAL"] * 2),
    ("plus abroad", {"PhoneNumbers": "+6581234567"}, *["isv.MOBILE_NUMBER_ILLEGAL"] * 2),
    ("one bad number", {"PhoneNumbers": "13800138000,x"}, *["isv.MOBILE_NUMBER_ILLEGAL"] * 2),
    ("trailing comma", {"PhoneNumbers": "13800138000,"}, *["isv.MOBILE_NUMBER_ILLEGAL"] * 2),
    ("1000 numbers", {"PhoneNumbers": ",".join(["13800138000"] * 1000)}, "OK", "OK"),
    ("1001 numbers", {"PhoneNumbers": ",".join(["13800138000"] * 1001)}, *["isv.MOBILE_COUNT_OVER_LIMIT"] * 2),
    ("not JSON", {"TemplateParam": "{code:123}"}, *["isv.INVALID_JSON_PARAM"] * 2),
    ("a JSON array", {"TemplateParam": '["123456"]'}, *["isv.INVALID_JSON_PARAM"] * 2),
    ("leading zero", {"TemplateParam": '{"code":012345}'}, *["isv.INVALID_JSON_PARAM"] * 2),
    ("NaN", {"TemplateParam": '{"code":NaN}'}, *["isv.INVALID_JSON_PARAM"] * 2),
    ("half a surrogate", {"TemplateParam": '{"code":"\\ud800"}'}, *["isv.INVALID_JSON_PARAM"] * 2),
    ("a whole one", {"TemplateParam": '{"code":"\\ud83d\\ude00"}'}, "OK", "isv.INVALID_PARAMETERS"),
    ("very deep", {"TemplateParam": '{"a":' * 20_000}, *["isv.INVALID_JSON_PARAM"] * 2),
]


@pytest.mark.outcome(of=lambda column, strict: column[3 if strict else 2] == "OK")
@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column[0])
def test_the_rules_of_a_lenient_and_of_a_strict_fake(column: Any, strict: bool) -> None:
    _, changes, lenient_code, strict_code = column
    bare = DirectFake(strict=strict)
    answer = bare.answer(rpc(send(**changes), form=["*"]))
    expected = strict_code if strict else lenient_code
    assert answer.code == expected
    assert answer.status == 200
    if expected == "OK":
        assert answer.verdict.accepted
        assert bare.captures.entries
    else:
        assert set(answer.json) == {"Message", "RequestId", "Code"}
        assert not answer.verdict.accepted
        assert answer.verdict.signature == "valid"
        assert answer.verdict.explanation["hint"]
        assert bare.captures.entries == []


def test_an_illegal_number_is_in_the_message_as_the_gateway_writes_it() -> None:
    answer = DirectFake().answer(rpc(send(PhoneNumbers="13800138000,abc")))
    assert answer.json["Message"] == "abcinvalid mobile number"


def test_numbers_in_template_param_are_a_setting_of_strict_fakes() -> None:
    bare = DirectFake(strict=True, guesses=guessing(number_values_accepted=True))
    assert bare.answer(rpc(send(TemplateParam='{"code":123456}'))).code == "OK"
    assert bare.answer(rpc(send(TemplateParam='{"code":true}'))).code == "isv.INVALID_JSON_PARAM"
    assert "123456" in bare.captures.texts[0]


def test_what_a_number_abroad_gets_with_a_mainland_template_is_a_setting() -> None:
    bare = DirectFake(strict=True, guesses=guessing(foreign_number_code="isv.SMS_TEMPLATE_ILLEGAL"))
    assert bare.answer(rpc(send(PhoneNumbers="6581234567"))).code == "isv.SMS_TEMPLATE_ILLEGAL"


def test_an_american_number_is_a_chinese_one_to_a_strict_fake_as_to_aliyun() -> None:
    answer = DirectFake(strict=True).answer(rpc(send(PhoneNumbers="12025550123", TemplateCode="SMS_INTL")))
    assert answer.code == "isv.DOMESTIC_NUMBER_NOT_SUPPORTED"
    assert "mainland" in answer.verdict.explanation["hint"]


# --- templates ----------------------------------------------------------------------------------------------


def test_a_template_fills_its_variables_and_leaves_those_without_a_value() -> None:
    template = Template("SMS_9", "${a}-${b}-${a}-$c-{d}", "notification")
    assert template.variables == ("a", "b")
    assert template.render({"a": "1", "c": "x"}) == "1-${b}-1-$c-{d}"
    assert TEMPLATES["SMS_PLAIN"].render({"a": "1"}) == "您的账号已开通。"


def test_a_value_is_not_searched_for_variables_again() -> None:
    template = Template("SMS_9", "${a}${b}", "notification")
    assert template.render({"a": "${b}", "b": "2"}) == "${b}2"


def test_the_seeded_templates_cover_every_usage_type_at_home_and_abroad() -> None:
    found = seeded()
    assert sorted(found) == [f"SMS_{class_}0000000{n}" for class_ in (1, 2) for n in range(1, 10)]
    for code, template in found.items():
        abroad = code.startswith("SMS_2")
        assert (template.kind == "international") == abroad
        if template.kind == "verification":
            assert "验证码" in template.text
            assert template.variables == ("code",)
        assert len(template.text) <= 500
        assert "http" not in template.text
