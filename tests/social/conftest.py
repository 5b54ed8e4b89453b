"""A gateway with the fake of OAuth2 and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gateway.providers.oauth2 import provider
from tests.social.flows import Flow
from tests.support.house import House, running


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    async with running({"oauth2": provider}, connectors=()) as house:
        yield house


@pytest.fixture
def flow(house: House) -> Flow:
    return Flow(house)
