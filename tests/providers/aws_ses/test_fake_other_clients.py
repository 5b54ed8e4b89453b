"""What other clients and other fakes' suites showed: how they spell mails, and what AWS answered to them."""

from __future__ import annotations

from email.header import Header
from email.message import EmailMessage
from email.utils import formataddr
from typing import Any
from urllib.request import Request, urlopen

import pytest

from gateway.providers.aws_ses.fake.draft import shown
from tests.providers.aws_ses.both_versions import Both
from tests.providers.aws_ses.served_fake import SENDER, Served, a_recipient, refused, serving, simple

# nodemailer's verify() sends this and expects no: InvalidParameterValue from v1; from v2, where it writes the
# addresses in brackets, MessageRejected.
NOT_A_MAIL = b"From: invalid@invalid\r\nTo: invalid@invalid\r\n Subject: Invalid\r\n\r\nInvalid"


def mail_to(to: str, sender: str = SENDER) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Zoë Bücher <{sender}>", f"Jürgen <{to}>", "Ihr Code"
    mail.set_content("246810")
    return mail


def encoded(name: str, address: str) -> str:
    """As django-ses and anymail write it."""
    return formataddr((Header(name, "utf-8").encode(), address))


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (encoded("Zoë", "a@b.example"), "Zoë <a@b.example>"),
        (encoded("Ünal, Q.", "a@b.example"), '"Ünal, Q." <a@b.example>'),
        (encoded('a "b" \\', "a@b.example"), '"a \\"b\\" \\\\" <a@b.example>'),
        ("=?utf-8?q?a=0D=0ABcc=3A_b?= <a@b.example>", '"a Bcc: b" <a@b.example>'),
        ("=?utf-8?q?=20?= <a@b.example>", "a@b.example"),
        ("Zoë <a@b.example>", "Zoë <a@b.example>"),
        ("=?utf-8?q?x", "=?utf-8?q?x"),
    ],
)
def test_an_encoded_name_is_shown_as_mail_programs_show_it(written: str, read_as: str) -> None:
    assert shown(written) == read_as


