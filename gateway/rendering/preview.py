"""Previews: a template as its recipient sees it, with its findings. No running gateway is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from gateway.core.model import Channel, Content, Document, UsageType
from gateway.rendering import lint, markup
from gateway.rendering.environment import UNSAVED, TemplateError, UnknownVariable, uses
from gateway.rendering.lint import FilledTemplate, Finding, lint_catalog
from gateway.rendering.mail_lint import Mail, lint_mail
from gateway.rendering.segments import Segments, segments
from gateway.rendering.senders import Mailbox, Sender, own_content, own_template
from gateway.rendering.sms_lint import Sms, lint_sms
from gateway.rendering.templates import (
    DEFAULT_LOCALE,
    Renderer,
    TemplateFile,
    one_line,
    origin,
    payload_locales,
    sample,
)


@dataclass(frozen=True, slots=True)
class Preview:
    """An SMS template as its text looks on the phone.

    If the template is broken, ``text``, ``on_phone`` and ``segments`` are None.
    """

    usage_type: UsageType
    channel: Channel
    locale: str | None
    """The requested locale."""
    file: str
    served_locale: str
    """The locale of ``file``."""
    origin: str | None
    """``built-in`` or ``overlay``. None for an unsaved source."""
    sender: Sender
    text: str | None
    on_phone: str | None
    """The text with the signature of the sender."""
    segments: Segments | None
    findings: tuple[Finding, ...]
    problem: TemplateError | None = None
    """Why the template is broken. ``findings`` has it too."""

    def document(self) -> Document:
        return {
            "type": self.usage_type.value,
            "channel": self.channel.value,
            "locale": self.locale,
            "file": self.file,
            "servedLocale": self.served_locale,
            "origin": self.origin,
            "signName": self.sender.sign_name,
            "text": self.text,
            "onPhone": self.on_phone,
            "segments": self.segments.document() if self.segments else None,
            "findings": [finding.document() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class MailPreview:
    """An email template as the mail that it makes. If the template is broken, ``content`` is None."""

    usage_type: UsageType
    locale: str | None
    """The requested locale."""
    file: str
    served_locale: str | None
    """The locale of ``file``. None for a template of the connector's config."""
    origin: str | None
    """``built-in``, ``overlay``, or ``connector`` for a template of its config. None for an unsaved source."""
    sender: Mailbox
    content: Content | None
    preheader: str | None
    """The hidden text that an inbox shows beside the subject."""
    findings: tuple[Finding, ...]
    problem: TemplateError | None = None
    """Why the template is broken. ``findings`` has it too."""

    @property
    def size(self) -> int:
        """Bytes of the HTML as UTF-8."""
        html = self.content.html if self.content is not None else None
        return len((html or "").encode("utf-8", "replace"))

    def document(self) -> Document:
        content = self.content
        return {
            "type": self.usage_type.value,
            "channel": Channel.EMAIL.value,
            "locale": self.locale,
            "file": self.file,
            "servedLocale": self.served_locale,
            "origin": self.origin,
            "from": self.sender.address,
            "subject": content.subject if content else None,
            "preheader": self.preheader,
            "text": content.text if content else None,
            "html": content.html if content else None,
            "bytes": self.size,
            "findings": [finding.document() for finding in self.findings],
        }


def preview(
    renderer: Renderer,
    usage_type: UsageType,
    channel: Channel,
    sender: Sender,
    *,
    locale: str | None = None,
    payload: Mapping[str, Any] | None = None,
    source: str | None = None,
) -> Preview:
    """Preview an SMS template.

    Args:
        payload: The values to fill in. By default, the sample of fixtures/payloads.
        source: An unsaved template. Use ``bounded`` for an untrusted one.

    Raises:
        errors.TemplateNotFound: No file serves the usage type and channel.
    """
    request = _request(renderer, usage_type, channel, locale, payload, source)

    def result(
        text: str | None,
        on_phone: str | None,
        size: Segments | None,
        findings: Sequence[Finding],
        problem: TemplateError | None = None,
    ) -> Preview:
        return Preview(
            usage_type=usage_type,
            channel=channel,
            locale=locale,
            file=request.file,
            served_locale=request.served_locale,
            origin=request.origin,
            sender=sender,
            text=text,
            on_phone=on_phone,
            segments=size,
            findings=tuple(findings),
            problem=problem,
        )

    try:
        template, content = request.render(renderer, sender.fills_in(request.payload))
    except TemplateError as error:
        return result(None, None, None, [request.finding(error)], error)
    market = sender.market(request.served_locale)
    on_phone = sender.on_phone(content.text, market)
    size = segments(on_phone, market)
    return result(content.text, on_phone, size, lint_sms(Sms(template, content.text, sender, on_phone, size)))


def preview_all(
    renderer: Renderer, channel: Channel, sender: Sender, locales: Sequence[str] = ()
) -> tuple[list[Preview], list[Finding]]:
    """Preview every usage type in the given locales, and check the set of templates.

    Args:
        locales: By default, every locale that has a folder.
    """
    previews = [
        preview(renderer, usage_type, channel, sender, locale=locale)
        for locale in (locales or renderer.locales(channel))
        for usage_type in UsageType
    ]
    return previews, lint_catalog(renderer, channel)


