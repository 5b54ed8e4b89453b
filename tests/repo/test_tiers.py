"""What `make test` takes of a table, and what it leaves to `make test-all`."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.tiers import ROWS, long_tables_slow, nth_fast

pytest_plugins = ["pytester"]

TABLES = """
import pytest

@pytest.mark.parametrize(("origin", "status"), [(n, 403 if n else 200) for n in range(60)])
def test_few_values(origin, status): ...

@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("status", [200, 400, 403])
@pytest.mark.parametrize("path", range(20))
def test_two_parameters(path, status, strict): ...

@pytest.mark.outcome(of=lambda row: row[1] == "OK")
@pytest.mark.parametrize("row", [(n, "OK" if n == 7 else f"error {n}") for n in range(60)])
def test_outcome(row): ...

@pytest.mark.parametrize("text", range(60))
def test_no_outcome(text): ...

@pytest.mark.parametrize("text", range(4))
def test_short(text): ...
"""


def test_no_table_has_more_than_so_many_rows_in_the_fast_tier(request: pytest.FixtureRequest) -> None:
    fast = Counter(
        item.nodeid.partition("[")[0] for item in request.session.items if item.get_closest_marker("slow") is None
    )
    assert max(fast.values()) <= ROWS


def test_each_outcome_of_a_long_table_keeps_a_row(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\nmarkers =\n    slow\n    outcome")
    items = pytester.getitems(TABLES)
    long_tables_slow(items)
    fast: dict[str, list[dict[str, object]]] = {}
    for item in items:
        assert isinstance(item, pytest.Function)
        if item.get_closest_marker("slow") is None:
            fast.setdefault(item.originalname, []).append(dict(item.callspec.params))
    assert {name: len(rows) for name, rows in fast.items()} == dict.fromkeys(fast, ROWS)
    assert len(fast) == 5
    assert {row["status"] for row in fast["test_few_values"]} == {200, 403}
    assert {row["status"] for row in fast["test_two_parameters"]} == {200, 400, 403}
    assert {row["strict"] for row in fast["test_two_parameters"]} == {False, True}
    assert {"row": (7, "OK")} in fast["test_outcome"]


def test_each_nth_row_is_fast_and_no_row_is_lost() -> None:
    rows = nth_fast(range(7), 3)
    assert [row for row in rows if isinstance(row, int)] == [0, 3, 6]
    assert [row.values for row in rows if not isinstance(row, int)] == [(1,), (2,), (4,), (5,)]
    assert nth_fast([(1, 2), (3, 4)], 2, several=True)[1].values == (3, 4)
