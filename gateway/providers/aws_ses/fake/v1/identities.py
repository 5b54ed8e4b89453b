"""Identities of v1: verifying, listing, and what is set for one. The state is v2's."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.core.model import Document
from gateway.providers.aws_ses.fake import identities
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.paging import page
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.v1.envelope import Entries

MOST_NAMES = 100
NOTIFICATIONS = ("Bounce", "Complaint", "Delivery")
_KINDS = {"EmailAddress": identities.EMAIL_ADDRESS, "Domain": identities.DOMAIN}
_MX_BEHAVIOURS = {"UseDefaultValue": "USE_DEFAULT_VALUE", "RejectMessage": "REJECT_MESSAGE"}


async def verify_address(call: Call) -> Outcome:
    """Of an address, by both its names. One that is there gets another mail."""
    name = call.parameters["EmailAddress"]
    if "@" not in name:
        hint = "verify a domain with VerifyDomainIdentity"
        raise Refusal("InvalidParameterValue", hint, message=f"Invalid email address<{name}>.")
    await identities.verify(call, name)
    return Outcome()


async def verify_domain(call: Call) -> Outcome:
    found = await identities.verify(call, _domain(call))
    return Outcome({"VerificationToken": _token(call, found["name"])})


async def verify_dkim(call: Call) -> Outcome:
    found = await identities.verify(call, _domain(call))
    return Outcome({"DkimTokens": identities.dkim_tokens(call, found["name"])})


async def listing(call: Call) -> Outcome:
    sent = call.parameters
    kind = _KINDS.get(sent.get("IdentityType", ""))
    names = [str(one["name"]) for one in await identities.listing(call) if kind in (None, one["kind"])]
    size = sent.get("MaxItems") or 1000
    shown, token = page(names, str, sent.get("NextToken"), max(1, size))
    return Outcome({"Identities": list(shown), "NextToken": token})


async def list_addresses(call: Call) -> Outcome:
    rows = await identities.listing(call)
    verified = [
        str(one["name"])
        for one in rows
        if one["kind"] == identities.EMAIL_ADDRESS and identities.is_verified(one, call.now)
    ]
    return Outcome({"VerifiedEmailAddresses": verified})


async def delete(call: Call) -> Outcome:
    """Also one that is not there."""
    await identities.delete(call, call.parameters["Identity"])
    return Outcome()


async def delete_address(call: Call) -> Outcome:
    await identities.delete(call, call.parameters["EmailAddress"])
    return Outcome()


def attributes(
    member: str, shown: Callable[[Call, Document], dict[str, Any]]
) -> Callable[[Call], Awaitable[Outcome]]:
    """The act of ``GetIdentity...Attributes``: those of each identity that is there, by the name asked for."""

    async def act(call: Call) -> Outcome:
        names = call.parameters["Identities"]
        if len(names) > MOST_NAMES:
            message = f"Identities list exceeds the maximum of {MOST_NAMES}."
            raise Refusal("InvalidParameterValue", f"ask for at most {MOST_NAMES} identities", message=message)
        found = Entries()
        for name in names:
            one = await identities.find(call, name)
            if one is not None:
                found[name] = shown(call, one)
        return Outcome({member: found})

    return act


def verification(call: Call, one: Document) -> dict[str, Any]:
    shown = {"VerificationStatus": _status(call, one)}
    if one["kind"] == identities.DOMAIN:
        shown["VerificationToken"] = _token(call, one["name"])
    return shown


def dkim(call: Call, one: Document) -> dict[str, Any]:
    if one["kind"] == identities.EMAIL_ADDRESS:
        return {"DkimEnabled": False, "DkimVerificationStatus": "NotStarted"}
    tokens = identities.dkim_tokens(call, one["name"])
    return {"DkimEnabled": one["signing"], "DkimVerificationStatus": _status(call, one), "DkimTokens": tokens}


def notification(_: Call, one: Document) -> dict[str, Any]:
    topics, headers = one.get("topics", {}), one.get("headersIn", {})
    shown: dict[str, Any] = {f"{kind}Topic": topics[kind] for kind in NOTIFICATIONS if kind in topics}
    shown["ForwardingEnabled"] = one["feedback"]
    return shown | {f"HeadersIn{kind}NotificationsEnabled": headers.get(kind, False) for kind in NOTIFICATIONS}


def mail_from(call: Call, one: Document) -> dict[str, Any]:
    kept = one["mailFrom"] or {}
    behaviour = kept.get("BehaviorOnMxFailure", "USE_DEFAULT_VALUE")
    shown: dict[str, Any] = {}
    if kept.get("MailFromDomain"):
        shown = {"MailFromDomain": kept["MailFromDomain"], "MailFromDomainStatus": _status(call, one)}
    return {**shown, "BehaviorOnMXFailure": behaviour.title().replace("_", "")}


async def set_dkim(call: Call) -> Outcome:
    return await _change(call, signing=call.parameters["DkimEnabled"])


async def set_feedback(call: Call) -> Outcome:
    return await _change(call, feedback=call.parameters["ForwardingEnabled"])


async def set_topic(call: Call) -> Outcome:
    """Kept and shown; nothing is published yet. Without a topic, there is none any more."""
    sent = call.parameters
    found = await _there(call, "is invalid. Must be a verified email address or domain.")
    topics = dict(found.get("topics", {}))
    topics.pop(sent["NotificationType"], None)
    if sent.get("SnsTopic"):
        topics[sent["NotificationType"]] = sent["SnsTopic"]
    return await _change(call, topics=topics)


async def set_headers(call: Call) -> Outcome:
    sent = call.parameters
    headers = (await _there(call)).get("headersIn", {})
    return await _change(call, headersIn={**headers, sent["NotificationType"]: sent["Enabled"]})


async def put_policy(call: Call) -> Outcome:
    sent = call.parameters
    policies = (await _there(call))["policies"]
    return await _change(call, policies={**policies, sent["PolicyName"]: sent["Policy"]})


async def delete_policy(call: Call) -> Outcome:
    sent = call.parameters
    policies = (await _there(call))["policies"]
    return await _change(call, policies={name: policies[name] for name in policies if name != sent["PolicyName"]})


async def get_policies(call: Call) -> Outcome:
    asked, policies = call.parameters["PolicyNames"], (await _there(call))["policies"]
    return Outcome({"Policies": Entries({name: policies[name] for name in asked if name in policies})})


async def list_policies(call: Call) -> Outcome:
    return Outcome({"PolicyNames": sorted((await _there(call))["policies"])})


async def set_mail_from(call: Call) -> Outcome:
    sent = call.parameters
    domain = sent.get("MailFromDomain")
    if not domain:
        return await _change(call, mailFrom=None)
    above = sent["Identity"].rpartition("@")[2].lower()
    if not domain.lower().endswith(f".{above}"):
        message = f"Provided MAIL-FROM domain <{domain}> is not subdomain of the domain of the identity <{above}>."
        raise Refusal("InvalidParameterValue", f"name a subdomain of {above}", message=message)
    behaviour = _MX_BEHAVIOURS[sent.get("BehaviorOnMXFailure", "UseDefaultValue")]
    return await _change(call, mailFrom={"MailFromDomain": domain, "BehaviorOnMxFailure": behaviour})


async def _change(call: Call, **changes: Any) -> Outcome:
    await _there(call)
    await identities.change(call, call.parameters["Identity"], **changes)
    return Outcome()


async def _there(call: Call, otherwise: str = "does not exist.") -> Document:
    """v1 has no code of its own for an identity that is not there."""
    name = call.parameters["Identity"]
    found = await identities.find(call, name)
    if found is None:
        message = f"Identity {name} {otherwise}"
        raise Refusal("InvalidParameterValue", f"verify {name} first", message=message)
    return found


def _status(call: Call, one: Document) -> str:
    return "Success" if identities.is_verified(one, call.now) else "Pending"


def _domain(call: Call) -> str:
    name: str = call.parameters["Domain"]
    if "@" in name:
        hint = "verify an address with VerifyEmailIdentity"
        raise Refusal("InvalidParameterValue", hint, message=f"Invalid domain name {name}.")
    return name


def _token(call: Call, name: str) -> str:
    """The text of the domain's TXT record, 44 characters; the same each time."""
    seed = f"{call.account_id}/{call.region}/{name.lower()}/token"
    return b64encode(hashlib.sha256(seed.encode()).digest()).decode()
