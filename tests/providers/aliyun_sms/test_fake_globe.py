"""The international API, 2018-05-01."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.providers.aliyun_sms.call_operation import GLOBE, call, fields, globe, send
from tests.providers.aliyun_sms.direct_fake import Answer, DirectFake
from tests.providers.aliyun_sms.independent_clients import SIGN_NAME, rpc

SEND = {"To": "6581234567", "Message": "Your code is 123456", "From": "Gateway", "Type": "OTP"}


def said(answer: Answer) -> str:
    assert answer.status == 200
    return str(answer.json["ResponseCode"])


def test_a_text_is_captured_as_it_is_and_asked_for_by_its_id() -> None:
    bare = DirectFake(receipt_delay=10)
    sent = fields(globe(bare, "SendMessageToGlobe", **SEND, TaskId="task 1"))
    detail = {"Country": "SG", "Region": "", "Carrier": ""}
    assert sent == {
        "MessageId": sent["MessageId"],
        "To": "6581234567",
        "From": "Gateway",
        "Segments": "1",
        "NumberDetail": detail,
    }
    (capture,) = bare.captures.documents
    assert (capture["text"], capture["readAs"]) == ("Your code is 123456", "+6581234567")
    assert capture["details"]["OutId"] == "task 1"
    asked = globe(bare, "QueryMessage", MessageId=sent["MessageId"])
    assert asked.json["ResponseDescription"] == "The SMS Send Request was accepted"
    assert fields(asked) == {
        "MessageId": sent["MessageId"],
        "To": "6581234567",
        "Message": "Your code is 123456",
        "Status": "3",
        "ErrorCode": "",
        "ErrorDescription": "",
        "SendDate": "Sat, 21 Nov 2026 18:20:30 +0800",
        "ReceiveDate": "",
        "NumberDetail": detail,
    }
    bare.clock.time += 10
    later = fields(globe(bare, "QueryMessage", MessageId=sent["MessageId"]))
    assert (later["Status"], later["ReceiveDate"]) == ("1", "Sat, 21 Nov 2026 18:20:40 +0800")


def test_a_failed_message_says_why() -> None:
    bare = DirectFake(bad_receipts={"+6581234567": "UNDELIV"}, receipt_delay=0)
    sent = fields(globe(bare, "SendMessageToGlobe", **SEND))
    asked = fields(globe(bare, "QueryMessage", MessageId=sent["MessageId"]))
    assert (asked["Status"], asked["ErrorCode"], asked["ErrorDescription"]) == ("2", "UNDELIV", "UNDELIV")
    assert asked["ReceiveDate"]


def test_eleven_digits_with_a_leading_one_are_american_here() -> None:
    bare = DirectFake()
    globe(bare, "SendMessageToGlobe", **{**SEND, "To": "13055550123"})
    assert bare.captures.documents[0]["readAs"] == "+13055550123"


def test_a_batch_sends_to_those_it_can() -> None:
    bare = DirectFake()
    answer = globe(bare, "BatchSendMessageToGlobe", To='["6581234567","x","447700900123"]', Message="Sale")
    found = fields(answer)
    assert (found["SuccessCount"], json.loads(found["FailedList"])) == ("2", ["x"])
    ids = json.loads(found["MessageIdList"])
    assert [capture["details"]["MessageId"] for capture in bare.captures.documents] == ids
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("action", "changes", "code"),
    [
        ("SendMessageToGlobe", {"To": "+6581234567"}, "MOBILE_NUMBER_ILLEGAL"),
        ("SendMessageToGlobe", {"To": "123"}, "MOBILE_NUMBER_ILLEGAL"),
        ("SendMessageToGlobe", {"Type": "SPAM"}, "INVALID_PARAMETERS"),
        ("BatchSendMessageToGlobe", {"To": "6581234567", "Type": "MKT"}, "INVALID_JSON_PARAM"),
        ("BatchSendMessageToGlobe", {"To": "[]", "Type": "MKT"}, "INVALID_JSON_PARAM"),
        ("BatchSendMessageToGlobe", {"To": "[1]", "Type": "MKT"}, "INVALID_JSON_PARAM"),
        ("BatchSendMessageToGlobe", {"To": '["x"]', "Type": "MKT"}, "MOBILE_NUMBER_ILLEGAL"),
        ("BatchSendMessageToGlobe", {"Type": "OTP"}, "INVALID_PARAMETERS"),
        (
            "BatchSendMessageToGlobe",
            {"To": json.dumps(["6581234567"] * 1001), "Type": "MKT"},
            "MOBILE_COUNT_OVER_LIMIT",
        ),
    ],
)
def test_what_is_always_refused(action: str, changes: dict[str, str], code: str) -> None:
    bare = DirectFake()
    assert said(globe(bare, action, **{**SEND, **changes})) == code
    assert bare.captures.entries == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"From": "Twelve Chars"}, "INVALID_SENDERID"),
        ({"From": "ABCDEFGHIJKL"}, "INVALID_SENDERID"),
        ({"From": "1234567890123456"}, "INVALID_SENDERID"),
        ({"To": "8613800138000"}, "NOT_SUPPORTED_COUNTRY"),
        ({"TaskId": "x" * 256}, "PARAM_LENGTH_LIMIT"),
    ],
)
def test_what_a_strict_fake_refuses(changes: dict[str, str], code: str) -> None:
    assert said(globe(DirectFake(strict=True), "SendMessageToGlobe", **{**SEND, **changes})) == code
    assert said(globe(DirectFake(), "SendMessageToGlobe", **{**SEND, **changes})) == "OK"


def test_a_mainland_number_gets_a_registered_template() -> None:
    bare = DirectFake(strict=True)
    given = {
        "To": "8613800138000",
        "From": SIGN_NAME,
        "TemplateCode": "SMS_154950909",
        "TemplateParam": '{"code":"123456"}',
    }
    sent = fields(globe(bare, "SendMessageWithTemplate", **given))
    assert (sent["To"], sent["Segments"], sent["NumberDetail"]["Country"]) == ("8613800138000", "1", "CN")
    (capture,) = bare.captures.documents
    assert (capture["readAs"], capture["code"]) == ("+8613800138000", "123456")
    assert fields(globe(bare, "QueryMessage", MessageId=sent["MessageId"]))["Message"] == capture["text"]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"To": "6581234567"}, "MOBILE_NUMBER_ILLEGAL"),
        ({"From": "没有"}, "SMS_SIGN_NAME_ILLEGAL"),
        ({"TemplateCode": "SMS_1"}, "SMS_CONTENT_CODE_ILLEGAL"),
        ({"TemplateParam": "{}"}, "CONTENT_MISSING_PARAMETERS"),
        ({"TemplateParam": "x"}, "INVALID_JSON_PARAM"),
    ]
    for changes, code in wrong:
        assert said(globe(bare, "SendMessageWithTemplate", **{**given, **changes})) == code


def test_an_unknown_message_does_not_exist() -> None:
    assert said(globe(DirectFake(), "QueryMessage", MessageId="1")) == "DATA_NOT_EXIST"


def test_the_gateways_own_errors_look_the_same_in_both_versions() -> None:
    answer = globe(DirectFake(), "SendMessageToGlobe", To="6581234567")
    assert (answer.status, answer.code) == (400, "MissingMessage")


def test_the_status_of_an_error_is_a_setting_and_its_shape_stays() -> None:
    from gateway.providers.aliyun_sms.fake.config import read

    bare = DirectFake(errors=read({"statuses": {"MOBILE_NUMBER_ILLEGAL": 400}}, ()).errors)
    answer = globe(bare, "SendMessageToGlobe", **{**SEND, "To": "x"})
    assert (answer.status, answer.json["ResponseCode"]) == (400, "MOBILE_NUMBER_ILLEGAL")


def test_xml_is_spoken_too() -> None:
    answer = DirectFake().answer(
        rpc(SEND, action="SendMessageToGlobe", common={"Version": GLOBE, "Format": "XML"}, form=["*"])
    )
    root = ET.fromstring(answer.response.body)  # noqa: S314 - our own bytes
    assert (root.tag, root.findtext("ResponseCode")) == ("SendMessageToGlobeResponse", "OK")
    assert root.findtext("NumberDetail/Country") == "SG"


def test_details_of_the_other_version_leave_its_messages_alone() -> None:
    bare = DirectFake()
    globe(bare, "SendMessageToGlobe", **SEND)
    send(bare, PhoneNumbers="6581234567", TemplateCode="SMS_INTL")
    asked = {"PhoneNumber": "6581234567", "SendDate": "20261121", "PageSize": "10", "CurrentPage": "1"}
    assert fields(call(bare, "QuerySendDetails", **asked))["TotalCount"] == 1
