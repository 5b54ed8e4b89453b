"""What the tests of the client kit share."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from connector_gateway import Gateway
from tests.kit.scripted_gateway import Scripted


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A stand-in that answers what the test tells it to."""
    with Scripted() as script:
        yield script


@pytest.fixture
def client(scripted: Scripted) -> Gateway:
    """A client of the stand-in."""
    return Gateway(scripted.url)


@pytest.fixture
def nobody() -> str:
    """An address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def no_gateway_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that run pytest themselves: what this run was told about a gateway is not for that one."""
    monkeypatch.delenv("CONNECTOR_GATEWAY_URL", raising=False)
    monkeypatch.delenv("CONNECTOR_GATEWAY_TOKEN", raising=False)
