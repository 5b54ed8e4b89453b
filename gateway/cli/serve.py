"""``gateway serve``: run the server until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import options
from gateway.cli.exits import BadConfig, WrongUse
from gateway.cli.output import console, emit, stdout_is_utf8, time_of_day, visible
from gateway.core.errors import ConfigError, GatewayError

if TYPE_CHECKING:
    from gateway.app import Gateway
    from gateway.cli.logs import Format, Level
    from gateway.config.loading import Loaded
    from gateway.core.model import Document
    from gateway.inbox.inbox import Inbox
    from gateway.providers.ports import Connector
    from gateway.web.server.log import LogEvent

CODES_AT_ONCE = 100
STORE_PAUSE = 5.0  # seconds


@click.command("serve")
@click.option("--host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one.  [default: 4650]")
@click.option(
    "--tls-port",
    envvar="GATEWAY_TLS_PORT",
    type=click.IntRange(0, 65535),
    help="Also listen there, over TLS, as the providers.",
)
@click.option(
    "--tls-folder",
    envvar="GATEWAY_TLS_FOLDER",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of the authority for TLS.  [default: a folder of yours]",
)
@click.option(
    "--public-url", envvar="GATEWAY_PUBLIC_URL", metavar="URL", help="The URL at which others reach the gateway."
)
@click.option(
    "--store",
    envvar="GATEWAY_STORE",
    metavar="STORE",
    help="memory, or sqlite:PATH.  [default: a file of yours]",
)
@options.config
@options.templates
@click.option(
    "--api-token",
    envvar="GATEWAY_TOKEN",
    metavar="TOKEN",
    help="What the API and the pages ask for, as a bearer token.",
)
@click.option(
    "--allow-host",
    "allow_hosts",
    envvar="GATEWAY_ALLOW_HOSTS",
    multiple=True,
    metavar="NAME",
    help="A further name of the gateway, that Host may have. May be given several times.",
)
@click.option(
    "--allow-origin",
    "allow_origins",
    envvar="GATEWAY_ALLOW_ORIGINS",
    multiple=True,
    metavar="ORIGIN",
    help="The origin of web pages that may call the gateway. May be given several times.",
)
@click.option(
    "--insecure-open",
    envvar="GATEWAY_INSECURE_OPEN",
    is_flag=True,
    help="Listen beyond this machine without an API token.",
)
@click.option(
    "--shared",
    envvar="GATEWAY_SHARED",
    is_flag=True,
    help="Several people use it: refuse to move the clock and to reset.",
)
@click.option("--with-parent", is_flag=True, help="Stop when standard input ends: never outlive the parent.")
@click.option(
    "--log-format",
    type=click.Choice(["console", "json"]),
    help="Of the log on stderr.  [default: console on a terminal, else json]",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="info has a line for each request, warning has none.  [default: info; warning where codes are shown]",
)
@options.as_json
def command(
    *,
    host: str | None,
    port: int | None,
    tls_port: int | None,
    tls_folder: Path | None,
    public_url: str | None,
    store: str | None,
    config_file: Path | None,
    templates: Path | None,
    api_token: str | None,
    allow_hosts: Sequence[str],
    allow_origins: Sequence[str],
    insecure_open: bool,
    shared: bool,
    with_parent: bool,
    log_format: Format | None,
    log_level: Level | None,
    as_json: bool,
) -> None:
    """Run the gateway until it is told to stop.

    It prints its URL, what it simulates, and how to connect an app. If stdout is a terminal, a sandbox then prints
    a line for each code that arrives.

    SIGTERM or Ctrl-C: it finishes what is in flight and exits with 0; a second Ctrl-C ends it at once. With
    --json stdout gets one line, {"url", "host", "port", "mode", "live", "pid", "version", "apiVersion"}, once it
    listens; live is the ids of the connectors that send for real.

    \b
    For containers, these options are also read from the environment:
      GATEWAY_TOKEN (--api-token), GATEWAY_ALLOW_HOSTS and GATEWAY_ALLOW_ORIGINS (several with spaces between),
      GATEWAY_PUBLIC_URL, GATEWAY_TLS_PORT, GATEWAY_TLS_FOLDER, GATEWAY_STORE, GATEWAY_INSECURE_OPEN,
      GATEWAY_SHARED.

    \b
    Examples:
      gateway serve
      gateway serve --port 0 --store memory --json --with-parent
    """
    server = {
        "host": host,
        "port": port,
        "tls_port": tls_port,
        "tls_folder": str(tls_folder.absolute()) if tls_folder is not None else None,
        "public_url": public_url,
        "api_token": api_token,
        "allow_hosts": list(allow_hosts) or None,
        "allow_origins": list(allow_origins) or None,
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
    from gateway.config import load

    # The imports make many objects that all stay: collecting garbage among them takes a seventh of the start.
    gc.disable()
    try:
        loaded = load(config_file, overrides)
        terminal = None if as_json or loaded.config.mode != "sandbox" else terminal_of_stdout()
        level = log_level or ("info" if terminal is None else "warning")
        with logging_to_stderr(log_format, level) as log:
            asyncio.run(serve(loaded, log, terminal, with_parent=with_parent, as_json=as_json))
    except ConfigError as wrong:
        raise BadConfig(wrong.message) from wrong
    finally:
        gc.enable()


async def serve(
    loaded: Loaded,
    log: Callable[[LogEvent], None] | None,
    terminal: int | None,
    *,
    with_parent: bool,
    as_json: bool,
) -> None:
    """Serve until a signal arrives. Raises ConfigError.

    Args:
        log: takes the lines of requests.
        terminal: the descriptor on which codes are shown as they arrive, None to show none.
    """
    from gateway.app import assemble
    from gateway.config.explained import warnings
    from gateway.config.problems import shown
    from gateway.web.server.limits import DEFAULT_LIMITS

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
            await gateway.stopped()
            return
        announce(gateway, protected=config.server.api_token is not None, shows_codes=terminal is not None)
        if terminal is None:
            await gateway.stopped()
            return
        with codes_shown(gateway.services.inbox, terminal):
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
    from gateway.web.api.status import API_VERSION

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
            "apiVersion": API_VERSION,
            **({"tlsPort": tls[0], "ca": str(tls[1])} if tls is not None else {}),
        }
    )


def announce(gateway: Gateway, *, protected: bool, shows_codes: bool = False) -> None:
    """Print, in at most ten lines, the URL, what is simulated, and how to connect an app and to read a code."""
    out = console()
    out.print(f"{gateway.url}  connector gateway {gateway.version}, {gateway.mode}", style="bold", soft_wrap=True)
    live, fakes = live_connectors(gateway), gateway.fakes
    if fakes:
        simulated = f"Simulated: {', '.join(provider.title for provider in fakes)}."
        out.print(simulated if live else f"{simulated} Nothing leaves this machine.", soft_wrap=True)
    if live:
        names = ", ".join(f"{connector.id} ({connector.provider})" for connector in live)
        out.print(f"SENDS FOR REAL: {visible(names)}", style="bold red", soft_wrap=True)
    elif gateway.mode == "live":
        out.print("Connectors send for real. There are none yet.", style="bold red")
    if gateway.tls is not None:
        out.print(f"As the providers themselves, over TLS: port {gateway.tls[0]}")
        out.print(f"export NODE_EXTRA_CA_CERTS={shlex.quote(str(gateway.tls[1]))}", soft_wrap=True)
    if gateway.url != options.DEFAULT_URL:
        out.print(f"export GATEWAY_URL={gateway.url}", soft_wrap=True)
    if protected:
        out.print("export GATEWAY_TOKEN=<the API token>")
    if fakes:
        out.print('Connect an app: eval "$(gateway env)", or paste lines of: gateway providers', soft_wrap=True)
        out.print(
            "Read a code: gateway wait <number or address>, or all of: gateway inbox --follow", soft_wrap=True
        )
    out.print("Codes appear here as they arrive. Ctrl-C stops it." if shows_codes else "Ctrl-C stops it.")


# ------------------------------------------------------------------------------------- codes on the terminal


def terminal_of_stdout() -> int | None:
    """Return the descriptor of stdout if it is a terminal, else None."""
    try:
        return sys.stdout.fileno() if sys.stdout.isatty() else None
    except (AttributeError, OSError, ValueError):  # none, closed, or an object without a descriptor
        return None


@contextlib.contextmanager
def codes_shown(inbox: Inbox, terminal: int) -> Iterator[None]:
    """Show each code that arrives, until the end of the block.

    A thread writes, so that a terminal that is stopped (Ctrl-S) delays nothing.
    """
    from gateway.cli.lines import Lines

    lines = Lines[str](terminal, str, lambda count: f"{count} more codes arrived: gateway inbox")
    task = asyncio.ensure_future(follow_codes(inbox, lines.put))
    try:
        yield
    finally:
        task.cancel()
        lines.close()


async def follow_codes(inbox: Inbox, show: Callable[[str], None]) -> None:
    """Call ``show`` with a line for each code that arrives from now on, until it is cancelled."""
    cursor = inbox.cursor
    while True:
        try:
            await inbox.wait_after(cursor)
            for entry in await inbox.read_after(cursor, CODES_AT_ONCE):
                cursor = entry.seq
                if entry.value["code"] is not None:
                    show(code_line(entry.value))
        except GatewayError as error:
            # The store is out of order, which its log says in detail.
            logging.getLogger("gateway").warning("codes are not shown for a while: %s", error.message)
            await asyncio.sleep(STORE_PAUSE)


def code_line(capture: Document) -> str:
    """Return ``12:30:45  +8613800138000  SignIn  246810``, free of control characters."""
    shown = (time_of_day(capture["receivedAt"]), capture["readAs"], capture["type"] or "-", capture["code"])
    line = visible("  ".join(" ".join(str(cell).split()) for cell in shown))
    # On a terminal with another encoding, bytes of UTF-8 may be control characters.
    return line if stdout_is_utf8() else line.encode("ascii", "backslashreplace").decode()
