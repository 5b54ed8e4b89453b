"""What ``gateway fault`` prints for people."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gateway.cli.output import time_of_day
from gateway.cli.tables import Columns, Row

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
