"""How a fake's answer goes over the wire, seen by a client that reads bytes; made by faults, before and after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.core.model import Request, Response, Verdict, Wire
from gateway.providers.ports import Context
from tests.support import toy
from tests.support.event_loop import settle
from tests.support.raw_http import RawConnection, request
from tests.support.running_gateway import RunningGateway, running

STAGES = pytest.mark.parametrize("stage", ["before", "after"])
SEND = request("POST", "/fakes/toy/", {"to": "13800138000", "code": "246810"})
TO = "/api/captures?to=13800138000"


async def _fault(server: RunningGateway, **fault: Any) -> None:
    assert (await server.ask("POST", "/api/faults", fault)).status == 201


async def _accepted(server: RunningGateway) -> int:
    return len((await server.ask("GET", TO)).json()["captures"])


async def _answered(server: RunningGateway) -> list[bool]:
    found = (await server.ask("GET", "/api/exchanges")).json()["exchanges"]
    return [exchange["response"]["answered"] for exchange in found]


def _doing(wire: Wire, body: bytes = b'{"ok": true}') -> Callable[[Request, Context], Awaitable[Response]]:
    async def do(request: Request, context: Context) -> Response:
        return Response(200, (("Content-Type", "text/plain"),), body, wire, Verdict(True))

    return do


@STAGES
async def test_a_reset_is_a_reset_for_the_client(server: RunningGateway, stage: str) -> None:
    await _fault(server, reset=True, stage=stage)
    client = await server.open()
    await client.send(SEND)
    with pytest.raises(ConnectionResetError):
        await client.rest()
    await client.close()
    assert await _accepted(server) == (1 if stage == "after" else 0)
    assert await _answered(server) == [False]


@STAGES
async def test_a_fin_is_a_close_without_a_byte(server: RunningGateway, stage: str) -> None:
    await _fault(server, fin=True, stage=stage)
    client = await server.open()
    await client.send(SEND)
    assert await client.rest() == b""
    await client.close()
    assert await _accepted(server) == (1 if stage == "after" else 0)
    assert await _answered(server) == [False]


@STAGES
async def test_a_hang_holds_until_the_client_leaves(server: RunningGateway, stage: str) -> None:
    await _fault(server, hang=True, stage=stage)
    client = await server.open()
    await client.send(SEND)
    reading = asyncio.ensure_future(client.reader.read(1))
    # The thing under test is that nothing comes, so some real time must pass.
    await asyncio.wait((reading,), timeout=0.1)
    assert not reading.done()
    reading.cancel()
    await client.close()
    assert await _accepted(server) == (1 if stage == "after" else 0)
    assert await _answered(server) == [False]


async def test_a_client_that_left_a_hang_leaves_nothing_behind(server: RunningGateway) -> None:
    await _fault(server, hang=True)
    before = len(asyncio.all_tasks())
    for _ in range(5):
        client = await server.open()
        await client.send(SEND)
        await server.ask("GET", "/healthz")
        await client.close()
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before:
            await settle()


@STAGES
async def test_latency_delays_a_regular_answer(server: RunningGateway, stage: str) -> None:
    await _fault(server, latency=0.1, stage=stage)
    client = await server.open()
    begin = asyncio.get_running_loop().time()
    await client.send(SEND)
    answer = await client.answer()
    assert asyncio.get_running_loop().time() - begin >= 0.1
    assert answer.status == 200
    await client.close()
    assert await _accepted(server) == 1


async def test_latency_delays_an_error_and_a_reset_too(server: RunningGateway) -> None:
    loop = asyncio.get_running_loop()
    await _fault(server, latency=0.05, error="SLOW_ERROR", count=1)
    await _fault(server, latency=0.05, reset=True, count=1)
    begin = loop.time()
    assert (await server.capture("13800138000")).json() == {"error": "SLOW_ERROR"}
    client = await server.open()
    await client.send(SEND)
    with pytest.raises(ConnectionResetError):
        await client.rest()
    await client.close()
    assert loop.time() - begin >= 0.1


async def test_a_client_that_leaves_during_a_latency_is_not_waited_for(server: RunningGateway) -> None:
    await _fault(server, latency=3600, stage="after")
    client = await server.open()
    await client.send(SEND)
    await server.ask("GET", "/healthz")
    await client.close()
    assert await _answered(server) in ([True], [])


@STAGES
async def test_a_truncated_answer_announces_more_than_it_sends(server: RunningGateway, stage: str) -> None:
    await _fault(server, truncateAt=5, stage=stage)
    client = await server.open()
    await client.send(SEND)
    _, lines = await client.head()
    assert "Content-Length: 12" in lines
    assert await client.rest() == b'{"ok"'
    await client.close()
    assert await _accepted(server) == 1


@pytest.mark.parametrize("at", [0, 12, 100])
async def test_a_truncation_at_the_ends_of_the_body(server: RunningGateway, at: int) -> None:
    server.script.do = _doing(Wire(truncate_at=at))
    client = await server.open()
    await client.send(SEND)
    _, lines = await client.head()
    assert "Content-Length: 12" in lines
    assert await client.rest() == b'{"ok": true}'[:at]
    await client.close()


@STAGES
async def test_a_drip_sends_the_body_byte_by_byte(server: RunningGateway, stage: str) -> None:
    await _fault(server, drip=100, stage=stage)
    client = await server.open()
    begin = asyncio.get_running_loop().time()
    await client.send(SEND)
    answer = await client.answer()
    assert answer.body == b'{"ok": true}'
    assert asyncio.get_running_loop().time() - begin >= 11 / 100
    assert (await client.ask("GET", "/healthz")).status == 200, "the connection lives on"
    await client.close()


async def test_a_drip_of_a_truncated_body_stops_there(server: RunningGateway) -> None:
    server.script.do = _doing(Wire(truncate_at=3, drip=500))
    client = await server.open()
    await client.send(SEND)
    await client.head()
    assert await client.rest() == b'{"o'
    await client.close()


async def test_a_fast_drip_is_about_as_fast_as_it_says(server: RunningGateway) -> None:
    server.script.do = _doing(Wire(drip=1_000_000), b"x" * 50_000)
    client = await server.open()
    await client.send(SEND)
    async with asyncio.timeout(2):
        assert len((await client.answer()).body) == 50_000
    await client.close()


async def test_a_provider_that_drips_to_one_client_serves_the_others(server: RunningGateway) -> None:
    await _fault(server, drip=1, to="13800138000")
    slow = await server.open()
    await slow.send(SEND)
    await slow.head()
    for n in range(20):
        assert (await server.capture(f"1390013900{n % 10}")).status == 200
    await slow.close()


@STAGES
async def test_an_error_is_the_providers_own(server: RunningGateway, stage: str) -> None:
    await _fault(server, error={"code": "LIMIT", "status": 429}, stage=stage)
    answer = await server.capture("13800138000")
    assert (answer.status, answer.json()) == (429, {"error": "LIMIT"})
    assert await _accepted(server) == (1 if stage == "after" else 0)


async def test_a_raw_answer_goes_out_as_it_is(server: RunningGateway) -> None:
    await _fault(server, answer={"status": 502, "headers": {"X-Proxy": "yes"}, "body": "<html>短信</html>"})
    answer = await server.capture("13800138000")
    assert (answer.status, answer.body.decode()) == (502, "<html>短信</html>")
    assert answer.header("x-proxy") == "yes"


async def test_after_a_fault_that_is_used_up_all_is_well(server: RunningGateway) -> None:
    await _fault(server, fin=True, count=1)
    client = await server.open()
    await client.send(SEND)
    assert await client.rest() == b""
    await client.close()
    assert (await server.capture("13800138000")).status == 200
    (listed,) = (await server.ask("GET", "/api/faults")).json()["faults"]
    assert (listed["seen"], listed["hits"]) == (1, 1)


@pytest.mark.parametrize("wire", [Wire(hang=True), Wire(latency=3600), Wire(drip=0.001)])
async def test_stopping_does_not_wait_for_what_would_never_end(wire: Wire) -> None:
    script = toy.Script(do=_doing(wire))
    client: RawConnection | None = None
    loop = asyncio.get_running_loop()
    async with running(script=script) as server:
        client = await server.open()
        await client.send(SEND)
        await server.ask("GET", "/healthz")
        begin = loop.time()
    took = loop.time() - begin
    await client.close()
    assert took < 3
