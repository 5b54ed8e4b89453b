"""The asynchronous client: it has every call, waits do not block the loop, and a cancelled wait takes nothing."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from connector_gateway import AsyncGateway, Client, CodeTimeout, Fault, Gateway, Pin
from connector_gateway.aio import AsyncClient, AsyncClock, AsyncFault, AsyncPin
from connector_gateway.clock import Clock

PAIRS = [
    (Gateway, AsyncGateway),
    (Clock, AsyncClock),
    (Fault, AsyncFault),
    (Pin, AsyncPin),
    (Client, AsyncClient),
]


@pytest.mark.parametrize(("sync", "other"), PAIRS, ids=lambda kind: kind.__name__)
def test_the_asynchronous_class_has_every_call_with_the_same_arguments(sync: type, other: type) -> None:
    calls = {name: call for name, call in vars(sync).items() if inspect.isfunction(call) and name[0] != "_"}
    calls.pop("cancellable", None)  # is what the asynchronous class is built with
    assert calls
    for name, call in calls.items():
        twin = getattr(other, name)
        assert inspect.iscoroutinefunction(twin), name
        assert inspect.signature(twin) == inspect.signature(call), name
    values = {name for name, value in vars(sync).items() if isinstance(value, property)}
    assert {name for name in values if not hasattr(other, name)} == set()


async def test_a_code_that_is_sent_meanwhile_is_read(agateway: AsyncGateway) -> None:
    phone = await agateway.phone()
    waiting = asyncio.create_task(agateway.code(phone))
    await agateway.send(phone, code="246810")
    assert await waiting == "246810"


async def test_it_shares_reading_positions_with_the_fixture_gateway(
    agateway: AsyncGateway, gateway: Gateway
) -> None:
    phone = await agateway.phone()
    await agateway.send(phone, code="246810")
    assert (await agateway.message(phone)).code == "246810"
    with pytest.raises(
        CodeTimeout, match=r"message\(\) at test_async.py:\d+ has returned the newest message already"
    ):
        await agateway.code(phone, timeout=0)
    assert gateway.recipients == [phone]


async def test_a_hundred_waits_leave_room_for_an_app_that_works_in_threads(agateway: AsyncGateway) -> None:
    phones = [await agateway.phone() for _ in range(100)]
    waits = [asyncio.create_task(agateway.code(phone)) for phone in phones]
    for at, phone in enumerate(phones):
        await asyncio.to_thread(agateway._sync.send, phone, code=f"{at:06}")
    assert await asyncio.gather(*waits) == [f"{at:06}" for at in range(100)]


async def test_a_cancelled_wait_takes_nothing(agateway: AsyncGateway) -> None:
    phone = await agateway.phone()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(agateway.code(phone, timeout=30), timeout=0.2)
    await agateway.send(phone, code="246810")
    assert await agateway.code(phone) == "246810"


@pytest.mark.parametrize("call", ["code", "message", "link", "assert_none"])
async def test_a_blocking_wait_in_a_task_names_the_call_to_await(gateway: Gateway, call: str) -> None:
    with pytest.raises(RuntimeError, match=rf"await agateway\.{call}\(\.\.\.\)"):
        getattr(gateway, call)("+8613800138000")
    with pytest.raises(RuntimeError, match=r"await agateway\.oauth_requests"):
        gateway.oauth_requests(timeout=1)


async def test_a_call_that_does_not_wait_works_in_a_task(gateway: Gateway) -> None:
    phone = gateway.phone()
    gateway.send(phone, code="246810")
    assert [one.code for one in gateway.captures(phone)] == ["246810"]


async def test_faults_pins_clients_and_the_clock_are_awaited_too(agateway: AsyncGateway) -> None:
    phone = await agateway.phone()
    async with await agateway.fault(to=phone, error="isv.BUSINESS_LIMIT_CONTROL", count=1) as fault:
        assert (await fault.hits(), await fault.seen()) == (0, 0)
        assert fault.id in {one.id for one in await agateway.faults()}
    assert fault.id not in {one.id for one in await agateway.faults()}
    async with await agateway.pin(phone, "135790") as pin:
        await agateway.request_code(phone)
        assert (pin.to, pin.code, pin.until) == (phone, "135790", None)
    assert await agateway.verify(phone, await agateway.code(phone))
    client = await agateway.client()
    assert client.secret != await client.rotate()
    before = await agateway.clock.now()
    assert (await agateway.clock.advance(minutes=5) - before).total_seconds() >= 300


async def test_it_works_on_its_own_and_undoes_what_it_did(gateway: Gateway) -> None:
    async with AsyncGateway(gateway.url) as mine:
        fault = await mine.fault(to=await mine.email(), hang=True)
        assert repr(mine) == f"<AsyncGateway {gateway.url}>"
    assert fault.id not in {one.id for one in gateway.faults()}


async def test_an_error_has_no_chain(nobody: str) -> None:
    with pytest.raises(ConnectionError) as caught:
        await AsyncGateway(nobody).health()
    seen: Any = caught.value
    assert (seen.__cause__, seen.__suppress_context__) == (None, True)
