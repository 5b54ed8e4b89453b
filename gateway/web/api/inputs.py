"""Parameters that several resources share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from gateway.core.errors import Gone
from gateway.storage.paging import Page
from gateway.storage.ports import Log
from gateway.web.routing.calls import Input

# What ``gateway.recipients.recipient`` takes, and a little more: its message is better than a pattern's.
_TO = r"\s*(\"[^\"]+\"@\S+|\S+@\S+\.\S+|\+?[0-9\s().-]*[0-9][0-9\s().-]*)\s*"
_TOS: list[Any] = ["13800138000", "+13055550123", "ada@example.com"]
To = Annotated[
    str,
    Field(
        description="A phone number (digits with country code) or an email address.",
        examples=_TOS,
        json_schema_extra={"pattern": f"^{_TO}$"},
    ),
]
Cursor = Annotated[int, Field(ge=0, le=2**53, description="A place in the log: only what is newer.", examples=[17])]
# An int is a fine number of seconds, also where types are strict.
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
UsageTypeName = Annotated[_UsageTypes, Field(description="Only messages of this usage type.")]
ChannelName = Annotated[Literal["sms", "email"], Field(description="Only what this carries.")]
ToFilter = Annotated[
    str,
    Field(
        description="Only what may be this recipient's, by every reading.",
        examples=_TOS,
        json_schema_extra={"pattern": f"^{_TO}$"},
    ),
]
ProviderName = Annotated[str, Field(description="Only this provider's.", examples=["aliyun-sms"])]


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

    def page(self, log: Log, stream: str) -> Page:
        """Raises Gone: a list must not be silently short."""
        if self.after is not None and self.after < log.evicted(stream):
            raise Gone("after: entries since that cursor are no longer kept; read again without it")
        return Page(self.after, self.before, self.limit, self.order == "desc")
