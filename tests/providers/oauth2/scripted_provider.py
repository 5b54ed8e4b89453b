"""A provider that answers as a test says, over HTTP, and what its clients sent to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass
class Said:
    """One answer. ``body``: text as it is, anything else as JSON."""

    body: object
    status: int = 200
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass
class Scripted:
    """``answers`` by path; a list is one after the other, its last for ever."""

    url: str
    answers: dict[str, Said | list[Said]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def to(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        form: dict[str, Any] = dict(await request.post())
        self.asked.append(Asked(request.method, request.path, dict(request.headers), form))
        said = self.answers[request.path]
        if isinstance(said, list):
            said = said.pop(0) if len(said) > 1 else said[0]
        body = said.body if isinstance(said.body, str) else json.dumps(said.body)
        headers = {"Content-Type": said.kind, **said.headers}
        return web.Response(status=said.status, body=body.encode(), headers=headers)


@asynccontextmanager
async def scripted(**answers: Said | list[Said]) -> AsyncIterator[Scripted]:
    """``answers`` by the last part of their path."""
    provider = Scripted("", {f"/{name}": said for name, said in answers.items()})
    runner = web.ServerRunner(web.Server(provider.handle))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        provider.url = f"http://{host}:{port}"
        yield provider
    finally:
        await runner.cleanup()
