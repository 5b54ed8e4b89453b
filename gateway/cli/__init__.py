"""The command line. A file holds a command, or a few of one subject, and is imported when the command is used.

So ``gateway --help`` and ``gateway --version`` import click and nothing else. Beside the commands: ``exits`` the
exit codes and the errors · ``http`` the client of the gateway's API · ``options`` options that commands share ·
``output`` JSON and tables · ``local`` templates and connectors of a config file, without a running gateway ·
``logs`` the format of the log of ``gateway serve`` · ``lines`` the thread that writes it.
"""

from __future__ import annotations

import importlib
from typing import Any

import click

from gateway.cli.exits import INTERRUPTED

# name -> what it does, in one line.
COMMANDS = {
    "demo": "Send codes, read them back and check them, all in this process.",
    "init": "Write a config file to begin with.",
    "check": "Check a config file, and say what it comes to.",
    "serve": "Run the gateway until it is told to stop.",
    "env": "Print the variables that connect an app to the fakes.",
    "send": "Send one message through a connector.",
    "verify": "Request a one-time code, and check what was typed.",
    "wait": "Wait for a code and print it, nothing else.",
    "inbox": "List what the fakes have accepted, or show one message.",
    "fault": "Make a fake misbehave on purpose.",
    "personas": "List, add and remove who can sign in.",
    "clients": "List, add and remove the apps that people sign in to.",
    "clock": "Show and move the gateway's own time.",
    "preview": "Show a template as it will be on the phone.",
    "templates": "Copy the built-in templates, export edited ones.",
    "providers": "List the providers, and how to point a client at them.",
    "config": "What a config file may say: the JSON schema, and a reference.",
}
# A command is the attribute `command` of the module with its name, except for these: module and attribute.
_ELSEWHERE = {
    "personas": ("directory", "personas"),
    "clients": ("directory", "clients"),
    "init": ("config", "init"),
}


class Commands(click.Group):
    """A group that imports the module of a command when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing:  # for the completion of a shell, which shows no error
                return None
            ctx.fail(f"No such command {cmd_name!r}; there are {', '.join(COMMANDS)}.")
        module, attribute = _ELSEWHERE.get(cmd_name, (cmd_name, "command"))
        command: click.Command = getattr(importlib.import_module(f"gateway.cli.{module}"), attribute)
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
        from importlib.metadata import PackageNotFoundError, version

        try:
            installed = version("connector-gateway")
        except PackageNotFoundError:  # the source runs without being installed
            installed = "unknown"
        click.echo(f"gateway {installed}")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="env, send, verify, wait, inbox, fault, personas, clients, clock and providers talk to GATEWAY_URL"
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
