"""What an account keeps, through boto3's ``sesv2``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_string
from typing import Any

import pytest

from tests.providers.aws_ses.raw_calls import signed_call
from tests.providers.aws_ses.served_fake import (
    ACCOUNT,
    KEY_ID,
    OTHER_KEY_ID,
    OTHER_SECRET,
    Served,
    a_region,
    refused,
)

DETAILS = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://example.com"}


def test_an_identity_is_made_shown_listed_and_deleted(ses: Any) -> None:
    domain = ses.create_email_identity(EmailIdentity="Example.com", Tags=[{"Key": "a", "Value": "b"}])
    assert (domain["IdentityType"], domain["VerifiedForSendingStatus"]) == ("DOMAIN", True)
    assert len(domain["DkimAttributes"]["Tokens"]) == 3
    assert ses.create_email_identity(EmailIdentity="ada+x@example.org")["IdentityType"] == "EMAIL_ADDRESS"
    with refused("AlreadyExistsException", 400, "Email identity example.com already exists."):
        ses.create_email_identity(EmailIdentity="EXAMPLE.com")
    found = ses.get_email_identity(EmailIdentity="example.COM")
    assert (found["FeedbackForwardingStatus"], found["VerificationStatus"]) == (True, "SUCCESS")
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]
    assert found["MailFromAttributes"] == {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}
    assert found["DkimAttributes"]["Tokens"] == domain["DkimAttributes"]["Tokens"]
    listed = ses.list_email_identities()["EmailIdentities"]
    assert [(one["IdentityName"], one["SendingEnabled"]) for one in listed] == [
        ("ada+x@example.org", True),
        ("example.com", True),
    ]
    ses.delete_email_identity(EmailIdentity="ada+x@example.org")
    with refused("NotFoundException", 404, "Email identity ada+x@example.org does not exist."):
        ses.delete_email_identity(EmailIdentity="ada+x@example.org")
    assert len(ses.list_email_identities()["EmailIdentities"]) == 1


@pytest.mark.parametrize(
    "name", ["nodot", "a b.example", "a@b", "a@@example.com", "Ada <a@b.example>", ".", "a..b"]
)
def test_what_is_no_address_and_no_domain_is_no_identity(ses: Any, name: str) -> None:
    with refused("BadRequestException", 400):
        ses.create_email_identity(EmailIdentity=name)


def test_attributes_of_an_identity_are_put_and_shown(ses: Any) -> None:
    ses.create_email_identity(EmailIdentity="example.com")
    ses.create_configuration_set(ConfigurationSetName="set")
    named = {"EmailIdentity": "example.com"}
    ses.put_email_identity_configuration_set_attributes(**named, ConfigurationSetName="set")
    ses.put_email_identity_dkim_attributes(**named, SigningEnabled=False)
    ses.put_email_identity_feedback_attributes(**named, EmailForwardingEnabled=False)
    ses.put_email_identity_mail_from_attributes(
        **named, MailFromDomain="bounce.example.com", BehaviorOnMxFailure="REJECT_MESSAGE"
    )
    answer = ses.put_email_identity_dkim_signing_attributes(
        **named,
        SigningAttributesOrigin="EXTERNAL",
        SigningAttributes={"DomainSigningSelector": "own", "DomainSigningPrivateKey": "c2VjcmV0"},
    )
    assert (answer["DkimStatus"], answer["DkimTokens"]) == ("SUCCESS", ["own"])
    found = ses.get_email_identity(**named)
    assert (found["ConfigurationSetName"], found["FeedbackForwardingStatus"]) == ("set", False)
    assert found["MailFromAttributes"] == {
        "MailFromDomain": "bounce.example.com",
        "MailFromDomainStatus": "SUCCESS",
        "BehaviorOnMxFailure": "REJECT_MESSAGE",
    }
    assert found["DkimAttributes"]["SigningEnabled"] is False
    assert found["DkimAttributes"]["SigningAttributesOrigin"] == "EXTERNAL"
    with refused("BadRequestException", 400):
        ses.put_email_identity_mail_from_attributes(**named, MailFromDomain="example.org")
    with refused("NotFoundException", 404):
        ses.put_email_identity_dkim_attributes(EmailIdentity="nobody.example", SigningEnabled=True)


def test_policies_of_an_identity(ses: Any) -> None:
    ses.create_email_identity(EmailIdentity="example.com")
    named = {"EmailIdentity": "example.com", "PolicyName": "one"}
    ses.create_email_identity_policy(**named, Policy='{"a":1}')
    with refused("AlreadyExistsException", 400):
        ses.create_email_identity_policy(**named, Policy="{}")
    ses.update_email_identity_policy(**named, Policy='{"a":2}')
    assert ses.get_email_identity_policies(EmailIdentity="example.com")["Policies"] == {"one": '{"a":2}'}
    ses.delete_email_identity_policy(**named)
    assert ses.get_email_identity(EmailIdentity="example.com")["Policies"] == {}
    # Amazon SES v2, UpdateEmailIdentityPolicy: succeeds where there is none of that name.
    ses.update_email_identity_policy(**named, Policy='{"a":3}')
    assert ses.get_email_identity(EmailIdentity="example.com")["Policies"] == {"one": '{"a":3}'}


def test_templates_are_kept(ses: Any) -> None:
    content = {"Subject": "Hi {{name}}", "Text": "{{#if vip}}Dear {{/if}}{{name}}", "Html": "<p>é {{name}}</p>"}
    ses.create_email_template(TemplateName="one", TemplateContent=content)
    with refused("AlreadyExistsException", 400):
        ses.create_email_template(TemplateName="one", TemplateContent=content)
    assert ses.get_email_template(TemplateName="one")["TemplateContent"] == content
    ses.update_email_template(TemplateName="one", TemplateContent={"Subject": "Bye", "Text": "x"})
    assert ses.get_email_template(TemplateName="one")["TemplateContent"] == {"Subject": "Bye", "Text": "x"}
    (listed,) = ses.list_email_templates()["TemplatesMetadata"]
    assert listed["TemplateName"] == "one"
    assert datetime.now(UTC) - listed["CreatedTimestamp"] < timedelta(minutes=5)
    ses.delete_email_template(TemplateName="one")
    for call in (ses.get_email_template, ses.delete_email_template):
        with refused("NotFoundException", 404, "Template one does not exist."):
            call(TemplateName="one")
    with refused("NotFoundException", 404):
        ses.update_email_template(TemplateName="one", TemplateContent={"Subject": "x"})


@pytest.mark.parametrize(("name", "subject"), [("a name", "x"), ("x" * 65, "x"), ("ok", "{{#if}}"), ("ok", "{{a")])
def test_what_is_no_template_is_not_kept(ses: Any, name: str, subject: str) -> None:
    with refused("BadRequestException", 400):
        ses.create_email_template(TemplateName=name, TemplateContent={"Subject": subject})


def test_a_template_is_tried_out(ses: Any) -> None:
    content = {"Subject": "Hi {{name}}", "Text": "{{user.code}}", "Html": "<b>{{user.code}}</b>"}
    ses.create_email_template(TemplateName="one", TemplateContent=content)
    data = json.dumps({"name": "Ada\r\nBcc: x@y.z", "user": {"code": "246810"}})
    mail = message_from_string(
        ses.test_render_email_template(TemplateName="one", TemplateData=data)["RenderedTemplate"]
    )
    assert (mail["Subject"], mail["Bcc"]) == ("Hi Ada Bcc: x@y.z", None)
    parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    assert parts == [b"246810\r\n", b"<b>246810</b>\r\n"]
    with refused("BadRequestException", 400, "Attribute 'user.code' is not present in the rendering data."):
        ses.test_render_email_template(TemplateName="one", TemplateData='{"name":"x"}')
    for wrong in ("{", "[]", "1", '{"a":NaN}'):
        with refused("BadRequestException", 400):
            ses.test_render_email_template(TemplateName="one", TemplateData=wrong)


def test_a_configuration_set_and_its_options(ses: Any) -> None:
    ses.create_configuration_set(ConfigurationSetName="one", Tags=[{"Key": "a", "Value": "b"}])
    with refused("AlreadyExistsException", 400):
        ses.create_configuration_set(ConfigurationSetName="one")
    with refused("BadRequestException", 400):
        ses.create_configuration_set(ConfigurationSetName="no blanks")
    found = ses.get_configuration_set(ConfigurationSetName="one")
    assert found["SendingOptions"] == {"SendingEnabled": True}
    named = {"ConfigurationSetName": "one"}
    ses.put_configuration_set_delivery_options(**named, TlsPolicy="REQUIRE")
    ses.put_configuration_set_reputation_options(**named, ReputationMetricsEnabled=True)
    ses.put_configuration_set_sending_options(**named, SendingEnabled=False)
    ses.put_configuration_set_suppression_options(**named, SuppressedReasons=["BOUNCE"])
    ses.put_configuration_set_tracking_options(**named, CustomRedirectDomain="t.example.com")
    ses.put_configuration_set_vdm_options(
        **named, VdmOptions={"DashboardOptions": {"EngagementMetrics": "ENABLED"}}
    )
    ses.put_configuration_set_archiving_options(**named)
    found = ses.get_configuration_set(ConfigurationSetName="one")
    assert found["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert found["ReputationOptions"] == {"ReputationMetricsEnabled": True}
    assert found["SendingOptions"] == {"SendingEnabled": False}
    assert found["SuppressionOptions"] == {"SuppressedReasons": ["BOUNCE"]}
    assert found["TrackingOptions"] == {"CustomRedirectDomain": "t.example.com"}
    assert found["VdmOptions"] == {"DashboardOptions": {"EngagementMetrics": "ENABLED"}}
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]
    assert ses.list_configuration_sets()["ConfigurationSets"] == ["one"]
    ses.delete_configuration_set(ConfigurationSetName="one")
    for call in (
        ses.get_configuration_set,
        ses.delete_configuration_set,
        ses.put_configuration_set_sending_options,
    ):
        with refused("NotFoundException", 404, "Configuration set <one> does not exist."):
            call(ConfigurationSetName="one")


def test_event_destinations(ses: Any) -> None:
    named = {"ConfigurationSetName": "one", "EventDestinationName": "events"}
    sns = {
        "Enabled": True,
        "MatchingEventTypes": ["SEND", "BOUNCE"],
        "SnsDestination": {"TopicArn": "arn:aws:sns:eu-west-1:1:t"},
    }
    with refused("NotFoundException", 404):
        ses.create_configuration_set_event_destination(**named, EventDestination=sns)
    ses.create_configuration_set(ConfigurationSetName="one")
    ses.create_configuration_set_event_destination(**named, EventDestination=sns)
    with refused("AlreadyExistsException", 400):
        ses.create_configuration_set_event_destination(**named, EventDestination=sns)
    listed = ses.get_configuration_set_event_destinations(ConfigurationSetName="one")["EventDestinations"]
    assert listed == [{"Name": "events", **sns}]
    ses.update_configuration_set_event_destination(**named, EventDestination={**sns, "Enabled": False})
    listed = ses.get_configuration_set_event_destinations(ConfigurationSetName="one")["EventDestinations"]
    assert listed[0]["Enabled"] is False
    both = {**sns, "EventBridgeDestination": {"EventBusArn": "arn:aws:events:eu-west-1:1:event-bus/default"}}
    for wrong in ({"MatchingEventTypes": ["SEND"]}, both, {**sns, "MatchingEventTypes": []}):
        with refused("BadRequestException", 400):
            ses.update_configuration_set_event_destination(**named, EventDestination=wrong)
    ses.delete_configuration_set_event_destination(**named)
    with refused("NotFoundException", 404):
        ses.delete_configuration_set_event_destination(**named)


def test_the_suppression_list(lenient: Served, ses: Any) -> None:
    for address, reason in (("A@x.example", "BOUNCE"), ("b@x.example", "COMPLAINT"), ("c@x.example", "BOUNCE")):
        ses.put_suppressed_destination(EmailAddress=address, Reason=reason)
    found = ses.get_suppressed_destination(EmailAddress="a@X.example")["SuppressedDestination"]
    assert (found["EmailAddress"], found["Reason"]) == ("A@x.example", "BOUNCE")
    assert abs(datetime.now(UTC) - found["LastUpdateTime"]) < timedelta(minutes=5)
    first = ses.list_suppressed_destinations(Reasons=["BOUNCE"], PageSize=1)
    assert [one["EmailAddress"] for one in first["SuppressedDestinationSummaries"]] == ["A@x.example"]
    second = ses.list_suppressed_destinations(Reasons=["BOUNCE"], PageSize=1, NextToken=first["NextToken"])
    assert [one["EmailAddress"] for one in second["SuppressedDestinationSummaries"]] == ["c@x.example"]
    assert "NextToken" not in second
    later = datetime.now(UTC) + timedelta(hours=1)
    assert ses.list_suppressed_destinations(StartDate=later)["SuppressedDestinationSummaries"] == []
    assert len(ses.list_suppressed_destinations(EndDate=later)["SuppressedDestinationSummaries"]) == 3
    ses.delete_suppressed_destination(EmailAddress="a@x.example")
    for call in (ses.get_suppressed_destination, ses.delete_suppressed_destination):
        with refused("NotFoundException", 404):
            call(EmailAddress="a@x.example")
    with refused("InvalidNextTokenException", 400):
        ses.list_suppressed_destinations(NextToken="nonsense")
    for call in (ses.list_email_identities, ses.list_configuration_sets, ses.list_email_templates):
        with refused("BadRequestException", 400, "Invalid next token"):
            call(NextToken="nonsense")
    with refused("BadRequestException", 400, "Missing final '@domain'"):
        ses.put_suppressed_destination(EmailAddress="nobody", Reason="BOUNCE")


def test_the_account_is_put_and_shown(ses: Any) -> None:
    account = ses.get_account()
    assert (account["ProductionAccessEnabled"], account["SendingEnabled"]) == (True, True)
    assert account["SendQuota"] == {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0}
    assert account["SuppressionAttributes"] == {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}
    assert account["EnforcementStatus"] == "HEALTHY"
    ses.put_account_sending_attributes(SendingEnabled=False)
    ses.put_account_suppression_attributes(SuppressedReasons=["COMPLAINT"])
    ses.put_account_vdm_attributes(VdmAttributes={"VdmEnabled": "ENABLED"})
    ses.put_account_dedicated_ip_warmup_attributes(AutoWarmupEnabled=True)
    ses.put_account_pricing_attributes(Plan="PRO")
    ses.put_account_details(**DETAILS, ProductionAccessEnabled=False)
    account = ses.get_account()
    assert (account["ProductionAccessEnabled"], account["SendingEnabled"]) == (False, False)
    assert account["SuppressionAttributes"] == {"SuppressedReasons": ["COMPLAINT"]}
    assert account["VdmAttributes"] == {"VdmEnabled": "ENABLED"}
    assert account["DedicatedIpAutoWarmupEnabled"] is True
    assert account["PricingAttributes"] == {"CurrentPlan": "PRO"}
    assert account["SendQuota"]["Max24HourSend"] == 200.0
    ses.put_account_details(**DETAILS, ProductionAccessEnabled=True)
    account = ses.get_account()
    assert account["ProductionAccessEnabled"] is True
    assert account["Details"]["ReviewDetails"]["Status"] == "GRANTED"
    assert ACCOUNT in account["Details"]["ReviewDetails"]["CaseId"]


def test_accounts_and_regions_do_not_see_each_other(lenient: Served, ses: Any, region: str) -> None:
    ses.create_email_identity(EmailIdentity="example.com")
    ses.create_configuration_set(ConfigurationSetName="one")
    other = lenient.client(region, key_id=OTHER_KEY_ID, secret=OTHER_SECRET)
    for stranger in (other, lenient.client(a_region())):
        assert stranger.list_email_identities()["EmailIdentities"] == []
        assert stranger.list_configuration_sets()["ConfigurationSets"] == []
    assert KEY_ID != OTHER_KEY_ID


def test_lists_answer_at_both_of_their_paths(lenient: Served, ses: Any, region: str) -> None:
    """SDKs from 2026 on ask by POST, older ones and the command line by GET."""
    for name in ("a.example", "b.example", "c.example"):
        ses.create_email_identity(EmailIdentity=name)
        ses.create_configuration_set(ConfigurationSetName=name.replace(".", "-"))
    lists: list[tuple[str, str, Callable[[Any], str]]] = [
        ("identities", "EmailIdentities", lambda row: str(row["IdentityName"])),
        ("configuration-sets", "ConfigurationSets", lambda row: str(row).replace("-", ".")),
    ]
    for path, member, key in lists:
        status, first = signed_call(lenient, region, "GET", f"/v2/email/{path}?PageSize=2")
        assert (status, [key(row) for row in first[member]]) == (200, ["a.example", "b.example"])
        body = {"PageSize": 2, "NextToken": first["NextToken"]}
        status, second = signed_call(lenient, region, "POST", f"/v2/email/list-{path}", body)
        assert (status, [key(row) for row in second[member]]) == (200, ["c.example"])
        status, error = signed_call(lenient, region, "GET", f"/v2/email/{path}?PageSize=many")
        assert (status, error["message"]) == (400, "STRING_VALUE can not be converted to an Integer")
