"""Asyncio's own threads, counted: what takes long must not hold the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


class Counted(ThreadPoolExecutor):
    """``jobs``: how many calls were made in threads."""

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
