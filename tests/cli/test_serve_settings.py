"""The settings of ``gateway serve`` that a container needs, as options and as variables of the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("option", "variable", "value", "key"),
    [
        ("--allow-host", "GATEWAY_ALLOW_HOSTS", "gateway.test:4650", "server.allow_hosts.0"),
        ("--allow-host", "GATEWAY_ALLOW_HOSTS", "http://gateway.test", "server.allow_hosts.0"),
        ("--allow-host", "GATEWAY_ALLOW_HOSTS", "*", "server.allow_hosts.0"),
        ("--allow-origin", "GATEWAY_ALLOW_ORIGINS", "localhost:3000", "server.allow_origins.0"),
        ("--allow-origin", "GATEWAY_ALLOW_ORIGINS", "null", "server.allow_origins.0"),
        ("--allow-origin", "GATEWAY_ALLOW_ORIGINS", "http://localhost:3000/app", "server.allow_origins.0"),
        ("--public-url", "GATEWAY_PUBLIC_URL", "gateway.test", "server.public_url"),
        ("--tls-port", "GATEWAY_TLS_PORT", "many", "--tls-port"),
        ("--store", "GATEWAY_STORE", "cassandra:x", "store"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(
    run: Run, monkeypatch: pytest.MonkeyPatch, option: str, variable: str, value: str, key: str
) -> None:
    by_option = run("serve", option, value)
    monkeypatch.setenv(variable, value)
    by_variable = run("serve")
    for result in (by_option, by_variable):
        assert result.exit_code == 2
        assert key in result.output


def test_a_variable_has_several_values_with_spaces_between(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_ALLOW_ORIGINS", "http://localhost:3000 https://App.example.com/ null")
    result = run("serve")
    assert result.exit_code == 2
    assert "server.allow_origins.2" in result.output
    assert "server.allow_origins.1" not in result.output


def test_the_folder_for_tls_is_read_from_both(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    folder = str(tmp_path / "file" / "tls")
    start = ("serve", "--store", "memory", "--port", "0", "--tls-port", "0")
    by_option = run(*start, "--tls-folder", folder)
    monkeypatch.setenv("GATEWAY_TLS_FOLDER", folder)
    for result in (by_option, run(*start)):
        assert result.exit_code == 2
        assert "server.tls_folder" in result.output


def test_an_open_bind_takes_the_token_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    start = ("serve", "--host", "0.0.0.0", "--store", "cassandra:x")
    assert "--insecure-open" in run(*start).output
    for variable, value in (("GATEWAY_TOKEN", "a-token"), ("GATEWAY_INSECURE_OPEN", "1")):
        with monkeypatch.context() as patch:
            patch.setenv(variable, value)
            result = run(*start)
            assert "store" in result.output
            assert "--insecure-open" not in result.output
