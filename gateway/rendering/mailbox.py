"""Who sends an email: the address of a connector, and the templates in its own config, which win over ours.

Those are Logto's: ``templates[]`` of ``{usageType, subject, content}``, filled in with Logto's handlebars, to the
letter: nothing is escaped. They have no plain text; it is read out of the HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.model import Content, UsageType
from gateway.extraction import plain_text
from gateway.rendering.logto import handlebars
from gateway.rendering.templates import one_line


def own_content(subject: str, content: str, payload: Mapping[str, Any]) -> Content:
    """One of a connector's own templates, filled in."""
    html = handlebars(content, payload)
    return Content(subject=one_line(handlebars(subject, payload)), text=plain_text(html), html=html)


def own_template(templates: Sequence[Mapping[str, Any]], usage_type: UsageType) -> int | None:
    """The index of the one that Logto would take: of the usage type, else Generic. None: neither is there."""
    types = [one.get("usageType") for one in templates]
    return next((types.index(name) for name in (usage_type, UsageType.GENERIC) if name in types), None)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """``address``: what the From header says, None if the provider is to know it."""

    provider: str
    address: str | None = None
    templates: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, provider: str, config: Mapping[str, Any]) -> Mailbox:
        """``config``: a connector's, in Logto's keys."""
        address, listed = config.get("emailAddress"), config.get("templates")
        templates = listed if isinstance(listed, list | tuple) else ()
        whole = (one for one in templates if isinstance(one, Mapping) and "subject" in one and "content" in one)
        return cls(provider, address if isinstance(address, str) else None, tuple(whole))
