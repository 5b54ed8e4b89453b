"""``gateway serve``: run the server until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from gateway.cli import options
from gateway.cli.exits import BadConfig, WrongUse
from gateway.cli.output import console, emit
from gateway.cli.providers import show_recipes
from gateway.core.errors import ConfigError

if TYPE_CHECKING:
    from gateway.app import Gateway
    from gateway.cli.logs import Format, Level
    from gateway.providers.ports import Connector
    from gateway.web.server.log import LogEvent


@click.command("serve")
@click.option("--host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one.  [default: 4650]")
@click.option("--tls-port", type=click.IntRange(0, 65535), help="Also listen there, over TLS, as the providers.")
@click.option("--store", metavar="STORE", help="memory, or sqlite:PATH.  [default: a file of yours]")
@options.config
@options.templates
@click.option("--api-token", metavar="TOKEN", help="What the API and the pages ask for, as a bearer token.")
@click.option("--insecure-open", is_flag=True, help="Listen beyond this machine without an API token.")
@click.option("--shared", is_flag=True, help="Several people use it: refuse to move the clock and to reset.")
@click.option("--with-parent", is_flag=True, help="Stop when standard input ends: never outlive the parent.")
@click.option(
    "--log-format",
    type=click.Choice(["console", "json"]),
    help="Of the log on stderr.  [default: console on a terminal, else json]",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="info has a line for each request, warning has none.",
)
@options.as_json
def command(
    *,
    host: str | None,
    port: int | None,
    tls_port: int | None,
    store: str | None,
    config_file: Path | None,
    templates: Path | None,
    api_token: str | None,
    insecure_open: bool,
    shared: bool,
    with_parent: bool,
    log_format: Format | None,
    log_level: Level,
    as_json: bool,
) -> None:
    """Run the gateway until it is told to stop.

    SIGTERM or Ctrl-C: it finishes what is in flight and exits with 0; a second Ctrl-C ends it at once. With
    --json stdout gets one line, {"url", "host", "port", "mode", "live", "pid", "version"}, once it listens; live
    is the ids of the connectors that send for real.

    \b
    Examples:
      gateway serve
      gateway serve --port 0 --store memory --json --with-parent
    """
    server = {
        "host": host,
        "port": port,
        "tls_port": tls_port,
        "api_token": api_token,
        "insecure_open": insecure_open or None,
        "shared": shared or None,
    }
    if with_parent and sys.stdin is None:
        raise WrongUse("--with-parent: there is no standard input to watch")
    overrides: dict[str, Any] = {"server": {key: value for key, value in server.items() if value is not None}}
    if store is not None:
        overrides["store"] = store
    if templates is not None:
        overrides["templates"] = str(templates.absolute())
    from gateway.cli.logs import logging_to_stderr

    # The imports make many objects that all stay: collecting garbage among them takes a seventh of the start.
    gc.disable()
    try:
        with logging_to_stderr(log_format, log_level) as log:
            asyncio.run(serve(config_file, overrides, log, with_parent=with_parent, as_json=as_json))
    except ConfigError as wrong:
        raise BadConfig(wrong.message) from wrong
    finally:
        gc.enable()


async def serve(
    config_file: Path | None,
    overrides: dict[str, Any],
    log: Callable[[LogEvent], None] | None,
    *,
    with_parent: bool,
    as_json: bool,
) -> None:
    """Serve until a signal arrives. Raises ConfigError."""
    from gateway.app import assemble
    from gateway.config import load
    from gateway.config.explained import warnings
    from gateway.config.problems import shown
    from gateway.web.server.limits import DEFAULT_LIMITS

    loaded = load(config_file, overrides)
    for one in warnings(loaded):
        logging.getLogger("gateway").warning("%s: %s", shown(one.place), one.text)
    config = loaded.config
    if config.store is None:
        config = config.model_copy(update={"store": store_of_the_user()})
    raise_file_limit(DEFAULT_LIMITS.connections)
    async with assemble(config, log=log) as gateway:
        stop_on_signals(gateway.stop)
        if with_parent:
            stop_with_stdin(gateway.stop)
        host, port = await gateway.start()
        # The objects of a request are freed with it, and what is kept is bytes: collecting garbage after every 700
        # objects costs a tenth of each request and finds nothing.
        gc.freeze()
        gc.set_threshold(20_000, 10, 10)
        gc.enable()
        if as_json:
            announce_json(gateway, host, port)
        else:
            announce(gateway, protected=config.server.api_token is not None)
        await gateway.stopped()


def store_of_the_user() -> str:
    """Return the default store: a file in the user's data folder. It is not made yet."""
    from platformdirs import user_data_path

    return f"sqlite:{user_data_path('connector-gateway', appauthor=False) / 'gateway.db'}"


