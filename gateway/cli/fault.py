"""``gateway fault``: make a fake misbehave on purpose, and list what each fault hit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from gateway.cli import options
from gateway.cli.exits import SaidNo
from gateway.cli.http import Client, delete_each
from gateway.cli.output import Columns, Row, console, emit, table, time_of_day, visible

_PATH = "/api/faults"
_COUNTED = ("id", "stage", "seen", "hits", "lastHit", "warnings")
_MATCHES = ("provider", "operation", "to", "keyId", "nth", "count", "probability", "seed")


def _listed(row: Row, names: Sequence[str]) -> str:
    """Return ``error isv.X, count 1``; a flag that is true is only named."""
    parts = []
    for name in names:
        value = row[name]
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        parts.append(name if value is True else f"{name} {text}")
    return ", ".join(parts)


def _effect(row: Row) -> str:
    stage = " (after)" if row["stage"] == "after" else ""
    return _listed(row, [name for name in row if name not in (*_COUNTED, *_MATCHES)]) + stage


def _last_hit(row: Row) -> str:
    last = row["lastHit"]
    return f"{time_of_day(last['at'])} {last['exchangeId']}" if last else "-"


_RULE_COLUMNS: Columns = (
    ("id", lambda row: str(row["id"])),
    ("what", _effect),
    ("for", lambda row: _listed(row, [name for name in _MATCHES if name in row]) or "everything"),
    ("hits", lambda row: f"{row['hits']} of {row['seen']}"),
    ("last hit", _last_hit),
)
_KNOWN_COLUMNS: Columns = (
    ("code", lambda row: str(row["code"])),
    ("HTTP", lambda row: str(row["status"])),
    ("message", lambda row: str(row["message"])),
    ("a send of ours", lambda row: f"{row['reason'] or '-'}{', maybe sent' if row['maybeSent'] else ''}"),
)
_MAGIC_COLUMNS: Columns = (
    ("what", lambda row: str(row["what"])),
    ("numbers", lambda row: "\n".join(row["phones"])),
    ("addresses", lambda row: "\n".join(row["addresses"])),
    ("hits", lambda row: str(row["hits"])),
)


@click.group("fault")
def command() -> None:
    """Make a fake misbehave on purpose: provider errors, dead connections, messages that are lost, late or doubled.

    \b
    Examples:
      gateway fault add --to 13800138000 --error isv.BUSINESS_LIMIT_CONTROL --count 1
      gateway fault list
      gateway fault clear
    """


@command.command("add")
@click.option("--provider", metavar="NAME", help="Only requests at this provider.")
@click.option("--operation", metavar="NAME", help="Only this call, such as SendSms.")
@click.option("--to", metavar="RECIPIENT", help="Only requests for this number or address.")
@click.option("--key-id", metavar="ID", help="Only requests with this access key id.")
@click.option("--nth", type=click.IntRange(min=1), help="Only the nth matching request, from 1.")
@click.option("--count", type=click.IntRange(min=1), help="How often it may hit.  [default: always]")
@click.option("--probability", type=click.FloatRange(0, 1), help="How likely a hit is.")
@click.option("--seed", type=int, help="The same seed gives the same run.")
@click.option("--stage", type=click.Choice(["before", "after"]), help="Before or after the message is accepted.")
@click.option("--error", metavar="CODE", help="One of the provider's errors: see gateway fault known.")
@click.option(
    "--status", type=click.IntRange(200, 599), help="The HTTP status of that error, where its own won't do."
)
@click.option("--message", metavar="TEXT", help="The text of that error.")
@click.option("--retry-after", type=options.Duration(), help="When that error says to come back.")
@click.option("--answer", type=click.IntRange(200, 599), metavar="STATUS", help="A raw answer with that status.")
@click.option("--body", metavar="TEXT", help="The body of that answer.")
@click.option(
    "--delivery",
    type=click.Choice(["lost", "late", "twice"]),
    help="Accepted as usual; then never delivered, late, or twice.",
)
@click.option(
    "--late", "late_seconds", type=options.Duration(), help="How late, on the gateway's clock.  [default: 30s]"
)
@click.option(
    "--latency", "--latency-seconds", "latency", type=options.Duration(), help="Real time before the answer."
)
@click.option("--hang", is_flag=True, default=None, help="Never answer.")
@click.option("--reset", is_flag=True, default=None, help="Reset the TCP connection.")
@click.option("--fin", is_flag=True, default=None, help="Close without an answer.")
@click.option("--truncate-at", type=click.IntRange(min=0), metavar="BYTES", help="Send so much of the body.")
@click.option("--drip", type=click.FloatRange(min=0, min_open=True), metavar="BYTES", help="So many a second.")
@options.as_json
@options.talks_to_a_gateway
def add(
    client: Client,
    /,
    *,
    error: str | None,
    status: int | None,
    message: str | None,
    retry_after: float | None,
    answer: int | None,
    body: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Add a fault, and print its id: what to match, when, and what to do.

    The first fault that matches and is not used up wins, so two with --count 1 make a sequence. A fault that can
    match no request is refused; if it hits nothing as things are, a warning on stderr says why.

    \b
    Examples:
      ID=$(gateway fault add --to 13800138000 --delivery late --late 2m)
      gateway fault add --operation SendSms --stage after --hang --count 1
    """
    fault = {_camel(name): value for name, value in given.items() if value is not None}
    details = {"message": message, "status": status, "retryAfter": retry_after}
    given_details = {name: value for name, value in details.items() if value is not None}
    if given_details and error is None:
        raise click.UsageError("--message, --status and --retry-after go with --error.")
    if body is not None and answer is None:
        raise click.UsageError("--body goes with --answer.")
    if error is not None:
        fault["error"] = {"code": error, **given_details} if given_details else error
    if answer is not None:
        fault["answer"] = {"status": answer, **({"body": body} if body is not None else {})}
    made = client.ask("POST", _PATH, body=fault).document()
    if as_json:
        emit(made)
    else:
        click.echo(made["id"])
    show_warnings([made])


