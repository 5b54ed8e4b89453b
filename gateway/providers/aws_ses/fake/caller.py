"""Who asks: what a request says of that, and what the checks are told and find out. It knows no check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from gateway.core.model import Request
from gateway.providers.aws_ses.wire import sigv4

_HOST = re.compile(
    r"(?:vpce-[a-z0-9-]+\.)?email(?:-fips)?\.([a-z0-9-]+)(?:\.vpce)?\."
    r"(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)(?::[0-9]+)?"
)


class Account(Protocol):
    """An access key; with a ``security_token`` a temporary one, whose requests must bear the token."""

    @property
    def key_id(self) -> str: ...
    @property
    def secret(self) -> str: ...
    @property
    def security_token(self) -> str | None: ...


class Rules(Protocol):
    """The part of the fake's settings that the checks ask. Seconds are real ones: how long a signature holds
    (``freshness``; AWS: 900) and how far it may be ahead (``ahead``; AWS: 300). ``echo``: does the refusal of a
    signature show what should have been signed?"""

    @property
    def strict(self) -> bool: ...
    @property
    def accounts(self) -> Mapping[str, Account]: ...
    @property
    def freshness(self) -> float: ...
    @property
    def ahead(self) -> float: ...
    @property
    def echo(self) -> bool: ...


class Unauthenticated(Exception):
    """A request that gets no further. ``code`` is v1's, as ``wire.errors.condition`` knows it. ``message`` is sent;
    ``hint`` and ``explanation`` are for people and never sent."""

    def __init__(self, code: str, message: str, hint: str, explanation: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.hint = hint
        self.explanation = explanation or {}


@dataclass(slots=True)
class Caller:
    """What the checks read, and what they find out. ``path`` and ``raw_query`` are those of the request as it
    arrived, a mount prefix included; ``headers`` are ``sigv4.folded_headers``. ``verdict`` is the one of
    ``model.Verdict.signature``."""

    request: Request
    path: str
    raw_query: str
    headers: Mapping[str, str]
    claim: sigv4.Claim | None = None
    account: Account | None = None
    verdict: str = "absent"
    canonical_request: str = field(default="", repr=False)
    string_to_sign: str = ""

    @property
    def key_id(self) -> str:
        return self.claim.key_id if self.claim else ""

    @property
    def region(self) -> str:
        """Of the host's name, else of the signature; empty where neither says one."""
        return host_region(self.request.host) or (self.claim.scope.region if self.claim else "")


def host_region(host: str) -> str:
    """The region in a name of SES's own; empty for any other host."""
    return _host_region(host) if len(host) < 100 else ""


@lru_cache(maxsize=64)
def _host_region(host: str) -> str:
    found = _HOST.fullmatch(host.lower())
    return found[1] if found else ""
