"""``gateway fault``: what it asks of the API, what it prints, and its exit codes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.cells import cell_len

from tests.cli.conftest import Run
from tests.cli.scripted_gateway import Scripted

ADD, LIST, CLEAR = "POST /api/faults", "GET /api/faults", "DELETE /api/faults"
FAULT: dict[str, Any] = {
    "to": "13800138000",
    "error": {"code": "isv.X", "message": "\x1b[2J"},
    "count": 2,
    "id": "fault_1c2d3e4f5a6b7c8d",
    "stage": "after",
    "seen": 3,
    "hits": 2,
    "lastHit": {"at": "2026-11-21T10:20:30.123Z", "exchangeId": "ex_77b1c3d5e7f90214"},
}


def added(script: Scripted, run: Run, *arguments: str) -> Any:
    script.answer(ADD, FAULT, status=201)
    result = run("fault", "add", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{FAULT['id']}\n", "")
    return script.asked[-1].body


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (["--error", "isv.X"], {"error": "isv.X"}),
        (
            ["--error", "Y", "--status", "400", "--message", "no", "--retry-after", "1m"],
            {"error": {"code": "Y", "status": 400, "message": "no", "retryAfter": 60.0}},
        ),
        (
            ["--to", "138", "--delivery", "late", "--late", "2m"],
            {"to": "138", "delivery": "late", "lateSeconds": 120.0},
        ),
        (["--answer", "502", "--body", "<html>"], {"answer": {"status": 502, "body": "<html>"}}),
        (["--answer", "204"], {"answer": {"status": 204}}),
        (
            ["--hang", "--stage", "after", "--operation", "SendSms"],
            {"hang": True, "stage": "after", "operation": "SendSms"},
        ),
        (
            ["--latency", "1.5s", "--key-id", "k", "--nth", "2", "--probability", "0.5", "--seed", "7"],
            {"latency": 1.5, "keyId": "k", "nth": 2, "probability": 0.5, "seed": 7},
        ),
        (["--latency-seconds", "2"], {"latency": 2.0}),
        (["--truncate-at", "0", "--drip", "10"], {"truncateAt": 0, "drip": 10.0}),
        ([], {}),
    ],
)
def test_options_are_the_keys_of_the_api_and_the_id_is_printed(
    script: Scripted, run: Run, arguments: list[str], body: dict[str, Any]
) -> None:
    assert added(script, run, *arguments) == body


@pytest.mark.parametrize(
    "arguments", [["--status", "400"], ["--message", "x"], ["--body", "x"], ["--late", "soon"]]
)
def test_options_that_say_nothing_alone_are_a_wrong_use(script: Scripted, run: Run, arguments: list[str]) -> None:
    result = run("fault", "add", *arguments)
    assert (result.exit_code, script.asked) == (2, [])


def test_a_fault_that_the_api_refuses_is_exit_code_2_with_its_words(script: Scripted, run: Run) -> None:
    script.refuse(ADD, 400, "request.invalid", "error: no provider here knows that code; did you mean isv.X?")
    result = run("fault", "add", "--error", "isv.Z")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean isv.X?" in result.stderr


def test_why_a_fault_hits_nothing_is_a_warning_on_stderr(script: Scripted, run: Run) -> None:
    fault = {**FAULT, "warnings": ["count: it applies no more\x1b[2J"]}
    script.answer(ADD, fault, status=201)
    script.answer(LIST, {"faults": [fault, FAULT]})
    for result in (run("fault", "add", "--hang"), run("fault", "list")):
        assert result.exit_code == 0
        assert result.stderr == f"Warning: {FAULT['id']}: count: it applies no more\N{SYMBOL FOR ESCAPE}[2J\n"
        assert "applies no more" not in result.stdout


def test_the_list_shows_what_for_whom_and_hits(script: Scripted, run: Run) -> None:
    script.answer(
        LIST,
        {
            "faults": [
                FAULT,
                {"id": "fault_2", "hang": True, "stage": "before", "seen": 0, "hits": 0, "lastHit": None},
            ]
        },
    )
    result = run("fault", "list")
    joined = "".join(result.stdout.split())
    for shown in (
        FAULT["id"],
        "isv.X",
        "(after)",
        "13800138000",
        "count2",
        "2of3",
        "fault_2",
        "hang",
        "everything",
    ):
        assert shown in joined
    assert "\x1b" not in result.stdout
    assert max(map(cell_len, result.stdout.splitlines())) <= 80


def test_no_faults_are_said_on_stderr(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"faults": []})
    result = run("fault", "list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "None.\n")


def test_those_that_are_there_are_removed_and_one_that_is_gone_is_exit_code_1(script: Scripted, run: Run) -> None:
    script.refuse("DELETE /api/faults/gone", 404, "entity.not_found", "there is no fault with that id (any more)")
    script.answer("DELETE /api/faults/fault_2", {"deleted": 1})
    result = run("fault", "remove", "gone", "fault_2", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"deleted": 1})
    assert "there is no fault gone (any more)" in result.stderr
    assert run("fault", "remove", "fault_2").exit_code == 0


def test_all_are_removed(script: Scripted, run: Run) -> None:
    script.answer(CLEAR, {"deleted": 3})
    assert run("fault", "clear").stderr == "3 removed.\n"
    assert json.loads(run("fault", "clear", "--json").stdout) == {"deleted": 3}


def test_known_errors_and_magic_recipients_are_listed(script: Scripted, run: Run) -> None:
    error = {
        "provider": "p",
        "code": "isv.X",
        "status": 200,
        "message": "限",
        "operations": [],
        "reason": "refused",
        "retryable": False,
        "maybeSent": True,
    }
    script.answer(
        "GET /api/faults/known", {"errors": [error, {**error, "code": "Y", "reason": None, "maybeSent": None}]}
    )
    shown = " ".join(run("fault", "known", "--provider", "p").stdout.split())
    assert "isv.X 200 限 refused, maybe sent" in shown
    assert shown.endswith("Y 200 限 -")
    assert script.asked[-1].query == {"provider": "p"}
    one = {
        "what": "accepted, and never delivered",
        "phones": ["+86 154 0008 xxxx"],
        "addresses": ["*@lost.magic.test"],
        "hits": 4,
    }
    script.answer("GET /api/faults/magic", {"on": False, "magic": [one]})
    result = run("fault", "magic")
    assert "+86 154 0008 xxxx" in result.stdout
    assert "They are off" in result.stderr
