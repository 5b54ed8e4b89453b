"""What `make test` leaves to `make test-all`: most rows of long tables, and most examples of hypothesis."""

from __future__ import annotations

import os
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

ALL = os.environ.get("GATEWAY_REQUIRE_ALL") == "1"
ROWS = 4
"""Of one table in `make test`, if the table does not say it by itself."""


def examples(many: int) -> int:
    """So many in `make test-all`, an eighth of them in `make test`."""
    return many if ALL else max(many // 8, 5)


def rest_slow(rows: Sequence[Any], first: int) -> list[Any]:
    """The rows of a table (of one value each), all but the first ones marked slow."""
    return [*rows[:first], *(pytest.param(row, marks=pytest.mark.slow) for row in rows[first:])]


def nth_fast(rows: Iterable[Any], nth: int, *, several: bool = False) -> list[Any]:
    """The rows of a table, all but each nth one marked slow: for tables that go from subject to subject.
    ``several``: a row has a value for each of several parameters."""
    return [
        row if at % nth == 0 else pytest.param(*(row if several else (row,)), marks=pytest.mark.slow)
        for at, row in enumerate(rows)
    ]


def long_tables_slow(items: Iterable[pytest.Item]) -> None:
    """Marks all but ``ROWS`` rows of each table slow, those that a checksum of their names chooses: it follows no
    order of the table, and a new row changes nothing for the others."""
    tables: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("slow") is None:
            tables[item.nodeid.partition("[")[0]].append(item)
    for rows in tables.values():
        for item in sorted(rows, key=lambda row: zlib.crc32(row.nodeid.encode()))[ROWS:]:
            item.add_marker(pytest.mark.slow)
