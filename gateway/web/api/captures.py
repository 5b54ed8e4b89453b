"""Captures: what the fakes accepted and would have delivered, with the parts of a captured mail."""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, Field, RootModel

from gateway.core.errors import Gone, LimitReached, NotFound, TooManyWaits, TooManyWaitsOfOne
from gateway.core.model import Channel, Document, Pairs, Response
from gateway.core.offload import run_by_size
from gateway.core.recipients import recipient
from gateway.extraction import LinkKind, links
from gateway.inbox.contents import AnyLink, Contents, link_kinds
from gateway.inbox.inbox import Query
from gateway.inbox.near_misses import near_misses
from gateway.storage.paging import view
from gateway.storage.ports import Entry
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import (
    ChannelField,
    ChannelFilter,
    Cursor,
    Deleted,
    End,
    Json,
    NearMiss,
    OfId,
    Output,
    Paged,
    Place,
    ProviderFilter,
    ReadAs,
    Seconds,
    SenderFilter,
    SentTo,
    SubjectFilter,
    TextFilter,
    Time,
    To,
    ToFilter,
    UsageTypeField,
    UsageTypeFilter,
)
from gateway.web.server.answers import json_answer, json_page

_CONSUME = "Take it, with a token of your choice: the same token gets the same capture again."
# A captured mail is untrusted: it runs no scripts, sends no forms, loads nothing, and has an origin of its own.
_POLICY = (
    "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox"
)
_GUARDED: Pairs = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)
_CID = re.compile(r"\bcid:([^\s\"'<>)]{1,200})", re.IGNORECASE)
_PICTURES = re.compile(r"image/(?:png|jpeg|gif|webp|bmp|svg\+xml|avif)", re.IGNORECASE)
_EMBEDDED_BYTES = 20 << 20  # of base64, in one page


class Attachment(Output):
    """A part of a mail that is no text of it."""

    name: str = Field(examples=["invoice.pdf"])
    content_type: str = Field(description="The media type, as sent.", examples=["application/pdf"])
    disposition: str = Field(description="`attachment`, or `inline` for a picture of the HTML.")
    content_id: str | None = Field(description="What the HTML calls it, after `cid:`.")
    size: int = Field(description="In bytes, decoded.")
    url: str = Field(
        description="The path that gives it.", examples=["/api/captures/cap_5e0c1b8f7a2d4936/attachments/0"]
    )


class Mail(Output):
    """The email half of a capture. Addresses are as they were sent."""

    sender: str = Field(alias="from", description="From.", examples=["Example <no-reply@example.com>"])
    to: list[str]
    cc: list[str]
    bcc: list[str]
    reply_to: list[str]
    return_path: str | None = Field(description="Where bounces go, where that was said.")
    headers: list[tuple[str, str]] = Field(description="Name and value of the headers that were given, in order.")
    attachments: list[Attachment]
    raw: bool = Field(description="Did the client build the mail itself? Then `/eml` gives it as it was sent.")
    tags: dict[str, str] = Field(description="The provider's tags.")
    configuration_set: str | None
    warnings: list[str] = Field(
        description="What in a raw mail could not be read as its sender meant it, such as a charset that mail "
        "programs do not know: its bytes are shown, those that are not printable ASCII as `\\xNN`."
    )


class Delivered(Output):
    """What a fault did to its delivery."""

    outcome: Literal["late", "twice"]
    fault_id: str
    seconds: float | None = Field(None, description="So much later, on the gateway's clock.")
    due_at: Time | None = Field(None, description="When it was to come; it came then.")
    copy_of: str | None = Field(None, description="The capture that this one repeats.")


