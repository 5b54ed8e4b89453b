"""A sandbox as it comes, over sockets: our driver or unmodified boto3 sends, the kit reads it back."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config

from connector_gateway import ExternalServer, Gateway, GatewayError
from tests.support.gateway_processes import forked

EMAIL = "aws-ses-mail"
KEYS = {"accessKeyId": "sandbox-key-id", "accessKeySecret": "sandbox-key-secret", "region": "us-east-1"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExternalServer]:
    with forked(tmp_path_factory.mktemp("sandbox")) as server:
        yield server


@pytest.fixture
def sandbox(server: ExternalServer) -> Iterator[Gateway]:
    with Gateway(server.url, server.token) as bound:
        yield bound


def client(gateway: Gateway, service: str = "sesv2") -> Any:
    """As the recipe for boto3 has it."""
    (recipes,) = [one["recipes"] for one in gateway.providers() if one["name"] == "aws-ses"]
    lines = next(one["text"] for one in recipes if one["title"].startswith("Python SDK"))
    assert f"endpoint_url='{gateway.url}'" in lines
    return boto3.client(
        service,
        endpoint_url=gateway.url,
        region_name="us-east-1",
        aws_access_key_id=KEYS["accessKeyId"],
        aws_secret_access_key=KEYS["accessKeySecret"],
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


def ask(gateway: Gateway, method: str, path: str, body: object = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = Request(gateway.url + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urlopen(request, timeout=20) as answer:
            text, status = answer.read(), answer.status
    except HTTPError as error:
        text, status = error.read(), error.code
    return status, json.loads(text) if text else None


def test_a_code_by_email_goes_through_the_sdk_and_comes_back_exactly(sandbox: Gateway) -> None:
    address = sandbox.email()
    sent = sandbox.send(address, "Register", code="246810")
    assert sent["receipt"]["provider"] == "aws-ses"
    capture = sandbox.message(address)
    assert (capture.code, capture.code_source, capture.type) == ("246810", "rendered", "Register")
    assert (capture.provider, capture.operation, capture.connector_id) == ("aws-ses", "SendEmail", "email")
    assert (capture.message_id, capture.read_as) == (sent["messageId"], address)
    assert capture.sender == "Sandbox <no-reply@sandbox.test>"
    assert "246810" in (capture.subject or "") + (capture.text or "")
    assert "246810" in (capture.html or "")
    message = next(one for one in sandbox.sends(address) if one["messageId"] == sent["messageId"])
    assert [step["event"] for step in message["timeline"]] == ["requested", "captured", "sent"]
    (exchange,) = sandbox.exchanges(address)
    assert (exchange["operation"], exchange["signature"]) == ("SendEmail", "valid")


def test_a_link_by_email_is_found_in_it(sandbox: Gateway) -> None:
    address = sandbox.email()
    sandbox.send(address, "OrganizationInvitation", payload={"link": "https://app.example/invite?a=1&b=2"})
    capture = sandbox.message(address)
    assert (capture.code, capture.links) == (None, ("https://app.example/invite?a=1&b=2",))


def test_an_address_of_an_international_domain_is_found_as_it_was_written(sandbox: Gateway) -> None:
    local = sandbox.email().partition("@")[0]
    sandbox.send(f"{local}@Bücher.example", code="246810")
    assert sandbox.code(f"{local}@bücher.example") == "246810"
    assert sandbox.captures(f"{local}@xn--bcher-kva.example")[0].to == f"{local}@xn--bcher-kva.example"


def test_a_mail_that_boto3_sends_is_read_back_whole(sandbox: Gateway) -> None:
    address = sandbox.email()
    built = EmailMessage()
    built["From"] = "Zoë <zoe@app.example>"
    built["To"] = address
    built["Reply-To"] = "help@app.example"
    built["Subject"] = "Ihr Code für Bücher"
    built.set_content("Ihr Code: 135790\n\nhttps://app.example/in")
    built.add_alternative("<p>Ihr Code: <b>135790</b></p>", "html")
    built.add_attachment(b"%PDF made up", maintype="application", subtype="pdf", filename="Übersicht.pdf")
    client(sandbox).send_email(Content={"Raw": {"Data": built.as_bytes()}})

    assert sandbox.code(address) == "135790"
    (capture,) = sandbox.captures(address)
    assert (capture.subject, capture.reply_to) == ("Ihr Code für Bücher", ("help@app.example",))
    assert capture.links == ("https://app.example/in",)
    (attached,) = capture.attachments
    assert (attached.name, attached.content_type, attached.size) == ("Übersicht.pdf", "application/pdf", 12)
    assert sandbox.attachment(attached) == b"%PDF made up"
    assert sandbox.eml(capture) == built.as_bytes()


def test_a_simple_mail_can_be_had_as_a_source_too(sandbox: Gateway) -> None:
    address = sandbox.email()
    client(sandbox, "ses").send_email(
        Source="App <app@app.example>",
        Destination={"ToAddresses": [address]},
        Message={"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "Your code is 135790"}}},
    )
    (capture,) = sandbox.captures(address)
    source = email.message_from_bytes(sandbox.eml(capture), policy=email.policy.default)
    assert (source["Subject"], source["From"], source["To"]) == ("Grüße", "App <app@app.example>", address)
    with pytest.raises(GatewayError, match="404"):
        sandbox.eml(sandbox.message(_sms(sandbox)))


def _sms(gateway: Gateway) -> str:
    phone = gateway.phone()
    gateway.send(phone, code="246810")
    return phone


def test_the_connector_test_of_the_api_sends_a_mail_with_the_fixed_code(sandbox: Gateway) -> None:
    address = sandbox.email()
    config = {**KEYS, "emailAddress": "otp@app.example"}
    status, body = ask(sandbox, "POST", f"/api/connectors/{EMAIL}/test", {"email": address, "config": config})
    assert (status, body) == (204, None)
    assert sandbox.code(address, type="Generic") == "000000"
    wrong = {"email": address, "config": {**config, "region": "Ireland"}}
    status, body = ask(sandbox, "POST", f"/api/connectors/{EMAIL}/test", wrong)
    assert (status, body["code"]) == (400, "connector.invalid_config")


def test_a_connector_with_logtos_templates_sends_those(sandbox: Gateway) -> None:
    templates = [{"usageType": "Generic", "subject": "Dein Code", "content": "<h1>{{code}}</h1>"}]
    config = {**KEYS, "emailAddress": "Dein <otp@app.example>", "templates": templates}
    made = {"connectorId": EMAIL, "id": "mine", "config": config}
    assert ask(sandbox, "POST", "/api/connectors", made)[0] == 200
    address = sandbox.email()
    sandbox.send(address, connector="mine", code="246810")
    capture = sandbox.message(address)
    assert (capture.subject, capture.text, capture.html) == ("Dein Code", "246810", "<h1>246810</h1>")
    assert (capture.connector_id, capture.type) == ("mine", "SignIn")
    assert ask(sandbox, "DELETE", "/api/connectors/mine")[0] == 204


def test_an_error_of_the_provider_names_its_type_and_nobodys_address(sandbox: Gateway) -> None:
    address = sandbox.email()
    with sandbox.fault(provider="aws-ses", to=address, error="MessageRejected", count=1):
        status, body = ask(
            sandbox, "POST", "/api/messages", {"to": address, "type": "SignIn", "payload": {"code": "246810"}}
        )
    assert (status, body["code"]) == (400, "connector.general")
    assert body["data"]["providerCode"] == "MessageRejected"
    assert body["data"]["requestId"]
    assert (body["data"]["maybeSent"], body["data"]["retryable"]) == (False, False)
    assert address not in json.dumps(body)


def test_a_code_that_the_gateway_makes_is_sent_by_email_and_checked(sandbox: Gateway) -> None:
    address = sandbox.email()
    sandbox.request_code(address, type="Register")
    sandbox.verify(address, sandbox.code(address, type="Register"), type="Register")


def test_where_no_sms_can_be_sent_the_code_goes_to_the_same_persons_email(sandbox: Gateway) -> None:
    phone, address = sandbox.phone(), sandbox.email()
    with sandbox.fault(to=phone, error="isv.OUT_OF_SERVICE", count=1):
        sent = sandbox.send(phone, code="246810", fallback_to=address)
    assert (sent["connectorId"], sent["fallbackTo"]) == ("email", address)
    assert sent["failed"][0]["providerCode"] == "isv.OUT_OF_SERVICE"
    assert sandbox.code(address, type="SignIn") == "246810"
    sent = sandbox.send(phone, code="135790", fallback_to=address)
    assert (sent["connectorId"], "fallbackTo" in sent) == ("sms", False)
    assert sandbox.code(phone) == "135790"
    with sandbox.fault(to=address, error="AccountSuspendedException", count=1):
        back = sandbox.send(address, code="864209", fallback_to=phone)
    assert (back["connectorId"], sandbox.code(phone)) == ("sms", "864209")


def test_magic_addresses_behave_in_their_way(sandbox: Gateway) -> None:
    name = sandbox.email().partition("@")[0]
    with pytest.raises(GatewayError) as refused:
        sandbox.send(f"{name}@blocked.magic.test", code="246810")
    assert refused.value.data["providerCode"] == "MessageRejected"
    sandbox.send(f"{name}@twice.magic.test", code="246810")
    assert [one.code for one in sandbox.captures(f"{name}@twice.magic.test")] == ["246810", "246810"]
    sandbox.send(f"{name}@lost.magic.test", code="246810")
    assert sandbox.captures(f"{name}@lost.magic.test") == []


def test_a_throttle_is_tried_again_and_an_answer_that_is_lost_is_not(sandbox: Gateway) -> None:
    address = sandbox.email()
    with sandbox.fault(provider="aws-ses", to=address, error="Throttling", count=1):
        sandbox.send(address, code="111111")
    assert sandbox.code(address) == "111111"
    with (
        sandbox.fault(provider="aws-ses", to=address, stage="after", reset=True, count=1),
        pytest.raises(GatewayError) as lost,
    ):
        sandbox.send(address, code="222222")
    assert lost.value.data["maybeSent"]
    assert [one.code for one in sandbox.captures(address)] == ["222222", "111111"]
