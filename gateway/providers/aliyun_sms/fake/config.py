"""The fake's part of the config file (``fakes: {aliyun-sms: ...}``), checked."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.core.errors import ConfigError
from gateway.core.model import UsageType
from gateway.providers.aliyun_sms.fake.ledger import Ledger
from gateway.providers.aliyun_sms.fake.nonces import NonceMemory
from gateway.providers.aliyun_sms.fake.part import (
    AccountPart,
    FakePart,
    LimitsPart,
    Part,
    SignaturePart,
    TemplatePart,
)
from gateway.providers.aliyun_sms.fake.settings import (
    CHECK_ORDER,
    Account,
    FakeSettings,
    Guesses,
    Limits,
    Owner,
    Registry,
)
from gateway.providers.aliyun_sms.fake.templates import Kind, Template, own_code, seeded
from gateway.providers.aliyun_sms.settings import TemplateUse
from gateway.providers.aliyun_sms.wire.errors import ErrorRow, row_of
from gateway.providers.aliyun_sms.wire.numbers import is_legal, recipient
from gateway.providers.ports import Connector

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

NAME = "aliyun-sms"

_TRIAL_TEXT = "您的验证码为：${code}，请勿泄露于他人！"

# Types of Logto's templates. A verification code (2) is what Logto fills in where none is given: the text decides.
_KINDS_OF_LOGTO: Mapping[int, Kind] = {0: "notification", 1: "promotion"}

_SHAPES = {"LimitsPart", "SignaturePart"}


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
    templates = _templates(part)
    test_signatures = frozenset(part.test_signatures)
    names = {row if isinstance(row, str) else row.name for row in part.signatures}
    return FakeSettings(
        strict=part.strict,
        accounts=_accounts(part, own),
        templates=templates,
        connector_templates=_connector_templates(own, templates) if part.strict else {},
        signatures=frozenset(names) | {connector.settings.sign_name for connector in own} | test_signatures,
        owners=_owners(own),
        receipt_delay=part.receipt_delay_seconds,
        freshness=part.freshness_seconds,
        errors=dict(_rows(part)),
        guesses=_copied(Guesses, part, check_order=tuple(part.check_order)),
        registry=_copied(
            Registry,
            part,
            verification_signatures=frozenset(
                row.name for row in part.signatures if not isinstance(row, str) and row.codes_only
            ),
            forbidden_signatures=frozenset(part.forbidden_signatures),
            refused_names=frozenset(part.refused_names),
            test_signatures=test_signatures,
            test_templates=frozenset(part.test_templates),
            bound_numbers=_readings("bound_numbers", part.bound_numbers),
            review=part.review or ("delayed" if part.strict else "at_once"),
        ),
        limits=_limits(part),
        state=part.state,
        balance=part.balance,
        blacklist=_readings("blacklist", part.blacklist),
        forbidden_words=tuple(part.forbidden_words),
        allowed_networks=_networks("allowed_networks", part.allowed_networks),
        denied_networks=_networks("denied_networks", part.denied_networks),
        bad_receipts=_bad_receipts(part),
        warnings=tuple(warning for template in templates.values() for warning in template.warnings),
        nonces=NonceMemory(part.nonces_remembered) if previous is None else previous.nonces,
        ledger=Ledger() if previous is None else previous.ledger,
    )


def _templates(part: FakePart) -> dict[str, Template]:
    trial = {code: Template(code, _TRIAL_TEXT, "verification") for code in part.test_templates}
    return dict(seeded()) | trial | {row.code: Template(row.code, row.text, row.kind) for row in part.templates}


def _connector_templates(connectors: Sequence[Connector], templates: Mapping[str, Template]) -> dict[str, Template]:
    """Make a template for each code of the connectors that ``templates`` lacks.

    Only Aliyun knows the real text. The gateway's own text of the usage type stands for it, of ``Generic`` for a
    code of several usage types.
    """
    uses: dict[str, list[TemplateUse]] = {}
    for connector in connectors:
        for use in connector.settings.template_uses():
            uses.setdefault(use.code, []).append(use)
    found: dict[str, Template] = {}
    for code, of_code in uses.items():
        if code in templates:
            continue
        first = of_code[0]
        several = len({use.usage_type for use in of_code}) > 1
        text = templates[own_code(UsageType.GENERIC if several else first.usage_type, abroad=first.abroad)]
        kind = text.kind if first.abroad else _KINDS_OF_LOGTO.get(first.type, text.kind)
        found[code] = Template(code, text.text, kind)
    return found


def _copied(kind: type[T], part: BaseModel, **others: Any) -> T:
    """A settings object whose fields have the names of the part's, but for ``others``."""
    names = {one.name for one in fields(kind) if one.name in type(part).model_fields} - others.keys()
    return kind(**{name: getattr(part, name) for name in names}, **others)


def _limits(part: FakePart) -> Limits | None:
    given = part.limits
    if given is None:
        given = part.strict
    if isinstance(given, bool):
        return Limits() if given else None
    return _copied(Limits, given, exempt=_readings("limits.exempt_numbers", given.exempt_numbers))


def _readings(key: str, numbers: Sequence[str]) -> frozenset[str]:
    """As Aliyun reads them, and with + as everybody does."""
    found = set()
    for number in numbers:
        text = number if is_legal(number) else number.removeprefix("+")
        if not is_legal(text):
            raise ConfigError(f"fakes.{NAME}.{key}: {number} is no phone number; write 13800138000 or +6581234567")
        found.add(recipient(text).read_as)
    return frozenset(found)


def _bad_receipts(part: FakePart) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, numbers in part.bad_receipts.items():
        for reading in _readings(f"bad_receipts.{code}", numbers):
            if found.setdefault(reading, code) != code:
                raise ConfigError(f"fakes.{NAME}.bad_receipts: {reading} is there twice: it has one ErrCode")
    return found


def _networks(key: str, texts: Sequence[str]) -> tuple[str, ...]:
    from ipaddress import ip_network

    for text in texts:
        try:
            ip_network(text)
        except ValueError:
            raise ConfigError(f"fakes.{NAME}.{key}: {text} is no network; write 10.0.0.0/8 or ::1/128") from None
    return tuple(texts)


def _accounts(part: FakePart, connectors: Sequence[Connector]) -> dict[str, Account]:
    found: dict[str, Account] = {}
    for at, row in enumerate(part.accounts):
        account = Account(
            row.access_key_id,
            row.access_key_secret,
            row.security_token,
            row.state,
            row.balance,
            _networks(f"accounts.{at}.allowed_networks", row.allowed_networks),
        )
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
        for use in connector.settings.template_uses():
            types.setdefault(use.code, set()).add(use.usage_type.value)
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
    found = error.errors(include_url=False, include_input=False)
    # Where a key takes two shapes, pydantic complains of each: the one with keys of its own says more.
    first = next((one for one in found if _SHAPES & set(one["loc"])), found[0])
    place = ".".join([f"fakes.{NAME}", *(str(step) for step in first["loc"] if step not in _SHAPES)])
    if first["type"] != "extra_forbidden":
        return f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}"
    parts: dict[Any, type[Part]] = {
        "accounts": AccountPart,
        "templates": TemplatePart,
        "limits": LimitsPart,
        "signatures": SignaturePart,
    }
    known = (parts[first["loc"][0]] if len(first["loc"]) > 1 else FakePart).model_fields
    nearest = difflib.get_close_matches(str(first["loc"][-1]), known, 1)
    advice = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(known)}"
    return f"{place}: there is no such key; {advice}"
