"""SendEmail and SendBulkEmail of v2, sent by boto3 over a socket."""

from __future__ import annotations

import base64
import json
import re
from email.message import EmailMessage
from typing import Any

import pytest

from tests.providers.aws_ses.served_fake import ACCOUNT, KEY_ID, SENDER, Served, a_recipient, refused, simple

MESSAGE_ID = re.compile(
    r"0102[0-9a-f]{12}-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-000000"
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_a_simple_mail_arrives_with_all_that_was_sent(lenient: Served, ses: Any, region: str) -> None:
    to = a_recipient()
    answer = ses.send_email(
        **simple(
            f"Ada Lovelace <{to.upper()}>",
            ReplyToAddresses=["help@example.com"],
            FeedbackForwardingEmailAddress="bounces@example.com",
            EmailTags=[{"Name": "kind", "Value": "otp"}],
        )
    )
    assert MESSAGE_ID.fullmatch(answer["MessageId"])
    assert len(answer["MessageId"]) == 60
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert UUID.fullmatch(headers["x-amzn-requestid"])
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == "76"
    assert "server" not in headers
    (capture,) = lenient.captures(to)
    assert (capture["to"], capture["readAs"]) == (to.upper(), to)
    assert (capture["subject"], capture["text"]) == ("Your code", "Your code is 246810.")
    assert (capture["html"], capture["code"]) == ("<p>Your code is <b>246810</b>.</p>", "246810")
    assert capture["mail"]["from"] == SENDER
    assert capture["mail"]["to"] == [f"Ada Lovelace <{to.upper()}>"]
    assert capture["mail"]["replyTo"] == ["help@example.com"]
    assert capture["mail"]["returnPath"] == "bounces@example.com"
    assert capture["mail"]["tags"] == {"kind": "otp"}
    details = capture["details"]
    assert details["MessageId"] == answer["MessageId"]
    assert details["RequestId"] == headers["x-amzn-requestid"]
    assert (details["accountId"], details["region"], details["keyId"]) == (ACCOUNT, region, KEY_ID)
    assert (details["signature"], details["attempt"]) == ("valid", 1)


def test_send_and_delivery_are_told_as_aws_tells_them(lenient: Served, ses: Any, region: str) -> None:
    to = a_recipient()
    answer = ses.send_email(
        **simple(to, ConfigurationSetName="unknown-set", EmailTags=[{"Name": "kind", "Value": "otp"}])
    )
    send, delivery = lenient.captures(to)[0]["details"]["events"]
    assert (send["eventType"], send["send"]) == ("Send", {})
    mail = send["mail"]
    assert mail["messageId"] == answer["MessageId"]
    assert mail["sourceArn"] == f"arn:aws:ses:{region}:{ACCOUNT}:identity/{SENDER}"
    assert mail["destination"] == [to]
    assert mail["commonHeaders"] == {
        "from": [SENDER],
        "to": [to],
        "messageId": answer["MessageId"],
        "subject": "Your code",
    }
    assert {"name": "Subject", "value": "Your code"} in mail["headers"]
    assert mail["tags"] == {
        "ses:operation": ["SendEmail"],
        "ses:configuration-set": ["unknown-set"],
        "ses:source-ip": ["127.0.0.1"],
        "ses:from-domain": ["verified.example"],
        "ses:caller-identity": [KEY_ID],
        "kind": ["otp"],
    }
    assert [one["name"] for one in mail["headers"]] == ["From", "To", "Subject", "MIME-Version", "Content-Type"]
    out = delivery["mail"]["tags"].pop("ses:outgoing-ip")
    assert (delivery["eventType"], delivery["mail"], len(out)) == ("Delivery", mail, 1)
    assert delivery["delivery"]["recipients"] == [to]
    assert delivery["delivery"]["timestamp"] == mail["timestamp"]


def test_each_recipient_gets_a_capture_once(lenient: Served, ses: Any) -> None:
    to, cc, bcc = a_recipient(), a_recipient(), a_recipient()
    mail = simple(to)
    mail["Destination"] = {"ToAddresses": [to, to], "CcAddresses": [f"Cc <{cc}>"], "BccAddresses": [bcc]}
    ses.send_email(**mail)
    assert [len(lenient.captures(one)) for one in (to, cc, bcc)] == [1, 1, 1]
    assert lenient.captures(bcc)[0]["mail"]["bcc"] == [bcc]
    assert len(lenient.exchange()["captureIds"]) == 3


def test_unicode_headers_and_attachments_arrive(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    mail = simple(to)
    content = mail["Content"]["Simple"]
    content["Subject"] = {"Data": "你的验证码 é 🎉", "Charset": "utf8"}
    content["Headers"] = [{"Name": "List-Unsubscribe", "Value": "<https://example.com/u>"}]
    content["Attachments"] = [
        {"RawContent": b"\x00\x01pdf", "FileName": "a.pdf"},
        {"RawContent": b"png", "FileName": "b.png", "ContentDisposition": "INLINE", "ContentId": "logo"},
    ]
    ses.send_email(**mail)
    capture = lenient.captures(to)[0]
    assert capture["subject"] == "你的验证码 é 🎉"
    assert capture["mail"]["headers"] == [["List-Unsubscribe", "<https://example.com/u>"]]
    assert capture["mail"]["attachments"] == [
        {
            "name": "a.pdf",
            "contentType": "application/pdf",
            "disposition": "attachment",
            "contentId": None,
            "size": 5,
        },
        {"name": "b.png", "contentType": "image/png", "disposition": "inline", "contentId": "logo", "size": 3},
    ]


def raw_mail(to: str, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Öttp <{SENDER}>", to, "Tu código é 246810"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("código 246810")
    mail.add_alternative("<p>código 246810</p>", subtype="html")
    return mail


def test_a_raw_mail_arrives_as_its_headers_say(lenient: Served, ses: Any) -> None:
    to, cc = a_recipient(), a_recipient()
    mail = raw_mail(to, Cc=f"Cc <{cc}>", X_SES_CONFIGURATION_SET="a-set", X_SES_MESSAGE_TAGS="a=b, c=d")
    ses.send_email(Content={"Raw": {"Data": bytes(mail)}})
    capture = lenient.captures(to)[0]
    assert len(lenient.captures(cc)) == 1
    assert (capture["subject"], capture["text"].strip()) == ("Tu código é 246810", "código 246810")
    assert (capture["html"].strip(), capture["mail"]["raw"]) == ("<p>código 246810</p>", True)
    assert capture["mail"]["tags"] == {"a": "b", "c": "d"}
    assert capture["mail"]["configurationSet"] == "a-set"


def test_a_destination_beside_a_raw_mail_says_who_gets_it(lenient: Served, ses: Any) -> None:
    to, hidden = a_recipient(), a_recipient()
    ses.send_email(
        FromEmailAddress="other@verified.example",
        Destination={"BccAddresses": [hidden]},
        Content={"Raw": {"Data": bytes(raw_mail(to))}},
    )
    assert lenient.captures(to) == []
    (capture,) = lenient.captures(hidden)
    # What its reader sees is the mail's own From.
    assert (capture["mail"]["from"], capture["details"]["events"][0]["mail"]["source"]) == (
        f"Öttp <{SENDER}>",
        "other@verified.example",
    )


def test_a_template_inside_of_the_request_is_rendered(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    template = {
        "TemplateContent": {"Subject": "Hi {{name}}", "Text": "{{code}}", "Html": "<b>{{code}}</b>"},
        "TemplateData": json.dumps({"name": "Ada", "code": "246810"}),
    }
    mail = simple(to)
    ses.send_email(**{**mail, "Content": {"Template": template}})
    capture = lenient.captures(to)[0]
    assert (capture["subject"], capture["text"], capture["html"]) == ("Hi Ada", "246810", "<b>246810</b>")


def test_what_a_template_lacks_is_told_by_an_event_and_nothing_arrives(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    ses.create_email_template(
        TemplateName="greeting", TemplateContent={"Subject": "Hi {{name}}", "Text": "Hello {{user.name}}"}
    )
    template = {"TemplateName": "greeting", "TemplateData": '{"name":"Ada"}'}
    answer = ses.send_email(**{**simple(to), "Content": {"Template": template}})
    assert MESSAGE_ID.fullmatch(answer["MessageId"])
    assert lenient.captures(to) == []
    (event,) = lenient.exchange()["explanation"]["events"]
    assert event["eventType"] == "Rendering Failure"
    assert event["failure"] == {
        "errorMessage": "Attribute 'user.name' is not present in the rendering data.",
        "templateName": "greeting",
    }


def test_a_bulk_mail_has_its_own_data_for_each_entry(lenient: Served, ses: Any) -> None:
    first, second = a_recipient(), a_recipient()
    ses.create_email_template(TemplateName="code", TemplateContent={"Subject": "{{app}}", "Text": "{{code}}"})
    answer = ses.send_bulk_email(
        FromEmailAddress=SENDER,
        DefaultContent={"Template": {"TemplateName": "code", "TemplateData": '{"app":"Demo","code":"000000"}'}},
        DefaultEmailTags=[{"Name": "all", "Value": "1"}],
        BulkEmailEntries=[
            {
                "Destination": {"ToAddresses": [first]},
                "ReplacementEmailContent": {
                    "ReplacementTemplate": {"ReplacementTemplateData": '{"code":"111111"}'}
                },
                "ReplacementTags": [{"Name": "own", "Value": "2"}],
            },
            {"Destination": {"ToAddresses": [second]}},
            {"Destination": {"ToAddresses": ["nobody"]}},
        ],
    )
    results = answer["BulkEmailEntryResults"]
    assert [one["Status"] for one in results] == ["SUCCESS", "SUCCESS", "INVALID_PARAMETER"]
    assert results[2]["Error"] == "Missing final '@domain'"
    assert MESSAGE_ID.fullmatch(results[0]["MessageId"])
    assert (lenient.captures(first)[0]["text"], lenient.captures(second)[0]["text"]) == ("111111", "000000")
    assert lenient.captures(first)[0]["mail"]["tags"] == {"own": "2", "all": "1"}


def test_a_retry_of_the_sdk_is_a_capture_of_its_own(lenient: Served, region: str) -> None:
    from gateway.faults.rules import Effect, ProviderError

    to = a_recipient()
    ses = lenient.client(region, attempts=2)
    with lenient.fault(Effect(error=ProviderError("InternalFailure")), "after", recipients=frozenset({to})):
        ses.send_email(**simple(to))
    first, second = (capture["details"] for capture in lenient.captures(to))
    assert first["invocationId"] == second["invocationId"]
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert first["MessageId"] != second["MessageId"]


@pytest.mark.parametrize("label", ["", "+a.label"])
@pytest.mark.parametrize(
    ("local", "arrives", "told"),
    [
        ("success", True, ["Send", "Delivery"]),
        ("bounce", False, ["Send", "Bounce"]),
        ("complaint", True, ["Send", "Delivery", "Complaint"]),
        ("suppressionlist", False, ["Send", "Bounce"]),
        ("ooto", True, ["Send", "Delivery", "Bounce"]),
    ],
)
def test_the_mailbox_simulator_does_what_its_name_says(
    lenient: Served, ses: Any, local: str, label: str, arrives: bool, told: list[str]
) -> None:
    to = f"{local}{label}@simulator.amazonses.com"
    ses.send_email(**simple(to))
    exchange = lenient.exchange()
    if arrives:
        capture = next(one for one in lenient.captures(to) if one["id"] in exchange["captureIds"])
        events = capture["details"]["events"]
    else:
        assert exchange["captureIds"] == []
        events = exchange["explanation"]["events"]
    assert [one["eventType"] for one in events] == told
    bounce = events[-1].get("bounce")
    kinds = {"bounce": "General", "suppressionlist": "Suppressed", "ooto": "General"}
    if bounce:
        assert bounce["bounceType"] == ("Transient" if local == "ooto" else "Permanent")
        assert bounce["bounceSubType"] == kinds[local]
        assert [one["emailAddress"] for one in bounce["bouncedRecipients"]] == [to]


def test_several_bounces_of_one_mail_are_one_event(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    mail = simple(to)
    bounced = ["bounce@simulator.amazonses.com", "bounce+2@simulator.amazonses.com"]
    mail["Destination"]["CcAddresses"] = bounced
    ses.send_email(**mail)
    assert len(lenient.captures(to)) == 1
    _, bounce = lenient.exchange()["explanation"]["events"]
    assert [one["emailAddress"] for one in bounce["bounce"]["bouncedRecipients"]] == bounced
    assert bounce["bounce"]["bouncedRecipients"][0]["status"] == "5.1.1"


def test_a_virus_is_taken_and_then_rejected(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    mail = simple(to)
    eicar = base64.b64decode(
        "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo="
    )
    mail["Content"]["Simple"]["Body"]["Text"]["Data"] = eicar.decode()
    ses.send_email(**mail)
    assert lenient.captures(to) == []
    send, reject = lenient.exchange()["explanation"]["events"]
    assert (send["eventType"], reject["eventType"], reject["reject"]) == (
        "Send",
        "Reject",
        {"reason": "Bad content"},
    )


def test_a_suppressed_address_gets_nothing(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    ses.put_suppressed_destination(EmailAddress=to.upper(), Reason="BOUNCE")
    ses.send_email(**simple(to))
    assert lenient.captures(to) == []
    _, bounce = lenient.exchange()["explanation"]["events"]
    assert bounce["bounce"]["bounceSubType"] == "OnAccountSuppressionList"
    ses.create_configuration_set(
        ConfigurationSetName="through", SuppressionOptions={"SuppressedReasons": ["COMPLAINT"]}
    )
    ses.send_email(**simple(to, ConfigurationSetName="through"))
    assert len(lenient.captures(to)) == 1
    ses.put_account_suppression_attributes(SuppressedReasons=[])
    ses.send_email(**simple(to))
    assert len(lenient.captures(to)) == 2


def test_whoever_paused_the_account_or_the_set_is_told(ses: Any) -> None:
    ses.create_configuration_set(ConfigurationSetName="paused", SendingOptions={"SendingEnabled": False})
    with refused("SendingPausedException", 400):
        ses.send_email(**simple(a_recipient(), ConfigurationSetName="paused"))
    ses.put_account_sending_attributes(SendingEnabled=False)
    with refused(
        "SendingPausedException",
        400,
        "Sending paused for this account. For more information, please check the inbox of the email address "
        "associated with your AWS account.",
    ):
        ses.send_email(**simple(a_recipient()))
    ses.put_account_sending_attributes(SendingEnabled=True)
    ses.send_email(**simple(a_recipient()))


def test_nobody_is_unknown_in_a_lenient_fake(lenient: Served, region: str) -> None:
    to = a_recipient()
    ses = lenient.client(region, key_id="AKIDEXAMPLE000000099", secret="whatever")
    ses.send_email(**simple(to, ConfigurationSetName="nowhere"))
    assert lenient.captures(to)[0]["details"]["signature"] == "unverified"
    exchange = lenient.exchange()
    assert "nowhere" in exchange["explanation"]["warnings"][0]
    assert exchange["signature"] == "unverified"
