"""``gateway clients``: which apps may ask at the fake of OAuth2."""

from __future__ import annotations

import click

from gateway.cli.directory import commands
from gateway.cli.tables import Columns, Row


@click.group("clients")
def command() -> None:
    """List, show, add and remove clients: the apps that may ask at the fake of OAuth2. Secrets are masked.

    \b
    Examples:
      gateway clients list
      gateway clients add apps.yaml
      gateway clients show sandbox-web --json
      gateway clients remove my-app
    """


def _method(row: Row) -> str:
    """How it authenticates."""
    return str(row["authMethod"] or ("secret" if row["secrets"] else "keys" if row["jwks"] else "none"))


COLUMNS: Columns = (
    ("id", lambda row: str(row["id"])),
    ("shows", _method),
    ("source", lambda row: str(row["source"])),
    ("redirect URIs", lambda row: "\n".join(row["redirectUris"]) or "-"),
)

commands(command, "clients", "client", COLUMNS)
