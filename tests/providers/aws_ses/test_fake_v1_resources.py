"""Identities, templates and configuration sets of SES v1 through boto3: what one version makes, the other has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.aws_ses.both_versions import Both

FROM = "OTP <otp@example.com>"
MESSAGE = {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}


# --- identities ---------------------------------------------------------------------------------------------


def test_identities_are_those_of_both_versions(both: Both) -> None:
    both.v2.create_email_identity(EmailIdentity="of-v2.example.org")
    token = both.v1.verify_domain_identity(Domain="of-v1.example.org")["VerificationToken"]
    assert both.v1.verify_domain_identity(Domain="of-v1.example.org")["VerificationToken"] == token
    both.v1.verify_email_identity(EmailAddress="Ada@of-v1.example.org")
    both.v1.verify_email_address(EmailAddress="bob@of-v1.example.org")
    domains = both.v1.list_identities(IdentityType="Domain")["Identities"]
    assert {"of-v1.example.org", "of-v2.example.org"} <= set(domains)
    addresses = both.v1.list_identities(IdentityType="EmailAddress")["Identities"]
    assert {"Ada@of-v1.example.org", "bob@of-v1.example.org"} <= set(addresses)
    assert set(both.v1.list_verified_email_addresses()["VerifiedEmailAddresses"]) == set(addresses)
    theirs = [one["IdentityName"] for one in both.v2.list_email_identities()["EmailIdentities"]]
    assert set(theirs) == set(both.v1.list_identities()["Identities"])
    found = both.v1.get_identity_verification_attributes(
        Identities=["of-v1.example.org", "of-v2.example.org", "Ada@of-v1.example.org", "gone.example.org"]
    )["VerificationAttributes"]
    assert found["of-v1.example.org"] == {"VerificationStatus": "Success", "VerificationToken": token}
    assert found["Ada@of-v1.example.org"] == {"VerificationStatus": "Success"}
    assert set(found) == {"of-v1.example.org", "of-v2.example.org", "Ada@of-v1.example.org"}
    both.v1.delete_identity(Identity="of-v2.example.org")
    both.v1.delete_identity(Identity="of-v2.example.org")
    both.v1.delete_verified_email_address(EmailAddress="bob@of-v1.example.org")
    left = [one["IdentityName"] for one in both.v2.list_email_identities()["EmailIdentities"]]
    assert "of-v2.example.org" not in left
    assert "bob@of-v1.example.org" not in left


def test_identities_are_listed_in_pages(both: Both) -> None:
    for at in range(5):
        both.v1.verify_email_identity(EmailAddress=f"page{at}@pages.example.org")
    everybody = both.v1.list_identities()["Identities"]
    pages = both.v1.get_paginator("list_identities").paginate(PaginationConfig={"PageSize": 2})
    assert [name for page in pages for name in page["Identities"]] == everybody


def test_what_is_set_for_an_identity_is_read_by_both_versions(both: Both) -> None:
    name = "set.example.org"
    tokens = both.v1.verify_domain_dkim(Domain=name)["DkimTokens"]
    both.v1.set_identity_dkim_enabled(Identity=name, DkimEnabled=False)
    both.v1.set_identity_feedback_forwarding_enabled(Identity=name, ForwardingEnabled=False)
    both.v1.set_identity_mail_from_domain(
        Identity=name, MailFromDomain=f"bounce.{name}", BehaviorOnMXFailure="RejectMessage"
    )
    theirs = both.v2.get_email_identity(EmailIdentity=name)
    assert theirs["FeedbackForwardingStatus"] is False
    assert theirs["DkimAttributes"]["SigningEnabled"] is False
    assert theirs["DkimAttributes"]["Tokens"] == tokens
    assert theirs["MailFromAttributes"]["MailFromDomain"] == f"bounce.{name}"
    dkim = both.v1.get_identity_dkim_attributes(Identities=[name])["DkimAttributes"][name]
    assert dkim == {"DkimEnabled": False, "DkimVerificationStatus": "Success", "DkimTokens": tokens}
    mail_from = both.v1.get_identity_mail_from_domain_attributes(Identities=[name])["MailFromDomainAttributes"][
        name
    ]
    assert mail_from == {
        "MailFromDomain": f"bounce.{name}",
        "MailFromDomainStatus": "Success",
        "BehaviorOnMXFailure": "RejectMessage",
    }
    both.v1.set_identity_mail_from_domain(Identity=name)
    both.v1.verify_email_identity(EmailAddress=f"ada@{name}")
    names = [name, f"ada@{name}"]
    mail_from = both.v1.get_identity_mail_from_domain_attributes(Identities=names)["MailFromDomainAttributes"]
    assert mail_from == {one: {"BehaviorOnMXFailure": "UseDefaultValue"} for one in names}
    dkim = both.v1.get_identity_dkim_attributes(Identities=names)["DkimAttributes"][f"ada@{name}"]
    assert dkim == {"DkimEnabled": False, "DkimVerificationStatus": "NotStarted"}


def test_notifications_of_an_identity_are_kept(both: Both) -> None:
    name = "notify.example.org"
    both.v1.verify_domain_identity(Domain=name)
    topic = "arn:aws:sns:us-east-1:123456789012:bounces"
    both.v1.set_identity_notification_topic(Identity=name, NotificationType="Bounce", SnsTopic=topic)
    both.v1.set_identity_headers_in_notifications_enabled(Identity=name, NotificationType="Delivery", Enabled=True)
    found = both.v1.get_identity_notification_attributes(Identities=[name])["NotificationAttributes"][name]
    assert found == {
        "BounceTopic": topic,
        "ForwardingEnabled": True,
        "HeadersInBounceNotificationsEnabled": False,
        "HeadersInComplaintNotificationsEnabled": False,
        "HeadersInDeliveryNotificationsEnabled": True,
    }
    both.v1.set_identity_notification_topic(Identity=name, NotificationType="Bounce")
    found = both.v1.get_identity_notification_attributes(Identities=[name])["NotificationAttributes"][name]
    assert "BounceTopic" not in found


def test_policies_of_an_identity_are_those_of_both_versions(both: Both) -> None:
    name = "policy.example.org"
    both.v1.verify_domain_identity(Domain=name)
    both.v1.put_identity_policy(Identity=name, PolicyName="one", Policy='{"Version": "2008-10-17"}')
    both.v2.create_email_identity_policy(EmailIdentity=name, PolicyName="two", Policy="{}")
    assert both.v1.list_identity_policies(Identity=name)["PolicyNames"] == ["one", "two"]
    found = both.v1.get_identity_policies(Identity=name, PolicyNames=["one", "two", "three"])["Policies"]
    assert found == {"one": '{"Version": "2008-10-17"}', "two": "{}"}
    both.v1.delete_identity_policy(Identity=name, PolicyName="one")
    assert both.v2.get_email_identity_policies(EmailIdentity=name)["Policies"] == {"two": "{}"}


# --- templates ----------------------------------------------------------------------------------------------


def test_a_template_lives_in_both_versions(both: Both) -> None:
    template = {"TemplateName": "life", "SubjectPart": "S <{{a}}>", "HtmlPart": '<p class="x">{{a}}</p>\r\n'}
    both.v1.create_template(Template=template)
    assert both.v1.get_template(TemplateName="life")["Template"] == template
    assert both.v2.get_email_template(TemplateName="life")["TemplateContent"]["Subject"] == "S <{{a}}>"
    both.v1.update_template(Template={"TemplateName": "life", "SubjectPart": "new {{a}}", "TextPart": "t {{a}}"})
    assert both.v1.get_template(TemplateName="life")["Template"] == {
        "TemplateName": "life",
        "SubjectPart": "new {{a}}",
        "TextPart": "t {{a}}",
    }
    assert "life" in [one["Name"] for one in both.v1.list_templates(MaxItems=100)["TemplatesMetadata"]]
    rendered = both.v1.test_render_template(TemplateName="life", TemplateData='{"a": "&1"}')["RenderedTemplate"]
    assert "Subject: new &1" in rendered
    assert "t &1" in rendered
    both.v1.delete_template(TemplateName="life")
    both.v1.delete_template(TemplateName="life")
    with pytest.raises(both.v1.exceptions.TemplateDoesNotExistException):
        both.v1.get_template(TemplateName="life")


def test_templates_are_listed_in_pages(both: Both) -> None:
    for at in range(4):
        both.v1.create_template(Template={"TemplateName": f"page{at}", "SubjectPart": "x"})
    first = both.v1.list_templates(MaxItems=2)
    assert len(first["TemplatesMetadata"]) == 2
    assert first["TemplatesMetadata"][0]["CreatedTimestamp"].year >= 2026
    second = both.v1.list_templates(MaxItems=100, NextToken=first["NextToken"])
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


def test_a_configuration_set_lives_in_both_versions(both: Both) -> None:
    name = "life"
    both.v1.create_configuration_set(ConfigurationSet={"Name": name})
    both.v1.create_configuration_set_event_destination(ConfigurationSetName=name, EventDestination=DESTINATION)
    (theirs,) = both.v2.get_configuration_set_event_destinations(ConfigurationSetName=name)["EventDestinations"]
    assert theirs["MatchingEventTypes"] == ["SEND", "RENDERING_FAILURE"]
    sns = {"Name": "sns", "MatchingEventTypes": ["bounce"], "SNSDestination": {"TopicARN": "arn:aws:sns:::t"}}
    hose = {"IAMRoleARN": "arn:aws:iam::1:role/r", "DeliveryStreamARN": "arn:aws:firehose:::s"}
    hosed = {"Name": "hose", "MatchingEventTypes": ["open"], "KinesisFirehoseDestination": hose}
    for one in (sns, hosed):
        both.v1.create_configuration_set_event_destination(ConfigurationSetName=name, EventDestination=one)
    changed = {**DESTINATION, "Enabled": False, "MatchingEventTypes": ["click"]}
    both.v1.update_configuration_set_event_destination(ConfigurationSetName=name, EventDestination=changed)
    both.v1.create_configuration_set_tracking_options(
        ConfigurationSetName=name, TrackingOptions={"CustomRedirectDomain": "t.example.org"}
    )
    both.v1.update_configuration_set_tracking_options(
        ConfigurationSetName=name, TrackingOptions={"CustomRedirectDomain": "u.example.org"}
    )
    both.v1.put_configuration_set_delivery_options(
        ConfigurationSetName=name, DeliveryOptions={"TlsPolicy": "Require"}
    )
    both.v1.update_configuration_set_reputation_metrics_enabled(ConfigurationSetName=name, Enabled=True)
    both.v1.update_configuration_set_sending_enabled(ConfigurationSetName=name, Enabled=False)
    found = both.v1.describe_configuration_set(ConfigurationSetName=name, ConfigurationSetAttributeNames=ALL)
    found.pop("ResponseMetadata")
    assert found == {
        "ConfigurationSet": {"Name": name},
        "EventDestinations": [{"Enabled": False, **hosed}, {"Enabled": False, **sns}, changed],
        "TrackingOptions": {"CustomRedirectDomain": "u.example.org"},
        "DeliveryOptions": {"TlsPolicy": "Require"},
        "ReputationOptions": {"SendingEnabled": False, "ReputationMetricsEnabled": True},
    }
    assert both.v2.get_configuration_set(ConfigurationSetName=name)["DeliveryOptions"]["TlsPolicy"] == "REQUIRE"
    with pytest.raises(both.v1.exceptions.ConfigurationSetSendingPausedException):
        both.v1.send_email(
            Source=FROM, Destination={"ToAddresses": ["x@y.test"]}, Message=MESSAGE, ConfigurationSetName=name
        )
    both.v1.delete_configuration_set_tracking_options(ConfigurationSetName=name)
    both.v1.delete_configuration_set_event_destination(ConfigurationSetName=name, EventDestinationName="sns")
    found = both.v1.describe_configuration_set(ConfigurationSetName=name, ConfigurationSetAttributeNames=ALL)
    assert "TrackingOptions" not in found
    assert [one["Name"] for one in found["EventDestinations"]] == ["hose", "watch"]
    only = both.v1.describe_configuration_set(ConfigurationSetName=name)
    assert set(only) == {"ConfigurationSet", "ResponseMetadata"}
    both.v2.create_configuration_set(ConfigurationSetName="of-v2")
    names = [one["Name"] for one in both.v1.list_configuration_sets()["ConfigurationSets"]]
    assert {name, "of-v2"} <= set(names)
    both.v1.delete_configuration_set(ConfigurationSetName=name)
    assert name not in [one["Name"] for one in both.v1.list_configuration_sets()["ConfigurationSets"]]
