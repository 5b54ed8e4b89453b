"""The fake's part of the config file, joined with what its connectors use."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from gateway.core.errors import ConfigError
from gateway.providers.aws_ses.fake.own_templates import own_templates
from gateway.providers.aws_ses.fake.part import AccountPart, FakePart, Part, QuotaPart
from gateway.providers.aws_ses.fake.settings import Account, FakeSettings, Ledger, Owner, Quota
from gateway.providers.aws_ses.fake.tail.answering import MotoTail
from gateway.providers.aws_ses.fake.tail.engine import Engine
from gateway.providers.aws_ses.wire.addresses import bare
from gateway.providers.aws_ses.wire.errors import ErrorRow, condition, row_of
from gateway.providers.ports import Connector

NAME = "aws-ses"


def read(
    config: Mapping[str, Any], connectors: Sequence[Connector], previous: FakeSettings | None = None
) -> FakeSettings:
    """Join the fake's part of the config with what its connectors use: their keys, addresses and configuration sets
    need no word in the config. Where two give the same key id another secret, the config wins, then the first.
    Raises ``errors.ConfigError`` that names the key."""
    try:
        part = FakePart.model_validate(dict(config))
    except ValidationError as error:
        raise ConfigError(_why(error)) from None
    own = [connector for connector in connectors if connector.provider == NAME]
    senders = _senders(own)
    strict = part.strict
    identities = frozenset(one.strip().lower() for one in part.identities)
    implied = senders.keys() | _bouncing(own)
    return FakeSettings(
        strict=strict,
        accounts=_accounts(part, own),
        account_id=part.account_id,
        region=part.region,
        identities=identities | implied,
        # Nobody asked for them: where they are not needed, a suite that lists what it made finds nothing else.
        unlisted=frozenset(() if strict else implied - identities),
        configuration_sets=frozenset(part.configuration_sets) | _sets(own),
        owners=_owners(senders),
        own_templates=own_templates(own),
        freshness=part.freshness_seconds,
        ahead=part.ahead_seconds,
        echo=part.signature_echo,
        limits=strict if part.limits is None else part.limits,
        production=not strict if part.production is None else part.production,
        production_review=part.production_review or ("pending" if strict else "granted"),
        verification=part.verification or ("pending" if strict else "at_once"),
        domain_seconds=part.domain_verification_seconds,
        sandbox=_quota(part.sandbox_quota),
        quota=_quota(part.production_quota),
        errors=dict(_rows(part)),
        ledger=Ledger() if previous is None else previous.ledger,
        tail=_tail(part, previous),
    )


def _tail(part: FakePart, previous: FakeSettings | None) -> MotoTail:
    """What moto keeps goes on."""
    before = None if previous is None else previous.tail
    engine = before.engine if isinstance(before, MotoTail) else Engine()
    return MotoTail(part.moto == "auto", part.moto_seconds, engine)


def _quota(part: QuotaPart) -> Quota:
    return Quota(part.per_day, part.per_second)


def _accounts(part: FakePart, connectors: Sequence[Connector]) -> dict[str, Account]:
    found: dict[str, Account] = {}
    for row in part.accounts:
        account = Account(
            row.access_key_id, row.access_key_secret, row.session_token, row.account_id or part.account_id
        )
        if found.setdefault(row.access_key_id, account) != account:
            raise ConfigError(f"fakes.{NAME}.accounts: {row.access_key_id} is there twice, and not the same")
    for connector in connectors:
        settings = connector.settings
        key_id, secret, token = settings.access_key_id, settings.access_key_secret, settings.session_token
        account = Account(key_id, secret, token, part.account_id)
        found.setdefault(account.key_id, account)
    return found


def _senders(connectors: Sequence[Connector]) -> dict[str, list[str]]:
    """Connectors by the address that they send from, in lower case."""
    found: dict[str, list[str]] = {}
    for connector in connectors:
        sender = connector.settings.email_address
        if sender:
            found.setdefault(bare(sender).lower(), []).append(connector.id)
    return found


def _owners(senders: Mapping[str, list[str]]) -> dict[str, Owner]:
    """Where two connectors send from one address, nobody knows whose a mail is."""
    return {address: Owner(names[0]) for address, names in senders.items() if len(names) == 1}


def _bouncing(connectors: Sequence[Connector]) -> frozenset[str]:
    """Where the connectors want bounces to go."""
    addresses = (one.settings.feedback_forwarding_email_address for one in connectors)
    return frozenset(bare(one).lower() for one in addresses if one)


def _sets(connectors: Sequence[Connector]) -> frozenset[str]:
    names = (one.settings.configuration_set_name for one in connectors)
    return frozenset(name for name in names if name)


def _rows(part: FakePart) -> Iterator[tuple[str, ErrorRow]]:
    """By condition, as ``FakeSettings.row`` asks for them."""
    quota = row_of("DailyQuota")
    if part.daily_quota_type != quota.v2:
        yield (
            "DailyQuota",
            quota._replace(v2=part.daily_quota_type, v2_status=row_of(part.daily_quota_type).v2_status),
        )
    for code in part.statuses.keys() | part.messages.keys():
        row = row_of(code)
        status = part.statuses.get(code)
        if status is not None:
            row = row._replace(v1_status=status, v2_status=status)
        yield condition(code) or code, row._replace(message=part.messages.get(code, row.message))


def _why(error: ValidationError) -> str:
    """The first problem in one line: the key, what is wrong, and the nearest key for a typo."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join([f"fakes.{NAME}", *(str(step) for step in first["loc"])])
    if first["type"] != "extra_forbidden":
        return f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}"
    parts: dict[str, type[Part]] = {
        "accounts": AccountPart,
        "sandbox_quota": QuotaPart,
        "production_quota": QuotaPart,
    }
    known = (parts[str(first["loc"][0])] if len(first["loc"]) > 1 else FakePart).model_fields
    nearest = difflib.get_close_matches(str(first["loc"][-1]), known, 1)
    advice = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(known)}"
    return f"{place}: there is no such key; {advice}"
