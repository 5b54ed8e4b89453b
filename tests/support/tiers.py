"""What `make test` leaves to `make test-all`: most rows of long tables, and most examples of hypothesis."""

from __future__ import annotations

import os
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
    """Mark all but ``ROWS`` rows of each table slow.

    Each outcome keeps a row, and so does each value of a parameter that has at most ``ROWS`` values. A checksum
    of the names chooses the rest: it follows no order of the table, and a new row changes nothing for the others.
    """
    tables: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("slow") is None:
            tables[item.nodeid.partition("[")[0]].append(item)
    for rows in tables.values():
        if len(rows) > ROWS:
            rows.sort(key=lambda row: zlib.crc32(row.nodeid.encode()))
            fast = _fast_rows([_values(row) for row in rows])
            for at, item in enumerate(rows):
                if at not in fast:
                    item.add_marker(pytest.mark.slow)


def _values(row: pytest.Item) -> dict[str, str]:
    """The parameters of a row, and before them its outcome if the table has the marker ``outcome``."""
    assert isinstance(row, pytest.Function)
    parameters = row.callspec.params
    marker = row.get_closest_marker("outcome")
    outcome = {"": repr(marker.kwargs["of"](**parameters))} if marker is not None else {}
    return outcome | {name: repr(value) for name, value in parameters.items()}


def _fast_rows(rows: Sequence[Mapping[str, str]]) -> list[int]:
    """The indices of ``ROWS`` rows. Parameters with fewer values choose first, after the outcome."""
    kinds = {name: len({row[name] for row in rows}) for name in rows[0]}
    few = [name for name, count in kinds.items() if count <= ROWS]
    fast: list[int] = []
    for name in sorted(few, key=lambda name: (name != "", kinds[name])):
        for at, row in enumerate(rows):
            if all(row[name] != rows[other][name] for other in fast):
                fast.append(at)
    others = [at for at in range(len(rows)) if at not in fast]
    return [*fast, *others][:ROWS]
