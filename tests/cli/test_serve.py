"""``gateway serve`` as a process: what it says, what it refuses, how it ends."""

from __future__ import annotations

import http.client
import json
import os
import pty
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import GATEWAY, PATIENCE, Server, ask, connect, environment, run, serving

# Each case starts a process or two: half a minute in all.
pytestmark = pytest.mark.slow


def test_the_first_line_of_json_says_where_it_is_and_nothing_follows(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.said.keys() == {"url", "host", "port", "mode", "live", "pid", "version", "apiVersion"}
        assert server.said["pid"] == server.process.pid
        assert server.said["url"] == f"http://127.0.0.1:{server.said['port']}"
        assert ask(server.url, "GET", "/healthz") == (200, {"status": "ok"})
        server.process.terminate()
        assert server.end() == (0, "", "")


def test_a_template_that_aliyun_would_not_fill_in_is_told_at_the_start(tmp_path: Path) -> None:
    template = {"code": "SMS_5", "text": "验证码{{code}}"}
    fakes = {"aliyun-sms": {"templates": [template]}}
    (tmp_path / "gateway.yaml").write_text(json.dumps({"fakes": fakes}), encoding="utf-8")
    with serving(tmp_path, "--config", "gateway.yaml") as server:
        server.process.terminate()
        code, _, said = server.end()
    assert code == 0
    (line,) = [json.loads(line) for line in said.splitlines()]
    assert line["level"] == "warning"
    assert line["event"] == (
        "fakes.aliyun-sms.templates: template SMS_5: {{code}} is sent as it stands; Aliyun fills ${code}"
    )


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.close_stdin()
        assert server.process.wait(PATIENCE) == 0


def test_for_people_it_prints_how_to_connect_an_app_and_how_to_read_a_code(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*GATEWAY, "serve", "--port", "0", "--store", "memory", "--with-parent", "--api-token", "s3cret-token"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        said, _ = process.communicate(input="", timeout=PATIENCE)  # and the end of its stdin stops it
    assert process.returncode == 0
    assert said.startswith("http://127.0.0.1:")
    assert len(said.splitlines()) <= 10
    assert 'eval "$(gateway env)"' in said
    assert "gateway providers" in said
    assert "gateway wait <number or address>" in said
    assert "Codes appear here" not in said, "stdout is no terminal"
    assert "export GATEWAY_TOKEN=" in said
    assert "s3cret-token" not in said
    assert "\x1b" not in said


@contextmanager
def on_a_terminal(cwd: Path, *arguments: str) -> Iterator[tuple[str, Iterator[str]]]:
    """``gateway serve`` with a terminal as stdout and stderr: its URL, and the lines that it prints."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*GATEWAY, "serve", "--port", "0", "--store", "memory", "--with-parent", *arguments],
        cwd=cwd,
        env=environment(TERM="dumb"),
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        assert process.stdin is not None
        with os.fdopen(ours, "rb") as terminal:
            lines = (line.decode("utf-8").removesuffix("\r\n") for line in iter(terminal.readline, b""))
            try:
                yield next(lines).partition(" ")[0], lines
            finally:
                process.stdin.close()
                process.wait(PATIENCE)


def until(lines: Iterator[str], text: str) -> list[str]:
    """Read lines up to the one with this text."""
    seen = []
    for line in lines:
        seen.append(line)
        if text in line:
            break
    return seen


def test_on_a_terminal_there_is_one_line_for_each_code_that_arrives(tmp_path: Path) -> None:
    with on_a_terminal(tmp_path) as (url, lines):
        assert len(until(lines, "Codes appear here as they arrive")) < 10
        for to, code in (("13800138000", "246810"), ("ada@example.com", "135790")):
            ask(url, "POST", "/api/messages", {"to": to, "type": "signin", "payload": {"code": code}})
        ask(url, "GET", "/healthz")
        shown = [next(lines).split("  ") for _ in range(2)]
    assert [line[1:] for line in shown] == [
        ["+8613800138000", "SignIn", "246810"],
        ["ada@example.com", "SignIn", "135790"],
    ]
    assert all(len(line[0].split(":")) == 3 for line in shown)


def test_no_control_character_of_a_message_reaches_the_terminal(tmp_path: Path) -> None:
    code = "1\x9b2J\x1b[31m\r\n2"
    with on_a_terminal(tmp_path) as (url, lines):
        until(lines, "Codes appear here")
        ask(url, "POST", "/api/messages", {"to": "13800138000", "type": "SignIn", "payload": {"code": code}})
        shown = next(lines)
    assert shown.endswith("SignIn  1\N{REPLACEMENT CHARACTER}2J\N{SYMBOL FOR ESCAPE}[31m 2")
    assert shown.isprintable()


def test_a_log_level_that_is_given_holds_on_a_terminal_too(tmp_path: Path) -> None:
    with on_a_terminal(tmp_path, "--log-level", "info") as (url, lines):
        until(lines, "Codes appear here")
        ask(url, "GET", "/healthz")
        assert "/healthz" in until(lines, "/healthz")[-1]


@pytest.mark.parametrize(
    ("arguments", "file", "named"),
    [
        pytest.param((), "server: [", "gateway.yaml", id="no YAML"),
        pytest.param((), "server: {prot: 1}", "did you mean port?", id="a typo"),
        pytest.param((), "server: {port: many}", "server.port", id="a wrong value"),
        pytest.param(("--config", "nowhere.yaml"), "", "nowhere.yaml", id="no such file"),
        pytest.param(("--host", "0.0.0.0"), "", "--api-token", id="a forbidden bind"),
        pytest.param(("--host", "203.0.113.1", "--insecure-open"), "", "203.0.113.1", id="another's address"),
        pytest.param(("--host", "a b", "--insecure-open"), "", "a b", id="a host that is none"),
        pytest.param(("--store", "cassandra:x"), "", "store", id="a store that is none"),
    ],
)
def test_what_cannot_work_is_one_line_and_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...], file: str, named: str
) -> None:
    (tmp_path / "gateway.yaml").write_text(file, encoding="utf-8")
    done = run("serve", "--config", "gateway.yaml", "--store", "memory", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_in_use_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run("serve", "--port", port, "--store", "memory", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert port in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_broken_command_line_is_exit_code_2(tmp_path: Path) -> None:
    done = run("serve", "--port", "70000", cwd=tmp_path)
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_sigterm_answers_a_wait_that_is_in_flight(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        waiting = connect(server.url)
        waiting.request("POST", "/api/codes/13800138000?timeout=50")
        # Connections are served in the order in which they came: when these are answered, the wait has begun.
        for _ in range(2):
            ask(server.url, "GET", "/healthz")
        server.process.terminate()
        response = waiting.getresponse()
        assert (response.status, json.load(response)["code"]) == (503, "gateway.unavailable")
        waiting.close()
        assert server.end() == (0, "", "")


@contextmanager
def a_send_in_flight(server: Server, **fault: Any) -> Iterator[Future[tuple[int, Any]]]:
    """Begins when the gateway has taken it in, and the fake holds its answer back."""
    ask(server.url, "POST", "/api/faults", {"provider": "aliyun-sms", **fault})
    body = {"to": "13800138000", "type": "SignIn", "payload": {"code": "123456"}}
    events = connect(server.url)
    events.request("GET", "/api/events?after=0")
    stream = events.getresponse()
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(ask, server.url, "POST", "/api/connectors/sms/send", body)
        while stream.readline() != b"event: message\n":
            pass
        yield sending
    stream.close()
    events.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_send_that_is_in_flight_is_finished(tmp_path: Path, how: signal.Signals) -> None:
    with serving(tmp_path) as server:
        with a_send_in_flight(server, latency=1) as sending:
            server.process.send_signal(how)
            status, answer = sending.result(PATIENCE)
        assert (status, answer["receipt"]["providerCode"]) == (200, "OK")
        assert server.end()[:2] == (0, "")


def test_a_second_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    with serving(tmp_path) as server, a_send_in_flight(server, hang=True) as sending:
        assert server.process.stderr is not None
        server.process.send_signal(signal.SIGINT)
        assert server.process.stderr.readline().startswith("Stopping")
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE) == -signal.SIGINT
        assert isinstance(sending.exception(PATIENCE), (http.client.HTTPException, OSError))
