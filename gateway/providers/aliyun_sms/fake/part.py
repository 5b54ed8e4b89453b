"""The keys of ``fakes: {aliyun-sms: ...}`` with their meaning: docs/config.md shows the descriptions."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from gateway.providers.aliyun_sms.fake.settings import (
    CHECK_ORDER,
    Check,
    Echo,
    Guesses,
    LimitedNumber,
    Limits,
    ReviewMode,
    State,
    Windows,
)
from gateway.providers.aliyun_sms.fake.templates import Kind

TRIAL_SIGNATURE = "阿里云短信测试"
TRIAL_TEMPLATE = "SMS_154950909"

_GUESS = Guesses()
_LIMIT = Limits()

Word = Annotated[str, Field(min_length=1)]
Most = Annotated[int, Field(ge=0)] | None


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


# Masked wherever settings are shown.
_SECRET: dict[str, JsonValue] = {"writeOnly": True}


class AccountPart(Part):
    access_key_id: Word = Field(description="the key's id")
    access_key_secret: Word = Field(description="its secret", json_schema_extra=_SECRET)
    security_token: Word | None = Field(
        None, description="makes it a temporary key, which must bear this token", json_schema_extra=_SECRET
    )
    state: State = Field("active", description="another one refuses whatever this account sends")
    balance: Most = Field(None, description="how many messages it can pay for; null for any number")
    allowed_networks: list[Word] = Field(
        [], description="where it may send from, beside what holds for all accounts; none for anywhere"
    )


class TemplatePart(Part):
    code: Word = Field(description="as in `TemplateCode`")
    text: Word = Field(description="with `${name}` for variables")
    kind: Kind = Field("verification", description="decides which numbers and values it takes")


class SignaturePart(Part):
    name: Word = Field(description="as in `SignName`")
    codes_only: bool = Field(False, description="it sends verification codes only")


class LimitsPart(Part):
    verification_per_minute: Most = Field(
        _LIMIT.verification_per_minute, description="codes of one signature to one number in a minute; null for any"
    )
    verification_per_hour: Most = Field(_LIMIT.verification_per_hour, description="in an hour")
    verification_per_day: Most = Field(_LIMIT.verification_per_day, description="in 24 hours")
    number_per_day: Most = Field(
        _LIMIT.number_per_day, description="codes of all accounts together to one number in 24 hours"
    )
    other_per_day: Most = Field(
        _LIMIT.other_per_day,
        description="notifications or promotions of one signature and template to one number in 24 hours",
    )
    account_per_day: Most = Field(None, description="messages of a whole account in a day (UTC+8)")
    account_per_month: Most = Field(None, description="messages of a whole account in a month (UTC+8)")
    exempt_numbers: list[Word] = Field([], description="numbers without limits")
    windows: Windows = Field(
        _LIMIT.windows,
        description="`natural`: minute and hour of the clock; `rolling`: the last 60 s, 60 min",
    )
    limited_number: LimitedNumber = Field(
        _LIMIT.limited_number,
        description="in a call with several numbers, one over its limit refuses `whole_call` or `that_number`",
    )


class FakePart(Part):
    strict: bool = Field(False, description="apply every rule; see [aliyun-sms.md](aliyun-sms.md)")
    accounts: list[AccountPart] = Field([], description="further keys")
    templates: list[TemplatePart] = Field([], description="further templates")
    signatures: list[Word | SignaturePart] = Field([], description="further sign names")
    forbidden_signatures: list[Word] = Field([], description="sign names that are registered and must not be used")
    refused_names: list[Word] = Field([], description="sign names that an application does not get")
    test_signatures: list[Word] = Field(
        [TRIAL_SIGNATURE], description="Aliyun's signatures for trying it out: they go with test templates only"
    )
    test_templates: list[Word] = Field([TRIAL_TEMPLATE], description="the templates for test signatures only")
    bound_numbers: list[Word] = Field([], description="the numbers that test signatures send to")
    review: ReviewMode | None = Field(
        None,
        description="when applications pass: `at_once` (lenient), `delayed` (strict), `manual` by `/api/reviews`",
    )
    review_seconds: float = Field(
        7200.0, ge=0, description="how long a delayed review takes, on the gateway's clock"
    )
    applications_per_day: Most = Field(100, description="signatures and templates of an account in a day (strict)")
    signs_per_day: Most = Field(None, description="signatures of an account in a day (strict)")
    templates_per_day: Most = Field(None, description="templates of an account in a day (strict)")
    limits: LimitsPart | bool | None = Field(
        None,
        description="limits by number and time: true for Aliyun's, false for none, null for what `strict` says",
    )
    state: State = Field("active", description="the state of every account that has none of its own")
    balance: Most = Field(
        None, description="how many messages an account can pay for that has no balance of its own"
    )
    blacklist: list[Word] = Field([], description="numbers that get nothing")
    forbidden_words: list[Word] = Field([], description="words that no message may hold (templates: strict only)")
    allowed_networks: list[Word] = Field(
        [], description="where one may send from, such as `10.0.0.0/8`; none for anywhere"
    )
    denied_networks: list[Word] = Field([], description="where nobody may send from, such as `10.0.0.0/8`")
    receipt_delay_seconds: float = Field(
        2.0, ge=0, description='how long `QuerySendDetails` says "waiting", on the gateway\'s clock'
    )
    bad_receipts: dict[Word, list[Word]] = Field(
        {}, description='numbers that report failure, by `ErrCode`, such as `{UNDELIV: ["13800138009"]}`'
    )
    freshness_seconds: float = Field(900.0, gt=0, description="how far a timestamp may be from real time")
    nonces_remembered: int = Field(100_000, ge=1, description="how many nonces are known again")
    statuses: dict[Word, Annotated[int, Field(ge=200, le=599)]] = Field(
        {}, description="HTTP status of an error by its code, where yours differs"
    )
    messages: dict[Word, str] = Field({}, description="text of an error by its code, where yours differs")
    check_order: list[Check] = Field(list(CHECK_ORDER), description="in which order a request is checked")
    acs3_echo: Echo = Field(
        _GUESS.acs3_echo, description="what `server string to sign is:` shows to an ACS3 client"
    )
    number_values_accepted: bool = Field(
        _GUESS.number_values_accepted, description="may values of `TemplateParam` be JSON numbers (strict)"
    )
    waiting_err_code: str = Field(
        _GUESS.waiting_err_code, description="`ErrCode` of `QuerySendDetails` before the receipt"
    )
    lost_err_code: Word = Field(
        _GUESS.lost_err_code, description="`ErrCode` of a message that a fault has lost, in its receipt"
    )
    foreign_number_code: Word = Field(
        _GUESS.foreign_number_code, description="a number abroad with a template for the mainland (strict)"
    )
    bracket_code: Word = Field(_GUESS.bracket_code, description="【 or 】 in a variable (strict)")
    code_length_code: Word = Field(
        _GUESS.code_length_code, description="a verification code of other than 4 to 6 characters (strict)"
    )
    most_parameters: int = Field(
        _GUESS.most_parameters, ge=1, description="how many keys `TemplateParam` may have (strict)"
    )
    recommend: str = Field(_GUESS.recommend, description="the URL in errors, with `{code}` and `{request_id}`")
