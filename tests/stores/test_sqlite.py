"""The SQLite store keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from gateway.ports import Store
from gateway.stores.sqlite import Bounds, open_sqlite
from tests.stores.contract import Make, StoreContract
from tests.stores.machine import machine_for
from tests.support.wall import Wall


@asynccontextmanager
async def sqlite_store(bounds: Mapping[str, Bounds], wall: Wall) -> AsyncIterator[Store]:
    with TemporaryDirectory() as folder:
        store = await open_sqlite(Path(folder) / "gateway.db", bounds, wall)
        try:
            yield store
        finally:
            await store.close()


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def make(self) -> Make:
        return sqlite_store


def test_the_sqlite_store_does_what_a_slow_and_obvious_model_does() -> None:
    run_state_machine_as_test(
        machine_for(sqlite_store),
        settings=settings(
            max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
