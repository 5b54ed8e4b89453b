"""What `make test` leaves to `make test-all`: most rows of long tables, and most examples of hypothesis."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

ALL = os.environ.get("GATEWAY_REQUIRE_ALL") == "1"


def examples(many: int) -> int:
    """So many in `make test-all`, a quarter of them in `make test`."""
    return many if ALL else max(many // 4, 5)


def rest_slow(rows: Sequence[Any], first: int) -> list[Any]:
    """The rows of a table (of one value each), all but the first ones marked slow."""
    return [*rows[:first], *(pytest.param(row, marks=pytest.mark.slow) for row in rows[first:])]
