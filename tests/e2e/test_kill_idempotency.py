"""``kill -9`` between accepting a send and sending it: the key says so, and nothing goes out a second time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.test_kill import GONE, listed
from tests.support.gateway_processes import starter
from tests.support.raw_http import Answer, RawConnection, connect

ROUNDS = 8
CONNECTIONS = 4
SEND = "/api/connectors/sms/send"


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[RawConnection]:
    client = await connect(port)
    try:
        yield client
    finally:
        client.writer.close()


def body(number: int) -> dict[str, object]:
    return {"to": str(13_000_000_000 + number), "type": "SignIn", "payload": {"code": f"{number:06d}"}}


async def send(client: RawConnection, number: int) -> Answer:
    return await client.ask("POST", SEND, body(number), {"Idempotency-Key": f"key-{number}"})


@pytest.mark.slow
async def test_a_key_whose_send_was_killed_says_so_and_sends_nothing(tmp_path: Path) -> None:
    store = ("--store", f"sqlite:{tmp_path}/gateway.db")
    with starter() as starts:
        port, pid = starts.start(*store)
        async with connected(port) as client, connected(port) as sender:
            # The provider takes the message, and its answer never comes.
            assert (await client.ask("POST", "/api/faults", {"hang": True, "stage": "after"})).status == 201
            sending = asyncio.ensure_future(send(sender, 1))
            wait = {"to": "13000000001", "timeout": 20}
            assert (await client.ask("POST", "/api/captures/wait", wait)).json()["capture"] is not None
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(GONE):
                await sending
        port, pid = starts.start(*store)
        async with connected(port) as client:
            answer = await send(client, 1)
            assert (answer.status, answer.code) == (409, "idempotency.interrupted")
            assert answer.json()["data"] == {"field": "Idempotency-Key", "maybeSent": True}
            other = await client.ask("POST", SEND, body(2), {"Idempotency-Key": "key-1"})
            assert (other.status, other.code) == (422, "idempotency.key_reused")
            assert len(await listed(port, "captures", 0)) == 1
            (message,) = await listed(port, "messages", 0)
            assert message["timeline"][-1]["error"]["reason"] == "interrupted"
            assert (await send(client, 2)).status == 200
        os.kill(pid, signal.SIGKILL)


@dataclass
class Load:
    """``answers`` by number: what was answered before the kill, None where nothing was."""

    answers: dict[int, bytes | None] = field(default_factory=dict)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, port: int) -> None:
        with contextlib.suppress(*GONE):
            async with connected(port) as client:
                while True:
                    number = len(self.answers)
                    self.answers[number] = None
                    self.answers[number] = (await send(client, number)).body
                    self.answered.set()


@pytest.mark.slow
@pytest.mark.timeout(150)
async def test_no_key_ever_sends_twice_whenever_it_is_killed(tmp_path: Path) -> None:
    store = ("--store", f"sqlite:{tmp_path}/gateway.db")
    seed = random.randrange(10**6)  # noqa: S311  # when to kill is no secret
    print(f"seed {seed}")
    chance = random.Random(seed)  # noqa: S311  # as above
    load = Load()
    cut = 0
    with starter() as starts:
        for _ in range(ROUNDS):
            begin = len(load.answers)
            load.answered.clear()
            port, pid = starts.start(*store)
            working = [asyncio.ensure_future(load.run(port)) for _ in range(CONNECTIONS)]
            async with asyncio.timeout(20):
                # The first send imports the SDK; one has to be answered, so that the others are in the middle.
                await load.answered.wait()
                # The moment itself is what is tested.
                await asyncio.sleep(chance.uniform(0, 0.1))
            os.kill(pid, signal.SIGKILL)
            await asyncio.gather(*working)
            port, pid = starts.start(*store)
            async with connected(port) as client:
                for number in range(begin, len(load.answers)):
                    before, again = load.answers[number], await send(client, number)
                    if before is not None:
                        assert again.body == before
                        assert again.header("Idempotency-Replayed") == "true"
                    elif again.status == 409:
                        assert again.code == "idempotency.interrupted"
                        cut += 1
                    else:
                        assert again.status == 200
            os.kill(pid, signal.SIGKILL)
        port, pid = starts.start(*store)
        captures = await listed(port, "captures", 0)
        os.kill(pid, signal.SIGTERM)
    numbers = [capture["to"] for capture in captures]
    assert len(set(numbers)) == len(numbers) > ROUNDS
    assert cut > 0
