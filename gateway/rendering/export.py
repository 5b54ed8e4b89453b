"""Export our emails as templates for Logto and Amazon SES, with placeholders such as ``{{code}}``.

Both dialects can show a variable, but Logto's has no conditions. So conditions are decided at the export: the code,
the link of an invitation, and the variables that the caller names are present; all others are absent. A template
that does more with a variable than show it is refused. Neither dialect escapes HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import meta

from gateway.core.errors import TemplateNotFound
from gateway.core.model import Channel, Content, Document, UsageType
from gateway.rendering.environment import ROOTS, TemplateError, Use, uses
from gateway.rendering.logto import handlebars
from gateway.rendering.templates import Renderer, has_code

# Values of several shapes, without characters that HTML escapes. With each, both dialects must make the same mail.
_PROBES = ("246810", "7", "ABCDEFGHJKLM", "https://example.com/a/b")


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported email."""

    usage_type: UsageType
    locale: str
    content: Content
    """With placeholders."""
    absent: tuple[str, ...]
    """The variables of the template that were taken as absent."""

    def for_logto(self) -> Document:
        """Return an item of ``templates`` in the config of Logto's connector."""
        return {"usageType": self.usage_type.value, "subject": self.content.subject, "content": self.content.html}

    def for_ses(self) -> Document:
        """Return the parameters of CreateEmailTemplate, SES API v2."""
        return {
            "TemplateName": f"{self.usage_type}-{self.locale}",
            "TemplateContent": {
                "Subject": self.content.subject,
                "Text": self.content.text,
                "Html": self.content.html,
            },
        }


def export_email(
    renderer: Renderer, usage_type: UsageType, locale: str, always_sent: Sequence[str] = ()
) -> Exported:
    """Export one email.

    Args:
        always_sent: Paths such as ``application.name`` that every payload has.

    Raises:
        TemplateError: The template is broken, or it does more with a variable than show it.
        errors.TemplateNotFound: No file serves the usage type.
    """
    paths = tuple(dict.fromkeys(["code" if has_code(usage_type) else "link", *always_sent]))
    content = _rendered(renderer, usage_type, locale, {path: f"{{{{{path}}}}}" for path in paths})
    usual = dict.fromkeys(paths, _PROBES[0])
    for path in paths:
        for value in _PROBES:
            values = usual | {path: value}
            if _filled(content, values) != _rendered(renderer, usage_type, locale, values):
                raise _refused(renderer, usage_type, locale, path)
    names = dict.fromkeys(use.path for _, use in _all_uses(renderer, usage_type, locale))
    absent = tuple(name for name in names if name not in paths and name.partition(".")[0] in ROOTS)
    return Exported(usage_type, locale, content, absent)


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
    """Yield the uses of variables in the template, its layout and its parts, with their file."""
    queue, visited = [renderer.find(usage_type, Channel.EMAIL, {}, locale).name], set[str]()
    while queue:
        name = queue.pop(0)
        if name in visited:
            continue
        visited.add(name)
        try:
            tree = renderer.parse(renderer.read(name))
        except TemplateNotFound:
            continue
        yield from ((name, use) for use in uses(tree))
        queue += [part for part in meta.find_referenced_templates(tree) if part is not None]