def show_warnings(faults: Sequence[Row]) -> None:
    """Print why faults hit nothing, or nothing more, on stderr."""
    for fault in faults:
        for text in fault.get("warnings") or ():
            click.echo(f"Warning: {visible(str(fault['id']))}: {visible(str(text))}", err=True)


@command.command("list")
@options.as_json
@options.talks_to_a_gateway
def listing(client: Client, as_json: bool) -> None:
    """List the faults in force, in the order in which they are asked, with what they hit."""
    listed = client.ask("GET", _PATH).document()
    if as_json:
        emit(listed)
    elif listed["faults"]:
        console().print(table(_RULE_COLUMNS, listed["faults"]))
        show_warnings(listed["faults"])
    else:
        click.echo("None.", err=True)


@command.command("remove")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@options.as_json
@options.talks_to_a_gateway
def remove(client: Client, ids: tuple[str, ...], as_json: bool) -> None:
    """Take faults away. One that is gone already is exit code 1; the others are removed all the same."""
    deleted, missing = delete_each(client, _PATH, ids)
    if as_json:
        emit({"deleted": deleted})
    if missing:
        raise SaidNo(f"there is no fault {', '.join(missing)} (any more)")


@command.command("clear")
@options.as_json
@options.talks_to_a_gateway
def clear(client: Client, as_json: bool) -> None:
    """Take all faults away, of everybody."""
    done = client.ask("DELETE", _PATH).document()
    if as_json:
        emit(done)
    else:
        click.echo(f"{done['deleted']} removed.", err=True)


@command.command("known")
@click.option("--provider", metavar="NAME", help="Only those of this provider.")
@options.as_json
@options.talks_to_a_gateway
def known(client: Client, provider: str | None, as_json: bool) -> None:
    """List the errors that the providers know by their own codes: what --error may be."""
    listed = client.ask("GET", f"{_PATH}/known", query={"provider": provider}).document()
    if as_json:
        emit(listed)
    else:
        console().print(table(_KNOWN_COLUMNS, listed["errors"]))


@command.command("magic")
@options.as_json
@options.talks_to_a_gateway
def magic(client: Client, as_json: bool) -> None:
    """List the numbers and addresses that always behave in one way, without any fault."""
    listed = client.ask("GET", f"{_PATH}/magic").document()
    if as_json:
        emit(listed)
        return
    console().print(table(_MAGIC_COLUMNS, listed["magic"]))
    if not listed["on"]:
        click.echo("They are off: the config has magic_recipients: false.", err=True)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
