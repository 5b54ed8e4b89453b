"""boto3 at the sandbox as it comes, in both versions of SES: what an SDK does by itself, pages, waiters, presigned
requests, typed errors, tries, and mails as people write them with the standard library."""

from __future__ import annotations

from email.header import Header
from email.message import EmailMessage
from email.utils import formataddr
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from connector_gateway import Gateway
from tests.e2e import accounts

SENDER = "Zoë Bücher <otp@shop.example>"
SUBJECT, TEXT, HTML = "Ihr Código 世界 ✓", "Código ñ: 246810 +&=%", "<p>Código <b>246810</b></p>"
# Told by the SDK's own model of the service.
PAGED = ("ListIdentities", "ListConfigurationSets", "ListTemplates")


@pytest.fixture
def region() -> str:
    """Other tests of the gateway use other ones."""
    return "ap-northeast-3"


def client(gateway: Gateway, service: str, region: str, secret: str = accounts.SECRET, attempts: int = 1) -> Any:
    return boto3.client(
        service,
        endpoint_url=gateway.url,
        region_name=region,
        aws_access_key_id=accounts.KEY_ID,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}, proxies={}),
    )


def test_paginators_and_waiters_of_the_model_work(gateway: Gateway, region: str) -> None:
    v1, v2 = client(gateway, "ses", region), client(gateway, "sesv2", region)
    model = get_session().get_component("data_loader").load_service_model("ses", "paginators-1")["pagination"]
    assert v1.list_identities()["Identities"] == []
    for number in range(5):
        v1.verify_email_identity(EmailAddress=f"a{number}@pages.example")
        v1.create_configuration_set(ConfigurationSet={"Name": f"set{number}"})
        v2.create_email_template(TemplateName=f"t{number}", TemplateContent={"Subject": "s", "Text": "t"})
    for operation in PAGED:
        pages = list(v1.get_paginator(xform_name(operation)).paginate(PaginationConfig={"PageSize": 2}))
        assert [len(page[model[operation]["result_key"]]) for page in pages] == [2, 2, 1]
    first = v2.list_email_identities(PageSize=3)
    rest = v2.list_email_identities(PageSize=3, NextToken=first["NextToken"])
    named = [one["IdentityName"] for page in (first, rest) for one in page["EmailIdentities"]]
    assert (named, "NextToken" in rest) == ([f"a{number}@pages.example" for number in range(5)], False)
    assert v1.waiter_names == ["identity_exists"]
    v1.get_waiter("identity_exists").wait(Identities=["a1@pages.example"])


def test_both_versions_deliver_what_was_sent(gateway: Gateway, region: str) -> None:
    body = {"Text": {"Data": TEXT}, "Html": {"Data": HTML, "Charset": "UTF-8"}}
    first, second, copied = gateway.email(), gateway.email(), gateway.email()
    client(gateway, "ses", region).send_email(
        Source=SENDER,
        Destination={"ToAddresses": [f"Jürgen <{first}>"], "CcAddresses": [copied]},
        ReplyToAddresses=["help@shop.example"],
        Message={"Subject": {"Data": SUBJECT}, "Body": body},
    )
    client(gateway, "sesv2", region).send_email(
        FromEmailAddress=formataddr((Header("Zoë Bücher", "utf-8").encode(), "otp@shop.example")),
        Destination={"ToAddresses": [second]},
        Content={
            "Simple": {
                "Subject": {"Data": SUBJECT},
                "Body": body,
                "Attachments": [{"FileName": "Rechnung für 您.pdf", "RawContent": b"%PDF\0\xff"}],
            }
        },
    )
    for to in (first, second):
        mail = gateway.message(to)
        assert (mail.subject, mail.text, mail.html, mail.code, mail.sender) == (
            SUBJECT,
            TEXT,
            HTML,
            "246810",
            SENDER,
        )
        assert gateway.exchanges(to)[0]["signature"] == "valid"
    assert gateway.code(copied) == "246810"
    [attachment] = gateway.captures(second)[0].attachments
    assert (attachment.name, attachment.content_type) == ("Rechnung für 您.pdf", "application/pdf")


def test_a_mail_of_the_standard_library_goes_out_with_its_names(gateway: Gateway, region: str) -> None:
    """As frameworks do it: the mail whole, and everybody who gets it beside it, with encoded names."""
    to, hidden = gateway.email(), gateway.email()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, f"Jürgen <{to}>", SUBJECT
    mail.set_content(TEXT, cte="8bit")
    mail.add_alternative(HTML, subtype="html", cte="base64")
    destinations = [formataddr((Header("Jürgen", "utf-8").encode(), to)), hidden]
    client(gateway, "ses", region).send_raw_email(
        Source="otp@shop.example", Destinations=destinations, RawMessage={"Data": bytes(mail)}
    )
    for one in (to, hidden):
        capture = gateway.message(one)
        assert (capture.subject, capture.sender, capture.code) == (SUBJECT, SENDER, "246810")
        assert gateway.eml(capture) == bytes(mail)


def test_a_presigned_request_sends(gateway: Gateway, region: str) -> None:
    to = gateway.email()
    message = {"Subject": {"Data": SUBJECT}, "Body": {"Text": {"Data": TEXT}}}
    mail = {"Source": SENDER, "Destination": {"ToAddresses": [to]}, "Message": message}
    url = client(gateway, "ses", region).generate_presigned_url("send_email", Params=mail)
    with urlopen(Request(url, method="POST"), timeout=20) as answer:
        assert answer.status == 200
    assert (gateway.message(to).subject, gateway.exchanges(to)[0]["signature"]) == (SUBJECT, "valid")


@pytest.mark.parametrize(
    ("service", "code"), [("ses", "SignatureDoesNotMatch"), ("sesv2", "InvalidSignatureException")]
)
def test_a_wrong_secret_is_told_in_the_words_of_the_version(
    gateway: Gateway, region: str, service: str, code: str
) -> None:
    wrong = client(gateway, service, region, secret="wrong")
    with pytest.raises(ClientError, match="does not match the signature you provided") as caught:
        wrong.get_send_quota() if service == "ses" else wrong.get_account()
    assert caught.value.response["Error"]["Code"] == code


def test_errors_are_those_of_the_model_and_a_throttle_is_tried_again(gateway: Gateway, region: str) -> None:
    v1, v2 = client(gateway, "ses", region), client(gateway, "sesv2", region)
    with pytest.raises(v1.exceptions.TemplateDoesNotExistException):
        v1.get_template(TemplateName="nobody-made-it")
    with pytest.raises(v2.exceptions.NotFoundException):
        v2.get_email_template(TemplateName="nobody-made-it")
    to = gateway.email()
    gateway.fault(to=to, error="Throttling", count=1)
    content = {"Simple": {"Subject": {"Data": SUBJECT}, "Body": {"Text": {"Data": TEXT}}}}
    answer = client(gateway, "sesv2", region, attempts=2).send_email(
        FromEmailAddress=SENDER, Destination={"ToAddresses": [to]}, Content=content
    )
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert gateway.message(to).details["MessageId"] == answer["MessageId"]
