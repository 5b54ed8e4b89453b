"""``gateway check``: check a config file, show its effective settings, and send a test code."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from gateway.cli import options
from gateway.cli.exits import NO, BadConfig, WrongUse
from gateway.cli.http import Client
from gateway.cli.output import console, emit, facts, visible
from gateway.cli.send import show_failure, show_receipt
from gateway.core.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from gateway.config import Config

Error: TypeAlias = dict[str, Any]
Sent: TypeAlias = dict[str, Any]

# The test message of Logto's console.
TEST_TYPE, TEST_CODE = "Generic", "000000"


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--send-to", metavar="TO", help="Send a test code to this number or address, in this process.")
@click.option("--connector", metavar="ID", help="Who sends it.  [default: the default of TO's channel]")
@options.as_json
def command(file: Path, *, send_to: str | None, connector: str | None, as_json: bool) -> None:
    """Check the config FILE: all that is wrong with it, each with its line; or what it comes to.

    With --send-to a gateway starts in this process, on a free port and with a memory store, and sends the code
    000000, as Logto's console does: to the fake, whose message is shown, or for real where the connector is live.

    \b
    Examples:
      gateway check gateway.yaml
      gateway check gateway.yaml --send-to 13800138000
    """
    from gateway.cli.serve import store_of_the_user
    from gateway.config import load
    from gateway.config.explained import connectors, effective, warnings

    if connector is not None and send_to is None:
        raise WrongUse("--connector: says who sends, so give --send-to as well")
    try:
        loaded = load(file)
        report: dict[str, Any] = {
            "file": str(file),
            "mode": loaded.config.mode,
            "config": effective(loaded, store_of_the_user()),
            "connectors": connectors(loaded),
            "warnings": [{"path": list(warning.place), "message": warning.text} for warning in warnings(loaded)],
        }
        error = None
        if send_to is not None:
            error, report["sent"] = asyncio.run(send_test_code(loaded.config, send_to, connector))
    except ConfigError as wrong:
        if as_json:
            emit({"error": {"code": wrong.code, "message": wrong.message, "data": wrong.data}})
        raise BadConfig(wrong.message) from wrong
    if as_json:
        emit(report if error is None else {**report, "error": error})
    else:
        # What needs a change comes first, before the settings.
        show_warnings(console(stderr=True), report["warnings"])
        if error is not None:
            show_failure(error)
        show(report)
        if error is None and send_to is not None:
            show_sent(send_to, report["sent"])
    if error is not None:
        raise SystemExit(NO)


async def send_test_code(config: Config, to: str, connector: str | None) -> tuple[Error | None, Sent | None]:
    """Send a test code from a gateway in this process. Return the error of a failed send, or what was sent.

    Raises ConfigError, and Problem for a wrong recipient.
    """
    from gateway.app import assemble

    server = config.server.model_copy(update={"host": "127.0.0.1", "port": 0})
    async with assemble(config.model_copy(update={"server": server, "store": "memory"})) as gateway:
        await gateway.start()
        token = server.api_token.get_secret_value() if server.api_token is not None else None
        return await asyncio.to_thread(send, Client(gateway.url, token), to, connector)


def send(client: Client, to: str, connector: str | None) -> tuple[Error | None, Sent | None]:
    body = {"to": to, "type": TEST_TYPE, "payload": {"code": TEST_CODE}}
    if connector is not None:
        body["connectorId"] = connector
    answer = client.ask("POST", "/api/messages", body=body)
    error = answer.error()
    if error is not None and str(error["code"]).startswith("connector."):
        return error, None
    sent = answer.document()
    captures = client.ask("GET", "/api/captures", query={"to": to, "limit": 1}).document()["captures"]
    return None, {"type": TEST_TYPE, "code": TEST_CODE, **sent, "capture": captures[0] if captures else None}


def show(report: dict[str, Any]) -> None:
    out = console()
    out.print(
        f"{visible(report['file'])} can work. What it comes to, secrets masked:", style="bold", soft_wrap=True
    )
    out.print()
    out.print(visible(as_yaml(report["config"])), soft_wrap=True)
    if report["connectors"]:
        out.print(overview(report["connectors"]))


def as_yaml(document: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # ruamel.yaml calls it None
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def overview(connectors: list[dict[str, Any]]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("connector", "channel", "default", "sends to"):
        table.add_column(name, overflow="fold")
    for connector in connectors:
        sends_to = Text(f"its fake ({connector['provider']})")
        if connector["sendsTo"] == "live":
            sends_to = Text("the provider itself: live", style="bold red")
        table.add_row(connector["id"], connector["channel"], "yes" if connector["default"] else "", sends_to)
    return table


def show_warnings(err: Console, warnings: list[dict[str, Any]]) -> None:
    from gateway.config.problems import shown

    for one in warnings:
        text = visible(f"Warning: {shown(tuple(one['path']))}: {one['message']}").replace("\n", " ")
        err.print(text, style="yellow", soft_wrap=True)


def show_sent(to: str, sent: dict[str, Any]) -> None:
    console().print()
    show_receipt(sent, f"Sent {TEST_TYPE} to {to} through {sent['connectorId']}", TEST_CODE)
    capture = sent["capture"]
    if capture is not None:
        rows = [("subject", capture.get("subject")), ("message", capture.get("text"))]
        console().print(facts((label, str(text)) for label, text in rows if text))
