"""Exchanges: every request at a fake and its answer, refused ones too."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel, StringConstraints

from gateway.core.errors import Gone, NotFound, TooManyWaits, TooManyWaitsOfOne
from gateway.core.model import Document, Response
from gateway.core.recipients import recipient
from gateway.storage.paging import view
from gateway.web.api.captures import wait_for
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import (
    Cursor,
    End,
    Json,
    OfId,
    Output,
    Paged,
    Place,
    ProviderFilter,
    Seconds,
    Time,
    ToFilter,
)
from gateway.web.server.answers import json_answer, json_page

_Word = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Header = Annotated[list[str], Field(min_length=2, max_length=2, description="Name and value.")]


class RequestSeen(Output):
    """The request, as it came."""

    method: str
    target: str = Field(description="The request target as received.")
    host: str
    peer: str = Field(description="The client's address.")
    headers: list[Header] = Field(description="In order, in the client's own case.")
    body: str = Field(description="As UTF-8, or latin-1 where it is not UTF-8.")
    oversized: bool = Field(description="It was longer than the provider takes, and is not here.")


class ResponseGiven(Output):
    """The answer, as it went out."""

    status: int
    headers: list[Header]
    body: str
    answered: bool = Field(description="False where a fault let it hang, or cut the connection.")


class Exchange(Output):
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


class Exchanges(Output):
    """A page of exchanges."""

    exchanges: list[Exchange]
    cursor: End


class ExchangeFound(Output):
    """There it is."""

    exchange: Exchange
    cursor: Place


class ExchangeTimedOut(Output):
    """The time is over. Wait on `after` this cursor."""

    timed_out: Literal[True]
    cursor: End


class ExchangeWaited(RootModel[Annotated[ExchangeFound | ExchangeTimedOut, Field()]]):
    """The exchange, or that there is none."""


class Filter(Paged):
    to: ToFilter | None = None
    provider: ProviderFilter | None = None
    accepted: Annotated[bool, Field(description="Only those that the fake accepted, or refused.")] | None = None

    def keeps(self, exchange: Document) -> bool:
        return self.accepted in (None, exchange["accepted"])


class Wait(Input):
    """What to wait for; all that is given must fit. Without ``after``: from now on."""

    provider: ProviderFilter | None = None
    operation: _Word | None = Field(None, description="Only this call.", examples=["authorize"])
    key_id: _Word | None = Field(None, description="Only of this key or client.")
    to: _Word | None = Field(None, description="Only about this recipient or persona, as it was sent.")
    accepted: bool | None = Field(None, description="Only those that the fake accepted, or refused.")
    after: Cursor | None = None
    timeout: Seconds = 10.0

    def fits(self, found: Document) -> bool:
        conditions = (
            (self.provider, found["provider"]),
            (self.operation, found["operation"]),
            (self.key_id, found["keyId"]),
            (self.accepted, found["accepted"]),
        )
        matches = all(wanted in (None, value) for wanted, value in conditions)
        return matches and (self.to is None or self.to in found["to"])


async def list_exchanges(call: Call) -> Response:
    options = call.query(Filter)
    exchanges = call.services.exchanges
    to = recipient(options.to) if options.to is not None else None
    found = await exchanges.search(options.page(), to, options.provider, options.keeps)
    return await json_page("exchanges", found, exchanges.cursor, view)


async def show_exchange(call: Call) -> Response:
    found = await call.services.exchanges.get(call.params["id"])
    if found is None:
        raise NotFound("there is no exchange with that id (any more)")
    return json_answer(view(found))


async def wait_for_exchange(call: Call) -> Response:
    body = await call.body(Wait)
    exchanges = call.services.exchanges
    found = await wait_for(
        call,
        f"exchanges of {body.provider}",
        lambda: exchanges.wait(body.fits, body.timeout, body.after, body.provider),
    )
    if found is not None:
        return json_answer({"exchange": view(found), "cursor": found.seq})
    return json_answer({"timedOut": True, "cursor": exchanges.cursor})


ROUTES = (
    Route(
        "GET",
        "/api/exchanges",
        list_exchanges,
        operation_id="exchangesListing",
        tag="exchanges",
        summary="A page of requests at the fakes, with their answers.",
        query=Filter,
        answers={200: Exchanges},
        errors=(Gone,),
    ),
    Route(
        "GET",
        "/api/exchanges/{id}",
        show_exchange,
        operation_id="exchangesShow",
        tag="exchanges",
        summary="One request at a fake, with its answer and the fake's verdict.",
        params=OfId,
        answers={200: Exchange},
        errors=(NotFound,),
    ),
    Route(
        "POST",
        "/api/exchanges/wait",
        wait_for_exchange,
        operation_id="waitingExchange",
        tag="exchanges",
        summary="Wait for the first request at a fake that fits.",
        body=Wait,
        example={"provider": "oauth2", "operation": "authorize", "timeout": 0},
        answers={200: ExchangeWaited},
        errors=(Gone, TooManyWaits, TooManyWaitsOfOne),
        waits=True,
    ),
)
