"""A template as the email that it makes: subject, preheader, both parts, size, findings. No gateway is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.model import Channel, Content, Document, UsageType
from gateway.rendering import markup
from gateway.rendering.asked import asked
from gateway.rendering.catalog import lint_catalog
from gateway.rendering.environment import TemplateError
from gateway.rendering.findings import Finding, Written
from gateway.rendering.locales import asked_for
from gateway.rendering.mail_lint import Mail, lint_mail
from gateway.rendering.mailbox import Mailbox, own_content, own_template
from gateway.rendering.payloads import sample
from gateway.rendering.templates import Renderer, one_line


@dataclass(frozen=True, slots=True)
class MailPreview:
    """Where the template is broken ``content`` is None, ``problem`` says why, and the findings have it too.
    ``origin``: ``built-in``, ``overlay``, ``connector`` for one of its config, None for an unsaved source."""

    usage_type: UsageType
    locale: str | None
    file: str
    served: str | None
    origin: str | None
    sender: Mailbox
    content: Content | None
    preheader: str | None
    findings: tuple[Finding, ...]
    problem: TemplateError | None = None

    @property
    def size(self) -> int:
        """Bytes of the HTML, as UTF-8."""
        html = self.content.html if self.content is not None else None
        return len((html or "").encode("utf-8", "replace"))

    def document(self) -> Document:
        content = self.content
        return {
            "type": self.usage_type.value,
            "channel": Channel.EMAIL.value,
            "locale": self.locale,
            "file": self.file,
            "servedLocale": self.served,
            "origin": self.origin,
            "from": self.sender.address,
            "subject": content.subject if content else None,
            "preheader": self.preheader,
            "text": content.text if content else None,
            "html": content.html if content else None,
            "bytes": self.size,
            "findings": [finding.document() for finding in self.findings],
        }


def mail_preview(
    renderer: Renderer,
    usage_type: UsageType,
    sender: Mailbox,
    *,
    locale: str | None = None,
    payload: Mapping[str, Any] | None = None,
    source: str | None = None,
) -> MailPreview:
    """``payload``: that of fixtures/payloads unless given. ``source``: a template that is no file; hostile ones
    belong into ``bounded``. A template of the sender's own comes before the files.
    Raises ``errors.TemplateNotFound``."""
    at = own_template(sender.templates, usage_type) if source is None else None
    if at is not None:
        return _own(sender, at, usage_type, locale, payload if payload is not None else sample(usage_type))
    one = asked(renderer, usage_type, Channel.EMAIL, locale, payload, source)
    try:
        template, content = one.made(renderer, one.payload)
    except TemplateError as error:
        broken = (one.finding(error),)
        return MailPreview(usage_type, locale, one.file, one.served, one.origin, sender, None, None, broken, error)
    return _shown(template, content, sender, locale, one.served, one.origin)


def _own(
    sender: Mailbox, at: int, usage_type: UsageType, locale: str | None, payload: Mapping[str, Any]
) -> MailPreview:
    chosen = sender.templates[at]
    source = str(chosen["content"])
    wanted = locale or next(iter(asked_for(payload)), None)
    template = Written(
        usage_type=usage_type,
        channel=Channel.EMAIL,
        file=f"templates[{at}]",
        source=source,
        uses=(),
        payload=payload,
        locale=None,  # it has one language, whichever is asked for
        served="",
        used=usage_type,
    )
    content = own_content(str(chosen["subject"]), source, payload)
    return _shown(template, content, sender, wanted, None, "connector")


def _shown(
    template: Written, content: Content, sender: Mailbox, locale: str | None, served: str | None, origin: str | None
) -> MailPreview:
    found = markup.read(content.html or "")
    subject = content.subject or ""
    mail = Mail(template, subject, content.text, content.html, found)
    sent = Content(subject=one_line(subject), text=content.text, html=content.html)
    return MailPreview(
        usage_type=template.usage_type,
        locale=locale,
        file=template.file,
        served=served,
        origin=origin,
        sender=sender,
        content=sent,
        preheader=found.preheader,
        findings=tuple(lint_mail(mail)),
    )


def mail_preview_all(
    renderer: Renderer, sender: Mailbox, locales: Sequence[str] = ()
) -> tuple[list[MailPreview], list[Finding]]:
    """Every usage type in every locale that has a folder (or in those given), and what is wrong with the set. A
    sender's own templates have one language."""
    own = bool(sender.templates)
    places: Sequence[str | None] = locales or ([None] if own else renderer.locales(Channel.EMAIL))
    made = [
        mail_preview(renderer, usage_type, sender, locale=locale) for locale in places for usage_type in UsageType
    ]
    return made, [] if own else lint_catalog(renderer, Channel.EMAIL)
