"""What the connector that sends a message adds to it: an SMS signature, a From address, templates of its own.

Source of the signature: Aliyun's sending rules ("SMS sending rules", length of a message). The signature counts,
with the brackets that Aliyun adds. To mainland numbers these are 【】; abroad they are [] if the whole message is
GSM-7 (a Chinese sign name makes it UCS-2). The fake of Aliyun signs with the same function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.model import Content, UsageType
from gateway.extraction import plain_text
from gateway.rendering.logto import handlebars
from gateway.rendering.segments import Market, is_gsm7
from gateway.rendering.templates import one_line

ALIYUN = "aliyun-sms"
LONGEST = 500
"""Characters that Aliyun takes in one message, signature included."""


def signed(sign_name: str, text: str, market: Market) -> str:
    """Put Aliyun's signature in front of a text."""
    if market == "international" and is_gsm7(sign_name + text):
        return f"[{sign_name}]{text}"
    return f"【{sign_name}】{text}"


@dataclass(frozen=True, slots=True)
class Sender:
    """The connector that sends an SMS."""

    provider: str
    sign_name: str | None = None

    @classmethod
    def of(cls, provider: str, config: Mapping[str, Any]) -> Sender:
        """Read the sign name from a connector's config, in Logto's keys."""
        name = config.get("signName")
        return cls(provider, name if isinstance(name, str) else None)

    @property
    def is_aliyun(self) -> bool:
        return self.provider == ALIYUN

    def market(self, locale: str) -> Market:
        """Return the market that a locale is for: Chinese texts go to mainland numbers, all others abroad."""
        return "domestic" if self.is_aliyun and locale.lower().partition("-")[0] == "zh" else "international"

    def fills_in(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that the provider fills in. Aliyun fills in strings only, and no links."""
        if not self.is_aliyun:
            return dict(payload)
        return {name: value for name, value in payload.items() if isinstance(value, str) and name != "link"}

    def on_phone(self, text: str, market: Market) -> str:
        """Return the text with the signature that the provider adds."""
        if not self.is_aliyun or self.sign_name is None:
            return text
        return signed(self.sign_name, text, market)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The connector that sends an email."""

    provider: str
    address: str | None = None
    """The From address. None if the config has none."""
    templates: tuple[Mapping[str, Any], ...] = ()
    """The templates of the connector's config, which win over ours: Logto's ``{usageType, subject, content}``."""

    @classmethod
    def of(cls, provider: str, config: Mapping[str, Any]) -> Mailbox:
        """Read address and templates from a connector's config, in Logto's keys."""
        address, listed = config.get("emailAddress"), config.get("templates")
        templates = [
            item for item in (listed if isinstance(listed, list | tuple) else ()) if isinstance(item, Mapping)
        ]
        whole = tuple(item for item in templates if "subject" in item and "content" in item)
        return cls(provider, address if isinstance(address, str) else None, whole)


def own_template(templates: Sequence[Mapping[str, Any]], usage_type: UsageType) -> int | None:
    """Return the index of the template that Logto would take: of the usage type, else Generic, else None."""
    types = [template.get("usageType") for template in templates]
    return next((types.index(name) for name in (usage_type, UsageType.GENERIC) if name in types), None)


def own_content(subject: str, content: str, payload: Mapping[str, Any]) -> Content:
    """Fill in a template of a connector's config with Logto's handlebars, which escape nothing.

    Such a template has no plain text, so the text is derived from the HTML.
    """
    html = handlebars(content, payload)
    return Content(subject=one_line(handlebars(subject, payload)), text=plain_text(html), html=html)
