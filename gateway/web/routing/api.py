"""The gateway's own API: the table of routes, access to them, and errors as responses."""

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
from gateway.web.server.access import API, OPEN, Rule
from gateway.web.server.answers import error_answer
from gateway.web.server.connection import WireAnswer
from gateway.web.server.log import RequestInfo, log_defect, request_info


@dataclass(frozen=True, slots=True)
class Route:
    """One call of the API.

    ``operation_id``, and the fields from ``tag`` on, describe the call for the OpenAPI document and
    docs/reference.md. Tests refuse a route without them, and a response that they do not cover.
    """

    method: str
    # Variable parts are written as ``{name}``.
    path: str
    handler: Handler
    # A name for generated clients, the resource first (``capturesWait``).
    operation_id: str = ""
    # Who may call it.
    access: Rule = API
    # Called before the handler, and before an earlier response is repeated for an ``Idempotency-Key``.
    admit: Callable[[Call], None] | None = None
    # Run a call with an ``Idempotency-Key`` once. Responses must be JSON. If an error has ``maybe_sent`` false,
    # nothing was done and the key is free again.
    idempotent: bool = False
    # The resource, one of ``openapi.TAGS``.
    tag: str = ""
    # One line in plain words.
    summary: str = ""
    # Models of the input: the variable parts of the path, the query (None: it must be empty), the headers (their
    # names are aliases), and the body.
    params: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    headers: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    # Whether the body is a form, else JSON.
    form: bool = False
    # A body that works.
    example: Mapping[str, Any] | None = None
    # By status: an ``Output`` (or a RootModel of some) for JSON, a media type for anything else, None for no body.
    answers: Mapping[int, type[BaseModel] | str | None] = field(default_factory=dict)
    # Headers of these responses, with a description.
    gives: Mapping[str, str] = field(default_factory=dict)
    # The errors that the handler raises, beside those of every route (``openapi.errors_of``).
    errors: tuple[type[GatewayError], ...] = ()
    # Whether it may keep the connection open on purpose (``x-streams`` in the document).
    waits: bool = False


class Api:
    """Finds the route of a request, checks the access to it, and runs it."""

    def __init__(self, services: Services, routes: Sequence[Route]) -> None:
        self._services = services
        self._exact: dict[str, list[tuple[re.Pattern[str], Route]]] = {}
        self._variable: list[tuple[re.Pattern[str], Route]] = []
        for route in routes:
            # A path without variable parts wins, whatever the method: in /api/captures/wait, "wait" is not an id.
            routes_of_path = self._variable if "{" in route.path else self._exact.setdefault(route.path, [])
            routes_of_path.append((_pattern(route.path), route))
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def drained(self, seconds: float) -> None:
        """Wait until no call is running, for at most so many seconds."""
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
        except Exception as error:  # noqa: BLE001  # any defect is answered with 500
            log_defect(f"{request.method} {info.route}", error, info.id)
            answer = error_answer(InternalError())
        return WireAnswer(answer, info=info) if isinstance(answer, Response) else answer

    async def _run(self, request: web.BaseRequest, path: str, info: RequestInfo) -> Answer:
        route, params = self._find(request.method, path)
        info.route = route.path
        guard = self._services.guard
        call = Call(request, self._services, params, info)
        if self._services.stopping.is_set() and route.access is not OPEN:
            raise Unavailable("the gateway is stopping")
        guard.check(route.access, request)
        if route.query is None and (route.access is API or route.form):
            call.no_query()
        if route.admit is not None:
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
