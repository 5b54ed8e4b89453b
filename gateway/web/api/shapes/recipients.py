"""Fresh recipients."""

from __future__ import annotations

from pydantic import Field

from gateway.web.routing.shared import End, Kind, Shape


class FreshRecipient(Shape):
    """A number or address that this gateway never gave before. All but ``to`` and ``channel`` is null for email."""

    to: str = Field(description="E.164, or an address.", examples=["+8613800138000"])
    channel: Kind
    region: str | None = Field(examples=["CN"])
    digits: str | None = Field(description="`to` without the plus.")
    national: str | None = Field(description="As people in that country write it.")
    cursor: End
