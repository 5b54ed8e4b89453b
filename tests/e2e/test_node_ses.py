"""AWS's SDK for JavaScript and Logto's AWS SES connector against the fake, neither of them changed: only the
environment of their process names another endpoint."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import Any

import pytest

from connector_gateway import Gateway, Recipient
from tests.e2e import accounts
from tests.e2e.node_clients import Node

# The first of them installs the packages.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

LOGTO = "@logto/connector-aws-ses"
SENDER = "Shop <otp@shop.example>"
TEMPLATES = [
    {
        "usageType": usage_type,
        "subject": f"{usage_type} {{{{code}}}}",
        "content": "<p>Your code is <b>{{code}}</b></p>",
    }
    for usage_type in ("Register", "SignIn", "ForgotPassword", "Generic")
]


def environment(gateway: Gateway, **more: str) -> dict[str, str]:
    """Of whoever uses an SDK of AWS, as docs/aws-ses.md has it. No file in the home directory has a say."""
    return {
        "AWS_ENDPOINT_URL_SESV2": gateway.url,
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": accounts.KEY_ID,
        "AWS_SECRET_ACCESS_KEY": accounts.SECRET,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        **more,
    }


def simple(to: Recipient, **more: Any) -> dict[str, Any]:
    content = {
        "Simple": {
            "Subject": {"Data": "Ihr Code für Bücher", "Charset": "utf8"},
            "Body": {"Html": {"Data": "<p>Your code is <b>246810</b></p>"}},
        }
    }
    return {"FromEmailAddress": SENDER, "Destination": {"ToAddresses": [to]}, "Content": content, **more}


def sdk(*commands: tuple[str, dict[str, Any]], **config: Any) -> dict[str, Any]:
    return {"client": "sesv2", "config": config, "commands": commands}


def logto(to: Recipient, kind: str = "SignIn", **config: Any) -> dict[str, Any]:
    given = {
        "accessKeyId": accounts.KEY_ID,
        "accessKeySecret": accounts.SECRET,
        "region": "eu-west-1",
        "emailAddress": SENDER,
        "templates": TEMPLATES,
        **config,
    }
    message = {"to": to, "type": kind, "payload": {"code": "135246"}}
    return {"client": "logto", "connector": LOGTO, "config": given, "message": message}


def test_the_sdk_finds_the_fake_by_its_environment_and_the_mail_is_read_back(gateway: Gateway, node: Node) -> None:
    first, second = gateway.email(), gateway.email()
    raw = f"From: {SENDER}\r\nTo: {second}\r\nSubject: Raw\r\n\r\nYour code is 864209".encode()
    raw_mail = {"Content": {"Raw": {"Data": base64.b64encode(raw).decode()}}}
    call = sdk(("SendEmail", simple(first)), ("SendEmail", raw_mail), ("GetAccount", {}))
    [result] = node.call(gateway.url, call, environment=environment(gateway))
    simple_answer, raw_answer, account = result["returned"]
    capture = gateway.message(first)
    assert (capture.code, capture.subject, capture.sender) == ("246810", "Ihr Code für Bücher", SENDER)
    assert capture.details["MessageId"] == simple_answer["MessageId"]
    assert capture.details["RequestId"] == simple_answer["$metadata"]["requestId"]
    assert simple_answer["$metadata"]["attempts"] == 1
    assert (gateway.code(second), account["SendingEnabled"]) == ("864209", True)
    assert gateway.eml(gateway.captures(second)[0]) == raw
    assert gateway.captures(second)[0].details["MessageId"] == raw_answer["MessageId"]
    assert gateway.exchanges(first)[0]["signature"] == "valid"


def test_the_sdk_throws_errors_by_their_types_and_tries_a_throttle_again(gateway: Gateway, node: Node) -> None:
    refused, throttled, wrong = gateway.email(), gateway.email(), gateway.email()
    gateway.fault(to=refused, error="MessageRejected")
    gateway.fault(to=throttled, error="Throttling", count=1)
    bad = {"accessKeyId": accounts.KEY_ID, "secretAccessKey": "wrong"}
    results = node.call(
        gateway.url,
        sdk(("SendEmail", simple(refused))),
        sdk(("SendEmail", simple(throttled))),
        sdk(("SendEmail", simple(wrong)), credentials=bad),
        sdk(("SendEmail", simple(wrong, FromEmailAddress="a\r\nBcc: b@c.example <d@e.example>"))),
        sdk(("GetEmailTemplate", {"TemplateName": "nobody-made-it"})),
        environment=environment(gateway),
    )
    assert results[0]["thrown"]["kind"] == "MessageRejected"
    assert results[0]["thrown"]["metadata"]["requestId"]
    assert results[1]["returned"][0]["$metadata"]["attempts"] == 2
    assert [exchange["response"]["status"] for exchange in gateway.exchanges(throttled)] == [200, 429]
    thrown = [result["thrown"] for result in results[2:]]
    assert [(error["name"], error["metadata"]["httpStatusCode"]) for error in thrown] == [
        ("InvalidSignatureException", 403),
        ("BadRequestException", 400),
        ("NotFoundException", 404),
    ]
    assert gateway.captures(wrong) == []


def test_logtos_connector_reaches_the_fake_and_the_code_is_read_back(gateway: Gateway, node: Node) -> None:
    first, second = gateway.email(), gateway.email()
    [sent, by_generic] = node.call(
        gateway.url, logto(first), logto(second, "MfaVerification"), environment=environment(gateway)
    )
    capture = gateway.message(first)
    assert sent["returned"] == capture.details["MessageId"]
    assert (capture.subject, capture.code, capture.sender) == ("SignIn 135246", "135246", SENDER)
    assert capture.html == "<p>Your code is <b>135246</b></p>"
    assert gateway.exchanges(first)[0]["signature"] == "valid"
    assert by_generic["returned"]
    assert gateway.message(second).subject == "Generic 135246"


def test_logtos_connector_passes_on_what_its_config_has_for_ses(gateway: Gateway, node: Node) -> None:
    to = gateway.email()
    config = {"configurationSetName": "codes", "feedbackForwardingEmailAddress": "bounces@shop.example"}
    node.call(gateway.url, logto(to, **config), environment=environment(gateway))
    assert gateway.message(to).details["ConfigurationSetName"] == "codes"


def test_logtos_connector_with_our_exported_templates_sends_our_mails(gateway: Gateway, node: Node) -> None:
    own, theirs = gateway.email(), gateway.email()
    node.call(gateway.url, logto(theirs, templates=exported()), environment=environment(gateway))
    gateway.send(own, code="135246")
    mails = [gateway.message(to) for to in (theirs, own)]
    assert mails[0].subject == mails[1].subject
    assert mails[0].html == mails[1].html
    assert [mail.code for mail in mails] == ["135246", "135246"]


def test_logtos_connector_tells_errors_with_amazons_text(gateway: Gateway, node: Node) -> None:
    refused, wrong = gateway.email(), gateway.email()
    gateway.fault(to=refused, error="MessageRejected")
    results = node.call(
        gateway.url, logto(refused), logto(wrong, accessKeySecret="wrong"), environment=environment(gateway)
    )
    thrown = [result["thrown"] for result in results]
    assert [error["kind"] for error in thrown] == ["ConnectorError", "ConnectorError"]
    told = [error["data"]["message"] for error in thrown]
    assert told[0] == "Email address is not verified."
    assert told[1].startswith("The request signature we calculated does not match the signature you provided.")
    assert gateway.captures(wrong) == []


def test_logtos_http_email_connector_delivers_through_our_driver(gateway: Gateway, node: Node) -> None:
    to, unheard = gateway.email(), gateway.email()
    gateway.fault(to=unheard, error="MessageRejected")
    config = {"endpoint": f"{gateway.url}/api/connectors/email/send"}
    calls = [
        {
            "client": "logto",
            "connector": "@logto/connector-http-email",
            "config": config,
            "message": {"to": one, "type": "Register", "payload": {"code": "864209"}, "ip": "192.0.2.7"},
        }
        for one in (to, unheard)
    ]
    sent, refused = node.call(gateway.url, *calls)
    assert sent["returned"]["statusCode"] == 200
    capture = gateway.message(to, type="Register")
    assert (capture.code, capture.code_source, capture.connector_id) == ("864209", "rendered", "email")
    said = json.loads(refused["thrown"]["data"]["message"])
    assert (said["code"], said["data"]["providerCode"]) == ("connector.general", "MessageRejected")
    assert unheard not in json.dumps(refused)


def exported() -> list[dict[str, Any]]:
    """What ``gateway templates export --for logto:aws-ses`` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "templates", "export", "--for", "logto:aws-ses"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    printed: list[dict[str, Any]] = json.loads(done.stdout)["templates"]
    return printed
