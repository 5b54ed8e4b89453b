"""``gateway inbox``: what the fakes accepted; with ``--follow`` also what they accept from now on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import events, options
from gateway.cli.http import Client
from gateway.cli.output import console, emit, time_of_day, visible
from gateway.core.model import UsageType

if TYPE_CHECKING:
    from rich.table import Table

Capture = dict[str, Any]
Show = Callable[[Sequence[Capture]], None]

INDENT = 10  # the width of a time, and two
LONGEST_TYPE = max(len(usage) for usage in UsageType)


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
    """Show what arrives after the cursor, until the connection is lost for good."""
    filtered = any(value is not None for value in wanted.values())
    for event in events.follow(client, since, warn=lambda text: click.echo(text, err=True)):
        if event.name == "restart":
            since = 0
        if event.name != "capture" or event.cursor <= since:
            continue
        if filtered:  # which numbers mean the same is the gateway's to say
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
    """A row for each, and below it the text over the whole width: of an email its subject, who it is from, what is
    attached, and a link where there is no code."""
    from rich.padding import Padding
    from rich.text import Text

    out = console()
    for capture in captures:
        when, code = time_of_day(capture["receivedAt"]), capture["code"] or "-"
        out.print(row(when, capture["to"], capture["type"] or "-", code))
        words = capture["text"] if capture["subject"] is None else capture["subject"]
        out.print(Padding(Text(visible(words), overflow="fold"), (0, 0, 0, INDENT)))
        more = about_mail(capture)
        if more:
            out.print(Padding(Text(visible(more), style="dim", overflow="fold"), (0, 0, 0, INDENT)))


def about_mail(capture: Capture) -> str:
    mail = capture.get("mail")
    if mail is None:
        return ""
    attached = [f"[{one['name'] or one['contentType']}]" for one in mail["attachments"]]
    links = capture["links"][:1] if capture["code"] is None else []
    return "  ".join([f"from {mail['from']}", *attached, *links])


def row(when: str, to: str, usage_type: str, code: str, style: str = "") -> Table:
    """Columns of a fixed width: a row that comes later stands under the first."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=INDENT - 2, style=style or "dim")
    table.add_column(ratio=1, style=style, overflow="fold")
    table.add_column(width=LONGEST_TYPE, style=style)
    table.add_column(width=8, style=style or "bold", overflow="fold")
    table.add_row(*(Text(visible(cell)) for cell in (when, to, usage_type, code)))
    return table
