"""A verified SendSms and a verified SendEmail of SES: against a bare handler, moto, SQLite and another checkout."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from itertools import count, islice
from pathlib import Path

from bench import load, processes, requests, social
from bench.processes import SQLITE, Server
from bench.turns import Row, above, by_turns, microseconds, ratio

STREAMS = 100

Make = Callable[[Server, int], bytes]


def verified(rounds: int, number: int, other: Path | None) -> list[Row]:
    """Server CPU of one request, in memory; the servers share one processor and the client has another."""
    return [
        *_verified("SendSms", "sms", requests.sms, rounds, number, other),
        *_verified("SES SendEmail (v2)", "ses", requests.mail, rounds, number, other),
    ]


def _verified(what: str, bare: str, make: Make, rounds: int, number: int, other: Path | None) -> list[Row]:
    with ExitStack() as stack:
        servers = {"ours": stack.enter_context(processes.gateway())}
        servers["bare"] = stack.enter_context(processes.reference(bare))
        if bare == "ses":
            servers["moto"] = stack.enter_context(processes.reference("moto"))
        if other is not None:
            servers["other"] = stack.enter_context(processes.gateway(checkout=other))
        stack.enter_context(processes.apart(*servers.values()))
        cost = sends(make, number)
        columns = by_turns(rounds, *(partial(cost, server) for server in servers.values()))
    costs = dict(zip(servers, columns, strict=True))
    ours, plain = costs["ours"], costs["bare"]
    rows = [
        Row(f"{what}, signature verified: server CPU", microseconds(ours)),
        Row(
            f"{what}: above a bare aiohttp handler ({microseconds(plain)})",
            f"{above(ours, plain) * 1e6:.0f} µs",
            "at most 200 µs",
        ),
    ]
    if "moto" in costs:
        moto = costs["moto"]
        rows.append(
            Row(
                f"{what}: moto, which verifies nothing ({microseconds(moto)}), to ours",
                f"{ratio(moto, ours):.1f}",
                "at least 7",
            )
        )
    if "other" in costs:
        theirs = costs["other"]
        rows.append(
            Row(f"{what}: ours to the other checkout ({microseconds(theirs)})", f"{ratio(ours, theirs):.2f}")
        )
    return rows


def on_sqlite(rounds: int, number: int) -> list[Row]:
    """Server CPU on SQLite, which ``gateway serve`` uses by default, against memory."""
    with processes.gateway() as memory, processes.gateway(SQLITE) as sqlite:
        works: list[tuple[str, Callable[[Server], float]]] = [
            ("SendSms", sends(requests.sms, number)),
            ("SES SendEmail (v2)", sends(requests.mail, number)),
            ("OAuth flow ES256", lambda server: social.cost(social.ours(server), number // 5)),
        ]
        rows = []
        for what, cost in works:
            there, here = by_turns(rounds, partial(cost, sqlite), partial(cost, memory))
            rows.append(Row(f"{what}: SQLite to memory", f"{ratio(there, here):.2f}", "at most 1.5"))
    return rows


def with_streams(rounds: int, number: int) -> list[Row]:
    """Server CPU of a SendSms while many event streams are open."""

    async def some(server: Server, messages: list[bytes]) -> None:
        async with _streams(server, STREAMS):
            await load.run(server, messages, connections=1)

    with processes.gateway() as server:
        fresh = count()

        def cost() -> float:
            messages = [requests.sms(server, seed) for seed in islice(fresh, number)]
            before = server.cpu()
            asyncio.run(some(server, messages))
            return (server.cpu() - before) / number

        (column,) = by_turns(rounds, cost)
    return [Row(f"SendSms with {STREAMS} event streams open: server CPU", microseconds(column), "under 2,000 µs")]


def sends(make: Make, number: int) -> Callable[[Server], float]:
    """Return a function that sends this many new requests and returns the CPU seconds of one."""
    fresh = count()

    def cost(server: Server) -> float:
        return load.cpu(server, [make(server, seed) for seed in islice(fresh, number)])

    return cost


@asynccontextmanager
async def _streams(server: Server, number: int) -> AsyncIterator[None]:
    """Open event streams and read them until the end of the block."""

    async def drain(reader: asyncio.StreamReader) -> None:
        while await reader.read(1 << 20):
            pass

    connections = [await asyncio.open_connection(server.host, server.port) for _ in range(number)]
    for reader, writer in connections:
        writer.write(requests.get(server, "/api/events"))
        await reader.readuntil(b"\r\n\r\n")
    readers = [asyncio.create_task(drain(reader)) for reader, _ in connections]
    try:
        yield
    finally:
        for _, writer in connections:
            writer.close()
        await asyncio.gather(*readers, return_exceptions=True)
