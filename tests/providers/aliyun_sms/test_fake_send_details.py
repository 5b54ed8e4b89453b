"""QuerySendDetails: the receipts of what was sent."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.providers.aliyun_sms.direct_fake import DirectFake, guessing
from tests.providers.aliyun_sms.independent_clients import SEND, SIGN_NAME, acs3, rpc

ASKED = {"PhoneNumber": "13800138000", "SendDate": "20261121", "PageSize": "10", "CurrentPage": "1"}


def query(bare: DirectFake, client: Any = rpc, **changes: str) -> Any:
    return bare.answer(client({**ASKED, **changes}, action="QuerySendDetails"))


def rows(answer: Any) -> list[dict[str, Any]]:
    assert answer.code == "OK", answer.json
    found: list[dict[str, Any]] = answer.json["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
    return found


@pytest.mark.parametrize("client", [acs3, rpc])
def test_a_message_waits_for_its_receipt_and_is_then_delivered(client: Any) -> None:
    bare = DirectFake()
    bare.answer(rpc({**SEND, "OutId": "order 1"}))
    waiting = {
        "PhoneNum": "13800138000",
        "SendStatus": 1,
        "ErrCode": "",
        "TemplateCode": "SMS_154950909",
        "Content": f"【{SIGN_NAME}】您的验证码为123456，请勿告知他人。",
        "SendDate": "2026-11-21 18:20:30",
        "ReceiveDate": "",
        "OutId": "order 1",
    }
    answer = query(bare, client)
    assert rows(answer) == [waiting]
    assert answer.json["TotalCount"] == 1
    bare.clock.time += 2
    delivered = {"SendStatus": 3, "ErrCode": "DELIVERED", "ReceiveDate": "2026-11-21 18:20:32"}
    assert rows(query(bare, client)) == [waiting | delivered]


def test_the_delay_of_receipts_and_the_code_before_them_are_settings() -> None:
    bare = DirectFake(receipt_delay=60.0, guesses=guessing(waiting_err_code="WAITING"))
    bare.answer(rpc())
    bare.clock.time += 59
    assert rows(query(bare))[0]["ErrCode"] == "WAITING"
    bare.clock.time += 1
    assert rows(query(bare))[0]["ErrCode"] == "DELIVERED"


def test_pages_go_from_the_newest_to_the_oldest() -> None:
    bare = DirectFake()
    for number in range(5):
        bare.clock.time += 1
        bare.answer(rpc({**SEND, "OutId": str(number)}))
    pages = [
        [row["OutId"] for row in rows(query(bare, PageSize="2", CurrentPage=str(page)))] for page in (1, 2, 3, 4)
    ]
    assert pages == [["4", "3"], ["2", "1"], ["0"], []]
    assert query(bare, PageSize="2").json["TotalCount"] == 5


def test_the_same_number_is_found_in_any_spelling_and_no_other() -> None:
    bare = DirectFake()
    bare.answer(rpc({**SEND, "PhoneNumbers": "8613800138000,13800138001"}))
    for spelling in ("13800138000", "+8613800138000", "008613800138000"):
        assert len(rows(query(bare, PhoneNumber=spelling))) == 1
    assert rows(query(bare, PhoneNumber="13800138002")) == []


def test_one_biz_id_finds_one_call() -> None:
    bare = DirectFake()
    first = bare.answer(rpc()).json["BizId"]
    bare.answer(rpc())
    assert len(rows(query(bare, BizId=first))) == 1
    assert rows(query(bare, BizId="1^0")) == []


def test_a_day_is_a_day_in_china_and_thirty_of_them_are_kept() -> None:
    bare = DirectFake()
    bare.clock.time += 5.9 * 3600  # 16:14 UTC is past midnight in China
    bare.answer(rpc())
    assert rows(query(bare)) == []
    assert len(rows(query(bare, SendDate="20261122"))) == 1
    bare.clock.time += 31 * 86_400
    assert rows(query(bare, SendDate="20261122")) == []


def test_xml_repeats_the_element_of_each_row() -> None:
    bare = DirectFake()
    bare.answer(rpc())
    bare.answer(rpc())
    answer = bare.answer(rpc(ASKED, action="QuerySendDetails", common={"Format": "XML"}))
    root = ET.fromstring(answer.response.body)  # noqa: S314 - our own bytes
    assert root.tag == "QuerySendDetailsResponse"
    assert len(root.findall("SmsSendDetailDTOs/SmsSendDetailDTO/Content")) == 2


@pytest.mark.parametrize("name", ["PhoneNumber", "SendDate", "PageSize", "CurrentPage"])
def test_each_mandatory_parameter_is_asked_for(name: str) -> None:
    answer = query(DirectFake(), **{name: ""})
    assert (answer.status, answer.code) == (400, f"Missing{name}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PageSize", "0"),
        ("PageSize", "51"),
        ("PageSize", "ten"),
        ("PageSize", "-1"),
        ("PageSize", "١"),
        ("PageSize", "9" * 5000),
        ("CurrentPage", "0"),
        ("CurrentPage", "1.5"),
        ("SendDate", "2026-11-21"),
        ("SendDate", "20261301"),
        ("SendDate", "00000000"),
    ],
)
def test_a_value_that_is_none_is_refused_by_name_with_what_would_be_right(name: str, value: str) -> None:
    answer = query(DirectFake(), **{name: value})
    assert (answer.status, answer.code) == (400, f"Invalid{name}")
    assert answer.json["Message"].startswith(f"Specified parameter {name} is not valid. It is ")


@pytest.mark.parametrize("number", ["x", "13800138000,13800138001", "+6581234567"])
def test_one_legal_number_is_asked_for(number: str) -> None:
    assert query(DirectFake(), PhoneNumber=number).code == "isv.MOBILE_NUMBER_ILLEGAL"


def test_a_query_captures_nothing_and_says_whom_it_was_about() -> None:
    bare = DirectFake()
    answer = query(bare)
    assert bare.captures.entries == []
    assert [recipient.read_as for recipient in answer.verdict.recipients] == ["+8613800138000"]
    assert answer.verdict.operation == "QuerySendDetails"
