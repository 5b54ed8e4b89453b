"""Every native operation of SES v1 through boto3 over a socket, and the same state through v2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from gateway.providers.aws_ses.fake.v1.operations import ACTIONS, OTHERS
from tests.aws_ses import served
from tests.aws_ses.served import Served, a_recipient, a_region

FROM = "OTP <otp@example.com>"
MESSAGE: dict[str, Any] = {
    "Subject": {"Data": "Your code é"},
    "Body": {"Text": {"Data": "Your code is 123456 & no more <\r\n"}},
}


@dataclass
class Ses:
    """Both clients of one account in one region."""

    server: Served
    v1: Any
    v2: Any

    def captures(self, to: str) -> list[dict[str, Any]]:
        return self.server.captures(to)


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served.serving() as found:
        yield found


@pytest.fixture(scope="module")
def ses(server: Served) -> Ses:
    region = a_region()
    return Ses(server, server.client(region, service="ses"), server.client(region))


def meta(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer["ResponseMetadata"]
    return found


def test_every_action_of_the_service_model_is_native_or_another(ses: Ses) -> None:
    assert set(ACTIONS.native) | OTHERS == set(ses.v1.meta.service_model.operation_names)
    assert not set(ACTIONS.native) & OTHERS


def test_every_native_action_has_the_shape_of_the_service_model(ses: Ses) -> None:
    model = ses.v1.meta.service_model
    for name, operation in ACTIONS.native.items():
        theirs = model.operation_model(name)
        assert written(theirs.input_shape) == comparable(operation.shape), name
        assert (theirs.output_shape is not None) == operation.result, name


def written(shape: Any) -> Any:
    """A shape of botocore's, as ours are written."""
    if shape is None:
        return {}
    if shape.type_name == "structure":
        required = set(shape.required_members)
        return {f"{name}!" if name in required else name: written(one) for name, one in shape.members.items()}
    if shape.type_name == "list":
        return [written(shape.member)]
    scalars = {"boolean": "b", "integer": "i", "string": "s", "blob": "s"}
    return frozenset(shape.enum) if getattr(shape, "enum", None) else scalars[shape.type_name]


def comparable(shape: Any) -> Any:
    if isinstance(shape, tuple):
        return frozenset(shape)
    if isinstance(shape, list):
        return [comparable(shape[0])]
    return {name: comparable(one) for name, one in shape.items()} if isinstance(shape, dict) else shape


# --- sending ------------------------------------------------------------------------------------------------


def test_send_email_is_captured_for_everybody_it_names(ses: Ses) -> None:
    to, cc, bcc = a_recipient(), a_recipient(), a_recipient()
    answer = ses.v1.send_email(
        Source=FROM,
        Destination={"ToAddresses": [to], "CcAddresses": [cc], "BccAddresses": [bcc]},
        Message={**MESSAGE, "Body": {**MESSAGE["Body"], "Html": {"Data": "<b>123456</b>", "Charset": "UTF-8"}}},
        ReplyToAddresses=["help@example.com"],
        ReturnPath="bounces@example.com",
        Tags=[{"Name": "kind", "Value": "code"}],
    )
    assert meta(answer)["HTTPHeaders"]["content-type"] == "text/xml"
    assert meta(answer)["RequestId"] == meta(answer)["HTTPHeaders"]["x-amzn-requestid"]
    assert len(answer["MessageId"]) == 60
    for person in (to, cc, bcc):
        (one,) = ses.captures(person)
        assert (one["operation"], one["subject"], one["code"]) == ("SendEmail", "Your code é", "123456")
        assert (one["text"], one["html"]) == (MESSAGE["Body"]["Text"]["Data"], "<b>123456</b>")
        assert one["details"]["MessageId"] == answer["MessageId"]
        assert one["mail"]["replyTo"] == ["help@example.com"]
        assert one["mail"]["tags"] == {"kind": "code"}


def test_the_answer_is_byte_for_byte_as_long_as_awss(ses: Ses) -> None:
    ses.v1.send_email(Source=FROM, Destination={"ToAddresses": [a_recipient()]}, Message=MESSAGE)
    body = ses.server.exchange()["response"]["body"]
    assert len(body) == 326
    assert body.startswith(
        '<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">\n  <SendEmailResult>\n'
    )
    assert body.endswith("</RequestId>\n  </ResponseMetadata>\n</SendEmailResponse>\n")


