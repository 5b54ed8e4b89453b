"""Exchanges: requests at a fake and their answers, as they went over the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel

from gateway.web.routing.shared import End, Json, Place, Shape, Time

Header = Annotated[list[str], Field(min_length=2, max_length=2, description="Name and value.")]


class RequestSeen(Shape):
    """The request, as it came."""

    method: str
    target: str = Field(description="The request target as received.")
    host: str
    peer: str = Field(description="The client's address.")
    headers: list[Header] = Field(description="In order, in the client's own case.")
    body: str = Field(description="As UTF-8, or latin-1 where it is not UTF-8.")
    oversized: bool = Field(description="It was longer than the provider takes, and is not here.")


class ResponseGiven(Shape):
    """The answer, as it went out."""

    status: int
    headers: list[Header]
    body: str
    answered: bool = Field(description="False where a fault let it hang, or cut the connection.")


class Exchange(Shape):
    """One request at a fake and its answer, refused ones too."""

    id: str = Field(examples=["ex_77b1c3d5e7f90214"])
    cursor: Place
    provider: str = Field(examples=["aliyun-sms"])
    operation: str | None = Field(examples=["SendSms"])
    accepted: bool = Field(description="The fake did what was asked.")
    code: str | None = Field(description="The provider's own, also on success.", examples=["OK"])
    key_id: str | None = Field(description="The access key id of the caller.")
    signature: Literal["valid", "unverified", "refused", "absent"] = Field(
        description="`unverified`: a key that nobody registered, at a lenient fake."
    )
    to: list[str] = Field(description="The recipients as they were sent.")
    capture_ids: list[str]
    fault_ids: list[str] = Field(description="The faults that it ran into.")
    explanation: Json = Field(description="For people: why it was refused. Never sent to the client.")
    at: Time
    milliseconds: float = Field(description="How long the fake took, in real time.")
    request: RequestSeen
    response: ResponseGiven


class Exchanges(Shape):
    """A page of exchanges."""

    exchanges: list[Exchange]
    cursor: End


class ExchangeFound(Shape):
    """There it is."""

    exchange: Exchange
    cursor: Place


class ExchangeTimedOut(Shape):
    """The time is over. Wait on `after` this cursor."""

    timed_out: Literal[True]
    cursor: End


class ExchangeWaited(RootModel[Annotated[ExchangeFound | ExchangeTimedOut, Field()]]):
    """The exchange, or that there is none."""
