"""Mails that a connector's own templates made: which template it was, and the code in it.

Logto's SES connector sends finished HTML, without the usage type. The templates in the connector's config say both,
for any sender that signs with the connector's access key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.core.model import UsageType
from gateway.providers.aws_ses.wire.logto_templates import LOGTO_TEMPLATES
from gateway.providers.ports import Connector
from gateway.rendering import Pattern

_CODE = "code"
# Logto leaves a placeholder as it is if the payload has no such value.
_UNFILLED = re.compile(r"\{\{\s*code\s*\}\}")
_CODE_VALUE = re.compile(_UNFILLED.pattern + r"|[^\s<>]{1,64}")
_USAGE_TYPES = frozenset(usage_type.value for usage_type in UsageType)

MOST_VALUES = 10_000
"""Characters that a body may have besides the literal text of its template."""
MOST_WORK = 1_000_000
"""Characters to compare for one mail, some milliseconds. Beyond, the mail counts as unknown."""
_EACH = 200  # what a template costs besides its characters


class Match(NamedTuple):
    """What the templates say of a mail. Each is None if the templates that fit it differ."""

    usage_type: str | None = None
    code: str | None = None
    connector_id: str | None = None


NO_MATCH = Match()


@dataclass(frozen=True, slots=True)
class OwnTemplate:
    connector_id: str
    usage_type: str | None
    subject: Pattern
    content: Pattern


def own_templates(connectors: Iterable[Connector]) -> dict[str, list[OwnTemplate]]:
    """The templates of the connectors and of their tenants, by access key.

    For a connector without templates these are the ones that its recipe gives to Logto.
    """
    found: dict[str, list[OwnTemplate]] = {}
    for connector in connectors:
        settings = connector.settings
        texts = [(one.usage_type, one.subject, one.content) for one in settings.templates] or list(LOGTO_TEMPLATES)
        texts += [
            (one.template_type, one.details.subject, one.details.content) for one in settings.localized_templates
        ]
        for usage_type, subject, content in texts:
            patterns = Pattern(subject), Pattern(content.replace("\r\n", "\n"))
            recognizable = usage_type in _USAGE_TYPES and not all(one.is_blank for one in patterns)
            template = OwnTemplate(connector.id, usage_type if recognizable else None, *patterns)
            found.setdefault(settings.access_key_id, []).append(template)
    return found


def match(templates: Sequence[OwnTemplate], subject: str, parts: Sequence[str | None], *, is_mime: bool) -> Match:
    """Find the templates that can have made a mail, and say what all of them agree on.

    ``parts`` are its HTML and its text. ``is_mime``: it came as MIME, which ends each part with a line break.
    """
    if not templates:
        return NO_MATCH
    bodies = _bodies(parts, is_mime=is_mime)
    found: set[Match] = set()
    work = 0
    for template in templates:
        work += _EACH + len(subject)
        if work > MOST_WORK:
            return NO_MATCH
        in_subject = template.subject.read(subject)
        if in_subject is None:
            continue
        for body in bodies:
            if not 0 <= len(body) - template.content.literal_size <= MOST_VALUES:
                continue
            work += len(body)
            if work > MOST_WORK:
                return NO_MATCH
            in_content = template.content.read(body)
            if in_content is None:
                continue
            values = {*in_subject.get(_CODE, ()), *in_content.get(_CODE, ())}
            code = next(iter(values), None)
            if len(values) > 1 or (code is not None and not _CODE_VALUE.fullmatch(code)):
                continue  # it only looks like the template
            if code is not None and _UNFILLED.fullmatch(code):
                code = None
            found.add(Match(template.usage_type, code, template.connector_id))
            break
    return Match(*(_agreed(values) for values in zip(*found, strict=True))) if found else NO_MATCH


def _bodies(parts: Sequence[str | None], *, is_mime: bool) -> list[str]:
    found: dict[str, None] = {}
    for part in parts:
        if part and len(part) <= MOST_WORK:
            body = part.replace("\r\n", "\n")
            found[body] = None
            if is_mime:
                found[body.removesuffix("\n")] = None
    return list(found)


def _agreed(values: Sequence[str | None]) -> str | None:
    return values[0] if len(set(values)) == 1 else None
