"""Every operation of v1 that is native: a row here, and the function that plans it. Source: AWS's service model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.plan import Outcome, at_once
from gateway.providers.aws_ses.fake.v1 import account, configuration_sets, identities, sending, templates
from gateway.providers.aws_ses.fake.v1.reading import Actions, V1Operation

Members = Mapping[str, Any]

_TAGS = [{"Name!": "s", "Value!": "s"}]
_TEXT: Members = {"Data!": "s", "Charset": "s"}
_DESTINATION: Members = {"ToAddresses": ["s"], "CcAddresses": ["s"], "BccAddresses": ["s"]}
_ARNS: Members = {"SourceArn": "s", "ReturnPathArn": "s"}
_REPLIES: Members = {"ReplyToAddresses": ["s"], "ReturnPath": "s"}
_PAGE: Members = {"NextToken": "s", "MaxItems": "i"}
_POLICY: Members = {"Identity!": "s", "PolicyName!": "s"}
_NAMES: Members = {"Identities!": ["s"]}
_TEMPLATE: Members = {"Template!": {"TemplateName!": "s", "SubjectPart": "s", "TextPart": "s", "HtmlPart": "s"}}
_SET: Members = {"ConfigurationSetName!": "s"}
_TRACKING: Members = {**_SET, "TrackingOptions!": {"CustomRedirectDomain": "s"}}
_EVENT_DESTINATION: Members = {
    **_SET,
    "EventDestination!": {
        "Name!": "s",
        "Enabled": "b",
        "MatchingEventTypes!": [tuple(configuration_sets.EVENTS)],
        "KinesisFirehoseDestination": {"IAMRoleARN!": "s", "DeliveryStreamARN!": "s"},
        "CloudWatchDestination": {
            "DimensionConfigurations!": [
                {
                    "DimensionName!": "s",
                    "DimensionValueSource!": tuple(configuration_sets.SOURCES),
                    "DefaultDimensionValue!": "s",
                }
            ]
        },
        "SNSDestination": {"TopicARN!": "s"},
    },
}


def _row(
    name: str, act: Callable[[Call], Awaitable[Outcome]], shape: Members, *, result: bool = True
) -> V1Operation:
    """An operation about nobody."""
    return V1Operation(name, at_once(act), shape, result)


def _attributes(kind: str, shown: Callable[[Call, Any], dict[str, Any]]) -> V1Operation:
    return _row(f"GetIdentity{kind}Attributes", identities.attributes(f"{kind}Attributes", shown), _NAMES)


_TABLE = (
    V1Operation(
        "SendEmail",
        sending.send,
        {
            "Source!": "s",
            "Destination!": _DESTINATION,
            "Message!": {"Subject!": _TEXT, "Body!": {"Text": _TEXT, "Html": _TEXT}},
            **_REPLIES,
            **_ARNS,
            "Tags": _TAGS,
            "ConfigurationSetName": "s",
        },
    ),
    V1Operation(
        "SendRawEmail",
        sending.send_raw,
        {
            "Source": "s",
            "Destinations": ["s"],
            "RawMessage!": {"Data!": "s"},
            "FromArn": "s",
            **_ARNS,
            "Tags": _TAGS,
            "ConfigurationSetName": "s",
        },
    ),
    V1Operation(
        "SendTemplatedEmail",
        sending.send_templated,
        {
            "Source!": "s",
            "Destination!": _DESTINATION,
            **_REPLIES,
            **_ARNS,
            "Tags": _TAGS,
            "ConfigurationSetName": "s",
            "Template!": "s",
            "TemplateArn": "s",
            "TemplateData!": "s",
        },
    ),
    V1Operation(
        "SendBulkTemplatedEmail",
        sending.send_bulk,
        {
            "Source!": "s",
            **_REPLIES,
            **_ARNS,
            "ConfigurationSetName": "s",
            "DefaultTags": _TAGS,
            "Template!": "s",
            "TemplateArn": "s",
            "DefaultTemplateData!": "s",
            "Destinations!": [
                {"Destination!": _DESTINATION, "ReplacementTags": _TAGS, "ReplacementTemplateData": "s"}
            ],
        },
    ),
    _row("VerifyEmailIdentity", identities.verify_address, {"EmailAddress!": "s"}),
    _row("VerifyEmailAddress", identities.verify_address, {"EmailAddress!": "s"}, result=False),
    _row("VerifyDomainIdentity", identities.verify_domain, {"Domain!": "s"}),
    _row("VerifyDomainDkim", identities.verify_dkim, {"Domain!": "s"}),
    _row("ListIdentities", identities.listing, {"IdentityType": ("EmailAddress", "Domain"), **_PAGE}),
    _row("ListVerifiedEmailAddresses", identities.list_addresses, {}),
    _row("DeleteIdentity", identities.delete, {"Identity!": "s"}),
    _row("DeleteVerifiedEmailAddress", identities.delete_address, {"EmailAddress!": "s"}, result=False),
    _attributes("Verification", identities.verification),
    _attributes("Dkim", identities.dkim),
    _attributes("Notification", identities.notification),
    _attributes("MailFromDomain", identities.mail_from),
    _row("SetIdentityDkimEnabled", identities.set_dkim, {"Identity!": "s", "DkimEnabled!": "b"}),
    _row(
        "SetIdentityFeedbackForwardingEnabled",
        identities.set_feedback,
        {"Identity!": "s", "ForwardingEnabled!": "b"},
    ),
    _row(
        "SetIdentityMailFromDomain",
        identities.set_mail_from,
        {
            "Identity!": "s",
            "MailFromDomain": "s",
            "BehaviorOnMXFailure": ("UseDefaultValue", "RejectMessage"),
        },
    ),
    _row(
        "SetIdentityNotificationTopic",
        identities.set_topic,
        {"Identity!": "s", "NotificationType!": identities.NOTIFICATIONS, "SnsTopic": "s"},
    ),
    _row(
        "SetIdentityHeadersInNotificationsEnabled",
        identities.set_headers,
        {"Identity!": "s", "NotificationType!": identities.NOTIFICATIONS, "Enabled!": "b"},
    ),
    _row("PutIdentityPolicy", identities.put_policy, {**_POLICY, "Policy!": "s"}),
    _row("DeleteIdentityPolicy", identities.delete_policy, _POLICY),
    _row("GetIdentityPolicies", identities.get_policies, {"Identity!": "s", "PolicyNames!": ["s"]}),
    _row("ListIdentityPolicies", identities.list_policies, {"Identity!": "s"}),
    _row("GetSendQuota", account.quota, {}),
    _row("GetSendStatistics", account.statistics, {}),
    _row("GetAccountSendingEnabled", account.get_sending, {}),
    _row("UpdateAccountSendingEnabled", account.put_sending, {"Enabled": "b"}, result=False),
    _row("CreateTemplate", templates.create, _TEMPLATE),
    _row("GetTemplate", templates.get, {"TemplateName!": "s"}),
    _row("ListTemplates", templates.listing, _PAGE),
    _row("UpdateTemplate", templates.update, _TEMPLATE),
    _row("DeleteTemplate", templates.delete, {"TemplateName!": "s"}),
    _row("TestRenderTemplate", templates.render, {"TemplateName!": "s", "TemplateData!": "s"}),
    _row("CreateConfigurationSet", configuration_sets.create, {"ConfigurationSet!": {"Name!": "s"}}),
    _row(
        "DescribeConfigurationSet",
        configuration_sets.describe,
        {**_SET, "ConfigurationSetAttributeNames": [configuration_sets.ATTRIBUTES]},
    ),
    _row("ListConfigurationSets", configuration_sets.listing, _PAGE),
    _row("DeleteConfigurationSet", configuration_sets.delete, _SET),
    _row("CreateConfigurationSetEventDestination", configuration_sets.create_destination, _EVENT_DESTINATION),
    _row("UpdateConfigurationSetEventDestination", configuration_sets.update_destination, _EVENT_DESTINATION),
    _row(
        "DeleteConfigurationSetEventDestination",
        configuration_sets.delete_destination,
        {**_SET, "EventDestinationName!": "s"},
    ),
    _row(
        "UpdateConfigurationSetSendingEnabled",
        configuration_sets.put_sending,
        {**_SET, "Enabled!": "b"},
        result=False,
    ),
    _row(
        "UpdateConfigurationSetReputationMetricsEnabled",
        configuration_sets.put_reputation,
        {**_SET, "Enabled!": "b"},
        result=False,
    ),
    _row(
        "PutConfigurationSetDeliveryOptions",
        configuration_sets.put_delivery,
        {**_SET, "DeliveryOptions": {"TlsPolicy": ("Require", "Optional")}},
    ),
    _row("CreateConfigurationSetTrackingOptions", configuration_sets.create_tracking, _TRACKING),
    _row("UpdateConfigurationSetTrackingOptions", configuration_sets.update_tracking, _TRACKING),
    _row("DeleteConfigurationSetTrackingOptions", configuration_sets.delete_tracking, _SET),
)

_OTHERS = """
    CloneReceiptRuleSet CreateCustomVerificationEmailTemplate CreateReceiptFilter CreateReceiptRule
    CreateReceiptRuleSet DeleteCustomVerificationEmailTemplate DeleteReceiptFilter DeleteReceiptRule
    DeleteReceiptRuleSet DescribeActiveReceiptRuleSet DescribeReceiptRule DescribeReceiptRuleSet
    GetCustomVerificationEmailTemplate ListCustomVerificationEmailTemplates ListReceiptFilters
    ListReceiptRuleSets ReorderReceiptRuleSet SendBounce SendCustomVerificationEmail SetActiveReceiptRuleSet
    SetReceiptRulePosition UpdateCustomVerificationEmailTemplate UpdateReceiptRule
"""

OTHERS = frozenset(_OTHERS.split())
"""What AWS has besides: for whoever answers what is not native."""
ACTIONS = Actions(_TABLE, OTHERS)
