"""What SES v1 refuses: parameters, actions, signatures, and what is not there, in AWS's envelope."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.model import Response
from tests.providers.aws_ses.direct_fake import DirectFake, error_of
from tests.providers.aws_ses.signed_requests import KEY_ID, URL, signed

BASE = {"Action": "SendEmail", "Version": "2010-12-01"}
OTP = "otp@example.com"
SEND = {
    **BASE,
    "Source": OTP,
    "Destination.ToAddresses.member.1": "user@example.com",
    "Message.Subject.Data": "x",
    "Message.Body.Text.Data": "y",
}
RAW = {"Action": "SendRawEmail", "Version": "2010-12-01"}


def sent(changes: dict[str, str | None], base: dict[str, str] | None = None) -> dict[str, str]:
    merged: dict[str, str | None] = {**(SEND if base is None else base), **changes}
    return {name: value for name, value in merged.items() if value is not None}


def refusal(form: Any, status: int = 400, **settings: Any) -> tuple[str, str]:
    """Code and message."""
    response = DirectFake(**settings).form(form)
    assert response.status == status, response.body
    kind, code, message = error_of(response)
    assert kind == "Sender"
    assert response.verdict.code == code
    return code, message


def null(*places: str) -> str:
    errors = "error" if len(places) == 1 else "errors"
    told = [f"Value null at '{one}' failed to satisfy constraint: Member must not be null" for one in places]
    return f"{len(places)} validation {errors} detected: {'; '.join(told)}"


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"Source": None}, ["source"]),
        ({"Destination.ToAddresses.member.1": None}, ["destination"]),
        ({"Message.Subject.Data": None}, ["message.subject"]),
        ({"Message.Subject.Data": None, "Message.Subject.Charset": "UTF-8"}, ["message.subject.data"]),
        ({"Message.Subject.Data": None, "Message.Body.Text.Data": None}, ["message"]),
        ({"Source": None, "Message.Body.Text.Data": None}, ["source", "message.body"]),
        ({"Tags.member.1.Name": "a"}, ["tags.1.member.value"]),
    ],
)
def test_every_parameter_that_is_missing_is_named_as_aws_does(
    changes: dict[str, str | None], places: list[str]
) -> None:
    assert refusal(sent(changes)) == ("ValidationError", null(*places))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Destination": "x", "Destination.ToAddresses.member.1": None}, "Unexpected complex element termination"),
        ({"Destination": "x"}, "Unexpected complex element termination"),
        ({"Source.member.1": "x", "Source": None}, "Start of list found where not expected"),
        ({"Source.Name": "x", "Source": None}, "Start of structure or map found where not expected"),
        ({"Destination.CcAddresses": "x"}, "Unexpected list element termination"),
        ({"Destination.CcAddresses.1": "x"}, "Unexpected list element termination"),
        ({"Destination.CcAddresses.member": "x"}, "Unexpected list element termination"),
        ({"Destination.CcAddresses.member.x": "x"}, "Key is not a positive integer"),
        ({"Destination.CcAddresses.member.-1": "x"}, "Key is not a positive integer"),
        ({"Destination.CcAddresses.member.1.Name": "x"}, "Start of structure or map found where not expected"),
        ({"Destination." + "a." * 40 + "b": "x", "Destination.a": "y"}, "Unexpected complex element termination"),
    ],
)
def test_parameters_that_do_not_fit_together_are_malformed(changes: dict[str, str | None], message: str) -> None:
    assert refusal(sent(changes)) == ("MalformedInput", message)


def test_a_list_is_in_the_order_of_its_numbers_gaps_or_not() -> None:
    bare = DirectFake()
    people = {f"Destination.CcAddresses.member.{at}": f"p{at}@example.com" for at in (30, 2, 10)}
    assert bare.form({**SEND, **people}).status == 200
    (kept, *_) = bare.captures.kept
    assert kept.mail is not None
    assert list(kept.mail.cc) == ["p2@example.com", "p10@example.com", "p30@example.com"]


def test_an_empty_list_and_what_nobody_knows_are_no_mistakes() -> None:
    form = {**SEND, "Destination.CcAddresses": "", "Tags": "", "Unknown.Thing.member.1": "x", "Nobody": "knows"}
    assert DirectFake().form(form).status == 200


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({**BASE, "Action": "SendMail"}, "Could not find operation SendMail for version 2010-12-01"),
        ({**BASE, "Version": "2011-01-01"}, "Could not find operation SendEmail for version 2011-01-01"),
        ({"Action": "SendEmail"}, "Could not find operation SendEmail for version NO_VERSION_SPECIFIED"),
        ({**BASE, "Action": "sendemail"}, "Could not find operation sendemail for version 2010-12-01"),
    ],
)
def test_an_action_that_is_none_is_told_in_awss_words(form: dict[str, str], message: str) -> None:
    assert refusal(form) == ("InvalidAction", message)


@pytest.mark.parametrize("action", ["CreateReceiptRule", "SendBounce"])
def test_an_action_that_is_not_native_is_an_invalid_one_without_who_answers_it(action: str) -> None:
    assert refusal({**BASE, "Action": action})[0] == "InvalidAction"


def test_a_request_without_an_action_is_refused_whatever_it_is() -> None:
    assert refusal("")[0] == "MissingAction"
    assert refusal("Version=2010-12-01")[0] == "MissingAction"
    response = DirectFake().form('{"Action": "SendEmail"}', content_type="application/json")
    assert error_of(response)[1] == "MissingAction"
    assert "Content-Type" in response.verdict.explanation["hint"]


def test_the_query_is_read_like_the_form() -> None:
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in SEND.items())
    bare = DirectFake()
    assert bare.answer(signed("GET", f"{URL}/?{query}", b"", headers={"Accept": "*/*"})).status == 200
    assert bare.answer(signed("GET", f"{URL}/?{query}", b"", headers={"Accept": "*/*"}, presigned=60)).status == 200
    assert len(bare.captures.kept) == 2


@pytest.mark.parametrize("form", ["Action=%ff&Version=2010-12-01", "Action=Send\xe9", "%c3=1"])
def test_a_form_that_is_no_utf8_is_malformed(form: str) -> None:
    assert refusal(form) == ("MalformedQueryString", "The query string is malformed.")


def test_a_request_has_a_bounded_number_of_parameters() -> None:
    assert refusal("a=&" * 10_001)[0] == "MalformedQueryString"


@pytest.mark.parametrize("data", ["!", "aGk", "é", "aGk=x"])
def test_a_raw_mail_must_be_base64(data: str) -> None:
    code, message = refusal({**RAW, "RawMessage.Data": data})
    assert (code, message) == ("MalformedInput", "Unable to decode the value as base64.")


def test_base64_may_have_line_ends() -> None:
    form = {
        **RAW,
        "Source": "a@example.com",
        "Destinations.member.1": "b@example.com",
        "RawMessage.Data": "U3ViamVj\r\ndDog\neA==",
    }
    assert DirectFake().form(form).status == 200


# Action and what follows it, code, a part of the text.
REFUSED = """
SendEmail&$&Source=nobody|InvalidParameterValue|Missing final '@domain'
SendEmail&$&Destination.ToAddresses.member.1=a+b@example.com|InvalidParameterValue|whitespace
SendEmail&$&Message.Body.Html.Charset=x|ValidationError|'message.body.html.data'
SendEmail&$&Message.Subject.Data=x%0D%0ABcc:+evil@example.com|InvalidParameterValue|control characters
SendEmail&$&Tags.member.1.Name=a+b&Tags.member.1.Value=c|InvalidParameterValue|Invalid tag name <a b>
SendRawEmail&RawMessage.Data=RnJvbTogYUB4LnRlc3QKRnJvbTogYkB4LnRlc3QKCg==|InvalidParameterValue|Duplicate header
SendRawEmail&RawMessage.Data=|InvalidParameterValue|empty
SendTemplatedEmail&$&Template=gone&TemplateData={}|TemplateDoesNotExist|gone
SendBulkTemplatedEmail&Source=a@x.test&Template=t&DefaultTemplateData={}&Destinations=|ValidationError|'destinations'
ListIdentities&IdentityType=Domains|ValidationError|Member must satisfy enum value set: [EmailAddress, Domain]
ListIdentities&MaxItems=many|MalformedInput|can not be converted to an Integer
ListIdentities&NextToken=none|InvalidParameterValue|nvalid next token
UpdateAccountSendingEnabled&Enabled=yes|MalformedInput|must be either true or false
VerifyEmailIdentity&EmailAddress=example.com|InvalidParameterValue|Invalid email address<example.com>.
VerifyEmailIdentity&EmailAddress=Ada+<a@x.test>|InvalidParameterValue|Invalid email address<Ada <a@x.test>>.
SetIdentityNotificationTopic&Identity=x.test&NotificationType=Bounce|InvalidParameterValue|x.test is invalid.
VerifyDomainIdentity&Domain=a@example.com|InvalidParameterValue|Invalid domain name
VerifyDomainDkim&Domain=-|InvalidParameterValue|Invalid domain name
SetIdentityDkimEnabled&Identity=x.test&DkimEnabled=true|InvalidParameterValue|Identity x.test does not exist.
PutIdentityPolicy&Identity=x.test&PolicyName=p&Policy={}|InvalidParameterValue|Identity x.test does not exist.
GetTemplate&TemplateName=gone|TemplateDoesNotExist|gone
UpdateTemplate&Template.TemplateName=gone&Template.SubjectPart=Hi|TemplateDoesNotExist|gone
CreateTemplate&Template.TemplateName=t&Template.SubjectPart={{%23if}}|InvalidTemplate|#if requires exactly one
TestRenderTemplate&TemplateName=gone&TemplateData={}|TemplateDoesNotExist|gone
DescribeConfigurationSet&ConfigurationSetName=gone|ConfigurationSetDoesNotExist|gone
DeleteConfigurationSet&ConfigurationSetName=gone|ConfigurationSetDoesNotExist|gone
UpdateConfigurationSetSendingEnabled&ConfigurationSetName=gone&Enabled=true|ConfigurationSetDoesNotExist|gone
CreateConfigurationSet&ConfigurationSet.Name=a+b|InvalidParameterValue|a b
"""


@pytest.mark.parametrize("row", REFUSED.strip().splitlines())
def test_what_is_refused_has_awss_code_and_text(row: str) -> None:
    form, code, text = row.split("|")
    found = refusal(f"{urlencode(BASE)}&{urlencode(SEND) if '&$&' in form else ''}&Action={form}")
    assert found[0] == code
    assert text in found[1]


def made(bare: DirectFake, action: str, **parameters: str) -> Response:
    return bare.form({**BASE, "Action": action, **parameters})


def test_what_is_there_is_not_made_twice() -> None:
    bare = DirectFake()
    destination = {
        "ConfigurationSetName": "s",
        "EventDestination.Name": "d",
        "EventDestination.MatchingEventTypes.member.1": "send",
        "EventDestination.SNSDestination.TopicARN": "arn:aws:sns:::t",
    }
    tracking = {"ConfigurationSetName": "s", "TrackingOptions.CustomRedirectDomain": "t.example.com"}
    made_once: list[tuple[str, dict[str, str], str]] = [
        ("CreateConfigurationSet", {"ConfigurationSet.Name": "s"}, "ConfigurationSetAlreadyExists"),
        ("CreateConfigurationSetEventDestination", destination, "EventDestinationAlreadyExists"),
        ("CreateConfigurationSetTrackingOptions", tracking, "TrackingOptionsAlreadyExistsException"),
        ("CreateTemplate", {"Template.TemplateName": "t", "Template.SubjectPart": "Hi"}, "AlreadyExists"),
    ]
    for action, parameters, code in made_once:
        assert made(bare, action, **parameters).status == 200, action
        assert error_of(made(bare, action, **parameters))[1] == code
    elsewhere = {**destination, "EventDestination.Name": "e"}
    nameless = {"ConfigurationSetName": "s", "EventDestinationName": "e"}
    gone: list[tuple[str, dict[str, str], str]] = [
        ("UpdateConfigurationSetEventDestination", elsewhere, "EventDestinationDoesNotExist"),
        ("DeleteConfigurationSetEventDestination", nameless, "EventDestinationDoesNotExist"),
    ]
    for action, parameters, code in gone:
        assert error_of(made(bare, action, **parameters))[1] == code
    made(bare, "DeleteConfigurationSetTrackingOptions", ConfigurationSetName="s")
    again = made(bare, "DeleteConfigurationSetTrackingOptions", ConfigurationSetName="s")
    assert error_of(again)[1] == "TrackingOptionsDoesNotExistException"


def test_a_template_that_lacks_an_attribute_is_told_when_it_is_tried_and_taken_when_it_is_sent() -> None:
    bare = DirectFake()
    made(bare, "CreateTemplate", **{"Template.TemplateName": "t", "Template.SubjectPart": "Hi {{name}}"})
    tried = made(bare, "TestRenderTemplate", TemplateName="t", TemplateData="{}")
    text = "Attribute 'name' is not present in the rendering data."
    assert error_of(tried)[1:] == ("MissingRenderingAttribute", text)
    broken = made(bare, "TestRenderTemplate", TemplateName="t", TemplateData="[")
    assert error_of(broken)[1] == "InvalidRenderingParameter"
    parameters = {"Destination.ToAddresses.member.1": "u@example.com", "Source": "a@example.com"}
    taken = made(bare, "SendTemplatedEmail", Template="t", TemplateData="{}", **parameters)
    assert taken.status == 200
    assert not bare.captures.kept
    (event,) = taken.verdict.explanation["events"]
    assert (event["eventType"], event["failure"]["errorMessage"]) == ("Rendering Failure", text)


def test_a_strict_fake_refuses_who_is_not_verified() -> None:
    code, message = refusal(SEND, strict=True)
    assert (code, message) == (
        "MessageRejected",
        f"Email address is not verified. The following identities failed the check in region US-EAST-1: {OTP}",
    )


def test_signatures_are_refused_with_the_codes_of_v1() -> None:
    bare = DirectFake(strict=True)
    wrong = bare.form(SEND, secret="wrong")
    assert (wrong.status, error_of(wrong)[1]) == (403, "SignatureDoesNotMatch")
    assert "The Canonical String for this request should have been" in error_of(wrong)[2]
    stranger = bare.form(SEND, key_id="AKIDEXAMPLE000000009")
    assert (stranger.status, error_of(stranger)[1]) == (403, "InvalidClientTokenId")
    assert (stranger.verdict.key_id, stranger.verdict.signature) == ("AKIDEXAMPLE000000009", "refused")
    old = bare.form(SEND, at=0.0)
    assert error_of(old)[1] == "SignatureDoesNotMatch"
    assert error_of(old)[2].startswith("Signature expired: 19700101T000000Z is now earlier than ")
    assert bare.form(SEND).verdict.key_id == KEY_ID


def test_what_xml_cannot_hold_does_not_break_the_answer() -> None:
    message = error_of(
        DirectFake().form({**BASE, "Action": "a<b>&\x00\ud800\uffff]]>\r\n".encode("utf-8", "replace").decode()})
    )[2]
    assert message.startswith("Could not find operation a<b>&\ufffd?\ufffd]]>\r\n")


NAMES = st.sampled_from(["Source", "Destination", "ToAddresses", "member", "1", "2", "Message", "Subject", "Data",
    "Body", "Text", "Tags", "Name", "Value", "RawMessage", "Template", "TemplateData", "", "x"])  # fmt: skip
PATHS = st.lists(NAMES, min_size=1, max_size=6).map(".".join)


@settings(max_examples=50)
@given(
    st.sampled_from(["SendEmail", "SendRawEmail", "SendBulkTemplatedEmail", "CreateTemplate", "ListIdentities"]),
    st.dictionaries(PATHS, st.text(max_size=8), max_size=12),
)
def test_any_parameters_get_an_answer_of_awss(action: str, parameters: dict[str, str]) -> None:
    clean = {name: value.encode("utf-8", "replace").decode() for name, value in parameters.items()}
    response = DirectFake().form({**clean, **BASE, "Action": action})
    assert response.status in (200, 400)
    if response.status == 400:
        error_of(response)


@given(st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_any_bytes_get_an_answer_of_awss(body: str) -> None:
    assert error_of(DirectFake().form(body))[0] == "Sender"
