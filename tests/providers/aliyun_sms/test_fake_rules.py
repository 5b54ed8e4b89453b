"""The rules of a strict fake beyond what is registered, and what the config says of accounts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gateway.providers.aliyun_sms.fake.account import REFUSED
from gateway.providers.aliyun_sms.fake.settings import Account, Limits, Registry
from gateway.providers.aliyun_sms.fake.templates import Template
from tests.providers.aliyun_sms.call_operation import GLOBE, fields, send
from tests.providers.aliyun_sms.direct_fake import TEMPLATES, DirectFake, guessing
from tests.providers.aliyun_sms.independent_clients import KEY_ID, SECRET, SIGN_NAME, rpc

NOTICE = Template("SMS_NOTICE", "您的订单${order}已发货，单号${number}。", "notification")
RULED = Template("SMS_RULED", "您的验证码为${code}。", "verification", {"code": "numberCaptcha"})
EXTRA = {one.code: one for one in (NOTICE, RULED)}


def strict(**settings: Any) -> DirectFake:
    return DirectFake(**{"strict": True, "templates": {**TEMPLATES, **EXTRA}, **settings})


def param(**values: object) -> str:
    return json.dumps(values, ensure_ascii=False)


VALUES = [
    ("six digits", "SMS_154950909", param(code="123456"), "OK"),
    ("four letters", "SMS_154950909", param(code="aB3d"), "OK"),
    ("three", "SMS_154950909", param(code="123"), "isv.PARAM_LENGTH_LIMIT"),
    ("seven", "SMS_154950909", param(code="1234567"), "isv.PARAM_LENGTH_LIMIT"),
    ("a dash", "SMS_154950909", param(code="12-34"), "isv.INVALID_PARAMETERS"),
    ("an extra key (logto 7121)", "SMS_154950909", param(code="1234", locale="zh-CN"), "isv.INVALID_PARAMETERS"),
    ("an extra key that fits", "SMS_154950909", param(code="1234", locale="zh"), "OK"),
    ("a link", "SMS_154950909", param(code="http://a.example"), "isv.PARAM_NOT_SUPPORT_URL"),
    ("a link in a notice", "SMS_NOTICE", param(order="www.a.example", number="1"), "isv.PARAM_NOT_SUPPORT_URL"),
    ("brackets", "SMS_NOTICE", param(order="【假】", number="1"), "isv.TEMPLATE_PARAMS_ILLEGAL"),
    ("35 characters", "SMS_NOTICE", param(order="单" * 35, number="1"), "OK"),
    ("36 characters", "SMS_NOTICE", param(order="单" * 36, number="1"), "isv.PARAM_LENGTH_LIMIT"),
    ("letters for numberCaptcha", "SMS_RULED", param(code="abcd"), "isv.TEMPLATE_PARAMS_ILLEGAL"),
    ("digits for numberCaptcha", "SMS_RULED", param(code="2468"), "OK"),
    ("nested", "SMS_NOTICE", '{"order":{"a":"b"},"number":"1"}', "isv.INVALID_JSON_PARAM"),
    ("null", "SMS_NOTICE", '{"order":null,"number":"1"}', "isv.INVALID_JSON_PARAM"),
    ("10,000 keys", "SMS_NOTICE", param(**{f"k{n}": "1" for n in range(10_000)}), "isv.PARAM_LENGTH_LIMIT"),
]


@pytest.mark.outcome(of=lambda row: row[-1] == "OK")
@pytest.mark.parametrize("row", VALUES, ids=lambda row: row[0])
def test_what_the_values_of_template_param_may_be(row: tuple[str, str, str, str]) -> None:
    _, template, text, code = row
    assert send(strict(), TemplateCode=template, TemplateParam=text).code == code
    lenient = DirectFake(templates={**TEMPLATES, **EXTRA})
    assert send(lenient, TemplateCode=template, TemplateParam=text).code == "OK"


def test_a_whole_text_has_500_characters_with_its_signature() -> None:
    room = 500 - len(f"【{SIGN_NAME}】")
    for length, code in ((room, "OK"), (room + 1, "isv.PARAM_LENGTH_LIMIT")):
        bare = strict(templates={"SMS_1": Template("SMS_1", "字" * length, "notification")})
        assert send(bare, TemplateCode="SMS_1", TemplateParam="").code == code


def test_what_is_guessed_about_values_are_settings() -> None:
    bare = strict(
        guesses=guessing(bracket_code="isv.SMS_CONTENT_ILLEGAL", code_length_code="isv.INVALID_PARAMETERS")
    )
    assert send(bare, TemplateParam=param(code="123")).code == "isv.INVALID_PARAMETERS"
    brackets = param(order="【", number="1")
    assert send(bare, TemplateCode="SMS_NOTICE", TemplateParam=brackets).code == "isv.SMS_CONTENT_ILLEGAL"
    few = strict(guesses=guessing(most_parameters=1))
    assert send(few, TemplateParam=param(code="1234", b="1")).code == "isv.PARAM_LENGTH_LIMIT"


def test_mixed_number_classes_are_refused_whichever_template_it_is() -> None:
    both = "13800138000,6581234567"
    assert send(strict(), PhoneNumbers=both).code == "isv.MOBILE_NUMBER_ILLEGAL"
    assert send(strict(), PhoneNumbers=both, TemplateCode="SMS_INTL").code == "isv.DOMESTIC_NUMBER_NOT_SUPPORTED"


@pytest.mark.parametrize("kind", ["a signature for codes", "a forbidden one"])
def test_a_signature_may_be_for_codes_only_or_forbidden(kind: str) -> None:
    if kind == "a forbidden one":
        bare = strict(registry=Registry(forbidden_signatures=frozenset({SIGN_NAME})))
        assert send(bare).code == "isv.SMS_SIGN_ILLEGAL"
    else:
        bare = strict(registry=Registry(verification_signatures=frozenset({SIGN_NAME})))
        assert send(bare).code == "OK"
        notice = param(order="1", number="2")
        answer = send(bare, TemplateCode="SMS_NOTICE", TemplateParam=notice)
        assert answer.code == "isv.SMS_SIGNATURE_SCENE_ILLEGAL"


def test_the_test_signature_goes_with_the_test_template_to_bound_numbers_and_with_digits() -> None:
    registry = Registry(
        test_signatures=frozenset({SIGN_NAME}),
        test_templates=frozenset({"SMS_154950909"}),
        bound_numbers=frozenset({"+8613800138000"}),
    )
    bare = strict(registry=registry, signatures=frozenset({SIGN_NAME, "某某公司"}))
    assert send(bare).code == "OK"
    assert send(bare, TemplateCode="SMS_RULED").code == "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT"
    assert send(bare, SignName="某某公司").code == "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT"
    assert send(bare, PhoneNumbers="13800138000,13800138001").code == "isv.SMS_TEST_NUMBER_LIMIT"
    assert send(bare, TemplateParam=param(code="12ab")).code == "isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL"


def test_an_extend_code_is_digits_and_belongs_to_one_signature() -> None:
    bare = strict(signatures=frozenset({SIGN_NAME, "某某公司"}))
    for wrong in ("12345678", "12a", "-1"):
        assert send(bare, SmsUpExtendCode=wrong).code == "isv.EXTEND_CODE_ERROR"
    assert send(bare, SmsUpExtendCode="1234567").code == "OK"
    assert send(bare, SmsUpExtendCode="1234567").code == "OK"
    assert send(bare, SmsUpExtendCode="1234567", SignName="某某公司").code == "isv.EXTEND_CODE_ERROR"
    assert send(bare, SmsUpExtendCode="7", SignName="某某公司").code == "OK"
    assert send(DirectFake(), SmsUpExtendCode="12a").code == "OK"


# --- what the config says, lenient or strict --------------------------------------------------------------------


@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize("state", REFUSED)
def test_an_account_that_is_not_active_gets_the_code_of_its_state(state: Any, is_strict: bool) -> None:
    for bare in (
        DirectFake(strict=is_strict, state=state),
        DirectFake(strict=is_strict, accounts={KEY_ID: Account(KEY_ID, SECRET, state=state)}),
    ):
        assert send(bare).code == REFUSED[state]
        assert bare.captures.entries == []


@pytest.mark.parametrize("is_strict", [False, True])
def test_blacklist_words_and_networks_are_heeded(is_strict: bool) -> None:
    bare = DirectFake(strict=is_strict, blacklist=frozenset({"+8613800138000"}))
    assert send(bare, PhoneNumbers="+8613800138000").code == "isv.BLACK_KEY_CONTROL_LIMIT"
    assert send(bare, PhoneNumbers="13800138001").code == "OK"
    assert send(DirectFake(strict=is_strict, denied_networks=("127.0.0.0/8",))).code == "isv.DENY_IP_RANGE"
    assert send(DirectFake(strict=is_strict, denied_networks=("10.0.0.0/8",))).code == "OK"
    assert send(strict(forbidden_words=("验证码",))).code == "isv.SMS_CONTENT_ILLEGAL"


@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize(
    ("networks", "code"),
    [
        (("10.0.0.0/8",), "isv.DENY_IP_RANGE"),
        (("10.0.0.0/8", "127.0.0.1/32"), "OK"),
        (("::1/128",), "isv.DENY_IP_RANGE"),
    ],
)
def test_one_sends_from_allowed_networks_only(is_strict: bool, networks: tuple[str, ...], code: str) -> None:
    assert send(DirectFake(strict=is_strict, allowed_networks=networks)).code == code
    own = {KEY_ID: Account(KEY_ID, SECRET, allowed_networks=networks)}
    assert send(DirectFake(strict=is_strict, accounts=own)).code == code


@pytest.mark.parametrize(
    ("peer", "code"),
    [("::ffff:10.1.2.3", "OK"), ("10.1.2.3", "OK"), ("::1", "isv.DENY_IP_RANGE"), ("", "isv.DENY_IP_RANGE")],
)
def test_a_peer_is_read_in_either_version(peer: str, code: str) -> None:
    bare = DirectFake(allowed_networks=("10.0.0.0/8",))
    assert bare.answer(replace(rpc(), peer=peer)).code == code


def test_a_balance_pays_for_segments_and_is_not_touched_by_what_is_refused() -> None:
    long = Template("SMS_LONG", "字" * 80, "notification")
    bare = DirectFake(balance=4, templates={**TEMPLATES, "SMS_LONG": long})
    assert send(bare, TemplateCode="SMS_LONG", TemplateParam="").code == "OK"  # 2 segments
    assert (
        send(bare, TemplateCode="SMS_LONG", PhoneNumbers="13800138000,13800138001").code == "isv.AMOUNT_NOT_ENOUGH"
    )
    assert send(bare, PhoneNumbers="13800138000,13800138001").code == "OK"
    assert send(bare).code == "isv.AMOUNT_NOT_ENOUGH"
    assert len(bare.captures.entries) == 3


def test_a_balance_pays_abroad_by_the_other_alphabet() -> None:
    long = Template("SMS_LONG", "a" * 148 + "${code}", "international")
    abroad = {"TemplateCode": "SMS_LONG", "PhoneNumbers": "6581234567"}
    bare = DirectFake(balance=1, templates={**TEMPLATES, "SMS_LONG": long})
    assert send(bare, **abroad, SignName=SIGN_NAME).code == "isv.AMOUNT_NOT_ENOUGH"  # UCS-2: three segments
    assert send(bare, **abroad, SignName="Us").code == "OK"  # GSM-7: 160 units, four of them brackets


def test_an_accounts_own_balance_comes_before_that_of_all() -> None:
    own = {KEY_ID: Account(KEY_ID, SECRET, balance=1)}
    bare = DirectFake(balance=0, accounts=own)
    assert [send(bare).code, send(bare).code] == ["OK", "isv.AMOUNT_NOT_ENOUGH"]


def test_a_whole_account_has_caps_of_a_day_and_of_a_month() -> None:
    limits = Limits(
        verification_per_minute=None, verification_per_hour=None, account_per_day=2, account_per_month=3
    )
    bare = DirectFake(limits=limits)
    assert send(bare, PhoneNumbers="13800138000,13800138001").code == "OK"
    assert send(bare).code == "isv.DAY_LIMIT_CONTROL"
    bare.clock.time += 86_400
    assert send(bare).code == "OK"
    assert send(bare).code == "isv.MONTH_LIMIT_CONTROL"
    bare.clock.time += 31 * 86_400
    assert send(bare).code == "OK"


def test_a_lenient_fake_without_limits_touches_no_record() -> None:
    bare = DirectFake()
    bare.records.get = bare.records.put = bare.records.scan = None  # type: ignore[assignment]  # whoever calls fails
    assert send(bare).code == "OK"


def test_unknown_keys_of_a_lenient_fake_share_one_account() -> None:
    bare = DirectFake(limits=Limits())
    answers = [bare.answer(rpc(common={"AccessKeyId": key})).code for key in ("one", "two", KEY_ID)]
    assert answers == ["OK", "isv.BUSINESS_LIMIT_CONTROL", "OK"]


# --- templates that look right -----------------------------------------------------------------------------------


def test_handlebars_in_a_registered_template_warn_and_name_the_variable() -> None:
    template = Template("SMS_HB", "您的验证码为{{ code }}，{{code}}。", "verification")
    bare = DirectFake(templates={"SMS_HB": template})
    answer = send(bare, TemplateCode="SMS_HB")
    assert fields(answer)
    (warning,) = answer.verdict.explanation["warnings"]
    assert "{{code}}" in warning
    assert "${code}" in warning
    assert "{{ code }}" in bare.captures.texts[0]
    assert "warnings" not in send(DirectFake()).verdict.explanation


def test_the_international_version_names_the_same_errors_without_a_prefix() -> None:
    bare = DirectFake(state="unsubscribed")
    params = {"To": "6581234567", "Message": "hi"}
    answer = bare.answer(rpc(params, action="SendMessageToGlobe", common={"Version": GLOBE}))
    assert answer.json["ResponseCode"] == "PRODUCT_NOT_SUBSCRIBED"
    assert set(answer.json) == {"ResponseCode", "ResponseDescription", "RequestId"}
    assert answer.verdict.code == "PRODUCT_NOT_SUBSCRIBED"
