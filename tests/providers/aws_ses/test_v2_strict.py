"""What a strict fake refuses and counts: identities, sandbox, quotas, verification."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError

from tests.providers.aws_ses.served_fake import (
    OTHER_KEY_ID,
    OTHER_SECRET,
    SENDER,
    STRICT,
    Served,
    a_recipient,
    refused,
    serving,
    simple,
)

FRIEND = "friend@elsewhere.example"
SIMULATOR = "success@simulator.amazonses.com"


@pytest.fixture
def ses(strict: Served, region: str) -> Any:
    return strict.client(region)


@pytest.fixture(scope="module")
def production() -> Iterator[Served]:
    with serving(**STRICT, production=True, production_quota={"per_day": 5, "per_second": 3}) as served:
        yield served


def unverified(region: str, names: str) -> Any:
    text = "Email address is not verified. The following identities failed the check in region"
    return refused("MessageRejected", 400, f"{text} {region.upper()}: {names}")


def from_(sender: str, to: str = FRIEND, **more: Any) -> dict[str, Any]:
    return {**simple(to, **more), "FromEmailAddress": sender}


def page(url: str) -> tuple[int, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_domain_covers_its_subdomains_in_any_case(strict: Served, ses: Any) -> None:
    for sender in ("a@verified.example", "B@Mail.Sub.VERIFIED.example", "Otp <c@Verified.Example>"):
        ses.send_email(**from_(sender))
        strict.advance(1)
    assert strict.captures(FRIEND)[-1]["mail"]["from"] == "Otp <c@Verified.Example>"


def test_who_is_not_verified_is_named_as_written(ses: Any, region: str) -> None:
    with unverified(region, "Nobody <me@unknown.example>, bounces@Unknown.example, you@x.example"):
        ses.send_email(
            **from_(
                "Nobody <me@unknown.example>",
                "you@x.example",
                FeedbackForwardingEmailAddress="bounces@Unknown.example",
            )
        )
    with unverified(region, "a@notverified.example"):
        ses.send_email(**from_("a@notverified.example"))


def test_a_verified_address_is_not_its_domain(ses: Any, region: str) -> None:
    ses.send_email(**from_(FRIEND, SIMULATOR))
    with unverified(region, "foe@elsewhere.example"):
        ses.send_email(**from_("foe@elsewhere.example"))


def test_the_sandbox_reaches_verified_recipients_and_the_simulator_only(
    strict: Served, ses: Any, region: str
) -> None:
    with unverified(region, "stranger@inbox.example"):
        ses.send_email(**simple("stranger@inbox.example"))
    ses.send_email(**simple(SIMULATOR))
    account = ses.get_account()
    assert account["ProductionAccessEnabled"] is False
    assert account["SendQuota"] == {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 0.0}


def test_an_address_is_verified_by_the_link_in_its_mail(strict: Served, ses: Any, region: str) -> None:
    address = a_recipient()
    answer = ses.create_email_identity(EmailIdentity=address)
    assert answer["VerifiedForSendingStatus"] is False
    assert ses.get_email_identity(EmailIdentity=address)["VerificationStatus"] == "PENDING"
    with unverified(region, address):
        ses.send_email(**simple(address))
    mail = strict.captures(address)[0]
    link = mail["details"]["link"]
    assert link in mail["text"]
    assert link.startswith(strict.url)
    status, text = page(link.replace("Context=", "Context=0"))
    assert (status, "not valid" in text) == (400, True)
    status, text = page(link)
    assert (status, "Congratulations" in text) == (200, True)
    assert ses.get_email_identity(EmailIdentity=address)["VerifiedForSendingStatus"] is True
    ses.send_email(**simple(address))
    assert len(strict.captures(address)) == 2


def test_a_link_works_for_a_day(strict: Served, ses: Any) -> None:
    address = a_recipient()
    ses.create_email_identity(EmailIdentity=address)
    strict.advance(86_401)
    status, text = page(strict.captures(address)[0]["details"]["link"])
    assert (status, "expired" in text) == (400, True)


def test_a_domain_is_verified_after_a_while(strict: Served, ses: Any) -> None:
    ses.create_email_identity(EmailIdentity="Later.example")
    assert ses.get_email_identity(EmailIdentity="later.example")["DkimAttributes"]["Status"] == "PENDING"
    strict.advance(299)
    assert ses.get_email_identity(EmailIdentity="later.example")["VerificationStatus"] == "PENDING"
    strict.advance(2)
    found = ses.get_email_identity(EmailIdentity="later.example")
    assert (found["VerificationStatus"], found["VerifiedForSendingStatus"]) == ("SUCCESS", True)
    assert found["DkimAttributes"]["Status"] == "SUCCESS"
    ses.send_email(**from_("a@b.later.example"))


def test_a_deleted_identity_sends_no_more(ses: Any, region: str) -> None:
    ses.delete_email_identity(EmailIdentity="verified.example")
    with unverified(region, SENDER):
        ses.send_email(**simple(FRIEND))
    with refused("NotFoundException", 404):
        ses.get_email_identity(EmailIdentity="verified.example")
    ses.create_email_identity(EmailIdentity="verified.example")
    assert ses.get_email_identity(EmailIdentity="verified.example")["VerificationStatus"] == "PENDING"


def test_production_access_is_asked_for_and_reviewed(ses: Any) -> None:
    details = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://example.com", "UseCaseDescription": "codes"}
    ses.put_account_details(**details, ProductionAccessEnabled=True)
    account = ses.get_account()
    assert account["ProductionAccessEnabled"] is False
    assert account["Details"]["ReviewDetails"]["Status"] == "PENDING"
    assert account["Details"]["WebsiteURL"] == "https://example.com"
    with refused("ConflictException", 409):
        ses.put_account_details(**details)


def test_an_unknown_configuration_set_is_refused(ses: Any) -> None:
    with refused("NotFoundException", 404, "Configuration set <nowhere> does not exist."):
        ses.send_email(**simple(FRIEND, ConfigurationSetName="nowhere"))


def test_a_configuration_set_of_the_config_is_there_until_it_is_deleted(ses: Any) -> None:
    assert ses.list_configuration_sets()["ConfigurationSets"] == ["seeded"]
    ses.send_email(**simple(SIMULATOR, ConfigurationSetName="seeded"))
    ses.put_configuration_set_sending_options(ConfigurationSetName="seeded", SendingEnabled=False)
    with refused("SendingPausedException", 400):
        ses.send_email(**simple(SIMULATOR, ConfigurationSetName="seeded"))
    ses.delete_configuration_set(ConfigurationSetName="seeded")
    for call in (ses.get_configuration_set, ses.delete_configuration_set, ses.put_configuration_set_vdm_options):
        with refused("NotFoundException", 404):
            call(ConfigurationSetName="seeded")
    assert ses.list_configuration_sets()["ConfigurationSets"] == []
    ses.create_configuration_set(ConfigurationSetName="seeded")
    assert ses.get_configuration_set(ConfigurationSetName="seeded")["SendingOptions"] == {"SendingEnabled": True}


def test_an_unknown_key_and_a_wrong_secret_are_refused(strict: Served, region: str) -> None:
    with refused("UnrecognizedClientException", 403, "The security token included in the request is invalid."):
        strict.client(region, key_id="AKIDEXAMPLE000000099").get_account()
    with refused("InvalidSignatureException", 403):
        strict.client(region, secret="wrong").get_account()


def test_the_rate_is_per_recipient_and_second(production: Served, region: str) -> None:
    ses = production.client(region)
    clock = production.gateway.services.clock
    production.run(clock.freeze())
    try:
        for _ in range(2):
            ses.send_email(**simple(SIMULATOR))
        mail = simple(a_recipient())
        mail["Destination"]["ToAddresses"].append(a_recipient())
        ses.send_email(**mail)
        # It took one more than there was room for: the debt is paid first.
        production.run(clock.set(clock.now() + 0.6))
        with refused("TooManyRequestsException", 429, "Maximum sending rate exceeded."):
            ses.send_email(**simple(SIMULATOR))
        production.run(clock.set(clock.now() + 0.1))
        ses.send_email(**simple(SIMULATOR))
    finally:
        production.run(clock.unfreeze())


def test_the_quota_of_a_day_is_of_rolling_hours_and_spares_the_simulator(production: Served, region: str) -> None:
    ses = production.client(region)
    for _ in range(2):
        ses.send_email(**simple(a_recipient()))
        production.advance(3600)
    many = simple(a_recipient())
    many["Destination"]["CcAddresses"] = [a_recipient(), a_recipient(), a_recipient()]
    with refused("TooManyRequestsException", 429, "Daily message quota exceeded."):
        ses.send_email(**many)
    many["Destination"]["CcAddresses"].pop()
    ses.send_email(**many)
    production.advance(3600)
    with refused("TooManyRequestsException", 429, "Daily message quota exceeded."):
        ses.send_email(**simple(a_recipient()))
    ses.send_email(**simple(SIMULATOR))
    assert ses.get_account()["SendQuota"]["SentLast24Hours"] == 5.0
    production.advance(86_400 - 3 * 3600 + 1)
    assert ses.get_account()["SendQuota"]["SentLast24Hours"] == 4.0
    ses.send_email(**simple(a_recipient()))
    other = production.client(region, key_id=OTHER_KEY_ID, secret=OTHER_SECRET)
    assert other.get_account()["SendQuota"]["SentLast24Hours"] == 0.0


def test_the_quota_holds_however_many_ask_at_once(production: Served, region: str) -> None:
    ses = production.client(region)

    def send(_: int) -> str:
        try:
            ses.send_email(**simple(a_recipient()))
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return "sent"

    clock = production.gateway.services.clock
    production.run(clock.freeze())
    try:
        with ThreadPoolExecutor(8) as pool:
            first = sorted(pool.map(send, range(12)))
            production.run(clock.set(clock.now() + 10))
            second = sorted(pool.map(send, range(12)))
        assert first == ["Maximum sending rate exceeded."] * 9 + ["sent"] * 3
        assert second == ["Daily message quota exceeded."] * 10 + ["sent"] * 2
    finally:
        production.run(clock.unfreeze())
