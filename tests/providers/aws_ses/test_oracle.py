"""moto as an oracle: the same boto3 calls against our fake and against moto, in the same order.

What both answer is compared: AWS's code of the last call, or what it returns. Where they disagree,
``DISAGREEMENTS`` says how and why; a row that is no longer true fails as well. docs/aws-ses.md shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.providers.aws_ses.served_fake import KEY_ID, SECRET, Served, serving
from tests.support.tiers import nth_fast

REGION = "eu-west-1"


class Step(NamedTuple):
    service: str
    method: str
    arguments: Mapping[str, Any]


def v1(method: str, **arguments: Any) -> Step:
    return Step("ses", method, arguments)


def v2(method: str, **arguments: Any) -> Step:
    return Step("sesv2", method, arguments)


FROM, TO = "from@example.com", "to@example.org"
BODY = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
MAIL = {"Source": FROM, "Destination": {"ToAddresses": [TO]}, "Message": BODY}
MAIL2 = {
    "FromEmailAddress": FROM,
    "Destination": {"ToAddresses": [TO]},
    "Content": {"Simple": BODY},
}
RAW = b"From: from@example.com\r\nTo: to@example.org\r\nSubject: s\r\n\r\nt\r\n"
VERIFIED = v1("verify_email_identity", EmailAddress=FROM)
TEMPLATE = {"TemplateName": "t", "SubjectPart": "Hi {{name}}", "TextPart": "{{#each xs}}{{this}};{{/each}}"}
TEMPLATED = v1("create_template", Template=TEMPLATE)
SET = v1("create_configuration_set", ConfigurationSet={"Name": "cs"})
LIST = v2("create_contact_list", ContactListName="l")
POOL = v2("create_dedicated_ip_pool", PoolName="p")
RULES = v1("create_receipt_rule_set", RuleSetName="r")
EVENT = {"Name": "e", "Enabled": True, "MatchingEventTypes": ["send"], "SNSDestination": {"TopicARN": "arn:a"}}

# A name, and the calls: the answer to the last one is compared.
CASES: Mapping[str, tuple[Step, ...]] = {
    "v1 send": (VERIFIED, v1("send_email", **MAIL)),
    "v1 send raw": (VERIFIED, v1("send_raw_email", RawMessage={"Data": RAW})),
    "v1 send from a verified domain": (
        v1("verify_domain_identity", Domain="example.com"),
        v1("send_email", **MAIL),
    ),
    "v1 send unverified": (v1("send_email", **MAIL),),
    "v1 send in other case": (VERIFIED, v1("send_email", **{**MAIL, "Source": "FROM@Example.com"})),
    "v1 send from a subdomain": (
        v1("verify_domain_identity", Domain="example.com"),
        v1("send_email", **{**MAIL, "Source": "a@mail.example.com"}),
    ),
    "v1 send to 51": (
        VERIFIED,
        v1("send_email", **{**MAIL, "Destination": {"ToAddresses": [f"u{n}@example.org" for n in range(51)]}}),
    ),
    "v1 send without a domain": (VERIFIED, v1("send_email", **{**MAIL, "Destination": {"ToAddresses": ["a@"]}})),
    "v1 send with a set that is not there": (VERIFIED, v1("send_email", **MAIL, ConfigurationSetName="nope")),
    "v1 send a template": (
        VERIFIED,
        TEMPLATED,
        v1(
            "send_templated_email",
            Source=FROM,
            Destination={"ToAddresses": [TO]},
            Template="t",
            TemplateData='{"name": "n", "xs": []}',
        ),
    ),
    "v1 send a template that is not there": (
        VERIFIED,
        v1(
            "send_templated_email",
            Source=FROM,
            Destination={"ToAddresses": [TO]},
            Template="nope",
            TemplateData="{}",
        ),
    ),
    "v2 send": (v2("create_email_identity", EmailIdentity=FROM), v2("send_email", **MAIL2)),
    "v2 send raw": (VERIFIED, v2("send_email", FromEmailAddress=FROM, Content={"Raw": {"Data": RAW}})),
    "v2 send 8 bit": (
        VERIFIED,
        v2("send_email", Destination={"ToAddresses": [TO]}, Content={"Raw": {"Data": RAW + b"\xe9\r\n"}}),
    ),
    "v2 send unverified": (v2("send_email", **MAIL2),),
    "v2 send without a domain": (
        VERIFIED,
        v2("send_email", **{**MAIL2, "Destination": {"ToAddresses": ["a@"]}}),
    ),
    "v2 send to nobody": (
        VERIFIED,
        v2("send_email", FromEmailAddress=FROM, Content={"Simple": BODY}, Destination={}),
    ),
    "v1 list identities": (VERIFIED, v1("list_identities")),
    "v1 list addresses": (VERIFIED, v1("list_verified_email_addresses")),
    "v1 verification attributes": (VERIFIED, v1("get_identity_verification_attributes", Identities=[FROM])),
    "v1 delete an identity": (VERIFIED, v1("delete_identity", Identity=FROM), v1("list_identities")),
    "v1 delete an identity that is not there": (v1("delete_identity", Identity="nope@example.com"),),
    "v1 notification attributes": (VERIFIED, v1("get_identity_notification_attributes", Identities=[FROM])),
    "v1 mail from": (
        VERIFIED,
        v1("set_identity_mail_from_domain", Identity=FROM, MailFromDomain="bounce.example.com"),
        v1("get_identity_mail_from_domain_attributes", Identities=[FROM]),
    ),
    "v2 get an identity that is not there": (v2("get_email_identity", EmailIdentity="nope@example.com"),),
    "v2 delete an identity that is not there": (v2("delete_email_identity", EmailIdentity="nope@example.com"),),
    "v2 create an identity twice": (
        v2("create_email_identity", EmailIdentity=FROM),
        v2("create_email_identity", EmailIdentity=FROM),
    ),
    "v2 policies of an identity": (
        v2("create_email_identity", EmailIdentity=FROM),
        v2("create_email_identity_policy", EmailIdentity=FROM, PolicyName="p", Policy="{}"),
        v2("get_email_identity_policies", EmailIdentity=FROM),
    ),
    "v1 get a template": (TEMPLATED, v1("get_template", TemplateName="t")),
    "v1 get a template that is not there": (v1("get_template", TemplateName="nope"),),
    "v1 create a template twice": (TEMPLATED, TEMPLATED),
    "v1 update a template that is not there": (v1("update_template", Template=TEMPLATE),),
    "v1 delete a template": (TEMPLATED, v1("delete_template", TemplateName="t"), v1("list_templates")),
    "v1 render without an attribute": (
        TEMPLATED,
        v1("test_render_template", TemplateName="t", TemplateData='{"xs": []}'),
    ),
    "v1 render bad data": (TEMPLATED, v1("test_render_template", TemplateName="t", TemplateData="nonsense")),
    "v1 describe a set": (SET, v1("describe_configuration_set", ConfigurationSetName="cs")),
    "v1 create a set twice": (SET, SET),
    "v1 describe a set that is not there": (v1("describe_configuration_set", ConfigurationSetName="nope"),),
    "v1 list sets": (SET, v1("list_configuration_sets")),
    "v1 delete a set": (
        SET,
        v1("delete_configuration_set", ConfigurationSetName="cs"),
        v1("list_configuration_sets"),
    ),
    "v1 delete a set that is not there": (v1("delete_configuration_set", ConfigurationSetName="nope"),),
    "v1 event destination of no set": (
        v1("create_configuration_set_event_destination", ConfigurationSetName="nope", EventDestination=EVENT),
    ),
    "v1 event destination": (
        SET,
        v1("create_configuration_set_event_destination", ConfigurationSetName="cs", EventDestination=EVENT),
    ),
    "v2 list sets": (SET, v2("list_configuration_sets")),
    "v2 create a set twice": (SET, v2("create_configuration_set", ConfigurationSetName="cs")),
    "v2 get a set that is not there": (v2("get_configuration_set", ConfigurationSetName="nope"),),
    "v1 quota": (v1("get_send_quota"),),
    "v2 contact lists": (LIST, v2("get_contact_list", ContactListName="l")),
    "v2 a contact list twice": (LIST, LIST),
    "v2 a contact twice": (
        LIST,
        v2("create_contact", ContactListName="l", EmailAddress=TO),
        v2("create_contact", ContactListName="l", EmailAddress=TO),
    ),
    "v2 a contact": (
        LIST,
        v2("create_contact", ContactListName="l", EmailAddress=TO, AttributesData="a"),
        v2("get_contact", ContactListName="l", EmailAddress=TO),
    ),
    "v2 a contact list that is not there": (v2("get_contact_list", ContactListName="nope"),),
    "v2 an IP pool": (POOL, v2("get_dedicated_ip_pool", PoolName="p")),
    "v2 an IP pool twice": (POOL, POOL),
    "v2 an IP pool that is not there": (v2("get_dedicated_ip_pool", PoolName="nope"),),
    "v2 delete an IP pool that is not there": (v2("delete_dedicated_ip_pool", PoolName="nope"),),
    "v1 receipt rules": (
        RULES,
        v1("create_receipt_rule", RuleSetName="r", Rule={"Name": "a", "Enabled": True, "ScanEnabled": False}),
        v1("describe_receipt_rule", RuleSetName="r", RuleName="a"),
    ),
    "v1 a receipt rule with a bucket": (
        RULES,
        v1(
            "create_receipt_rule",
            RuleSetName="r",
            Rule={"Name": "a", "Actions": [{"S3Action": {"BucketName": "mail"}}]},
        ),
    ),
    "v1 a receipt rule set twice": (RULES, RULES),
    "v1 a receipt rule set that is not there": (v1("describe_receipt_rule_set", RuleSetName="nope"),),
    "v1 the active receipt rule set": (
        RULES,
        v1("set_active_receipt_rule_set", RuleSetName="r"),
        v1("delete_receipt_rule_set", RuleSetName="r"),
    ),
}


@dataclass(frozen=True)
class Disagreement:
    """``ours`` and ``moto``: codes, or ``answers`` for an answer that is no error; ``why`` we keep to ours."""

    ours: str
    moto: str
    why: str


DISAGREEMENTS: Mapping[str, Disagreement] = {
    "v1 send in other case": Disagreement("answers", "MessageRejected", "identities of AWS have no case"),
    "v1 send from a subdomain": Disagreement("answers", "MessageRejected", "a domain covers its subdomains at AWS"),
    "v1 send to 51": Disagreement("InvalidParameterValue", "MessageRejected", "the code of AWS is ours"),
    "v1 send with a set that is not there": Disagreement(
        "ConfigurationSetDoesNotExist", "answers", "AWS refuses it; moto does not look"
    ),
    "v2 send 8 bit": Disagreement("answers", "UnicodeDecodeError", "raw mail need not be UTF-8"),
    "v2 send without a domain": Disagreement(
        "BadRequestException", "InvalidParameterValue", "moto has v1's code, which v2 does not know"
    ),
    "v2 send to nobody": Disagreement("BadRequestException", "answers", "AWS wants a recipient"),
    "v1 mail from": Disagreement("answers", "answers", "moto leaves BehaviorOnMXFailure out, which AWS requires"),
    "v2 delete an identity that is not there": Disagreement(
        "NotFoundException", "answers", "v2 of AWS says so; only v1 says nothing"
    ),
    "v2 create an identity twice": Disagreement("AlreadyExistsException", "answers", "AWS refuses the second one"),
    "v1 get a template": Disagreement("answers", "answers", "moto shows an empty HtmlPart that nobody sent"),
    "v1 describe a set": Disagreement(
        "answers", "answers", "AWS shows only what ConfigurationSetAttributeNames asks"
    ),
    "v1 delete a set that is not there": Disagreement(
        "ConfigurationSetDoesNotExist", "KeyError", "moto fails where AWS has an error"
    ),
    "v2 create a set twice": Disagreement(
        "AlreadyExistsException", "ConfigurationSetAlreadyExistsException", "the model of v2 has no such error"
    ),
    "v1 quota": Disagreement("answers", "answers", "ours is that of an account out of the sandbox"),
    "v2 a contact list twice": Disagreement("AlreadyExistsException", "answers", "moto replaces the first one"),
    "v2 a contact twice": Disagreement("AlreadyExistsException", "answers", "moto replaces the first one"),
    "v2 an IP pool": Disagreement("answers", "answers", "STANDARD is the default at AWS; moto has null"),
    "v2 an IP pool twice": Disagreement("AlreadyExistsException", "answers", "moto ignores the second one"),
    "v2 delete an IP pool that is not there": Disagreement(
        "NotFoundException", "KeyError", "moto fails where AWS has an error"
    ),
    "v1 a receipt rule with a bucket": Disagreement(
        "answers", "InvalidS3Configuration", "there are no buckets here, so we take them to be there"
    ),
}

# Different in every answer, or not said by AWS in so many words.
_NEVER_COMPARED = {"ResponseMetadata", "MessageId", "CreatedTimestamp", "LastUpdatedTimestamp", "VerificationToken"}


def outcome(clients: Mapping[str, Any], steps: tuple[Step, ...]) -> tuple[str, Any]:
    """``answers`` and what the last step returned, or AWS's code and None."""
    code, answer = "", None
    for step in steps:
        try:
            code, answer = "answers", _compared(getattr(clients[step.service], step.method)(**step.arguments))
        except ClientError as error:
            code, answer = error.response["Error"]["Code"], None
        except Exception as error:  # noqa: BLE001  # moto's failures reach its in-process client as they are
            code, answer = type(error).__name__, None
    return code, answer


