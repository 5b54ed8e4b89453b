"""Models that several resources share: parameters, fields of answers, and the body of every error."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gateway.core.model import Channel, UsageType
from gateway.inbox.near_misses import Reason
from gateway.storage.paging import Page
from gateway.web.routing.calls import Input

# A little more than ``gateway.core.recipients.recipient`` accepts, whose error message is better than a pattern's.
_TO = r"\s*(\"[^\"]+\"@\S+|\S+@\S+\.\S+|\+?[0-9\s().-]*[0-9][0-9\s().-]*)\s*"
_TO_EXAMPLES: list[Any] = ["13800138000", "+13055550123", "ada@example.com"]
To = Annotated[
    str,
    Field(
        description="A phone number (digits with country code) or an email address.",
        examples=_TO_EXAMPLES,
        json_schema_extra={"pattern": f"^{_TO}$"},
    ),
]
Cursor = Annotated[int, Field(ge=0, le=2**53, description="A place in the log: only what is newer.", examples=[17])]
# Bodies are validated strictly, but an int is a number of seconds, too.
Seconds = Annotated[
    float,
    Field(
        ge=0,
        le=60,
        strict=False,
        allow_inf_nan=False,
        description="How long to wait, in real seconds; 0: only look.",
    ),
]


def _read_usage_type(value: object) -> object:
    """Return Logto's spelling of a usage type that is written in another case. Any other value stays as it is."""
    found = UsageType.read(value) if isinstance(value, str) else None
    return value if found is None else found.value


_UsageTypes = Literal[
    "SignIn",
    "Register",
    "ForgotPassword",
    "OrganizationInvitation",
    "Generic",
    "UserPermissionValidation",
    "BindNewIdentifier",
    "MfaVerification",
    "BindMfa",
]
UsageTypeFilter = Annotated[
    _UsageTypes,
    BeforeValidator(_read_usage_type),
    Field(description="Only messages of this usage type. Any case will do."),
]
ChannelFilter = Annotated[Literal["sms", "email"], Field(description="Only what this carries.")]
ToFilter = Annotated[
    str,
    Field(
        description="Only what may be this recipient's, by every reading.",
        examples=_TO_EXAMPLES,
        json_schema_extra={"pattern": f"^{_TO}$"},
    ),
]
SubjectFilter = Annotated[
    str, Field(max_length=200, description="Only mails whose subject contains this, in any case.")
]
TextFilter = Annotated[
    str, Field(max_length=200, description="Only messages whose text contains this, in any case.")
]
SenderFilter = Annotated[
    str, Field(max_length=200, description="Only mails whose From contains this, in any case.")
]
ProviderFilter = Annotated[str, Field(description="Only this provider's.", examples=["aliyun-sms"])]


def _read_time(value: object) -> object:
    """Read a time from text, which strict validation of a body would refuse."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("must be a time with its zone, such as 2026-12-24T00:00:00Z") from None


ZonedTime = Annotated[AwareDatetime, BeforeValidator(_read_time)]


class OfId(BaseModel):
    """A thing by its id."""

    id: str = Field(description="Its id, as lists and answers show it.")


class OfRecipient(BaseModel):
    to: To


class Paged(Input):
    """Every list takes these."""

    after: Cursor | None = None
    before: Annotated[Cursor, Field(description="A place in the log: only what is older.")] | None = None
    limit: Annotated[int, Field(ge=1, le=1000, description="How many at most.")] = 100
    order: Annotated[Literal["asc", "desc"], Field(description="Oldest or newest first.")] = "desc"

    def page(self) -> Page:
        return Page(self.after, self.before, self.limit, self.order == "desc")


def _omit_nulls(schema: dict[str, Any]) -> None:
    """Describe a field with the default None as optional and never null."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        if name not in required and "default" in field:
            del field["default"]
            kinds = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
            if len(kinds) == 1:
                del field["anyOf"]
                field.update(kinds[0])
            elif kinds:
                field["anyOf"] = kinds


