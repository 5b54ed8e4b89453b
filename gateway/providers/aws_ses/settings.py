"""A connector's config: Logto's JSON (``@logto/connector-aws-ses``), and our options beside it.

What Logto ignores is ignored here too, but kept in ``ignored``, so that somebody can be warned. An error names
every wrong key and the fix, never a value: half of the values are secrets.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from gateway.core.errors import InvalidConfig
from gateway.core.model import UsageType
from gateway.providers.aws_ses.wire.mailboxes import Unsendable, header_address

REQUIRED = (UsageType.REGISTER, UsageType.SIGN_IN, UsageType.FORGOT_PASSWORD, UsageType.GENERIC)
"""Logto refuses a config without a template for each of these."""


def _mailbox(text: str) -> str:
    """Checked here, kept as written: an address that no header can hold would fail at the first send."""
    try:
        header_address(text)
    except Unsendable as problem:
        raise ValueError(str(problem)) from None
    return text


# The key id travels in the Authorization header: what cannot stand there would fail at the first send.
_Key = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[!-~]+$")]
_Region = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=63)]
_Mailbox = Annotated[str, Field(max_length=1000), AfterValidator(_mailbox)]
_Arn = Annotated[str, Field(pattern=r"^[!-~]+$", max_length=2048)]
_Set = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Url = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[!-~]*)?$")]
_Seconds = Annotated[float, Field(gt=0, le=8)]
_MODEL = ConfigDict(frozen=True, strict=True)
_CAMEL = ConfigDict(frozen=True, strict=True, alias_generator=to_camel)


class Template(BaseModel):
    """One entry of Logto's ``templates``. ``content`` is HTML."""

    model_config = _CAMEL
    usage_type: str
    subject: str
    content: str


class Details(BaseModel):
    """``reply_to`` is an address, ``send_from`` a name or a whole sender; both may hold variables."""

    model_config = _CAMEL
    subject: str
    content: str
    content_type: Literal["text/html", "text/plain"] = "text/html"
    reply_to: str | None = None
    send_from: str | None = None


class LocalizedTemplate(BaseModel):
    """One of the tenant's own templates, as Logto's ``GET /api/email-templates`` shows it."""

    model_config = _CAMEL
    language_tag: str
    template_type: str
    details: Details


class Options(BaseModel):
    """Our own settings of such a connector."""

    model_config = _MODEL
    timeout_seconds: _Seconds = Field(default=5.0, description="How long the provider may be silent.")
    connect_timeout_seconds: _Seconds = Field(default=2.0, description="How long a connection may take.")
    session_token: _Key | None = Field(
        default=None,
        repr=False,
        description="Of a temporary (STS) access key.",
        json_schema_extra={"writeOnly": True},
    )
    endpoint: _Url | None = Field(
        default=None, description="URL that a live connector uses instead of AWS's own of the region."
    )
    from_name: _Name | None = Field(
        default=None, description="The sender's name, where `emailAddress` has only the address."
    )
    reply_to: _Mailbox | None = Field(default=None, description="Where replies go, unless a template says it.")
    localized_templates: Annotated[tuple[LocalizedTemplate, ...], Field(strict=False)] = Field(
        default=(),
        description="Templates by language, as Logto's `/api/email-templates` lists them. They win.",
    )


class AwsSesSettings(Options):
    """What ``parse`` makes of Logto's JSON and of our options. ``ignored`` names the keys of the JSON that nobody
    reads."""

    model_config = _MODEL
    access_key_id: _Key
    access_key_secret: _Key = Field(repr=False)
    region: _Region
    email_address: _Mailbox | None = None
    email_address_identity_arn: _Arn | None = None
    feedback_forwarding_email_address: _Mailbox | None = None
    feedback_forwarding_email_address_identity_arn: _Arn | None = None
    configuration_set_name: _Set | None = None
    templates: Annotated[tuple[Template, ...], Field(strict=False)] = ()

    ignored: tuple[str, ...] = ()


_USAGE_TYPES = frozenset(usage_type.value for usage_type in UsageType)
_OPTIONS = tuple(Options.model_fields)
_CONFIG = {
    to_camel(name): name for name in AwsSesSettings.model_fields if name not in _OPTIONS and name != "ignored"
}

_FIXES = {
    "missing": "is missing",
    "string_type": "must be a string",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "must be visible ASCII characters without spaces",
    "tuple_type": "must be a list",
    "float_type": "must be a number",
    "greater_than": "must be more than 0 seconds",
    "less_than_equal": "must be at most 8 seconds, which is what a whole send has",
    "model_type": "must be an object",
    "value_error": "must be an address such as ada@example.com or Ada <ada@example.com>",
}
_ARN_FIX = "must be an ARN such as arn:aws:ses:eu-west-1:123456789012:identity/example.com"
_FIXES_OF = {
    "region": "must be a region such as eu-west-1",
    "configurationSetName": "must be 1 to 64 letters, digits, _ and -",
    "emailAddressIdentityArn": _ARN_FIX,
    "feedbackForwardingEmailAddressIdentityArn": _ARN_FIX,
    "options.endpoint": "must be a URL such as https://email.eu-west-1.amazonaws.com",
    "options.from_name": "must be a name without line breaks",
    "contentType": 'must be "text/html" or "text/plain"',
}
# Logto's console writes empty texts where somebody left a field empty.
_BLANK_IS_ABSENT = frozenset(_CONFIG) - {"accessKeyId", "accessKeySecret", "region", "templates"}


def parse(config: Mapping[str, Any], options: Mapping[str, Any]) -> AwsSesSettings:
    """The settings of a connector. ``config`` is Logto's JSON, ``options`` are ours, snake_case, times in seconds.

    Raises ``InvalidConfig``, whose message names all that is wrong.
    """
    values = {
        name: config[key]
        for key, name in _CONFIG.items()
        if key in config and not (config[key] in ("", None) and key in _BLANK_IS_ABSENT)
    }
    values |= {name: options[name] for name in _OPTIONS if options.get(name) is not None}
    wrong = list(_unknown(options))
    settings = None
    try:
        settings = AwsSesSettings.model_validate({**values, "ignored": tuple(_ignored(config))})
    except ValidationError as error:
        wrong += [_explained(fault["loc"], fault["type"]) for fault in error.errors(include_url=False)]
    # Outside the except block: pydantic's error holds the values, and a log would show it as the context.
    if wrong or settings is None:
        raise InvalidConfig("the AWS SES connector cannot work: " + "; ".join(dict.fromkeys(wrong)))
    return settings


def warnings(settings: AwsSesSettings) -> Iterable[str]:
    """What works here, and not as somebody may think."""
    # What Logto ignores is ignored here too.
    yield from (f"config.{key} is ignored: nobody knows that key" for key in settings.ignored)
    if settings.email_address is None:
        yield "config.emailAddress is missing: SES refuses a mail without a sender"
    configured = {template.usage_type for template in settings.templates}
    missing = [usage_type for usage_type in REQUIRED if usage_type not in configured]
    if configured and missing:
        yield f"config.templates has none for {', '.join(missing)}, which Logto demands"


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
