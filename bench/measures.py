"""What is measured. Each function returns rows: name, value, budget."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from itertools import count, islice
from typing import Any, NamedTuple

from bench import load, processes
from bench.processes import Server
from gateway.core import data_files
from gateway.core.model import Channel, UsageType
from gateway.rendering import Renderer

ROOM_FOR_ALL = "retention: {count: 400000}\n"
SQLITE = "store: sqlite:gateway.db\n"


class Row(NamedTuple):
    what: str
    measured: str
    budget: str = ""


def fake(rounds: int, requests: int) -> list[Row]:
    """A verified SendSms against a bare aiohttp handler, in turns."""

    fresh = count()

    def once(server: Server) -> float:
        made = _sends(server, islice(fresh, requests))
        return _cpu(server, lambda: load.run(server, made)) / requests

    with processes.gateway() as ours, processes.bare() as bare, processes.apart(ours, bare):
        once(ours), once(bare)  # warm up
        pairs = [(once(ours), once(bare)) for _ in range(rounds)]
    ratio = statistics.median(mine / other for mine, other in pairs)
    mine, other = (statistics.median(column) * 1e6 for column in zip(*pairs, strict=True))
    return [
        Row("SendSms, signature verified: server CPU", f"{mine:.0f} µs"),
        Row("bare aiohttp handler, same request and answer: server CPU", f"{other:.0f} µs"),
        Row("ratio", f"{ratio:.2f}", "at most 2"),
    ]


def stores(rounds: int, requests: int) -> list[Row]:
    """The same sends in memory and on SQLite, in turns. There, each waits for two commits: the capture, then the
    exchange; who sends at once shares them."""
    fresh = count()

    def once(server: Server, connections: int) -> tuple[float, float]:
        made = _sends(server, islice(fresh, requests))
        started = time.perf_counter()
        cpu = _cpu(server, lambda: load.run(server, made, connections))
        return cpu / requests, (time.perf_counter() - started) / requests

    rows: list[Row] = []
    with processes.gateway() as memory, processes.gateway(SQLITE) as sqlite:
        once(memory, 4), once(sqlite, 4)  # warm up
        for connections in (1, 4, 16):
            pairs = [(once(memory, connections), once(sqlite, connections)) for _ in range(rounds)]
            cpu = statistics.median(ours[0] / theirs[0] for theirs, ours in pairs)
            wall = statistics.median(ours[1] for _, ours in pairs)
            other = statistics.median(theirs[1] for theirs, _ in pairs)
            what = f"SendSms on SQLite against memory, {connections} at once"
            rows.append(Row(f"{what}: server CPU, ratio", f"{cpu:.2f}"))
            rows.append(Row(f"{what}: sends a second", f"{1 / wall:.0f} against {1 / other:.0f}"))
    return rows


def send(rounds: int, requests: int) -> list[Row]:
    """A whole send through the connector: the event loop (API, delivery, fake) against the SDK's threads."""
    ours, sdk, wall = [], [], []
    with processes.gateway() as server:
        for at in range(rounds + 1):
            body = {"to": "8613800138000", "type": "SignIn", "payload": {"code": "246810"}}
            made = [load.json_request(server, "/api/connectors/sms/send", body)] * requests
            before = server.cpu_by_thread()
            started = time.perf_counter()
            asyncio.run(load.run(server, made))
            after = server.cpu_by_thread()
            if at:  # the first round imports the SDK
                wall.append((time.perf_counter() - started) / requests)
                ours.append((after[0] - before[0]) / requests)
                sdk.append((after[1] - before[1]) / requests)
    mine, other = statistics.median(ours), statistics.median(sdk)
    return [
        Row("whole send: CPU of the gateway and the fake together", f"{mine * 1e6:.0f} µs"),
        Row("whole send: CPU of the official SDK", f"{other * 1e6:.0f} µs"),
        Row("ratio", f"{mine / other:.2f}", "at most 1"),
        Row("whole sends a second (4 at once, all on this machine)", f"{1 / statistics.median(wall):.0f}"),
    ]