def test_send_raw_email_reads_the_mail(ses: Ses) -> None:
    to, hidden = a_recipient(), a_recipient()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = FROM, to, "Größe: 123456"
    mail.set_content("Ihr Code für heute: 123456", cte="8bit")
    mail.add_attachment(b"\0\xff", maintype="application", subtype="pdf", filename="a.pdf")
    ses.v1.send_raw_email(RawMessage={"Data": mail.as_bytes()})
    (one,) = ses.captures(to)
    assert (one["subject"], one["code"], one["text"].strip()) == (
        "Größe: 123456",
        "123456",
        "Ihr Code für heute: 123456",
    )
    assert [part["name"] for part in one["mail"]["attachments"]] == ["a.pdf"]
    ses.v1.send_raw_email(Source="otp@example.com", Destinations=[hidden], RawMessage={"Data": mail.as_bytes()})
    assert len(ses.captures(hidden)) == 1
    assert len(ses.captures(to)) == 1


def test_a_templated_mail_is_rendered_from_a_template_of_either_version(ses: Ses) -> None:
    ses.v2.create_email_template(
        TemplateName="of-v2",
        TemplateContent={"Subject": "Hi {{name}}", "Text": "{{#if code}}Your code: {{code}}{{/if}}"},
    )
    to = a_recipient()
    ses.v1.send_templated_email(
        Source=FROM,
        Destination={"ToAddresses": [to]},
        Template="of-v2",
        TemplateData='{"name": "Ada", "code": "246810"}',
    )
    (one,) = ses.captures(to)
    assert (one["subject"], one["text"], one["code"]) == ("Hi Ada", "Your code: 246810", "246810")
    assert one["details"]["TemplateName"] == "of-v2"


def test_a_bulk_of_templated_mails_has_a_result_for_each(ses: Ses) -> None:
    ses.v1.create_template(
        Template={"TemplateName": "bulk", "SubjectPart": "Hi {{name}}", "TextPart": "Bye {{name}}"}
    )
    ada, bob = a_recipient(), a_recipient()
    answer = ses.v1.send_bulk_templated_email(
        Source=FROM,
        Template="bulk",
        DefaultTemplateData='{"name": "friend"}',
        Destinations=[
            {"Destination": {"ToAddresses": [ada]}, "ReplacementTemplateData": '{"name": "Ada"}'},
            {"Destination": {"ToAddresses": ["no address"]}},
            {"Destination": {"ToAddresses": [bob]}, "ReplacementTags": [{"Name": "a", "Value": "b"}]},
        ],
    )
    assert [one["Status"] for one in answer["Status"]] == ["Success", "InvalidParameterValue", "Success"]
    assert [bool(one.get("MessageId")) for one in answer["Status"]] == [True, False, True]
    assert answer["Status"][1]["Error"]
    assert [ses.captures(person)[0]["subject"] for person in (ada, bob)] == ["Hi Ada", "Hi friend"]


# --- identities ---------------------------------------------------------------------------------------------


def test_identities_are_those_of_both_versions(ses: Ses) -> None:
    ses.v2.create_email_identity(EmailIdentity="of-v2.example.org")
    token = ses.v1.verify_domain_identity(Domain="of-v1.example.org")["VerificationToken"]
    assert ses.v1.verify_domain_identity(Domain="of-v1.example.org")["VerificationToken"] == token
    ses.v1.verify_email_identity(EmailAddress="Ada@of-v1.example.org")
    ses.v1.verify_email_address(EmailAddress="bob@of-v1.example.org")
    domains = ses.v1.list_identities(IdentityType="Domain")["Identities"]
    assert {"of-v1.example.org", "of-v2.example.org"} <= set(domains)
    addresses = ses.v1.list_identities(IdentityType="EmailAddress")["Identities"]
    assert {"Ada@of-v1.example.org", "bob@of-v1.example.org"} <= set(addresses)
    assert set(ses.v1.list_verified_email_addresses()["VerifiedEmailAddresses"]) == set(addresses)
    theirs = [one["IdentityName"] for one in ses.v2.list_email_identities()["EmailIdentities"]]
    assert set(theirs) == set(ses.v1.list_identities()["Identities"])
    found = ses.v1.get_identity_verification_attributes(
        Identities=["of-v1.example.org", "of-v2.example.org", "Ada@of-v1.example.org", "gone.example.org"]
    )["VerificationAttributes"]
    assert found["of-v1.example.org"] == {"VerificationStatus": "Success", "VerificationToken": token}
    assert found["Ada@of-v1.example.org"] == {"VerificationStatus": "Success"}
    assert set(found) == {"of-v1.example.org", "of-v2.example.org", "Ada@of-v1.example.org"}
    ses.v1.delete_identity(Identity="of-v2.example.org")
    ses.v1.delete_identity(Identity="of-v2.example.org")
    ses.v1.delete_verified_email_address(EmailAddress="bob@of-v1.example.org")
    left = [one["IdentityName"] for one in ses.v2.list_email_identities()["EmailIdentities"]]
    assert "of-v2.example.org" not in left
    assert "bob@of-v1.example.org" not in left


