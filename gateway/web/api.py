"""Our own API: the table of routes, who may call them, and how errors are answered."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from aiohttp import web
from pydantic import BaseModel

from gateway.errors import (
    ConnectorError,
    GatewayError,
    LimitReached,
    NotAllowed,
    NotFound,
    RequestTimeout,
    Unauthorized,
    Unavailable,
)
from gateway.model import Pairs, Response
from gateway.web.answers import WireAnswer, error_answer
from gateway.web.calls import Answer, Call, Handler
from gateway.web.request_log import Note, note_of
from gateway.web.server import log_defect
from gateway.web.services import Services


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` has variable parts as ``{name}``. ``open``: anybody who reaches us may call it; ``own_access``: the
    handler checks the caller itself.

    The rest describes it (OpenAPI, docs/reference.md): ``tag`` is the resource, ``summary`` one line; ``query`` and
    ``body`` are what the handler reads; ``answers`` is what it gives by status, a model for JSON, a media type for
    anything else, None for no body; ``errors`` are those that it raises beside what every call can.
    """

    method: str
    path: str
    handler: Handler
    open: bool = False
    own_access: bool = False
    tag: str = ""
    summary: str = ""
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    answers: Mapping[int, type[BaseModel] | str | None] = field(default_factory=dict)
    errors: tuple[type[GatewayError], ...] = ()


class Api:
    """Finds the route and runs it."""

    def __init__(self, services: Services, routes: Sequence[Route]) -> None:
        self._services = services
        self._routes = [(re.compile(_pattern(route.path)), route) for route in routes]
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def drained(self, seconds: float) -> None:
        """Until no call is running, at most so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    async def handle(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        self._running += 1
        self._idle.clear()
        try:
            return await self._answer(request, path)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def _answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        note = note_of(request)
        try:
            answer = await self._run(request, path, note)
        except GatewayError as error:
            answer = error_answer(error.status, error.reason_code, error.message, error.data, _more(error))
        except Exception as error:  # noqa: BLE001  # the last stop before the client
            log_defect(f"{request.method} {note.route}", error, note.id)
            answer = error_answer(500, "gateway.internal", "the gateway failed: this is a defect, please report it")
        return WireAnswer(answer, note=note) if isinstance(answer, Response) else answer

    async def _run(self, request: web.BaseRequest, path: str, note: Note) -> Answer:
        route, params = self._find(request.method, path)
        note.route = route.path
        guard = self._services.guard
        if self._services.stopping.is_set() and not route.open:
            raise Unavailable("the gateway is stopping")
        if not route.open:
            guard.check_names(request)
            if not route.own_access:
                guard.check_token(request)
        return await route.handler(Call(request, self._services, params, note))

    def _find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        allowed: list[str] = []
        for pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if route.method == method or (route.method == "GET" and method == "HEAD"):
                try:
                    return route, {key: unquote(part, errors="strict") for key, part in match.groupdict().items()}
                except UnicodeDecodeError:
                    break
            allowed.append(route.method)
        if allowed:
            raise NotAllowed(f"that path takes {', '.join(allowed)}", data={"allow": allowed})
        raise NotFound(
            "no such path: neither a provider's host name, a mount below /fakes/, a provider's marks, "
            "nor a path of the API (docs/api.md)"
        )


def _more(error: GatewayError) -> Pairs:
    if isinstance(error, NotAllowed):
        return (("Allow", ", ".join(error.data["allow"])),)
    if isinstance(error, Unauthorized):
        return (("WWW-Authenticate", "Bearer"),)
    if isinstance(error, RequestTimeout):
        return (("Connection", "close"),)
    if isinstance(error, ConnectorError | LimitReached) and error.retry_after is not None:
        return (("Retry-After", str(max(1, round(error.retry_after)))),)
    return ()


def _pattern(path: str) -> str:
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
