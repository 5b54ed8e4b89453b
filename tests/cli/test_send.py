from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.scripted_gateway import Scripted

SMS = "POST /api/messages"
GUARDED = "POST /api/connectors/sms/send"
SENT = {
    "connectorId": "sms",
    "messageId": "msg_1",
    "cursor": 4,
    "receipt": {
        "provider": "aliyun-sms",
        "providerMessageId": "900000000000000001^0",
        "requestId": "A0B1",
        "providerCode": "OK",
    },
    "ignored": [],
}


def test_the_body_is_what_logto_posts(script: Scripted, run: Run) -> None:
    script.answer(SMS, SENT)
    run("send", "13800138000", "--type", "Register", "--code", "123456", "--locale", "zh-CN")
    assert script.asked[0].body == {
        "to": "13800138000",
        "type": "Register",
        "payload": {"code": "123456", "locale": "zh-CN"},
    }


@pytest.mark.parametrize("written", ["register", "REGISTER", "Register"])
def test_a_usage_type_is_accepted_in_any_case(script: Scripted, run: Run, written: str) -> None:
    script.answer(SMS, SENT)
    assert json.loads(run("send", "13800138000", "--type", written, "--json").stdout)["type"] == "Register"
    assert script.asked[0].body["type"] == "Register"


def test_a_usage_type_that_does_not_exist_names_those_that_do(script: Scripted, run: Run) -> None:
    result = run("send", "13800138000", "--type", "Registration")
    assert (result.exit_code, script.asked) == (2, [])
    assert "'MfaVerification'" in result.stderr


def test_the_receipt_is_shown(script: Scripted, run: Run) -> None:
    script.answer(SMS, SENT)
    result = run("send", "13800138000", "--code", "123456")
    assert result.exit_code == 0
    for shown in ("13800138000", "123456", "900000000000000001^0", "A0B1", "aliyun-sms", "msg_1"):
        assert shown in result.stdout


def test_it_says_where_to_look(script: Scripted, run: Run) -> None:
    script.answer(SMS, SENT)
    assert run("send", "13800138000").stdout.endswith("\nLook at it: gateway inbox show msg_1\n")


def test_where_to_look_names_a_gateway_that_only_an_option_named(
    script: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.answer(SMS, SENT)
    monkeypatch.delenv("GATEWAY_URL")
    result = run("send", "13800138000", "--url", script.url)
    assert result.stdout.endswith(f"\nLook at it: gateway inbox show msg_1 --url {script.url}\n")


def test_without_a_code_it_makes_one_and_says_it(script: Scripted, run: Run) -> None:
    script.answer(SMS, SENT)
    shown = json.loads(run("send", "13800138000", "--json").stdout)
    assert shown["code"] == script.asked[0].body["payload"]["code"]
    assert len(shown["code"]) == 6
    assert shown["receipt"] == SENT["receipt"]


def test_a_named_connector_is_asked_itself(script: Scripted, run: Run) -> None:
    script.answer("POST /api/connectors/other/send", {**SENT, "connectorId": "other"})
    result = run("send", "a@example.com", "--connector", "other")
    assert result.exit_code == 0
    assert "through other" in result.stdout


def test_where_it_may_go_to_the_other_address_it_says_where_it_went(script: Scripted, run: Run) -> None:
    script.answer(SMS, {**SENT, "connectorId": "email", "fallbackTo": "a@example.com"})
    result = run("send", "13800138000", "--connector", "sms", "--code", "123456", "--fallback-to", "a@example.com")
    assert script.asked[0].body == {
        "to": "13800138000",
        "type": "SignIn",
        "payload": {"code": "123456"},
        "fallbackTo": "a@example.com",
        "connectorId": "sms",
    }
    assert "to a@example.com through email" in result.stdout
    both = ["--connector", "sms", "--authorization", "x", "--fallback-to", "a@example.com"]
    refused = run("send", "13800138000", *both)
    assert refused.exit_code == 2
    assert "--authorization" in refused.stderr


def test_the_payload_comes_from_a_file(script: Scripted, run: Run, tmp_path: Path) -> None:
    script.answer(SMS, SENT)
    file = tmp_path / "payload.json"
    file.write_text('{"link": "https://example.com/i", "organization": {"name": "示例"}}')
    run("send", "13800138000", "--payload", str(file), "--type", "OrganizationInvitation")
    assert script.asked[0].body["payload"] == {"link": "https://example.com/i", "organization": {"name": "示例"}}


def test_the_payload_comes_from_stdin_and_the_options_win(script: Scripted, run: Run) -> None:
    script.answer(SMS, SENT)
    run("send", "13800138000", "--payload", "-", "--code", "2", stdin='{"code": "1", "user": {}}')
    assert script.asked[0].body["payload"] == {"code": "2", "user": {}}


@pytest.mark.parametrize("payload", ["", "{", "[]", '"x"', "\x00"])
def test_a_payload_that_is_no_object_is_exit_code_2(script: Scripted, run: Run, payload: str) -> None:
    result = run("send", "13800138000", "--payload", "-", stdin=payload)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --payload")
    assert len(result.stderr.splitlines()) == 1
    assert script.asked == []


def test_the_authorization_of_the_connector_goes_verbatim(script: Scripted, run: Run) -> None:
    script.answer(GUARDED, SENT)
    run("send", "13800138000", "--connector", "sms", "--authorization", "Bearer 秘密")
    assert script.asked[0].headers["authorization"].encode("latin-1").decode() == "Bearer 秘密"


def test_an_authorization_needs_the_name_of_its_connector(script: Scripted, run: Run) -> None:
    result = run("send", "13800138000", "--authorization", "x")
    assert result.exit_code == 2
    assert "--connector" in result.stderr
    assert script.asked == []


def test_a_missing_authorization_names_the_option(script: Scripted, run: Run) -> None:
    script.refuse(GUARDED, 401, "auth.unauthorized", "wrong authorization")
    result = run("send", "13800138000", "--connector", "sms")
    assert result.exit_code == 2
    assert "--authorization" in result.stderr


def test_a_refused_send_is_exit_code_1_with_the_provider_s_code(script: Scripted, run: Run) -> None:
    script.refuse(
        SMS,
        429,
        "connector.rate_limit_exceeded",
        "the provider limits this recipient",
        reason="rate_limited",
        provider="aliyun-sms",
        providerCode="isv.BUSINESS_LIMIT_CONTROL",
        requestId="A0B1",
        maybeSent=False,
        retryable=False,
    )
    result = run("send", "13800138000")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Not sent: the provider limits this recipient\n")
    for shown in ("rate_limited", "isv.BUSINESS_LIMIT_CONTROL", "A0B1", "connector.rate_limit_exceeded"):
        assert shown in result.stderr


def test_what_may_have_been_sent_is_not_called_unsent(script: Scripted, run: Run) -> None:
    script.refuse(SMS, 400, "connector.general", "no answer in time", reason="timed_out", maybeSent=True)
    result = run("send", "13800138000", "--json")
    assert result.exit_code == 1
    assert result.stderr.startswith("Perhaps sent: ")
    assert json.loads(result.stdout)["error"]["data"]["maybeSent"] is True


def test_a_connector_that_is_not_there_is_exit_code_2(script: Scripted, run: Run) -> None:
    script.refuse("POST /api/connectors/a%2Fb/send", 404, "entity.not_found", "there is no such connector")
    result = run("send", "13800138000", "--connector", "a/b")
    assert (result.exit_code, result.stderr) == (2, "Error: there is no such connector (entity.not_found)\n")
