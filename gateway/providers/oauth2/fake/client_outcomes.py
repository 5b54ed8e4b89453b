"""What client authentication comes to, in whichever way the client tries."""

from __future__ import annotations

from gateway.providers.oauth2.fake import seen
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.errors import Refusal


async def unknown(call: Call, client_id: str) -> Client:
    """One that nobody registered. Raises Refusal."""
    if not seen.may_be_seen(call, client_id):
        raise failed("the client is not known")
    call.client_id = client_id
    call.signature = "unverified"
    return await seen.find(call, client_id) or Client(client_id, seen=True)


def accepted(call: Call, client: Client, secret: str | None) -> Client:
    call.client, call.secret = client, secret
    call.signature = "absent" if secret is None else "valid"
    return client


def failed(hint: str) -> Refusal:
    """What exactly was wrong is for the exchange, not for whoever guesses."""
    return Refusal("invalid_client", "client authentication failed", hint=hint)
