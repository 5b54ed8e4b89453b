"""Templates: applying, the review, changing, asking, and the enums that look alike."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.providers.aliyun_sms.fake.settings import Registry
from tests.providers.aliyun_sms.call_operation import CODE_TEMPLATE, NEW_TEMPLATE, call, fields, send
from tests.providers.aliyun_sms.direct_fake import DirectFake, run

DELAYED = Registry(review="delayed", review_seconds=600)
MANUAL = Registry(review="manual")


def apply(bare: DirectFake, action: str = "AddSmsTemplate", **changes: str) -> str:
    given = NEW_TEMPLATE if action == "CreateSmsTemplate" else CODE_TEMPLATE
    return str(fields(call(bare, action, **{**given, **changes}))["TemplateCode"])


def decide(bare: DirectFake, code: str, state: str, reason: str = "") -> None:
    """What POST /api/reviews/{id} does."""
    for key, record in run(bare.records.scan("reviews/")):
        if record.value["name"] == code:
            decision = {"state": state, "reason": reason, "at": "2026-11-21T10:21:00.000Z"}
            run(bare.records.put(key, {**record.value, "decision": decision}))


def status(bare: DirectFake, code: str) -> Any:
    return fields(call(bare, "QuerySmsTemplate", TemplateCode=code))["TemplateStatus"]


@pytest.mark.parametrize("strict", [False, True])
def test_what_was_applied_for_is_what_is_sent(strict: bool) -> None:
    bare = DirectFake(strict=strict)
    code = apply(bare)
    assert send(bare, TemplateCode=code, TemplateParam='{"code":"135790"}').code == "OK"
    assert bare.captures.texts == ["【阿里云短信测试】您的验证码为135790。"]
    assert bare.captures.documents[0]["details"]["templateKind"] == "verification"


@pytest.mark.parametrize("strict", [False, True])
def test_a_review_is_over_after_its_time_on_the_clock(strict: bool) -> None:
    bare = DirectFake(strict=strict, registry=DELAYED)
    code = apply(bare)
    bare.clock.time += 599
    assert send(bare, TemplateCode=code).code == "isv.SMS_TEMPLATE_ILLEGAL"
    assert status(bare, code) == 0
    bare.clock.time += 1
    assert send(bare, TemplateCode=code).code == "OK"
    assert status(bare, code) == 1


def test_a_manual_review_waits_for_a_decision() -> None:
    bare = DirectFake(strict=True, registry=MANUAL)
    code = apply(bare)
    bare.clock.time += 10**6
    assert status(bare, code) == 0
    decide(bare, code, "rejected", "太短")
    asked = fields(call(bare, "QuerySmsTemplate", TemplateCode=code))
    assert (asked["TemplateStatus"], asked["Reason"]) == (2, "太短")
    assert send(bare, TemplateCode=code).code == "isv.SMS_TEMPLATE_ILLEGAL"
    decide(bare, code, "approved")
    assert send(bare, TemplateCode=code).code == "OK"


def test_a_strict_reviewer_rejects_a_code_template_that_does_not_say_so() -> None:
    for strict, expected in ((True, 2), (False, 1)):
        bare = DirectFake(strict=strict)
        assert status(bare, apply(bare, TemplateContent="密码${code}")) == expected


def test_handlebars_in_an_application_warn_at_once() -> None:
    answer = call(DirectFake(), "AddSmsTemplate", **{**CODE_TEMPLATE, "TemplateContent": "您的验证码为{{code}}。"})
    (warning,) = answer.verdict.explanation["warnings"]
    assert "${code}" in warning


def test_only_a_rejected_template_is_changed_by_a_strict_fake_and_any_by_a_lenient_one() -> None:
    bare = DirectFake(strict=True, registry=MANUAL)
    code = apply(bare)
    changed = {**CODE_TEMPLATE, "TemplateCode": code, "TemplateContent": "注册码${code}"}
    assert call(bare, "ModifySmsTemplate", **changed).code == "isv.ERROR_TEMPLATE_NOT_MODIFY"
    decide(bare, code, "approved")
    assert call(bare, "ModifySmsTemplate", **changed).code == "isv.ERROR_TEMPLATE_NOT_MODIFY"
    decide(bare, code, "rejected")
    assert fields(call(bare, "ModifySmsTemplate", **changed)) == {"TemplateCode": code}
    assert status(bare, code) == 0
    assert fields(call(bare, "GetSmsTemplate", TemplateCode=code))["TemplateContent"] == "注册码${code}"
    lenient = DirectFake()
    again = {**NEW_TEMPLATE, "TemplateCode": apply(lenient)}
    answer = fields(call(lenient, "UpdateSmsTemplate", **again))
    assert set(answer) == {"TemplateCode", "TemplateName", "OrderId"}


def test_a_template_under_review_is_not_deleted_by_a_strict_fake() -> None:
    bare = DirectFake(strict=True, registry=MANUAL)
    code = apply(bare)
    assert call(bare, "DeleteSmsTemplate", TemplateCode=code).code == "isv.ERROR_TEMPLATE_NOT_DELETE"
    decide(bare, code, "approved")
    assert fields(call(bare, "DeleteSmsTemplate", TemplateCode=code)) == {"TemplateCode": code}
    assert call(bare, "GetSmsTemplate", TemplateCode=code).code == "isv.SMS_TEMPLATE_ILLEGAL"


@pytest.mark.parametrize("action", ["ModifySmsTemplate", "DeleteSmsTemplate"])
def test_a_template_of_the_config_cannot_be_changed(action: str) -> None:
    given = CODE_TEMPLATE if action == "ModifySmsTemplate" else {}
    answer = call(DirectFake(), action, **given, TemplateCode="SMS_PLAIN")
    assert answer.code == f"isv.ERROR_TEMPLATE_NOT_{action[:6].upper()}"
    assert "config" in answer.verdict.explanation["hint"]


def test_the_types_in_the_list_are_numbered_otherwise() -> None:
    bare = DirectFake(templates={})
    for kind in "0123":
        apply(bare, TemplateType=kind, TemplateName=kind)
        bare.clock.time += 1
    rows = fields(call(bare, "QuerySmsTemplateList"))["SmsTemplateList"]
    assert [(row["OuterTemplateType"], row["TemplateType"]) for row in rows] == [(3, 6), (2, 1), (1, 0), (0, 2)]
    code = rows[-1]["TemplateCode"]
    assert fields(call(bare, "QuerySmsTemplate", TemplateCode=code))["TemplateType"] == 0
    got = fields(call(bare, "GetSmsTemplate", TemplateCode=code))
    assert (got["TemplateType"], got["TemplateStatus"], got["TemplateTag"]) == ("0", "1", 2)


def test_the_states_in_the_list_are_spelt_as_aliyun_spells_them() -> None:
    bare = DirectFake(templates={}, registry=MANUAL)
    code = apply(bare)
    said = []
    for state in (None, "approved", "rejected", "cancelled"):
        if state is not None:
            decide(bare, code, state, "否")
        (row,) = fields(call(bare, "QuerySmsTemplateList"))["SmsTemplateList"]
        said.append((row["AuditStatus"], row["Reason"]["RejectInfo"]))
    assert said == [
        ("AUDIT_STATE_INIT", ""),
        ("AUDIT_STATE_PASS", ""),
        ("AUDIT_STATE_NOT_PASS", "否"),
        ("AUDIT_SATE_CANCEL", ""),
    ]


def test_the_list_has_pages_and_the_templates_of_the_config() -> None:
    bare = DirectFake()
    code = apply(bare)
    first = fields(call(bare, "QuerySmsTemplateList", PageSize="2"))
    assert (first["TotalCount"], first["CurrentPage"], first["PageSize"]) == (4, 1, 2)
    assert first["SmsTemplateList"][0]["TemplateCode"] == code
    assert len(fields(call(bare, "QuerySmsTemplateList", PageSize="3", PageIndex="2"))["SmsTemplateList"]) == 1
    assert call(bare, "QuerySmsTemplateList", PageSize="51").code == "InvalidPageSize"


def test_what_create_was_given_is_what_get_gives() -> None:
    bare = DirectFake(templates={})
    more = {"IntlType": "2", "ApplySceneContent": "https://a.example", "MoreData": '["https://a.example/1.png"]'}
    created = fields(call(bare, "CreateSmsTemplate", **{**NEW_TEMPLATE, **more}))
    assert created["TemplateName"] == "登录"
    got = fields(call(bare, "GetSmsTemplate", TemplateCode=created["TemplateCode"]))
    assert got["OrderId"] == created["OrderId"]
    assert got["IntlType"] == 2
    assert got["ApplyScene"] == "https://a.example"
    assert got["MoreDataFileUrlList"] == {"MoreDataFileUrl": ["https://a.example/1.png"]}
    assert json.loads(got["VariableAttribute"]) == {"code": "numberCaptcha"}
    assert got["SignList"] == {"SignList": ["阿里云短信测试"]}
    assert got["CreateDate"] == "2026-11-21 18:20:30"


NEEDS = [
    # action, changes, what a strict fake says
    ("AddSmsTemplate", {"TemplateContent": "验证码${code}" + "字" * 500}, "isv.TEMPLATE_OVER_LIMIT"),
    ("AddSmsTemplate", {"TemplateName": "名" * 31}, "isv.TEMPLATE_OVER_LIMIT"),
    ("AddSmsTemplate", {"Remark": "说" * 101}, "isv.PARAM_LENGTH_LIMIT"),
    ("AddSmsTemplate", {"TemplateContent": "验证码"}, "template_parameter_count_illegal"),
    ("AddSmsTemplate", {"TemplateContent": "验证码${code}${time}"}, "template_parameter_count_illegal"),
    ("CreateSmsTemplate", {"RelatedSignName": ""}, "MissingRelatedSignName"),
    ("CreateSmsTemplate", {"RelatedSignName": "没有"}, "isv.SMS_SIGNATURE_ILLEGAL"),
    ("CreateSmsTemplate", {"TemplateRule": ""}, "MissingTemplateRule"),
    ("CreateSmsTemplate", {"TemplateType": "3"}, "MissingIntlType"),
]


@pytest.mark.parametrize("row", NEEDS, ids=lambda row: f"{row[0]} {str(row[1])[:40]}")
def test_what_a_template_must_be(row: tuple[str, dict[str, str], str]) -> None:
    action, changes, code = row
    given = {**(NEW_TEMPLATE if action == "CreateSmsTemplate" else CODE_TEMPLATE), **changes}
    assert call(DirectFake(strict=True), action, **given).code == code
    assert call(DirectFake(), action, **given).code == "OK"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"TemplateType": "9"}, "InvalidTemplateType"),
        ({"TemplateType": "6"}, "InvalidTemplateType"),
        ({"IntlType": "x"}, "InvalidIntlType"),
        ({"TemplateRule": "code"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateRule": '{"code":"captcha"}'}, "isv.TEMPLATE_PARAMS_ILLEGAL"),
        ({"TemplateRule": '{"code":["x"]}'}, "isv.TEMPLATE_PARAMS_ILLEGAL"),
        ({"MoreData": "{}"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateContent": ""}, "MissingTemplateContent"),
    ],
)
def test_what_cannot_be_read_is_refused_by_any_fake(changes: dict[str, str], code: str) -> None:
    assert call(DirectFake(), "CreateSmsTemplate", **{**NEW_TEMPLATE, **changes}).code == code


def test_an_account_applies_so_often_a_day() -> None:
    few = Registry(applications_per_day=2, templates_per_day=1)
    bare = DirectFake(strict=True, registry=few)
    said = [call(bare, "AddSmsTemplate", **CODE_TEMPLATE).code for _ in range(2)]
    assert said == ["OK", "isv.TEMPLATE_COUNT_OVER_LIMIT"]
    all_in_all = DirectFake(strict=True, registry=Registry(applications_per_day=1))
    said = [call(all_in_all, "AddSmsTemplate", **CODE_TEMPLATE).code for _ in range(2)]
    assert said == ["OK", "isv.SMS_OVER_LIMIT"]
    all_in_all.clock.time += 86_400
    assert call(all_in_all, "AddSmsTemplate", **CODE_TEMPLATE).code == "OK"


def test_accounts_do_not_see_each_others_templates() -> None:
    from tests.providers.aliyun_sms.independent_clients import rpc

    bare = DirectFake(templates={})
    code = apply(bare)
    stranger = {"AccessKeyId": "nobody"}
    answer = bare.answer(rpc({"TemplateCode": code}, action="GetSmsTemplate", common=stranger))
    assert answer.code == "isv.SMS_TEMPLATE_ILLEGAL"
