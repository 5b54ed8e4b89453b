"""Clients that leave, a gateway that stops, and very many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.core.model import Document, Request, Response, Verdict
from gateway.providers.ports import Context
from gateway.storage.memory import MemoryLog, MemoryRecords, MemoryStore
from gateway.storage.sqlite import SqliteLog
from tests.support import toy
from tests.support.event_loop import settle
from tests.support.raw_http import Answer, RawConnection, request
from tests.support.running_gateway import RunningGateway, running
from tests.support.tiers import rest_slow

TAKE = request("POST", "/api/codes/13800138000?timeout=30")
WAIT = request("POST", "/api/captures/wait", {"to": "13800138000", "timeout": 30, "consume": "gone"})


@pytest_asyncio.fixture(params=["memory", "sqlite"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningGateway]:
    """On both stores: the calls of one suspend, those of the other do not."""
    async with running(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path}/gateway.db") as server:
        yield server


# Very many at once: with the store whose calls suspend there is more to go wrong.
EITHER = pytest.mark.parametrize("server", rest_slow(["sqlite", "memory"], 1), indirect=True)


@pytest_asyncio.fixture
async def in_memory() -> AsyncIterator[RunningGateway]:
    async with running() as server:
        yield server


async def _marks(server: RunningGateway) -> int:
    return len(await server.gateway.services.store.records.scan("taken/"))


async def _waiting(server: RunningGateway, count: int) -> None:
    """Until so many waits are in the log's books: no sleep, only turns of the event loop."""
    log = server.store.log
    assert isinstance(log, MemoryLog | SqliteLog)
    async with asyncio.timeout(5):
        while sum(map(len, log._index.waiters.values())) != count:
            await settle()


async def test_a_client_that_leaves_a_wait_takes_nothing(server: RunningGateway) -> None:
    for data in (TAKE, WAIT):
        client = await server.open()
        await client.send(data)
        await _waiting(server, 1)
        await client.close()
        await _waiting(server, 0)
    await server.capture("13800138000", "111111")
    assert await _marks(server) == 0
    assert (await server.ask("POST", "/api/codes/13800138000?timeout=0")).body == b"111111"


class Leaving(MemoryRecords):
    """Its puts are written, and then something happens before who asked for them hears of it."""

    def __init__(self, then: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._then: Callable[[], Awaitable[None]] | None = then

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        version = await super().put(key, value, if_version)
        then, self._then = self._then, None
        if then is not None:
            await then()
        return version


async def test_a_client_that_leaves_while_its_code_is_being_taken_leaves_it_for_the_next(
    in_memory: RunningGateway,
) -> None:
    server = in_memory
    client = await server.open()
    store = server.store
    assert isinstance(store, MemoryStore)

    async def leave() -> None:
        await client.close()
        await server.ask("GET", "/healthz")
        await settle()

    store.records = Leaving(leave)
    await server.capture("13800138000", "111111")
    await client.send(TAKE)
    assert await client.rest() == b""
    assert (await server.ask("POST", "/api/codes/13800138000?timeout=5")).body == b"111111"


async def test_a_code_whose_taker_is_gone_before_the_answer_is_for_the_next(in_memory: RunningGateway) -> None:
    server = in_memory
    client = await server.open()
    store = server.store
    assert isinstance(store, MemoryStore)

    async def vanish() -> None:
        """The wait itself is not told: it was over in the same moment."""
        for connection in server.gateway._listener._server._open:
            connection.gone.set()

    store.records = Leaving(vanish)
    await server.capture("13800138000", "111111")
    await client.send(TAKE)
    await client.answer()
    assert (await server.ask("POST", "/api/codes/13800138000?timeout=0")).body == b"111111"


async def test_a_wait_gets_the_code_that_comes_meanwhile(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(TAKE)
    await _waiting(server, 1)
    await server.capture("13900139000", "999999")
    await server.capture("13800138000", "111111")
    assert (await client.answer()).body == b"111111"


async def test_two_waits_of_one_recipient_get_two_codes(server: RunningGateway) -> None:
    clients = [await server.open() for _ in range(2)]
    for client in clients:
        await client.send(TAKE)
    await _waiting(server, 2)
    await server.capture("13800138000", "111111")
    await _waiting(server, 1)
    await server.capture("13800138000", "222222")
    codes = {(await client.answer()).body for client in clients}
    assert codes == {b"111111", b"222222"}


async def test_stopping_ends_waits_with_a_503_and_lets_a_fake_finish() -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: Request, context: Context) -> Response:
        reached.set()
        await go_on.wait()
        return toy.answer(200, {"ok": "late"}, Verdict(True))

    script = toy.Script(do=slow)
    waits: list[RawConnection] = []
    inside: RawConnection | None = None

    async def watch() -> list[Answer]:
        """The waits end at once; only then the fake may."""
        found = [await client.answer() for client in waits]
        go_on.set()
        assert inside is not None
        return [*found, await inside.answer()]

    async with running(script=script) as server:
        waits = [await server.open() for _ in range(2)]
        for client, data in zip(waits, (TAKE, WAIT), strict=True):
            await client.send(data)
        await _waiting(server, 2)
        inside = await server.open()
        await inside.send(request("POST", "/fakes/toy/", {}))
        await reached.wait()
        idle = await server.open()
        watching = asyncio.ensure_future(watch())
        begin = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begin < 3
    answers = await watching
    assert [answer.status for answer in answers] == [503, 503, 200]
    assert answers[0].code == "gateway.unavailable"
    assert answers[2].json() == {"ok": "late"}
    assert await idle.rest() == b""


async def test_a_send_in_flight_still_reaches_its_fake_while_the_gateway_stops() -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: Request, context: Context) -> Response:
        reached.set()
        await go_on.wait()
        return toy.answer(200, {"ok": True}, Verdict(True))

    body = {"to": "13800138000", "type": "SignIn", "payload": {"code": "1"}}
    async with running(script=toy.Script(do=slow)) as server:
        client = await server.open()
        await client.send(request("POST", "/api/connectors/toy/send", body))
        await reached.wait()
        asyncio.get_running_loop().call_later(0.05, go_on.set)
    assert (await client.answer()).status == 200