class Capture(Output):
    """What a fake accepted and would have delivered to one recipient."""

    id: str = Field(examples=["cap_5e0c1b8f7a2d4936"])
    cursor: Place
    provider: str = Field(examples=["aliyun-sms"])
    operation: str = Field(description="The provider's own word for the call.", examples=["SendSms"])
    channel: ChannelField
    to: SentTo
    read_as: ReadAs
    readings: list[str] = Field(description="Every form that `to` can plausibly mean, `readAs` first.")
    type: UsageTypeField | None = Field(description="The usage type; null where it is not known.")
    locale: str | None = Field(description="BCP 47; null where it is not known.")
    code: str | None = Field(description="The code that was sent.", examples=["246810"])
    code_source: Literal["rendered", "template_param", "template", "heuristic"] | None = Field(
        description="How the code is known: `rendered`, we sent it; `template_param`, a parameter of the template; "
        "`template`, the message fits a template of the connector whose key signed it; "
        "`heuristic`, found in the text."
    )
    code_confidence: float | None = Field(
        ge=0,
        le=1,
        description="How sure a `heuristic` code is (docs/codes.md); null for the others, which are exact.",
    )
    subject: str | None = Field(description="Null for SMS.")
    text: str
    html: str | None = Field(description="Null for SMS.")
    mail: Mail | None = Field(description="What an email has besides; null for SMS.")
    links: list[str] = Field(
        description="Every web address in HTML and text that a reader can follow.",
        examples=[["https://example.com/invite"]],
    )
    link_kinds: list[LinkKind] = Field(
        description="What each of `links` is for, by the words in its address and the usage type.",
        examples=[["invite"]],
    )
    connector_id: str | None = Field(description="The connector that sent it, or whose template code fits.")
    message_id: str | None = Field(description="The message of ours that caused it.")
    test: str | None = Field(
        description="The test that the recipient was made for (`POST /api/recipients`).",
        examples=["tests/test_sign_in.py::test_sign_in"],
    )
    exchange_id: str = Field(description="The request that the fake accepted.")
    received_at: Time
    details: Json = Field(description="The provider's own words for it.")
    delivery: Delivered | None = Field(None, description="Only where a fault had a hand in it.")


class Captures(Output):
    """A page of captures."""

    captures: list[Capture]
    cursor: End


class Found(Output):
    """There it is."""

    capture: Capture
    cursor: Place


class TimedOut(Output):
    """The time is over, and what did arrive meanwhile or shortly before."""

    timed_out: Literal[True]
    near_misses: list[NearMiss] = Field(description="Newest first of each kind.")
    cursor: End


class Waited(RootModel[Annotated[Found | TimedOut, Field()]]):
    """The capture, or why there is none."""


class Filter(Paged):
    to: ToFilter | None = None
    type: UsageTypeFilter | None = None
    channel: ChannelFilter | None = None
    provider: ProviderFilter | None = None
    subject: SubjectFilter | None = None
    text: TextFilter | None = None
    sender: SenderFilter | None = None

    def keeps(self, capture: Document) -> bool:
        return (
            self.type in (None, capture["type"])
            and self.channel in (None, capture["channel"])
            and self.provider in (None, capture["provider"])
            and Contents(self.subject, self.text, self.sender).fits(capture)
        )


class Wait(Input):
    """What to wait for. Without `after`, the newest untaken capture of the last ten minutes counts, too."""

    to: Annotated[To, Field(min_length=1)]
    type: UsageTypeFilter | None = None
    channel: ChannelFilter | None = None
    after: Cursor | None = None
    timeout: Seconds = 10
    consume: Annotated[str, Field(min_length=1, max_length=200, description=_CONSUME)] | None = None
    code: bool = Field(default=False, description="Only captures that have a code.")
    subject: SubjectFilter | None = None
    text: TextFilter | None = None
    sender: SenderFilter | None = None
    link: Annotated[AnyLink, Field(description="Only captures that have a link of this kind, or `any`.")] | None = (
        None
    )
    newest: bool = Field(default=False, description="With `after`: the newest capture after it, not the oldest.")


class Deletion(Input):
    blanks = True
    to: To | None = None


class OfAttachment(BaseModel):
    """An attachment of a mail."""

    id: str = Field(description="The capture's id, as lists and answers show it.")
    n: Annotated[str, Field(pattern="^[0-9]{1,4}$", description="Its place in `mail.attachments`, from 0.")]


async def list_captures(call: Call) -> Response:
    options = call.query(Filter)
    inbox = call.services.inbox
    # A list matches the recipient by every reading of its number; only a wait is exact.
    to = recipient(options.to) if options.to is not None else None
    found = await inbox.search(options.page(), to, options.keeps)
    return await json_page("captures", found, inbox.cursor, describe)


async def show_capture(call: Call) -> Response:
    found = await call.services.inbox.get(call.params["id"])
    if found is None:
        raise NotFound("there is no capture with that id (any more)")
    return json_answer(await describe_by_size(found))


