"""The commands against a gateway that really runs: what the scripted one promised is what the API does."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.command_line import GATEWAY, PATIENCE, Server, ask, environment, run, serving

# A process for each command. What the README shows of them runs in the fast tier.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("project")) as server:
        yield server


def test_what_is_sent_is_waited_for(server: Server) -> None:
    number = "13800138001"
    sent = server.run("send", number, "--code", "246810")
    assert sent.returncode == 0, sent.stderr
    assert "aliyun-sms" in sent.stdout
    got = server.run("wait", f"+86{number}", "--type", "SignIn")
    assert (got.returncode, got.stdout, got.stderr) == (0, "246810\n", "")


def test_a_wait_that_ends_without_a_code_says_what_was_there(server: Server) -> None:
    number = "13800138002"
    server.run("send", number, "--code", "246810")
    server.run("wait", number)
    again = server.run("wait", number, "--timeout", "0")
    assert (again.returncode, again.stdout) == (1, "")
    assert "taken" in again.stderr


def test_a_send_that_the_provider_refuses_shows_its_code(server: Server) -> None:
    number = "13800138003"
    fault = {"to": number, "error": "isv.BUSINESS_LIMIT_CONTROL"}
    ask(server.url, "POST", "/api/faults", fault)
    sent = server.run("send", number)
    assert (sent.returncode, sent.stdout) == (1, "")
    assert sent.stderr.startswith("Not sent: ")
    assert "isv.BUSINESS_LIMIT_CONTROL" in sent.stderr


def test_the_inbox_shows_it(server: Server) -> None:
    number = "13800138004"
    server.run("send", number, "--code", "135790", "--type", "Register")
    shown = server.run("inbox", "--to", number)
    assert "135790" in shown.stdout
    assert "Register" in shown.stdout
    (line,) = server.run("inbox", "--to", number, "--json").stdout.splitlines()
    assert json.loads(line)["code"] == "135790"


def test_following_shows_what_comes_until_ctrl_c(server: Server) -> None:
    number = "13800138005"
    with subprocess.Popen(
        [*GATEWAY, "inbox", "--follow", "--json", "--to", number, "--limit", "5"],
        env=environment(GATEWAY_URL=server.url),
        cwd=server.cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as follower:
        assert follower.stdout is not None
        for code in ("111111", "222222"):  # the first may be in the list that it begins with, or come after it
            server.run("send", number, "--code", code)
            assert json.loads(follower.stdout.readline())["code"] == code
        follower.send_signal(signal.SIGINT)
        rest = follower.communicate(timeout=PATIENCE)
    assert (follower.returncode, *(text.strip() for text in rest)) == (130, "", "")


def test_the_providers_have_lines_to_paste(server: Server) -> None:
    shown = server.run("providers")
    assert shown.returncode == 0, shown.stderr
    assert "aliyun-short-message-service" in shown.stdout
    assert str(server.said["port"]) in shown.stdout


def test_a_token_is_asked_for_and_taken_from_the_environment(tmp_path: Path) -> None:
    with serving(tmp_path, "--api-token", "s3cret") as server:
        refused = server.run("inbox")
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
        assert server.run("inbox", GATEWAY_TOKEN="s3cret").returncode == 0


def test_the_demo_tells_the_story_and_how_to_go_on(tmp_path: Path) -> None:
    told = run("demo", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    for shown in (
        "SignIn",
        "+86",
        "valid",
        "BizId",
        "RequestId",
        "verified",
        "Ada Wren",
        "isv.BUSINESS_LIMIT_CONTROL",
        "backup",
    ):
        assert shown in told.stdout
    assert "gateway serve" in told.stdout.splitlines()[-1]
    assert "\x1b" not in told.stdout


def test_the_table_of_the_demo_is_a_rectangle_of_at_most_80_columns(tmp_path: Path) -> None:
    table = [line for line in run("demo", cwd=tmp_path).stdout.splitlines() if line.startswith(("│", "╭", "╰"))]
    (width,) = {cell_len(line) for line in table}
    assert width <= 80


def test_the_demo_as_json_has_the_same_facts(tmp_path: Path) -> None:
    told = json.loads(run("demo", "--json", cwd=tmp_path).stdout)
    assert told["sms"]["code"] in told["sms"]["text"]
    assert told["sms"]["signature"] == "valid"
    mailed = told["email"]
    assert (mailed["connector"], mailed["type"], mailed["signature"]) == ("email", "Register", "valid")
    assert mailed["code"] in mailed["subject"]
    codes, clock, faults = told["codes"], told["clock"], told["faults"]
    assert (codes["wrong"], codes["triesLeft"]) == ("verification_code.code_mismatch", 9)
    assert (codes["right"], codes["replay"]) == ("verified", "verification_code.not_found")
    assert clock["expiresAt"] < clock["now"]
    assert clock["late"] == "verification_code.expired"
    assert (faults["limit"], faults["limitCode"]) == (
        "isv.BUSINESS_LIMIT_CONTROL",
        "connector.rate_limit_exceeded",
    )
    assert (faults["down"], faults["fallback"]) == ("isv.OUT_OF_SERVICE", "backup")
    social = told["social"]
    assert social["oauth2"] == social["huggingface"] == "Ada Wren <ada.wren@example.com>, id 1001"
    assert social["oidc"] == "李薇 <liwei@example.com>, id 1002"
    assert social["organizations"] == "Wren Works, Open Looms"
    assert social["calls"] == "authorize, token, userinfo"
    assert (faults["broken"], faults["stoodIn"]) == ("connection_lost", "nobody: it may have been sent")


def test_where_chinese_cannot_be_shown_there_is_no_traceback(tmp_path: Path) -> None:
    told = run("demo", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.isascii()


def test_on_a_terminal_there_are_colours(server: Server) -> None:
    server.run("send", "13800138009")
    ours, theirs = pty.openpty()
    subprocess.run(
        [*GATEWAY, "inbox", "--limit", "1"],
        env=environment(GATEWAY_URL=server.url, TERM="xterm-256color"),
        cwd=server.cwd,
        stdout=theirs,
        check=True,
        timeout=30,
    )
    try:
        # Read before the last writer closes: a terminal that is hung up may lose what it still held.
        assert b"\x1b[" in os.read(ours, 65536)
    finally:
        os.close(theirs)
        os.close(ours)
