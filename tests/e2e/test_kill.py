"""``kill -9`` at any moment: what was answered is there after the restart, in order, once, and nothing is half."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import independent_signer as signer
from tests.support.gateway_processes import starter
from tests.support.raw_http import RawConnection, connect

ROUNDS = 50
CONNECTIONS = 4
NUMBERS = 3  # of each send: its captures are there all or not at all
CONFIG = "retention: {count: 1000000}\n"

GONE = (OSError, asyncio.IncompleteReadError)


@dataclass
class Send:
    """``answered``: it came back with OK. ``taken``: then its first code was taken."""

    connection: int
    numbers: list[str]
    code: str
    answered: bool = False
    taken: bool = False


@dataclass
class Load:
    """All that was ever asked of the gateway, over all rounds."""

    sends: list[Send] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    answers: int = 0
    enough: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def until(self, answers: int) -> asyncio.Event:
        """Set when so many more have come."""
        self.enough = self.answers + answers
        self.reached = asyncio.Event()
        return self.reached

    async def send(self, port: int, connection: int) -> None:
        """Until the gateway dies: send, and take the first code on every other connection."""
        with contextlib.suppress(*GONE):
            client = await connect(port)
            try:
                while True:
                    await self._send(client, connection)
            finally:
                client.writer.close()

    async def _send(self, client: RawConnection, connection: int) -> None:
        first = 13_000_000_000 + len(self.sends) * NUMBERS
        send = Send(connection, [str(first + at) for at in range(NUMBERS)], f"{len(self.sends):06d}")
        self.sends.append(send)
        answer = await client.ask("POST", f"/?{signer.wire(signed(send).items())}")
        assert answer.json()["Code"] == "OK"
        send.answered = True
        self.answers += 1
        if self.answers > self.enough:
            self.reached.set()
        if connection % 2:
            answer = await client.ask("POST", f"/api/codes/{send.numbers[0]}?timeout=0")
            assert answer.body.decode() == send.code
            send.taken = True

    async def ask_for_numbers(self, port: int) -> None:
        with contextlib.suppress(*GONE):
            client = await connect(port)
            try:
                while True:
                    self.fresh.append((await client.ask("POST", "/api/recipients", {})).json()["to"])
            finally:
                client.writer.close()


def signed(send: Send) -> dict[str, str]:
    business = {
        "PhoneNumbers": ",".join(send.numbers),
        "SignName": "网关沙盒",
        "TemplateCode": "SMS_100000001",
        "TemplateParam": json.dumps({"code": send.code}),
        "Format": "JSON",
    }
    parameters = signer.rpc_parameters("sandbox-key-id", "SendSms", business)
    return {**parameters, "Signature": signer.rpc_signature("sandbox-key-secret", "POST", parameters)}


async def listed(port: int, what: str, after: int) -> list[dict[str, Any]]:
    """All of them since a cursor, oldest first."""
    found: list[dict[str, Any]] = []
    client = await connect(port)
    while page := (await client.ask("GET", f"/api/{what}?order=asc&limit=1000&after={after}")).json()[what]:
        found += page
        after = page[-1]["cursor"]
    await client.close()
    return found


def check(sends: list[Send], captures: list[dict[str, Any]], exchanges: list[dict[str, Any]]) -> None:
    """What these sends should have left, and nothing else."""
    by_code: dict[str, list[dict[str, Any]]] = {}
    for capture in captures:
        by_code.setdefault(capture["code"], []).append(capture)
    told = {tuple(exchange["captureIds"]): exchange for exchange in exchanges}
    assert len(told) == len(exchanges)
    newest = dict.fromkeys(range(CONNECTIONS), 0)
    for send in sends:
        own = by_code.pop(send.code, [])
        exchange = told.pop(tuple(capture["id"] for capture in own), None) if own else None
        if send.answered or own:
            assert [capture["to"] for capture in own] == send.numbers
            assert own[0]["cursor"] > newest[send.connection]
            assert [capture["cursor"] - own[0]["cursor"] for capture in own] == list(range(NUMBERS))
            newest[send.connection] = own[-1]["cursor"]
        if send.answered:
            assert exchange is not None
        if exchange is not None:
            assert exchange["accepted"]
            assert exchange["to"] == send.numbers
            assert exchange["cursor"] > newest[send.connection]
            newest[send.connection] = exchange["cursor"]
    assert not by_code
    assert not told


async def one_life(load: Load, port: int, pid: int, chance: random.Random) -> None:
    """Load, until it is killed at a random moment: after some answers, and then in the middle of whatever."""
    reached = load.until(chance.choice((0, chance.randrange(100))))
    working = [
        *(asyncio.ensure_future(load.send(port, connection)) for connection in range(CONNECTIONS)),
        asyncio.ensure_future(load.ask_for_numbers(port)),
    ]
    async with asyncio.timeout(20):
        await reached.wait()
        # The moment itself is what is tested.
        await asyncio.sleep(chance.uniform(0, 0.005))
    os.kill(pid, signal.SIGKILL)
    await asyncio.gather(*working)


@pytest.mark.slow
@pytest.mark.timeout(150)
async def test_what_was_answered_outlives_fifty_kills(tmp_path: Path) -> None:
    config, file = tmp_path / "gateway.yaml", tmp_path / "gateway.db"
    config.write_text(CONFIG, "utf-8")
    arguments = ("--config", str(config), "--store", f"sqlite:{file}")
    seed = random.randrange(10**6)  # noqa: S311  # when to kill is no secret
    print(f"seed {seed}")
    chance = random.Random(seed)  # noqa: S311  # as above
    load = Load()
    captures: list[dict[str, Any]] = []
    exchanges: list[dict[str, Any]] = []
    with starter() as starts:
        for _ in range(ROUNDS):
            begin, cursor = len(load.sends), max([0, *(one[-1]["cursor"] for one in (captures, exchanges) if one)])
            port, pid = starts.start(*arguments)
            await one_life(load, port, pid, chance)
            port, pid = starts.start(*arguments)
            new = [await listed(port, what, cursor) for what in ("captures", "exchanges")]
            check(load.sends[begin:], *new)
            captures += new[0]
            exchanges += new[1]
            await check_taken(port, load.sends[begin:])
            os.kill(pid, signal.SIGKILL)
        port, pid = starts.start(*arguments)
        assert await listed(port, "captures", 0) == captures
        assert await listed(port, "exchanges", 0) == exchanges
        os.kill(pid, signal.SIGTERM)
    assert len(set(load.fresh)) == len(load.fresh) > ROUNDS
    assert len({one["cursor"] for one in (*captures, *exchanges)}) == len(captures) + len(exchanges)
    check_file(file, len(captures) + len(exchanges))


async def check_taken(port: int, sends: list[Send]) -> None:
    """A code that was handed out is not handed out again; of those that were asked for last."""
    client = await connect(port)
    for send in [send for send in sends if send.taken][-3:]:
        assert (await client.ask("POST", f"/api/codes/{send.numbers[0]}?timeout=0")).status == 404
    await client.close()


def check_file(file: Path, entries: int) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        values = connection.execute("SELECT keys, value FROM entry").fetchall()
    assert len(values) == entries
    for keys, value in values:
        assert isinstance(json.loads(keys), list)
        assert isinstance(json.loads(value), dict)
