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
from pathlib import Path

import pytest

from connector_gateway.client import Gateway
from connector_gateway.errors import GatewayError, GatewayUnreachable, IncompatibleGateway
from connector_gateway.server import ExternalServer, Server
from connector_gateway.versions import check_version


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("connector gateway")
    group.addoption(
        "--gateway-url",
        metavar="URL",
        help="Use the gateway at this address, instead of starting one. "
        "Also: CONNECTOR_GATEWAY_URL, and gateway_url in the ini.",
    )
    group.addoption(
        "--gateway-token", metavar="TOKEN", help="The API token of that gateway. Also: CONNECTOR_GATEWAY_TOKEN."
    )
    parser.addini("gateway_url", "Use the gateway at this address, instead of starting one.", default="")
    parser.addini(
        "gateway_command",
        "Start the gateway by this command line, as `uvx connector-gateway`. A path is relative to the ini file.",
        type="args",
        default=[],
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    url, source = _external(config)
    return f"gateway: {url} ({source})" if url else None


@pytest.fixture(scope="session")
def gateway_server(pytestconfig: pytest.Config) -> Iterator[Server | ExternalServer]:
    """The server behind the fixture ``gateway``: ``.url`` and ``.token``.

    The one named by ``--gateway-url``, CONNECTOR_GATEWAY_URL or the ini's ``gateway_url``, in this order. Without
    any of them the run starts one of its own on a free port (with pytest-xdist each worker starts one): by the
    ini's ``gateway_command``, else from the package in this environment, else ``connector-gateway`` on PATH.
    """
    url, source = _external(pytestconfig)
    if url:
        token = pytestconfig.getoption("--gateway-token") or os.environ.get("CONNECTOR_GATEWAY_TOKEN")
        yield _checked(url, source, token)
        return
    try:
        server = Server(command=_command(pytestconfig)).start()
    except (GatewayUnreachable, IncompatibleGateway) as error:
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
        (os.environ.get("CONNECTOR_GATEWAY_URL"), "CONNECTOR_GATEWAY_URL"),
        (config.getini("gateway_url"), "gateway_url in the ini"),
    )
    return next(((str(url), source) for url, source in said if url), ("", ""))


def _command(config: pytest.Config) -> list[str]:
    """The ini's ``gateway_command``. A program with a folder is one of the project, beside the ini file."""
    command: list[str] = list(config.getini("gateway_command"))
    if command and config.inipath is not None and Path(command[0]).name != command[0]:
        command[0] = str(config.inipath.parent / command[0])
    return command


def _checked(url: str, source: str, token: str | None) -> ExternalServer:
    """That server, once it has answered. Else a failure, no skip: tests that do not run must not be green."""
    try:
        check_version(Gateway(url, token).status().get("apiVersion"), url)
    except IncompatibleGateway as error:
        pytest.fail(f"{error} It was named by {source}.", pytrace=False)
    except ValueError as error:
        pytest.fail(f"{source}: {error}", pytrace=False)
    except GatewayUnreachable as error:
        pytest.fail(
            f"{error}. It was named by {source}: start it there with `gateway serve`, "
            f"or take {source} away and this run starts its own.",
            pytrace=False,
        )
    except GatewayError as error:
        hint = "" if error.status != 401 else " Give its token with --gateway-token or CONNECTOR_GATEWAY_TOKEN."
        pytest.fail(f"the gateway at {url} (from {source}): {error}.{hint}", pytrace=False)
    return ExternalServer(url, token)
