"""The fake's part of the config file (``fakes: {aliyun-sms: ...}``), checked."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from gateway.errors import ConfigError
from gateway.ports import Connector
from gateway.providers.aliyun_sms.fake.nonces import NonceMemory
from gateway.providers.aliyun_sms.fake.settings import (
    CHECK_ORDER,
    Account,
    Check,
    Echo,
    FakeSettings,
    Guesses,
    Owner,
)
from gateway.providers.aliyun_sms.fake.templates import Kind, Template, seeded
from gateway.providers.aliyun_sms.wire.errors import ErrorRow, row_of

NAME = "aliyun-sms"
_DEFAULTS = Guesses()

_Word = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


_SECRET: dict[str, JsonValue] = {"writeOnly": True}


class _AccountPart(_Part):
    access_key_id: _Word = Field(description="The key's id.")
    access_key_secret: _Word = Field(description="Its secret.", json_schema_extra=_SECRET)
    security_token: _Word | None = Field(
        default=None, description="Of a temporary (STS) key: requests must bear it.", json_schema_extra=_SECRET
    )


class _TemplatePart(_Part):
    code: _Word = Field(description="`SMS_...`.")
    text: _Word = Field(description="With `${name}` for its variables.")
    kind: Kind = Field(default="verification", description="What such messages are.")


class FakePart(_Part):
    """The fake's part of the config file."""

    strict: bool = Field(default=False, description="Apply every rule; see [aliyun-sms.md](aliyun-sms.md).")
    accounts: list[_AccountPart] = Field(default=[], description="Further access keys.")
    templates: list[_TemplatePart] = Field(default=[], description="Further registered templates.")
    signatures: list[_Word] = Field(default=[], description="Further sign names.")
    receipt_delay_seconds: float = Field(
        default=2.0, ge=0, description='How long `QuerySendDetails` says "waiting", on the gateway\'s clock.'
    )
    freshness_seconds: float = Field(default=900.0, gt=0, description="How far a timestamp may be from real time.")
    nonces_remembered: int = Field(default=100_000, ge=1, description="How many, so that none is taken twice.")
    statuses: dict[_Word, Annotated[int, Field(ge=200, le=599)]] = Field(
        default={}, description="HTTP status of an error by its code, where yours differ."
    )
    messages: dict[_Word, str] = Field(default={}, description="Text of an error by its code, where yours differ.")
    check_order: list[Check] = Field(default=list(CHECK_ORDER), description="In which order a request is checked.")
    acs3_echo: Echo = Field(
        default=_DEFAULTS.acs3_echo, description="What `server string to sign is:` shows to an ACS3 client."
    )
    number_values_accepted: bool = Field(
        default=_DEFAULTS.number_values_accepted,
        description="May values of `TemplateParam` be JSON numbers (strict fakes).",
    )
    waiting_err_code: str = Field(
        default=_DEFAULTS.waiting_err_code, description="`ErrCode` of `QuerySendDetails` before the receipt."
    )
    foreign_number_code: _Word = Field(
        default=_DEFAULTS.foreign_number_code,
        description="What a number abroad gets with a template for the mainland (strict fakes).",
    )
    recommend: str = Field(
        default=_DEFAULTS.recommend, description="URL in errors, with `{code}` and `{request_id}`."
    )


def read(
    config: Mapping[str, Any], connectors: Sequence[Connector], previous: FakeSettings | None = None
) -> FakeSettings:
    """Join the fake's part of the config with what its connectors use: their keys, sign names and template codes
    need no word in the config. Where two give the same key id another secret, the config wins, then the first.
    Nonces seen by ``previous`` stay seen. Raises ``errors.ConfigError`` that names the key."""
    try:
        part = FakePart.model_validate(dict(config))
    except ValidationError as error:
        raise ConfigError(_why(error)) from None
    if sorted(part.check_order) != sorted(CHECK_ORDER):
        raise ConfigError(f"fakes.{NAME}.check_order: must name each of {', '.join(CHECK_ORDER)} once")
    own = [connector for connector in connectors if connector.provider == NAME]
    templates = {**seeded(), **{row.code: Template(row.code, row.text, row.kind) for row in part.templates}}
    return FakeSettings(
        strict=part.strict,
        accounts=_accounts(part, own),
        templates=templates,
        signatures=frozenset(part.signatures) | {connector.settings.sign_name for connector in own},
        owners=_owners(own),
        receipt_delay=part.receipt_delay_seconds,
        freshness=part.freshness_seconds,
        errors=dict(_rows(part)),
        guesses=Guesses(
            check_order=tuple(part.check_order),
            acs3_echo=part.acs3_echo,
            number_values_accepted=part.number_values_accepted,
            waiting_err_code=part.waiting_err_code,
            foreign_number_code=part.foreign_number_code,
            recommend=part.recommend,
        ),
        nonces=NonceMemory(part.nonces_remembered) if previous is None else previous.nonces,
    )


def _accounts(part: FakePart, connectors: Sequence[Connector]) -> dict[str, Account]:
    found: dict[str, Account] = {}
    for row in part.accounts:
        account = Account(row.access_key_id, row.access_key_secret, row.security_token)
        if found.setdefault(row.access_key_id, account) != account:
            raise ConfigError(f"fakes.{NAME}.accounts: {row.access_key_id} is there twice, and not the same")
    for connector in connectors:
        settings = connector.settings
        account = Account(settings.access_key_id, settings.access_key_secret, settings.security_token)
        found.setdefault(account.key_id, account)
    return found


def _owners(connectors: Sequence[Connector]) -> dict[str, Owner]:
    found: dict[str, Owner] = {}
    for connector in connectors:
        types: dict[str, set[str]] = {}
        for code, usage_type in connector.settings.template_codes():
            types.setdefault(code, set()).add(usage_type.value)
        for code, names in types.items():
            found.setdefault(code, Owner(connector.id, names.pop() if len(names) == 1 else None))
    return found


def _rows(part: FakePart) -> Iterator[tuple[str, ErrorRow]]:
    for code in part.statuses.keys() | part.messages.keys():
        row = row_of(code)
        yield (
            code,
            row._replace(status=part.statuses.get(code, row.status), message=part.messages.get(code, row.message)),
        )


def _why(error: ValidationError) -> str:
    """The first problem in one line: the key, what is wrong, and the nearest key for a typo."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join([f"fakes.{NAME}", *(str(step) for step in first["loc"])])
    if first["type"] != "extra_forbidden":
        return f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}"
    parts: dict[Any, type[_Part]] = {"accounts": _AccountPart, "templates": _TemplatePart}
    known = (parts[first["loc"][0]] if len(first["loc"]) > 1 else FakePart).model_fields
    nearest = difflib.get_close_matches(str(first["loc"][-1]), known, 1)
    advice = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(known)}"
    return f"{place}: there is no such key; {advice}"