async def delete_capture(call: Call) -> Response:
    count = await call.services.inbox.delete(call.params["id"])
    if not count:
        raise NotFound("there is no capture with that id (any more)")
    return json_answer({"deleted": count})


async def delete_captures(call: Call) -> Response:
    options = call.query(Deletion)
    inbox = call.services.inbox
    count = await inbox.clear() if options.to is None else await inbox.delete_of(recipient(options.to))
    return json_answer({"deleted": count})


async def wait_for_capture(call: Call) -> Response:
    body = await call.body(Wait)
    channel = Channel(body.channel) if body.channel else None
    contents = Contents(body.subject, body.text, body.sender, body.link)
    query = Query(recipient(body.to), body.type, channel, body.after, body.code, contents, body.newest)
    services = call.services
    found = await wait_for(
        call, query.recipient.read_as, lambda: services.inbox.wait(query, body.timeout, body.consume)
    )
    if found is not None:
        return json_answer({"capture": await describe_by_size(found), "cursor": found.seq})
    misses = await near_misses(query, services.inbox, services.exchanges, services.messages, services.clock)
    return json_answer({"timedOut": True, "nearMisses": misses, "cursor": services.inbox.cursor})


def describe(entry: Entry) -> Document:
    """Return a capture as the API shows it, with its links and the paths of its attachments."""
    found = view(entry)
    # Captures that older versions kept have no ``mail``.
    mail = found.setdefault("mail", None)
    if mail is not None:
        at = f"/api/captures/{found['id']}/attachments"
        found["mail"] = {
            "warnings": [],
            **mail,
            "attachments": [{**one, "url": f"{at}/{index}"} for index, one in enumerate(mail["attachments"])],
        }
    found["links"] = links(found["text"], found["html"])
    found["linkKinds"] = link_kinds(found, found["links"])
    found.setdefault("test", None)
    return found


async def describe_by_size(entry: Entry) -> Document:
    """The same, in a thread if the capture is long: finding links takes time."""
    return await run_by_size(len(entry.value["text"]) + len(entry.value["html"] or ""), lambda: describe(entry))


async def wait_for(call: Call, place: str, wait: Callable[[], Coroutine[Any, Any, Entry | None]]) -> Entry | None:
    """Run a wait for a client: counted, limited, and ended when the client disconnects.

    Args:
        place: what is waited for; the number of waits for the same thing is limited.
        wait: starts the wait itself, which returns None if its time is over.

    Raises TooManyWaits, TooManyWaitsOfOne and Gone, and Unavailable if the client or the gateway goes.
    """
    services = call.services
    begin = time.perf_counter()
    outcome = "gone"
    try:
        with services.waits.hold(place):
            found = await call.while_connected(wait())
        outcome = "timed_out" if found is None else "found"
    except (LimitReached, Gone):
        outcome = "refused"
        raise
    finally:
        services.metrics.wait(outcome, time.perf_counter() - begin)
    return found


async def show_source(call: Call) -> Response:
    from gateway.inbox.eml import message

    capture = await _email_of(call)
    contents = await call.services.inbox.contents(capture["id"])
    if contents is None and capture["mail"] and (capture["mail"]["raw"] or capture["mail"]["attachments"]):
        raise _contents_gone()
    headers = (
        ("Content-Type", "message/rfc822"),
        ("Content-Disposition", f'attachment; filename="{capture["id"]}.eml"'),
        *_GUARDED,
    )
    return Response(200, headers, await asyncio.to_thread(message, capture, contents))


async def show_html(call: Call) -> Response:
    capture = await _email_of(call)
    if capture["html"] is None:
        raise NotFound("that mail has no HTML")
    page: str = capture["html"]
    if _CID.search(page):
        contents = await call.services.inbox.contents(capture["id"])
        page = await asyncio.to_thread(_with_pictures, page, capture["mail"]["attachments"], contents)
    headers = (("Content-Type", "text/html; charset=utf-8"), *_GUARDED)
    return Response(200, headers, page.encode("utf-8", "replace"))


