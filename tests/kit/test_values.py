"""Recipients and captures, as values."""

from __future__ import annotations

import copy
import json
import pickle
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector_gateway import Capture, Recipient

API = Path(__file__).parents[2] / "docs" / "api.md"
PHONE = {
    "to": "+8613800138000",
    "channel": "sms",
    "region": "CN",
    "digits": "8613800138000",
    "national": "138 0013 8000",
    "cursor": 7,
}


def documented_capture() -> dict[str, Any]:
    found = re.search(r"## A capture.*?```json\n(.*?)```", API.read_text(), re.DOTALL)
    assert found is not None
    document: dict[str, Any] = json.loads(found[1])
    return document


def test_a_recipient_is_the_text_itself() -> None:
    phone = Recipient("+8613800138000", PHONE)
    assert phone == "+8613800138000"
    assert json.dumps({"to": phone}) == '{"to": "+8613800138000"}'
    assert (phone.channel, phone.region, phone.cursor) == ("sms", "CN", 7)
    assert (phone.digits, phone.national) == ("8613800138000", "138 0013 8000")


@pytest.mark.parametrize("copied", [pickle.loads, copy.deepcopy], ids=["pickled", "copied"])
def test_a_recipient_survives_copying(copied: Any) -> None:
    phone = Recipient("+8613800138000", PHONE)
    again = copied(pickle.dumps(phone) if copied is pickle.loads else phone)
    assert (again, again.digits, again.cursor) == (phone, phone.digits, phone.cursor)


def test_an_address_has_no_digits_and_says_so() -> None:
    address = Recipient(
        "user-1@example.com",
        {"channel": "email", "digits": None, "national": None, "region": None, "cursor": 3},
    )
    assert (address.channel, address.region) == ("email", None)
    with pytest.raises(AttributeError, match=r"user-1@example\.com has no digits"):
        _ = address.digits
    with pytest.raises(AttributeError, match="has no national form"):
        _ = address.national


def test_the_documented_capture_becomes_a_value_with_all_its_parts() -> None:
    document = documented_capture()
    capture = Capture.of(document)
    assert (capture.code, capture.type, capture.code_source) == ("246810", "SignIn", "rendered")
    assert (capture.to, capture.read_as, capture.readings) == (
        "13800138000",
        "+8613800138000",
        ("+8613800138000",),
    )
    assert (capture.id, capture.cursor, capture.connector_id) == ("cap_5e0c1b8f7a2d4936", 17, "sms")
    assert capture.received_at == datetime(2026, 11, 21, 10, 20, 30, 123000, UTC)
    assert capture.details["TemplateCode"] == "SMS_100000002"
    # Every documented key has an attribute of its own.
    named = {"".join(part.capitalize() for part in name.split("_")).lower() for name in Capture.__slots__}
    assert {key.lower() for key in document} - {"mail"} == named - {"raw", *OF_A_MAIL}


OF_A_MAIL = ("sender", "replyto", "headers", "attachments")


def test_the_documented_mail_becomes_values_too() -> None:
    found = re.search(r"`mail` is.*?```json\n(.*?)```", API.read_text(), re.DOTALL)
    assert found is not None
    capture = Capture.of({**documented_capture(), **json.loads(found[1])})
    assert (capture.subject, capture.links) == ("Your code is 246810", ("https://app.example/in",))
    assert (capture.sender, capture.reply_to) == ("Example <no-reply@example.com>", ("help@example.com",))
    assert capture.headers == (("List-Unsubscribe", "<https://app.example/out>"),)
    (attached,) = capture.attachments
    assert (attached.name, attached.content_type, attached.size) == ("invoice.pdf", "application/pdf", 5120)
    assert attached.path == "/api/captures/cap_5e0c1b8f7a2d4936/attachments/0"


def test_a_capture_is_read_only_and_can_be_kept_in_a_set() -> None:
    capture = Capture.of(documented_capture())
    with pytest.raises(AttributeError):
        capture.code = "000000"  # type: ignore[misc]
    assert {capture, Capture.of(documented_capture())} == {capture}


def test_a_key_that_this_version_does_not_know_stays_in_raw() -> None:
    capture = Capture.of({**documented_capture(), "segments": 2})
    assert capture.raw["segments"] == 2
