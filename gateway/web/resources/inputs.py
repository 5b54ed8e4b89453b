"""Parameters that several resources share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.errors import Gone
from gateway.listing import Page
from gateway.ports import Log
from gateway.web.calls import Input

Cursor = Annotated[int, Field(ge=0, le=2**53)]
# An int is a fine number of seconds, also where types are strict.
Seconds = Annotated[float, Field(ge=0, le=60, strict=False, allow_inf_nan=False)]
UsageTypeName = Literal[
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
ChannelName = Literal["sms", "email"]


class Paged(Input):
    """Every list takes these."""

    after: Cursor | None = None
    before: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    order: Literal["asc", "desc"] = "desc"

    def page(self, log: Log, stream: str) -> Page:
        """Raises Gone: a list must not be silently short."""
        if self.after is not None and self.after < log.evicted(stream):
            raise Gone("after: entries since that cursor are no longer kept; read again without it")
        return Page(self.after, self.before, self.limit, self.order == "desc")
