"""Configuration sets and event destinations of v2."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.providers.aws_ses.fake import configuration_sets
from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.paging import page
from gateway.providers.aws_ses.fake.plan import Act, Outcome, at_once
from gateway.providers.aws_ses.fake.v2.reading import page_size

OPTIONS = (
    "TrackingOptions",
    "DeliveryOptions",
    "ReputationOptions",
    "SendingOptions",
    "SuppressionOptions",
    "VdmOptions",
    "ArchivingOptions",
)
# What AWS shows of a set that nobody said more of.
_DEFAULTS = {
    "DeliveryOptions": {"TlsPolicy": "OPTIONAL"},
    "ReputationOptions": {"ReputationMetricsEnabled": False},
    "SendingOptions": {"SendingEnabled": True},
}


async def create(call: Call) -> Outcome:
    sent = call.parameters
    options = {kind: sent[kind] for kind in OPTIONS if sent.get(kind) is not None}
    await configuration_sets.create(call, sent["ConfigurationSetName"], options, sent.get("Tags") or [])
    return Outcome()


async def get(call: Call) -> Outcome:
    found = await configuration_sets.get(call, call.parameters["ConfigurationSetName"])
    return Outcome({"ConfigurationSetName": found["name"], **_DEFAULTS, **found["options"], "Tags": found["tags"]})


async def listing(call: Call) -> Outcome:
    rows = [str(row["name"]) for row in await configuration_sets.listing(call)]
    shown, token = page(rows, lambda row: row, call.parameters.get("NextToken"), page_size(call))
    return Outcome({"ConfigurationSets": list(shown), "NextToken": token})


async def delete(call: Call) -> Outcome:
    await configuration_sets.delete(call, call.parameters["ConfigurationSetName"])
    return Outcome()


def put(kind: str, *, nested: bool = False) -> Callable[[Call], Awaitable[Act]]:
    """The plan of ``PutConfigurationSet...``. ``nested``: the request has the options below their own name."""

    async def act(call: Call) -> Outcome:
        sent = call.parameters
        options = {name: value for name, value in sent.items() if name != "ConfigurationSetName"}
        if nested:
            options = sent.get(kind) or {}
        await configuration_sets.put_options(call, sent["ConfigurationSetName"], kind, options)
        return Outcome()

    return at_once(act)


async def create_destination(call: Call) -> Outcome:
    sent = call.parameters
    name, destination = sent["ConfigurationSetName"], sent["EventDestinationName"]
    await configuration_sets.add_destination(call, name, destination, sent["EventDestination"])
    return Outcome()


async def get_destinations(call: Call) -> Outcome:
    found = await configuration_sets.get(call, call.parameters["ConfigurationSetName"])
    listed = [{"Name": name, "Enabled": False, **value} for name, value in sorted(found["destinations"].items())]
    return Outcome({"EventDestinations": listed})


async def update_destination(call: Call) -> Outcome:
    sent = call.parameters
    name, destination = sent["ConfigurationSetName"], sent["EventDestinationName"]
    await configuration_sets.change_destination(call, name, destination, sent["EventDestination"])
    return Outcome()


async def delete_destination(call: Call) -> Outcome:
    sent = call.parameters
    await configuration_sets.delete_destination(call, sent["ConfigurationSetName"], sent["EventDestinationName"])
    return Outcome()
