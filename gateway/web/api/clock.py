"""The gateway's clock, and a reset of the whole gateway."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from gateway.core.errors import Conflict, InvalidRequest
from gateway.core.model import Response, iso
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input, Nothing
from gateway.web.routing.models import Output, Time, ZonedTime
from gateway.web.server.answers import json_answer

# Far enough for any test, and within the range of datetime.
_LATEST = datetime.fromisoformat("9000-01-01T00:00:00+00:00").timestamp()


def _one_of(schema: dict[str, Any]) -> None:
    """Say in JSON Schema what ``Move._check_one`` checks."""
    schema["minProperties"] = schema["maxProperties"] = 1
    for field in schema["properties"].values():
        del field["default"]
        (kind,) = [kind for kind in field.pop("anyOf") if kind != {"type": "null"}]
        field.update(kind)


class Move(Input):
    """Exactly one of these."""

    model_config = ConfigDict(json_schema_extra=_one_of)

    advance: (
        Annotated[
            float,
            Field(
                ge=-1e10,
                le=1e10,
                strict=False,
                allow_inf_nan=False,
                description="So many seconds on; negative: back.",
            ),
        ]
        | None
    ) = None
    set: Annotated[ZonedTime, Field(description="To this time, which names its zone.")] | None = None
    freeze: bool | None = Field(None, description="Stand still, or run on from there.")
    reset: bool | None = Field(None, description="Back to real time.", json_schema_extra={"const": True})

    @model_validator(mode="after")
    def _check_one(self) -> Move:
        # A null is no choice: it must not end as a reset.
        if [getattr(self, name) is None for name in self.model_fields_set] != [False]:
            raise ValueError("give exactly one of advance, set, freeze, reset")
        if self.reset is False:
            raise ValueError("reset must be true")
        return self


class JobsShown(Output):
    """What is still to happen."""

    waiting: int = Field(ge=0, description="How many jobs: messages that a fault has come late, say.")
    next_at: Time | None = Field(description="When the next one is due.")


class ClockShown(Output):
    """The gateway's own time, and real time."""

    now: Time
    real: Time
    offset_seconds: float = Field(description="`now` less `real`.")
    frozen: bool
    jobs: JobsShown


class Gone(Output):
    """How many of each are gone."""

    captures: int = Field(ge=0)
    messages: int = Field(ge=0)
    exchanges: int = Field(ge=0)
    faults: int = Field(ge=0)


async def show_clock(call: Call) -> Response:
    schedule = call.services.schedule
    due = schedule.next_at
    jobs = {"waiting": schedule.waiting, "nextAt": iso(due) if due is not None else None}
    return json_answer({**call.services.clock.document(), "jobs": jobs})


async def move_clock(call: Call) -> Response:
    body = await call.body(Move)
    _refuse_if_shared(call, "its clock cannot be moved")
    clock = call.services.clock
    if body.advance is not None or body.set is not None:
        when = clock.now() + body.advance if body.advance is not None else body.set.timestamp()  # type: ignore[union-attr]  # one of the two is there
        if not 0 <= when <= _LATEST:
            field = "set" if body.advance is None else "advance"
            raise InvalidRequest(f"{field}: the clock would leave the years 1970 to 9000", data={"field": field})
        await clock.set(when)
    elif body.freeze is not None:
        await (clock.freeze() if body.freeze else clock.unfreeze())
    else:
        await clock.reset()
    return await show_clock(call)


async def reset_gateway(call: Call) -> Response:
    await call.body(Nothing)
    _refuse_if_shared(call, "it cannot be reset as a whole")
    services = call.services
    # First the jobs: none of them may add a capture to the emptied inbox.
    await services.schedule.clear()
    counts = {name: await part.forget() for name, part in services.forgetful.items()}
    await services.clock.reset()
    deleted = {name: counts[name] for name in ("captures", "messages", "exchanges")}
    return json_answer({**deleted, "faults": services.faults.clear()})


def _refuse_if_shared(call: Call, what: str) -> None:
    """Raises Conflict on a shared server."""
    if call.services.about.shared:
        raise Conflict(f"this server was started as shared: {what}")


ROUTES = (
    Route(
        "GET",
        "/api/clock",
        show_clock,
        operation_id="clockShow",
        tag="clock",
        summary="The gateway's own time.",
        answers={200: ClockShown},
    ),
    Route(
        "POST",
        "/api/clock",
        move_clock,
        operation_id="clockMove",
        tag="clock",
        summary="Advance, set, freeze or reset the clock; due jobs have run when it answers.",
        body=Move,
        example={"advance": 600},
        answers={200: ClockShown},
        errors=(Conflict,),
    ),
    Route(
        "POST",
        "/api/reset",
        reset_gateway,
        operation_id="clockReset",
        tag="clock",
        summary="Forget captures, messages, exchanges and faults, and set the clock to real time.",
        body=Nothing,
        example={},
        answers={200: Gone},
        errors=(Conflict,),
    ),
)
