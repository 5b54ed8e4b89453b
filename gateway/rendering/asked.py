"""What every preview begins with: which template serves the question, and what is wrong if it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jinja2

from gateway.core.model import Channel, Content, UsageType
from gateway.rendering.catalog import origin
from gateway.rendering.environment import UNSAVED, TemplateError, UnknownVariable
from gateway.rendering.findings import Finding, Written
from gateway.rendering.lint import RULES
from gateway.rendering.locales import DEFAULT_LOCALE, asked_for
from gateway.rendering.payloads import sample
from gateway.rendering.templates import Found, Renderer
from gateway.rendering.variables import uses


@dataclass(frozen=True, slots=True)
class Asked:
    """``locale`` as it was asked for, ``wanted`` also by the payload alone. ``file``, ``served`` and ``used``: the
    template that serves it, its folder and its usage type. ``origin`` is None for an unsaved source."""

    usage_type: UsageType
    channel: Channel
    locale: str | None
    wanted: str | None
    payload: Mapping[str, Any]
    file: str
    served: str
    used: UsageType
    origin: str | None
    found: Found | None
    unsaved: str | None

    def made(self, renderer: Renderer, reaching: Mapping[str, Any]) -> tuple[Written, Content]:
        """``reaching``: what of the payload the provider fills in. Raises ``TemplateError``."""
        problem: TemplateError
        try:
            source = self.found.read() if self.found is not None else self.unsaved or ""
            names = uses(renderer.parse(source))
            if self.found is None:
                content = renderer.render_source(source, reaching, self.channel, self.served)
            else:
                content = renderer.as_written(self.usage_type, self.channel, reaching, self.locale)
        except jinja2.TemplateSyntaxError as error:
            data = {"template": self.file, "line": error.lineno}
            problem = TemplateError(f"{self.file}, line {error.lineno}: {error.message}", data=data)
        except RecursionError:
            problem = TemplateError(f"{self.file} is nested too deeply", data={"template": self.file})
        else:
            template = Written(
                usage_type=self.usage_type,
                channel=self.channel,
                file=self.file,
                source=source,
                uses=names,
                payload=self.payload,
                locale=self.wanted,
                served=self.served,
                used=self.used,
            )
            return template, content
        raise problem

    def finding(self, problem: TemplateError) -> Finding:
        """A template that fails, as a finding."""
        rule = "unknown-variable" if isinstance(problem, UnknownVariable) else "syntax"
        return Finding(rule, RULES[rule].severity, self.file, problem.data.get("line") or 1, problem.message)


def asked(
    renderer: Renderer,
    usage_type: UsageType,
    channel: Channel,
    locale: str | None,
    payload: Mapping[str, Any] | None,
    source: str | None,
) -> Asked:
    """``payload``: that of fixtures/payloads unless given. ``source``: a template that is no file.
    Raises ``errors.TemplateNotFound``."""
    filled = dict(payload) if payload is not None else sample(usage_type)
    wanted = locale or next(iter(asked_for(filled)), None)
    if source is not None:
        served = wanted or DEFAULT_LOCALE
        return Asked(usage_type, channel, locale, wanted, filled, UNSAVED, served, usage_type, None, None, source)
    found = renderer.find(usage_type, channel, filled, locale)
    where = origin(found.folder)
    return Asked(
        usage_type,
        channel,
        locale,
        wanted,
        filled,
        found.name,
        found.locale,
        found.usage_type,
        where,
        found,
        None,
    )