async def test_stop_ends_a_gateway_that_serves() -> None:
    async with running() as server:
        server.gateway.stop()
        await asyncio.wait_for(server.gateway.stopped(), 5)


@pytest.mark.slow  # and e2e/test_concurrency.py has it in the fast tier
@EITHER
async def test_two_hundred_senders_and_waiters_each_get_their_own_code(server: RunningGateway) -> None:
    """Half of the waiters come before their code, half after. None gets another's, or waits for what is there."""
    tos = [(await server.ask("POST", "/api/recipients", {})).json()["to"] for _ in range(200)]
    codes = {to: f"{n:06d}" for n, to in enumerate(tos)}

    async def send(to: str) -> None:
        body = {"to": to, "type": "SignIn", "payload": {"code": codes[to]}}
        assert (await server.ask("POST", "/api/connectors/toy/send", body)).status == 200

    async def take(to: str, timeout: int) -> str:
        answer = await server.ask("POST", f"/api/codes/{to}?timeout={timeout}")
        return answer.body.decode()

    early, late = tos[:100], tos[100:]
    waits = [asyncio.ensure_future(take(to, 30)) for to in early]
    await _waiting(server, 100)
    await asyncio.gather(*(send(to) for to in tos))
    assert await asyncio.gather(*waits) == [codes[to] for to in early]
    assert await asyncio.gather(*(take(to, 0) for to in late)) == [codes[to] for to in late]
    again = await asyncio.gather(*(server.ask("POST", f"/api/codes/{to}?timeout=0") for to in tos))
    assert {answer.status for answer in again} == {404}


@pytest.mark.slow  # as above
@EITHER
async def test_two_hundred_takers_of_one_recipient_share_no_code(server: RunningGateway) -> None:
    waits = [
        asyncio.ensure_future(server.ask("POST", "/api/codes/13800138000?timeout=30&after=0")) for _ in range(100)
    ]
    await _waiting(server, 100)
    await asyncio.gather(*(server.capture("13800138000", f"{n:06d}") for n in range(100)))
    found = [(await wait).body.decode() for wait in waits]
    assert sorted(found) == [f"{n:06d}" for n in range(100)]
