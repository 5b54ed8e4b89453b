"""Reviews: applications that the staff of a provider would decide by hand. Fakes keep them as ``Review``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.core.errors import Conflict, NotFound
from gateway.core.model import Response, iso
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import Json, OfId, Output, Time
from gateway.web.server.answers import json_answer

State = Literal["approved", "rejected", "cancelled"]
Reason = Annotated[str, Field(max_length=1000, description="Why, as the applicant sees it.")]


class DecisionInput(Input):
    """What is decided, and why."""

    state: State
    reason: Reason = ""


class Decision(Output):
    """What was decided by hand."""

    state: State
    reason: Reason
    at: Time


class Review(Output):
    """An application, for a signature or a template say."""

    id: str = Field(examples=["review_5e0c1b8f7a2d4936"])
    provider: str = Field(examples=["aliyun-sms"])
    kind: str = Field(description="What was applied for.", examples=["template"])
    account: str = Field(description="Whose it is: the access key's id.")
    name: str
    submitted_at: Time
    content: Json = Field(description="The application, in the provider's words.")
    decision: Decision | None = Field(description="Null: nobody has decided by hand.")


class Reviews(Output):
    """All applications."""

    reviews: list[Review]


async def list_reviews(call: Call) -> Response:
    return json_answer({"reviews": await call.services.reviews.list_all()})


async def show_review(call: Call) -> Response:
    return json_answer(await call.services.reviews.get(call.params["id"]))


async def decide_review(call: Call) -> Response:
    """Decide an application, also one that was decided before: the last decision counts."""
    body = await call.body(DecisionInput)
    decision = {"state": body.state, "reason": body.reason, "at": iso(call.services.clock.now())}
    return json_answer(await call.services.reviews.decide(call.params["id"], decision))


ROUTES = (
    Route(
        "GET",
        "/api/reviews",
        list_reviews,
        operation_id="reviewsListing",
        tag="reviews",
        summary="All applications, by account and name.",
        answers={200: Reviews},
    ),
    Route(
        "GET",
        "/api/reviews/{id}",
        show_review,
        operation_id="reviewsShow",
        tag="reviews",
        summary="One application.",
        params=OfId,
        answers={200: Review},
        errors=(NotFound,),
    ),
    Route(
        "POST",
        "/api/reviews/{id}",
        decide_review,
        operation_id="reviewsDecide",
        tag="reviews",
        summary="Decide, also what was decided before.",
        params=OfId,
        body=DecisionInput,
        example={"state": "rejected", "reason": "the text names no app"},
        answers={200: Review},
        errors=(NotFound, Conflict),
    ),
)
