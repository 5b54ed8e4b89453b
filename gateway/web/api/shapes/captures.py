"""Captures, and what a wait for one answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel

from gateway.web.routing.shared import End, Json, Kind, NearMiss, Place, ReadAs, Shape, Time, To, Usage


class Attachment(Shape):
    """A part of a mail that is no text of it."""

    name: str = Field(examples=["invoice.pdf"])
    content_type: str = Field(description="The media type, as sent.", examples=["application/pdf"])
    disposition: str = Field(description="`attachment`, or `inline` for a picture of the HTML.")
    content_id: str | None = Field(description="What the HTML calls it, after `cid:`.")
    size: int = Field(description="In bytes, decoded.")
    url: str = Field(
        description="The path that gives it.", examples=["/api/captures/cap_5e0c1b8f7a2d4936/attachments/0"]
    )


class Mail(Shape):
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


class Delivered(Shape):
    """What a fault did to its delivery."""

    outcome: Literal["late", "twice"]
    fault_id: str
    seconds: float | None = Field(None, description="So much later, on the gateway's clock.")
    due_at: Time | None = Field(None, description="When it was to come; it came then.")
    copy_of: str | None = Field(None, description="The capture that this one repeats.")


class Capture(Shape):
    """What a fake accepted and would have delivered to one recipient."""

    id: str = Field(examples=["cap_5e0c1b8f7a2d4936"])
    cursor: Place
    provider: str = Field(examples=["aliyun-sms"])
    operation: str = Field(description="The provider's own word for the call.", examples=["SendSms"])
    channel: Kind
    to: To
    read_as: ReadAs
    readings: list[str] = Field(description="Every form that `to` can plausibly mean, `readAs` first.")
    type: Usage | None = Field(description="The usage type; null where it is not known.")
    locale: str | None = Field(description="BCP 47; null where it is not known.")
    code: str | None = Field(description="The code that was sent.", examples=["246810"])
    code_source: Literal["rendered", "template_param", "heuristic"] | None = Field(
        description="How the code is known: `rendered`, we sent it; `template_param`, a parameter of the template; "
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
    connector_id: str | None = Field(description="The connector that sent it, or whose template code fits.")
    message_id: str | None = Field(description="The message of ours that caused it.")
    exchange_id: str = Field(description="The request that the fake accepted.")
    received_at: Time
    details: Json = Field(description="The provider's own words for it.")
    delivery: Delivered | None = Field(None, description="Only where a fault had a hand in it.")


class Captures(Shape):
    """A page of captures."""

    captures: list[Capture]
    cursor: End


class Found(Shape):
    """There it is."""

    capture: Capture
    cursor: Place


class TimedOut(Shape):
    """The time is over, and what did arrive meanwhile or shortly before."""

    timed_out: Literal[True]
    near_misses: list[NearMiss] = Field(description="Newest first of each kind.")
    cursor: End


class Waited(RootModel[Annotated[Found | TimedOut, Field()]]):
    """The capture, or why there is none."""
