"""Who may use the API: a request needs an allowed ``Host`` and ``Origin``, and the API token if one is set.

The check of names protects the inbox, which is full of codes, from pages of other sites that use DNS rebinding.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from gateway.core.errors import Forbidden, Unauthorized

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]*)?")
_NAMES = frozenset({"localhost", "host.docker.internal"})


@dataclass(frozen=True, slots=True)
class Guard:
    """The access rules of one server.

    ``allow_hosts``: names or addresses, without ports, that are allowed beside those of the loopback interface.
    """

    api_token: str | None = None
    allow_hosts: Sequence[str] = ()

    def check_names(self, request: web.BaseRequest) -> None:
        """Check ``Host`` and ``Origin``. Raises Forbidden."""
        self.check_host(request)
        origin = request.headers.get("Origin")
        if origin is not None and not self._is_allowed(_origin_name(origin)):
            raise Forbidden(
                "Origin: must be a loopback name; add others to server.allow_hosts", data={"field": "Origin"}
            )

    def check_host(self, request: web.BaseRequest) -> None:
        """Check ``Host`` alone. Raises Forbidden."""
        if not self._is_allowed(host_name(request.headers.get("Host", ""))):
            raise Forbidden(
                "Host: must be a loopback name; add others to server.allow_hosts", data={"field": "Host"}
            )

    def check_token(self, request: web.BaseRequest) -> None:
        """Check the API token. Raises Unauthorized."""
        if self.api_token is None:
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not same(token.strip(), self.api_token):
            raise Unauthorized("Authorization: must be Bearer and the API token", data={"field": "Authorization"})

    def _is_allowed(self, name: str) -> bool:
        if name in _NAMES or name.endswith(".localhost") or name in map(_plain, self.allow_hosts):
            return True
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return False


def same(given: str, wanted: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode("utf-8", "surrogateescape"))


@lru_cache(maxsize=256)
def host_name(host: str) -> str:
    """Return the name in a ``Host`` header in lower case, without port and trailing dot: ``[::1]:4650`` -> ``::1``.

    The name is empty if the header is malformed.
    """
    match = _HOST.fullmatch(host.strip().lower())
    return match[1] or _plain(match[2]) if match else ""


def _plain(name: str) -> str:
    return name.lower().rstrip(".")


def _origin_name(origin: str) -> str:
    try:
        return (urlsplit(origin).hostname or "").rstrip(".")
    except ValueError:
        return ""
