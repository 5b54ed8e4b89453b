"""Reviews: applications that the staff of a provider would decide by hand.

Any fake may keep applications as records below ``reviews/``, in the form of ``Review``.
The fake decides what a decision means.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.core.errors import Conflict, NotFound
from gateway.core.model import Document, Response, iso
from gateway.storage.ports import Record
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import Json, OfId, Output, Time
from gateway.web.server.answers import json_answer

PREFIX = "reviews/"
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
    found = await call.services.store.records.scan(PREFIX)
    return json_answer({"reviews": [_describe(record.value) for _, record in found]})


async def show_review(call: Call) -> Response:
    return json_answer(_describe((await _find(call))[1].value))


async def decide_review(call: Call) -> Response:
    """Decide an application, also one that was decided before: the last decision counts."""
    body = await call.body(DecisionInput)
    key, record = await _find(call)
    decision = {"state": body.state, "reason": body.reason, "at": iso(call.services.clock.now())}
    changed = {**record.value, "decision": decision}
    await call.services.store.records.put(key, changed, if_version=record.version)
    return json_answer(_describe(changed))


async def _find(call: Call) -> tuple[str, Record]:
    for key, record in await call.services.store.records.scan(PREFIX):
        if record.value["id"] == call.params["id"]:
            return key, record
    raise NotFound("there is no application with that id (any more)")


def _describe(document: Document) -> Document:
    """Return an application without the fake's own notes."""
    return {name: value for name, value in document.items() if name != "flaw"}


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
