"""Our own API: the table of routes, who may call them, and how errors are answered."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from pydantic import BaseModel

from gateway.core.errors import GatewayError, InternalError, InvalidRequest, NotAllowed, NotFound, Unavailable
from gateway.core.model import Response
from gateway.web.routing.calls import Answer, Call, Handler
from gateway.web.routing.idempotency import KEY, NAME, REPLAYED, Outcome, canonical
from gateway.web.routing.services import Services
from gateway.web.server.answers import error_answer
from gateway.web.server.connection import WireAnswer
from gateway.web.server.log import RequestInfo, log_defect, request_info


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` has variable parts as ``{name}``. ``open``: anybody who reaches us may call it; ``own_access``:
    the route checks the caller itself, by ``admit`` (with Unauthorized among its ``errors`` it asks for the
    connector's own authorization, without it for nothing); ``any_origin``: pages of others may post to it.
    ``idempotent``: a call that bears an ``Idempotency-Key`` is run once for that key and body. Its answers are
    JSON; an error of it whose ``maybe_sent`` is false has done nothing, so the key is free again.

    The rest describes it, for the OpenAPI document and docs/reference.md (``web/openapi.py``); tests refuse a route
    that lacks it, and an answer that it does not cover. To add a call:

    * ``operation_id`` names the call for generated clients, the resource first (``capturesWait``).
    * ``tag`` is the resource, one of ``openapi.TAGS``; ``summary`` one line in plain words.
    * ``params``, ``query``, ``headers`` and ``body`` are models of what the handler reads: the variable parts of
      the path, the query, headers by their names (as aliases), the JSON. Where ``query`` is None, one is refused.
      ``example`` is a body that works; ``form``: it is a form instead.
    * ``answers`` is what it gives by status: an ``Output`` (or a RootModel of some) for JSON, a
      media type for anything else, None for no body. ``gives`` are headers of such an answer, with a description.
    * ``errors``: the error classes that the handler raises, beside those of every route (``openapi.errors_of``).
    * ``waits``: it may keep the connection open on purpose (``x-streams`` in the document).
    """

    method: str
    path: str
    handler: Handler
    operation_id: str = ""
    open: bool = False
    own_access: bool = False
    any_origin: bool = False
    admit: Callable[[Call], None] | None = None
    idempotent: bool = False
    tag: str = ""
    summary: str = ""
    params: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    headers: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    form: bool = False
    example: Mapping[str, Any] | None = None
    answers: Mapping[int, type[BaseModel] | str | None] = field(default_factory=dict)
    gives: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[type[GatewayError], ...] = ()
    waits: bool = False


class Api:
    """Finds the route and runs it."""

    def __init__(self, services: Services, routes: Sequence[Route]) -> None:
        self._services = services
        self._exact: dict[str, list[tuple[re.Pattern[str], Route]]] = {}
        self._variable: list[tuple[re.Pattern[str], Route]] = []
        for route in routes:
            # A path without variable parts is itself, whatever the method: /api/captures/wait is no capture's.
            into = self._variable if "{" in route.path else self._exact.setdefault(route.path, [])
            into.append((_pattern(route.path), route))
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
        info = request_info(request)
        try:
            answer = await self._run(request, path, info)
        except GatewayError as error:
            answer = error_answer(error)
        except Exception as error:  # noqa: BLE001  # the last stop before the client
            log_defect(f"{request.method} {info.route}", error, info.id)
            answer = error_answer(InternalError())
        return WireAnswer(answer, info=info) if isinstance(answer, Response) else answer

    async def _run(self, request: web.BaseRequest, path: str, info: RequestInfo) -> Answer:
        route, params = self._find(request.method, path)
        info.route = route.path
        guard = self._services.guard
        call = Call(request, self._services, params, info)
        if self._services.stopping.is_set() and not route.open:
            raise Unavailable("the gateway is stopping")
        if not route.open:
            guard.check_host(request) if route.any_origin else guard.check_names(request)
            if not route.own_access:
                guard.check_token(request)
            if route.query is None and (not route.own_access or route.form):
                call.no_query()
        if route.admit is not None:
            # Before an answer is given that is there already.
            route.admit(call)
        return await (_once(call, route.handler) if route.idempotent else route.handler(call))

    def _find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        allowed: list[str] = []
        for pattern, route in self._exact.get(path) or self._variable:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if route.method == method or (route.method == "GET" and method == "HEAD"):
                try:
                    return route, {key: unquote(part, errors="strict") for key, part in match.groupdict().items()}
                except UnicodeDecodeError:
                    raise NotFound("no such path: it is not well-formed UTF-8") from None
            allowed += ["GET", "HEAD"] if route.method == "GET" else [route.method]
        if allowed:
            raise NotAllowed(f"that path takes {', '.join(allowed)}", data={"allow": allowed})
        raise NotFound(
            "no such path: neither a provider's host name, a mount below /fakes/, a provider's marks, "
            "nor a path of the API (docs/api.md)"
        )


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))


async def _once(call: Call, handler: Callable[[Call], Awaitable[Answer]]) -> Answer:
    """Run the handler, or return the answer that it gave to an earlier request with the same key.

    Without a key the handler always runs. Raises InvalidRequest, KeyReused, KeyInProgress, KeyInterrupted, and the
    errors of reading the body.
    """
    headers = call.request.headers
    keys = headers.getall(NAME, [])
    if not keys:
        return await handler(call)
    if len(keys) > 1 or KEY.fullmatch(keys[0]) is None:
        raise InvalidRequest(
            f"{NAME}: must be given once, 1 to 255 visible ASCII characters, such as a UUID", data={"field": NAME}
        )
    document = await call.json()
    call = replace(call, document=(document,))

    async def work() -> Outcome:
        try:
            answer = await handler(call)
        except GatewayError as error:
            return Outcome(error_answer(error), spent=error.maybe_sent or bool(error.data.get("maybeSent")))
        except Exception as error:  # noqa: BLE001  # the work may be half done: the key must not start it again
            log_defect(f"{call.request.method} {call.info.route}", error, call.info.id)
            return Outcome(error_answer(InternalError()))
        if not isinstance(answer, Response):
            raise TypeError("an idempotent route answers with a Response")
        return Outcome(answer)

    # A key belongs to one client, which its authorization identifies.
    caller = headers.get("Authorization", "")
    request = canonical([call.request.method, call.info.route, dict(call.params), document])
    answer, earlier = await call.services.idempotency.once(caller, keys[0], request, work)
    return replace(answer, headers=(*answer.headers, (REPLAYED, "true"))) if earlier else answer
