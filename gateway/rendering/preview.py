"""A template as it will be on the phone: text, signature, encoding, segments and findings. No gateway is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.model import Channel, Document, UsageType
from gateway.rendering.asked import asked
from gateway.rendering.catalog import lint_catalog
from gateway.rendering.environment import TemplateError
from gateway.rendering.findings import Finding
from gateway.rendering.lint import Subject, lint
from gateway.rendering.phone import Sender
from gateway.rendering.segments import Segments, segments
from gateway.rendering.templates import Renderer


@dataclass(frozen=True, slots=True)
class Preview:
    """``text`` is what the template makes, ``on_phone`` the same with the signature. Where the template is broken
    both are None, ``problem`` says why, and the findings have it too. ``origin`` is None for an unsaved source."""

    usage_type: UsageType
    channel: Channel
    locale: str | None
    file: str
    served: str
    origin: str | None
    sender: Sender
    text: str | None
    on_phone: str | None
    segments: Segments | None
    findings: tuple[Finding, ...]
    problem: TemplateError | None = None

    def document(self) -> Document:
        return {
            "type": self.usage_type.value,
            "channel": self.channel.value,
            "locale": self.locale,
            "file": self.file,
            "servedLocale": self.served,
            "origin": self.origin,
            "signName": self.sender.sign_name,
            "text": self.text,
            "onPhone": self.on_phone,
            "segments": self.segments.document() if self.segments else None,
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
    """``payload``: that of fixtures/payloads unless given. ``source``: a template that is no file; hostile ones
    belong into ``bounded``. Raises ``errors.TemplateNotFound``."""
    one = asked(renderer, usage_type, channel, locale, payload, source)

    def shown(
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
            file=one.file,
            served=one.served,
            origin=one.origin,
            sender=sender,
            text=text,
            on_phone=on_phone,
            segments=size,
            findings=tuple(findings),
            problem=problem,
        )

    try:
        template, content = one.made(renderer, sender.fills_in(one.payload))
    except TemplateError as error:
        return shown(None, None, None, [one.finding(error)], error)
    market = sender.market(one.served)
    on_phone = sender.on_phone(content.text, market)
    size = segments(on_phone, market)
    findings = lint(Subject(template, content.text, sender, on_phone, size))
    return shown(content.text, on_phone, size, findings)


def preview_all(
    renderer: Renderer, channel: Channel, sender: Sender, locales: Sequence[str] = ()
) -> tuple[list[Preview], list[Finding]]:
    """Every usage type in every locale that has a folder (or in those given), and what is wrong with the set."""
    made = [
        preview(renderer, usage_type, channel, sender, locale=locale)
        for locale in (locales or renderer.locales(channel))
        for usage_type in UsageType
    ]
    return made, lint_catalog(renderer, channel)
