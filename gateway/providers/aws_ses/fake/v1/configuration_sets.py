"""Configuration sets and event destinations of v1. The state is v2's; the spelling of values is not."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gateway.core.model import Document
from gateway.providers.aws_ses.fake import configuration_sets
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.paging import page
from gateway.providers.aws_ses.fake.plan import Outcome

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "send": "SEND",
        "reject": "REJECT",
        "bounce": "BOUNCE",
        "complaint": "COMPLAINT",
        "delivery": "DELIVERY",
        "open": "OPEN",
        "click": "CLICK",
        "renderingFailure": "RENDERING_FAILURE",
    }
)
"""v1's name of an event, v2's."""
SOURCES: Mapping[str, str] = MappingProxyType(
    {"messageTag": "MESSAGE_TAG", "emailHeader": "EMAIL_HEADER", "linkTag": "LINK_TAG"}
)
ATTRIBUTES = ("eventDestinations", "trackingOptions", "deliveryOptions", "reputationOptions")
_V1_EVENTS = {theirs: ours for ours, theirs in EVENTS.items()}
_V1_SOURCES = {theirs: ours for ours, theirs in SOURCES.items()}


async def create(call: Call) -> Outcome:
    await configuration_sets.create(call, call.parameters["ConfigurationSet"]["Name"], {}, [])
    return Outcome()


async def describe(call: Call) -> Outcome:
    """Only the attributes that are asked for."""
    sent = call.parameters
    found = await configuration_sets.get(call, sent["ConfigurationSetName"])
    asked, options = sent.get("ConfigurationSetAttributeNames", ()), found["options"]
    answer: Document = {"ConfigurationSet": {"Name": found["name"]}}
    if "eventDestinations" in asked:
        rows = sorted(found["destinations"].items())
        answer["EventDestinations"] = [_shown(name, value) for name, value in rows]
    if "trackingOptions" in asked and options.get("TrackingOptions"):
        domain = options["TrackingOptions"].get("CustomRedirectDomain")
        answer["TrackingOptions"] = {"CustomRedirectDomain": domain}
    if "deliveryOptions" in asked:
        policy = options.get("DeliveryOptions", {}).get("TlsPolicy", "OPTIONAL")
        answer["DeliveryOptions"] = {"TlsPolicy": policy.title()}
    if "reputationOptions" in asked:
        metrics = options.get("ReputationOptions", {}).get("ReputationMetricsEnabled", False)
        answer["ReputationOptions"] = {
            "SendingEnabled": configuration_sets.sending(found),
            "ReputationMetricsEnabled": metrics,
        }
    return Outcome(answer)


async def listing(call: Call) -> Outcome:
    sent = call.parameters
    names = [str(row["name"]) for row in await configuration_sets.listing(call)]
    shown, token = page(names, str, sent.get("NextToken"), max(1, sent.get("MaxItems") or 1000))
    return Outcome({"ConfigurationSets": [{"Name": name} for name in shown], "NextToken": token})


async def delete(call: Call) -> Outcome:
    await configuration_sets.delete(call, call.parameters["ConfigurationSetName"])
    return Outcome()


async def create_destination(call: Call) -> Outcome:
    sent = call.parameters
    destination = sent["EventDestination"]
    await configuration_sets.add_destination(
        call, sent["ConfigurationSetName"], destination["Name"], _kept(destination)
    )
    return Outcome()


async def update_destination(call: Call) -> Outcome:
    sent = call.parameters
    destination = sent["EventDestination"]
    await configuration_sets.change_destination(
        call, sent["ConfigurationSetName"], destination["Name"], _kept(destination)
    )
    return Outcome()


async def delete_destination(call: Call) -> Outcome:
    sent = call.parameters
    name, destination = sent["ConfigurationSetName"], sent["EventDestinationName"]
    await configuration_sets.delete_destination(call, name, destination)
    return Outcome()


async def put_sending(call: Call) -> Outcome:
    return await _put(call, "SendingOptions", {"SendingEnabled": call.parameters["Enabled"]})


async def put_reputation(call: Call) -> Outcome:
    return await _put(call, "ReputationOptions", {"ReputationMetricsEnabled": call.parameters["Enabled"]})


async def put_delivery(call: Call) -> Outcome:
    policy = call.parameters.get("DeliveryOptions", {}).get("TlsPolicy", "Optional")
    return await _put(call, "DeliveryOptions", {"TlsPolicy": policy.upper()})


async def create_tracking(call: Call) -> Outcome:
    if await _tracking(call):
        name = call.parameters["ConfigurationSetName"]
        raise Refusal("TrackingOptionsAlreadyExistsException", "update them instead", name=name)
    return await _put(call, "TrackingOptions", call.parameters["TrackingOptions"])


async def update_tracking(call: Call) -> Outcome:
    await _tracked(call)
    return await _put(call, "TrackingOptions", call.parameters["TrackingOptions"])


async def delete_tracking(call: Call) -> Outcome:
    await _tracked(call)
    return await _put(call, "TrackingOptions", {})


async def _tracking(call: Call) -> Document | None:
    found = await configuration_sets.get(call, call.parameters["ConfigurationSetName"])
    options: Document | None = found["options"].get("TrackingOptions")
    return options


async def _tracked(call: Call) -> None:
    if not await _tracking(call):
        name = call.parameters["ConfigurationSetName"]
        raise Refusal("TrackingOptionsDoesNotExistException", "create them first", name=name)


async def _put(call: Call, kind: str, options: Document) -> Outcome:
    await configuration_sets.put_options(call, call.parameters["ConfigurationSetName"], kind, options)
    return Outcome()


def _kept(sent: Document) -> Document:
    """An event destination in v2's spelling."""
    kept: dict[str, Any] = {
        "Enabled": sent.get("Enabled", False),
        "MatchingEventTypes": [EVENTS[one] for one in sent["MatchingEventTypes"]],
    }
    if "SNSDestination" in sent:
        kept["SnsDestination"] = {"TopicArn": sent["SNSDestination"]["TopicARN"]}
    if "KinesisFirehoseDestination" in sent:
        hose = sent["KinesisFirehoseDestination"]
        kept["KinesisFirehoseDestination"] = {
            "IamRoleArn": hose["IAMRoleARN"],
            "DeliveryStreamArn": hose["DeliveryStreamARN"],
        }
    if "CloudWatchDestination" in sent:
        rows = sent["CloudWatchDestination"]["DimensionConfigurations"]
        kept["CloudWatchDestination"] = {
            "DimensionConfigurations": [
                {**row, "DimensionValueSource": SOURCES[row["DimensionValueSource"]]} for row in rows
            ]
        }
    return kept


def _shown(name: str, kept: Document) -> Document:
    """The other way round. What v1 does not know of, it does not show."""
    events = [_V1_EVENTS[one] for one in kept["MatchingEventTypes"] if one in _V1_EVENTS]
    shown: dict[str, Any] = {"Name": name, "Enabled": kept.get("Enabled", False), "MatchingEventTypes": events}
    if kept.get("KinesisFirehoseDestination"):
        hose = kept["KinesisFirehoseDestination"]
        shown["KinesisFirehoseDestination"] = {
            "IAMRoleARN": hose["IamRoleArn"],
            "DeliveryStreamARN": hose["DeliveryStreamArn"],
        }
    if kept.get("CloudWatchDestination"):
        rows = kept["CloudWatchDestination"]["DimensionConfigurations"]
        shown["CloudWatchDestination"] = {
            "DimensionConfigurations": [
                {**row, "DimensionValueSource": _V1_SOURCES[row["DimensionValueSource"]]} for row in rows
            ]
        }
    if kept.get("SnsDestination"):
        shown["SNSDestination"] = {"TopicARN": kept["SnsDestination"]["TopicArn"]}
    return shown
