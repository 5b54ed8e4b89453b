"""Ready means: listening, going on, and a store that takes a write and gives it back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.core.errors import StoreFailed
from gateway.core.model import Document
from gateway.storage.ports import Record, Records
from gateway.web.api.status import run_checks
from tests.support.running_gateway import RunningGateway, running


class Broken:
    """Records that fail in one way; the rest is the store's own."""

    def __init__(self, inner: Records, how: str) -> None:
        self._inner = inner
        self._how = how

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        if self._how == "full":
            raise StoreFailed("the store cannot keep anything now: the disk is full")
        if self._how == "crashes":
            raise ValueError("13800138000")
        if self._how == "hangs":
            await asyncio.Event().wait()
        return await self._inner.put(key, {"ready": False} if self._how == "forgets" else value, if_version)

    async def get(self, key: str) -> Record | None:
        return await self._inner.get(key)


def breaking(server: RunningGateway, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    store = server.gateway.services.store
    monkeypatch.setattr(store, "records", Broken(store.records, how))


async def test_it_is_ready_and_leaves_nothing_in_the_store(server: RunningGateway) -> None:
    answer = await server.ask("GET", "/readyz")
    assert (answer.status, answer.json()) == (200, {"status": "ready"})
    assert await server.gateway.services.store.records.scan("ready") == []


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("full", "the store cannot keep anything now: the disk is full"),
        ("crashes", "the store failed"),
        ("forgets", "the store did not give back what it was given"),
    ],
)
async def test_a_store_that_fails_is_named(
    server: RunningGateway, monkeypatch: pytest.MonkeyPatch, how: str, said: str
) -> None:
    breaking(server, monkeypatch, how)
    answer = await server.ask("GET", "/readyz")
    assert (answer.status, answer.code) == (503, "gateway.unavailable")
    assert answer.json()["message"] == "not ready: store"
    assert answer.json()["data"] == {"checks": {"listening": "ok", "running": "ok", "store": said}}
    assert (await server.ask("GET", "/healthz")).json() == {"status": "ok"}


async def test_a_store_that_hangs_is_given_up(server: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(server, monkeypatch, "hangs")
    found = await run_checks(server.gateway.services, 0.01)
    assert found["store"] == "the store did not answer within 0.01 s"


async def test_a_gateway_that_stops_or_does_not_listen_yet_is_not_ready() -> None:
    async with running() as server:
        services = server.gateway.services
        services.stopping.set()
        answer = await server.ask("GET", "/readyz")
        assert (answer.status, answer.json()["message"]) == (503, "not ready: running")
        services.about.listening = False
        assert (await run_checks(services))["listening"] == "the gateway does not listen yet"
