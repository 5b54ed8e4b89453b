"""The scripted gateway, and a way to run a command against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from tests.cli.scripted_gateway import Scripted, scripted_gateway

Run = Callable[..., Result]


@pytest.fixture
def script() -> Iterator[Scripted]:
    with scripted_gateway() as script:
        yield script


@pytest.fixture
def run(script: Scripted, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("wait", "13800138000")`` with the scripted gateway as GATEWAY_URL."""
    monkeypatch.setenv("GATEWAY_URL", script.url)
    monkeypatch.delenv("GATEWAY_TOKEN", raising=False)
    monkeypatch.setenv("COLUMNS", "80")

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(main, list(arguments), input=stdin, prog_name="gateway")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke
