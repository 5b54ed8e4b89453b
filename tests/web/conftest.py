"""A running gateway, and the silence of its log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.house import House, running


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    async with running() as house:
        yield house
