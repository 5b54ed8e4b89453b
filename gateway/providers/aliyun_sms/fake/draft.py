"""A message as it comes into being, before any rule has seen it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gateway.core.model import Content, Recipient
from gateway.core.offload import run_by_size
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.templates import Template, shown
from gateway.rendering.segments import Market, segments
from gateway.rendering.senders import signed

_CODE = re.compile(r"(?=.*[0-9])[A-Za-z0-9]{4,8}")


@dataclass(slots=True)
class Draft:
    """One text for some numbers. ``template`` is None where nobody registered the code; ``values`` is
    TemplateParam, read by its rule. ``sign_state`` is looked up for strict fakes: ``approved``, ``reviewing``,
    ``rejected``, ``cancelled``, or ``unknown``; ``sign_for_codes``: the signature sends verification codes only."""

    call: Call
    numbers: list[str]
    recipients: tuple[Recipient, ...]
    sign_name: str
    template_code: str
    template: Template | None
    param: str
    extend_code: str
    values: dict[str, Any] = field(default_factory=dict)
    sign_state: str = "unknown"
    sign_for_codes: bool = False
    _contents: dict[Market, Content] = field(default_factory=dict)
    _segments: dict[Market, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Without the signature."""
        if self.template is not None:
            return self.template.render(self.values)
        values = "".join([f" {name}={shown(value)}" for name, value in self.values.items()])
        return f" <{self.template_code} is not registered here>{values}"

    def content_for(self, recipient: Recipient) -> Content:
        """As on that phone; made when it is first asked for, which must be after the rules have read the values."""
        market = market_of(recipient)
        found = self._contents.get(market)
        if found is None:
            found = self._contents[market] = Content(signed(self.sign_name, self.text, market))
        return found

    async def segments_for(self, recipient: Recipient) -> int:
        market = market_of(recipient)
        found = self._segments.get(market)
        if found is None:
            text = self.content_for(recipient).text
            counted = await run_by_size(len(text), partial(segments, text, market))
            found = self._segments[market] = counted.count
        return found

    @property
    def code(self) -> str | None:
        """``code``, or the only value if it looks like a code."""
        code = self.values.get("code")
        if code is None and len(self.values) == 1:
            only = next(iter(self.values.values()))
            return only if isinstance(only, str) and _CODE.fullmatch(only) else None
        if isinstance(code, int) and not isinstance(code, bool):
            return str(code)
        return code if isinstance(code, str) and code else None


def market_of(recipient: Recipient) -> Market:
    return "domestic" if recipient.read_as.startswith("+86") else "international"


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


_FROM_JSON = json.JSONDecoder(parse_constant=_no_constant).decode


def read_json(sent: str, kind: type, refused: str) -> Any:
    """What a parameter holds. Raises Refusal with the hint ``refused`` for anything but that kind of JSON."""
    try:
        value = _FROM_JSON(sent)
        if "\\u" in sent:
            # Half a surrogate pair is JSON, but no text: it could never be shown.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, kind):
        raise Refusal("isv.INVALID_JSON_PARAM", refused)
    return value
