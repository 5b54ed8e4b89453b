"""``gateway personas``: who can sign in at the fake of OAuth2."""

from __future__ import annotations

import click

from gateway.cli.directory import commands
from gateway.cli.tables import Columns, Row


@click.group("personas")
def command() -> None:
    """List, show, add and remove personas: the made-up people who sign in at the fake of OAuth2.

    \b
    Examples:
      gateway personas list
      gateway personas add people.yaml
      echo '{id: grace, claims: {email: grace@example.com}}' | gateway personas add
      gateway personas remove grace
    """


def _special(row: Row) -> str:
    """What it does that others do not: in the author's words, where there are any."""
    if row["note"]:
        return str(row["note"])
    said = [f"{name} {row[name]}" for name in ("denies", "interaction") if row[name]]
    said += [f"{name} {' '.join(row[name])}" for name in ("scopes", "issuers") if row[name] is not None]
    return "\n".join(said)


COLUMNS: Columns = (
    ("id", lambda row: str(row["id"])),
    ("name", lambda row: str(row["claims"].get("name") or "-")),
    ("email", lambda row: str(row["claims"].get("email") or "-")),
    ("source", lambda row: str(row["source"])),
    ("special", _special),
)

commands(command, "personas", "persona", COLUMNS)
