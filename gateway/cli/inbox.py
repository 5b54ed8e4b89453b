"""``gateway inbox``: list what the fakes accepted, follow what they accept from now on, and show one message.

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
from gateway.cli.exits import NotReachable, SaidNo, WrongUse
from gateway.cli.http import Answer, Client, segment
from gateway.cli.output import console, emit, facts, time_of_day, visible

if TYPE_CHECKING:
    from rich.table import Table

Capture: TypeAlias = dict[str, Any]
Show: TypeAlias = Callable[[Sequence[Capture]], None]

INDENT = 10  # the width of a time of day, and two spaces
TYPE_WIDTH = max(map(len, options.USAGE_TYPES))

# Seconds before each attempt to connect again; after the last one the gateway counts as not reachable.
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
SILENCE = 60.0  # seconds without even a comment, after which a stream counts as broken


@click.group("inbox", invoke_without_command=True)
@click.option("--follow", "-f", is_flag=True, help="Stay, and show what arrives. Ctrl-C ends it.")
@click.option("--to", metavar="RECIPIENT", help="Only what went to this number or address.")
@options.usage_type("Only this usage type.")
@options.channel("Only this channel.")
@options.contents
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
    subject: str | None,
    text: str | None,
    sender: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what the fakes have accepted, the newest last. With --json one JSON object a line.

    \b
    Examples:
      gateway inbox --follow
      gateway inbox --to 13800138000 --json --limit 1
      gateway inbox show last
    """
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        for parameter in context.params:
            if context.get_parameter_source(parameter) is click.core.ParameterSource.COMMANDLINE:
                raise click.UsageError(f"Options go behind {context.invoked_subcommand}, not before it.")
        return
    contents = {"subject": subject, "text": text, "sender": sender}
    wanted = {"to": to, "type": usage_type, "channel": channel, **contents}
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
    """Print a row for each capture, and its text and its id below.

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
        details = "  ".join([capture["id"], *mail_details(capture)])
        out.print(Padding(Text(visible(details), style="dim", overflow="fold"), (0, 0, 0, INDENT)))


def mail_details(capture: Capture) -> Iterator[str]:
    mail = capture.get("mail")
    if mail is not None:
        yield f"from {mail['from']}"
        yield from (f"[{part['name'] or part['contentType']}]" for part in mail["attachments"])
        yield from capture["links"][:1] if capture["code"] is None else ()


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


# ------------------------------------------------------------------------------------- one message


@command.command("show", short_help="Show one message whole.")
@click.argument("message", metavar="ID|last")
@click.option("--to", metavar="RECIPIENT", help="With last: the newest to this number or address.")
@options.usage_type("With last: the newest of this usage type.")
@options.channel("With last: the newest of this channel.")
@options.contents
@options.as_json
@options.talks_to_a_gateway
def show_message(
    client: Client,
    *,
    message: str,
    to: str | None,
    usage_type: str | None,
    channel: str | None,
    subject: str | None,
    text: str | None,
    sender: str | None,
    as_json: bool,
) -> None:
    """Show one message whole: headers, text, code, links, the request that brought it, template and connector.

    ID is the id of a capture (cap_...) or of a message that a connector sent (msg_...); last is the newest capture.

    \b
    Examples:
      gateway inbox show last
      gateway inbox show last --to 13800138000
      gateway inbox show cap_5e0c1b8f7a2d4936
    """
    contents = {"subject": subject, "text": text, "sender": sender}
    wanted = {"to": to, "type": usage_type, "channel": channel, **contents}
    if message == "last":
        capture = newest(client, wanted)
    elif any(value is not None for value in wanted.values()):
        raise WrongUse("options that choose a message go with last, not with an id")
    else:
        capture = capture_of(client, message)
    exchange = document_or_none(client, f"/api/exchanges/{segment(capture['exchangeId'])}")
    sent = None
    if capture["messageId"] is not None:
        sent = document_or_none(client, f"/api/messages/{segment(capture['messageId'])}")
    if as_json:
        emit({"capture": capture, "exchange": exchange, "message": sent})
        return
    out = console()
    out.print(facts(describe(capture, exchange, sent)))
    out.print()
    out.print(visible(capture["text"]), soft_wrap=True)


def newest(client: Client, wanted: dict[str, str | None]) -> Capture:
    """Return the newest capture that fits. Raises SaidNo."""
    query = {**wanted, "limit": 1, "order": "desc"}
    captures: list[Capture] = client.ask("GET", "/api/captures", query=query).document()["captures"]
    if not captures:
        filtered = any(value is not None for value in wanted.values())
        raise SaidNo("nothing fits in the inbox" if filtered else "the inbox is empty")
    return captures[0]


def capture_of(client: Client, name: str) -> Capture:
    """Return a capture by its id, or by the id of the message that caused it. Raises SaidNo."""
    if name.startswith("msg_"):
        sent = document_or_none(client, f"/api/messages/{segment(name)}")
        if sent is None:
            raise SaidNo(f"there is no message {name} (any more)")
        ids = [step["captureId"] for step in sent["timeline"] if step.get("captureId")]
        if not ids:
            status = "it went out for real, or a fault keeps it" if sent["status"] == "sent" else sent["status"]
            raise SaidNo(f"message {name} is not in the inbox: {status}")
        name = ids[-1]
    capture = document_or_none(client, f"/api/captures/{segment(name)}")
    if capture is None:
        raise SaidNo(f"there is no capture {name} (any more); gateway inbox lists the ids")
    return capture


def document_or_none(client: Client, path: str) -> dict[str, Any] | None:
    """Return a resource of the API, None if it does not exist or is no longer kept."""
    answer = client.ask("GET", path)
    error = None if answer.ok else answer.error()
    return None if error is not None and error["code"] == "entity.not_found" else answer.document()


def describe(
    capture: Capture, exchange: dict[str, Any] | None, sent: dict[str, Any] | None
) -> Iterator[tuple[str, str]]:
    """Yield label and value of everything that is known of a capture, except for its text."""
    details = capture["details"]
    source, sure = capture.get("codeSource"), capture.get("codeConfidence")
    how = "" if source is None else f"  ({source}{'' if sure is None else f', {sure:.0%} sure'})"
    template = next((details[key] for key in ("TemplateCode", "TemplateName") if details.get(key)), None)
    rows = [
        ("id", capture["id"]),
        ("received", capture["receivedAt"]),
        ("to", capture["to"]),
        ("read as", None if capture["readAs"] == capture["to"] else capture["readAs"]),
        ("usage type", capture["type"]),
        ("code", None if capture["code"] is None else f"{capture['code']}{how}"),
        ("connector", capture["connectorId"]),
        ("template", template or (f"the gateway's own, {capture['type']}" if sent is not None else None)),
        ("locale", capture["locale"]),
        ("message", None if sent is None else f"{sent['messageId']}  {sent['status']}"),
        *verdict(capture, exchange),
        *headers(capture),
        *(("link", link) for link in capture.get("links") or ()),
    ]
    for label, value in rows:
        if value is not None:
            yield label, str(value)


def verdict(capture: Capture, exchange: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield what the fake made of the request that brought a capture."""
    yield "request", f"{capture['exchangeId']}  {capture['operation']} at {capture['provider']}"
    if exchange is None:
        yield "verdict", "the request is no longer kept"
        return
    accepted = "accepted" if exchange["accepted"] else "refused"
    yield "verdict", f"{accepted} with {exchange['code']}, signature {exchange['signature']}"
    for text in exchange["explanation"].values():
        yield "", text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    if exchange["faultIds"]:
        yield "faults", ", ".join(exchange["faultIds"])


def headers(capture: Capture) -> Iterator[tuple[str, str]]:
    """Yield the headers of a mail and its attachments; of an SMS the plain values that its provider has."""
    mail = capture.get("mail")
    if mail is None:
        for name, value in capture["details"].items():
            if isinstance(value, str) and value:
                yield name, value
        return
    yield "From", mail["from"]
    for label, key in (("To", "to"), ("Cc", "cc"), ("Bcc", "bcc"), ("Reply-To", "replyTo")):
        if mail[key]:
            yield label, ", ".join(mail[key])
    if mail["returnPath"]:
        yield "Return-Path", mail["returnPath"]
    yield "Subject", capture["subject"] or ""
    yield from mail["headers"]
    for part in mail["attachments"]:
        yield "attachment", f"{part['name'] or '-'}  {part['contentType']}, {part['size']} bytes  {part['url']}"


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