async def show_attachment(call: Call) -> Response:
    from gateway.inbox.eml import media_type

    capture = await _email_of(call)
    attachments = capture["mail"]["attachments"] if capture["mail"] else []
    number = call.params["n"]
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else -1
    if not 0 <= at < len(attachments):
        raise NotFound(f"that mail has {len(attachments)} attachments; they are counted from 0")
    contents = await call.services.inbox.contents(capture["id"])
    if contents is None:
        raise _contents_gone()
    attachment = attachments[at]
    name = quote(attachment["name"] or f"attachment-{at}", safe="", errors="replace")
    headers = (
        ("Content-Type", media_type(attachment["contentType"])),
        ("Content-Disposition", f"attachment; filename*=UTF-8''{name}"),
        *_GUARDED,
    )
    return Response(200, headers, base64.b64decode(contents["attachments"][at]))


async def _email_of(call: Call) -> Document:
    """Return the capture of the path. Raises NotFound if there is none, or if it is no email."""
    found = await call.services.inbox.get(call.params["id"])
    if found is None:
        raise NotFound("there is no capture with that id (any more)")
    if found.value["channel"] != "email":
        raise NotFound("that capture is no email")
    return {"mail": None, **found.value}


def _contents_gone() -> NotFound:
    return NotFound("what was attached to that mail is no longer kept")


def _with_pictures(page: str, attachments: list[Document], contents: Document | None) -> str:
    """Embed the pictures of the mail as ``data:`` URLs: the sandboxed page can load nothing, not even from here."""
    pictures: dict[str, str] = {}
    for attachment, content in zip(attachments, (contents or {}).get("attachments", ()), strict=False):
        kind = attachment["contentType"].partition(";")[0].strip()
        if attachment["contentId"] and _PICTURES.fullmatch(kind):
            pictures[attachment["contentId"]] = f"data:{kind};base64,{content}"
    left = _EMBEDDED_BYTES

    def picture(found: re.Match[str]) -> str:
        nonlocal left
        data = pictures.get(found[1])
        if data is None or len(data) > left:
            return found[0]
        left -= len(data)
        return data

    return _CID.sub(picture, page)


ROUTES = (
    Route(
        "POST",
        "/api/captures/wait",
        wait_for_capture,
        operation_id="capturesWait",
        tag="captures",
        summary="Wait for a capture of one recipient, exactly.",
        body=Wait,
        example={"to": "13800138000", "type": "SignIn", "timeout": 10},
        answers={200: Waited},
        errors=(Gone, TooManyWaits, TooManyWaitsOfOne),
        waits=True,
    ),
    Route(
        "GET",
        "/api/captures",
        list_captures,
        operation_id="capturesListing",
        tag="captures",
        summary="A page of captures, of a recipient by every reading.",
        query=Filter,
        answers={200: Captures},
        errors=(Gone,),
    ),
    Route(
        "DELETE",
        "/api/captures",
        delete_captures,
        operation_id="capturesDeleteAll",
        tag="captures",
        summary="Delete all captures, or those of one recipient.",
        query=Deletion,
        answers={200: Deleted},
    ),
    Route(
        "GET",
        "/api/captures/{id}",
        show_capture,
        operation_id="capturesShow",
        tag="captures",
        summary="One capture.",
        params=OfId,
        answers={200: Capture},
        errors=(NotFound,),
    ),
    Route(
        "DELETE",
        "/api/captures/{id}",
        delete_capture,
        operation_id="capturesDelete",
        tag="captures",
        summary="Delete one capture.",
        params=OfId,
        answers={200: Deleted},
        errors=(NotFound,),
    ),
    Route(
        "GET",
        "/api/captures/{id}/eml",
        show_source,
        operation_id="mailsEml",
        tag="captures",
        summary="A captured mail as a file for mail programs (RFC 5322).",
        params=OfId,
        answers={200: "message/rfc822"},
        errors=(NotFound,),
    ),
    Route(
        "GET",
        "/api/captures/{id}/html",
        show_html,
        operation_id="mailsHtml",
        tag="captures",
        summary="The HTML of a captured mail, for a browser, in which it can do nothing.",
        params=OfId,
        answers={200: "text/html"},
        gives={"Content-Security-Policy": "What keeps the page from doing anything."},
        errors=(NotFound,),
    ),
    Route(
        "GET",
        "/api/captures/{id}/attachments/{n}",
        show_attachment,
        operation_id="mailsAttachment",
        tag="captures",
        summary="One attachment of a captured mail, decoded.",
        params=OfAttachment,
        answers={200: "*/*"},
        errors=(NotFound,),
    ),
)
