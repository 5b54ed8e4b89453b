"""What keeps live connectors from writing to strangers."""

from __future__ import annotations

import pytest

from gateway.core.clock import MovableClock
from gateway.core.errors import DailyCap, NotOnAllowList
from gateway.core.recipients import recipient
from gateway.delivery.allow_list import LiveGate
from gateway.storage.memory import MemoryStore


class Day(MovableClock):
    """Real time, set by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.wall = 1_795_219_200.0  # 2026-11-21 00:00 UTC

    def real(self) -> float:
        return self.wall


def gate(*allow: str, cap: int = 50) -> LiveGate:
    return LiveGate(allow, cap, MemoryStore().records, Day())


@pytest.mark.parametrize(
    ("allow", "to"),
    [
        ("+8613800138000", "8613800138000"),
        ("13800138000", "+86 138 0013 8000"),
        ("+86138*", "13800138000"),
        ("+86 138*", "13800138000"),
        ("Ada@Example.com", "ada@example.com"),
        ("*@example.com", "ada@EXAMPLE.com"),
        ("*@Bücher.example", "ada@xn--bcher-kva.example"),
        ("*", "13800138000"),
        ("*", "ada@example.com"),
    ],
)
async def test_who_is_on_the_list_is_written_to(allow: str, to: str) -> None:
    await gate(allow).admit(recipient(to))


@pytest.mark.parametrize(
    ("allow", "to"),
    [
        ((), "13800138000"),
        (("+8613800138001",), "13800138000"),
        (("+86139*",), "13800138000"),
        (("*@example.com",), "ada@example.com.evil.org"),
        (("*@example.com",), "ada@notexample.com"),
        (("ada@example.com",), "bob@example.com"),
        # Chinese to Aliyun, American to its author: both must be allowed.
        (("+8613055550123",), "13055550123"),
        (("13055550123",), "13055550123"),
        (("",), "13800138000"),
        (("ada*",), "13800138000"),
        (("a1*",), "+13055550123"),
        (("+*",), "13800138000"),
    ],
)
async def test_who_is_not_on_it_gets_nothing(allow: tuple[str, ...], to: str) -> None:
    with pytest.raises(NotOnAllowList) as refused:
        await gate(*allow).admit(recipient(to))
    assert to not in str(refused.value.data) + refused.value.message


async def test_the_cap_is_of_a_day_in_utc_and_refusals_do_not_count() -> None:
    clock, records = Day(), MemoryStore().records
    asked = LiveGate(["13800138000"], 2, records, clock)
    with pytest.raises(NotOnAllowList):
        await asked.admit(recipient("13900139000"))
    for _ in range(2):
        await asked.admit(recipient("13800138000"))
    clock.wall += 86_399
    with pytest.raises(DailyCap):
        await asked.admit(recipient("13800138000"))
    clock.wall += 1
    await asked.admit(recipient("13800138000"))
    assert await records.scan("") == [("live/2026-11-22", ({"sends": 1}, 3))]


async def test_a_cap_of_none_means_nobody() -> None:
    with pytest.raises(DailyCap):
        await gate("*", cap=0).admit(recipient("13800138000"))
