"""Shapes that several operations of v2 share. Source: AWS's service model; ``shapes`` has how to write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from gateway.providers.aws_ses.fake.configuration_sets import EVENT_TYPES
from gateway.providers.aws_ses.fake.v2.shapes import Enum

Members: TypeAlias = dict[str, Any]


def enum(*known: str) -> Enum:
    """A string out of these."""
    return Enum(known)


_SWITCH = enum("ENABLED", "DISABLED")
SUPPRESSED_REASONS = [enum("BOUNCE", "COMPLAINT")]

PAGE: Members = {"NextToken": "s", "PageSize": "i"}
FILTERED: Members = PAGE | {"Filter": "m"}
TAGS = [{"Name!": "s", "Value!": "s"}]
KEYED_TAGS = [{"Key!": "s", "Value!": "s"}]
DESTINATION: Members = {"ToAddresses": ["s"], "CcAddresses": ["s"], "BccAddresses": ["s"]}
TEMPLATE_CONTENT: Members = {"Subject": "s", "Text": "s", "Html": "s"}
_TEXT: Members = {"Data!": "s", "Charset": "s"}
_EXTRAS: Members = {
    "Headers": [{"Name!": "s", "Value!": "s"}],
    "Attachments": [
        {
            "RawContent!": "blob",
            "ContentDisposition": enum("ATTACHMENT", "INLINE"),
            "FileName!": "s",
            "ContentDescription": "s",
            "ContentId": "s",
            "ContentTransferEncoding": enum("BASE64", "QUOTED_PRINTABLE", "SEVEN_BIT"),
            "ContentType": "s",
        }
    ],
}
TEMPLATE: Members = {
    "TemplateName": "s",
    "TemplateArn": "s",
    "TemplateContent": TEMPLATE_CONTENT,
    "TemplateData": "s",
    **_EXTRAS,
}
CONTENT: Members = {
    "Simple": {"Subject!": _TEXT, "Body!": {"Text": _TEXT, "Html": _TEXT}, **_EXTRAS},
    "Raw": {"Data!": "blob"},
    "Template": TEMPLATE,
}
DKIM: Members = {
    "DomainSigningSelector": "s",
    "DomainSigningPrivateKey": "s",
    "NextSigningKeyLength": enum("RSA_1024_BIT", "RSA_2048_BIT"),
    "DomainSigningAttributesOrigin": "s",
}
SET: Members = {"ConfigurationSetName!": "s"}
_VDM_ENGAGEMENT: Members = {"EngagementMetrics": _SWITCH}
_VDM_GUARDIAN: Members = {"OptimizedSharedDelivery": _SWITCH}
SET_OPTIONS: Mapping[str, Members] = {
    "TrackingOptions": {
        "CustomRedirectDomain!": "s",
        "HttpsPolicy": enum("REQUIRE", "REQUIRE_OPEN_ONLY", "OPTIONAL"),
    },
    "DeliveryOptions": {
        "TlsPolicy": enum("REQUIRE", "OPTIONAL"),
        "SendingPoolName": "s",
        "MaxDeliverySeconds": "i",
    },
    "ReputationOptions": {"ReputationMetricsEnabled": "b", "LastFreshStart": "t"},
    "SendingOptions": {"SendingEnabled": "b"},
    "SuppressionOptions": {
        "SuppressedReasons": SUPPRESSED_REASONS,
        "SuppressionScope": "s",
        "ValidationOptions": {},
    },
    "VdmOptions": {"DashboardOptions": _VDM_ENGAGEMENT, "GuardianOptions": _VDM_GUARDIAN},
    "ArchivingOptions": {"ArchiveArn": "s"},
}
EVENT_DESTINATION: Members = {
    "Enabled": "b",
    "MatchingEventTypes": [enum(*EVENT_TYPES)],
    "KinesisFirehoseDestination": {"IamRoleArn!": "s", "DeliveryStreamArn!": "s"},
    "CloudWatchDestination": {
        "DimensionConfigurations!": [
            {
                "DimensionName!": "s",
                "DimensionValueSource!": enum("MESSAGE_TAG", "EMAIL_HEADER", "LINK_TAG"),
                "DefaultDimensionValue!": "s",
            }
        ]
    },
    "SnsDestination": {"TopicArn!": "s"},
    "EventBridgeDestination": {"EventBusArn!": "s"},
    "PinpointDestination": {"ApplicationArn": "s"},
}
VDM: Members = {
    "VdmEnabled!": _SWITCH,
    "DashboardAttributes": _VDM_ENGAGEMENT,
    "GuardianAttributes": _VDM_GUARDIAN,
}
DETAILS: Members = {
    "MailType!": enum("MARKETING", "TRANSACTIONAL"),
    "WebsiteURL!": "s",
    "ContactLanguage": enum("EN", "JA"),
    "UseCaseDescription": "s",
    "AdditionalContactEmailAddresses": ["s"],
    "ProductionAccessEnabled": "b",
}
