"""Email identities of v2."""

from __future__ import annotations

from typing import Any

from gateway.core.model import Document
from gateway.providers.aws_ses.fake import configuration_sets, identities
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.paging import page
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.v2.reading import page_size

_ZONE = "dkim.amazonses.com"


async def create(call: Call) -> Outcome:
    sent = call.parameters
    await _known_set(call, sent.get("ConfigurationSetName"))
    found = await identities.create(
        call,
        sent["EmailIdentity"],
        tags=sent.get("Tags"),
        dkim=sent.get("DkimSigningAttributes"),
        configurationSet=sent.get("ConfigurationSetName"),
    )
    answer: dict[str, Any] = {
        "IdentityType": found["kind"],
        "VerifiedForSendingStatus": identities.is_verified(found, call.now),
    }
    if found["kind"] == identities.DOMAIN:
        answer["DkimAttributes"] = _dkim(call, found)
    return Outcome(answer)


async def get(call: Call) -> Outcome:
    found = await identities.get(call, call.parameters["EmailIdentity"])
    verified = identities.is_verified(found, call.now)
    mail_from = found["mailFrom"] or {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}
    if "MailFromDomain" in mail_from:
        mail_from = {**mail_from, "MailFromDomainStatus": "SUCCESS" if verified else "PENDING"}
    checked = {"LastCheckedTimestamp": found["verifiedAt"], "LastSuccessTimestamp": found["verifiedAt"]}
    return Outcome(
        {
            "IdentityType": found["kind"],
            "FeedbackForwardingStatus": found["feedback"],
            "VerifiedForSendingStatus": verified,
            "DkimAttributes": _dkim(call, found),
            "MailFromAttributes": mail_from,
            "Policies": found["policies"],
            "Tags": found["tags"],
            "ConfigurationSetName": found["configurationSet"],
            "VerificationStatus": "SUCCESS" if verified else "PENDING",
            "VerificationInfo": checked if verified else {},
        }
    )


async def listing(call: Call) -> Outcome:
    rows = await identities.listing(call)
    shown, token = page(rows, lambda row: str(row["name"]), call.parameters.get("NextToken"), page_size(call))
    now = call.now
    return Outcome(
        {
            "EmailIdentities": [
                {
                    "IdentityType": row["kind"],
                    "IdentityName": row["name"],
                    "SendingEnabled": identities.is_verified(row, now),
                    "VerificationStatus": "SUCCESS" if identities.is_verified(row, now) else "PENDING",
                }
                for row in shown
            ],
            "NextToken": token,
        }
    )


async def delete(call: Call) -> Outcome:
    name = call.parameters["EmailIdentity"]
    if not await identities.delete(call, name):
        raise identities.absent(name)
    return Outcome()


async def put_configuration_set(call: Call) -> Outcome:
    wanted = call.parameters.get("ConfigurationSetName")
    await _known_set(call, wanted)
    return await _change(call, configurationSet=wanted)


async def put_dkim(call: Call) -> Outcome:
    return await _change(call, signing=bool(call.parameters.get("SigningEnabled")))


async def put_dkim_signing(call: Call) -> Outcome:
    sent = call.parameters
    attributes = dict(sent.get("SigningAttributes") or {})
    external = sent["SigningAttributesOrigin"] == "EXTERNAL"
    if external and not attributes.get("DomainSigningSelector"):
        raise Refusal(
            "BadRequestException",
            "SigningAttributes has DomainSigningSelector and DomainSigningPrivateKey where the key is your own",
            message="Signing attributes must be specified for the EXTERNAL origin.",
        )
    # Nobody signs here: a private key that is not kept cannot leak.
    attributes.pop("DomainSigningPrivateKey", None)
    attributes["DomainSigningAttributesOrigin"] = sent["SigningAttributesOrigin"]
    found = await identities.change(call, sent["EmailIdentity"], dkim=attributes)
    shown = _dkim(call, found)
    return Outcome(
        {
            "DkimStatus": shown["Status"],
            "DkimTokens": shown.get("Tokens", []),
            "SigningHostedZone": shown.get("SigningHostedZone"),
        }
    )


async def put_feedback(call: Call) -> Outcome:
    return await _change(call, feedback=bool(call.parameters.get("EmailForwardingEnabled")))


async def put_mail_from(call: Call) -> Outcome:
    sent = call.parameters
    behavior = sent.get("BehaviorOnMxFailure") or "USE_DEFAULT_VALUE"
    domain = sent.get("MailFromDomain")
    if not domain:
        return await _change(call, mailFrom=None)
    above = sent["EmailIdentity"].rpartition("@")[2].lower()
    if not domain.lower().endswith(f".{above}"):
        text = f"Provided MAIL-FROM domain <{domain}> is not subdomain of the domain of the identity <{above}>."
        raise Refusal("InvalidParameterValue", f"name a subdomain of {above}", message=text)
    return await _change(call, mailFrom={"MailFromDomain": domain, "BehaviorOnMxFailure": behavior})


async def create_policy(call: Call) -> Outcome:
    return await _policy(call, new=True)


async def update_policy(call: Call) -> Outcome:
    """Also one that is not there yet: AWS says that it succeeds."""
    return await _policy(call, new=False)


async def delete_policy(call: Call) -> Outcome:
    sent = call.parameters
    found = await identities.get(call, sent["EmailIdentity"])
    kept = {name: text for name, text in found["policies"].items() if name != sent["PolicyName"]}
    return await _change(call, policies=kept)


async def get_policies(call: Call) -> Outcome:
    return Outcome({"Policies": (await identities.get(call, call.parameters["EmailIdentity"]))["policies"]})


async def _known_set(call: Call, name: str | None) -> None:
    """A lenient fake takes any, as it does in mails. Raises Refusal."""
    if name and call.settings.strict:
        await configuration_sets.get(call, name)


async def _policy(call: Call, *, new: bool) -> Outcome:
    sent = call.parameters
    found = await identities.get(call, sent["EmailIdentity"])
    name = sent["PolicyName"]
    if new and name in found["policies"]:
        raise Refusal("AlreadyExists", "update it instead", message=f"Policy {name} already exists.")
    return await _change(call, policies={**found["policies"], name: sent["Policy"]})


async def _change(call: Call, **changes: Any) -> Outcome:
    await identities.change(call, call.parameters["EmailIdentity"], **changes)
    return Outcome()


def _dkim(call: Call, found: Document) -> dict[str, Any]:
    own = found["dkim"] or {}
    origin = own.get("DomainSigningAttributesOrigin") or (
        "EXTERNAL" if own.get("DomainSigningSelector") else "AWS_SES"
    )
    if found["kind"] == identities.EMAIL_ADDRESS:
        return {"SigningEnabled": False, "Status": "NOT_STARTED", "SigningAttributesOrigin": "AWS_SES"}
    shown: dict[str, Any] = {
        "SigningEnabled": found["signing"],
        "Status": "SUCCESS" if identities.is_verified(found, call.now) else "PENDING",
        "SigningAttributesOrigin": origin,
    }
    if origin == "EXTERNAL":
        return {**shown, "Tokens": [own.get("DomainSigningSelector", "")]}
    length = own.get("NextSigningKeyLength") or "RSA_2048_BIT"
    return {
        **shown,
        "Tokens": identities.dkim_tokens(call, found["name"]),
        "SigningHostedZone": _ZONE,
        "NextSigningKeyLength": length,
        "CurrentSigningKeyLength": length,
        "LastKeyGenerationTimestamp": found["createdAt"],
    }
