"""Every native operation of SES v1 through boto3 over a socket, and the same state through v2."""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from gateway.providers.aws_ses.fake.v1.operations import ACTIONS, OTHERS
from tests.providers.aws_ses.both_versions import Both
from tests.providers.aws_ses.served_fake import a_recipient

FROM = "OTP <otp@example.com>"
MESSAGE: dict[str, Any] = {
    "Subject": {"Data": "Your code é"},
    "Body": {"Text": {"Data": "Your code is 123456 & no more <\r\n"}},
}


def meta(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer["ResponseMetadata"]
    return found


def test_every_action_of_the_service_model_is_native_or_another(both: Both) -> None:
    assert set(ACTIONS.native) | OTHERS == set(both.v1.meta.service_model.operation_names)
    assert not set(ACTIONS.native) & OTHERS


def test_every_native_action_has_the_shape_of_the_service_model(both: Both) -> None:
    model = both.v1.meta.service_model
    for name, operation in ACTIONS.native.items():
        theirs = model.operation_model(name)
        assert written(theirs.input_shape) == comparable(operation.shape), name
        assert (theirs.output_shape is not None) == operation.result, name


def written(shape: Any) -> Any:
    """A shape of botocore's, as ours are written."""
    if shape is None:
        return {}
    if shape.type_name == "structure":
        required = set(shape.required_members)
        return {f"{name}!" if name in required else name: written(one) for name, one in shape.members.items()}
    if shape.type_name == "list":
        return [written(shape.member)]
    scalars = {"boolean": "b", "integer": "i", "string": "s", "blob": "s"}
    return frozenset(shape.enum) if getattr(shape, "enum", None) else scalars[shape.type_name]


def comparable(shape: Any) -> Any:
    if isinstance(shape, tuple):
        return frozenset(shape)
    if isinstance(shape, list):
        return [comparable(shape[0])]
    return {name: comparable(one) for name, one in shape.items()} if isinstance(shape, dict) else shape


# --- sending ------------------------------------------------------------------------------------------------


def test_send_email_is_captured_for_everybody_it_names(both: Both) -> None:
    to, cc, bcc = a_recipient(), a_recipient(), a_recipient()
    answer = both.v1.send_email(
        Source=FROM,
        Destination={"ToAddresses": [to], "CcAddresses": [cc], "BccAddresses": [bcc]},
        Message={**MESSAGE, "Body": {**MESSAGE["Body"], "Html": {"Data": "<b>123456</b>", "Charset": "UTF-8"}}},
        ReplyToAddresses=["help@example.com"],
        ReturnPath="bounces@example.com",
        Tags=[{"Name": "kind", "Value": "code"}],
    )
    assert meta(answer)["HTTPHeaders"]["content-type"] == "text/xml"
    assert meta(answer)["RequestId"] == meta(answer)["HTTPHeaders"]["x-amzn-requestid"]
    assert len(answer["MessageId"]) == 60
    for person in (to, cc, bcc):
        (one,) = both.server.captures(person)
        assert (one["operation"], one["subject"], one["code"]) == ("SendEmail", "Your code é", "123456")
        assert (one["text"], one["html"]) == (MESSAGE["Body"]["Text"]["Data"], "<b>123456</b>")
        assert one["details"]["MessageId"] == answer["MessageId"]
        assert one["mail"]["replyTo"] == ["help@example.com"]
        assert one["mail"]["tags"] == {"kind": "code"}


def test_the_answer_is_byte_for_byte_as_long_as_awss(both: Both) -> None:
    both.v1.send_email(Source=FROM, Destination={"ToAddresses": [a_recipient()]}, Message=MESSAGE)
    body = both.server.exchange()["response"]["body"]
    assert len(body) == 326
    assert body.startswith(
        '<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">\n  <SendEmailResult>\n'
    )
    assert body.endswith("</RequestId>\n  </ResponseMetadata>\n</SendEmailResponse>\n")


def test_send_raw_email_reads_the_mail(both: Both) -> None:
    to, hidden = a_recipient(), a_recipient()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = FROM, to, "Größe: 123456"
    mail.set_content("Ihr Code für heute: 123456", cte="8bit")
    mail.add_attachment(b"\0\xff", maintype="application", subtype="pdf", filename="a.pdf")
    both.v1.send_raw_email(RawMessage={"Data": mail.as_bytes()})
    (one,) = both.server.captures(to)
    assert (one["subject"], one["code"], one["text"].strip()) == (
        "Größe: 123456",
        "123456",
        "Ihr Code für heute: 123456",
    )
    assert [part["name"] for part in one["mail"]["attachments"]] == ["a.pdf"]
    both.v1.send_raw_email(Source="otp@example.com", Destinations=[hidden], RawMessage={"Data": mail.as_bytes()})
    assert len(both.server.captures(hidden)) == 1
    assert len(both.server.captures(to)) == 1


def test_a_templated_mail_is_rendered_from_a_template_of_either_version(both: Both) -> None:
    both.v2.create_email_template(
        TemplateName="of-v2",
        TemplateContent={"Subject": "Hi {{name}}", "Text": "{{#if code}}Your code: {{code}}{{/if}}"},
    )
    to = a_recipient()
    both.v1.send_templated_email(
        Source=FROM,
        Destination={"ToAddresses": [to]},
        Template="of-v2",
        TemplateData='{"name": "Ada", "code": "246810"}',
    )
    (one,) = both.server.captures(to)
    assert (one["subject"], one["text"], one["code"]) == ("Hi Ada", "Your code: 246810", "246810")
    assert one["details"]["TemplateName"] == "of-v2"


def test_a_bulk_of_templated_mails_has_a_result_for_each(both: Both) -> None:
    both.v1.create_template(
        Template={"TemplateName": "bulk", "SubjectPart": "Hi {{name}}", "TextPart": "Bye {{name}}"}
    )
    ada, bob = a_recipient(), a_recipient()
    answer = both.v1.send_bulk_templated_email(
        Source=FROM,
        Template="bulk",
        DefaultTemplateData='{"name": "friend"}',
        Destinations=[
            {"Destination": {"ToAddresses": [ada]}, "ReplacementTemplateData": '{"name": "Ada"}'},
            {"Destination": {"ToAddresses": ["no address"]}},
            {"Destination": {"ToAddresses": [bob]}, "ReplacementTags": [{"Name": "a", "Value": "b"}]},
        ],
    )
    assert [one["Status"] for one in answer["Status"]] == ["Success", "InvalidParameterValue", "Success"]
    assert [bool(one.get("MessageId")) for one in answer["Status"]] == [True, False, True]
    assert answer["Status"][1]["Error"]
    assert [both.server.captures(person)[0]["subject"] for person in (ada, bob)] == ["Hi Ada", "Hi friend"]


# --- the account --------------------------------------------------------------------------------------------


def test_quota_and_statistics_count_what_was_sent(both: Both) -> None:
    before = both.v1.get_send_quota()
    assert (before["Max24HourSend"], before["MaxSendRate"]) == (50_000.0, 14.0)
    to = [a_recipient(), a_recipient()]
    both.v1.send_email(Source=FROM, Destination={"ToAddresses": to}, Message=MESSAGE)
    assert both.v1.get_send_quota()["SentLast24Hours"] == before["SentLast24Hours"] + 2
    point = both.v1.get_send_statistics()["SendDataPoints"][-1]
    assert point["DeliveryAttempts"] >= 2
    assert set(point) == {"Timestamp", "DeliveryAttempts", "Bounces", "Complaints", "Rejects"}


def test_a_paused_account_sends_nothing_in_either_version(both: Both) -> None:
    assert both.v1.get_account_sending_enabled()["Enabled"] is True
    both.v1.update_account_sending_enabled(Enabled=False)
    try:
        assert both.v2.get_account()["SendingEnabled"] is False
        with pytest.raises(both.v1.exceptions.AccountSendingPausedException):
            both.v1.send_email(Source=FROM, Destination={"ToAddresses": ["x@y.test"]}, Message=MESSAGE)
    finally:
        both.v2.put_account_sending_attributes(SendingEnabled=True)
    assert both.v1.get_account_sending_enabled()["Enabled"] is True


def test_every_native_operation_is_called_in_these_files() -> None:
    here = Path(__file__).parent
    source = "".join((here / name).read_text("utf-8") for name in ("test_fake_v1.py", "test_fake_v1_resources.py"))
    called = set(re.findall(r"both\.v1\.([a-z_0-9]+)\(", source))
    assert {xform_name(name) for name in ACTIONS.native} <= called
