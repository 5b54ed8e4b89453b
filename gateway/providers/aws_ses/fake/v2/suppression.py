"""The suppression list of v2."""

from __future__ import annotations

from datetime import datetime

from gateway.core.model import Document
from gateway.providers.aws_ses.fake import suppression
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.paging import page
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.v2.reading import page_size


async def put(call: Call) -> Outcome:
    await suppression.put(call, call.parameters["EmailAddress"], call.parameters["Reason"])
    return Outcome()


async def get(call: Call) -> Outcome:
    address = call.parameters["EmailAddress"]
    found = await suppression.get(call, address)
    if found is None:
        raise _absent(address)
    return Outcome({"SuppressedDestination": {**_shown(found), "Attributes": {}}})


async def delete(call: Call) -> Outcome:
    address = call.parameters["EmailAddress"]
    if not await suppression.delete(call, address):
        raise _absent(address)
    return Outcome()


async def listing(call: Call) -> Outcome:
    sent = call.parameters
    reasons, start, end = sent.get("Reasons"), _time(sent.get("StartDate")), _time(sent.get("EndDate"))
    rows = [
        row
        for row in await suppression.listing(call)
        if (not reasons or row["reason"] in reasons)
        and (start is None or row["at"] >= start)
        and (end is None or row["at"] <= end)
    ]
    rows.sort(key=lambda row: str(row["address"]).lower())
    # Of all lists, this one alone has an error of its own for a token.
    shown, token = page(
        rows,
        lambda row: str(row["address"]).lower(),
        sent.get("NextToken"),
        page_size(call),
        otherwise="InvalidNextToken",
    )
    return Outcome({"SuppressedDestinationSummaries": [_shown(row) for row in shown], "NextToken": token})


def _shown(found: Document) -> Document:
    return {"EmailAddress": found["address"], "Reason": found["reason"], "LastUpdateTime": found["at"]}


def _absent(address: str) -> Refusal:
    message = f"Email address {address} does not exist on your suppression list."
    return Refusal("NotFoundException", "it is not on the suppression list", message=message)


def _time(sent: str | float | None) -> float | None:
    """Seconds since the epoch, or ISO 8601, which is how SDKs write a time into a query."""
    if sent is None:
        return None
    try:
        return float(sent)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(str(sent)).timestamp()
    except ValueError:
        text = "STRING_VALUE can not be converted to a Timestamp"
        raise Refusal("SerializationException", "write a date as 2026-11-21T10:20:30Z", message=text) from None
