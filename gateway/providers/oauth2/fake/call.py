"""One request, read: which issuer and endpoint, which parameters, and what was found out about it on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from gateway.core.model import Recipient, Request
from gateway.faults.rules import Effect
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.issuers import Issuer, Place
from gateway.providers.oauth2.fake.personas import Persona
from gateway.providers.oauth2.fake.settings import FakeSettings
from gateway.providers.ports import Context

FORM = "application/x-www-form-urlencoded"
# RFC 8707 2: a request may name several resources.
_REPEATABLE = frozenset({"resource"})
_MOST_PARAMETERS = 200

Parameters = Mapping[str, str]


@dataclass(slots=True)
class Call:
    """``url`` is the issuer as it calls itself. ``parameters`` are those that the endpoint reads: of a GET the
    query, of a POST the form, never both. ``signature`` as in ``model.Verdict``. ``reply``: where
    and how authorize answers, once that is known to be safe. ``pending``: changes to make before the act."""

    request: Request
    context: Context
    place: Place
    endpoint: str
    headers: Mapping[str, str]
    parameters: Parameters = field(default_factory=dict)
    client_id: str | None = None
    client: Client | None = None
    secret: str | None = field(default=None, repr=False)
    persona: Persona | None = None
    signature: str = "absent"
    used_basic: bool = False
    reply: Reply | None = None
    effect: Effect | None = None
    pending: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    explanation: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> FakeSettings:
        found: FakeSettings = self.context.settings
        return found

    @property
    def issuer(self) -> Issuer:
        return self.place.issuer

    @property
    def url(self) -> str:
        return self.place.url

    def broken(self, rule: str) -> bool:
        return rule in self.place.issuer.breaks

    def now(self) -> float:
        """The gateway's clock: lifetimes."""
        return self.context.clock.now()

    def real(self) -> int:
        """The wall clock, whole seconds: what JWTs say, since clients refuse skew."""
        return int(self.context.clock.real())

    def endpoint_url(self, endpoint: str) -> str:
        return self.place.url + self.place.issuer.shape.paths[endpoint]

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        return self.persona.recipients() if self.persona is not None else ()

    def get(self, name: str) -> str | None:
        """A parameter. RFC 6749 3.1: one without a value counts as left out."""
        return self.parameters.get(name) or None


@dataclass(frozen=True, slots=True)
class Reply:
    """Where authorize answers. ``state`` None: none was sent."""

    redirect_uri: str
    mode: str
    state: str | None


def pairs(text: str) -> list[tuple[str, str]]:
    """Form-encoded pairs; what is not UTF-8 survives a round trip. Raises Refusal for more than anybody needs."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise Refusal("invalid_request", f"more than {_MOST_PARAMETERS} parameters") from None


def once(found: Iterable[tuple[str, str]], *, tolerant: bool = False) -> dict[str, str]:
    """Parameters by name. Raises Refusal where one came twice (RFC 6749 3.1); ``tolerant``: the first wins."""
    parameters: dict[str, str] = {}
    for name, value in found:
        if name not in parameters:
            parameters[name] = value
        elif name in _REPEATABLE:
            parameters[name] += " " + value
        elif not tolerant:
            # Its name is the client's own text.
            known = name if name.isascii() and name.replace("_", "").isalnum() and len(name) < 40 else "a parameter"
            raise Refusal("invalid_request", f"{known} is there twice")
    return parameters


def form_of(request: Request, content_type: str) -> str | None:
    """The body where it is a form, else None."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        return None
    return request.body.decode("utf-8", "surrogateescape")
