"""The account's suppression list: addresses that get nothing, since mail to them bounced or was complained of."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.model import Document
from gateway.providers.aws_ses.fake import resources
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.wire.addresses import IllegalAddress, mailbox


async def put(call: Call, address: str, reason: str) -> None:
    """``reason``: ``BOUNCE`` or ``COMPLAINT``. Raises Refusal for what is no address."""
    try:
        mailbox(address)
    except IllegalAddress as problem:
        raise Refusal("InvalidParameterValue", "EmailAddress is an address", message=problem.reason) from None
    value = {"address": address.strip(), "reason": reason, "at": call.now}
    await resources.put(call, "suppressed", _key(address), value)


async def get(call: Call, address: str) -> Document | None:
    """``address``, ``reason``, ``at`` (seconds of the gateway's clock)."""
    return await resources.get(call, "suppressed", _key(address))


async def delete(call: Call, address: str) -> bool:
    return await resources.delete(call, "suppressed", _key(address))


async def listing(call: Call) -> list[Document]:
    return await resources.listing(call, "suppressed")


async def stops(call: Call, address: str, reasons: Sequence[str]) -> str | None:
    """Why the list keeps mail from this address, if it does. ``reasons``: those that account or configuration set
    suppress."""
    found = await get(call, address) if reasons else None
    return found["reason"] if found is not None and found["reason"] in reasons else None


def _key(address: str) -> str:
    return address.strip().lower()