def test_identities_are_listed_in_pages(ses: Ses) -> None:
    for at in range(5):
        ses.v1.verify_email_identity(EmailAddress=f"page{at}@pages.example.org")
    everybody = ses.v1.list_identities()["Identities"]
    pages = ses.v1.get_paginator("list_identities").paginate(PaginationConfig={"PageSize": 2})
    assert [name for page in pages for name in page["Identities"]] == everybody


def test_what_is_set_for_an_identity_is_read_by_both_versions(ses: Ses) -> None:
    name = "set.example.org"
    tokens = ses.v1.verify_domain_dkim(Domain=name)["DkimTokens"]
    ses.v1.set_identity_dkim_enabled(Identity=name, DkimEnabled=False)
    ses.v1.set_identity_feedback_forwarding_enabled(Identity=name, ForwardingEnabled=False)
    ses.v1.set_identity_mail_from_domain(
        Identity=name, MailFromDomain=f"bounce.{name}", BehaviorOnMXFailure="RejectMessage"
    )
    theirs = ses.v2.get_email_identity(EmailIdentity=name)
    assert theirs["FeedbackForwardingStatus"] is False
    assert theirs["DkimAttributes"]["SigningEnabled"] is False
    assert theirs["DkimAttributes"]["Tokens"] == tokens
    assert theirs["MailFromAttributes"]["MailFromDomain"] == f"bounce.{name}"
    dkim = ses.v1.get_identity_dkim_attributes(Identities=[name])["DkimAttributes"][name]
    assert dkim == {"DkimEnabled": False, "DkimVerificationStatus": "Success", "DkimTokens": tokens}
    mail_from = ses.v1.get_identity_mail_from_domain_attributes(Identities=[name])["MailFromDomainAttributes"][name]
    assert mail_from == {
        "MailFromDomain": f"bounce.{name}",
        "MailFromDomainStatus": "Success",
        "BehaviorOnMXFailure": "RejectMessage",
    }
    ses.v1.set_identity_mail_from_domain(Identity=name)
    ses.v1.verify_email_identity(EmailAddress=f"ada@{name}")
    both = [name, f"ada@{name}"]
    mail_from = ses.v1.get_identity_mail_from_domain_attributes(Identities=both)["MailFromDomainAttributes"]
    assert mail_from == {one: {"BehaviorOnMXFailure": "UseDefaultValue"} for one in both}
    dkim = ses.v1.get_identity_dkim_attributes(Identities=both)["DkimAttributes"][f"ada@{name}"]
    assert dkim == {"DkimEnabled": False, "DkimVerificationStatus": "NotStarted"}


def test_notifications_of_an_identity_are_kept(ses: Ses) -> None:
    name = "notify.example.org"
    ses.v1.verify_domain_identity(Domain=name)
    topic = "arn:aws:sns:us-east-1:123456789012:bounces"
    ses.v1.set_identity_notification_topic(Identity=name, NotificationType="Bounce", SnsTopic=topic)
    ses.v1.set_identity_headers_in_notifications_enabled(Identity=name, NotificationType="Delivery", Enabled=True)
    found = ses.v1.get_identity_notification_attributes(Identities=[name])["NotificationAttributes"][name]
    assert found == {
        "BounceTopic": topic,
        "ForwardingEnabled": True,
        "HeadersInBounceNotificationsEnabled": False,
        "HeadersInComplaintNotificationsEnabled": False,
        "HeadersInDeliveryNotificationsEnabled": True,
    }
    ses.v1.set_identity_notification_topic(Identity=name, NotificationType="Bounce")
    found = ses.v1.get_identity_notification_attributes(Identities=[name])["NotificationAttributes"][name]
    assert "BounceTopic" not in found


