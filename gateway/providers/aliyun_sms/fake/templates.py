"""Registered SMS templates: text with ``${name}`` variables, compiled once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from gateway.core import data_files
from gateway.core.model import UsageType

Kind: TypeAlias = Literal["verification", "notification", "promotion", "international"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_VARIABLE = re.compile(r"\$\{(\w+)\}")
# Logto's pages write variables so; Aliyun would send the braces to the phone.
_HANDLEBARS = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True)
class Template:
    """``code`` as Aliyun gives it (``SMS_154950909``); ``kind`` decides which numbers and values it takes.
    ``attributes``: what a variable's value must be (``numberCaptcha``). ``reviewed``: it passed its review."""

    code: str
    text: str
    kind: Kind
    attributes: Mapping[str, str] = field(default_factory=dict)
    reviewed: bool = True

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Names in the order of their first use."""
        return tuple(dict.fromkeys(self._pieces[1::2]))

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What its author should know: names the fix."""
        found = dict.fromkeys(_HANDLEBARS.findall(self.text))
        return tuple(
            f"template {self.code}: {{{{{name}}}}} is sent as it stands; Aliyun fills ${{{name}}}" for name in found
        )

    @cached_property
    def _pieces(self) -> list[str]:
        """Text and variable names by turns."""
        return _VARIABLE.split(self.text)

    def render(self, values: Mapping[str, Any]) -> str:
        """A variable without a value stays as it is, so that a reader sees what is missing."""
        pieces = self._pieces
        if len(pieces) == 1:
            return self.text
        rendered = pieces.copy()
        for at in range(1, len(pieces), 2):
            name = pieces[at]
            rendered[at] = shown(values[name]) if name in values else f"${{{name}}}"
        return "".join(rendered)


def shown(value: Any) -> str:
    """A value of TemplateParam as it stands in a text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def own_code(usage_type: UsageType, *, abroad: bool) -> str:
    """Return the code of the gateway's own template, as in fixtures/aliyun_sms/templates.yaml."""
    return f"SMS_{2 if abroad else 1}{list(UsageType).index(usage_type) + 1:08d}"


@cache  # whenever connectors change, the fake's settings are made anew
def seeded() -> Mapping[str, Template]:
    """The templates that every fake has: fixtures/aliyun_sms/templates.yaml."""
    from ruamel.yaml import YAML

    path = data_files.folder("fixtures") / "aliyun_sms" / "templates.yaml"
    rows = YAML(typ="safe", pure=True).load(path)["templates"]
    return MappingProxyType({row["code"]: Template(row["code"], row["text"], row["kind"]) for row in rows})
