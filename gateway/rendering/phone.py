"""What stands on the phone: the text with the signature that the provider puts in front of it. Previews and the
fake of Aliyun have it from here.

Source: Aliyun's sending rules ("SMS sending rules", length of a message). The signature counts, with the brackets
that Aliyun adds; at home these are 【】, abroad [] as long as the whole message is GSM-7 (a Chinese sign name makes
all of it UCS-2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.rendering.segments import Market, is_gsm7

ALIYUN = "aliyun-sms"
LONGEST = 500
"""Aliyun takes so many characters, signature included."""


def signed(sign_name: str, text: str, market: Market) -> str:
    """The text behind Aliyun's signature."""
    if market == "international" and is_gsm7(sign_name + text):
        return f"[{sign_name}]{text}"
    return f"【{sign_name}】{text}"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the provider, and the sign name of the connector."""

    provider: str
    sign_name: str | None = None

    @classmethod
    def of(cls, provider: str, config: Mapping[str, Any]) -> Sender:
        """``config``: a connector's, in Logto's keys."""
        name = config.get("signName")
        return cls(provider, name if isinstance(name, str) else None)

    @property
    def is_aliyun(self) -> bool:
        return self.provider == ALIYUN

    def market(self, locale: str) -> Market:
        """Chinese text goes to mainland numbers and all other abroad, as in the sandbox's connector."""
        return "domestic" if self.is_aliyun and locale.lower().partition("-")[0] == "zh" else "international"

    def fills_in(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What of a payload reaches the text: Aliyun fills in strings only, and no variable may be a link."""
        if not self.is_aliyun:
            return dict(payload)
        return {name: value for name, value in payload.items() if isinstance(value, str) and name != "link"}

    def on_phone(self, text: str, market: Market) -> str:
        if not self.is_aliyun or self.sign_name is None:
            return text
        return signed(self.sign_name, text, market)
