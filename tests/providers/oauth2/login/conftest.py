"""A gateway with the fake of OAuth2 and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gateway.providers.oauth2 import provider
from tests.providers.oauth2.login.flows import Flow
from tests.support.running_gateway import RunningGateway, running


@pytest_asyncio.fixture
async def server() -> AsyncIterator[RunningGateway]:
    async with running({"oauth2": provider}, connectors=()) as server:
        yield server


@pytest.fixture
def flow(server: RunningGateway) -> Flow:
    return Flow(server)
