"""A template as it will be on the phone: text, signature, encoding, segments and findings. No gateway is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from gateway.model import Channel, Document, UsageType
from gateway.rendering.catalog import lint_catalog, origin
from gateway.rendering.lint import RULES, Finding, Subject, lint
from gateway.rendering.locales import DEFAULT_LOCALE, asked_for
from gateway.rendering.payloads import sample
from gateway.rendering.phone import Sender
from gateway.rendering.segments import Segments, segments
from gateway.rendering.templates import UNSAVED, Renderer, TemplateError
from gateway.rendering.variables import uses


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
    filled = dict(payload) if payload is not None else sample(usage_type)
    reaching = sender.fills_in(filled)
    wanted = locale or next(iter(asked_for(filled)), None)
    found = renderer.find(usage_type, channel, filled, locale) if source is None else None
    if found is None:
        file, served, used, where = UNSAVED, wanted or DEFAULT_LOCALE, usage_type, None
    else:
        file, served, used, where = found.name, found.locale, found.usage_type, origin(found.folder)

    def broken(problem: TemplateError, rule: str) -> Preview:
        line = problem.data.get("line") or 1
        finding = Finding(rule, RULES[rule].severity, file, line, problem.message)
        return Preview(
            usage_type, channel, locale, file, served, where, sender, None, None, None, (finding,), problem
        )

    try:
        written = found.read() if found is not None else source or ""
        used_names = uses(renderer.parse(written))
        if found is None:
            text = renderer.render_source(written, reaching).text
        else:
            text = renderer.render(usage_type, channel, reaching, locale).text
    except TemplateError as error:
        unknown = error.reason_code == "template.unknown_variable"
        return broken(error, "unknown-variable" if unknown else "syntax")
    except jinja2.TemplateSyntaxError as error:
        data = {"template": file, "line": error.lineno}
        return broken(TemplateError(f"{file}, line {error.lineno}: {error.message}", data=data), "syntax")
    except RecursionError:
        return broken(TemplateError(f"{file} is nested too deeply", data={"template": file}), "syntax")

    market = sender.market(served)
    on_phone = sender.on_phone(text, market)
    counted = segments(on_phone, market)
    subject = Subject(
        usage_type=usage_type,
        file=file,
        source=written,
        uses=used_names,
        payload=filled,
        text=text,
        sender=sender,
        on_phone=on_phone,
        segments=counted,
        locale=wanted,
        served=served,
        used=used,
    )
    findings = tuple(lint(subject))
    return Preview(usage_type, channel, locale, file, served, where, sender, text, on_phone, counted, findings)


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
