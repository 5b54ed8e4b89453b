"""The command line. ``main`` is the whole of it; each command is one small file, imported when it is used.

``gateway --help`` and ``gateway --version`` therefore load click and nothing else. Exit codes: ``exits``.
"""

from __future__ import annotations

import importlib
from typing import Any

import click

from gateway.cli.exits import INTERRUPTED

# name -> what it does, in one line. The command `name` is the function `command` of gateway.cli.<name>.
COMMANDS = {
    "demo": "Send codes, read them back and check them, all in this process.",
    "init": "Write a config file to begin with.",
    "check": "Check a config file, and say what it comes to.",
    "serve": "Run the gateway until it is told to stop.",
    "send": "Send one message through a connector.",
    "verify": "Request a one-time code, and check what was typed.",
    "wait": "Wait for a code and print it, nothing else.",
    "inbox": "List what the fakes have accepted.",
    "fault": "Make a fake misbehave on purpose.",
    "personas": "List, add and remove who can sign in.",
    "clients": "List, add and remove the apps that people sign in to.",
    "clock": "Show and move the gateway's own time.",
    "preview": "Show a template as it will be on the phone.",
    "templates": "Copy the built-in templates, export edited ones.",
    "providers": "List the providers, and how to point a client at them.",
    "config": "What a config file may say: the JSON schema, and a reference.",
}


class Commands(click.Group):
    """A group that knows its commands by name and imports one when it is asked for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing:  # a shell completes, nobody reads
                return None
            ctx.fail(f"No such command {cmd_name!r}; there are {', '.join(COMMANDS)}.")
        command: click.Command = importlib.import_module(f"gateway.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


def print_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from gateway.cli.version import version

        click.echo(f"gateway {version()}")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="send, verify, wait, inbox, fault, personas, clients, clock and providers talk to GATEWAY_URL"
    " (http://127.0.0.1:4650), with GATEWAY_TOKEN where the gateway has an API token.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Offline stand-ins for the providers of passwordless sign-in.

    Your app sends the code, your test reads it back, nothing leaves the machine. Begin with: gateway demo
    """
