"""Faults in force."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from gateway.web.routing.shared import Json, Shape, Time


class AsGiven(Shape):
    """Shown in the caller's own spelling: what was not given is not there, and what was null is null."""

    model_config = ConfigDict(json_schema_extra={})


class FaultError(AsGiven):
    """The provider's error, by its own code."""

    code: str
    message: str | None = None
    status: int | None = None
    retry_after: float | None = None


class FaultAnswer(AsGiven):
    """A raw answer."""

    status: int
    headers: dict[str, str] | None = None
    body: str | None = None


class LastHit(Shape):
    """The last request that it fell on."""

    at: Time
    exchange_id: str = Field(examples=["ex_77b1c3d5e7f90214"])


class Fault(AsGiven):
    """One fault as it was given, with its id and its counts."""

    id: str = Field(examples=["fault_1c2d3e4f5a6b7c8d"])
    stage: Literal["before", "after"]
    seen: int = Field(ge=0, description="Requests that matched.")
    hits: int = Field(ge=0, description="Those of them that it fell on.")
    last_hit: LastHit | None = Field(description="Null as long as there was none.")
    provider: str | None = None
    operation: str | None = None
    to: str | None = None
    persona: str | None = None
    key_id: str | None = None
    nth: int | None = None
    count: int | None = None
    probability: float | None = None
    seed: int | None = None
    error: FaultError | str | None = None
    answer: FaultAnswer | None = None
    latency: float | None = None
    hang: bool | None = None
    reset: bool | None = None
    fin: bool | None = None
    truncate_at: int | None = None
    drip: float | None = None
    delivery: Literal["lost", "late", "twice"] | None = None
    late_seconds: float | None = None
    mutate: Json | None = None


class Faults(Shape):
    """Every fault, in the order in which they are asked."""

    faults: list[Fault]


class KnownError(Shape):
    """An error that a provider knows by its own code."""

    provider: str = Field(examples=["aliyun-sms"])
    code: str = Field(examples=["isv.BUSINESS_LIMIT_CONTROL"])
    status: int = Field(description="The HTTP status that it comes with.")
    message: str = Field(
        description="The provider's words; `<number>` and the like stand for what the request had."
    )
    operations: list[str] = Field(description="The calls that answer it; none: any.")
    reason: str | None = Field(
        description="What a send of ours fails with (docs/errors.md); null where the provider sends nothing."
    )
    retryable: bool | None = Field(description="The same send may work a little later.")
    maybe_sent: bool | None = Field(description="The message may have gone out.")


class KnownErrors(Shape):
    """The errors of one provider, or of all."""

    errors: list[KnownError]


class MagicAt(Shape):
    """What a magic recipient is at one provider."""

    provider: str
    code: str | None = Field(description="The provider's own error, where it is one.")
    ordinary: bool = Field(description="The provider knows no such thing: there it is like any other.")


class MagicRecipient(Shape):
    """Numbers and addresses that always behave in one way."""

    name: str = Field(examples=["rate-limited"])
    fault_id: str = Field(description="What exchanges and near misses call it.", examples=["magic_rate-limited"])
    what: str
    stage: Literal["before", "after"]
    phones: list[str] = Field(description="`x` is any digit.", examples=[["+86 154 0003 xxxx"]])
    addresses: list[str] = Field(description="`*` is anything.", examples=[["*@rate-limited.magic.test"]])
    providers: list[MagicAt]
    hits: int = Field(ge=0, description="At all providers together.")
    last_hit: LastHit | None


class MagicRecipients(Shape):
    """All of them."""

    on: bool = Field(description="False where the config has `magic_recipients: false`.")
    magic: list[MagicRecipient]
