"""Error table, numbers and envelopes."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import errors
from gateway.providers.aliyun_sms.wire import envelope
from gateway.providers.aliyun_sms.wire.errors import ERRORS, class_of, row_of
from gateway.providers.aliyun_sms.wire.numbers import is_legal, is_mainland, national, recipient
from gateway.providers.aliyun_sms.wire.service_errors import GLOBE, REGISTERING

# --- errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", 200, errors.RateLimited),
        ("isv.DAY_LIMIT_CONTROL", 200, errors.UsageLimited),
        ("isv.MONTH_LIMIT_CONTROL", 200, errors.UsageLimited),
        ("Throttling.User", 400, errors.Throttled),
        ("Throttling.Api", 429, errors.Throttled),
        ("Throttling.Something", 503, errors.Throttled),
        ("isv.MOBILE_NUMBER_ILLEGAL", 200, errors.RecipientRefused),
        ("isv.DOMESTIC_NUMBER_NOT_SUPPORTED", 200, errors.RecipientRefused),
        ("isv.SMS_TEMPLATE_ILLEGAL", 200, errors.ContentRefused),
        ("isv.SMS_CONTENT_ILLEGAL", 200, errors.ContentRefused),
        ("SignatureDoesNotMatch", 400, errors.CredentialsRefused),
        ("SignatureDoesNotMatch", 403, errors.CredentialsRefused),
        ("InvalidTimeStamp.Expired", 400, errors.CredentialsRefused),
        ("SignatureNonceUsed", 400, errors.CredentialsRefused),
        ("MissingSecurityToken", 400, errors.CredentialsRefused),
        ("InvalidSecurityToken.Whatever", 400, errors.CredentialsRefused),
        ("isv.AMOUNT_NOT_ENOUGH", 200, errors.AccountRefused),
        ("isv.PRODUCT_UNSUBSCRIBE", 200, errors.AccountRefused),
        ("isp.RAM_PERMISSION_DENY", 200, errors.AccountRefused),
        ("NoPermission", 403, errors.AccountRefused),
        ("Forbidden.RiskControl", 403, errors.AccountRefused),
        ("isp.SYSTEM_ERROR", 200, errors.ProviderFailed),
        ("InternalError", 500, errors.ProviderFailed),
        ("ServiceUnavailable", 503, errors.ProviderFailed),
        ("InternalError.Whatever", 500, errors.ProviderFailed),
        ("isv.NEVER_SEEN", 200, errors.Refused),
        ("isp.NEVER_SEEN", 200, errors.ProviderFailed),
        ("MissingPhoneNumbers", 400, errors.Refused),
        ("InvalidWhatever", 400, errors.Refused),
        ("InvalidWhatever", 502, errors.ProviderFailed),
        ("SomethingElse", 418, errors.Refused),
    ],
)
def test_a_code_means_one_class_for_driver_and_fake(
    code: str, status: int, expected: type[errors.ConnectorError]
) -> None:
    assert class_of(code, status) is expected


def test_only_a_throttle_is_worth_another_try_and_only_a_failure_leaves_doubt() -> None:
    for code, row in ERRORS.items():
        assert row.means.retryable == (code.startswith("Throttling") or code == "QPS_LIMIT_CONTROL"), code
        failed = row.status >= 500 or (code.startswith("isp.") and code != "isp.RAM_PERMISSION_DENY")
        failed = failed or code == "SYSTEM_ERROR"
        assert row.means.maybe_sent == failed, code


def test_business_codes_come_with_http_200_and_gateway_codes_with_an_error_status() -> None:
    for code, row in ERRORS.items():
        of_the_service = code.startswith(("isv.", "isp.")) or code in GLOBE or code in REGISTERING
        assert (row.status == 200) == of_the_service, code
        assert row.message, code


def test_the_message_of_a_wrong_signature_can_be_split_at_its_first_colon() -> None:
    assert ERRORS["SignatureDoesNotMatch"].message.split(":") == [
        "Specified signature is not matched with our calculation. server string to sign is",
        "<string to sign>",
    ]


@given(st.text())
def test_every_code_has_a_row(code: str) -> None:
    row = row_of(code)
    assert 200 <= row.status < 600
    assert issubclass(class_of(code, 500), errors.ConnectorError)


def test_a_missing_or_invalid_parameter_is_named_in_its_message() -> None:
    assert row_of("MissingSignName").message == "SignName is mandatory for this action."
    assert row_of("InvalidPageSize").message == "Specified parameter PageSize is not valid."


# --- numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["13055550123", "+13055550123"])
def test_eleven_digits_with_a_leading_one_go_to_china_whoever_meant_america(text: str) -> None:
    one = recipient(text)
    assert one.to == text
    assert one.readings == ("+8613055550123", "+13055550123")


@pytest.mark.parametrize("text", ["8613055550123", "+8613055550123", "008613055550123"])
def test_a_mainland_number_with_its_country_code_has_one_reading(text: str) -> None:
    assert recipient(text).readings == ("+8613055550123",)


def test_a_number_abroad_is_country_code_and_number() -> None:
    assert recipient("6581234567").readings[0] == "+6581234567"
    assert recipient("447700900123").readings[0] == "+447700900123"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 13800138000",
        "138 0013 8000",
        "+6581234567",
        "006581234567",
        "12345",
        "1234567890123456",
        "abc",
        "１３８",
    ],
)
def test_what_aliyun_does_not_take_is_illegal_and_still_has_a_reading(text: str) -> None:
    assert not is_legal(text)
    assert recipient(text).readings


@pytest.mark.parametrize("text", ["13800138000", "+13800138000", "8613800138000", "6581234567", "85260000123"])
def test_what_aliyun_takes_is_legal(text: str) -> None:
    assert is_legal(text)


def test_mainland_is_told_from_abroad() -> None:
    assert is_mainland("12025550123")
    assert not is_mainland("6581234567")


def test_aliyun_answers_with_numbers_in_its_own_spelling() -> None:
    assert national("+8613800138000") == "13800138000"
    assert national("+6581234567") == "6581234567"


@given(st.text())
def test_no_text_is_too_odd_to_be_a_recipient(text: str) -> None:
    assert recipient(text).readings


# --- envelopes ----------------------------------------------------------------------------------------------


def test_a_success_has_the_operations_fields_between_message_and_code() -> None:
    assert json.loads(envelope.success("SendSms", "R", {"BizId": "1^0"}, "JSON")) == {
        "Message": "OK",
        "RequestId": "R",
        "BizId": "1^0",
        "Code": "OK",
    }
    assert envelope.success("SendSms", "R", {"BizId": "1^0"}, "XML").decode() == (
        "<?xml version='1.0' encoding='UTF-8'?><SendSmsResponse><Message>OK</Message><RequestId>R</RequestId>"
        "<BizId>1^0</BizId><Code>OK</Code></SendSmsResponse>"
    )


def test_a_business_error_has_exactly_three_fields() -> None:
    body = json.loads(envelope.business_error("SendSms", "R", "isv.X", "触发", "JSON"))
    assert body == {"Message": "触发", "RequestId": "R", "Code": "isv.X"}


def test_a_gateway_error_says_host_and_where_to_read_more() -> None:
    body = envelope.gateway_error("R", "h:1", "C", "a<b>&c", "https://x/?a=1&b=2", "XML")
    root = ET.fromstring(body)  # noqa: S314 - our own bytes
    assert root.tag == "Error"
    assert {child.tag: child.text for child in root} == {
        "RequestId": "R",
        "Message": "a<b>&c",
        "Recommend": "https://x/?a=1&b=2",
        "HostId": "h:1",
        "Code": "C",
    }


def test_lists_repeat_their_element_in_xml() -> None:
    fields = {"TotalCount": 2, "Dtos": {"Dto": [{"A": 1}, {"A": 2}]}}
    body = envelope.success("X", "R", fields, "XML").decode()
    assert "<TotalCount>2</TotalCount><Dtos><Dto><A>1</A></Dto><Dto><A>2</A></Dto></Dtos>" in body


@given(st.text())
def test_whatever_is_echoed_stays_well_formed(text: str) -> None:
    body = envelope.gateway_error("R", text, "C", text, text, "XML")
    ET.fromstring(body)  # noqa: S314 - our own bytes
    assert set(json.loads(envelope.gateway_error("R", text, "C", text, text, "JSON"))) == {
        "RequestId",
        "HostId",
        "Code",
        "Message",
        "Recommend",
    }


def test_the_headers_are_those_of_the_gateway() -> None:
    found = dict(envelope.headers("JSON", "R", "0" * 32))
    assert found["Content-Type"] == "application/json;charset=utf-8"
    assert dict(envelope.headers("XML", "R", "0" * 32))["Content-Type"] == "text/xml;charset=utf-8"
    assert found["X-Acs-Request-Id"] == "R"
    assert re.fullmatch("[0-9a-f]{32}", found["X-Acs-Trace-Id"])
    assert found["Access-Control-Allow-Origin"] == "*"
