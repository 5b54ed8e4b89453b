"""The pytest plugin: ``gateway`` is a gateway for one test, ``gateway_server`` the server behind it.

Nothing is started, or connected to, before a test asks for one of them. A project that wants its own server,
with a configuration for instance, overrides ``gateway_server`` in its conftest.py:

    @pytest.fixture(scope="session")
    def gateway_server():
        with Server(config="gateway.yaml") as server:
            yield server
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from connector_gateway.client import Gateway
from connector_gateway.errors import GatewayError, GatewayUnreachable
from connector_gateway.server import ExternalServer, Server


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("connector gateway")
    group.addoption(
        "--gateway-url",
        metavar="URL",
        help="Use the gateway at this address, instead of starting one. "
        "Also: GATEWAY_URL, and gateway_url in the ini.",
    )
    group.addoption("--gateway-token", metavar="TOKEN", help="The API token of that gateway (also: GATEWAY_TOKEN).")
    parser.addini("gateway_url", "Use the gateway at this address, instead of starting one.", default="")


def pytest_report_header(config: pytest.Config) -> str | None:
    url, source = _external(config)
    return f"gateway: {url} ({source})" if url else None


@pytest.fixture(scope="session")
def gateway_server(pytestconfig: pytest.Config) -> Iterator[Server | ExternalServer]:
    """The server behind the fixture ``gateway``: ``.url`` and ``.token``.

    The one named by ``--gateway-url``, GATEWAY_URL or the ini's ``gateway_url``, in this order; without any
    of them one of this run's own, on a free port (with pytest-xdist each worker starts its own).
    """
    url, source = _external(pytestconfig)
    if url:
        yield _checked(url, source, pytestconfig.getoption("--gateway-token") or os.environ.get("GATEWAY_TOKEN"))
        return
    try:
        server = Server().start()
    except GatewayUnreachable as error:
        pytest.fail(str(error), pytrace=False)
    yield server
    server.stop()


@pytest.fixture
def gateway(gateway_server: Server | ExternalServer) -> Iterator[Gateway]:
    """A gateway for one test: its faults are removed afterwards, and the clock is reset if it was moved.

    Captures stay: recipients from ``gateway.phone()`` and ``gateway.email()`` are the test's own.
    """
    if isinstance(gateway_server, Server):
        gateway_server.check()
    with Gateway(gateway_server.url, gateway_server.token) as bound:
        yield bound


def _external(config: pytest.Config) -> tuple[str, str]:
    """The address of a gateway that somebody else runs, and where that was said; two empty texts for none."""
    said = (
        (config.getoption("--gateway-url"), "--gateway-url"),
        (os.environ.get("GATEWAY_URL"), "GATEWAY_URL"),
        (config.getini("gateway_url"), "gateway_url in the ini"),
    )
    return next(((str(url), source) for url, source in said if url), ("", ""))


def _checked(url: str, source: str, token: str | None) -> ExternalServer:
    """That server, once it has answered. Else a failure, no skip: tests that do not run must not be green."""
    try:
        Gateway(url, token).status()
    except ValueError as error:
        pytest.fail(f"{source}: {error}", pytrace=False)
    except GatewayUnreachable as error:
        pytest.fail(
            f"{error}. It was named by {source}: start it there with `gateway serve`, "
            f"or take {source} away and this run starts its own.",
            pytrace=False,
        )
    except GatewayError as error:
        hint = "" if error.status != 401 else " Give its token with --gateway-token or GATEWAY_TOKEN."
        pytest.fail(f"the gateway at {url} (from {source}): {error}.{hint}", pytrace=False)
    return ExternalServer(url, token)
