"""Signatures: applying, the review, changing, asking."""

from __future__ import annotations

import pytest

from gateway.providers.aliyun_sms.fake.settings import Registry
from tests.providers.aliyun_sms.call_operation import NEW_SIGN, OLD_SIGN, call, fields, send
from tests.providers.aliyun_sms.direct_fake import TEMPLATES, DirectFake
from tests.providers.aliyun_sms.test_fake_templates import DELAYED, MANUAL, decide

NAME = OLD_SIGN["SignName"]


def test_what_was_applied_for_may_be_sent_with_once_it_is_reviewed() -> None:
    bare = DirectFake(strict=True, registry=DELAYED)
    assert send(bare, SignName=NAME).code == "isv.SMS_SIGNATURE_ILLEGAL"
    assert fields(call(bare, "AddSmsSign", **OLD_SIGN)) == {"SignName": NAME}
    assert send(bare, SignName=NAME).code == "isv.SIGN_STATE_ILLEGAL"
    bare.clock.time += 600
    assert send(bare, SignName=NAME).code == "OK"
    assert bare.captures.texts[0].startswith(f"【{NAME}】")


def test_a_signature_for_codes_sends_codes_only() -> None:
    bare = DirectFake(strict=True)
    call(bare, "AddSmsSign", **OLD_SIGN, SignType="0")
    assert send(bare, SignName=NAME).code == "OK"
    assert "SMS_PLAIN" in TEMPLATES
    plain = send(bare, SignName=NAME, TemplateCode="SMS_PLAIN", TemplateParam="")
    assert plain.code == "isv.SMS_SIGNATURE_SCENE_ILLEGAL"


def test_the_states_are_numbers_in_query_and_get_and_words_in_the_list() -> None:
    bare = DirectFake(signatures=frozenset(), registry=MANUAL)
    order = fields(call(bare, "CreateSmsSign", **NEW_SIGN))
    assert set(order) == {"SignName", "OrderId"}
    said = []
    for state in (None, "approved", "rejected", "cancelled"):
        if state is not None:
            decide(bare, NAME, state, "否" if state == "rejected" else "")
        asked = fields(call(bare, "QuerySmsSign", SignName=NAME))
        got = fields(call(bare, "GetSmsSign", SignName=NAME))
        (row,) = fields(call(bare, "QuerySmsSignList"))["SmsSignList"]
        said.append((asked["SignStatus"], got["SignStatus"], row["AuditStatus"], asked["Reason"]))
    assert said == [
        (0, 0, "AUDIT_STATE_INIT", ""),
        (1, 1, "AUDIT_STATE_PASS", ""),
        (2, 2, "AUDIT_STATE_NOT_PASS", "否"),
        (10, 10, "AUDIT_STATE_CANCEL", ""),
    ]


def test_what_create_was_given_is_what_get_gives() -> None:
    bare = DirectFake(signatures=frozenset())
    more = {"ThirdParty": "true", "AuthorizationLetterId": "88", "TrademarkId": "99", "SignSource": "5"}
    created = fields(call(bare, "CreateSmsSign", **{**NEW_SIGN, **more}))
    got = fields(call(bare, "GetSmsSign", SignName=NAME))
    assert (got["QualificationId"], got["AuthorizationLetterId"], got["TrademarkId"]) == (77, 88, 99)
    assert (got["ThirdParty"], got["AuthorizationLetterAuditPass"], got["SignTag"]) == (True, True, "2")
    assert got["OrderId"] == created["OrderId"]
    assert [row["OperatorCode"] for row in got["SignIspRegisterDetailList"]] == ["mobile", "unicom", "telecom"]
    (row,) = fields(call(bare, "QuerySmsSignList"))["SmsSignList"]
    assert (row["authorizationLetterAuditPass"], row["BusinessType"]) == (True, "通用类型")


def test_signatures_that_differ_in_case_are_the_same() -> None:
    bare = DirectFake(signatures=frozenset())
    call(bare, "AddSmsSign", **{**OLD_SIGN, "SignName": "Gateway"})
    assert fields(call(bare, "QuerySmsSign", SignName="GATEWAY"))["SignName"] == "Gateway"


def test_which_signatures_a_strict_fake_has_changed_and_deleted() -> None:
    bare = DirectFake(strict=True, registry=MANUAL)
    call(bare, "AddSmsSign", **OLD_SIGN)
    assert call(bare, "ModifySmsSign", **OLD_SIGN).code == "isv.ERROR_SIGN_NOT_MODIFY"
    assert call(bare, "DeleteSmsSign", SignName=NAME).code == "isv.ERROR_SIGN_NOT_DELETE"
    decide(bare, NAME, "approved")
    assert call(bare, "UpdateSmsSign", **NEW_SIGN).code == "isv.ERROR_SIGN_NOT_MODIFY"
    assert fields(call(bare, "ModifySmsSign", **OLD_SIGN)) == {"SignName": NAME}
    decide(bare, NAME, "rejected")
    assert fields(call(bare, "UpdateSmsSign", **NEW_SIGN))["SignName"] == NAME
    decide(bare, NAME, "approved")
    assert fields(call(bare, "DeleteSmsSign", SignName=NAME)) == {"SignName": NAME}
    assert call(bare, "QuerySmsSign", SignName=NAME).code == "isv.SMS_SIGNATURE_ILLEGAL"


