"""``gateway verify``: what is asked, what is shown, and the exit codes."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run
from tests.cli.scripted_gateway import Scripted

REQUEST = "POST /api/verifications"
CHECK = "POST /api/verifications/check"
SENT = {
    "verificationId": "ver_1",
    "messageId": "msg_1",
    "connectorId": "sms",
    "expiresAt": "2026-11-21T10:30:30.123Z",
    "resendAt": "2026-11-21T10:20:30.123Z",
    "triesLeft": 10,
}


def test_a_request_has_what_was_given_and_no_more(script: Scripted, run: Run) -> None:
    script.answer(REQUEST, SENT)
    assert run("verify", "request", "13800138000").exit_code == 0
    run(
        *("verify", "request", "13800138000", "--type", "signin", "--locale", "zh-CN"),
        *("--connector", "other", "--policy", "off"),
    )
    more = {"type": "SignIn", "locale": "zh-CN", "connectorId": "other", "policy": "off"}
    assert [one.body for one in script.asked] == [
        {"to": "13800138000", "type": "Generic"},
        {"to": "13800138000", **more},
    ]


def test_a_request_shows_how_long_the_code_is_good(script: Scripted, run: Run) -> None:
    script.answer(REQUEST, {**SENT, "code": "246810"})
    shown = run("verify", "request", "13800138000").stdout
    for part in ("through sms", "2026-11-21T10:30:30.123Z", "10", "246810", "msg_1"):
        assert part in shown
    script.answer(REQUEST, {**SENT, "expiresAt": None, "triesLeft": None})
    run("verify", "request", "13800138000")
    assert "any number" in run("verify", "request", "13800138000").stdout
    assert json.loads(run("verify", "request", "13800138000", "--json").stdout)["triesLeft"] is None


def test_a_right_code_is_exit_code_0(script: Scripted, run: Run) -> None:
    script.answer(CHECK, {"verified": True})
    assert run("verify", "check", "13800138000", "246810").exit_code == 0
    assert script.asked[0].body == {"to": "13800138000", "type": "Generic", "code": "246810"}
    assert json.loads(run("verify", "check", "13800138000", "1", "--json").stdout) == {"verified": True}


@pytest.mark.parametrize(
    ("code", "data", "words"),
    [
        ("verification_code.code_mismatch", {"triesLeft": 9}, "9"),
        ("verification_code.expired", {}, "verification_code.expired"),
        ("session.verification_blocked_too_many_attempts", {"retryAfter": 30}, "30"),
    ],
)
def test_a_code_that_is_not_right_is_exit_code_1(
    script: Scripted, run: Run, code: str, data: dict[str, int], words: str
) -> None:
    script.refuse(CHECK, 400, code, "that is not the code", **data)
    result = run("verify", "check", "13800138000", "1")
    assert result.exit_code == 1
    assert "that is not the code" in result.stderr
    assert words in result.stderr
    assert json.loads(run("verify", "check", "13800138000", "1", "--json").stdout)["error"]["code"] == code


def test_a_request_that_has_to_wait_or_fails_is_exit_code_1(script: Scripted, run: Run) -> None:
    script.refuse(REQUEST, 429, "request.message_rate_limited", "not now", limitedBy="recipient", retryAfter=42)
    result = run("verify", "request", "13800138000")
    assert result.exit_code == 1
    assert "42" in result.stderr
    assert "recipient" in result.stderr
    script.refuse(REQUEST, 400, "connector.general", "no connection", reason="unreachable", maybeSent=False)
    run("verify", "request", "13800138000")
    result = run("verify", "request", "13800138000")
    assert result.exit_code == 1
    assert "unreachable" in result.stderr


def test_a_request_that_is_wrong_is_exit_code_2(script: Scripted, run: Run) -> None:
    script.refuse(REQUEST, 400, "request.invalid", "to: must be a phone number")
    assert run("verify", "request", "nobody").exit_code == 2
    script.refuse(CHECK, 400, "request.invalid", "code: must hold the code")
    assert run("verify", "check", "13800138000", "-- -").exit_code == 2