def mail_preview(
    renderer: Renderer,
    usage_type: UsageType,
    sender: Mailbox,
    *,
    locale: str | None = None,
    payload: Mapping[str, Any] | None = None,
    source: str | None = None,
) -> MailPreview:
    """Preview an email template. A template of the sender's config comes before our files.

    Args:
        payload: The values to fill in. By default, the sample of fixtures/payloads.
        source: An unsaved template. Use ``bounded`` for an untrusted one.

    Raises:
        errors.TemplateNotFound: No file serves the usage type.
    """
    index = own_template(sender.templates, usage_type) if source is None else None
    if index is not None:
        return _own(sender, index, usage_type, locale, payload if payload is not None else sample(usage_type))
    request = _request(renderer, usage_type, Channel.EMAIL, locale, payload, source)
    try:
        template, content = request.render(renderer, request.payload)
    except TemplateError as error:
        return MailPreview(
            usage_type=usage_type,
            locale=locale,
            file=request.file,
            served_locale=request.served_locale,
            origin=request.origin,
            sender=sender,
            content=None,
            preheader=None,
            findings=(request.finding(error),),
            problem=error,
        )
    return _mail(template, content, sender, locale, request.served_locale, request.origin)


def mail_preview_all(
    renderer: Renderer, sender: Mailbox, locales: Sequence[str] = ()
) -> tuple[list[MailPreview], list[Finding]]:
    """Preview every usage type in the given locales, and check the set of templates.

    Args:
        locales: By default, every locale that has a folder. Templates of the sender's config have one language.
    """
    own = bool(sender.templates)
    all_locales: Sequence[str | None] = locales or ([None] if own else renderer.locales(Channel.EMAIL))
    previews = [
        mail_preview(renderer, usage_type, sender, locale=locale)
        for locale in all_locales
        for usage_type in UsageType
    ]
    return previews, [] if own else lint_catalog(renderer, Channel.EMAIL)


def _own(
    sender: Mailbox, index: int, usage_type: UsageType, locale: str | None, payload: Mapping[str, Any]
) -> MailPreview:
    """Preview a template of the sender's config."""
    own = sender.templates[index]
    source = str(own["content"])
    template = FilledTemplate(
        usage_type=usage_type,
        channel=Channel.EMAIL,
        file=f"templates[{index}]",
        source=source,
        uses=(),
        payload=payload,
        locale=None,  # it has one language, which serves every locale
        served_locale="",
        served_type=usage_type,
    )
    content = own_content(str(own["subject"]), source, payload)
    requested = locale or next(iter(payload_locales(payload)), None)
    return _mail(template, content, sender, requested, None, "connector")


def _mail(
    template: FilledTemplate,
    content: Content,
    sender: Mailbox,
    locale: str | None,
    served_locale: str | None,
    origin: str | None,
) -> MailPreview:
    page = markup.read(content.html or "")
    subject = content.subject or ""
    return MailPreview(
        usage_type=template.usage_type,
        locale=locale,
        file=template.file,
        served_locale=served_locale,
        origin=origin,
        sender=sender,
        content=Content(subject=one_line(subject), text=content.text, html=content.html),
        preheader=page.preheader,
        findings=tuple(lint_mail(Mail(template, subject, content.text, content.html, page))),
    )


# --- the template of a preview --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Request:
    """A template to preview, found for a usage type and a locale."""

    usage_type: UsageType
    channel: Channel
    requested_locale: str | None
    """The locale of the call, without that of the payload."""
    locale: str | None
    """The locale of the call, else that of the payload."""
    payload: Mapping[str, Any]
    template: TemplateFile | str
    """A file, or an unsaved source."""

    @property
    def file(self) -> str:
        return UNSAVED if isinstance(self.template, str) else self.template.name

    @property
    def served_locale(self) -> str:
        return self.locale or DEFAULT_LOCALE if isinstance(self.template, str) else self.template.locale

    @property
    def served_type(self) -> UsageType:
        return self.usage_type if isinstance(self.template, str) else self.template.usage_type

    @property
    def origin(self) -> str | None:
        return None if isinstance(self.template, str) else origin(self.template.folder)

    def render(self, renderer: Renderer, values: Mapping[str, Any]) -> tuple[FilledTemplate, Content]:
        """Render the template with the values that the provider fills in. Raises ``TemplateError``."""
        problem: TemplateError
        try:
            source = self.template if isinstance(self.template, str) else self.template.read()
            names = uses(renderer.parse(source))
            if isinstance(self.template, str):
                content = renderer.render_source(source, values, self.channel, self.served_locale)
            else:
                content = renderer.as_written(self.usage_type, self.channel, values, self.requested_locale)
        except jinja2.TemplateSyntaxError as error:
            data = {"template": self.file, "line": error.lineno}
            problem = TemplateError(f"{self.file}, line {error.lineno}: {error.message}", data=data)
        except RecursionError:
            problem = TemplateError(f"{self.file} is nested too deeply", data={"template": self.file})
        else:
            template = FilledTemplate(
                usage_type=self.usage_type,
                channel=self.channel,
                file=self.file,
                source=source,
                uses=names,
                payload=self.payload,
                locale=self.locale,
                served_locale=self.served_locale,
                served_type=self.served_type,
            )
            return template, content
        raise problem

    def finding(self, problem: TemplateError) -> Finding:
        """Report a broken template as a finding."""
        unknown = isinstance(problem, UnknownVariable)
        name, rule = ("unknown-variable", lint.UNKNOWN_VARIABLE) if unknown else ("syntax", lint.SYNTAX)
        return Finding(name, rule.severity, self.file, problem.data.get("line") or 1, problem.message)


def _request(
    renderer: Renderer,
    usage_type: UsageType,
    channel: Channel,
    locale: str | None,
    payload: Mapping[str, Any] | None,
    source: str | None,
) -> _Request:
    values = dict(payload) if payload is not None else sample(usage_type)
    template = source if source is not None else renderer.find(usage_type, channel, values, locale)
    effective_locale = locale or next(iter(payload_locales(values)), None)
    return _Request(usage_type, channel, locale, effective_locale, values, template)