def test_a_signature_of_the_config_cannot_be_changed() -> None:
    bare = DirectFake(signatures=frozenset({NAME}))
    assert call(bare, "ModifySmsSign", **OLD_SIGN).code == "isv.ERROR_SIGN_NOT_MODIFY"
    assert call(bare, "DeleteSmsSign", SignName=NAME).code == "isv.ERROR_SIGN_NOT_DELETE"
    assert fields(call(bare, "GetSmsSign", SignName=NAME))["SignTag"] == "3"


NEEDS = [
    ("AddSmsSign", {"SignName": "一"}, "isv.SIGN_NAME_ILLEGAL"),
    ("AddSmsSign", {"SignName": "测试公司"}, "isv.SIGN_NAME_ILLEGAL"),
    ("AddSmsSign", {"SignName": "MyTest"}, "isv.SIGN_NAME_ILLEGAL"),
    ("AddSmsSign", {"SignName": "某某【公司】"}, "isv.SIGN_NAME_ILLEGAL"),
    ("AddSmsSign", {"SignName": "某某😀"}, "isv.SMS_SIGN_EMOJI_ILLEGAL"),
    ("AddSmsSign", {"SignName": "一二三四五六七八九十一二三"}, "isv.SIGN_OVER_LIMIT"),
    ("AddSmsSign", {"SignName": "违规"}, "isv.SIGNATURE_BLACKLIST"),
    ("AddSmsSign", {"Remark": "说" * 201}, "isv.PARAM_LENGTH_LIMIT"),
    pytest.param(
        ("AddSmsSign", {"SignFileList.1.FileContents": "A" * (2_900_000)}, "isv.SIGN_FILE_LIMIT"),
        marks=pytest.mark.slow,
    ),
    ("CreateSmsSign", {"SignSource": "2"}, "MissingAppIcpRecordId"),
    ("CreateSmsSign", {"SignSource": "5"}, "MissingTrademarkId"),
    ("CreateSmsSign", {"ThirdParty": "true"}, "MissingAuthorizationLetterId"),
]


@pytest.mark.parametrize("row", NEEDS, ids=lambda row: f"{row[0]} {str(row[1])[:40]}")
def test_what_a_signature_must_be(row: tuple[str, dict[str, str], str]) -> None:
    action, changes, code = row
    given = {**(NEW_SIGN if action == "CreateSmsSign" else OLD_SIGN), **changes}
    registry = Registry(refused_names=frozenset({"违规"}))
    assert call(DirectFake(strict=True, registry=registry), action, **given).code == code
    assert call(DirectFake(registry=registry), action, **given).code == "OK"


@pytest.mark.parametrize(
    ("action", "changes", "code"),
    [
        ("AddSmsSign", {"SignSource": "6"}, "isv.SIGN_SOURCE_ILLEGAL"),
        ("CreateSmsSign", {"SignSource": "1"}, "isv.SIGN_SOURCE_ILLEGAL"),
        ("CreateSmsSign", {"QualificationId": "x"}, "InvalidQualificationId"),
        ("CreateSmsSign", {"QualificationId": ""}, "MissingQualificationId"),
        ("AddSmsSign", {"SignFileList.1.FileContents": ""}, "MissingSignFileList"),
        ("AddSmsSign", {"SignType": "2"}, "InvalidSignType"),
    ],
)
def test_what_cannot_be_read_is_refused_by_any_fake(action: str, changes: dict[str, str], code: str) -> None:
    given = {**(NEW_SIGN if action == "CreateSmsSign" else OLD_SIGN), **changes}
    assert call(DirectFake(), action, **given).code == code


def test_a_name_is_given_once_by_a_strict_fake_and_so_many_a_day() -> None:
    bare = DirectFake(strict=True, registry=Registry(signs_per_day=2))
    assert call(bare, "AddSmsSign", **OLD_SIGN).code == "OK"
    assert call(bare, "AddSmsSign", **OLD_SIGN).code == "isv.SIGN_NAME_ILLEGAL"
    said = [call(bare, "AddSmsSign", **{**OLD_SIGN, "SignName": name}).code for name in ("甲公司", "乙公司")]
    assert said == ["OK", "isv.SIGN_COUNT_OVER_LIMIT"]
