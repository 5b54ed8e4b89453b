"""Every native operation of v2: a row here, and the function that plans it. Source: AWS's service model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.plan import Act, Outcome, at_once
from gateway.providers.aws_ses.fake.v2 import account, identities, sending, suppression, templates
from gateway.providers.aws_ses.fake.v2 import configuration_sets as sets
from gateway.providers.aws_ses.fake.v2.members import (
    CONTENT,
    DESTINATION,
    DETAILS,
    DKIM,
    EVENT_DESTINATION,
    FILTERED,
    KEYED_TAGS,
    PAGE,
    SET,
    SET_OPTIONS,
    SUPPRESSED_REASONS,
    TAGS,
    TEMPLATE,
    TEMPLATE_CONTENT,
    VDM,
    Members,
    enum,
)
from gateway.providers.aws_ses.fake.v2.other_operations import OTHERS
from gateway.providers.aws_ses.fake.v2.routes import Routes, V2Operation
from gateway.providers.aws_ses.fake.v2.shapes import struct

_IDENTITY: Members = {"EmailIdentity!": "s"}
_QUERY_PAGE = {"NextToken": ("s", "NextToken"), "PageSize": ("i", "PageSize")}
_MAIL: Members = {
    "FromEmailAddress": "s",
    "FromEmailAddressIdentityArn": "s",
    "ReplyToAddresses": ["s"],
    "FeedbackForwardingEmailAddress": "s",
    "FeedbackForwardingEmailAddressIdentityArn": "s",
    "ConfigurationSetName": "s",
    "EndpointId": "s",
    "TenantName": "s",
}


def _row(
    name: str,
    at: str,
    act: Callable[[Call], Awaitable[Outcome]],
    members: Mapping[str, Any] | None = None,
    query: Mapping[str, tuple[str, str]] | None = None,
) -> V2Operation:
    """An operation that is about no recipient."""
    return _planned(name, at, at_once(act), members, query)


def _planned(
    name: str,
    at: str,
    plan: Callable[[Call], Awaitable[Act]],
    members: Mapping[str, Any] | None = None,
    query: Mapping[str, tuple[str, str]] | None = None,
) -> V2Operation:
    method, path = at.split(" ")
    return V2Operation(name, method, path, plan, struct(members or {}), query or {})


def _options(kind: str, path: str, *, nested: bool = False) -> V2Operation:
    own = {kind: SET_OPTIONS[kind]} if nested else SET_OPTIONS[kind]
    at = f"PUT configuration-sets/{{ConfigurationSetName}}/{path}"
    # Where they are put, they are optional, and the last fresh start is not the client's to say.
    members = {name.rstrip("!"): shape for name, shape in own.items() if name != "LastFreshStart"}
    return _planned(f"PutConfigurationSet{kind}", at, sets.put(kind, nested=nested), SET | members)


_SETS = "configuration-sets/{ConfigurationSetName}"
_EVENTS = f"{_SETS}/event-destinations"
_EVENT = f"{_EVENTS}/{{EventDestinationName}}"
_NAMED_EVENT = SET | {"EventDestinationName!": "s"}
_ONE = "identities/{EmailIdentity}"
_SUPPRESSED = "suppression/addresses/{EmailAddress}"
_POLICY = f"{_ONE}/policies/{{PolicyName}}"
_NAMED_POLICY = _IDENTITY | {"PolicyName!": "s"}
_WHOLE_POLICY = _NAMED_POLICY | {"Policy!": "s"}
_NAMED_TEMPLATE: Members = {"TemplateName!": "s"}
_ADDRESS: Members = {"EmailAddress!": "s", "TenantName": "s"}

NATIVE: tuple[V2Operation, ...] = (
    _planned(
        "SendEmail",
        "POST outbound-emails",
        sending.send,
        _MAIL
        | {
            "Destination": DESTINATION,
            "Content!": CONTENT,
            "EmailTags": TAGS,
            "ListManagementOptions": {"ContactListName!": "s", "TopicName": "s"},
        },
    ),
    _planned(
        "SendBulkEmail",
        "POST outbound-bulk-emails",
        sending.send_bulk,
        _MAIL
        | {
            "DefaultEmailTags": TAGS,
            "DefaultContent!": {"Template": TEMPLATE},
            "BulkEmailEntries!": [
                {
                    "Destination!": DESTINATION,
                    "ReplacementTags": TAGS,
                    "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": "s"}},
                    "ReplacementHeaders": [{"Name!": "s", "Value!": "s"}],
                }
            ],
        },
    ),
    # --- identities
    _row(
        "CreateEmailIdentity",
        "POST identities",
        identities.create,
        _IDENTITY | {"Tags": KEYED_TAGS, "DkimSigningAttributes": DKIM, "ConfigurationSetName": "s"},
    ),
    _row("GetEmailIdentity", f"GET {_ONE}", identities.get, _IDENTITY),
    _row("ListEmailIdentities", "POST list-identities", identities.listing, FILTERED),
    # The older path: SDKs of before 2026 and the command line use it.
    _row("ListEmailIdentities", "GET identities", identities.listing, PAGE, _QUERY_PAGE),
    _row("DeleteEmailIdentity", f"DELETE {_ONE}", identities.delete, _IDENTITY),
    _row(
        "PutEmailIdentityConfigurationSetAttributes",
        f"PUT {_ONE}/configuration-set",
        identities.put_configuration_set,
        _IDENTITY | {"ConfigurationSetName": "s"},
    ),
    _row(
        "PutEmailIdentityDkimAttributes",
        f"PUT {_ONE}/dkim",
        identities.put_dkim,
        _IDENTITY | {"SigningEnabled": "b"},
    ),
    _row(
        "PutEmailIdentityDkimSigningAttributes",
        f"PUT {_ONE}/dkim/signing",
        identities.put_dkim_signing,
        _IDENTITY | {"SigningAttributesOrigin!": "s", "SigningAttributes": DKIM},
    ),
    _row(
        "PutEmailIdentityFeedbackAttributes",
        f"PUT {_ONE}/feedback",
        identities.put_feedback,
        _IDENTITY | {"EmailForwardingEnabled": "b"},
    ),
    _row(
        "PutEmailIdentityMailFromAttributes",
        f"PUT {_ONE}/mail-from",
        identities.put_mail_from,
        _IDENTITY | {"MailFromDomain": "s", "BehaviorOnMxFailure": enum("USE_DEFAULT_VALUE", "REJECT_MESSAGE")},
    ),
    _row("CreateEmailIdentityPolicy", f"POST {_POLICY}", identities.create_policy, _WHOLE_POLICY),
    _row("UpdateEmailIdentityPolicy", f"PUT {_POLICY}", identities.update_policy, _WHOLE_POLICY),
    _row("DeleteEmailIdentityPolicy", f"DELETE {_POLICY}", identities.delete_policy, _NAMED_POLICY),
    _row("GetEmailIdentityPolicies", f"GET {_ONE}/policies", identities.get_policies, _IDENTITY),
    # --- templates
    _row(
        "CreateEmailTemplate",
        "POST templates",
        templates.create,
        _NAMED_TEMPLATE | {"TemplateContent!": TEMPLATE_CONTENT, "Tags": KEYED_TAGS},
    ),
    _row("GetEmailTemplate", "GET templates/{TemplateName}", templates.get, _NAMED_TEMPLATE),
    _row("ListEmailTemplates", "GET templates", templates.listing, PAGE, _QUERY_PAGE),
    _row(
        "UpdateEmailTemplate",
        "PUT templates/{TemplateName}",
        templates.update,
        _NAMED_TEMPLATE | {"TemplateContent!": TEMPLATE_CONTENT},
    ),
    _row("DeleteEmailTemplate", "DELETE templates/{TemplateName}", templates.delete, _NAMED_TEMPLATE),
    _row(
        "TestRenderEmailTemplate",
        "POST templates/{TemplateName}/render",
        templates.render,
        _NAMED_TEMPLATE | {"TemplateData!": "s"},
    ),
    # --- configuration sets
    _row(
        "CreateConfigurationSet",
        "POST configuration-sets",
        sets.create,
        SET | dict(SET_OPTIONS) | {"Tags": KEYED_TAGS},
    ),
    _row("GetConfigurationSet", f"GET {_SETS}", sets.get, SET),
    _row("ListConfigurationSets", "POST list-configuration-sets", sets.listing, FILTERED),
    _row("ListConfigurationSets", "GET configuration-sets", sets.listing, PAGE, _QUERY_PAGE),
    _row("DeleteConfigurationSet", f"DELETE {_SETS}", sets.delete, SET),
    _options("ArchivingOptions", "archiving-options"),
    _options("DeliveryOptions", "delivery-options"),
    _options("ReputationOptions", "reputation-options"),
    _options("SendingOptions", "sending"),
    _options("SuppressionOptions", "suppression-options"),
    _options("TrackingOptions", "tracking-options"),
    _options("VdmOptions", "vdm-options", nested=True),
    _row(
        "CreateConfigurationSetEventDestination",
        f"POST {_EVENTS}",
        sets.create_destination,
        _NAMED_EVENT | {"EventDestination!": EVENT_DESTINATION},
    ),
    _row("GetConfigurationSetEventDestinations", f"GET {_EVENTS}", sets.get_destinations, SET),
    _row(
        "UpdateConfigurationSetEventDestination",
        f"PUT {_EVENT}",
        sets.update_destination,
        _NAMED_EVENT | {"EventDestination!": EVENT_DESTINATION},
    ),
    _row("DeleteConfigurationSetEventDestination", f"DELETE {_EVENT}", sets.delete_destination, _NAMED_EVENT),
    # --- suppression list
    _row(
        "PutSuppressedDestination",
        "PUT suppression/addresses",
        suppression.put,
        _ADDRESS | {"Reason!": enum("BOUNCE", "COMPLAINT")},
    ),
    _row("GetSuppressedDestination", f"GET {_SUPPRESSED}", suppression.get, _ADDRESS),
    _row(
        "ListSuppressedDestinations",
        "GET suppression/addresses",
        suppression.listing,
        PAGE | {"Reasons": SUPPRESSED_REASONS, "StartDate": "t", "EndDate": "t"},
        _QUERY_PAGE | {"Reason": ("list", "Reasons"), "StartDate": ("s", "StartDate"), "EndDate": ("s", "EndDate")},
    ),
    _row("DeleteSuppressedDestination", f"DELETE {_SUPPRESSED}", suppression.delete, _ADDRESS),
    # --- account
    _row("GetAccount", "GET account", account.get),
    _row("PutAccountDetails", "POST account/details", account.put_details, DETAILS),
    _row("PutAccountSendingAttributes", "PUT account/sending", account.put_sending, {"SendingEnabled": "b"}),
    _row(
        "PutAccountSuppressionAttributes",
        "PUT account/suppression",
        account.put_suppression,
        {"SuppressedReasons": SUPPRESSED_REASONS},
    ),
    _row("PutAccountVdmAttributes", "PUT account/vdm", account.put_vdm, {"VdmAttributes!": VDM}),
    _row("PutAccountPricingAttributes", "PUT account/pricing-attributes", account.put_pricing, {"Plan!": "s"}),
    _row(
        "PutAccountDedicatedIpWarmupAttributes",
        "PUT account/dedicated-ips/warmup",
        account.put_warmup,
        {"AutoWarmupEnabled": "b"},
    ),
)

ROUTES = Routes(NATIVE, OTHERS)
