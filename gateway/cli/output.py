"""What commands print: JSON for scripts, small tables for people. rich is loaded at the first table."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

# Control characters as their pictures (U+2400...), and the marks that turn the direction of text around: what
# a stranger sent must not move our cursor. Tab and line feed stay.
_PICTURES = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD),
}


def visible(text: str) -> str:
    """Text of others, safe to print on a terminal."""
    return text.translate(_PICTURES)


def emit(value: Any) -> None:
    """One line of JSON. Chinese stays readable where stdout can carry it."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    click.echo(json.dumps(value, ensure_ascii=not unicode))


def console(*, stderr: bool = False) -> Console:
    """Plain without a terminal. No markup: texts of others may hold brackets."""
    from rich.console import Console

    stream: Any = sys.stderr if stderr else sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")  # where Chinese cannot be shown: no traceback
    return Console(file=stream, markup=False, highlight=False, emoji=False)


def facts(rows: Iterable[tuple[str, str]]) -> Table:
    """Two columns, label and value; long values fold."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for label, value in rows:
        table.add_row(label, Text(visible(value)))
    return table


def time_of_day(iso: str | None) -> str:
    """An API time as the user's clock shows it. Nothing is kept for more than a day unless somebody says so."""
    try:
        return f"{datetime.fromisoformat(iso or '').astimezone():%H:%M:%S}"
    except ValueError:
        return ""