def test_policies_of_an_identity_are_those_of_both_versions(ses: Ses) -> None:
    name = "policy.example.org"
    ses.v1.verify_domain_identity(Domain=name)
    ses.v1.put_identity_policy(Identity=name, PolicyName="one", Policy='{"Version": "2008-10-17"}')
    ses.v2.create_email_identity_policy(EmailIdentity=name, PolicyName="two", Policy="{}")
    assert ses.v1.list_identity_policies(Identity=name)["PolicyNames"] == ["one", "two"]
    found = ses.v1.get_identity_policies(Identity=name, PolicyNames=["one", "two", "three"])["Policies"]
    assert found == {"one": '{"Version": "2008-10-17"}', "two": "{}"}
    ses.v1.delete_identity_policy(Identity=name, PolicyName="one")
    assert ses.v2.get_email_identity_policies(EmailIdentity=name)["Policies"] == {"two": "{}"}


# --- templates ----------------------------------------------------------------------------------------------


def test_a_template_lives_in_both_versions(ses: Ses) -> None:
    template = {"TemplateName": "life", "SubjectPart": "S <{{a}}>", "HtmlPart": '<p class="x">{{a}}</p>\r\n'}
    ses.v1.create_template(Template=template)
    assert ses.v1.get_template(TemplateName="life")["Template"] == template
    assert ses.v2.get_email_template(TemplateName="life")["TemplateContent"]["Subject"] == "S <{{a}}>"
    ses.v1.update_template(Template={"TemplateName": "life", "SubjectPart": "new {{a}}", "TextPart": "t {{a}}"})
    assert ses.v1.get_template(TemplateName="life")["Template"] == {
        "TemplateName": "life",
        "SubjectPart": "new {{a}}",
        "TextPart": "t {{a}}",
    }
    assert "life" in [one["Name"] for one in ses.v1.list_templates(MaxItems=100)["TemplatesMetadata"]]
    rendered = ses.v1.test_render_template(TemplateName="life", TemplateData='{"a": "&1"}')["RenderedTemplate"]
    assert "Subject: new &1" in rendered
    assert "t &1" in rendered
    ses.v1.delete_template(TemplateName="life")
    ses.v1.delete_template(TemplateName="life")
    with pytest.raises(ses.v1.exceptions.TemplateDoesNotExistException):
        ses.v1.get_template(TemplateName="life")


def test_templates_are_listed_in_pages(ses: Ses) -> None:
    for at in range(4):
        ses.v1.create_template(Template={"TemplateName": f"page{at}", "SubjectPart": "x"})
    first = ses.v1.list_templates(MaxItems=2)
    assert len(first["TemplatesMetadata"]) == 2
    assert first["TemplatesMetadata"][0]["CreatedTimestamp"].year >= 2026
    second = ses.v1.list_templates(MaxItems=100, NextToken=first["NextToken"])
    assert "NextToken" not in second
    names = [one["Name"] for one in first["TemplatesMetadata"] + second["TemplatesMetadata"]]
    assert names == sorted(set(names))


# --- configuration sets -------------------------------------------------------------------------------------

DESTINATION: dict[str, Any] = {
    "Name": "watch",
    "Enabled": True,
    "MatchingEventTypes": ["send", "renderingFailure"],
    "CloudWatchDestination": {
        "DimensionConfigurations": [
            {"DimensionName": "d", "DimensionValueSource": "messageTag", "DefaultDimensionValue": "x"}
        ]
    },
}
ALL = ["eventDestinations", "trackingOptions", "deliveryOptions", "reputationOptions"]


