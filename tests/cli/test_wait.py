from __future__ import annotations

import json

import pytest

from gateway.cli import wait
from tests.cli.conftest import Run
from tests.cli.scripted_gateway import Scripted

CALL = "POST /api/codes/13800138000"
TIMED_OUT = "no code for that recipient within 0 s"


def test_it_prints_the_code_and_nothing_else(script: Scripted, run: Run) -> None:
    script.answer(CALL, text="246810")
    result = run("wait", "13800138000")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "246810\n", "")


def test_what_it_may_be_travels_in_the_query(script: Scripted, run: Run) -> None:
    script.answer("POST /api/codes/%2B8613800138000", text="1")
    run("wait", "+8613800138000", "--type", "signin", "--channel", "sms", "--timeout", "2.5", "--after", "17")
    assert script.asked[0].query == {"type": "SignIn", "channel": "sms", "after": "17", "timeout": "2.5"}
    run("wait", "+8613800138000", "--subject", "a b", "--text", "c", "--sender", "d@", "--timeout", "0")
    assert script.asked[1].query == {"subject": "a b", "text": "c", "sender": "d@", "timeout": "0.0"}


def test_json_says_which_capture_it_was(script: Scripted, run: Run) -> None:
    script.answer(CALL, text="246810", X_Gateway_Capture="cap_1", X_Gateway_Cursor="17")
    assert json.loads(run("wait", "13800138000", "--json").stdout) == {
        "code": "246810",
        "to": "13800138000",
        "captureId": "cap_1",
        "cursor": 17,
    }


def test_no_code_in_time_is_exit_code_1_and_the_near_misses(script: Scripted, run: Run) -> None:
    miss = {"reason": "taken", "message": "a message arrived,\nbut it is taken", "at": "2026-11-21T10:20:30.123Z"}
    script.refuse(CALL, 404, "code.not_found", TIMED_OUT, nearMisses=[miss])
    result = run("wait", "13800138000", "--timeout", "0")
    assert (result.exit_code, result.stdout) == (1, "")
    first, second = result.stderr.splitlines()
    assert first == f"Error: {TIMED_OUT}"
    assert second.endswith("taken: a message arrived, but it is taken")


def test_no_code_in_time_as_json_is_the_error(script: Scripted, run: Run) -> None:
    script.refuse(CALL, 404, "code.not_found", TIMED_OUT, nearMisses=[])
    result = run("wait", "13800138000", "--timeout", "0", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "code.not_found"


def test_a_long_wait_is_several_calls(script: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "LONGEST_CALL", 0.001)  # the scripted answers come at once: the clock does the rest
    script.refuse(CALL, 404, "code.not_found", TIMED_OUT)
    script.refuse(CALL, 404, "code.not_found", TIMED_OUT)
    script.answer(CALL, text="246810")
    result = run("wait", "13800138000", "--timeout", "30")
    assert result.stdout == "246810\n"
    assert [asked.query["timeout"] for asked in script.asked] == ["0.001"] * 3


def test_a_code_of_a_stranger_cannot_move_the_cursor_of_the_terminal(script: Scripted, run: Run) -> None:
    script.answer(CALL, text="\x1b[2J1234")
    assert run("wait", "13800138000").stdout == "␛[2J1234\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("",),
        ("13800138000", "--type", "Login"),
        ("13800138000", "--timeout", "-1"),
        ("13800138000", "--timeout", "soon"),
        ("13800138000", "--channel", "pigeon"),
        ("13800138000", "--after", "x"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("wait", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr
