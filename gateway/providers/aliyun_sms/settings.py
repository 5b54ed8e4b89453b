"""A connector's config: Logto's JSON (``@logto/connector-aliyun-sms``), and our options beside it.

What Logto ignores is ignored here too, but kept in ``ignored``, so that somebody can be warned. An error names
every wrong key and the fix, never a value: half of the values are secrets.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from gateway.core.errors import InvalidConfig
from gateway.core.model import UsageType

REQUIRED = (UsageType.REGISTER, UsageType.SIGN_IN, UsageType.FORGOT_PASSWORD, UsageType.GENERIC)
"""Logto refuses a config without a template for each of these."""

# Keys travel in the Authorization header: what cannot stand there would fail at the first send, far from here.
_Key = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[!-~]+$")]
_Name = Annotated[str, Field(min_length=1, max_length=256)]
_Seconds = Annotated[float, Field(gt=0, le=8)]
_Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$")]
_MODEL = ConfigDict(frozen=True, strict=True)


class TemplateCode(BaseModel):
    """The registered templates (``SMS_...``) for mainland numbers and for all others."""

    model_config = _MODEL
    china: _Name
    overseas: _Name


class Template(BaseModel):
    """One entry of ``templates``. ``type``: 0 notification, 1 promotion, 2 verification code."""

    model_config = ConfigDict(frozen=True, strict=True, alias_generator=to_camel)
    usage_type: str
    template_code: TemplateCode
    type: Literal[0, 1, 2] = 2

    @field_validator("template_code", mode="before")
    @classmethod
    def _one_for_all(cls, value: object) -> object:
        return {"china": value, "overseas": value} if isinstance(value, str) else value


class Options(BaseModel):
    """Our own settings of such a connector."""

    model_config = _MODEL
    timeout_seconds: _Seconds = Field(default=5.0, description="How long the provider may be silent.")
    connect_timeout_seconds: _Seconds = Field(default=2.0, description="How long a connection may take.")
    security_token: _Key | None = Field(
        default=None,
        repr=False,
        description="Of a temporary (STS) access key.",
        json_schema_extra={"writeOnly": True},
    )
    region_id: _Key | None = Field(default=None, description="The region in the SDK's client.")
    signature_algorithm: Literal["v2"] | None = Field(
        default=None, description="`v2`: RPC with HMAC-SHA1. Left out: ACS3-HMAC-SHA256."
    )
    endpoint: _Host | None = Field(
        default=None, description="Host (and port) that a live connector uses instead of Aliyun's own."
    )


class TemplateUse(NamedTuple):
    """A template code in a connector's config. ``type`` is Logto's; ``abroad``: for numbers of other countries."""

    code: str
    usage_type: UsageType
    type: int
    abroad: bool


class AliyunSmsSettings(Options):
    """What ``parse`` makes of Logto's JSON and of our options. ``ignored`` names the keys of the JSON that nobody
    reads."""

    model_config = _MODEL
    access_key_id: _Key
    access_key_secret: _Key = Field(repr=False)
    sign_name: _Name
    strict_phone_region_number_check: bool = False
    templates: Annotated[tuple[Template, ...], Field(strict=False)]

    ignored: tuple[str, ...] = ()

    def template_for(self, usage_type: UsageType) -> Template | None:
        """The first template of that usage type, else of ``Generic``, as Logto chooses."""
        for wanted in (usage_type, UsageType.GENERIC):
            for template in self.templates:
                if template.usage_type == wanted:
                    return template
        return None

    def template_uses(self) -> Iterable[TemplateUse]:
        """Every template code with the usage type that it is configured for, once where it serves all numbers."""
        for template in self.templates:
            if template.usage_type in _USAGE_TYPES:
                usage_type, code = UsageType(template.usage_type), template.template_code
                yield TemplateUse(code.china, usage_type, template.type, abroad=False)
                if code.overseas != code.china:
                    yield TemplateUse(code.overseas, usage_type, template.type, abroad=True)


_USAGE_TYPES = frozenset(usage_type.value for usage_type in UsageType)
_CONFIG = {
    to_camel(name): name
    for name in ("access_key_id", "access_key_secret", "sign_name", "strict_phone_region_number_check", "templates")
}
_OPTIONS = tuple(Options.model_fields)

_FIXES = {
    "missing": "is missing",
    "string_type": "must be a string",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "must be visible ASCII characters without spaces",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "float_type": "must be a number",
    "greater_than": "must be more than 0 seconds",
    "less_than_equal": "must be at most 8 seconds, which is what a whole send has",
    "model_type": "must be an object",
}
_FIXES_OF = {
    "options.endpoint": "must be a host such as dysmsapi.aliyuncs.com, without scheme or path",
    "options.signature_algorithm": 'must be "v2" or left out (ACS3-HMAC-SHA256)',
    "templateCode": 'must be a string, or an object with "china" and "overseas"',
    "type": "must be 0 (notification), 1 (promotion) or 2 (verification code)",
}


def parse(config: Mapping[str, Any], options: Mapping[str, Any]) -> AliyunSmsSettings:
    """The settings of a connector. ``config`` is Logto's JSON, ``options`` are ours, snake_case, times in seconds.

    Raises ``InvalidConfig``, whose message names all that is wrong.
    """
    values = {name: config[key] for key, name in _CONFIG.items() if key in config}
    values |= {name: options[name] for name in _OPTIONS if options.get(name) is not None}
    wrong = list(_unknown(options))
    settings = None
    try:
        settings = AliyunSmsSettings.model_validate({**values, "ignored": tuple(_ignored(config))})
    except ValidationError as error:
        wrong += [_explained(fault["loc"], fault["type"]) for fault in error.errors(include_url=False)]
    if settings is not None:
        configured = {template.usage_type for template in settings.templates}
        missing = [usage_type for usage_type in REQUIRED if usage_type not in configured]
        if missing:
            wrong.append(f"templates: add one for each usageType of {', '.join(missing)}, which Logto demands")
    # Outside the except block: pydantic's error holds the values, and a log would show it as the context.
    if wrong or settings is None:
        raise InvalidConfig("the Aliyun SMS connector cannot work: " + "; ".join(dict.fromkeys(wrong)))
    return settings


def _unknown(options: Mapping[str, Any]) -> Iterator[str]:
    for name in options:
        if name not in _OPTIONS:
            nearest = difflib.get_close_matches(str(name), _OPTIONS, n=1, cutoff=0.5)
            hint = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(_OPTIONS)}"
            yield f"options.{name} is unknown: {hint}"


def _explained(where: Sequence[int | str], kind: str) -> str:
    """pydantic's place and kind of a fault, in the words of who wrote the JSON."""
    first, *rest = where
    place = f"options.{first}" if first in _OPTIONS else to_camel(str(first))
    place += "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest)
    fix = "is missing" if kind == "missing" else _FIXES_OF.get(place) or _FIXES_OF.get(str(where[-1]))
    return f"{place} {fix or _FIXES.get(kind, 'is wrong')}"


def _ignored(config: Mapping[str, Any]) -> Iterator[str]:
    yield from (key for key in config if key not in _CONFIG)
    templates = config.get("templates")
    for index, template in enumerate(templates if isinstance(templates, list | tuple) else ()):
        if isinstance(template, Mapping):
            known = {to_camel(name) for name in Template.model_fields}
            yield from (f"templates[{index}].{key}" for key in template if key not in known)
            usage_type = template.get("usageType")
            if isinstance(usage_type, str) and usage_type not in _USAGE_TYPES:
                # Logto's older configs have "Test"; nothing is ever sent with a name that is none of the nine.
                yield f"templates[{index}].usageType"
