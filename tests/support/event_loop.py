"""Let other tasks of the event loop run until nothing that is ready is left."""

from __future__ import annotations

import asyncio

_ROUNDS = 50


async def settle() -> None:
    """No time passes: each round only lets what is ready run on, and what that makes ready in turn."""
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