def test_a_configuration_set_lives_in_both_versions(ses: Ses) -> None:
    name = "life"
    ses.v1.create_configuration_set(ConfigurationSet={"Name": name})
    ses.v1.create_configuration_set_event_destination(ConfigurationSetName=name, EventDestination=DESTINATION)
    (theirs,) = ses.v2.get_configuration_set_event_destinations(ConfigurationSetName=name)["EventDestinations"]
    assert theirs["MatchingEventTypes"] == ["SEND", "RENDERING_FAILURE"]
    sns = {"Name": "sns", "MatchingEventTypes": ["bounce"], "SNSDestination": {"TopicARN": "arn:aws:sns:::t"}}
    hose = {"IAMRoleARN": "arn:aws:iam::1:role/r", "DeliveryStreamARN": "arn:aws:firehose:::s"}
    hosed = {"Name": "hose", "MatchingEventTypes": ["open"], "KinesisFirehoseDestination": hose}
    for one in (sns, hosed):
        ses.v1.create_configuration_set_event_destination(ConfigurationSetName=name, EventDestination=one)
    changed = {**DESTINATION, "Enabled": False, "MatchingEventTypes": ["click"]}
    ses.v1.update_configuration_set_event_destination(ConfigurationSetName=name, EventDestination=changed)
    ses.v1.create_configuration_set_tracking_options(
        ConfigurationSetName=name, TrackingOptions={"CustomRedirectDomain": "t.example.org"}
    )
    ses.v1.update_configuration_set_tracking_options(
        ConfigurationSetName=name, TrackingOptions={"CustomRedirectDomain": "u.example.org"}
    )
    ses.v1.put_configuration_set_delivery_options(
        ConfigurationSetName=name, DeliveryOptions={"TlsPolicy": "Require"}
    )
    ses.v1.update_configuration_set_reputation_metrics_enabled(ConfigurationSetName=name, Enabled=True)
    ses.v1.update_configuration_set_sending_enabled(ConfigurationSetName=name, Enabled=False)
    found = ses.v1.describe_configuration_set(ConfigurationSetName=name, ConfigurationSetAttributeNames=ALL)
    found.pop("ResponseMetadata")
    assert found == {
        "ConfigurationSet": {"Name": name},
        "EventDestinations": [{"Enabled": False, **hosed}, {"Enabled": False, **sns}, changed],
        "TrackingOptions": {"CustomRedirectDomain": "u.example.org"},
        "DeliveryOptions": {"TlsPolicy": "Require"},
        "ReputationOptions": {"SendingEnabled": False, "ReputationMetricsEnabled": True},
    }
    assert ses.v2.get_configuration_set(ConfigurationSetName=name)["DeliveryOptions"]["TlsPolicy"] == "REQUIRE"
    with pytest.raises(ses.v1.exceptions.ConfigurationSetSendingPausedException):
        ses.v1.send_email(
            Source=FROM, Destination={"ToAddresses": ["x@y.test"]}, Message=MESSAGE, ConfigurationSetName=name
        )
    ses.v1.delete_configuration_set_tracking_options(ConfigurationSetName=name)
    ses.v1.delete_configuration_set_event_destination(ConfigurationSetName=name, EventDestinationName="sns")
    found = ses.v1.describe_configuration_set(ConfigurationSetName=name, ConfigurationSetAttributeNames=ALL)
    assert "TrackingOptions" not in found
    assert [one["Name"] for one in found["EventDestinations"]] == ["hose", "watch"]
    only = ses.v1.describe_configuration_set(ConfigurationSetName=name)
    assert set(only) == {"ConfigurationSet", "ResponseMetadata"}
    ses.v2.create_configuration_set(ConfigurationSetName="of-v2")
    names = [one["Name"] for one in ses.v1.list_configuration_sets()["ConfigurationSets"]]
    assert {name, "of-v2"} <= set(names)
    ses.v1.delete_configuration_set(ConfigurationSetName=name)
    assert name not in [one["Name"] for one in ses.v1.list_configuration_sets()["ConfigurationSets"]]


# --- the account --------------------------------------------------------------------------------------------


def test_quota_and_statistics_count_what_was_sent(ses: Ses) -> None:
    before = ses.v1.get_send_quota()
    assert (before["Max24HourSend"], before["MaxSendRate"]) == (50_000.0, 14.0)
    to = [a_recipient(), a_recipient()]
    ses.v1.send_email(Source=FROM, Destination={"ToAddresses": to}, Message=MESSAGE)
    assert ses.v1.get_send_quota()["SentLast24Hours"] == before["SentLast24Hours"] + 2
    point = ses.v1.get_send_statistics()["SendDataPoints"][-1]
    assert point["DeliveryAttempts"] >= 2
    assert set(point) == {"Timestamp", "DeliveryAttempts", "Bounces", "Complaints", "Rejects"}


def test_a_paused_account_sends_nothing_in_either_version(ses: Ses) -> None:
    assert ses.v1.get_account_sending_enabled()["Enabled"] is True
    ses.v1.update_account_sending_enabled(Enabled=False)
    try:
        assert ses.v2.get_account()["SendingEnabled"] is False
        with pytest.raises(ses.v1.exceptions.AccountSendingPausedException):
            ses.v1.send_email(Source=FROM, Destination={"ToAddresses": ["x@y.test"]}, Message=MESSAGE)
    finally:
        ses.v2.put_account_sending_attributes(SendingEnabled=True)
    assert ses.v1.get_account_sending_enabled()["Enabled"] is True


def test_every_native_operation_is_called_here() -> None:
    called = set(re.findall(r"ses\.v1\.([a-z_0-9]+)\(", Path(__file__).read_text(encoding="utf-8")))
    assert {xform_name(name) for name in ACTIONS.native} <= called
