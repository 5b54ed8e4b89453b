"""The clock, and what a reset did away with."""

from __future__ import annotations

from pydantic import Field

from gateway.web.routing.shared import Shape, Time


class JobsShown(Shape):
    """What is still to happen."""

    waiting: int = Field(ge=0, description="How many jobs: messages that a fault has come late, say.")
    next_at: Time | None = Field(description="When the next one is due.")


class ClockShown(Shape):
    """The gateway's own time, and real time."""

    now: Time
    real: Time
    offset_seconds: float = Field(description="`now` less `real`.")
    frozen: bool
    jobs: JobsShown


class Gone(Shape):
    """How many of each are gone."""

    captures: int = Field(ge=0)
    messages: int = Field(ge=0)
    exchanges: int = Field(ge=0)
    faults: int = Field(ge=0)
