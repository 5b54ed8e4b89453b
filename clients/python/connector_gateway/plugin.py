"""The pytest plugin: the fixtures ``gateway``, ``agateway`` and ``gateway_server``.

No server is started, or connected to, if no test uses one of them. A project that wants its own server, with a
configuration for instance, overrides ``gateway_server`` in its conftest.py:

    @pytest.fixture(scope="session")
    def gateway_server():
        with Server(config="gateway.yaml") as server:
            yield server
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connector_gateway.aio import AsyncGateway
from connector_gateway.client import Gateway
from connector_gateway.errors import GatewayError, GatewayUnreachable, IncompatibleGateway
from connector_gateway.evidence import collect, write
from connector_gateway.server import ExternalServer, Server
from connector_gateway.versions import check_version
from connector_gateway.waiting import Positions

__tracebackhide__ = True


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The server of this run, or why there is none. ``about`` is the line that names it."""

    server: Server | ExternalServer | None
    about: str


_CHOSEN = pytest.StashKey[_Chosen]()
_POSITIONS = pytest.StashKey[Positions]()
_GATEWAY = pytest.StashKey[Gateway]()
_KEPT = pytest.StashKey[list[str]]()
_STARTED = "_connector_gateway_server"


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
    group.addoption(
        "--gateway-artifacts",
        metavar="DIR",
        help="Write the messages and refused requests of each failed test there, mails as .eml files.",
    )
    group.addoption(
        "--gateway-keep",
        action="store_true",
        help="Leave the server that this run started running at the end, and print its address.",
    )
    parser.addini("gateway_url", "Use the gateway at this address, instead of starting one.", default="")
    parser.addini(
        "gateway_command",
        "Start the gateway by this command line, as `uvx connector-gateway`. A path is relative to the ini file.",
        type="args",
        default=[],
    )


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> str | None:
    """Name the server, if a collected test uses the one of this plugin."""
    if config.option.collectonly or not any(_STARTED in getattr(item, "fixturenames", ()) for item in items):
        return None
    chosen = _choose(config)
    return chosen.about if chosen.server is not None else None


@pytest.fixture(scope="session", name=_STARTED)
def _server(pytestconfig: pytest.Config) -> Iterator[Server | ExternalServer]:
    chosen = _choose(pytestconfig)
    if chosen.server is None:
        pytest.fail(chosen.about, pytrace=False)
    yield chosen.server
    if isinstance(chosen.server, Server) and not pytestconfig.getoption("--gateway-keep"):
        chosen.server.stop()


@pytest.fixture(scope="session")
def gateway_server(_connector_gateway_server: Server | ExternalServer) -> Server | ExternalServer:
    """The server behind the fixture ``gateway``: ``.url`` and ``.token``.

    The one named by ``--gateway-url``, CONNECTOR_GATEWAY_URL or the ini's ``gateway_url``, in this order. Without
    any of them the run starts one of its own on a free port (with pytest-xdist each worker starts one): by the
    ini's ``gateway_command``, else from the package in this environment, else ``connector-gateway`` on PATH.
    """
    return _connector_gateway_server


