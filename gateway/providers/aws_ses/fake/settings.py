"""What one fake knows and how strict it is. Made once by ``config.read``; nothing here changes but whose turn it is
to count."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from gateway.core.model import Response
from gateway.providers.aws_ses.fake.own_templates import OwnTemplate
from gateway.providers.aws_ses.wire.errors import ErrorRow, condition, row_of

Verification: TypeAlias = Literal["at_once", "pending"]
ProductionReview: TypeAlias = Literal["granted", "pending", "denied"]

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"

Tail: TypeAlias = Callable[[Any], Awaitable[Response]]
"""Answers what is no native operation: ``async (Call) -> Response``. A ``Call`` knows these settings, so
they cannot name it."""


@dataclass(frozen=True, slots=True)
class Account:
    """An access key and the AWS account that it belongs to (12 digits). With a ``security_token`` it is a temporary
    one, and requests must bear the token."""

    key_id: str
    secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
    account_id: str = DEFAULT_ACCOUNT


@dataclass(frozen=True, slots=True)
class Owner:
    """The connector that sends from an address."""

    connector_id: str


@dataclass(frozen=True, slots=True)
class Quota:
    """``per_day`` recipients in 24 rolling hours, None for any number; ``per_second`` recipients."""

    per_day: int | None
    per_second: float | None


class Counts(NamedTuple):
    """What statistics count: mails by recipient, and what became of them."""

    attempts: int
    bounces: int = 0
    complaints: int = 0
    rejects: int = 0

    def plus(self, other: Counts) -> Counts:
        return Counts(*map(operator.add, self, other))


@dataclass(slots=True)
class Waiting:
    """Mails since ``at`` that no record has yet; ``real`` are recipients besides the simulator. They count while
    the record ``waiting`` has that ``version``: a reset takes it away."""

    at: float
    real: int
    counts: Counts
    version: int


@dataclass(slots=True)
class Ledger:
    """What makes counting safe: one count at a time in a gateway. The counts themselves are records of the store,
    but for those that are ``waiting``, by the key of their record. It goes over to the settings that replace
    these."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: dict[str, Waiting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FakeSettings:
    """``accounts`` by key id. ``identities`` (lower case) are verified, all but the ``unlisted`` are listed, and
    ``configuration_sets`` are there, in every account and region. ``owners``:
    connectors by their From address (lower case). ``own_templates``: those of the connectors, by access key.
    ``freshness`` and ``ahead`` are real seconds: how long a signature holds and how far it may be ahead; ``echo``:
    a refused signature shows what should have been signed.
    ``production``: what an account is before anybody asked for anything. ``sandbox`` and ``quota``: the quotas of
    an account in the sandbox and out of it; enforced by ``limits``. ``domain_seconds``: how long the verification
    of a domain takes on the gateway's clock. ``errors``: the rows of the table, with the messages and statuses that
    the config gives them. ``most_v1`` and ``most_v2`` are bytes of a whole message."""

    strict: bool = False
    accounts: Mapping[str, Account] = field(default_factory=dict)
    account_id: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION
    identities: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    configuration_sets: frozenset[str] = frozenset()
    owners: Mapping[str, Owner] = field(default_factory=dict)
    own_templates: Mapping[str, Sequence[OwnTemplate]] = field(default_factory=dict)
    freshness: float = 900.0
    ahead: float = 300.0
    echo: bool = True
    limits: bool = False
    production: bool = True
    production_review: ProductionReview = "granted"
    verification: Verification = "at_once"
    domain_seconds: float = 300.0
    sandbox: Quota = Quota(200, 1.0)
    quota: Quota = Quota(50_000, 14.0)
    most_v1: int = 10 << 20
    most_v2: int = 40 << 20
    errors: Mapping[str, ErrorRow] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    tail: Tail | None = None

    def row(self, code: str) -> ErrorRow:
        if not self.errors:
            return row_of(code)
        return self.errors.get(condition(code) or code) or row_of(code)
