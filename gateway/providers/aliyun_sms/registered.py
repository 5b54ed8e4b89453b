"""Our templates as texts to register with Aliyun: ``${code}`` stands where the code will be.

The fakes' own (fixtures/aliyun_sms/templates.yaml) are made so, and a folder of templates in the config replaces
them by what it makes. Source of the rules: the documentation of CreateSmsTemplate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import ConfigError
from gateway.core.model import Channel, Document, UsageType
from gateway.providers.aliyun_sms.fake.templates import own_code
from gateway.rendering import Renderer, TemplateError
from gateway.rendering.senders import Sender
from gateway.rendering.templates import sample

NAME = "aliyun-sms"
CHINA, OVERSEAS = "zh-CN", "en"
"""The locales of what goes to mainland numbers and abroad."""

_NOT_SENT = ("link", "locale", "uiLocales")
# TemplateType of CreateSmsTemplate; lists and Logto number them otherwise.
_TYPES = {"verification": 0, "notification": 1, "international": 3}
# IntlType: what an international one is for.
_INTERNATIONAL = {True: 2, False: 0}


@dataclass(frozen=True, slots=True)
class Registered:
    """One text. ``code`` is what the sandbox's connector calls it; ``kind`` as the fake has it."""

    usage_type: UsageType
    code: str
    kind: str
    text: str

    @property
    def has_code(self) -> bool:
        return "${code}" in self.text

    def row(self) -> Document:
        """As in ``fakes.aliyun-sms.templates`` of the config file."""
        return {"code": self.code, "kind": self.kind, "text": self.text}

    def document(self, sign_name: str | None) -> Document:
        return {
            "usageType": self.usage_type.value,
            "templateCode": self.code,
            "parameters": self.parameters(sign_name),
        }

    def parameters(self, sign_name: str | None) -> Document:
        """The parameters of CreateSmsTemplate; RelatedSignName is mandatory within China."""
        made: Document = {
            # At most 30 characters, and the longest usage type has 24.
            "TemplateName": f"{self.usage_type} {'intl' if self.kind == 'international' else 'China'}",
            "TemplateContent": self.text,
            "TemplateType": _TYPES[self.kind],
        }
        if self.kind == "international":
            made["IntlType"] = _INTERNATIONAL[self.has_code]
        elif sign_name is not None:
            made["RelatedSignName"] = sign_name
        if self.has_code:
            made["TemplateRule"] = json.dumps({"code": "numberCaptcha"})
        return made


def registered(renderer: Renderer, china: str = CHINA, overseas: str = OVERSEAS) -> list[Registered]:
    """All of them, those for China first, in the order of the usage types. Raises ``TemplateError`` and
    ``errors.TemplateNotFound``."""
    return [
        _registered(renderer, usage_type, locale, abroad=abroad)
        for locale, abroad in ((china, False), (overseas, True))
        for usage_type in UsageType
    ]


def _registered(renderer: Renderer, usage_type: UsageType, locale: str, *, abroad: bool) -> Registered:
    payload = Sender(NAME).fills_in(sample(usage_type))
    variables = {name: f"${{{name}}}" for name in payload if name not in _NOT_SENT}
    text = renderer.render(usage_type, Channel.SMS, variables, locale).text
    kind = "international" if abroad else "verification" if "${code}" in text else "notification"
    return Registered(usage_type, own_code(usage_type, abroad=abroad), kind, text)


def with_templates(own: Mapping[str, Any], renderer: Renderer) -> Mapping[str, Any]:
    """The fake's part of the config with the texts of these templates registered, below those that it lists itself.
    Raises ``errors.ConfigError``."""
    try:
        rows = [one.row() for one in registered(renderer)]
    except TemplateError as error:
        raise ConfigError(f"templates: {error.message}") from None
    listed = own.get("templates", [])
    if not isinstance(listed, list):  # the fake says what is wrong with it
        return own
    named = {row.get("code") for row in listed if isinstance(row, Mapping)}
    return {**own, "templates": [*listed, *(row for row in rows if row["code"] not in named)]}


def for_logto(renderer: Renderer, codes: Mapping[UsageType, Any]) -> Document:
    """``{"templates": [...]}`` for the config of Logto's connector. ``codes``: the template code of each usage
    type, a string or ``{china, overseas}``. Type 2 is a verification code there, 0 a notification."""
    at_home = {one.usage_type: one for one in registered(renderer) if one.kind != "international"}
    return {
        "templates": [
            {"usageType": usage_type.value, "templateCode": code, "type": 2 if at_home[usage_type].has_code else 0}
            for usage_type, code in codes.items()
        ]
    }
