"""What somebody at a provider would decide."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.web.routing.shared import Json, Shape, Time


class Decision(Shape):
    """What was decided by hand."""

    state: Literal["approved", "rejected", "cancelled"]
    reason: str = Field(description="Why, as the applicant sees it.")
    at: Time


class Review(Shape):
    """An application, for a signature or a template say."""

    id: str = Field(examples=["review_5e0c1b8f7a2d4936"])
    provider: str = Field(examples=["aliyun-sms"])
    kind: str = Field(description="What was applied for.", examples=["template"])
    account: str = Field(description="Whose it is: the access key's id.")
    name: str
    submitted_at: Time
    content: Json = Field(description="The application, in the provider's words.")
    decision: Decision | None = Field(description="Null: nobody has decided by hand.")


class Reviews(Shape):
    """All applications."""

    reviews: list[Review]
