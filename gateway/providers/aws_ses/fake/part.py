"""The keys of ``fakes: {aws-ses: ...}`` with their meaning: docs/config.md shows the descriptions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from gateway.providers.aws_ses.fake.settings import (
    DEFAULT_ACCOUNT,
    DEFAULT_REGION,
    FakeSettings,
    ProductionReview,
    Verification,
)

_DEFAULT = FakeSettings()

Word = Annotated[str, Field(min_length=1)]
AccountId = Annotated[str, Field(pattern="^[0-9]{12}$")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


# Masked wherever settings are shown.
_SECRET: dict[str, JsonValue] = {"writeOnly": True}


class AccountPart(Part):
    access_key_id: Word = Field(description="the key's id")
    access_key_secret: Word = Field(description="its secret", json_schema_extra=_SECRET)
    session_token: Word | None = Field(
        None, description="makes it a temporary key, which must bear this token", json_schema_extra=_SECRET
    )
    account_id: AccountId | None = Field(
        None, description="the AWS account that it belongs to: identities, templates and quotas are per account"
    )


class QuotaPart(Part):
    per_day: Annotated[int, Field(ge=0)] | None = Field(
        description="recipients in 24 rolling hours, on the gateway's clock; null for any number"
    )
    per_second: Annotated[float, Field(gt=0)] | None = Field(
        description="recipients in a second; null for any number"
    )


class FakePart(Part):
    strict: bool = Field(False, description="apply every rule; see [aws-ses.md](aws-ses.md)")
    accounts: list[AccountPart] = Field([], description="further keys")
    account_id: AccountId = Field(
        DEFAULT_ACCOUNT, description="the AWS account of every key that has none of its own"
    )
    region: Word = Field(DEFAULT_REGION, description="the region of a request that names none")
    identities: list[Word] = Field(
        [], description="addresses and domains that are verified from the start, in every account and region"
    )
    configuration_sets: list[Word] = Field(
        [], description="configuration sets that are there from the start, in every account and region"
    )
    production: bool | None = Field(
        None, description="is an account out of the sandbox from the start? null: it is, unless strict"
    )
    production_review: ProductionReview | None = Field(
        None,
        description="what `PutAccountDetails` brings about that asks for production access; null: `granted`, and "
        "`pending` where strict",
    )
    limits: bool | None = Field(
        None, description="apply the day's quota and the rate: true, false, or null for what `strict` says"
    )
    sandbox_quota: QuotaPart = Field(
        QuotaPart(per_day=200, per_second=1.0), description="the quotas of an account in the sandbox"
    )
    production_quota: QuotaPart = Field(
        QuotaPart(per_day=50_000, per_second=14.0), description="the quotas of an account out of it"
    )
    verification: Verification | None = Field(
        None,
        description="when identities are verified: `at_once` (lenient), or `pending` (strict): an address by the "
        "link in a mail of the inbox, a domain after a while",
    )
    domain_verification_seconds: float = Field(
        _DEFAULT.domain_seconds, ge=0, description="that while, on the gateway's clock"
    )
    freshness_seconds: float = Field(
        _DEFAULT.freshness, gt=0, description="how old a signature may be, in real time"
    )
    ahead_seconds: float = Field(_DEFAULT.ahead, gt=0, description="how far a signature may be ahead of real time")
    signature_echo: bool = Field(
        _DEFAULT.echo, description="does the refusal of a signature show what should have been signed"
    )
    messages: dict[Word, str] = Field(
        {}, description="text of an error by its code, where yours differs; `{name}` is what was named"
    )
    statuses: dict[Word, Annotated[int, Field(ge=200, le=599)]] = Field(
        {}, description="HTTP status of an error by its code, where yours differs"
    )
    moto: Literal["auto", "off"] = Field(
        "auto",
        description="`auto`: moto answers the operations that are not native, where it is installed "
        "(`connector-gateway[moto]`); `off`: nobody does",
    )
    moto_seconds: float = Field(20.0, gt=0, description="how long moto may take for one call, in real time")
    daily_quota_type: Word = Field(
        "TooManyRequestsException", description="v2's type where the day's quota is used up"
    )
