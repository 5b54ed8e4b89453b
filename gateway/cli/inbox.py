"""``gateway inbox``: list what the fakes accepted; with ``--follow`` also what they accept from now on.

Following reads the gateway's server-sent events (WHATWG HTML standard, section "Server-sent events"), and continues
after a broken connection.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from gateway.cli import options
from gateway.cli.exits import NotReachable
from gateway.cli.http import Answer, Client
from gateway.cli.output import console, emit, time_of_day, visible

if TYPE_CHECKING:
    from rich.table import Table

Capture: TypeAlias = dict[str, Any]
Show: TypeAlias = Callable[[Sequence[Capture]], None]

INDENT = 10  # the width of a time of day, and two spaces
TYPE_WIDTH = max(map(len, options.USAGE_TYPES))

# Seconds before each attempt to connect again; after the last one the gateway counts as not reachable.
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
SILENCE = 60.0  # seconds without even a comment, after which a stream counts as broken


@click.command("inbox")
@click.option("--follow", "-f", is_flag=True, help="Stay, and show what arrives. Ctrl-C ends it.")
@click.option("--to", metavar="RECIPIENT", help="Only what went to this number or address.")
@options.usage_type("Only this usage type.")
@options.channel("Only this channel.")
@click.option(
    "--limit", type=click.IntRange(0, 1000), default=20, show_default=True, help="How many, the newest ones."
)
@options.as_json
@options.talks_to_a_gateway
def command(
    client: Client,
    *,
    follow: bool,
    to: str | None,
    usage_type: str | None,
    channel: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what the fakes have accepted, the newest last. With --json one JSON object a line.

    \b
    Examples:
      gateway inbox --follow
      gateway inbox --to 13800138000 --json --limit 1
    """
    wanted = {"to": to, "type": usage_type, "channel": channel}
    query = {**wanted, "limit": max(limit, 1), "order": "desc"}
    page = client.ask("GET", "/api/captures", query=query).document()
    newest: list[Capture] = page["captures"][:limit][::-1]
    show = show_json if as_json else show_rows
    if not as_json and (newest or follow):
        console().print(row("when", "to", "usage type", "code", style="dim"))
    if newest:
        show(newest)
    elif not follow:
        click.echo("Nothing yet.", err=True)
    if follow:
        since = max([page["cursor"], *(capture["cursor"] for capture in page["captures"])])
        watch(client, wanted, since, show)


def watch(client: Client, wanted: dict[str, str | None], since: int, show: Show) -> None:
    """Show captures after the cursor, until the gateway is no longer reachable."""
    filtered = any(value is not None for value in wanted.values())
    for event in follow_events(client, since, warn=lambda text: click.echo(text, err=True)):
        if event.name == "restart":
            since = 0
        if event.name != "capture" or event.cursor <= since:
            continue
        if filtered:  # the gateway decides which spellings of a number are the same
            query = {**wanted, "after": since, "order": "asc", "limit": 1000}
            captures = client.ask("GET", "/api/captures", query=query).document()["captures"]
        else:
            captures = [event.document]
        since = max([event.cursor, *(capture["cursor"] for capture in captures)])
        if captures:
            show(captures)


def show_json(captures: Sequence[Capture]) -> None:
    for capture in captures:
        emit(capture)


def show_rows(captures: Sequence[Capture]) -> None:
    """Print a row for each capture, and its text below.

    Of an email: the subject, the sender, the attachments, and a link if it has no code.
    """
    from rich.padding import Padding
    from rich.text import Text

    out = console()
    for capture in captures:
        when, code = time_of_day(capture["receivedAt"]), capture["code"] or "-"
        out.print(row(when, capture["to"], capture["type"] or "-", code))
        text = capture["text"] if capture["subject"] is None else capture["subject"]
        out.print(Padding(Text(visible(text), overflow="fold"), (0, 0, 0, INDENT)))
        details = mail_details(capture)
        if details:
            out.print(Padding(Text(visible(details), style="dim", overflow="fold"), (0, 0, 0, INDENT)))


def mail_details(capture: Capture) -> str:
    mail = capture.get("mail")
    if mail is None:
        return ""
    attached = [f"[{part['name'] or part['contentType']}]" for part in mail["attachments"]]
    links = capture["links"][:1] if capture["code"] is None else []
    return "  ".join([f"from {mail['from']}", *attached, *links])


def row(when: str, to: str, usage_type: str, code: str, style: str = "") -> Table:
    """Return a table of one row, with columns of a fixed width so that later rows are aligned."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=INDENT - 2, style=style or "dim")
    table.add_column(ratio=1, style=style, overflow="fold")
    table.add_column(width=TYPE_WIDTH, style=style)
    table.add_column(width=8, style=style or "bold", overflow="fold")
    table.add_row(*(Text(visible(cell)) for cell in (when, to, usage_type, code)))
    return table


# ------------------------------------------------------------------------------------- server-sent events


@dataclass(frozen=True)
class Event:
    """A server-sent event."""

    name: str
    cursor: int
    """The id of the event: its position in the gateway's log."""
    document: dict[str, Any]


def parse_events(lines: Iterable[bytes]) -> Iterator[Event]:
    """Yield the events of a stream. An event is dropped if it is cut off, or has no JSON object or no cursor."""
    name, identity, data = "", "", list[str]()
    for raw in lines:
        line = raw.decode(errors="replace").rstrip("\r\n")
        if line:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "id":
                identity = value
            elif field == "data":
                data.append(value)
            continue
        document = _document("\n".join(data))
        if document is not None and identity.isascii() and identity.isdigit():
            yield Event(name or "message", int(identity), document)
        name, data = "", []


def follow_events(client: Client, after: int, *, warn: Callable[[str], None]) -> Iterator[Event]:
    """Yield every event after the cursor, for ever, and connect again after a broken connection.

    An event ``restart`` is added if the gateway has been started anew and counts from 0. Raises NotReachable if the
    gateway cannot be reached for about half a minute.
    """
    failures = 0
    while True:
        lost = NotReachable(f"the gateway at {client.url} ended the stream")
        try:
            if failures and _newest(client) < after:
                after = 0
                yield Event("restart", 0, {})
            for event in _stream(client, after):
                failures = 0
                after = max(after, event.cursor)
                if event.name == "gap":
                    warn("Some messages are no longer kept and are not shown here.")
                yield event
        except NotReachable as broken:
            lost = broken
        if failures == len(PAUSES):
            raise lost
        if failures == 1:
            warn("The connection is lost; trying again.")
        time.sleep(PAUSES[failures])  # nothing else runs in this process
        failures += 1


def _stream(client: Client, after: int) -> Iterator[Event]:
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
    with client.open("GET", "/api/events", headers=headers, timeout=SILENCE) as response:
        if response.status != 200:
            raise Answer(response.status, response.headers, response.read()).problem()
        yield from parse_events(response)


def _newest(client: Client) -> int:
    return int(client.ask("GET", "/api/captures", query={"limit": 1}).document()["cursor"])


def _document(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
