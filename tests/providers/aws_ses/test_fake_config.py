"""The fake's part of the config, and what connectors bring along."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.errors import (
    AccountRefused,
    ConfigError,
    ContentRefused,
    CredentialsRefused,
    ProviderFailed,
    Refused,
    Throttled,
    UsageLimited,
)
from gateway.providers.aws_ses import FACTORY, provider
from gateway.providers.aws_ses.fake.config import read
from gateway.providers.aws_ses.fake.settings import Account, FakeSettings
from gateway.providers.aws_ses.wire.errors import DAILY_QUOTA, ERRORS, class_of, row_of
from gateway.providers.ports import Connector

LOGTO = {"accessKeyId": "own-key", "accessKeySecret": "own-secret", "region": "eu-west-1"}


def connector(name: str = "email", **config: Any) -> Connector:
    factory = provider.factories[FACTORY]
    return Connector(name, "aws-ses", factory, factory.settings({**LOGTO, **config}, {}))


def test_what_a_connector_uses_is_there_in_a_strict_fake() -> None:
    own = connector(
        emailAddress="Demo <No-Reply@Example.com>",
        feedbackForwardingEmailAddress="bounces@example.com",
        configurationSetName="own-set",
    )
    settings = read({"strict": True}, [own])
    assert settings.accounts == {"own-key": Account("own-key", "own-secret")}
    assert settings.identities == {"no-reply@example.com", "bounces@example.com"}
    assert settings.configuration_sets == {"own-set"}
    assert settings.owners["no-reply@example.com"].connector_id == "email"


def test_what_nobody_named_is_listed_by_a_strict_fake_only() -> None:
    own = connector(emailAddress="otp@example.com", feedbackForwardingEmailAddress="bounces@example.com")
    assert read({}, [own]).unlisted == {"otp@example.com", "bounces@example.com"}
    assert read({"identities": ["OTP@example.com"]}, [own]).unlisted == {"bounces@example.com"}
    assert read({"strict": True}, [own]).unlisted == frozenset()


def test_an_address_of_two_connectors_is_nobodys() -> None:
    both = [connector(one, emailAddress="otp@example.com") for one in ("a", "b")]
    assert read({}, both).owners == {}
    assert read({}, both).identities == {"otp@example.com"}


def test_the_config_wins_over_a_connector() -> None:
    row = {"access_key_id": "own-key", "access_key_secret": "other", "account_id": "999988887777"}
    settings = read({"accounts": [row], "account_id": "000011112222"}, [connector()])
    assert settings.accounts["own-key"] == Account("own-key", "other", None, "999988887777")
    assert settings.account_id == "000011112222"


def test_strict_decides_what_nobody_said() -> None:
    lenient, strict = read({}, []), read({"strict": True}, [])
    for name, relaxed, severe in (
        ("limits", False, True),
        ("production", True, False),
        ("production_review", "granted", "pending"),
        ("verification", "at_once", "pending"),
    ):
        assert (getattr(lenient, name), getattr(strict, name)) == (relaxed, severe)
    said = read({"strict": True, "limits": False, "production": True, "verification": "at_once"}, [])
    assert (said.limits, said.production, said.verification) == (False, True, "at_once")


def test_whose_turn_it_is_goes_over_to_new_settings() -> None:
    before = FakeSettings()
    assert read({}, [], before).ledger is before.ledger


def test_texts_statuses_and_the_type_of_the_quota_can_be_others() -> None:
    settings = read(
        {
            "messages": {"TemplateDoesNotExist": "No {name}."},
            "statuses": {"MessageRejected": 422},
            "daily_quota_type": "LimitExceededException",
        },
        [],
    )
    assert settings.row("TemplateDoesNotExist").message == "No {name}."
    assert settings.row("MessageRejected").v2_status == 422
    quota = settings.row("DailyQuota")
    assert (quota.v2, quota.v2_status, quota.v1, quota.message) == (
        "LimitExceededException",
        400,
        "Throttling",
        DAILY_QUOTA,
    )
    assert settings.row("Throttling") == ERRORS["Throttling"]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"strikt": True}, "fakes.aws-ses.strikt: there is no such key; did you mean strict?"),
        (
            {"accounts": [{"access_key_id": "a", "access_key_secrt": "b"}]},
            "fakes.aws-ses.accounts.0.access_key_secret: field required",
        ),
        ({"account_id": "12"}, "fakes.aws-ses.account_id: string should match pattern '^[0-9]{12}$'"),
        (
            {"accounts": [{"access_key_id": "a", "access_key_secret": secret} for secret in "bc"]},
            "fakes.aws-ses.accounts: a is there twice, and not the same",
        ),
    ],
)
def test_a_mistake_names_its_key(part: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(part, [])
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("code", "status", "message", "means"),
    [
        ("MessageRejected", 400, "", ContentRefused),
        ("TooManyRequestsException", 429, "Maximum sending rate exceeded.", Throttled),
        ("TooManyRequestsException", 429, DAILY_QUOTA, UsageLimited),
        ("Throttling", 400, "", Throttled),
        ("SendingPausedException", 400, "", AccountRefused),
        ("InvalidClientTokenId", 403, "", CredentialsRefused),
        ("UnrecognizedClientException", 403, "", CredentialsRefused),
        ("BadRequestException", 400, "", Refused),
        ("InternalServiceErrorException", 500, "", ProviderFailed),
        ("Whatever", 400, "", Refused),
        ("Whatever", 503, "", ProviderFailed),
    ],
)
def test_a_code_means_one_thing_to_a_driver(code: str, status: int, message: str, means: type) -> None:
    assert class_of(code, status, message) is means


def test_a_code_that_no_table_has_stays_as_it_is() -> None:
    row = row_of("SomethingNew")
    assert (row.v1, row.v2, row.v1_status, row.v2_status) == ("SomethingNew", "SomethingNew", 400, 400)
    assert row_of("InternalOdd").v2_status == 500