def raise_file_limit(connections: int) -> None:
    """Allow this process a file for each connection. Most systems allow 1,024 by default; Windows has no limit."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = connections + 256
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Stop gracefully at the first SIGINT or SIGTERM.

    A second SIGINT has its default action again, which ends the process even if the event loop is stuck.
    """
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        stop()
        click.echo("Stopping: finishing what is in flight. Ctrl-C again stops at once.", err=True)

    loop.add_signal_handler(signal.SIGINT, interrupted)
    loop.add_signal_handler(signal.SIGTERM, stop)


def stop_with_stdin(stop: Callable[[], None]) -> None:
    """Stop at the end of stdin, which comes when the parent process has ended in any way."""
    loop = asyncio.get_running_loop()

    def watch() -> None:
        with contextlib.suppress(OSError):  # the terminal has been closed
            # Not sys.stdin.read(): a daemon thread inside its lock breaks the interpreter's own shutdown.
            while os.read(0, 65536):
                pass
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has stopped already
            loop.call_soon_threadsafe(stop)

    threading.Thread(target=watch, name="stdin", daemon=True).start()


def live_connectors(gateway: Gateway) -> list[Connector]:
    return [connector for connector in gateway.connectors.values() if connector.live]


def announce_json(gateway: Gateway, host: str, port: int) -> None:
    tls = gateway.tls
    emit(
        {
            "url": gateway.url,
            "host": host,
            "port": port,
            "mode": gateway.mode,
            "live": [connector.id for connector in live_connectors(gateway)],
            "pid": os.getpid(),
            "version": gateway.version,
            **({"tlsPort": tls[0], "ca": str(tls[1])} if tls is not None else {}),
        }
    )


def announce(gateway: Gateway, *, protected: bool) -> None:
    """Print the address, the lines to paste into clients, and how to read a code."""
    out = console()
    out.print(f"connector gateway {gateway.version}, {gateway.mode}: {gateway.url}", style="bold", soft_wrap=True)
    live = live_connectors(gateway)
    for connector in live:
        out.print(f"{connector.id} SENDS FOR REAL, through {connector.provider}", style="bold red", soft_wrap=True)
    if gateway.mode == "live" and not live:
        out.print("Connectors send for real. There are none yet.", style="bold red")
    elif not live:
        out.print("Nothing leaves this machine: every connector goes to its fake.")
    if gateway.tls is not None:
        out.print(f"As the providers themselves, over TLS: port {gateway.tls[0]}", style="bold")
        out.print(f"export NODE_EXTRA_CA_CERTS={gateway.tls[1]}", soft_wrap=True)
    out.print()
    host, _, port = urlsplit(gateway.url).netloc.rpartition(":")  # for clients: never 0.0.0.0
    fakes = gateway.fakes
    for provider in fakes:
        own = [one for one in gateway.connectors.values() if one.provider == provider.name and not one.live]
        show_recipes(out, provider.title, provider.recipes(host, int(port), own))
    if fakes:
        out.print("Read a code in another terminal", style="bold")
    if gateway.url != options.DEFAULT_URL:
        out.print(f"export GATEWAY_URL={gateway.url}", soft_wrap=True)
    if protected:
        out.print("export GATEWAY_TOKEN=<the API token>")
    if fakes:
        out.print("gateway wait <number or address>")
    out.print()
    out.print("Ctrl-C stops it.")
