"""Is the gateway ready? Asked again each time, by doing what a send will do."""

from __future__ import annotations

import asyncio

from gateway.core.errors import GatewayError
from gateway.core.model import new_id
from gateway.storage.ports import Store
from gateway.web.routing.services import Services
from gateway.web.server.defects import log_defect

KEY = "ready"
SECONDS = 2.0
_OK = "ok"


async def checks(services: Services, seconds: float = SECONDS) -> dict[str, str]:
    """By name, ``ok`` or what is wrong. ``seconds`` is what the store gets."""
    return {
        "listening": _OK if services.about.listening else "the gateway does not listen yet",
        "running": "the gateway is stopping" if services.stopping.is_set() else _OK,
        "store": await _store(services.store, seconds),
    }


def failed(found: dict[str, str]) -> list[str]:
    return [name for name, state in found.items() if state != _OK]


async def _store(store: Store, seconds: float) -> str:
    """Does it take a write and give it back?"""
    try:
        async with asyncio.timeout(seconds):
            # Under a key of its own: somebody else may ask at the same time.
            key, value = f"{KEY}/{new_id('check')}", {"ready": True}
            await store.records.put(key, value)
            found = await store.records.get(key)
            await store.records.delete(key)
    except TimeoutError:
        return f"the store did not answer within {seconds:g} s"
    except GatewayError as error:
        return error.message
    except Exception as error:  # noqa: BLE001  # whatever a store raises, it is not ready
        log_defect("the store, asked whether it is ready,", error)
        return "the store failed"
    return _OK if found is not None and found.value == value else "the store did not give back what it was given"