def _compared(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _compared(inner) for name, inner in value.items() if name not in _NEVER_COMPARED}
    return [_compared(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def strict_in_production() -> Iterator[Served]:
    """As moto is: senders are verified, at once, and there is no sandbox."""
    with serving(strict=True, production=True, verification="at_once", limits=False) as served:
        yield served


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET, region_name=REGION)


@pytest.fixture
def moto(session: boto3.Session) -> Iterator[Mapping[str, Any]]:
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1}, proxies={})
    with mock_aws():
        yield {name: session.client(name, config=config) for name in ("ses", "sesv2")}


@pytest.mark.parametrize("case", nth_fast(CASES, 3))
def test_the_fake_and_moto_agree_but_for_the_reasons_listed(
    strict_in_production: Served, region: str, moto: Mapping[str, Any], case: str
) -> None:
    ours = {name: strict_in_production.client(region, service=name) for name in ("ses", "sesv2")}
    (our_code, our_answer), (their_code, their_answer) = outcome(ours, CASES[case]), outcome(moto, CASES[case])
    known = DISAGREEMENTS.get(case)
    if known is None:
        assert (our_code, our_answer) == (their_code, their_answer)
    else:
        assert (our_code, their_code) == (known.ours, known.moto)
        assert (our_code, our_answer) != (their_code, their_answer), f"{case}: they agree now, take the row out"
