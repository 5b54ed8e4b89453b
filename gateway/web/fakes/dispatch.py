"""Whose request is it? A provider's name, a mount path, a provider's marks, then our own API; in this order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web

from gateway.core.clock import Clock
from gateway.core.errors import NotFound, RequestError, TooLarge
from gateway.core.model import Request
from gateway.providers.ports import Provider
from gateway.web.fakes.adapter import FakeAdapter, head_of, with_body
from gateway.web.routing.api import Api
from gateway.web.server.access import host_name
from gateway.web.server.answers import error_answer
from gateway.web.server.connection import WireAnswer, read_body
from gateway.web.server.log import request_info

_MOUNT = "/fakes/"
_LONGEST_NAME = 254  # a name of the DNS has 253 characters
_OURS = frozenset({"/api", "/healthz", "/readyz", "/metrics"})
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """``providers`` are those whose fakes are mounted, by name."""

    providers: Mapping[str, Provider]
    fakes: FakeAdapter
    api: Api
    clock: Clock
    _of_host: Callable[[str], Provider | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Almost all requests name one of two or three hosts.
        object.__setattr__(self, "_of_host", lru_cache(maxsize=64)(self._asked))

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._route(request)
        except RequestError as error:
            # Only the framing of a request fails here: the API answers its own errors.
            return WireAnswer(error_answer(error), close=True, info=request_info(request))

    async def _route(self, request: web.BaseRequest) -> web.StreamResponse:
        host, path = _place(request)
        head = head_of(request, "", self.clock.real())
        named = self._of_host(host) if len(host) < _LONGEST_NAME else None
        if named is not None:
            return await self.fakes.serve(named, request, head)
        if path.startswith(_MOUNT):
            return await self._mounted(request, head, path)
        if path not in _OURS and not path.startswith("/api/"):
            found = await self._claimed(request, head)
            if found is not None:
                return await self.fakes.serve(found[0], request, found[1])
        return await self.api.handle(request, path)

    def _asked(self, host: str) -> Provider | None:
        contexts = self.fakes.contexts
        for one in self.providers.values():
            if one.answers_host(host) or host in one.fake_hosts(contexts[one.name].settings):
                return one
        return None

    async def _mounted(self, request: web.BaseRequest, head: Request, path: str) -> web.StreamResponse:
        name = path[len(_MOUNT) :].partition("/")[0]
        provider = self.providers.get(name)
        if provider is None:
            known = ", ".join(sorted(self.providers)) or "none"
            answer = error_answer(NotFound(f"no fake is mounted there; known: {known}"))
            return WireAnswer(answer, info=request_info(request))
        return await self.fakes.serve(provider, request, replace(head, prefix=f"{_MOUNT}{name}"))

    async def _claimed(self, request: web.BaseRequest, head: Request) -> tuple[Provider, Request] | None:
        """By marks in the query or the headers; else, for a form, in its body."""
        for provider in self.providers.values():
            if provider.claims(head):
                return provider, head
        if not request.can_read_body or not request.headers.get("Content-Type", "").lower().startswith(_FORM):
            return None
        if not self.providers:
            return None
        limit = max(provider.max_body for provider in self.providers.values())
        body = await read_body(request, limit)
        if body is None:
            raise TooLarge(f"the form must be at most {limit} bytes")
        whole = with_body(head, body)
        for provider in self.providers.values():
            if provider.claims(whole):
                return provider, whole
        return None


def _place(request: web.BaseRequest) -> tuple[str, str]:
    """The host name asked for and the path. A target in absolute form (we are used as a proxy) names both."""
    target = request.raw_path
    if target.startswith(("http://", "https://")):
        try:
            parts = urlsplit(target)
            return (parts.hostname or "").rstrip("."), parts.path or "/"
        except ValueError:
            return "", target
    return host_name(request.headers.get("Host", "")), target.partition("?")[0]
