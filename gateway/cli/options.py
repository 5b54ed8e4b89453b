"""Options that several commands share: the gateway to talk to, ``--json``, usage types, channels, durations."""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from gateway.cli.exits import WrongUse
from gateway.cli.http import Client
from gateway.core.model import Channel, UsageType

DEFAULT_URL = "http://127.0.0.1:4650"
USAGE_TYPES = tuple(usage.value for usage in UsageType)

P = ParamSpec("P")
R = TypeVar("R")


def talks_to_a_gateway(command: Callable[Concatenate[Client, P], R]) -> Callable[P, R]:
    """Pass the command a ``Client`` as its first argument: for ``--url`` or GATEWAY_URL, with GATEWAY_TOKEN."""

    @click.option(
        "--url",
        envvar="GATEWAY_URL",
        default=DEFAULT_URL,
        show_default=True,
        show_envvar=True,
        help="The gateway to talk to.",
    )
    @functools.wraps(command)
    def with_client(*args: P.args, **kwargs: P.kwargs) -> R:
        client = Client(str(kwargs.pop("url")), os.environ.get("GATEWAY_TOKEN") or None)
        return command(client, *args, **kwargs)

    return with_client


def url_option(client: Client) -> str:
    """Return `` --url ...`` for a command to copy, empty if the command finds this gateway without it."""
    found = os.environ.get("GATEWAY_URL") or DEFAULT_URL
    return "" if client.url == found.rstrip("/") else f" --url {shlex.quote(client.url)}"


def _recipient(ctx: click.Context, parameter: click.Parameter, given: str) -> str:
    if not given.strip():
        raise click.BadParameter("must be a phone number or an email address", ctx, parameter)
    return given


to = click.argument("to", callback=_recipient)


class UsageTypeName(click.Choice[str]):
    """One of Logto's names of usage types, in any case, also ``sign_in`` and ``sign-in``."""

    def __init__(self) -> None:
        super().__init__(USAGE_TYPES)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        found = UsageType.read(str(value))
        return super().convert(value, param, ctx) if found is None else found.value


def usage_type(help_text: str, default: str | None = None) -> Callable[[Any], Any]:
    """Add ``--type``: the name of a usage type."""
    return click.option(
        "--type",
        "usage_type",
        type=UsageTypeName(),
        metavar="TYPE",
        default=default,
        show_default=default is not None,
        help=f"{help_text} In any case, one of {', '.join(USAGE_TYPES)}.",
    )


def channel(help_text: str) -> Callable[[Any], Any]:
    return click.option("--channel", type=click.Choice([channel.value for channel in Channel]), help=help_text)


def contents(command: Callable[P, R]) -> Callable[P, R]:
    """Add ``--subject``, ``--text`` and ``--sender``."""
    for name, help_text in (
        ("--sender", "Only mails whose From contains this, in any case."),
        ("--text", "Only messages whose text contains this, in any case."),
        ("--subject", "Only mails whose subject contains this, in any case."),
    ):
        command = click.option(name, metavar="WORDS", help=help_text)(command)
    return command


as_json = click.option("--json", "as_json", is_flag=True, help="JSON on stdout instead of text.")

config = click.option(
    "--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="A YAML file."
)

templates = click.option(
    "--templates",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Templates that win over the built-in ones.",
)


def parse_payload(content: bytes) -> dict[str, Any]:
    """Parse the content of ``--payload``. Raises WrongUse."""
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError) as wrong:
        raise WrongUse(f"--payload: not JSON: {wrong}") from wrong
    if not isinstance(payload, dict):
        raise WrongUse('--payload: must be a JSON object such as {"code": "123456"}')
    return payload


_SECONDS_OF = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_DURATION = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?|(?:[0-9]{1,9}(?:\.[0-9]{1,6})?[dhms])+", re.ASCII)
_PART_OF_DURATION = re.compile(r"([0-9.]+)([dhms])", re.ASCII)


class Duration(click.ParamType[float]):
    """A duration such as ``90``, ``90s``, ``10m``, ``1h30m`` or ``2d``, as seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        text = str(value).strip().lower()
        if not _DURATION.fullmatch(text):
            self.fail(f"{value!r} is no duration such as 90, 90s, 10m, 1h30m or 2d", param, ctx)
        parts = _PART_OF_DURATION.findall(text)
        return sum(float(number) * _SECONDS_OF[unit] for number, unit in parts) if parts else float(text)


def format_duration(seconds: float) -> str:
    """Format ``5400`` as ``1h30m``, rounded to milliseconds."""
    sign, left = ("-" if seconds < 0 else ""), round(abs(seconds), 3)
    text = ""
    for unit, size in _SECONDS_OF.items():
        if unit != "s":
            count, left = divmod(left, size)
            text += f"{count:.0f}{unit}" if count else ""
    left = round(left, 3)
    return f"{sign}{text}{left:g}s" if left or not text else f"{sign}{text}"
