"""Many at once, on every store: no try and no send more than the policy gives, and one code is right once."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from gateway.core.errors import Conflict, GatewayError, RecipientRefused
from gateway.core.recipients import recipient
from gateway.verification import Settings
from gateway.verification.rules import Policy, Window
from gateway.verification.rules.policy import By
from gateway.verification.states import Locks
from tests.support.tiers import rest_slow
from tests.verification.setup import PHONE, VerificationSetup, on, setup_on

STORES = pytest.mark.parametrize("store", ["memory", "sqlite"])
LOCKS = pytest.mark.parametrize("locks", rest_slow([False, True], 1), ids=["no_locks", "locks"])


class NoLocks(Locks):
    """Compare-and-swap alone must do."""

    @contextlib.asynccontextmanager
    async def holding(self, names: Sequence[str]) -> AsyncIterator[None]:  # type: ignore[override]  # any names
        yield


def unlocked(setup: VerificationSetup) -> None:
    setup.verification._states._locks = NoLocks()


async def outcomes(setup: VerificationSetup, codes: Sequence[str]) -> Counter[str]:
    async def one(code: str) -> str:
        try:
            await setup.check(code)
        except GatewayError as error:
            return error.code.partition(".")[2]
        return "verified"

    return Counter(await asyncio.gather(*(one(code) for code in codes)))


@STORES
@LOCKS
async def test_a_thousand_wrong_codes_at_once_get_as_many_tries_as_there_are(
    store: str, locks: bool, tmp_path: Path
) -> None:
    async with on(store, tmp_path) as setup:
        if not locks:
            unlocked(setup)
        await setup.request()
        found = await outcomes(setup, [f"x{count}" for count in range(1000)])
        assert found == {"code_mismatch": 10, "exceed_max_try": 990}


@STORES
async def test_of_a_thousand_right_codes_at_once_one_is_right(store: str, tmp_path: Path) -> None:
    async with on(store, tmp_path) as setup:
        unlocked(setup)
        await setup.request()
        assert await outcomes(setup, [setup.code] * 1000) == {"verified": 1, "not_found": 999}


@STORES
async def test_guessers_at_once_share_the_tries_of_their_recipient(store: str, tmp_path: Path) -> None:
    settings = Settings(Policy(tries_per_recipient=7, tries_per_code=5))
    async with on(store, tmp_path, settings) as setup:
        await setup.request()
        first = await outcomes(setup, ["x"] * 100)
        await setup.request()
        second = await outcomes(setup, ["x"] * 100)
        assert first == {"code_mismatch": 5, "exceed_max_try": 95}
        assert second == {"code_mismatch": 2, "verification_blocked_too_many_attempts": 98}


@STORES
@LOCKS
async def test_sends_at_once_keep_to_every_window(store: str, locks: bool, tmp_path: Path) -> None:
    windows = (Window(By.RECIPIENT, 3, 60), Window(By.ADDRESS, 5, 60), Window(By.ALL, 12, 60))
    async with on(store, tmp_path, Settings(Policy(windows=windows))) as setup:
        if not locks:
            unlocked(setup)

        async def one(count: int) -> str:
            try:
                await setup.request(f"1380013800{count % 8}", client=f"203.0.113.{count % 4}")
            except GatewayError as error:
                return str(error.data["limitedBy"])
            return "sent"

        found = Counter(await asyncio.gather(*(one(count) for count in range(200))))
        assert found["sent"] == len(setup.provider.sent) == 12
        by_recipient = Counter(message.recipient.to for message in setup.provider.sent)
        by_address = Counter(message.ip for message in setup.provider.sent)
        assert max(by_recipient.values()) <= 3
        assert max(by_address.values()) <= 5


@STORES
async def test_sends_that_fail_at_once_leave_all_the_room(store: str, tmp_path: Path) -> None:
    async with on(store, tmp_path) as setup:
        setup.provider.fails = [RecipientRefused("no") for _ in range(10)]
        found = await asyncio.gather(*(setup.request() for _ in range(10)), return_exceptions=True)
        assert all(isinstance(one, RecipientRefused) for one in found)
        for _ in range(10):
            await setup.request()


async def test_two_gateways_on_one_store_count_together() -> None:
    """Nothing that counts is only in a process's memory."""
    async with on("memory", Path()) as setup:
        other = setup_on(setup.store, setup.wall, Settings(), setup.provider)
        await setup.request()
        both = await asyncio.gather(outcomes(setup, ["x"] * 50), outcomes(other, ["x"] * 50))
        assert both[0] + both[1] == {"code_mismatch": 10, "exceed_max_try": 90}
        await other.request()
        await setup.check(setup.code)


async def test_the_key_is_made_once_however_many_need_it_first() -> None:
    async with on("memory", Path()) as setup:
        others = [setup_on(setup.store, setup.wall, Settings(), setup.provider) for _ in range(20)]
        await asyncio.gather(*(one.request(f"138001380{at:02}") for at, one in enumerate(others)))
        for message in setup.provider.sent:
            await setup.check(str(message.code), to=message.recipient.to)


async def test_locks_are_gone_when_nobody_wants_them() -> None:
    locks = Locks()
    order: list[str] = []

    async def one(name: str, *wanted: str) -> None:
        async with locks.holding(wanted):
            order.append(name)
            await asyncio.sleep(0)
            order.append(name)

    await asyncio.gather(one("a", "x", "y"), one("b", "y", "x"), one("c", "y"))
    # One after the other, in whatever order.
    assert order[::2] == order[1::2]
    assert sorted(order[::2]) == ["a", "b", "c"]
    assert len(locks) == 0
    async with locks.holding(["x"]):
        waiting = asyncio.ensure_future(one("d", "x"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        assert len(locks) == 1
    assert len(locks) == 0


async def test_what_is_in_use_is_not_pruned() -> None:
    async with on("memory", Path()) as setup:
        await setup.request()
        ((key, record),) = await setup.store.records.scan("verifications/to/")
        await setup.verification.forget_recipient(recipient(PHONE))
        with pytest.raises(Conflict):
            await setup.verification._states._drop(key, record.version)
