"""Tables for people: what the columns are called, and what they show of a row of the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from gateway.cli.output import visible

if TYPE_CHECKING:
    from rich.table import Table

Row: TypeAlias = dict[str, Any]
Columns: TypeAlias = Sequence[tuple[str, Callable[[Row], str]]]


def table(columns: Columns, rows: Sequence[Row]) -> Table:
    """Long cells fold; an id stays in one piece."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title, _ in columns:
        made.add_column(title, overflow="fold", no_wrap=title in ("id", "HTTP", "hits"))
    for row in rows:
        made.add_row(*(Text(visible(cell(row))) for _, cell in columns))
    return made
