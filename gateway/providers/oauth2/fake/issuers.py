"""Many issuers in one fake: by path (``/fakes/oauth2/<issuer>/...``) or by the provider's own host name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.core.model import Request
from gateway.providers.oauth2.fake.clients import AccessTokens
from gateway.providers.oauth2.fake.shapes import SHAPES
from gateway.providers.oauth2.fake.shapes.generic import OIDC
from gateway.providers.oauth2.fake.shapes.shape import Alg, RefreshTokens, Shape
from gateway.providers.oauth2.wire.places import MOUNT

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
# RFC 8414 3.1: the well-known part goes between host and path of the issuer.
_WELL_KNOWN = re.compile(r"/\.well-known/(?:oauth-authorization-server|openid-configuration)(?=/fakes/oauth2/)")


@dataclass(frozen=True, slots=True)
class Issuer:
    """One provider. ``auto_login``: the persona that is always signed in. ``breaks``: rules of ``rules.RULES`` that
    it breaks. Lifetimes are in seconds of the gateway's clock, that of ID tokens in real seconds. ``sso``: somebody
    who has signed in is not asked again. ``url``: what it calls itself, None for what the request says.
    ``audience``: whom access tokens that are JWTs are for, unless the client says it; None for the issuer."""

    name: str
    shape: Shape = OIDC
    alg: Alg = "ES256"
    auto_login: str | None = None
    breaks: frozenset[str] = frozenset()
    hosts: tuple[str, ...] = ()
    url: str | None = None
    code_seconds: float = 60.0
    token_seconds: float = 3600.0
    refresh_seconds: float = 14 * 86400.0
    id_token_seconds: float = 3600.0
    session_seconds: float = 86400.0
    refresh_tokens: RefreshTokens = "always"
    sso: bool = True
    access_tokens: AccessTokens = "opaque"
    audience: str | None = None

    def broken(self, rule: str) -> bool:
        return rule in self.breaks


class Place(NamedTuple):
    """Where a request goes. ``url`` is the issuer, ``path`` what follows it, ``root`` its path for cookies.
    ``from_request``: the issuer has no URL of its own, so ``url`` is made of the scheme and host of the request."""

    issuer: Issuer
    url: str
    path: str
    query: str
    root: str
    from_request: bool = False


def declared() -> dict[str, Issuer]:
    """Those that are there without a word in the config."""
    return {
        name: Issuer(
            name,
            shape,
            alg=shape.alg,
            hosts=shape.hosts,
            refresh_tokens=shape.refresh_tokens,
            token_seconds=shape.token_seconds,
        )
        for name, shape in SHAPES.items()
    }


@dataclass(frozen=True, slots=True)
class Issuers:
    """``open``: a name that nobody declared is an issuer too, in the shape of OpenID Connect. ``public_url``: how
    clients reach the gateway, None for the Host of their request."""

    by_name: Mapping[str, Issuer] = field(default_factory=declared)
    open: bool = True
    public_url: str | None = None

    def place(self, request: Request) -> Place | None:
        """None: there is no such issuer."""
        target = request.target
        if target[:1] != "/":
            target = _origin_form(target)
        target = target.partition("#")[0]
        path, _, query = target.partition("?")
        prefix = request.prefix
        if not prefix:
            inserted = _WELL_KNOWN.match(path)
            if inserted is None:
                return self._by_host(request, path, query)
            rest = path[inserted.end() :]
            if rest.count("/") == 3:
                path, prefix = rest + inserted.group(), MOUNT
        name, slash, rest = path[len(prefix) + 1 :].partition("/")
        issuer = self.by_name.get(name)
        if issuer is None:
            if not self.open or not is_name(name):
                return None
            issuer = Issuer(name, OIDC, refresh_tokens=OIDC.refresh_tokens)
        root = f"{prefix}/{name}"
        base = self.public_url or f"{request.scheme}://{request.host}"
        from_request = issuer.url is None and self.public_url is None
        return Place(issuer, issuer.url or base + root, slash + rest, query, root, from_request)

    def _by_host(self, request: Request, path: str, query: str) -> Place | None:
        host = request.host.rpartition(":")[0] if re.search(r":\d+$", request.host) else request.host
        host = host.lower().rstrip(".")
        for issuer in self.by_name.values():
            if host in issuer.hosts:
                # Whoever asks for a real name means the real provider: all hosts of it are one issuer.
                home = issuer.shape.home if host in issuer.shape.hosts else None
                own = issuer.url or home
                url = own or f"{request.scheme}://{request.host}"
                return Place(issuer, url, path, query, "/", own is None)
        return None


def is_name(name: str) -> bool:
    """May an issuer be called that? It is part of a path and of a cookie's name."""
    return _NAME.fullmatch(name) is not None


def _origin_form(target: str) -> str:
    """We are used as a proxy: the target names scheme and host."""
    rest = target.partition("://")[2]
    slash = rest.find("/")
    return rest[slash:] if slash >= 0 else "/"