@pytest.fixture
def connector_gateway(gateway_server: Server | ExternalServer, request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """The fixture ``gateway`` by a longer name, for projects that have a fixture ``gateway`` of their own."""
    if isinstance(gateway_server, Server):
        gateway_server.check()
    positions = request.config.stash.setdefault(_POSITIONS, Positions())
    test = request.node.nodeid
    with Gateway(gateway_server.url, gateway_server.token, test=test, positions=positions) as bound:
        request.node.stash[_GATEWAY] = bound
        yield bound


@pytest.fixture
def gateway(connector_gateway: Gateway) -> Gateway:
    """A gateway for one test: its faults are removed afterwards, and the clock is reset if it was moved.

    Captures stay: recipients from ``gateway.phone()`` and ``gateway.email()`` are the test's own.
    """
    return connector_gateway


@pytest.fixture
def agateway(connector_gateway: Gateway) -> AsyncGateway:
    """The same gateway for a test that runs in an event loop: every call is awaited."""
    return AsyncGateway.of(connector_gateway)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the messages and refused requests of a failed test to its report."""
    report = yield
    gateway = item.stash.get(_GATEWAY, None)
    if report.failed and gateway is not None and call.when in ("setup", "call"):
        found = collect(gateway)
        if found.text:
            report.sections.append(("connector gateway", found.text))
        folder = item.config.getoption("--gateway-artifacts")
        if folder is not None:
            write(found, item.config.invocation_params.dir / folder, item.nodeid)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that prints which server was left running: with pytest-xdist that is another one."""
    chosen = session.config.stash.get(_CHOSEN, None)
    if chosen is None or not isinstance(chosen.server, Server) or not session.config.getoption("--gateway-keep"):
        return
    left = f"the gateway at {chosen.server.url} was left running: `kill {chosen.server.pid}` ends it"
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is None:
        session.config.stash.setdefault(_KEPT, []).append(left)
    else:
        output["connector_gateway"] = left


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a worker of pytest-xdist."""
    left = getattr(node, "workeroutput", {}).get("connector_gateway")
    if left is not None:
        node.config.stash.setdefault(_KEPT, []).append(left)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for left in config.stash.get(_KEPT, []):
        terminalreporter.write_line(left)


def _choose(config: pytest.Config) -> _Chosen:
    """Start or check the server of this run, once."""
    chosen = config.stash.get(_CHOSEN, None)
    if chosen is None:
        url, source = _named(config)
        chosen = _check(config, url, source) if url else _start(config)
        config.stash[_CHOSEN] = chosen
    return chosen


def _named(config: pytest.Config) -> tuple[str, str]:
    """The address of a running gateway, and where it was named; two empty texts if none was."""
    said = (
        (config.getoption("--gateway-url"), "--gateway-url"),
        (os.environ.get("CONNECTOR_GATEWAY_URL"), "CONNECTOR_GATEWAY_URL"),
        (config.getini("gateway_url"), "gateway_url in the ini"),
    )
    return next(((str(url), source) for url, source in said if url), ("", ""))


def _start(config: pytest.Config) -> _Chosen:
    try:
        server = Server(command=_command(config), keep=config.getoption("--gateway-keep")).start()
    except (GatewayUnreachable, IncompatibleGateway) as error:
        return _Chosen(None, str(error))
    return _Chosen(server, f"connector-gateway {server.version}, own server on {server.url.partition('://')[2]}")


def _command(config: pytest.Config) -> list[str]:
    """The ini's ``gateway_command``. A program with a folder is one of the project, beside the ini file."""
    command: list[str] = list(config.getini("gateway_command"))
    if command and config.inipath is not None and Path(command[0]).name != command[0]:
        command[0] = str(config.inipath.parent / command[0])
    return command


def _check(config: pytest.Config, url: str, source: str) -> _Chosen:
    """That server, once it has answered. Else a failure, no skip: tests that do not run must not be green."""
    token = config.getoption("--gateway-token") or os.environ.get("CONNECTOR_GATEWAY_TOKEN")
    try:
        status = Gateway(url, token).status()
        check_version(status.get("apiVersion"), url)
    except ValueError as error:
        return _Chosen(None, f"{source}: {error}")
    except IncompatibleGateway as error:
        return _Chosen(None, f"{error} It was named by {source}.")
    except GatewayUnreachable as error:
        return _Chosen(
            None,
            f"{error}. It was named by {source}: start it there with `connector-gateway serve`, "
            f"or take {source} away and this run starts its own.",
        )
    except GatewayError as error:
        hint = "" if error.status != 401 else " Give its token with --gateway-token or CONNECTOR_GATEWAY_TOKEN."
        return _Chosen(None, f"the gateway at {url} (from {source}): {error}.{hint}")
    return _Chosen(ExternalServer(url, token), f"connector-gateway {status.get('version')}, {url} ({source})")
