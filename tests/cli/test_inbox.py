from __future__ import annotations

import json
from typing import Any

import pytest
from rich.cells import cell_len

from gateway.cli import inbox
from tests.cli.conftest import Run
from tests.cli.scripted_gateway import CAPTURE, Scripted, capture, event

LIST = "GET /api/captures"
EVENTS = "GET /api/events"


def cursors(output: str) -> list[int]:
    return [json.loads(line)["cursor"] for line in output.splitlines()]


def end_of_stream(script: Scripted) -> None:
    """What ends a follow at once: it may not ask any more."""
    script.refuse(EVENTS, 401, "auth.unauthorized", "wrong token")


def test_the_newest_come_last_as_one_json_a_line(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"captures": [capture(6), capture(5)], "cursor": 6})
    result = run("inbox", "--json", "--to", "+8613800138000", "--limit", "2")
    assert cursors(result.stdout) == [5, 6]
    assert script.asked[0].query == {"to": "+8613800138000", "limit": "2", "order": "desc"}


def test_a_row_has_recipient_type_code_and_text_within_80_columns(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"captures": [capture(5)], "cursor": 5})
    result = run("inbox")
    for shown in ("13800138000", "SignIn", "246810", CAPTURE["text"], "cap_5"):
        assert shown in result.stdout
    assert max(map(cell_len, result.stdout.splitlines())) <= 80
    assert "\x1b" not in result.stdout


def test_an_email_shows_its_subject_its_sender_what_is_attached_and_a_link_without_a_code(
    script: Scripted, run: Run
) -> None:
    attached = {"name": "invoice.pdf", "contentType": "application/pdf"}
    mail = {"from": "App <app@app.example>", "attachments": [attached, {"name": "", "contentType": "image/png"}]}
    shown = {
        "channel": "email",
        "subject": "Welcome",
        "mail": mail,
        "links": ["https://app.example/in", "https://x"],
    }
    script.answer(LIST, {"captures": [capture(6, **shown), capture(5, **shown, code=None)], "cursor": 6})
    without, with_code = run("inbox").stdout.split("Welcome")[1:]
    assert "from App <app@app.example>  [invoice.pdf]  [image/png]" in with_code
    assert "https://app.example/in" in without
    assert "https://" not in with_code


def test_the_text_of_a_stranger_cannot_move_the_cursor_of_the_terminal(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"captures": [capture(5, text="\x1b[2J[red]x\u202e")], "cursor": 5})
    assert "␛[2J[red]x\N{REPLACEMENT CHARACTER}" in run("inbox").stdout


def test_an_empty_inbox_says_so_on_stderr(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"captures": [], "cursor": 0})
    result = run("inbox")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing yet.\n")


# --- one message ----------------------------------------------------------------------------------------------

EXCHANGE = {
    "id": "ex_1",
    "accepted": True,
    "code": "OK",
    "signature": "valid",
    "explanation": {"note": "a lenient fake"},
    "faultIds": ["fault_1"],
}
MESSAGE = {"messageId": "msg_1", "status": "sent", "timeline": [{"event": "captured", "captureId": "cap_1"}]}


def mailed() -> dict[str, Any]:
    mail = {
        "from": "App <app@app.example>",
        "to": ["ada@example.com"],
        "cc": [],
        "bcc": [],
        "replyTo": ["help@app.example"],
        "returnPath": None,
        "headers": [["X-Campaign", "\x1b[2Jsummer"]],
        "attachments": [{"name": "a.pdf", "contentType": "application/pdf", "size": 7, "url": "/api/x/0"}],
    }
    links = [f"https://app.example/{'long/' * 30}", "https://app.example/2"]
    return {**CAPTURE, "channel": "email", "subject": "Welcome", "mail": mail, "links": links}


def told(script: Scripted, document: dict[str, Any]) -> None:
    script.answer("GET /api/captures/cap_1", document)
    script.answer("GET /api/exchanges/ex_1", EXCHANGE)
    script.answer("GET /api/messages/msg_1", MESSAGE)


def test_show_has_code_text_verdict_template_and_connector(script: Scripted, run: Run) -> None:
    told(script, {**CAPTURE, "details": {**CAPTURE["details"], "TemplateCode": "SMS_1"}})
    shown = run("inbox", "show", "cap_1").stdout
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    for line in (
        "id cap_1",
        "to 13800138000",
        "read as +8613800138000",
        "code 246810 (rendered)",
        "connector sms",
        "template SMS_1",
        "message msg_1 sent",
        "request ex_1 SendSms at aliyun-sms",
        "verdict accepted with OK, signature valid",
        "a lenient fake",
        "faults fault_1",
        "BizId 900000000000000001^0",
        CAPTURE["text"],
    ):
        assert line in lines


def test_show_has_the_headers_links_and_attachments_of_a_mail(script: Scripted, run: Run) -> None:
    told(script, mailed())
    shown = run("inbox", "show", "msg_1").stdout
    joined = " ".join(shown.split())
    for text in (
        "From App <app@app.example> To ada@example.com Reply-To help@app.example Subject Welcome",
        "X-Campaign ␛[2Jsummer",
        "attachment a.pdf application/pdf, 7 bytes /api/x/0",
        "link https://app.example/2",
        "template the gateway's own, SignIn",
    ):
        assert text in joined
    assert mailed()["links"][0] in "".join(shown.split())
    assert "\x1b" not in shown


