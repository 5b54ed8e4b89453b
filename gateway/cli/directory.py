"""``gateway personas`` and ``gateway clients``: list, show, add and remove what the fake of OAuth2 knows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, BinaryIO

import click

from gateway.cli import options
from gateway.cli.exits import SaidNo, WrongUse
from gateway.cli.http import Client, delete_each, segment
from gateway.cli.output import Columns, Row, console, emit, facts, table, visible

_MAX_BYTES = 1024 * 1024
# Keys that the API shows and does not accept.
_READ_ONLY = ("source", "provider")
# Keys whose values have keys of the author's own, which stay as they are.
_FREE_FORM = frozenset({"claims", "jwks"})


@click.group("personas")
def personas() -> None:
    """List, show, add and remove personas: the made-up people who sign in at the fake of OAuth2.

    \b
    Examples:
      gateway personas list
      gateway personas add people.yaml
      echo '{id: grace, claims: {email: grace@example.com}}' | gateway personas add
      gateway personas remove grace
    """


def _peculiarity(row: Row) -> str:
    """Return what a persona does differently: its note if it has one."""
    if row["note"]:
        return str(row["note"])
    parts = [f"{name} {row[name]}" for name in ("denies", "interaction") if row[name]]
    parts += [f"{name} {' '.join(row[name])}" for name in ("scopes", "issuers") if row[name] is not None]
    return "\n".join(parts)


_PERSONA_COLUMNS: Columns = (
    ("id", lambda row: str(row["id"])),
    ("name", lambda row: str(row["claims"].get("name") or "-")),
    ("email", lambda row: str(row["claims"].get("email") or "-")),
    ("source", lambda row: str(row["source"])),
    ("special", _peculiarity),
)


@click.group("clients")
def clients() -> None:
    """List, show, add and remove clients: the apps that may ask at the fake of OAuth2. Secrets are masked.

    \b
    Examples:
      gateway clients list
      gateway clients add apps.yaml
      gateway clients show sandbox-web --json
      gateway clients remove my-app
    """


def _authentication(row: Row) -> str:
    return str(row["authMethod"] or ("secret" if row["secrets"] else "keys" if row["jwks"] else "none"))


_CLIENT_COLUMNS: Columns = (
    ("id", lambda row: str(row["id"])),
    ("shows", _authentication),
    ("source", lambda row: str(row["source"])),
    ("redirect URIs", lambda row: "\n".join(row["redirectUris"]) or "-"),
)


def _add_commands(group: click.Group, kind: str, singular: str, columns: Columns) -> None:
    """Add list, show, add and remove to a group.

    Args:
        kind: the plural, as in the path of the API.
    """
    _add_list(group, kind, columns)
    _add_show(group, kind, singular)
    _add_add(group, kind)
    _add_remove(group, kind, singular)


def _add_list(group: click.Group, kind: str, columns: Columns) -> None:
    @group.command("list", help=f"List all {kind}, with where each comes from.")
    @options.as_json
    @options.talks_to_a_gateway
    def listing(client: Client, as_json: bool) -> None:
        document = client.ask("GET", f"/api/{kind}").document()
        if as_json:
            emit(document)
        elif document[kind]:
            console().print(table(columns, document[kind]))
        else:
            click.echo("None.", err=True)


def _add_show(group: click.Group, kind: str, singular: str) -> None:
    @group.command("show", help=f"Show one {singular}, all of it. One that is not there is exit code 1.")
    @click.argument("name", metavar="ID")
    @options.as_json
    @options.talks_to_a_gateway
    def show(client: Client, name: str, as_json: bool) -> None:
        listed = client.ask("GET", f"/api/{kind}").document()[kind]
        row: Row | None = next((row for row in listed if row["id"] == name), None)
        if row is None:
            raise SaidNo(f"there is no {singular} {visible(name)}: gateway {kind} list has those that are")
        if as_json:
            emit(row)
        else:
            console().print(facts(_facts(row)))


def _add_add(group: click.Group, kind: str) -> None:
    @group.command(
        "add",
        help=f"Add the {kind} of a YAML or JSON file, each in place of one with its id, and print their ids."
        " FILE is standard input unless given, or where it is -.",
    )
    @click.argument("file", type=click.File("rb"), default="-")
    @options.as_json
    @options.talks_to_a_gateway
    def add(client: Client, file: BinaryIO, as_json: bool) -> None:
        stored = []
        for name, body in _read_rows(file, kind):
            stored.append(client.ask("PUT", f"/api/{kind}/{segment(name)}", body=body).document())
            if not as_json:
                click.echo(name)
        if as_json:
            emit({kind: stored})


def _add_remove(group: click.Group, kind: str, singular: str) -> None:
    @group.command(
        "remove",
        help=f"Take away {kind} that were added. A declared one that was covered is there again."
        " One that is gone already is exit code 1; the others are removed all the same.",
    )
    @click.argument("ids", metavar="ID...", nargs=-1, required=True)
    @options.as_json
    @options.talks_to_a_gateway
    def remove(client: Client, ids: tuple[str, ...], as_json: bool) -> None:
        deleted, missing = delete_each(client, f"/api/{kind}", ids)
        if as_json:
            emit({"deleted": deleted})
        if missing:
            raise SaidNo(f"there is no {singular} {visible(', '.join(missing))} that was added (any more)")


def _facts(row: Row) -> list[tuple[str, str]]:
    """Return label and text of each key and each claim that is not empty."""
    lines = []
    for name, value in row.items():
        items = value.items() if name == "claims" else [(name, value)]
        lines += [(key, _text(inner)) for key, inner in items if inner not in (None, "", [], {}, False)]
    return lines


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return json.dumps(value, ensure_ascii=False)


# --------------------------------------------------------------------------------- the file of gateway ... add


def _read_rows(file: BinaryIO, kind: str) -> Iterator[tuple[str, Row]]:
    """Read personas or clients of a YAML or JSON file: one, a list, or a list under the key ``kind``.

    Yields the id of each, and the body for the API. Keys may be snake_case or camelCase. Raises WrongUse.
    """
    content = _read_yaml_or_json(file)
    if isinstance(content, dict) and kind in content:
        content = content[kind]
    rows = content if isinstance(content, list) else [content]
    for index, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
            where = f"{kind}.{index}" if isinstance(content, list) else "FILE"
            raise WrongUse(f"{where}: must have an id, as in {{id: grace}}; one that looks like a number in quotes")
    for row in rows:
        yield (
            row["id"],
            {name: value for name, value in _with_camel_keys(row).items() if name not in ("id", *_READ_ONLY)},
        )


def _read_yaml_or_json(file: BinaryIO) -> Any:
    from gateway.config.yaml_tree import Broken, read

    content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise WrongUse("FILE: is larger than 1 MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise WrongUse("FILE: is not UTF-8") from wrong
    try:
        tree, _ = read(text)
    except Broken as wrong:
        with suppress(ValueError, RecursionError):
            return json.loads(text)  # JSON that is not YAML: indented with tabs, for example
        line = f"line {wrong.line}: " if wrong.line is not None else ""
        raise WrongUse(f"FILE: {line}{wrong.text}") from wrong
    return tree


def _with_camel_keys(row: Mapping[str, Any]) -> Row:
    return {
        _camel(name): value if name in _FREE_FORM else _with_camel_keys_inside(value) for name, value in row.items()
    }


def _with_camel_keys_inside(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_camel_keys(item) if isinstance(item, dict) else item for item in value]
    return value


def _camel(name: Any) -> str:
    first, *rest = str(name).split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


_add_commands(personas, "personas", "persona", _PERSONA_COLUMNS)
_add_commands(clients, "clients", "client", _CLIENT_COLUMNS)
