"""What commands print: JSON for scripts, tables for people. rich is imported for the first table."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Row: TypeAlias = dict[str, Any]
"""A row of a table: an object of the API."""
Columns: TypeAlias = Sequence[tuple[str, Callable[[Row], str]]]
"""The columns of a table: the title, and the text of a row's cell."""

# Control characters become their pictures (U+2400...), and marks that change the direction of text U+FFFD: text of
# another program must not control the terminal. Tab and line feed stay.
_PICTURES = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD),
}


def visible(text: str) -> str:
    """Make text of another program safe to print on a terminal."""
    return text.translate(_PICTURES)


def emit(value: Any) -> None:
    """Print one line of JSON. Non-ASCII characters are escaped unless stdout is UTF-8."""
    click.echo(json.dumps(value, ensure_ascii=not stdout_is_utf8()))


def stdout_is_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def console(*, stderr: bool = False) -> Console:
    """Return rich's console, plain if the stream is no terminal. Brackets in a text are not markup."""
    from rich.console import Console

    stream: Any = sys.stderr if stderr else sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")  # a character outside the encoding is no error
    return Console(file=stream, markup=False, highlight=False, emoji=False)


def facts(rows: Iterable[tuple[str, str]]) -> Table:
    """Return a table of two columns, label and value; long values fold."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for label, value in rows:
        table.add_row(label, Text(visible(value)))
    return table


def table(columns: Columns, rows: Sequence[Row]) -> Table:
    """Return a table with a header; long cells fold, except ids and numbers."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    result = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title, _ in columns:
        result.add_column(title, overflow="fold", no_wrap=title in ("id", "HTTP", "hits"))
    for row in rows:
        result.add_row(*(Text(visible(cell(row))) for _, cell in columns))
    return result


def time_of_day(iso: str | None) -> str:
    """Format a time of the API as local time of day. No date: by default nothing is kept for more than a day."""
    try:
        return f"{datetime.fromisoformat(iso or '').astimezone():%H:%M:%S}"
    except ValueError:
        return ""
