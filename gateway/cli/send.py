"""``gateway send``: send one message through a connector, as Logto's HTTP connectors do."""

from __future__ import annotations

import secrets
import shlex
from typing import Any, BinaryIO

import click

from gateway.cli import options
from gateway.cli.exits import NO, WrongUse
from gateway.cli.http import Client, segment
from gateway.cli.output import console, emit, facts, visible


@click.command("send")
@options.to
@options.usage_type("Why it is sent.", default="SignIn")
@click.option("--connector", metavar="ID", help="Who sends it.  [default: the default of TO's channel]")
@click.option("--code", help="The code.  [default: a random one, unless the payload has a code or a link]")
@click.option(
    "--payload",
    "payload_file",
    type=click.File("rb"),
    metavar="FILE",
    help="The payload, a JSON object; - is stdin.",
)
@click.option("--locale", help="A language tag such as zh-CN.")
@click.option(
    "--fallback-to", metavar="TO", help="The same person's other address, if no connector of TO can send."
)
@click.option("--authorization", help="The connector's own authorization, where it has one.")
@options.as_json
@options.talks_to_a_gateway
def command(
    client: Client,
    *,
    to: str,
    usage_type: str,
    connector: str | None,
    code: str | None,
    payload_file: BinaryIO | None,
    locale: str | None,
    fallback_to: str | None,
    authorization: str | None,
    as_json: bool,
) -> None:
    """Send one message to TO, a phone number or an email address, and show the provider's receipt.

    A send that fails is exit code 1, with the reason, the provider's code, and whether it was sent anyway.

    \b
    Examples:
      gateway send 13800138000 --code 123456
      gateway send a@example.com --type Register --locale zh-CN
      gateway send 13800138000 --fallback-to a@example.com
    """
    payload = options.parse_payload(payload_file.read()) if payload_file is not None else {}
    if locale is not None:
        payload["locale"] = locale
    if code is not None:
        payload["code"] = code
    elif "code" not in payload and "link" not in payload:
        payload["code"] = f"{secrets.randbelow(1_000_000):06d}"
    path, body = _request(connector, authorization, fallback_to)
    answer = client.ask(
        "POST",
        path,
        body={"to": to, "type": usage_type, "payload": payload, **body},
        headers={"Authorization": authorization} if authorization is not None else None,
    )
    error = answer.error()
    if answer.status == 401 and connector is not None and fallback_to is None:
        raise WrongUse(f"the connector {connector} asks for its authorization: give it with --authorization")
    if error is not None and str(error["code"]).startswith("connector."):
        if as_json:
            emit({"error": error})
        show_failure(error)
        raise SystemExit(NO)
    sent = answer.document()
    if as_json:
        emit({"to": to, "type": usage_type, "code": payload.get("code"), **sent})
    else:
        through = sent.get("connectorId", connector)
        show_receipt(
            sent, f"Sent {usage_type} to {sent.get('fallbackTo', to)} through {through}", payload.get("code")
        )
        show_where_to_look(client, sent)
    if sent.get("ignored"):
        click.echo(f"Ignored, because the gateway does not know it: {', '.join(sent['ignored'])}", err=True)


def _request(
    connector: str | None, authorization: str | None, fallback_to: str | None
) -> tuple[str, dict[str, str]]:
    """Return the path, and what the body has besides the message."""
    if connector is None and authorization is not None:
        raise WrongUse("--authorization is a connector's own: say which with --connector")
    if fallback_to is None:
        return f"/api/connectors/{segment(connector)}/send" if connector is not None else "/api/messages", {}
    if authorization is not None:
        raise WrongUse("--fallback-to takes the API token instead of --authorization: leave that out")
    return "/api/messages", {"fallbackTo": fallback_to} | ({} if connector is None else {"connectorId": connector})


def show_where_to_look(client: Client, sent: dict[str, Any]) -> None:
    at = options.url_option(client)
    message = shlex.quote(visible(str(sent.get("messageId"))))
    console().print(f"Look at it: gateway inbox show {message}{at}", soft_wrap=True)


def show_receipt(sent: dict[str, Any], title: str, code: Any) -> None:
    receipt = sent.get("receipt") or {}
    rows = [
        ("code", str(code)) if code is not None else None,
        ("provider", str(receipt.get("provider"))),
        ("provider's message id", str(receipt.get("providerMessageId"))),
        ("request id", str(receipt.get("requestId"))),
        ("provider's answer", str(receipt.get("providerCode"))),
        ("message id", str(sent.get("messageId"))),
    ]
    out = console()
    out.print(title)
    out.print(facts(row for row in rows if row))


def show_failure(error: dict[str, Any]) -> None:
    data = error.get("data") or {}
    maybe, again = data.get("maybeSent"), data.get("retryable")
    rows = [
        ("reason", data.get("reason")),
        ("error code", error["code"]),
        ("provider", data.get("provider")),
        ("provider's code", data.get("providerCode")),
        ("request id", data.get("requestId")),
        ("maybe sent", None if maybe is None else "yes: look before you send it again" if maybe else "no"),
        ("worth another try", None if again is None else "yes" if again else "no"),
    ]
    err = console(stderr=True)
    err.print(f"{'Perhaps sent' if maybe else 'Not sent'}: {error['message']}", style="red", soft_wrap=True)
    err.print(facts((label, str(value)) for label, value in rows if value is not None))
