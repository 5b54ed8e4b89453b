"""What ``gateway fault`` prints for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from gateway.cli.output import time_of_day, visible

if TYPE_CHECKING:
    from rich.table import Table

Row: TypeAlias = dict[str, Any]
Columns: TypeAlias = Sequence[tuple[str, Callable[[Row], str]]]

_COUNTED = ("id", "stage", "seen", "hits", "lastHit")
_MATCHES = ("provider", "operation", "to", "keyId", "nth", "count", "probability", "seed")


def _said(row: Row, names: Sequence[str]) -> str:
    """``error isv.X, count 1``; what is only true is its name."""
    parts = []
    for name in names:
        value = row[name]
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        parts.append(name if value is True else f"{name} {text}")
    return ", ".join(parts)


def _what(row: Row) -> str:
    stage = " (after)" if row["stage"] == "after" else ""
    return _said(row, [name for name in row if name not in (*_COUNTED, *_MATCHES)]) + stage


def _last(row: Row) -> str:
    last = row["lastHit"]
    return f"{time_of_day(last['at'])} {last['exchangeId']}" if last else "-"


RULE_COLUMNS: Columns = (
    ("id", lambda row: str(row["id"])),
    ("what", _what),
    ("for", lambda row: _said(row, [name for name in _MATCHES if name in row]) or "everything"),
    ("hits", lambda row: f"{row['hits']} of {row['seen']}"),
    ("last hit", _last),
)
KNOWN_COLUMNS: Columns = (
    ("code", lambda row: str(row["code"])),
    ("HTTP", lambda row: str(row["status"])),
    ("message", lambda row: str(row["message"])),
    ("a send of ours", lambda row: f"{row['reason'] or '-'}{', maybe sent' if row['maybeSent'] else ''}"),
)
MAGIC_COLUMNS: Columns = (
    ("what", lambda row: str(row["what"])),
    ("numbers", lambda row: "\n".join(row["phones"])),
    ("addresses", lambda row: "\n".join(row["addresses"])),
    ("hits", lambda row: str(row["hits"])),
)


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