def test_show_last_is_the_newest_that_fits(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"captures": [CAPTURE], "cursor": 5})
    told(script, CAPTURE)
    chosen = ["--to", "13800138000", "--type", "signin", "--text", "246810"]
    result = run("inbox", "show", "last", *chosen, "--json")
    assert json.loads(result.stdout) == {"capture": CAPTURE, "exchange": EXCHANGE, "message": MESSAGE}
    assert script.asked[0].query == {
        "to": "13800138000",
        "type": "SignIn",
        "text": "246810",
        "limit": "1",
        "order": "desc",
    }


def test_show_says_that_a_request_is_no_longer_kept(script: Scripted, run: Run) -> None:
    script.answer("GET /api/captures/cap_1", {**CAPTURE, "messageId": None})
    script.refuse("GET /api/exchanges/ex_1", 404, "entity.not_found", "there is no exchange with that id")
    assert "the request is no longer kept" in run("inbox", "show", "cap_1").stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("last", "the inbox is empty"),
        ("cap_0", "there is no capture cap_0 (any more)"),
        ("msg_0", "there is no message msg_0 (any more)"),
        ("msg_2", "message msg_2 is not in the inbox: it went out for real, or a fault keeps it"),
    ],
)
def test_show_of_a_message_that_is_not_there_is_exit_code_1(
    script: Scripted, run: Run, name: str, said: str
) -> None:
    script.answer(LIST, {"captures": [], "cursor": 0})
    script.refuse("GET /api/captures/cap_0", 404, "entity.not_found", "no")
    script.refuse("GET /api/messages/msg_0", 404, "entity.not_found", "no")
    script.answer("GET /api/messages/msg_2", {**MESSAGE, "timeline": [{"event": "sent"}]})
    result = run("inbox", "show", name)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr


@pytest.mark.parametrize(
    "arguments", [["--json", "show", "last"], ["--url", "http://x", "show", "last"], ["show", "cap_1", "--to", "1"]]
)
def test_options_that_would_have_no_effect_are_a_wrong_use(
    script: Scripted, run: Run, arguments: list[str]
) -> None:
    assert (run("inbox", *arguments).exit_code, script.asked) == (2, [])


# --- following ------------------------------------------------------------------------------------------------


def test_following_continues_after_a_broken_connection(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"captures": [capture(5)], "cursor": 7})
    script.answer(LIST, {"captures": [], "cursor": 12})
    script.answer(EVENTS, text=event("capture", capture(8)) + ": a comment\n\nid: 9\nevent: capt")
    script.answer(EVENTS, text=event("exchange", {"id": "ex_1"}, 9) + event("capture", capture(10)))
    end_of_stream(script)
    result = run("inbox", "--follow", "--json")
    assert cursors(result.stdout) == [5, 8, 10]
    resumed = [asked.headers["last-event-id"] for asked in script.asked if asked.call == EVENTS]
    assert resumed == ["7", "8", "10"]
    assert result.exit_code == 2


def test_following_one_recipient_lets_the_gateway_decide_which_are_theirs(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"captures": [], "cursor": 7})
    script.answer(LIST, {"captures": [], "cursor": 8})
    script.answer(LIST, {"captures": [capture(9), capture(10)], "cursor": 10})
    script.answer(LIST, {"captures": [], "cursor": 10})
    foreign, own, known = (event("capture", capture(cursor)) for cursor in (8, 9, 10))
    script.answer(EVENTS, text=foreign + own + known)
    end_of_stream(script)
    result = run("inbox", "--follow", "--json", "--to", "13800138000")
    assert cursors(result.stdout) == [9, 10]
    asked = [asked.query for asked in script.asked if asked.call == LIST]
    assert [query.get("after") for query in asked[:3]] == [None, "7", "8"]


def test_following_begins_again_when_the_gateway_was_started_anew(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"captures": [], "cursor": 700})
    script.answer(LIST, {"captures": [], "cursor": 2})
    script.answer(EVENTS, text="")
    script.answer(EVENTS, text=event("capture", capture(1)) + event("capture", capture(2)))
    end_of_stream(script)
    assert cursors(run("inbox", "-f", "--json").stdout) == [1, 2]


def test_limit_0_follows_only_what_is_new(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"captures": [capture(5)], "cursor": 7})
    script.answer(LIST, {"captures": [], "cursor": 8})
    script.answer(EVENTS, text=event("capture", capture(8)))
    end_of_stream(script)
    assert cursors(run("inbox", "-f", "--json", "--limit", "0").stdout) == [8]


def test_a_gap_is_told_on_stderr(script: Scripted, run: Run) -> None:
    script.answer(LIST, {"captures": [], "cursor": 7})
    script.answer(LIST, {"captures": [], "cursor": 9})
    script.answer(EVENTS, text=event("gap", {}, 9))
    end_of_stream(script)
    assert "no longer kept" in run("inbox", "-f", "--json").stderr


def test_a_gateway_that_stays_away_is_exit_code_3(
    script: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAUSES", (0.0, 0.0))
    script.answer(LIST, {"captures": [], "cursor": 7})
    script.refuse(EVENTS, 503, "gateway.unavailable", "the gateway is stopping")
    result = run("inbox", "--follow")
    assert result.exit_code == 3
    assert "trying again" in result.stderr


def test_events_are_parsed_as_the_standard_says() -> None:
    lines = [b": comment\n", b"id:1\r\n", b"event: capture\n", b'data: {"a":\n', b"data:1}\n", b"\n"]
    lines += [
        b"data: {}\n",
        b"\n",
        b"id: x\n",
        b"data: {}\n",
        b"\n",
        b"id: 2\n",
        b"data: 7\n",
        b"\n",
        b"data: {}\n",
    ]
    assert list(inbox.parse_events(lines)) == [
        inbox.Event("capture", 1, {"a": 1}),
        inbox.Event("message", 1, {}),  # an id stays until another comes
    ]