def test_encoded_names_are_shown_read_and_told_as_sent(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    sender = encoded("Zoë", SENDER)
    ses.send_email(**{**simple(encoded("Jürgen", to)), "FromEmailAddress": sender})
    (capture,) = lenient.captures(to)
    assert (capture["mail"]["from"], capture["mail"]["to"]) == (f"Zoë <{SENDER}>", [f"Jürgen <{to}>"])
    assert capture["details"]["events"][0]["mail"]["source"] == sender


def test_destinations_in_another_spelling_are_those_of_the_headers(both: Both) -> None:
    to, copied, hidden = a_recipient(), a_recipient(), a_recipient()
    mail = mail_to(to)
    mail["Cc"] = copied
    destinations = [encoded("Jürgen", to), copied.upper(), hidden]
    both.v1.send_raw_email(Source=SENDER, Destinations=destinations, RawMessage={"Data": bytes(mail)})
    (capture,) = both.server.captures(hidden)
    shown_mail = capture["mail"]
    assert (shown_mail["to"], shown_mail["cc"], shown_mail["bcc"]) == ([f"Jürgen <{to}>"], [copied], [hidden])
    assert shown_mail["from"] == f"Zoë Bücher <{SENDER}>"
    assert len(both.server.captures(to)) == len(both.server.captures(copied)) == 1


def test_the_from_of_a_raw_mail_is_verified_as_well_as_its_source(strict: Served, region: str) -> None:
    mail = mail_to("friend@elsewhere.example", "who@nobody.example")
    with refused("MessageRejected", 400):
        strict.client(region, service="ses").send_raw_email(Source=SENDER, RawMessage={"Data": bytes(mail)})


def test_addresses_in_the_headers_are_read_where_others_are_named_beside_them(both: Both) -> None:
    with refused("InvalidParameterValue", 400, "Domain contains control or whitespace"):
        both.v1.send_raw_email(
            Source="invalid@invalid", Destinations=["invalid@invalid"], RawMessage={"Data": NOT_A_MAIL}
        )
    both.v1.send_raw_email(
        Source=SENDER,
        Destinations=[a_recipient()],
        RawMessage={"Data": NOT_A_MAIL.replace(b"invalid@invalid", b"<invalid@invalid>")},
    )
    to = a_recipient()
    mail = b"From: %s\r\nTo: Team (a:b): ada@x.example, %s;\r\n\r\n246810" % (SENDER.encode(), to.encode())
    both.v1.send_raw_email(RawMessage={"Data": mail})
    assert len(both.server.captures(to)) == 1


def test_an_empty_raw_mail_is_taken_where_sender_and_destinations_are_named(both: Both) -> None:
    to = a_recipient()
    both.v1.send_raw_email(Source=SENDER, Destinations=[to], RawMessage={"Data": b""})
    told = both.server.captures(to)[0]["details"]["events"][0]["mail"]
    assert (told["headers"], list(told["commonHeaders"])) == ([{"name": "To", "value": to}], ["messageId", "to"])
    assert "ses:from-domain" not in told["tags"]
    with refused("InvalidParameterValue", 400):
        both.v1.send_raw_email(Source=SENDER, RawMessage={"Data": b""})


@pytest.mark.parametrize("name", ["ses:feedback-id-a", "ses:feedback-id-b"])
def test_tags_of_the_feedback_id_are_the_senders(lenient: Served, ses: Any, name: str) -> None:
    to = a_recipient()
    ses.send_email(**simple(to, EmailTags=[{"Name": name, "Value": "campaign"}]))
    assert lenient.captures(to)[0]["details"]["EmailTags"] == {name: "campaign"}
    with refused("BadRequestException", 400):
        ses.send_email(**simple(to, EmailTags=[{"Name": "ses:feedback-id-z", "Value": "campaign"}]))


def test_a_send_event_of_a_template_knows_nothing_of_what_it_becomes(both: Both) -> None:
    to = a_recipient()
    both.v1.create_template(Template={"TemplateName": "t", "SubjectPart": "Hi", "TextPart": "246810"})
    both.v1.send_templated_email(Source=SENDER, Destination={"ToAddresses": [to]}, Template="t", TemplateData="{}")
    send, delivery = (one["mail"] for one in both.server.captures(to)[0]["details"]["events"])
    assert [one["name"] for one in send["headers"]] == ["From", "To", "MIME-Version"]
    assert "sourceArn" not in send
    assert "subject" not in send["commonHeaders"]
    assert (delivery["commonHeaders"]["subject"], "sourceArn" in delivery) == ("Hi", True)
    assert {"name": "Content-Type", "value": "text/plain; charset=UTF-8"} in delivery["headers"]


def test_a_domain_is_shown_in_lower_case(both: Both) -> None:
    for domain in ("EXAMPLE.COM", "EXAMple.Com"):
        both.v1.verify_domain_identity(Domain=domain)
        both.v1.verify_domain_dkim(Domain=domain)
    both.v1.verify_email_identity(EmailAddress="Ada@Example.com")
    assert both.v1.list_identities()["Identities"] == ["Ada@Example.com", "example.com"]


def test_an_event_destination_that_is_not_there_is_told_by_its_set(both: Both) -> None:
    both.v1.create_configuration_set(ConfigurationSet={"Name": "a-set"})
    with refused("EventDestinationDoesNotExist", 400, "No EventDestination found for a-set"):
        both.v1.delete_configuration_set_event_destination(
            ConfigurationSetName="a-set", EventDestinationName="nobody"
        )


def test_a_lenient_identity_may_name_a_set_that_is_not_there(ses: Any, strict: Served, region: str) -> None:
    asked = {"EmailIdentity": "example.com", "ConfigurationSetName": "nowhere"}
    ses.create_email_identity(**asked)
    assert ses.get_email_identity(EmailIdentity="example.com")["ConfigurationSetName"] == "nowhere"
    with refused("NotFoundException", 404, "Configuration set <nowhere> does not exist."):
        strict.client(region).create_email_identity(**asked)


def test_a_message_id_begins_with_its_region(lenient: Served) -> None:
    ohio = lenient.client("us-east-2").send_email(**simple(a_recipient()))
    assert ohio["MessageId"].startswith("010f01")


def test_an_entry_of_many_replaces_only_what_it_names(lenient: Served, ses: Any) -> None:
    to, other, broken = a_recipient(), a_recipient(), a_recipient()
    defaults = '{"name": "D", "of": {"all": {"f": "f0", "g": "g0"}}, "items": [1, 2]}'
    own = '{"of": {"all": {"f": "f1"}}, "items": [3]}'
    ses.create_email_template(
        TemplateName="many",
        TemplateContent={
            "Subject": "Hi {{name}}",
            "Text": "{{of.all.f}} {{of.all.g}} {{#each items}}{{this}},{{/each}}",
        },
    )
    answer = ses.send_bulk_email(
        FromEmailAddress=SENDER,
        DefaultEmailTags=[{"Name": "a", "Value": "0"}, {"Name": "b", "Value": "0"}],
        DefaultContent={
            "Template": {
                "TemplateName": "many",
                "TemplateData": defaults,
                "Headers": [{"Name": "X-Campaign", "Value": "0"}, {"Name": "X-Base", "Value": "0"}],
            }
        },
        BulkEmailEntries=[
            {
                "Destination": {"ToAddresses": [to]},
                "ReplacementTags": [{"Name": "a", "Value": "1"}],
                "ReplacementHeaders": [{"Name": "x-campaign", "Value": "1"}],
                "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": own}},
            },
            {"Destination": {"ToAddresses": [other]}},
            {
                "Destination": {"ToAddresses": [broken]},
                "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": "{"}},
            },
        ],
    )
    results = answer["BulkEmailEntryResults"]
    assert [one["Status"] for one in results] == ["SUCCESS", "SUCCESS", "FAILED"]
    (first,), (second,) = lenient.captures(to), lenient.captures(other)
    assert (first["subject"], first["text"], second["text"]) == ("Hi D", "f1 g0 3,", "f0 g0 1,2,")
    assert first["mail"]["headers"] == [["X-Base", "0"], ["x-campaign", "1"]]
    assert (first["details"]["EmailTags"], second["details"]["EmailTags"]["a"]) == ({"b": "0", "a": "1"}, "0")
    assert lenient.captures(broken) == []


