"""Waiting for a request at a fake."""

from __future__ import annotations

import asyncio

import pytest

from tests.providers.oauth2.login.flows import Flow
from tests.support.running_gateway import RunningGateway

WAIT = "/api/exchanges/wait"


async def test_a_wait_gets_the_request_that_comes_and_fits(flow: Flow) -> None:
    wanted: dict[str, object] = {
        "provider": "oauth2",
        "operation": "token",
        "keyId": flow.client,
        "to": "ada",
        "accepted": True,
    }
    cursor = (await flow.server.ask("GET", "/api/exchanges")).json()["cursor"]
    wanted["after"] = cursor
    waiting = asyncio.create_task(flow.server.ask("POST", WAIT, wanted))
    await flow.exchange("liwei")
    await flow.exchange("ada")
    found = (await waiting).json()
    assert found["exchange"]["operation"] == "token"
    assert found["exchange"]["explanation"]["persona"] == "ada"
    assert found["cursor"] == found["exchange"]["cursor"]


async def test_what_came_before_is_found_after_a_cursor_only(flow: Flow) -> None:
    await flow.back()
    now = await flow.server.ask("POST", WAIT, {"timeout": 0})
    assert now.json().keys() == {"timedOut", "cursor"}
    before = await flow.server.ask("POST", WAIT, {"timeout": 0, "after": 0, "operation": "authorize"})
    assert before.json()["exchange"]["keyId"] == flow.client


@pytest.mark.parametrize("body", [{"timeout": 61}, {"after": -1}, {"operations": "token"}])
async def test_a_wait_that_makes_no_sense_is_refused(server: RunningGateway, body: object) -> None:
    assert (await server.ask("POST", WAIT, body)).status == 400
