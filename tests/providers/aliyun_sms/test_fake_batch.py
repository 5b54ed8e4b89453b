"""SendBatchSms, and the statistics of what was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.providers.aliyun_sms.fake.settings import Limits
from tests.providers.aliyun_sms.call_operation import call, fields, send
from tests.providers.aliyun_sms.direct_fake import Answer, DirectFake
from tests.providers.aliyun_sms.independent_clients import SIGN_NAME, rpc

BATCH: dict[str, Any] = {
    "PhoneNumberJson": ["13800138000", "13800138001"],
    "SignNameJson": [SIGN_NAME, "某某公司"],
    "TemplateParamJson": [{"code": "111111"}, {"code": "222222"}],
}


def batch(bare: DirectFake, **changes: Any) -> Answer:
    given = {name: json.dumps(value) for name, value in {**BATCH, **changes}.items()}
    return call(bare, "SendBatchSms", TemplateCode="SMS_154950909", **given)


def test_each_number_gets_its_own_signature_and_values_under_one_biz_id() -> None:
    bare = DirectFake()
    answer = batch(bare, SmsUpExtendCodeJson=["1", "2"])
    assert set(fields(answer)) == {"BizId"}
    assert bare.captures.texts == [
        f"【{SIGN_NAME}】您的验证码为111111，请勿告知他人。",
        "【某某公司】您的验证码为222222，请勿告知他人。",
    ]
    details = [capture["details"] for capture in bare.captures.documents]
    assert {one["BizId"] for one in details} == {answer.json["BizId"]}
    assert [one["SmsUpExtendCode"] for one in details] == ["1", "2"]
    assert [capture["code"] for capture in bare.captures.documents] == ["111111", "222222"]
    assert [one.to for one in answer.verdict.recipients] == BATCH["PhoneNumberJson"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"PhoneNumberJson": []}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumberJson": "13800138000"}, "isv.INVALID_JSON_PARAM"),
        ({"PhoneNumberJson": [13800138000, 13800138001]}, "isv.INVALID_JSON_PARAM"),
        ({"PhoneNumberJson": ["13800138000", "x"]}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumberJson": ["13800138000", "\ud800"]}, "isv.INVALID_JSON_PARAM"),
        ({"PhoneNumberJson": ["13800138000"] * 101}, "isv.MOBILE_COUNT_OVER_LIMIT"),
        ({"SignNameJson": [SIGN_NAME]}, "isv.INVALID_PARAMETERS"),
        ({"TemplateParamJson": [{"code": "1"}] * 3}, "isv.INVALID_PARAMETERS"),
        ({"TemplateParamJson": ["[]", "{}"]}, "isv.INVALID_JSON_PARAM"),
    ],
)
def test_what_cannot_be_read_is_refused(changes: Any, code: str) -> None:
    bare = DirectFake()
    answer = batch(bare, **changes)
    assert answer.code == code
    assert bare.captures.entries == []
    json.dumps([one.to for one in answer.verdict.recipients], ensure_ascii=False).encode()


def test_a_refused_batch_says_whom_it_was_about() -> None:
    answer = batch(DirectFake(strict=True))  # the second signature is unknown
    assert answer.code == "isv.SMS_SIGNATURE_ILLEGAL"
    assert [one.to for one in answer.verdict.recipients] == BATCH["PhoneNumberJson"]


def test_no_values_at_all_are_none_for_each() -> None:
    bare = DirectFake()
    given = {name: json.dumps(BATCH[name]) for name in ("PhoneNumberJson", "SignNameJson")}
    assert call(bare, "SendBatchSms", TemplateCode="SMS_PLAIN", **given).code == "OK"
    assert len(bare.captures.entries) == 2


def test_a_batch_counts_towards_the_limits() -> None:
    bare = DirectFake(limits=Limits())
    assert batch(bare).code == "OK"
    assert send(bare).code == "isv.BUSINESS_LIMIT_CONTROL"
    assert batch(bare).code == "isv.BUSINESS_LIMIT_CONTROL"


# --- statistics ---------------------------------------------------------------------------------------------------

ASKED = {"IsGlobe": "1", "StartDate": "20261101", "EndDate": "20261130", "PageIndex": "1", "PageSize": "10"}


def days(bare: DirectFake, **changes: str) -> list[tuple[str, int, int]]:
    data = fields(call(bare, "QuerySendStatistics", **{**ASKED, **changes}))["Data"]
    rows = [(row["SendDate"], row["TotalCount"], row["RespondedSuccessCount"]) for row in data["TargetList"]]
    assert data["TotalSize"] >= len(rows)
    return rows


def test_statistics_count_days_receipts_and_filters() -> None:
    bare = DirectFake()
    batch(bare)
    send(bare, PhoneNumbers="6581234567", TemplateCode="SMS_INTL")
    bare.answer(rpc(common={"AccessKeyId": "nobody"}))
    assert days(bare) == [("20261121", 2, 0)]
    bare.clock.time += 6 * 3600  # past midnight in China
    send(bare)
    assert days(bare) == [("20261121", 2, 2), ("20261122", 1, 0)]
    assert days(bare, PageSize="1", PageIndex="2") == [("20261122", 1, 0)]
    assert days(bare, IsGlobe="2") == [("20261121", 1, 1)]
    assert days(bare, SignName="某某公司") == [("20261121", 1, 1)]
    assert days(bare, TemplateType="0", EndDate="20261121") == [("20261121", 2, 2)]
    assert days(bare, TemplateType="1") == []
    send(bare, TemplateCode="SMS_NOBODYS")
    assert days(bare, TemplateType="7") == []


def test_statistics_say_of_receipts_what_details_say() -> None:
    bare = DirectFake(bad_receipts={"+8613800138009": "UNDELIV"}, receipt_delay=60.0)
    for number in ("13800138000", "13800138009", "8613800138009"):
        send(bare, PhoneNumbers=number)
    bare.clock.time += 60
    send(bare)
    (row,) = fields(call(bare, "QuerySendStatistics", **ASKED))["Data"]["TargetList"]
    counted = [
        row[name] for name in ("TotalCount", "RespondedSuccessCount", "RespondedFailCount", "NoRespondedCount")
    ]
    assert counted == [4, 1, 2, 1]
    asked = {"PhoneNumber": "13800138009", "SendDate": "20261121", "PageSize": "10", "CurrentPage": "1"}
    details = fields(call(bare, "QuerySendDetails", **asked))["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
    shown = [(one["SendStatus"], one["ErrCode"], one["ReceiveDate"]) for one in details]
    assert shown == [(2, "UNDELIV", "2026-11-21 18:21:30")] * 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IsGlobe", "3"),
        ("StartDate", "2026-11-01"),
        ("StartDate", "20261201"),
        ("PageSize", "51"),
        ("TemplateType", "6"),
    ],
)
def test_statistics_refuse_by_name(name: str, value: str) -> None:
    assert call(DirectFake(), "QuerySendStatistics", **{**ASKED, name: value}).code == f"Invalid{name}"
