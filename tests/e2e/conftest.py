"""The servers of the end-to-end tests: real processes, spoken to over sockets by clients that are not ours."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from connector_gateway import ExternalServer, Gateway
from tests.e2e import accounts
from tests.e2e.node_clients import Node, NodeMissing, installed
from tests.support.gateway_processes import forked

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDKs obey a proxy of the machine that runs the tests, also for 127.0.0.1."""
    for name in _PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session")
def gateway_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExternalServer]:
    """The sandbox as it comes, in the place of the plugin's own server, which takes a second."""
    with forked(tmp_path_factory.mktemp("sandbox")) as server:
        yield server


@pytest.fixture(scope="session")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExternalServer]:
    """A strict fake with accounts of every kind, and connectors whose timeouts are short."""
    path = tmp_path_factory.mktemp("strict") / "gateway.yaml"
    path.write_text(accounts.CONFIG, encoding="utf-8")
    with forked(path.parent, "--config", str(path)) as server:
        yield server


@pytest.fixture
def strict(strict_server: ExternalServer) -> Iterator[Gateway]:
    with Gateway(strict_server.url) as bound:
        yield bound


@pytest.fixture(scope="session")
def node(pytestconfig: pytest.Config) -> Node:
    cache = pytestconfig.cache
    assert cache is not None
    try:
        return installed(cache.mkdir("node-clients"))
    except NodeMissing as missing:
        if os.environ.get("GATEWAY_REQUIRE_ALL") == "1":
            pytest.fail(f"Node: {missing}", pytrace=False)
        pytest.skip(f"Node: {missing}")  # make test-all and CI fail instead: GATEWAY_REQUIRE_ALL
