"""How much at once, and how long a client may take. Time limits are milliseconds here: nobody waits."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.web.server.limits import Limits
from gateway.web.server.server import _KEEP_ALIVE_SECONDS
from tests.support.event_loop import settle
from tests.support.raw_http import RawConnection, request
from tests.support.running_gateway import RunningGateway, running

TAKE = request("POST", "/api/codes/13800138000?timeout=30")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CHUNKED = {"Transfer-Encoding": "chunked", "Content-Length": "", "Content-Type": "application/json"}
PATIENCE = 5.0


def cuts(server: RunningGateway, reason: str) -> float:
    found = server.gateway.services.metrics.registry.get_sample_value("gateway_cut_total", {"reason": reason})
    return found or 0.0


async def until_waiting(server: RunningGateway, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(server.gateway.services.waits) != count:
            await settle()


async def waiting(server: RunningGateway, to: str) -> RawConnection:
    client = await server.open()
    before = len(server.gateway.services.waits)
    await client.send(request("POST", f"/api/codes/{to}?timeout=30"))
    await until_waiting(server, before + 1)
    return client


def test_the_page_has_the_limits_as_they_are() -> None:
    text = (Path(__file__).parents[3] / "docs" / "watching.md").read_text(encoding="utf-8")
    found = [int(number.replace(",", "")) for number in re.findall(r"^\| [^|]+ \| ([0-9,]+)", text, re.MULTILINE)]
    limits = Limits()
    assert found == [
        limits.waits,
        limits.waits_per_recipient,
        limits.streams,
        limits.connections,
        limits.head_seconds,
        limits.body_seconds,
        _KEEP_ALIVE_SECONDS,
        limits.unread_seconds,
    ]


# --- how much at once ---------------------------------------------------------------------------------------


async def test_one_wait_too_many_is_refused_and_a_place_that_is_left_is_free() -> None:
    async with running(limits=Limits(waits=2)) as server:
        first = await waiting(server, "13800138001")
        await waiting(server, "13800138002")
        for refused in (
            await server.ask("POST", "/api/codes/13800138003?timeout=30"),
            await server.ask("POST", "/api/captures/wait", {"to": "13800138003"}),
        ):
            assert (refused.status, refused.code) == (503, "limit.waits")
            assert refused.header("retry-after") == "1"
            assert "13800138003" not in refused.body.decode()
        await first.close()
        await until_waiting(server, 1)
        await waiting(server, "13800138003")


async def test_one_recipient_cannot_take_all_places() -> None:
    async with running(limits=Limits(waits=10, waits_per_recipient=2)) as server:
        for to in ("13800138001", "+8613800138001"):
            await waiting(server, to)
        refused = await server.ask("POST", "/api/codes/13800138001?timeout=30")
        assert (refused.status, refused.code) == (429, "limit.recipient_waits")
        assert refused.header("retry-after") == "1"
        await waiting(server, "13800138002")


async def test_a_wait_that_ends_well_gives_its_place_back() -> None:
    async with running(limits=Limits(waits=1)) as server:
        await server.capture("13800138000")
        for _ in range(3):
            assert (await server.ask("POST", "/api/captures/wait", {"to": "13800138000"})).status == 200
            assert (await server.ask("POST", "/api/codes/13900139000?timeout=0")).status == 404


async def test_one_stream_too_many_is_refused_and_head_takes_no_place() -> None:
    async with running(limits=Limits(streams=1)) as server:
        for _ in range(3):
            client = await server.open()
            await client.send(request("HEAD", "/api/events"))
            await client.head()
            assert await client.rest() == b""
        stream = await server.open()
        await stream.send(request("GET", "/api/events"))
        await stream.until(b": open\n\n")
        refused = await server.ask("GET", "/api/events")
        assert (refused.status, refused.code) == (503, "limit.streams")
        assert refused.header("retry-after") == "1"
        await stream.close()
        async with asyncio.timeout(PATIENCE):
            while len(server.gateway.services.streams):
                await settle()
        again = await server.open()
        await again.send(request("GET", "/api/events"))
        await again.until(b": open\n\n")


async def test_one_connection_too_many_is_sent_away_and_the_others_go_on() -> None:
    async with running(limits=Limits(connections=2)) as server:
        inside = [await server.open() for _ in range(2)]
        for client in inside:
            assert (await client.ask("GET", "/healthz")).status == 200
        refused = await server.ask("POST", "/fakes/toy/", {"to": "13800138000"})
        assert (refused.status, refused.code) == (503, "limit.connections")
        assert refused.header("retry-after") == "1"
        assert (await inside[0].ask("GET", "/healthz")).status == 200
        await inside[0].close()
        async with asyncio.timeout(PATIENCE):
            while (await server.ask("GET", "/healthz")).status != 200:
                await settle()
        assert cuts(server, "connections") >= 1


async def test_a_connection_too_many_that_says_nothing_does_not_stay() -> None:
    async with running(limits=Limits(connections=0, head_seconds=0.02)) as server:
        assert await (await server.open()).rest() == b""


# --- slow clients -------------------------------------------------------------------------------------------


async def test_a_head_that_does_not_come_to_its_end_is_a_408() -> None:
    async with running(limits=Limits(head_seconds=0.05)) as server:
        client = await server.open()
        await client.send(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Number: 13800138000\r\n")
        answer = await client.answer()
        assert (answer.status, answer.code, answer.header("connection")) == (408, "request.timeout", "close")
        assert "13800138000" not in answer.body.decode()
        assert await client.rest() == b""
        assert cuts(server, "slow_head") == 1


async def test_a_head_that_trickles_does_not_move_the_limit() -> None:
    async with running(limits=Limits(head_seconds=0.05)) as server:
        client = await server.open()
        await client.send(b"GET /healthz HTTP/1.1\r\nX: ")
        answering = asyncio.ensure_future(client.answer())
        while not answering.done():
            client.writer.write(b"x")
            await settle()
        assert (await answering).status == 408
        assert cuts(server, "slow_head") == 1


async def test_a_later_head_on_the_same_connection_is_limited_too() -> None:
    async with running(limits=Limits(head_seconds=0.05)) as server:
        client = await server.open()
        assert (await client.ask("GET", "/healthz")).status == 200
        await client.send(b"GET /healthz HTTP/1.1\r\n")
        assert (await client.answer()).status == 408


async def test_a_head_in_two_parts_and_an_idle_connection_are_fine() -> None:
    async with running(limits=Limits(head_seconds=0.05)) as server:
        client = await server.open()
        whole = request("GET", "/healthz")
        for _ in range(3):
            await client.send(whole[:20])
            await settle()
            await client.send(whole[20:])
            assert (await client.answer()).status == 200
        # A timer that was left running would fire in this one, which lasts three times as long.
        assert (await client.ask("POST", "/api/codes/13800138000?timeout=0.15")).status == 404
        assert (await client.ask("GET", "/healthz")).status == 200
        assert cuts(server, "slow_head") == 0


@pytest.mark.parametrize("target", ["/fakes/toy/", "/api/recipients", "/"])
async def test_a_body_that_does_not_come_is_a_408(target: str) -> None:
    async with running(limits=Limits(body_seconds=0.05)) as server:
        client = await server.open()
        kind = FORM if target == "/" else {"Content-Type": "application/json"}
        await client.send(request("POST", target, None, {**kind, "Content-Length": "100"}) + b"{")
        answer = await client.answer()
        assert (answer.status, answer.code, answer.header("connection")) == (408, "request.timeout", "close")
        assert await client.rest() == b""
        assert cuts(server, "slow_body") == 1


@pytest.mark.parametrize("target", ["/fakes/toy/", "/api/recipients", "/"])
async def test_a_later_chunk_that_is_broken_is_a_400_at_once(server: RunningGateway, target: str) -> None:
    """The limit for bodies is 30 s here, three times what the test waits."""
    client = await server.open()
    headers = {**CHUNKED, **FORM} if target == "/" else CHUNKED
    await client.send(request("POST", target, None, headers) + b"1\r\n{\r\n")
    for _ in range(3):
        await server.ask("GET", "/healthz")  # by now the body is being read
    await client.send(b"zz\r\n")
    rest = await client.rest()
    assert rest.startswith(b"HTTP/1.1 400 ")
    assert rest.count(b"HTTP/1.1 ") == 1
    assert b"13800138000" not in rest


async def test_a_broken_request_behind_a_wait_leaves_the_wait_alone(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(TAKE)
    await until_waiting(server, 1)
    await client.send(b"zz\r\n\r\n")
    await server.capture("13800138000", "111111")
    assert (await client.answer()).body == b"111111"
    assert (await client.answer()).status == 400


# --- clients that do not read -------------------------------------------------------------------------------


@asynccontextmanager
async def deaf(server: RunningGateway, data: bytes) -> AsyncIterator[socket.socket]:
    """Asks, and does not read."""
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        await loop.sock_connect(client, ("127.0.0.1", server.port))
        await loop.sock_sendall(client, data)
        yield client


async def until_cut(server: RunningGateway) -> None:
    async with asyncio.timeout(PATIENCE):
        while not cuts(server, "unread"):
            await settle()
    async with asyncio.timeout(PATIENCE):
        while server.gateway.services.metrics.registry.get_sample_value("gateway_connections"):
            await settle()


async def fill(server: RunningGateway, count: int = 40) -> None:
    """So many captures that no socket takes them all."""
    text = "x" * 500_000
    for n in range(count):
        await server.capture("13800138000", str(n), text=text)


async def test_a_client_that_reads_no_large_answer_is_cut_off() -> None:
    async with running(limits=Limits(unread_seconds=0.05)) as server:
        await fill(server)
        async with deaf(server, request("GET", "/api/captures?limit=1000")):
            await until_cut(server)


async def test_a_client_that_asks_and_asks_and_never_reads_is_cut_off() -> None:
    async with running(limits=Limits(unread_seconds=0.05)) as server:
        await server.capture("13800138000", text="x" * 30_000)
        loop = asyncio.get_running_loop()
        async with deaf(server, request("GET", "/api/captures")) as client:
            asking = asyncio.ensure_future(loop.sock_sendall(client, request("GET", "/api/captures") * 2000))
            await until_cut(server)
            await asyncio.wait({asking}, timeout=PATIENCE)
            assert isinstance(asking.exception(), ConnectionError) or asking.exception() is None


async def test_an_event_stream_that_nobody_reads_is_cut_off_and_its_place_is_free() -> None:
    async with running(limits=Limits(unread_seconds=0.05, streams=1)) as server:
        await fill(server)
        async with deaf(server, request("GET", "/api/events?after=0")):
            await until_cut(server)
        assert len(server.gateway.services.streams) == 0


async def test_who_reads_slowly_gets_everything() -> None:
    """A few kilobytes at a time: it takes several times the limit, and there is never a pause."""
    async with running(limits=Limits(unread_seconds=0.02)) as server:
        await fill(server, 20)
        loop = asyncio.get_running_loop()
        begin = loop.time()
        async with deaf(
            server, request("GET", "/api/captures?limit=1000", headers={"Connection": "close"})
        ) as client:
            got = 0
            async with asyncio.timeout(5 * PATIENCE):
                while part := await loop.sock_recv(client, 4096):
                    got += len(part)
        assert got > 10_000_000
        assert loop.time() - begin > 0.06
        assert cuts(server, "unread") == 0
