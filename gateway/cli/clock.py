"""``gateway clock``: show and move the gateway's own time."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli import options
from gateway.cli.exits import WrongUse
from gateway.cli.http import Client
from gateway.cli.output import console, emit, facts

PATH = "/api/clock"


@click.group("clock")
def command() -> None:
    """Show and move the gateway's clock: code lifetimes, limits, receipts and late messages go by it.

    What became due has happened when a command returns. A gateway that was started as shared refuses.

    \b
    Examples:
      gateway clock advance 10m
      gateway clock reset
    """


@command.command("show")
@options.as_json
@options.talks_to_a_gateway
def show(client: Client, as_json: bool) -> None:
    """Print its time, how far that is from the real one, and what waits for it."""
    show_clock(client.ask("GET", PATH).document(), as_json=as_json)


@command.command("advance")
@click.argument("by", type=options.Duration())
@options.as_json
@options.talks_to_a_gateway
def advance(client: Client, by: float, as_json: bool) -> None:
    """Let time pass: seconds, or 90s, 10m, 1h30m, 2d.

    \b
    Example:
      gateway clock advance 1h30m
    """
    if by <= 0:
        raise WrongUse("BY: must be more than nothing; gateway clock set goes back")
    move(client, {"advance": by}, as_json=as_json)


@command.command("set")
@click.argument("moment")
@options.as_json
@options.talks_to_a_gateway
def set_to(client: Client, moment: str, as_json: bool) -> None:
    """Make it that MOMENT, which names its time zone; time runs on from there.

    \b
    Example:
      gateway clock set 2026-12-24T00:00:00Z
    """
    move(client, {"set": moment}, as_json=as_json)


@command.command("freeze")
@options.as_json
@options.talks_to_a_gateway
def freeze(client: Client, as_json: bool) -> None:
    """Stop time, until it is advanced, set or unfrozen."""
    move(client, {"freeze": True}, as_json=as_json)


@command.command("unfreeze")
@options.as_json
@options.talks_to_a_gateway
def unfreeze(client: Client, as_json: bool) -> None:
    """Let time run on from where it stands."""
    move(client, {"freeze": False}, as_json=as_json)


@command.command("reset")
@options.as_json
@options.talks_to_a_gateway
def reset(client: Client, as_json: bool) -> None:
    """Back to real time, running."""
    move(client, {"reset": True}, as_json=as_json)


def move(client: Client, body: dict[str, Any], *, as_json: bool) -> None:
    show_clock(client.ask("POST", PATH, body=body).document(), as_json=as_json)


def show_clock(clock: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(clock)
        return
    offset, jobs = clock["offsetSeconds"], clock["jobs"]
    apart = (
        "real time"
        if abs(offset) < 0.001
        else f"real time {'+' if offset > 0 else ''}{options.format_duration(offset)}"
    )
    rows = [("now", clock["now"]), ("that is", f"{apart}{', frozen' if clock['frozen'] else ''}")]
    if jobs["waiting"]:
        rows.append(("waiting", f"{jobs['waiting']}, the next at {jobs['nextAt']}"))
    console().print(facts(rows))
