"""Faults: make a fake misbehave on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from gateway.core.errors import InvalidRequest, NotFound
from gateway.core.model import Document, Response, Wire, new_id
from gateway.core.recipients import recipient
from gateway.faults.rules import Delivery, Effect, Match, ProviderError, RawAnswer, Rule, Standing
from gateway.providers.ports import Provider
from gateway.web.api.inputs import OfId, To
from gateway.web.api.known import ROUTES as KNOWN
from gateway.web.api.known import check_code, check_mutation, hit_view
from gateway.web.api.shapes import faults as shapes
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.shared import Deleted
from gateway.web.server.answers import json_answer

LATE_SECONDS = 30.0
_LATEST = 366 * 86_400.0

_Delay = Annotated[float, Field(ge=0, le=3600, strict=False, allow_inf_nan=False)]
_HeaderText = Annotated[str, Field(pattern=r"^[^\r\n]*$", max_length=4000)]
_Status = Annotated[int, Field(ge=200, le=599)]


class ErrorInput(Input):
    """One of the provider's errors. What is not given is as in its own table."""

    code: Annotated[str, Field(min_length=1, max_length=200)]
    message: Annotated[str, Field(max_length=4000)] | None = None
    status: _Status | None = None
    retry_after: _Delay | None = None


class AnswerInput(Input):
    """Any answer, also one that the provider would never give."""

    status: _Status
    headers: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")], _HeaderText] = Field(
        default_factory=dict
    )
    body: str = ""


class FaultInput(Input):
    """What to match, when, and what to do. All is optional, but there must be something to do."""

    provider: str | None = Field(None, description="Only requests at this provider.", examples=["aliyun-sms"])
    operation: str | None = Field(None, description="Only this call.", examples=["SendSms"])
    to: To | None = Field(None, description="Only requests for this recipient.")
    persona: str | None = Field(
        None, min_length=1, description="Only requests about this persona.", examples=["ada"]
    )
    key_id: str | None = Field(None, description="Only requests with this access key id, or of this client.")
    nth: Annotated[int, Field(ge=1, description="Only the nth matching request, from 1.")] | None = None
    count: Annotated[int, Field(ge=1, description="How often it may hit; else always.")] | None = None
    probability: Annotated[float, Field(ge=0, le=1, strict=False, description="How likely a hit is.")] | None = None
    seed: int = Field(0, description="The same seed gives the same run.")
    stage: Literal["before", "after"] = Field("before", description="Before or after the message is accepted.")
    error: ErrorInput | Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="One of the provider's errors, by its own code.", examples=["isv.BUSINESS_LIMIT_CONTROL"]
    )
    answer: AnswerInput | None = Field(None, description="A raw answer.")
    latency: _Delay = Field(0, description="Real seconds before the answer (`before`: before acceptance).")
    hang: bool = Field(default=False, description="Never answer.")
    reset: bool = Field(default=False, description="Reset the TCP connection.")
    fin: bool = Field(default=False, description="Close without an answer.")
    truncate_at: Annotated[int, Field(ge=0, description="Send so many bytes of the body.")] | None = None
    drip: Annotated[float, Field(gt=0, le=1e9, strict=False, description="Bytes a second.")] | None = None
    delivery: Literal["lost", "late", "twice"] | None = Field(
        None, description="Accepted and answered as usual; then it never arrives, comes late, or comes twice."
    )
    late_seconds: (
        Annotated[
            float,
            Field(
                gt=0,
                le=_LATEST,
                strict=False,
                allow_inf_nan=False,
                description="How late, on the gateway's clock; 30 unless given.",
            ),
        ]
        | None
    ) = None

    mutate: dict[str, Any] | None = Field(
        None,
        min_length=1,
        description="How the regular answer is to be wrong, in the provider's own words (docs/social.md).",
        examples=[{"idToken": {"alg": "none"}}],
    )

    @model_validator(mode="after")
    def _does_something(self) -> FaultInput:
        ends = [name for name in ("hang", "reset", "fin") if getattr(self, name)]
        if self.error is not None:
            ends.append("error")
        if self.answer is not None:
            ends.append("answer")
        if self.delivery is not None:
            ends.append("delivery")
        if self.mutate is not None:
            ends.append("mutate")
        shapes = bool(self.latency) or self.truncate_at is not None or self.drip is not None
        if not ends and not shapes:
            known = "error, answer, latency, hang, reset, fin, truncateAt, drip, delivery or mutate"
            raise ValueError(f"nothing to do; give {known}")
        if len(ends) > 1:
            raise ValueError(f"{ends[0]} and {ends[1]} exclude each other; two faults can follow each other")
        if self.delivery is not None and self.stage == "after":
            raise ValueError("delivery goes with the stage before: it is decided when the message is accepted")
        if self.persona is not None and self.to is not None:
            raise ValueError("to and persona exclude each other")
        if self.mutate is not None and self.stage == "after":
            raise ValueError("mutate goes with the stage before: it is decided before the answer is made")
        if self.late_seconds is not None and self.delivery != "late":
            raise ValueError('lateSeconds goes with delivery "late"')
        return self

    def rule(self, given: Document) -> Rule:
        match = Match(
            self.provider,
            self.operation,
            self._recipients(),
            self.key_id,
            self.nth,
            self.probability,
            self.seed,
        )
        wire = Wire(self.latency, self.hang, self.reset, self.fin, self.truncate_at, self.drip)
        rule_id = new_id("fault")
        effect = Effect(
            wire, self._error(), self._answer(), rule_id, self._deliveries(match, rule_id), self.mutate or {}
        )
        return Rule(match, effect, self.stage, self.count, given, rule_id)

    def _recipients(self) -> frozenset[str] | None:
        if self.persona is not None:
            return frozenset((self.persona,))
        return frozenset(recipient(self.to).readings) if self.to is not None else None

    def _deliveries(self, match: Match, rule_id: str) -> tuple[Delivery, ...]:
        if self.delivery is None:
            return ()
        seconds = (self.late_seconds or LATE_SECONDS) if self.delivery == "late" else 0.0
        return (Delivery(self.delivery, seconds, match.recipients, rule_id),)

    def _error(self) -> ProviderError | None:
        if isinstance(self.error, str):
            return ProviderError(self.error)
        if self.error is None:
            return None
        return ProviderError(self.error.code, self.error.message, self.error.status, self.error.retry_after)

    def _answer(self) -> RawAnswer | None:
        if self.answer is None:
            return None
        return RawAnswer(self.answer.status, tuple(self.answer.headers.items()), self.answer.body)


