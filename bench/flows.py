"""A whole sign-in: request a code, wait for it, verify it; with nothing and with much in the inbox."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from itertools import count, islice

from bench import load, processes
from bench.measures import ROOM_FOR_ALL, SQLITE, Row, fill
from bench.processes import Server

KEPT = 100_000
STEPS = ("request", "wait", "verify")
_AT_ONCE = 4


def flows(rounds: int, number: int) -> list[Row]:
    """Two servers of each store, in turns; one has 100,000 captures of others."""
    return [*_flows(rounds, number, "", ""), *_flows(rounds, number, " on SQLite", SQLITE)]


def _flows(rounds: int, number: int, where: str, config: str) -> list[Row]:
    fresh = (f"8613{at:09}" for at in count())
    with processes.gateway(ROOM_FOR_ALL + config) as empty, processes.gateway(ROOM_FOR_ALL + config) as full:
        asyncio.run(fill(full, KEPT, first=15800000000))
        both = (empty, full)
        for server in both:
            _at_once(server, fresh, number)  # the first send imports the SDK
        pairs = [[_at_once(server, fresh, number) for server in both] for _ in range(rounds)]
        shares = [[_shares(server, fresh, max(number // _AT_ONCE, 10)) for server in both] for _ in range(rounds)]
    rows: list[Row] = []
    for at, kept in enumerate((0, KEPT)):
        cpu, wall = (statistics.median(column) for column in zip(*(pair[at] for pair in pairs), strict=True))
        share = [statistics.median(column) for column in zip(*(pair[at] for pair in shares), strict=True)]
        what = f"request, wait, verify, {kept:,} captures kept{where}"
        told = ", ".join(f"{step} {part:.0%}" for step, part in zip(STEPS, share, strict=True))
        rows.append(Row(f"{what}: flows a second ({_AT_ONCE} at once)", f"{1 / wall:.0f}"))
        rows.append(Row(f"{what}: server CPU of a flow, SDK and fake included", f"{cpu * 1e6:.0f} µs"))
        rows.append(Row(f"{what}: share of the time, one at once", told))
    cpu = statistics.median(much[0] / little[0] for little, much in pairs)
    return [*rows, Row(f"ratio of the CPU{where}", f"{cpu:.2f}", "about 1")]


def _at_once(server: Server, fresh: Iterator[str], number: int) -> tuple[float, float]:
    """Server CPU and wall of one flow, in seconds. Each connection does its flows one after the other."""

    async def work() -> None:
        shares = [list(islice(fresh, number // _AT_ONCE)) for _ in range(_AT_ONCE)]
        await asyncio.gather(*(_one_by_one(server, share) for share in shares))

    done = number // _AT_ONCE * _AT_ONCE
    before, started = server.cpu(), time.perf_counter()
    asyncio.run(work())
    wall = time.perf_counter() - started
    return (server.cpu() - before) / done, wall / done


def _shares(server: Server, fresh: Iterator[str], number: int) -> list[float]:
    """Which part of the time went into each step."""
    spent = asyncio.run(_one_by_one(server, list(islice(fresh, number))))
    return [one / sum(spent) for one in spent]


async def _one_by_one(server: Server, recipients: list[str]) -> list[float]:
    """Seconds of each step, of all flows together."""
    spent = [0.0] * len(STEPS)
    async with load.connection(server) as ask:
        for to in recipients:
            marks = [time.perf_counter()]
            await ask(load.json_request(server, "/api/verifications", {"to": to, "type": "SignIn"}))
            marks.append(time.perf_counter())
            code = await ask(load.empty_request(server, f"/api/codes/{to}?timeout=1"))
            marks.append(time.perf_counter())
            typed = {"to": to, "type": "SignIn", "code": code.decode()}
            await ask(load.json_request(server, "/api/verifications/check", typed))
            marks.append(time.perf_counter())
            for at in range(len(STEPS)):
                spent[at] += marks[at + 1] - marks[at]
    return spent
