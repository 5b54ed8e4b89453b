"""Codes are read in a thread where that takes long, and once for each text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from gateway.core.model import Content
from gateway.inbox.codes import LONG, CodeReader, with_code
from tests.support.samples import capture

T = TypeVar("T")

SHORT_TEXT = "Your verification code is 482913."
LONG_TEXT = SHORT_TEXT + " Bye." * LONG


class Counted(ThreadPoolExecutor):
    """Asyncio's own threads, counted."""

    def __init__(self) -> None:
        super().__init__(1)
        self.jobs = 0

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        self.jobs += 1
        return super().submit(fn, *args, **kwargs)


@pytest.fixture
async def threads() -> Counted:
    counted = Counted()
    asyncio.get_running_loop().set_default_executor(counted)
    return counted


async def test_the_first_message_makes_ready_in_a_thread_and_no_other_does(threads: Counted) -> None:
    reader = CodeReader()
    made = capture(code=None, text=SHORT_TEXT)
    both = await asyncio.gather(reader.read([made]), reader.read([made]))
    assert threads.jobs == 1
    read = await reader.read([made])
    assert threads.jobs == 1
    kept = [{**made.document(), **one(made.content)} for one in (*both, read)]
    assert [with_code(one)["code"] for one in kept] == ["482913"] * 3


async def test_a_long_message_is_read_in_a_thread_once(threads: Counted) -> None:
    reader = CodeReader()
    await reader.read([capture(code=None, text=SHORT_TEXT)])
    before = threads.jobs
    read = await reader.read([capture(code=None, text=LONG_TEXT) for _ in range(3)])
    assert threads.jobs == before + 1
    assert read(Content(LONG_TEXT)) is read(Content(LONG_TEXT))
    assert read(Content(LONG_TEXT))["code"] == "482913"


async def test_nothing_is_made_for_codes_that_are_known(threads: Counted) -> None:
    await CodeReader().read([capture(code="482913", text=LONG_TEXT)])
    assert threads.jobs == 0


async def test_what_may_be_ours_is_read_only_when_it_is_asked_for(threads: Counted) -> None:
    reader = CodeReader()
    await reader.read([capture(code=None, text=SHORT_TEXT)])
    before = threads.jobs
    read = await reader.read([capture(code=None, text=LONG_TEXT, link="msg_1")])
    assert threads.jobs == before
    assert read(Content(LONG_TEXT))["code"] == "482913"
