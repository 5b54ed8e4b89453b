"""``gateway serve`` as a process: what it says, what it refuses, how it ends."""

from __future__ import annotations

import http.client
import json
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
        assert server.said.keys() == {"url", "host", "port", "mode", "live", "pid", "version"}
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


def test_for_people_it_prints_the_lines_to_paste_and_how_to_read_a_code(tmp_path: Path) -> None:
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
    assert "sandbox: http://127.0.0.1:" in said
    assert "gateway wait <number or address>" in said
    assert "export GATEWAY_TOKEN=" in said
    assert "s3cret-token" not in said
    assert "\x1b" not in said


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
