"""What `make test` takes of a table, and what it leaves to `make test-all`."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.tiers import ROWS, nth_fast


def test_no_table_has_more_than_so_many_rows_in_the_fast_tier(request: pytest.FixtureRequest) -> None:
    fast = Counter(
        item.nodeid.partition("[")[0] for item in request.session.items if item.get_closest_marker("slow") is None
    )
    assert max(fast.values()) <= ROWS


def test_each_nth_row_is_fast_and_no_row_is_lost() -> None:
    rows = nth_fast(range(7), 3)
    assert [row for row in rows if isinstance(row, int)] == [0, 3, 6]
    assert [row.values for row in rows if not isinstance(row, int)] == [(1,), (2,), (4,), (5,)]
    assert nth_fast([(1, 2), (3, 4)], 2, several=True)[1].values == (3, 4)
