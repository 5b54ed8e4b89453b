"""``gateway verify``: let the gateway make, send and check a one-time code."""

from __future__ import annotations

from typing import Any, NoReturn

import click

from gateway.cli import options
from gateway.cli.exits import NO
from gateway.cli.http import Client
from gateway.cli.output import console, emit, facts
from gateway.cli.send import show_failure


@click.group("verify")
def command() -> None:
    """Request a one-time code for a phone number or an email address, and check what was typed.

    \b
    Examples:
      gateway verify request 13800138000 --type SignIn
      gateway verify check 13800138000 "$(gateway wait 13800138000)" --type SignIn
    """


@command.command("request")
@options.to
@options.usage_type("Why it is sent.", default="Generic")
@click.option("--locale", help="A language tag such as zh-CN.")
@click.option("--connector", metavar="ID", help="Who sends it.  [default: the default of TO's channel]")
@click.option("--policy", type=click.Choice(["logto", "nist", "off"]), help="A preset, for this code alone.")
@options.as_json
@options.talks_to_a_gateway
def request(
    client: Client,
    *,
    to: str,
    usage_type: str,
    locale: str | None,
    connector: str | None,
    policy: str | None,
    as_json: bool,
) -> None:
    """Make a code, send it to TO, and say until when it is good. Exit code 1 where none is sent."""
    given = {"locale": locale, "connectorId": connector, "policy": policy}
    body = {"to": to, "type": usage_type, **{key: value for key, value in given.items() if value is not None}}
    answer = client.ask("POST", "/api/verifications", body=body)
    error = answer.error()
    if error is not None and str(error["code"]).startswith(("connector.", "request.message_rate_limited")):
        _fail(error, as_json=as_json)
    sent = answer.document()
    if as_json:
        emit(sent)
        return
    tries = sent["triesLeft"]
    rows = [
        ("code", str(sent["code"])) if "code" in sent else None,
        ("good until", sent["expiresAt"] or "it is used"),
        ("again from", sent["resendAt"]),
        ("wrong codes allowed", "any number" if tries is None else str(tries)),
        ("message id", sent["messageId"]),
    ]
    out = console()
    out.print(f"Sent a code of type {usage_type} to {to} through {sent['connectorId']}", soft_wrap=True)
    out.print(facts(row for row in rows if row))


@command.command("check")
@options.to
@click.argument("code")
@options.usage_type("Why it was sent.", default="Generic")
@options.as_json
@options.talks_to_a_gateway
def check(client: Client, *, to: str, code: str, usage_type: str, as_json: bool) -> None:
    """Check CODE and use it up. Exit code 1 where it is not right."""
    answer = client.ask("POST", "/api/verifications/check", body={"to": to, "type": usage_type, "code": code})
    error = answer.error()
    if error is not None and str(error["code"]).startswith(("verification_code.", "session.")):
        _fail(error, as_json=as_json)
    passed = answer.document()
    if as_json:
        emit(passed)
    else:
        console().print("Right. The code is used up.")


def _fail(error: dict[str, Any], *, as_json: bool) -> NoReturn:
    """Print the error and exit."""
    if as_json:
        emit({"error": error})
    if str(error["code"]).startswith("connector."):
        show_failure(error)
        raise SystemExit(NO)
    data = error.get("data") or {}
    rows = [
        ("error code", error["code"]),
        ("tries left", data.get("triesLeft")),
        ("seconds to wait", data.get("retryAfter")),
        ("because of", data.get("limitedBy")),
    ]
    err = console(stderr=True)
    err.print(f"No: {error['message']}", style="red", soft_wrap=True)
    err.print(facts((label, str(value)) for label, value in rows if value is not None))
    raise SystemExit(NO)