def wait(rounds: int, requests: int) -> list[Row]:
    """The newest capture of a recipient, with few and with many captures kept."""
    return [*_wait(rounds, requests, "", ""), *_wait(rounds, requests, " on SQLite", SQLITE)]


def _wait(rounds: int, requests: int, where: str, config: str) -> list[Row]:
    rows: list[Row] = []
    found: list[float] = []
    with processes.gateway(ROOM_FOR_ALL + config) as server:
        asyncio.run(fill(server, 100, first=13700000000))
        for kept in (100, 100_000):
            if kept > 100:
                asyncio.run(fill(server, kept - 100, first=15800000000))
            body = {"to": "+8613700000042", "timeout": 0}
            made = [load.json_request(server, "/api/captures/wait", body)] * requests
            work = partial(load.run, server, made)
            costs = [_cpu(server, work) / requests for _ in range(rounds + 1)]
            found.append(statistics.median(costs[1:]))
            rows.append(Row(f"wait, {kept:,} captures kept{where}: server CPU", f"{found[-1] * 1e6:.0f} µs"))
        rows.append(Row("ratio", f"{found[1] / found[0]:.2f}", "about 1"))
        rows.append(Row(f"memory with 100,000 captures{where}", f"{server.megabytes():.0f} MB"))
    return rows


def rendering(rounds: int, requests: int) -> list[Row]:
    """One SMS from a template: compiled before, and compiled for it."""

    def cost(renderer: Callable[[], Renderer], times: int) -> float:
        started = time.process_time()
        for at in range(times):
            payload = {"code": f"{at:06d}", "locale": "zh-CN"}
            renderer().render(UsageType.SIGN_IN, Channel.SMS, payload)
        return (time.process_time() - started) / times

    folders = [data_files.folder("templates")]
    kept = Renderer(folders)
    cost(lambda: kept, 1)
    cached = statistics.median(cost(lambda: kept, requests) for _ in range(rounds))
    fresh = statistics.median(cost(lambda: Renderer(folders), 20) for _ in range(rounds))
    return [
        Row("one SMS rendered, its template kept compiled", f"{cached * 1e6:.0f} µs (else {fresh * 1e6:.0f} µs)")
    ]


def start(rounds: int) -> list[Row]:
    """The command line's start, and an idle server."""
    helps = []
    for _ in range(rounds):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "gateway", "--help"], stdout=subprocess.DEVNULL, check=True)
        helps.append(time.perf_counter() - started)
    readies, memory = [], 0.0
    for _ in range(rounds):
        started = time.perf_counter()
        with processes.gateway() as server:
            readies.append(time.perf_counter() - started)
            memory = server.megabytes()
    return [
        Row("gateway --help", f"{statistics.median(helps):.2f} s", "under 0.3 s"),
        Row("gateway serve, ready", f"{statistics.median(readies):.2f} s", "under 1 s"),
        Row("idle memory", f"{memory:.0f} MB", "under 90 MB"),
    ]


def _sends(server: Server, seeds: Iterable[int]) -> list[bytes]:
    """Another number and code for each seed: no cache may profit from having seen them. None is a magic one."""
    numbers = [13_000_000_000 + seed * 61_803_397 % 1_000_000_000 for seed in seeds]
    return [load.send_sms(server, str(number), f"{number * 499 % 10**6:06d}") for number in numbers]


async def fill(server: Server, count: int, first: int) -> None:
    """So many captures, a thousand recipients a request."""
    for at in range(0, count, 1000):
        numbers = ",".join(str(first + at + one) for one in range(min(1000, count - at)))
        await load.run(server, [load.send_sms(server, numbers)], connections=1)


def _cpu(server: Server, work: Callable[[], Coroutine[Any, Any, None]]) -> float:
    before = server.cpu()
    asyncio.run(work())
    return server.cpu() - before
