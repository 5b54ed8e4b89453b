"""The operations that moto answers: name, path and shape of each. Source: AWS's service models and moto's registry.

The shapes are checked here, in AWS's words, before moto sees a request: moto itself would fail with a KeyError.
No moto is needed for this list, so a call is told at once that it wants the extra.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.plan import Outcome, at_once
from gateway.providers.aws_ses.fake.v1.reading import V1Operation
from gateway.providers.aws_ses.fake.v2.members import KEYED_TAGS, PAGE, Members, enum
from gateway.providers.aws_ses.fake.v2.routes import V2Operation
from gateway.providers.aws_ses.fake.v2.shapes import struct

Act: TypeAlias = Callable[[Call], Awaitable[Outcome]]

_RULE_SET: Members = {"RuleSetName!": "s"}
_RULE: Members = {
    "Name!": "s",
    "Enabled": "b",
    "TlsPolicy": ("Require", "Optional"),
    "Recipients": ["s"],
    "ScanEnabled": "b",
    "Actions": [
        {
            "S3Action": {
                "TopicArn": "s",
                "BucketName!": "s",
                "ObjectKeyPrefix": "s",
                "KmsKeyArn": "s",
                "IamRoleArn": "s",
            },
            "BounceAction": {
                "TopicArn": "s",
                "SmtpReplyCode!": "s",
                "StatusCode": "s",
                "Message!": "s",
                "Sender!": "s",
            },
            "WorkmailAction": {"TopicArn": "s", "OrganizationArn!": "s"},
            "LambdaAction": {
                "TopicArn": "s",
                "FunctionArn!": "s",
                "InvocationType": ("Event", "RequestResponse"),
            },
            "StopAction": {"Scope!": ("RuleSet",), "TopicArn": "s"},
            "AddHeaderAction": {"HeaderName!": "s", "HeaderValue!": "s"},
            "SNSAction": {"TopicArn!": "s", "Encoding": ("UTF-8", "Base64")},
            "ConnectAction": {"InstanceARN!": "s", "IAMRoleARN!": "s"},
        }
    ],
}

_V1: Mapping[str, Members] = {
    "CreateReceiptRuleSet": _RULE_SET,
    "CloneReceiptRuleSet": _RULE_SET | {"OriginalRuleSetName!": "s"},
    "DeleteReceiptRuleSet": _RULE_SET,
    "DescribeReceiptRuleSet": _RULE_SET,
    "ListReceiptRuleSets": {"NextToken": "s"},
    "SetActiveReceiptRuleSet": {"RuleSetName": "s"},
    "DescribeActiveReceiptRuleSet": {},
    "CreateReceiptRule": _RULE_SET | {"After": "s", "Rule!": _RULE},
    "DescribeReceiptRule": _RULE_SET | {"RuleName!": "s"},
    "UpdateReceiptRule": _RULE_SET | {"Rule!": _RULE},
}

_LISTS = "contact-lists"
_LIST = f"{_LISTS}/{{ContactListName}}"
_CONTACTS = f"{_LIST}/contacts"
_CONTACT = f"{_CONTACTS}/{{EmailAddress}}"
_POOLS = "dedicated-ip-pools"
_POOL = f"{_POOLS}/{{PoolName}}"
_NAMED_LIST: Members = {"ContactListName!": "s"}
_NAMED_CONTACT = _NAMED_LIST | {"EmailAddress!": "s"}
_NAMED_POOL: Members = {"PoolName!": "s"}
_STATUS = enum("OPT_IN", "OPT_OUT")
_WHOLE_LIST = _NAMED_LIST | {
    "Topics": [{"TopicName!": "s", "DisplayName!": "s", "Description": "s", "DefaultSubscriptionStatus!": _STATUS}],
    "Description": "s",
}
_WHOLE_CONTACT = _NAMED_CONTACT | {
    "TopicPreferences": [{"TopicName!": "s", "SubscriptionStatus!": _STATUS}],
    "UnsubscribeAll": "b",
    "AttributesData": "s",
}
_FILTER: Members = {
    "FilteredStatus": _STATUS,
    "TopicFilter": {"TopicName": "s", "UseDefaultIfPreferenceUnavailable": "b"},
}
_ARN: Members = {"ResourceArn!": "s"}
_PAGED = {"NextToken": ("s", "NextToken"), "PageSize": ("i", "PageSize")}
_BY_ARN = {"ResourceArn": ("s", "ResourceArn")}

Query: TypeAlias = Mapping[str, tuple[str, str]]

_V2: Mapping[str, tuple[str, Members, Query]] = {
    "CreateContactList": (f"POST {_LISTS}", _WHOLE_LIST | {"Tags": KEYED_TAGS}, {}),
    "GetContactList": (f"GET {_LIST}", _NAMED_LIST, {}),
    "ListContactLists": (f"GET {_LISTS}", PAGE, _PAGED),
    "UpdateContactList": (f"PUT {_LIST}", _WHOLE_LIST, {}),
    "DeleteContactList": (f"DELETE {_LIST}", _NAMED_LIST, {}),
    "CreateContact": (f"POST {_CONTACTS}", _WHOLE_CONTACT, {}),
    "GetContact": (f"GET {_CONTACT}", _NAMED_CONTACT, {}),
    "ListContacts": (f"POST {_CONTACTS}/list", _NAMED_LIST | PAGE | {"Filter": _FILTER}, _PAGED),
    "UpdateContact": (f"PUT {_CONTACT}", _WHOLE_CONTACT, {}),
    "DeleteContact": (f"DELETE {_CONTACT}", _NAMED_CONTACT, {}),
    "CreateDedicatedIpPool": (
        f"POST {_POOLS}",
        _NAMED_POOL | {"Tags": KEYED_TAGS, "ScalingMode": enum("STANDARD", "MANAGED")},
        {},
    ),
    "GetDedicatedIpPool": (f"GET {_POOL}", _NAMED_POOL, {}),
    "ListDedicatedIpPools": (f"GET {_POOLS}", PAGE, _PAGED),
    "DeleteDedicatedIpPool": (f"DELETE {_POOL}", _NAMED_POOL, {}),
    "TagResource": ("POST tags", _ARN | {"Tags!": KEYED_TAGS}, {}),
    "UntagResource": ("DELETE tags", _ARN | {"TagKeys!": ["s"]}, _BY_ARN | {"TagKeys": ("list", "TagKeys")}),
    "ListTagsForResource": ("GET tags", _ARN, _BY_ARN),
}

V1_MOTO = frozenset(_V1)
V2_MOTO = frozenset(_V2)


def v1_table(act: Act) -> Mapping[str, V1Operation]:
    """By name. ``act`` answers each of them."""
    return MappingProxyType({name: V1Operation(name, at_once(act), shape) for name, shape in _V1.items()})


def v2_table(act: Act) -> Mapping[str, V2Operation]:
    rows = {}
    for name, (at, members, query) in _V2.items():
        method, path = at.split(" ")
        rows[name] = V2Operation(name, method, path, at_once(act), struct(members), query)
    return MappingProxyType(rows)
