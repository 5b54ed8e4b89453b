"""Our emails in the dialects of others: ``{{code}}`` stands where the code will be.

Logto's handlebars and those of SES's stored templates can show a variable; Logto's know no conditions. So a
condition is decided here: what is given (the code, the link of an invitation, and what the caller names) is there,
all else is absent. A template that does more with a variable than show it is refused. Neither dialect escapes HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import meta

from gateway.core.errors import TemplateNotFound
from gateway.core.model import Channel, Content, Document, UsageType
from gateway.rendering.environment import ROOTS, TemplateError
from gateway.rendering.logto import handlebars
from gateway.rendering.payloads import has_code
from gateway.rendering.templates import Renderer
from gateway.rendering.variables import Use, uses

# Values of several shapes, none of which HTML would escape.
_TRIED = ("246810", "7", "ABCDEFGHJKLM", "https://example.com/a/b")


@dataclass(frozen=True, slots=True)
class Exported:
    """``content`` has placeholders. ``absent``: variables that the template asks for, taken as absent."""

    usage_type: UsageType
    locale: str
    content: Content
    absent: tuple[str, ...]

    def for_logto(self) -> Document:
        """As in ``templates`` of the config of Logto's connector."""
        return {"usageType": self.usage_type.value, "subject": self.content.subject, "content": self.content.html}

    def for_ses(self) -> Document:
        """The parameters of CreateEmailTemplate, SES API v2."""
        return {
            "TemplateName": f"{self.usage_type}-{self.locale}",
            "TemplateContent": {
                "Subject": self.content.subject,
                "Text": self.content.text,
                "Html": self.content.html,
            },
        }


def exported(renderer: Renderer, usage_type: UsageType, locale: str, given: Sequence[str] = ()) -> Exported:
    """``given``: paths such as ``application.name`` that whoever sends always has. Raises ``TemplateError`` and
    ``errors.TemplateNotFound``."""
    paths = tuple(dict.fromkeys(["code" if has_code(usage_type) else "link", *given]))
    content = _rendered(renderer, usage_type, locale, {path: f"{{{{{path}}}}}" for path in paths})
    usual = dict.fromkeys(paths, _TRIED[0])
    for path in paths:
        for value in _TRIED:
            values = usual | {path: value}
            if _filled(content, values) != _rendered(renderer, usage_type, locale, values):
                raise _refused(renderer, usage_type, locale, path)
    names = dict.fromkeys(use.path for _, use in _all_uses(renderer, usage_type, locale))
    left = [one for one in names if one not in paths and one.partition(".")[0] in ROOTS]
    return Exported(usage_type, locale, content, tuple(left))


def _rendered(renderer: Renderer, usage_type: UsageType, locale: str, values: Mapping[str, str]) -> Content:
    return renderer.render(usage_type, Channel.EMAIL, _nested(values), locale)


def _filled(content: Content, values: Mapping[str, str]) -> Content:
    payload = _nested(values)
    return Content(
        subject=handlebars(content.subject or "", payload),
        text=handlebars(content.text, payload),
        html=handlebars(content.html, payload) if content.html is not None else None,
    )


def _nested(values: Mapping[str, str]) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for path, value in values.items():
        *above, name = path.split(".")
        inner = payload
        for part in above:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise TemplateError(f"{path}: {part} is itself a value that is given")
        inner[name] = value
    return payload


def _refused(renderer: Renderer, usage_type: UsageType, locale: str, path: str) -> TemplateError:
    used = [(file, use) for file, use in _all_uses(renderer, usage_type, locale) if use.path == path]
    file, line = (used[0][0], used[0][1].line) if used else (str(usage_type), None)
    return TemplateError(
        f"{file}, line {line}: another dialect can only show {path}; leave out filters, comparisons and loops",
        data={"template": file, "line": line},
    )


def _all_uses(renderer: Renderer, usage_type: UsageType, locale: str) -> Iterator[tuple[str, Use]]:
    """Those of the template, its layout and its parts."""
    left, seen = [renderer.find(usage_type, Channel.EMAIL, {}, locale).name], set[str]()
    while left:
        name = left.pop(0)
        if name in seen:
            continue
        seen.add(name)
        try:
            tree = renderer.parse(renderer.read(name))
        except TemplateNotFound:
            continue
        yield from ((name, use) for use in uses(tree))
        left += [one for one in meta.find_referenced_templates(tree) if one is not None]
