"""``gateway config`` and ``gateway init``: what a config file may say, and one to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli import options
from gateway.cli.exits import WrongUse
from gateway.cli.output import emit, visible


@click.group("config")
def command() -> None:
    """What a config file may say, as this installation and its providers have it.

    \b
    Examples:
      gateway config schema > gateway.schema.json
      gateway config reference
    """


@command.command("schema")
def print_schema() -> None:
    """Print the JSON schema of the config file, for editors and linters.

    \b
    Example:
      gateway config schema > gateway.schema.json
    """
    from gateway.config.schema import schema_text

    click.echo(schema_text(), nl=False)


@command.command("reference")
def print_reference() -> None:
    """Print every key with its type, its default and its meaning, in Markdown.

    \b
    Example:
      gateway config reference
    """
    from gateway.config.schema import reference
    from gateway.providers import registry

    click.echo(reference(registry.load_providers()), nl=False)


_BEFORE = """\
# The config file of the connector gateway.
#
#   gateway check {name}             whether it can work, and what it comes to
#   gateway serve --config {name}    runs it
#   gateway config reference         all keys, with their defaults
#
# Every key is optional. ${{env:NAME}} as a whole value is taken from the environment.

mode: sandbox               # connectors send to their fakes; live: all send for real

server:
  host: 127.0.0.1           # any other than loopback needs an api_token
  port: 4650                # 0 takes a free one
  # api_token: ${{env:GATEWAY_TOKEN}}
  # public_url: https://gateway.example.com

# Where state lives. Left out, `gateway serve` keeps a file in your data folder.
# store: sqlite:gateway.db  # or memory: it goes with the process

# Your templates, over the built-in ones.
# templates: ./templates

# What is kept of captures, messages and exchanges each; the oldest go first.
retention:
  count: 10000
  bytes: 268435456
  hours: 24

# `config` is Logto's JSON; config_file: aliyun.json has it in a file beside this one. In a sandbox any credentials
# will do: the fakes know those that stand here.
"""
_AFTER = """
# The connector of a channel where nobody names one; else the first one.
# defaults: {sms: sms, email: email}

# A connector with `live: true` sends for real, and only to these recipients.
# live:
#   allow: ["+8613800138000", "*@example.com"]
#   sends_per_day: 50

# fakes:
#   aliyun-sms:
#     strict: true          # apply every rule of the provider
#   aws-ses:
#     strict: true
"""


@click.command("init")
@click.argument("file", type=click.Path(path_type=Path), default="gateway.yaml")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--schema", is_flag=True, help="Also write the JSON schema beside it, and name it for editors.")
@options.as_json
def init(file: Path, *, force: bool, schema: bool, as_json: bool) -> None:
    """Write a commented config file to FILE, gateway.yaml unless given. A file that is there stays as it is.

    \b
    Examples:
      gateway init
      gateway init gateway.yaml --schema
    """
    beside = file.with_name(f"{file.stem}.schema.json")
    written = [file, beside] if schema else [file]
    existing = [path for path in written if path.exists() or path.is_symlink()]
    if existing and not force:
        raise WrongUse(f"{', '.join(map(str, existing))}: is there already; --force replaces it")
    try:
        if schema:
            from gateway.config.schema import schema_text

            beside.write_text(schema_text(), encoding="utf-8")
        file.write_text(starting_config(file.name, beside.name if schema else None), encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{file}: {(error.strerror or 'cannot be written').lower()}") from None
    if as_json:
        emit({"files": [str(path) for path in written]})
    else:
        click.echo(visible(f"Wrote {' and '.join(map(str, written))}. Next: gateway check {file}"))


def starting_config(name: str, schema: str | None = None) -> str:
    """Return the text of a config file with comments.

    Args:
        name: the name of the file, for the commands in its comments.
        schema: the name of the JSON schema in the same folder, for editors.
    """
    from gateway.core import data_files

    sandbox = (data_files.folder("fixtures") / "sandbox.yaml").read_text(encoding="utf-8")
    connectors = sandbox[sandbox.index("connectors:") :]
    # A relative path: a URL would need the network, and could be of another version than the installed one.
    modeline = f"# yaml-language-server: $schema=./{_on_one_line(schema)}\n" if schema is not None else ""
    return modeline + _BEFORE.format(name=_on_one_line(name)) + connectors + _AFTER


def _on_one_line(name: str) -> str:
    return " ".join(visible(name).split())
