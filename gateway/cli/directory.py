"""``gateway personas`` and ``gateway clients``: list, show, add and remove what the fake of OAuth2 knows."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

import click

from gateway.cli import options
from gateway.cli.exits import SaidNo
from gateway.cli.http import Client, segment
from gateway.cli.output import console, emit, facts, visible
from gateway.cli.tables import Columns, Row, table


def commands(group: click.Group, kind: str, one: str, columns: Columns) -> None:
    """Give the group its four commands. ``kind`` as in the path of the API, ``one`` of them for people."""
    _list(group, kind, columns)
    _show(group, kind, one)
    _add(group, kind)
    _remove(group, kind, one)


def _list(group: click.Group, kind: str, columns: Columns) -> None:
    @group.command("list", help=f"List all {kind}, with where each comes from.")
    @options.as_json
    @options.talks_to_a_gateway
    def listing(client: Client, as_json: bool) -> None:
        found = client.ask("GET", f"/api/{kind}").document()
        if as_json:
            emit(found)
        elif found[kind]:
            console().print(table(columns, found[kind]))
        else:
            click.echo("None.", err=True)


def _show(group: click.Group, kind: str, one: str) -> None:
    @group.command("show", help=f"Show one {one}, all of it. One that is not there is exit code 1.")
    @click.argument("name", metavar="ID")
    @options.as_json
    @options.talks_to_a_gateway
    def show(client: Client, name: str, as_json: bool) -> None:
        listed = client.ask("GET", f"/api/{kind}").document()[kind]
        found: Row | None = next((row for row in listed if row["id"] == name), None)
        if found is None:
            raise SaidNo(f"there is no {one} {visible(name)}: gateway {kind} list has those that are")
        if as_json:
            emit(found)
        else:
            console().print(facts(_facts(found)))


def _add(group: click.Group, kind: str) -> None:
    @group.command(
        "add",
        help=f"Add the {kind} of a YAML or JSON file, each in place of one with its id, and print their ids."
        " FILE is standard input unless given, or where it is -.",
    )
    @click.argument("file", type=click.File("rb"), default="-")
    @options.as_json
    @options.talks_to_a_gateway
    def add(client: Client, file: BinaryIO, as_json: bool) -> None:
        from gateway.cli.rows import rows

        made = []
        for name, body in rows(file, kind):
            made.append(client.ask("PUT", f"/api/{kind}/{segment(name)}", body=body).document())
            if not as_json:
                click.echo(name)
        if as_json:
            emit({kind: made})


def _remove(group: click.Group, kind: str, one: str) -> None:
    @group.command(
        "remove",
        help=f"Take away {kind} that were added. A declared one that was covered is there again."
        " One that is gone already is exit code 1; the others are removed all the same.",
    )
    @click.argument("ids", metavar="ID...", nargs=-1, required=True)
    @options.as_json
    @options.talks_to_a_gateway
    def remove(client: Client, ids: tuple[str, ...], as_json: bool) -> None:
        deleted, gone = 0, []
        for name in ids:
            answer = client.ask("DELETE", f"/api/{kind}/{segment(name)}")
            error = answer.error() if not answer.ok else None
            if error is not None and error["code"] == "entity.not_found":
                gone.append(name)
            else:
                deleted += answer.document()["deleted"]
        if as_json:
            emit({"deleted": deleted})
        if gone:
            raise SaidNo(f"there is no {one} {visible(', '.join(gone))} that was added (any more)")


def _facts(row: Row) -> list[tuple[str, str]]:
    """A line for each key; of what is in ``claims``, one for each claim. What is empty is left out."""
    found = []
    for name, value in row.items():
        inner = value.items() if name == "claims" else [(name, value)]
        found += [(key, _text(one)) for key, one in inner if one not in (None, "", [], {}, False)]
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    return json.dumps(value, ensure_ascii=False)
