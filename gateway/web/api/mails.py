"""The parts of a captured mail: its source, its HTML for a browser, its attachments."""

from __future__ import annotations

import base64
import re
from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, Field

from gateway.core.errors import NotFound
from gateway.core.model import Document, Pairs, Response
from gateway.web.api.inputs import OfId
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call

# A stranger wrote these: no scripts, no forms, nothing from elsewhere, and an origin of their own.
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
_MOST_PICTURES = 20 << 20  # bytes of base64 in one page


class OfAttachment(BaseModel):
    """An attachment of a mail."""

    id: str = Field(description="The capture's id, as lists and answers show it.")
    n: Annotated[str, Field(pattern="^[0-9]{1,4}$", description="Its place in `mail.attachments`, from 0.")]


async def eml(call: Call) -> Response:
    from gateway.inbox.eml import message

    capture = await _mail(call)
    contents = await call.services.inbox.contents(capture["id"])
    if contents is None and capture["mail"] and (capture["mail"]["raw"] or capture["mail"]["attachments"]):
        raise _gone()
    headers = (
        ("Content-Type", "message/rfc822"),
        ("Content-Disposition", f'attachment; filename="{capture["id"]}.eml"'),
        *_GUARDED,
    )
    return Response(200, headers, message(capture, contents))


async def html(call: Call) -> Response:
    capture = await _mail(call)
    if capture["html"] is None:
        raise NotFound("that mail has no HTML")
    page: str = capture["html"]
    if _CID.search(page):
        contents = await call.services.inbox.contents(capture["id"])
        page = _with_pictures(page, capture["mail"]["attachments"], contents)
    headers = (("Content-Type", "text/html; charset=utf-8"), *_GUARDED)
    return Response(200, headers, page.encode("utf-8", "replace"))


async def attachment(call: Call) -> Response:
    from gateway.inbox.eml import media_type

    capture = await _mail(call)
    described = capture["mail"]["attachments"] if capture["mail"] else []
    number = call.params["n"]
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else -1
    if not 0 <= at < len(described):
        raise NotFound(f"that mail has {len(described)} attachments; they are counted from 0")
    contents = await call.services.inbox.contents(capture["id"])
    if contents is None:
        raise _gone()
    about = described[at]
    name = quote(about["name"] or f"attachment-{at}", safe="", errors="replace")
    headers = (
        ("Content-Type", media_type(about["contentType"])),
        ("Content-Disposition", f"attachment; filename*=UTF-8''{name}"),
        *_GUARDED,
    )
    return Response(200, headers, base64.b64decode(contents["attachments"][at]))


async def _mail(call: Call) -> Document:
    found = await call.services.inbox.get(call.params["id"])
    if found is None:
        raise NotFound("there is no capture with that id (any more)")
    if found.value["channel"] != "email":
        raise NotFound("that capture is no email")
    return {"mail": None, **found.value}


def _gone() -> NotFound:
    return NotFound("what was attached to that mail is no longer kept")


def _with_pictures(page: str, described: list[Document], contents: Document | None) -> str:
    """Pictures that came with the mail stand in the page itself: a sandbox can load nothing, from us neither."""
    known: dict[str, str] = {}
    for about, content in zip(described, (contents or {}).get("attachments", ()), strict=False):
        if about["contentId"] and _PICTURES.fullmatch(about["contentType"].partition(";")[0].strip()):
            known[about["contentId"]] = f"data:{about['contentType'].partition(';')[0].strip()};base64,{content}"
    left = _MOST_PICTURES

    def picture(found: re.Match[str]) -> str:
        nonlocal left
        data = known.get(found[1])
        if data is None or len(data) > left:
            return found[0]
        left -= len(data)
        return data

    return _CID.sub(picture, page)


ROUTES = (
    Route(
        "GET",
        "/api/captures/{id}/eml",
        eml,
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
        html,
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
        attachment,
        operation_id="mailsAttachment",
        tag="captures",
        summary="One attachment of a captured mail, decoded.",
        params=OfAttachment,
        answers={200: "*/*"},
        errors=(NotFound,),
    ),
)
