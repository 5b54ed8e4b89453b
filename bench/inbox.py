"""The inbox with much in it: waiting for a code, lists that match nothing, a whole sign-in."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from itertools import count

from bench import load, processes, requests
from bench.processes import SQLITE, Server
from bench.turns import Row, by_turns, microseconds, ratio

_ROOM = "retention: {count: 400000}\n"
_MUCH = 100_000
_LISTS = (
    "/api/captures?provider=aws-ses",
    "/api/captures?limit=1000",
    "/api/exchanges?accepted=false",
    "/api/exchanges?limit=1000",
)


def waits(rounds: int, number: int) -> list[Row]:
    """Server CPU of a wait for a message that is there, with few and with many kept."""
    rows = []
    for where, config in (("memory", ""), ("SQLite", SQLITE)):
        with processes.gateway(_ROOM + config) as few, processes.gateway(_ROOM + config) as many:
            for server, kept in ((few, 100), (many, _MUCH)):
                asyncio.run(load.fill(server, 100, first=13700000000))
                asyncio.run(load.fill(server, kept - 100, first=15800000000))

            def cost(server: Server) -> float:
                body = {"to": "+8613700000042", "timeout": 0}
                return load.cpu(server, [requests.post(server, "/api/captures/wait", body)] * number)

            less, more = by_turns(rounds, partial(cost, few), partial(cost, many))
            what = f"wait with {_MUCH:,} kept in {where} ({microseconds(more)}) to 100 kept"
            rows.append(Row(what, f"{ratio(more, less):.2f}", "about 1"))
            rows.append(Row(f"resident memory with {_MUCH:,} captures in {where}", f"{many.megabytes():.0f} MB"))
    return rows


def pauses(rounds: int) -> list[Row]:
    """The longest time that the event loop takes no other request, while a list is read with 10,000 kept."""
    rows = []
    for where, config in (("memory", ""), ("SQLite", SQLITE)):
        with processes.gateway(config) as server:
            asyncio.run(load.run(server, [requests.sms(server, seed) for seed in range(10_000)]))
            for path in _LISTS:
                longest = max(asyncio.run(_longest_pause(server, path)) for _ in range(rounds))
                what = f"longest pause during GET {path}, 10,000 kept in {where}"
                rows.append(Row(what, f"{longest * 1000:.0f} ms", "at most 10 ms"))
    return rows


async def _longest_pause(server: Server, path: str) -> float:
    """Ask for the list, and for the liveness probe all the while; return the slowest probe in seconds."""
    slowest = 0.0
    async with load.answers(server) as listing, load.answers(server) as probe:
        await probe(requests.get(server, "/healthz"))
        reading = asyncio.ensure_future(listing(requests.get(server, path)))
        while not reading.done():
            started = time.perf_counter()
            await probe(requests.get(server, "/healthz"))
            slowest = max(slowest, time.perf_counter() - started)
        head, _ = await reading
        assert head.startswith(b"HTTP/1.1 200"), head
    return slowest


def sign_ins(rounds: int, number: int) -> list[Row]:
    """Server CPU of a code that is requested, read and verified, the official SDK included."""
    rows = []
    fresh = count()
    for where, config in (("memory", ""), ("SQLite", SQLITE)):
        with processes.gateway(config) as server:

            async def flows(server: Server = server) -> None:
                shares = [range(number // 4)] * 4
                await asyncio.gather(*(_sign_ins(server, [f"8613{next(fresh):09}" for _ in s]) for s in shares))

            def cost(server: Server = server) -> float:
                before = server.cpu()
                asyncio.run(flows())
                return (server.cpu() - before) / (number // 4 * 4)

            (column,) = by_turns(rounds, cost)
        rows.append(Row(f"request, read and verify a code, {where}: server CPU", microseconds(column)))
    return rows


async def _sign_ins(server: Server, recipients: list[str]) -> None:
    async with load.connection(server) as ask:
        for to in recipients:
            await ask(requests.post(server, "/api/verifications", {"to": to, "type": "SignIn"}))
            code = await ask(requests.post(server, f"/api/codes/{to}?timeout=1"))
            body = {"to": to, "type": "SignIn", "code": code.decode()}
            await ask(requests.post(server, "/api/verifications/check", body))
