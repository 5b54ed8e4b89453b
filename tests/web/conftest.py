"""A running gateway, and the silence of its log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.running_gateway import RunningGateway, running


@pytest_asyncio.fixture
async def server() -> AsyncIterator[RunningGateway]:
    async with running() as server:
        yield server
