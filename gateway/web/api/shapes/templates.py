"""Templates, and how one will look on the phone or in a mail client."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, RootModel

from gateway.rendering.lint import RULES
from gateway.rendering.mail_lint import MAIL_RULES
from gateway.web.routing.shared import Kind, Shape, Usage


class Template(Shape):
    """One that is in use: a file of the overlay hides the built-in one."""

    channel: Kind
    locale: str = Field(description="The folder that it is in.", examples=["zh-CN"])
    type: Usage
    file: str = Field(description="Relative to the folder of templates.", examples=["sms/zh-CN/SignIn.j2"])
    origin: Literal["built-in", "overlay"]
    source: str = Field(description="The file.")


class Templates(Shape):
    """By channel, locale and usage type."""

    templates: list[Template]


class Forced(Shape):
    """A character that GSM-7 has not."""

    character: str
    position: int = Field(ge=0, description="Its index in what is on the phone, from 0.")
    suggestion: str | None = Field(description="The same in GSM-7; empty: leave it out; null: nothing is near.")


class Segments(Shape):
    """What is paid for."""

    market: Literal["domestic", "international"] = Field(description="Aliyun counts otherwise within China.")
    encoding: Literal["GSM-7", "UCS-2"]
    units: int = Field(ge=0, description="Septets, or UTF-16 code units.")
    segments: int = Field(ge=1)
    per_segment: int = Field(ge=1, description="What one segment of such a message holds.")
    free: int = Field(ge=0, description="What the last one has left.")
    forced_by: list[Forced] = Field(max_length=20, description="The first of those that made it UCS-2.")


class Finding(Shape):
    """Something that is wrong with a template, or probably is."""

    rule: str = Field(
        description="docs/templates.md lists them.", json_schema_extra={"enum": list(RULES | MAIL_RULES)}
    )
    severity: Literal["error", "warning"]
    file: str
    line: int = Field(ge=1)
    message: str = Field(description="For people: what is wrong, and the fix.")


class SmsPreview(Shape):
    """A template as it will be on the phone."""

    type: Usage
    channel: Literal["sms"]
    locale: str | None = Field(description="As it was asked for.")
    file: str = Field(description="The file that was used; `unsaved.j2` for a source that is none.")
    served_locale: str = Field(description="The locale of that file.")
    origin: Literal["built-in", "overlay"] | None = Field(description="Null for a source that is no file.")
    sign_name: str | None
    text: str = Field(description="What the template makes.")
    on_phone: str = Field(description="The same with the signature.")
    segments: Segments
    findings: list[Finding]


class EmailPreview(Shape):
    """A template as the email that it makes."""

    type: Usage
    channel: Literal["email"]
    locale: str | None = Field(description="As it was asked for.")
    file: str = Field(
        description="The file that was used; `unsaved.j2` for a source that is none, `templates[0]` for the "
        "connector's own."
    )
    served_locale: str | None = Field(description="The locale of that file; null for the connector's own.")
    origin: Literal["built-in", "overlay", "connector"] | None = Field(
        description="Null for a source that is no file."
    )
    from_: str | None = Field(alias="from", description="The connector's address.")
    subject: str
    preheader: str | None = Field(description="What an inbox shows beside the subject.")
    text: str = Field(description="The plain-text part.")
    html: str | None = Field(description="The HTML part, its CSS inlined.")
    bytes: int = Field(ge=0, description="The size of the HTML as UTF-8. Gmail cuts at 102 KB.")
    findings: list[Finding]


class Shown(RootModel[SmsPreview | EmailPreview]):
    """A template as its recipient will see it; `channel` says which of the two it is."""
