"""Signing people in: personas, clients, and what a client asked of the fake of OAuth2."""

from __future__ import annotations

import secrets as random_secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Required, Self, TypeAlias, TypedDict
from urllib.parse import parse_qsl

from connector_gateway.errors import GatewayError, NoRequest
from connector_gateway.faults import camel
from connector_gateway.transport import Document, Transport, segment

__tracebackhide__ = True

AuthMethod: TypeAlias = Literal[
    "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"
]
PROVIDER = "oauth2"
_PAGE = 1000
_LONGEST_WAIT = 60.0


class Organization(TypedDict, total=False):
    """One that a persona belongs to, as the API has it. ``name`` is short, as in a URL; ``role`` is ``read`` unless
    given."""

    id: Required[str]
    name: Required[str]
    displayName: str
    role: str
    enterprise: bool
    picture: str


class Persona(str):
    """A test user who can sign in at the fake. It *is* the name, so it goes wherever ``login_hint`` goes.

    ``claims`` is what is told of it, ``sub`` always among them; ``raw`` the API's JSON.
    """

    __slots__ = ("raw",)

    raw: Mapping[str, Any]

    @property
    def claims(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.raw["claims"]
        return found

    @property
    def sub(self) -> str:
        return str(self.claims["sub"])


class Client(str):
    """An application that may ask at the fake. It *is* the ``client_id``.

    ``secret`` is the newest one, empty for a public client; ``raw`` the API's JSON, whose secrets are masked.
    """

    __slots__ = ("_transport", "raw", "secret")

    raw: Mapping[str, Any]
    secret: str
    _transport: Transport

    def __new__(cls, name: str, transport: Transport, secret: str, document: Mapping[str, Any]) -> Self:
        """From the API's answer to a put."""
        self = super().__new__(cls, name)
        self._transport, self.secret, self.raw = transport, secret, document
        return self

    def rotate(self, secret: str | None = None, *, keep: bool = True) -> str:
        """Give it a new secret, a made one unless it is given, and return it. ``keep``: the one before works on."""
        body = {"secret": secret, "keep": keep}
        answer = self._transport.json("POST", f"/api/clients/{segment(self)}/secrets", body=body)
        self.secret, self.raw = answer["secret"], answer["client"]
        return self.secret


@dataclass(frozen=True, slots=True)
class OAuthRequest:
    """A request at the fake of OAuth2, and what became of it. Read-only.

    ``operation`` is the endpoint: ``authorize``, ``token``, ``userinfo`` and so on. ``parameters`` are those of
    query and form together, codes, tokens and secrets masked. ``error`` is what it was refused with.
    ``cursor`` is its place in the log; ``raw`` the whole JSON of the exchange.
    """

    id: str
    cursor: int
    operation: str | None
    issuer: str | None
    client: str | None
    persona: str | None
    accepted: bool
    error: str | None
    status: int
    at: datetime
    parameters: Mapping[str, str] = field(compare=False)
    raw: Mapping[str, Any] = field(compare=False, repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> OAuthRequest:
        """From the API's JSON."""
        explanation = document.get("explanation") or {}
        return cls(
            id=document["id"],
            cursor=document["cursor"],
            operation=document["operation"],
            issuer=explanation.get("issuer"),
            client=document["keyId"],
            persona=explanation.get("persona"),
            accepted=document["accepted"],
            error=None if document["accepted"] else document["code"],
            status=document["response"]["status"],
            at=datetime.fromisoformat(document["at"]),
            parameters=_parameters(document["request"]),
            raw=document,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Which requests are looked for; None fits all. ``parameters`` must have these values."""

    operation: str | None = None
    client: str | None = None
    persona: str | None = None
    issuer: str | None = None
    accepted: bool | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    def fits(self, found: OAuthRequest) -> bool:
        names = ("operation", "client", "persona", "issuer", "accepted")
        if any(getattr(self, name) not in (None, getattr(found, name)) for name in names):
            return False
        return all(found.parameters.get(name) == value for name, value in self.parameters.items())

    def __str__(self) -> str:
        names = ("operation", "client", "persona", "issuer", "accepted")
        found = [f"{name} {getattr(self, name)}" for name in names if getattr(self, name) is not None]
        return ", ".join([*found, *(f"{name}={value}" for name, value in self.parameters.items())]) or "any"


def put_persona(
    transport: Transport, name: str | None, claims: Mapping[str, Any], more: Mapping[str, Any]
) -> Persona:
    """Make or replace one. Without a name it gets a new one."""
    name = name or f"persona-{random_secrets.token_hex(6)}"
    body = {"claims": dict(claims), **{camel(key): value for key, value in more.items() if value is not None}}
    persona = Persona(name)
    persona.raw = transport.json("PUT", f"/api/personas/{segment(name)}", body=body)
    return persona


def put_client(transport: Transport, name: str | None, secret: str | None, more: Mapping[str, Any]) -> Client:
    """Make or replace one. ``secret`` None: a made one; empty: a public client."""
    name = name or f"client-{random_secrets.token_hex(6)}"
    secret = random_secrets.token_urlsafe(24) if secret is None else secret
    body: Document = {camel(key): value for key, value in more.items() if value is not None}
    body["secrets"] = [secret] if secret else []
    document = transport.json("PUT", f"/api/clients/{segment(name)}", body=body)
    return Client(name, transport, secret, document)


def forget(transport: Transport, kind: str, name: str) -> None:
    """Undo a put. Harmless where it is gone already."""
    try:
        transport.json("DELETE", f"/api/{kind}/{segment(name)}")
    except GatewayError as error:
        if error.status not in (404, 409):
            raise


def requests(transport: Transport, asked: Asked, after: int | None, timeout: float) -> list[OAuthRequest]:
    """All that fit, oldest first. ``timeout``: where there is none yet, wait so many seconds for the first. Raises
    NoRequest then."""
    if not timeout >= 0:
        raise ValueError(f"timeout: must be 0 or more seconds, not {timeout}")
    place = after or 0
    others: list[OAuthRequest] = []
    found: list[OAuthRequest] = []
    for one in _kept(transport, place):
        place = one.cursor
        (found if asked.fits(one) else others).append(one)
    if found or not timeout:
        return found
    until = time.monotonic() + timeout
    while (left := until - time.monotonic()) > 0:
        seconds = min(left, _LONGEST_WAIT)
        body = {"provider": PROVIDER, "after": place, "timeout": seconds}
        answer = transport.json("POST", "/api/exchanges/wait", body=body, wait=seconds)
        if answer.get("timedOut"):
            continue
        place = answer["cursor"]
        one = OAuthRequest.of(answer["exchange"])
        if asked.fits(one):
            return [one]
        others.append(one)
    raise NoRequest(_nothing(asked, timeout, others))


def _kept(transport: Transport, after: int) -> Iterator[OAuthRequest]:
    place: int | None = after or None
    while True:
        query = {"provider": PROVIDER, "after": place, "limit": _PAGE, "order": "asc"}
        page: Sequence[Mapping[str, Any]] = transport.json("GET", "/api/exchanges", query=query)["exchanges"]
        for document in page:
            yield OAuthRequest.of(document)
        if len(page) < _PAGE:
            return
        place = int(page[-1]["cursor"])


def _nothing(asked: Asked, timeout: float, others: Sequence[OAuthRequest]) -> str:
    lines = [f"no request at the fake of OAuth2 within {timeout:g} s ({asked})"]
    if not others:
        lines.append(
            "nothing at all has reached it: is your app pointed at it? `gateway.env()` has the settings for it, "
            "`gateway.providers()` the lines to paste."
        )
    else:
        lines.append("what did reach it, newest first:")
    for one in list(reversed(others))[:5]:
        ending = "" if one.accepted else f", refused: {one.error}"
        lines.append(f"  {one.operation} of client {one.client} at {one.issuer}{ending} ({one.id})")
    return "\n".join(lines)


def _parameters(request: Mapping[str, Any]) -> dict[str, str]:
    # By hand: what a stranger sent need not be a URL.
    found = parse_qsl(request["target"].partition("?")[2], keep_blank_values=True)
    headers = {name.lower(): value for name, value in request["headers"]}
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        found += parse_qsl(request["body"], keep_blank_values=True)
    return dict(found)
