"""What several commands have in common: the gateway to talk to, ``--json``, usage types and channels."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from gateway.cli.http import Client
from gateway.core.model import Channel, UsageType

DEFAULT_URL = "http://127.0.0.1:4650"

P = ParamSpec("P")
R = TypeVar("R")


def talks_to_a_gateway(command: Callable[Concatenate[Client, P], R]) -> Callable[P, R]:
    """Give the command a ``Client`` as its first argument: ``--url`` or GATEWAY_URL, with GATEWAY_TOKEN."""

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


def _recipient(ctx: click.Context, parameter: click.Parameter, given: str) -> str:
    if not given.strip():
        raise click.BadParameter("must be a phone number or an email address", ctx, parameter)
    return given


to = click.argument("to", callback=_recipient)


def usage_type(help_text: str, default: str | None = None) -> Callable[[Any], Any]:
    """``--type`` with Logto's names, in any case."""
    names = [usage.value for usage in UsageType]
    return click.option(
        "--type",
        "usage_type",
        type=click.Choice(names, case_sensitive=False),
        metavar="TYPE",
        default=default,
        show_default=default is not None,
        help=f"{help_text} One of {', '.join(names)}.",
    )


def channel(help_text: str) -> Callable[[Any], Any]:
    return click.option("--channel", type=click.Choice([channel.value for channel in Channel]), help=help_text)


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
