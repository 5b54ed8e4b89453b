"""The mail by which the owner of an address says that it is theirs, and what its link does."""

from __future__ import annotations

import hmac
from html import escape
from urllib.parse import parse_qsl, urlencode

from gateway.core.model import Capture, Content, Document, Mail, Response, Verdict
from gateway.providers.aws_ses.fake import resources
from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.caller import host_region
from gateway.providers.aws_ses.fake.draft import recipient

LINK_PATH = "/verify-email-address"
LINK_SECONDS = 86_400.0
"""How long the link works, on the gateway's clock."""

_MOUNT = "/fakes/aws-ses"
_PROVIDER = "aws-ses"
_SENDER = "Amazon Web Services <no-reply-aws@amazon.com>"


async def mail_link(call: Call, identity: Document) -> None:
    """A capture with a link, for an address that is not verified yet."""
    if identity["kind"] != "EMAIL_ADDRESS" or identity["verifiedAt"] is not None:
        return
    name = identity["name"]
    link = _link(call, identity)
    subject = f"Amazon Web Services - Email Address Verification Request in region {call.region}"
    text = (
        "Dear Amazon Web Services Customer,\n\n"
        f"We have received a request to authorize this email address for use with Amazon SES in region "
        f"{call.region}. If you requested this verification, please go to the following URL to confirm that you "
        f"are authorized to use this email address:\n\n{link}\n\n"
        "Your request will not be processed unless you confirm the address using this URL. This link expires 24 "
        "hours after your original verification request.\n"
    )
    now = call.now
    capture = Capture(
        provider=_PROVIDER,
        operation=call.operation,
        recipient=recipient(name),
        content=Content(text, subject),
        exchange_id=call.request.exchange_id,
        received_at=now,
        details={
            "RequestId": call.request_id,
            "accountId": call.account_id,
            "region": call.region,
            "link": link,
            "acceptedAt": now,
        },
        mail=Mail(_SENDER, (name,)),
    )
    await call.context.inbox.add([capture])


async def mail_again(call: Call, identity: Document) -> None:
    """The same link works for another while."""
    changed = await resources.change(
        call, "identity", identity["name"].lower(), lambda before: {**before, "mailedAt": call.now}
    )
    await mail_link(call, changed or identity)


def _link(call: Call, identity: Document) -> str:
    """Where the link comes back to this fake, as the client reached it."""
    request = call.request
    prefix = request.prefix or ("" if host_region(request.host) else _MOUNT)
    query = urlencode(
        {
            "Context": identity["token"],
            "AWSAccountId": call.account_id,
            "Region": call.region,
            "Identity.IdentityName": identity["name"],
            "Identity.IdentityType": "EmailAddress",
            "Operation": "ConfirmVerification",
        }
    )
    return f"{request.scheme}://{request.host}{prefix}{LINK_PATH}?{query}"


async def follow(call: Call) -> Response:
    """Somebody opened the link. Needs no signature: the token is proof enough."""
    call.operation = "ConfirmVerification"
    sent = dict(parse_qsl(call.query, errors="replace"))
    call.account_id, call.region = sent.get("AWSAccountId", ""), sent.get("Region", "")
    name = sent.get("Identity.IdentityName", "")
    found = await resources.get(call, "identity", name.lower())
    right = found is not None and hmac.compare_digest(
        str(found.get("token", "")).encode(), sent.get("Context", "").encode("utf-8", "replace")
    )
    if found is None or not right or not found["token"]:
        return _page(call, 400, "This link is not valid", "Ask for another mail: verify the address again.")
    if call.now > found["mailedAt"] + LINK_SECONDS:
        return _page(call, 400, "This link has expired", "Ask for another mail: verify the address again.")
    if found["verifiedAt"] is None:
        now = call.now
        await resources.change(call, "identity", name.lower(), lambda before: {**before, "verifiedAt": now})
    return _page(call, 200, "Congratulations!", f"You have successfully verified {name}.")


def _page(call: Call, status: int, title: str, text: str) -> Response:
    body = (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<h1>{escape(title)}</h1><p>{escape(text)}</p></html>\n"
    )
    verdict = Verdict(
        accepted=status == 200, operation=call.operation, code="OK" if status == 200 else "InvalidLink"
    )
    headers = (("Content-Type", "text/html; charset=utf-8"), ("x-amzn-RequestId", call.request_id))
    return Response(status, headers, body.encode(), verdict=verdict)