async def listing(call: Call) -> Response:
    return json_answer({"faults": [_view(one) for one in call.services.faults.listing()]})


async def create(call: Call) -> Response:
    body = await call.body(FaultInput)
    services = call.services
    known = services.providers
    if body.provider is not None and body.provider not in known:
        raise InvalidRequest(f"provider: must be one of {', '.join(sorted(known))}", data={"field": "provider"})
    concerned = [known[body.provider]] if body.provider is not None else [known[name] for name in services.mounts]
    if body.error is not None:
        error = ErrorInput(code=body.error) if isinstance(body.error, str) else body.error
        if error.status is None:
            check_code(error.code, "error" if isinstance(body.error, str) else "error.code", concerned)
    if body.delivery is not None:
        _check_sends(body.operation, concerned)
    if body.mutate is not None:
        check_mutation(body.mutate, concerned)
    given = body.model_dump(by_alias=True, exclude_unset=True, mode="json")
    rule = body.rule(given)
    services.faults.add(rule)
    return json_answer(_view(Standing(rule)), 201)


def _check_sends(operation: str | None, concerned: Sequence[Provider]) -> None:
    """Raises InvalidRequest for an operation that sends nothing: the fault would never hit."""
    if operation is None or any(not one.sends or operation in one.sends for one in concerned):
        return
    sends = sorted(name for one in concerned for name in one.sends)
    raise InvalidRequest(
        f"operation: a fault of delivery is about what sends: {', '.join(sends)}", data={"field": "operation"}
    )


async def show(call: Call) -> Response:
    found = call.services.faults.get(call.params["id"])
    if found is None:
        raise NotFound("there is no fault with that id (any more)")
    return json_answer(_view(found))


async def delete(call: Call) -> Response:
    if not call.services.faults.remove(call.params["id"]):
        raise NotFound("there is no fault with that id (any more)")
    return json_answer({"deleted": 1})


async def delete_all(call: Call) -> Response:
    return json_answer({"deleted": call.services.faults.clear()})


def _view(one: Standing) -> Document:
    rule = one.rule
    return {
        **rule.given,
        "id": rule.id,
        "stage": rule.stage,
        "seen": one.seen,
        "hits": one.hits,
        "lastHit": hit_view(one.last),
    }


ROUTES = (
    Route(
        "GET",
        "/api/faults",
        listing,
        operation_id="faultsListing",
        tag="faults",
        summary="Every fault in force, with its counts.",
        answers={200: shapes.Faults},
    ),
    Route(
        "POST",
        "/api/faults",
        create,
        operation_id="faultsCreate",
        tag="faults",
        summary="Make a fake misbehave: what to match, when, and what to do.",
        body=FaultInput,
        example={"to": "13800138000", "error": "isv.BUSINESS_LIMIT_CONTROL", "count": 1},
        answers={201: shapes.Fault},
    ),
    *KNOWN,
    Route(
        "DELETE",
        "/api/faults",
        delete_all,
        operation_id="faultsDeleteAll",
        tag="faults",
        summary="Remove all faults.",
        answers={200: Deleted},
    ),
    Route(
        "GET",
        "/api/faults/{id}",
        show,
        operation_id="faultsShow",
        tag="faults",
        summary="One fault with its counts.",
        params=OfId,
        answers={200: shapes.Fault},
        errors=(NotFound,),
    ),
    Route(
        "DELETE",
        "/api/faults/{id}",
        delete,
        operation_id="faultsDelete",
        tag="faults",
        summary="Remove one fault.",
        params=OfId,
        answers={200: Deleted},
        errors=(NotFound,),
    ),
)
