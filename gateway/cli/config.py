"""``gateway config``: what a config file may say."""

from __future__ import annotations

import click


@click.group("config")
def command() -> None:
    """What a config file may say, as this installation and its providers have it.

    \b
    Examples:
      gateway config schema > gateway.schema.json
      gateway config reference
    """


@command.command("schema")
def schema() -> None:
    """Print the JSON schema of the config file, for editors and linters.

    \b
    Example:
      gateway config schema > gateway.schema.json
    """
    from gateway.config.schema import schema_text

    click.echo(schema_text(), nl=False)


@command.command("reference")
def reference() -> None:
    """Print every key with its type, its default and its meaning, in Markdown.

    \b
    Example:
      gateway config reference
    """
    from gateway.config.schema import reference as tables
    from gateway.providers import registry

    click.echo(tables(registry.load_providers()), nl=False)