class Output(BaseModel):
    """An object in an answer, with keys in camelCase and no keys besides.

    A field without a default is always there (``X | None``: it may be null). A field with the default None is left
    out of the answer instead of being null. Each field has a ``description`` unless its name says everything. The
    schema is built at its first use, which keeps the start fast.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, defer_build=True, json_schema_extra=_omit_nulls
    )


Time = Annotated[
    str,
    Field(
        json_schema_extra={"format": "date-time"},
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
        description="ISO 8601 in UTC, with milliseconds.",
        examples=["2026-11-21T10:20:30.123Z"],
    ),
]
Place = Annotated[int, Field(ge=0, description="A place in the log: a larger one is newer.", examples=[17])]
End = Annotated[
    int, Field(ge=0, description="The newest place in the log: wait or list `after` it.", examples=[18])
]
SentTo = Annotated[str, Field(description="The recipient as it was sent.", examples=["13800138000"])]
ReadAs = Annotated[
    str, Field(description="The form that the provider acts on: E.164, or lower case.", examples=["+8613800138000"])
]
ChannelField = Annotated[Channel, Field(description="What carries it.")]
UsageTypeField = Annotated[UsageType, Field(description="Logto's usage type.")]
Json = dict[str, Any]


class Deleted(Output):
    """How many are gone."""

    deleted: Annotated[int, Field(ge=0)]


_REASONS = ", ".join(f"`{reason.value}`" for reason in Reason)


class NearMiss(Output):
    """Something that did arrive, and why it is not what was waited for."""

    reason: str = Field(
        description=" or ".join(_REASONS.rsplit(", ", 1)) + ".",
        json_schema_extra={"enum": [reason.value for reason in Reason]},
    )
    message: str = Field(description="For people: what happened, and what would help.")
    at: Time
    to: str | None = Field(description="To whom it went, where that is known.")
    capture_id: str | None = None
    exchange_id: str | None = None
    message_id: str | None = None
    read_as: str | None = Field(None, description="As which number the provider read it.")
    fault_id: str | None = Field(None, description="The fault that keeps it from arriving.")
    due_at: Time | None = Field(None, description="When it comes, on the gateway's clock.")


class FailedConnector(Output):
    """Why one of several connectors did not send a message."""

    connector_id: str = Field(examples=["sms"])
    reason: str = Field(description="In one word: docs/errors.md lists them.")
    provider: str | None = None
    provider_code: str | None = Field(None, description="The provider's own code.")
    request_id: str | None = Field(None, description="The provider's id of the request.")
    maybe_sent: bool = Field(description="The message may have gone out.")
    retryable: bool = Field(description="The same call may work a little later.")


class Issue(Output):
    """One problem of the input, as Logto's validator (zod) tells it."""

    code: str = Field(examples=["invalid_type"])
    path: list[str | int] = Field(description="The steps to the field.", examples=[["phone"]])
    message: str


class ErrorData(Output):
    """What a program may want to know of an error. Which of these are there depends on ``code``."""

    field: str | None = Field(None, description="The parameter, key or header that is wrong.")
    name: Literal["ZodError"] | None = Field(None, description="Of `guard.invalid_input`, as Logto has it.")
    issues: list[Issue] | None = Field(None, description="Of `guard.invalid_input`: what is wrong.")
    allow: list[str] | None = Field(None, description="The methods that the path takes.")
    reason: str | None = Field(None, description="Why a send failed, in one word: docs/errors.md lists them.")
    provider: str | None = None
    provider_code: str | None = Field(None, description="The provider's own code.")
    request_id: str | None = Field(None, description="The provider's id of the request.")
    maybe_sent: bool | None = Field(None, description="The message may have gone out: do not simply send it again.")
    retryable: bool | None = Field(None, description="The same call may work a little later.")
    fallbacks: list[FailedConnector] | None = Field(
        None, description="Those that stood in for the connector, in order, each with why it did not send either."
    )
    template: str | None = Field(None, description="The template that is broken.")
    line: int | None = Field(None, description="The line of it, where that is known.")
    variable: str | None = Field(None, description="The name in it that nobody knows.")
    to: str | None = Field(None, description="Whose code was asked for.")
    read_as: str | None = Field(None, description="How that recipient was understood.")
    near_misses: list[NearMiss] | None = Field(None, description="What did arrive, newest first of each kind.")
    limited_by: str | None = Field(
        None, description="The rule: a window's `by` (`recipient`, ...), or `resend_wait`."
    )
    retry_after: int | None = Field(None, description="Whole seconds of the gateway's clock, where waiting helps.")
    tries_left: int | None = Field(None, description="Wrong codes that may still follow.")
    checks: dict[str, str] | None = Field(
        None, description="What was asked of a gateway that is not ready: `ok`, or what is wrong."
    )


class Error(Output):
    """The body of every error. It never holds a secret, a provider's text or, except where the caller waits for
    that recipient, whose message it was."""

    code: str = Field(description="`family.reason`: docs/errors.md has the cause and the cure of each.")
    message: str = Field(description="For people: names the field and the fix.")
    data: ErrorData
