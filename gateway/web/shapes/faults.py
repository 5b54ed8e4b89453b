"""Faults in force."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from gateway.web.shapes.shared import Shape


class AsGiven(Shape):
    """Shown in the caller's own spelling: what was not given is not there, and what was null is null."""

    model_config = ConfigDict(json_schema_extra={})


class FaultError(AsGiven):
    """The provider's error, by its own code."""

    code: str
    message: str | None = None
    status: int | None = None
    retry_after: float | None = None


class FaultAnswer(AsGiven):
    """A raw answer."""

    status: int
    headers: dict[str, str] | None = None
    body: str | None = None


class Fault(AsGiven):
    """One fault as it was given, with its id and its counts."""

    id: str = Field(examples=["fault_1c2d3e4f5a6b7c8d"])
    stage: Literal["before", "after"]
    seen: int = Field(ge=0, description="Requests that matched.")
    hits: int = Field(ge=0, description="Those of them that it fell on.")
    provider: str | None = None
    operation: str | None = None
    to: str | None = None
    key_id: str | None = None
    nth: int | None = None
    count: int | None = None
    probability: float | None = None
    seed: int | None = None
    error: FaultError | str | None = None
    answer: FaultAnswer | None = None
    latency: float | None = None
    hang: bool | None = None
    reset: bool | None = None
    fin: bool | None = None
    truncate_at: int | None = None
    drip: float | None = None


class Faults(Shape):
    """Every fault, in the order in which they are asked."""

    faults: list[Fault]
