"""``gateway env``: the environment variables that connect an app to the fakes of a running gateway."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import click

from gateway.cli import options
from gateway.cli.exits import NotReachable, WrongUse
from gateway.cli.http import Client
from gateway.cli.output import emit, visible

Section: TypeAlias = tuple[str, dict[str, str]]
"""A comment, and the variables below it."""

# A shell evaluates what this command prints, so a name must be one.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
# All readers of such files take these characters without quotes; `docker --env-file` takes no quotes at all.
_PLAIN = re.compile(r"[^\s'\"#$\\`]*")


@click.command("env")
@click.option("--dotenv", is_flag=True, help="Lines of a .env file: NAME=value.")
@options.as_json
@options.talks_to_a_gateway
def command(client: Client, *, dotenv: bool, as_json: bool) -> None:
    """Print the environment variables that connect an app to the fakes, as lines for a shell.

    They are GATEWAY_URL, the addresses and credentials that each provider's SDK reads, and issuer, client id and
    client secret for OAuth2 and OpenID Connect. An SDK that reads no address from its environment, such as
    Aliyun's, needs it in code: gateway providers has the lines.

    \b
    Examples:
      eval "$(gateway env)"
      gateway env --dotenv > .env
      gateway env --json
    """
    if dotenv and as_json:
        raise WrongUse("--dotenv and --json exclude each other")
    sections = read_sections(client)
    if as_json:
        emit({name: value for _, variables in sections for name, value in variables.items()})
        return
    text = "\n".join(dotenv_lines(sections) if dotenv else shell_lines(sections)) + "\n"
    if sys.stdout.isatty():
        text = visible(text)
    # Bytes: an app gets the same value whatever the encoding of stdout is.
    click.echo(text.encode("utf-8", "surrogateescape"), nl=False)


def read_sections(client: Client) -> list[Section]:
    """Return the variables of the gateway and of each provider. Raises Problem."""
    sections: list[Section] = [("The gateway, for its own commands", {"GATEWAY_URL": client.url})]
    for provider in client.ask("GET", "/api/providers").document()["providers"]:
        variables: dict[str, Any] = provider["environment"]
        for name, value in variables.items():
            if not _NAME.fullmatch(name) or not isinstance(value, str) or "\0" in value:
                raise NotReachable(f"{provider['name']}: {visible(name)} is no variable for an environment")
        if variables:
            sections.append((str(provider["title"]), variables))
    return sections


def shell_lines(sections: Sequence[Section]) -> Iterator[str]:
    for title, variables in sections:
        yield _comment(title)
        for name, value in variables.items():
            yield f"export {name}={shlex.quote(value)}"


def dotenv_lines(sections: Sequence[Section]) -> Iterator[str]:
    for title, variables in sections:
        yield _comment(title)
        for name, value in variables.items():
            yield f"{name}={quote_for_dotenv(value)}"


def quote_for_dotenv(value: str) -> str:
    """Quote a value as python-dotenv, Node's ``--env-file`` and Docker Compose read it."""
    if _PLAIN.fullmatch(value):
        return value
    if not {"'", "\n", "\\"} & set(value):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _comment(title: str) -> str:
    return f"# {' '.join(visible(title).split())}"
