"""Find what a request is for: a fake by its host name, its mount path or its provider's marks, else the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web

from gateway.core.clock import Clock
from gateway.core.errors import Forbidden, NotFound, RequestError, TooLarge
from gateway.core.hosts import host_name
from gateway.core.model import Request
from gateway.providers.ports import Provider
from gateway.web.fakes.adapter import FakeAdapter, head_of, with_body
from gateway.web.routing.api import Api
from gateway.web.server.access import BROWSER_FAKE, MESSAGING_FAKE, Guard
from gateway.web.server.answers import error_answer
from gateway.web.server.connection import WireAnswer, read_body
from gateway.web.server.log import request_info

_MOUNT = "/fakes/"
_LONGEST_NAME = 254  # a name of the DNS has 253 characters
_OURS = frozenset({"/api", "/healthz", "/readyz", "/metrics"})
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Passes each request to a fake or to the API.

    ``providers``: by name, the providers whose fakes are mounted.
    """

    providers: Mapping[str, Provider]
    fakes: FakeAdapter
    api: Api
    guard: Guard
    clock: Clock
    _by_host: Callable[[str], Provider | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Nearly all requests have one of a few host names.
        object.__setattr__(self, "_by_host", lru_cache(maxsize=64)(self._find_by_host))

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._route(request)
        except RequestError as error:
            # Errors of reading a request; the API answers its own errors.
            return WireAnswer(error_answer(error), close=True, info=request_info(request))

    async def _route(self, request: web.BaseRequest) -> web.StreamResponse:
        host, path = _host_and_path(request)
        head = head_of(request, "", self.clock.real())
        named = self._by_host(host) if len(host) < _LONGEST_NAME else None
        if named is not None:
            return await self._serve(named, request, head, by_its_name=True)
        if path.startswith(_MOUNT):
            return await self._mounted(request, head, path)
        if path not in _OURS and not path.startswith("/api/"):
            claimed = await self._claimed(request, head)
            if claimed is not None:
                return await self._serve(claimed[0], request, claimed[1])
        return await self.api.handle(request, path)

    def _find_by_host(self, host: str) -> Provider | None:
        contexts = self.fakes.contexts
        for provider in self.providers.values():
            if provider.answers_host(host) or host in provider.fake_hosts(contexts[provider.name].settings):
                return provider
        return None

    async def _mounted(self, request: web.BaseRequest, head: Request, path: str) -> web.StreamResponse:
        name = path[len(_MOUNT) :].partition("/")[0]
        provider = self.providers.get(name)
        if provider is None:
            known = ", ".join(sorted(self.providers)) or "none"
            answer = error_answer(NotFound(f"no fake is mounted there; known: {known}"))
            return WireAnswer(answer, info=request_info(request))
        return await self._serve(provider, request, replace(head, prefix=f"{_MOUNT}{name}"))

    async def _serve(
        self, provider: Provider, request: web.BaseRequest, head: Request, *, by_its_name: bool = False
    ) -> web.StreamResponse:
        """Check the access to a fake, and run it.

        ``by_its_name``: whether the host is a name of the provider.
        """
        rule = BROWSER_FAKE if provider.browsers(head) else MESSAGING_FAKE
        forbidden = None
        try:
            self.guard.check(rule, request, by_its_name=by_its_name)
        except Forbidden as error:
            forbidden = error
        return await self.fakes.serve(provider, request, head, forbidden)

    async def _claimed(self, request: web.BaseRequest, head: Request) -> tuple[Provider, Request] | None:
        """Find a provider by its marks in the query or the headers, or else in the body if that is a form.

        Returns the provider and the request, with its body if that was read.
        """
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


def _host_and_path(request: web.BaseRequest) -> tuple[str, str]:
    """Return the host name and the path. A target in absolute form, as a client of a proxy sends it, has both."""
    target = request.raw_path
    if target.startswith(("http://", "https://")):
        try:
            parts = urlsplit(target)
            return (parts.hostname or "").rstrip("."), parts.path or "/"
        except ValueError:
            return "", target
    return host_name(request.headers.get("Host", "")), target.partition("?")[0]
