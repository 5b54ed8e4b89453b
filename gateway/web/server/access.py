"""Who may make a request: a rule for each kind of path, and the guard that checks it. docs/access.md explains both.

The inbox is full of codes. Pages of other sites reach the gateway through the browser of a developer: by a request
to a loopback address, or by DNS rebinding, which makes a name of theirs lead to it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from aiohttp import web

from gateway.core.errors import Forbidden, Unauthorized
from gateway.core.hosts import host_name, is_local, normal_origin, plain_name

_LOCAL = "localhost, an IP address, a name without a dot, or host.docker.internal"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may make one kind of request."""

    # Whether ``Host`` must be a name of the gateway. The fake of a provider also has the names of the provider.
    names: bool = True
    # The pages whose requests are accepted: ``own`` are the gateway's and ``server.allow_origins``, ``allowed`` are
    # ``server.allow_origins`` alone.
    pages: Literal["any", "own", "allowed"] = "own"
    # Whether a link on any other page may lead there: a GET that shows the answer in a window of its own.
    links: bool = True
    # What the header ``Authorization`` must have if the server has an API token. None: nothing, because the path
    # gives away nothing, has a check of its own, or (at a fake) takes signed requests.
    asks_for: Literal["token", "connector"] | None = None


OPEN = Rule(names=False, pages="any")
"""``/healthz`` and ``/readyz``, which tell nothing."""
API = Rule(asks_for="token")
PAGE = Rule()
"""A page without data, which asks the user for the token."""
SEND = Rule(asks_for="connector")
"""``send`` of a connector: its own ``authorization``, or the API token if it has none."""
SIGN_IN = Rule(pages="any")
"""``/start`` and ``/callback``, where pages of an app and of a provider lead. A state and a cookie protect them."""
MESSAGING_FAKE = Rule(pages="allowed", links=False)
"""A fake that programs call. Its requests are signed, with a registered key if the server has an API token."""
BROWSER_FAKE = Rule(pages="any")
"""A fake that browsers use: it checks origins and forms itself."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Checks requests to one server."""

    api_token: str | None = None
    # Host names and IP addresses, without ports, that ``Host`` may have besides those of this machine.
    allow_hosts: Sequence[str] = ()
    # Origins of pages that may call the API, such as ``https://app.example.com``.
    allow_origins: Sequence[str] = ()
    # The URL at which other machines reach the server.
    public_url: str | None = None
    # Whether other machines reach the server and there is no API token.
    exposed: bool = False
    _names: frozenset[str] = field(init=False, repr=False, compare=False)
    _allowed: frozenset[str] = field(init=False, repr=False, compare=False)
    _public: str | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = {plain_name(name) for name in self.allow_hosts}
        if self.public_url is not None:
            names.add(plain_name(urlsplit(self.public_url).hostname or ""))
        object.__setattr__(self, "_names", frozenset(names))
        object.__setattr__(self, "_allowed", frozenset(filter(None, map(normal_origin, self.allow_origins))))
        object.__setattr__(self, "_public", normal_origin(self.public_url) if self.public_url else None)

    def check(self, rule: Rule, request: web.BaseRequest, *, by_its_name: bool = False) -> None:
        """Check everything except a connector's authorization. Raises Forbidden and Unauthorized.

        ``by_its_name``: whether ``Host`` is a name of the provider that the request is for.
        """
        if rule.names and not by_its_name:
            self.check_host(request)
        self.check_page(rule, request)
        if rule.asks_for == "token":
            self.check_token(request)

    def check_host(self, request: web.BaseRequest) -> None:
        """Check that ``Host`` is a name of this server. Raises Forbidden."""
        name = host_name(request.headers.get("Host", ""))
        if not (is_local(name) or name in self._names):
            raise Forbidden(f"Host: must be {_LOCAL}; add others to server.allow_hosts", data={"field": "Host"})

    def check_page(self, rule: Rule, request: web.BaseRequest) -> None:
        """Check the page that a browser makes the request for. Raises Forbidden."""
        if rule.pages == "any":
            return
        headers = request.headers
        if "Origin" in headers:
            origins = headers.getall("Origin")
            if len(origins) > 1 or not self._is_accepted(rule, origins[0], request):
                raise _foreign(rule, "Origin")
            return
        site = headers.get("Sec-Fetch-Site")
        if site is not None:
            if rule.links and (site in {"same-origin", "none"} or _is_link(request)):
                return
            raise _foreign(rule, "Sec-Fetch-Site")
        # To a name that is neither loopback nor HTTPS, browsers send no Sec-Fetch-Site, and no Origin with a GET. A
        # GET of the API changes nothing, but one of a fake does.
        if not rule.links and _looks_like_a_browser(headers):
            raise _foreign(rule, "User-Agent")

    def check_token(self, request: web.BaseRequest) -> None:
        """Check the API token. Raises Unauthorized."""
        if self.api_token is None:
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not same(token.strip(), self.api_token):
            raise Unauthorized("Authorization: must be Bearer and the API token", data={"field": "Authorization"})

    def check_live(self) -> None:
        """Check that not every caller on the network can send for real. Raises Forbidden."""
        if self.exposed:
            raise Forbidden(
                "other machines reach this server, and it has no API token: a live connector sends only through "
                "its own send, with its authorization; set server.api_token for everything else"
            )

    def _is_accepted(self, rule: Rule, origin: str, request: web.BaseRequest) -> bool:
        given = normal_origin(origin)
        if given is None:
            return False
        if given in self._allowed:
            return True
        if rule.pages != "own":
            return False
        own = normal_origin(f"{request.scheme}://{request.headers.get('Host', '')}")
        return given in {own, self._public}


def _foreign(rule: Rule, header: str) -> Forbidden:
    if rule.pages == "own":
        text = "must be that of the gateway itself; add other origins to server.allow_origins"
    else:
        text = "web pages may not use this fake; add origins that may to server.allow_origins"
    return Forbidden(f"{header}: {text}", data={"field": header})


def _looks_like_a_browser(headers: Mapping[str, str]) -> bool:
    return "Accept-Language" in headers and headers.get("User-Agent", "").startswith("Mozilla/5.0")


def _is_link(request: web.BaseRequest) -> bool:
    """Return whether the answer is shown in a window of its own, where no page can read it."""
    headers = request.headers
    return (
        request.method in {"GET", "HEAD"}
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
    )


def same(given: str, wanted: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode("utf-8", "surrogateescape"))