@pytest.mark.parametrize("arn", ["arn:aws:ses:eu-west-1:111122223333:foo/bar", "bar", "arn:aws:ses:::template/"])
def test_an_arn_of_something_else_is_no_template(ses: Any, arn: str) -> None:
    with refused("BadRequestException", 400, f"Invalid template ARN <{arn}>."):
        ses.send_email(**{**simple(a_recipient()), "Content": {"Template": {"TemplateArn": arn}}})


def test_a_reset_forgets_what_was_sent() -> None:
    with serving() as served:
        v1, v2 = served.client("eu-west-1", service="ses"), served.client("eu-west-1")

        def reset() -> None:
            asked = Request(f"{served.gateway.url}/api/reset", b"{}", {"Content-Type": "application/json"})
            with urlopen(asked, timeout=20) as answer:
                assert answer.status == 200

        v2.send_email(**simple(a_recipient()))
        v2.send_email(**simple(a_recipient()))
        reset()
        assert v1.get_send_quota()["SentLast24Hours"] == 0
        v2.send_email(**simple(a_recipient()))
        reset()
        v2.send_email(**simple(a_recipient()))
        assert v1.get_send_quota()["SentLast24Hours"] == 1
        assert [one["DeliveryAttempts"] for one in v1.get_send_statistics()["SendDataPoints"]] == [1]


def test_an_address_that_is_suppressed_for_a_complaint_is_told_as_one(lenient: Served, ses: Any) -> None:
    complained, bounced = a_recipient(), a_recipient()
    ses.put_suppressed_destination(EmailAddress=complained, Reason="COMPLAINT")
    ses.put_suppressed_destination(EmailAddress=bounced, Reason="BOUNCE")
    ses.send_email(**{**simple(complained), "Destination": {"ToAddresses": [complained, bounced]}})
    told = lenient.exchange()["explanation"]["events"]
    assert [one["eventType"] for one in told] == ["Send", "Bounce", "Complaint"]
    assert told[2]["complaint"]["complaintSubType"] == "OnAccountSuppressionList"
    assert told[2]["complaint"]["complainedRecipients"] == [{"emailAddress": complained}]
    assert told[2]["mail"]["destination"] == [complained, bounced]


def test_a_template_of_v1_has_a_subject(both: Both) -> None:
    """Of v2 nobody saw that."""
    with refused("InvalidParameterValue", 400, "The subject must be specified."):
        both.v1.create_template(Template={"TemplateName": "t", "TextPart": "x"})
    both.v2.create_email_template(TemplateName="t", TemplateContent={"Text": "x"})
    with refused("InvalidParameterValue", 400, "The subject must be specified."):
        both.v1.update_template(Template={"TemplateName": "t", "TextPart": "x"})


def test_tags_beside_a_raw_mail_replace_those_of_its_headers(both: Both) -> None:
    to = a_recipient()
    mail = mail_to(to)
    mail["X-SES-MESSAGE-TAGS"] = "a=b, c=d"
    both.v1.send_raw_email(RawMessage={"Data": bytes(mail)})
    both.v1.send_raw_email(RawMessage={"Data": bytes(mail)}, Tags=[{"Name": "e", "Value": "f"}])
    found = [one["details"]["EmailTags"] for one in both.server.captures(to)]
    assert found == [{"a": "b", "c": "d"}, {"e": "f"}]


def test_an_empty_return_path_is_no_address(both: Both) -> None:
    with refused("InvalidParameterValue", 400, "Invalid email address ."):
        both.v1.send_email(
            Source=SENDER,
            Destination={"ToAddresses": [a_recipient()]},
            ReturnPath="",
            Message={"Subject": {"Data": "Code"}, "Body": {"Text": {"Data": "246810"}}},
        )
