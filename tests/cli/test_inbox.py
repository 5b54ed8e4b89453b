from __future__ import annotations

import json

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
    for shown in ("13800138000", "SignIn", "246810", CAPTURE["text"]):
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
