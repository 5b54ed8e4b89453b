"""What every command that talks to a gateway does when there is none, or not the one it expects."""

from __future__ import annotations

import socket

import pytest

from tests.cli.conftest import Run
from tests.cli.scripted_gateway import Scripted

COMMANDS = [("send", "13800138000"), ("wait", "13800138000"), ("inbox",), ("inbox", "--follow"), ("providers",)]
every_command = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)


@every_command
def test_no_gateway_is_one_line_and_exit_code_3(run: Run, command: tuple[str, ...]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: refused, and nobody else can take it
        result = run(*command, "--url", f"http://127.0.0.1:{nobody.getsockname()[1]}")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("Error: no gateway at http://127.0.0.1:")
    assert "gateway serve" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@every_command
def test_another_server_is_not_taken_for_a_gateway(script: Scripted, run: Run, command: tuple[str, ...]) -> None:
    result = run(*command)  # nothing is scripted: plain text and 500
    assert (result.exit_code, result.stdout) == (3, "")
    assert "not a connector gateway (HTTP 500, text/plain)" in result.stderr


@every_command
def test_a_missing_token_is_exit_code_2(script: Scripted, run: Run, command: tuple[str, ...]) -> None:
    for call in ("GET /api/captures", "GET /api/providers", "POST /api/codes/13800138000"):
        script.refuse(call, 401, "auth.unauthorized", "the API token is missing: Authorization: Bearer <token>")
    script.refuse("POST /api/messages", 401, "auth.unauthorized", "the API token is missing")
    result = run(*command)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_the_token_comes_from_the_environment(script: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_TOKEN", "s3cret")
    run("providers")
    assert script.asked[0].headers["authorization"] == "Bearer s3cret"


def test_a_proxy_of_the_environment_is_not_asked(
    script: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    script.answer("GET /api/providers", {"providers": []})
    assert run("providers").exit_code == 0


def test_a_path_in_the_url_is_kept(script: Scripted, run: Run) -> None:
    script.answer("GET /behind/proxy/api/providers", {"providers": []})
    assert run("providers", "--url", f"{script.url}/behind/proxy/").exit_code == 0


@pytest.mark.parametrize(
    "url", ["127.0.0.1:4650", "ftp://x", "http://", "http://x:port", "http://[::1", "http://x:99999"]
)
def test_a_url_that_is_none_is_exit_code_2(run: Run, url: str) -> None:
    result = run("providers", "--url", url)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: GATEWAY_URL: ")


def test_a_line_feed_in_a_header_is_refused_before_it_is_sent(script: Scripted, run: Run) -> None:
    result = run("send", "13800138000", "--authorization", "a\r\nb: c")
    assert result.exit_code == 2
    assert script.asked == []
