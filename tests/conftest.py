"""Shared by all tests: modules of assertions that are not test files still explain their failures."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.tiers import examples, long_tables_slow

pytest.register_assert_rewrite("tests.stores.contract", "tests.stores.contract_log", "tests.stores.machine")
pytest.register_assert_rewrite("tests.support.raw", "tests.support.house")

# A slow machine is no defect: time is measured by `make bench`.
settings.register_profile("gateway", deadline=None, max_examples=examples(100))
settings.load_profile("gateway")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is there after the collection stays to the end: looking it through again and again takes seconds. The
    usual thresholds cost a tenth of all time; what is left over is found at the end of the run, too."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before ``-m`` looks at the marks."""
    long_tables_slow(items)
