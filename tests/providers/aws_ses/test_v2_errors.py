"""What v2 answers to bad input, and faults by AWS's own codes, as boto3 understands them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gateway.core.model import Wire
from gateway.faults.rules import Effect, ProviderError, RawAnswer
from gateway.providers.aws_ses.fake.operations import V2_NATIVE
from gateway.providers.aws_ses.fake.v2.operations import NATIVE
from gateway.providers.aws_ses.fake.v2.other_operations import OTHERS
from gateway.providers.aws_ses.wire.errors import ERRORS
from tests.providers.aws_ses.raw_calls import raw_call, signed_call
from tests.providers.aws_ses.served_fake import SENDER, Served, a_recipient, refused, service_model, simple
from tests.support.tiers import nth_fast

SEND = "/v2/email/outbound-emails"
NULL_CONTENT = (
    "1 validation error detected: Value null at 'content' failed to satisfy constraint: Member must not be null"
)


def with_simple(to: str, **parts: Any) -> dict[str, Any]:
    mail = simple(to)
    mail["Content"]["Simple"].update(parts)
    return mail


# --- addresses, subject, headers, tags


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("ada", "Missing final '@domain'"),
        ("Doe, Jane <jane@example.com>", "Missing final '@domain'"),
        ("ada@", "Missing domain"),
        ("@example.com", "Missing local name"),
        ("ada lovelace@example.com", "Local address contains control or whitespace"),
        ("ada@exam ple.com", "Domain contains control or whitespace"),
        ("ada@example.com\r\nBcc: eve@example.com", "Domain contains control or whitespace"),
        ("Ada\r\nBcc: eve@example.com <ada@example.com>", "Illegal address"),
        ("ädä@example.com", "Local address contains control or whitespace"),
        ("ada@exämple.com", "Domain contains control or whitespace"),
        ("ada@exa_mple.com", "Domain contains illegal character"),
        ("ada@.example.com", "Domain starts with dot"),
        ("ada@example..com", "Domain contains dot-dot"),
        ("ada@example.com.", "Domain ends with dot"),
        ("Ada <ada@example.com", "Missing '>'"),
        ("ada@example.com>", "Missing '<'"),
        ('"Ada <ada@example.com>', "Missing '\"'"),
        ("", "Invalid email address ."),
        ("a(b)@example.com", "Local address contains illegal character"),
    ],
)
def test_a_bad_address_is_refused_in_the_words_of_aws(ses: Any, address: str, text: str) -> None:
    with refused("BadRequestException", 400, text):
        ses.send_email(**simple(address))
    with refused("BadRequestException", 400, text):
        ses.send_email(**{**simple(a_recipient()), "FromEmailAddress": address})
    with refused("BadRequestException", 400, text):
        ses.send_email(**simple(a_recipient(), ReplyToAddresses=[address]))


@pytest.mark.parametrize(
    "address",
    ['"Doe, Jane" <{}>', '"a b"@example.com', "Ünï Cödé <{}>", "a+b/c=d@example.com", "ada@[192.0.2.1]", " {} "],
)
def test_an_odd_address_is_an_address(ses: Any, address: str) -> None:
    ses.send_email(**simple(address.format(a_recipient())))


@pytest.mark.parametrize("subject", ["a\r\nBcc: eve@example.com", "a\nb", "nul\0", "\x1b[31m"])
def test_a_subject_is_one_line(lenient: Served, ses: Any, subject: str) -> None:
    to = a_recipient()
    with refused("BadRequestException", 400):
        ses.send_email(**with_simple(to, Subject={"Data": subject}))
    assert lenient.captures(to) == []


@pytest.mark.parametrize(
    "header",
    [
        {"Name": "X-A", "Value": "a\r\nBcc: eve@example.com"},
        {"Name": "X-A\r\nBcc", "Value": "a"},
        {"Name": "X:A", "Value": "a"},
        {"Name": "X-A", "Value": "é"},
        {"Name": "", "Value": "a"},
        {"Name": "X-A", "Value": "a" * 996},
    ],
)
def test_a_header_is_printable_ascii(ses: Any, header: dict[str, str]) -> None:
    with refused("BadRequestException", 400):
        ses.send_email(**with_simple(a_recipient(), Headers=[header]))


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("", "a", "The tag name must be specified."),
        ("a", "", "The tag value must be specified."),
        ("a b", "a", "Invalid tag name <a b>: only alphanumeric ASCII characters, '_',  '-' are allowed."),
        ("a", "é", "Invalid tag value <é>: only alphanumeric ASCII characters, '_',  '-' , '.', '@' are allowed."),
        ("a" * 256, "a", "Tag name cannot exceed 255 characters."),
    ],
)
def test_a_tag_is_a_plain_word(ses: Any, name: str, value: str, text: str) -> None:
    with refused("BadRequestException", 400, text):
        ses.send_email(**simple(a_recipient(), EmailTags=[{"Name": name, "Value": value}]))


def test_a_mail_has_one_to_fifty_recipients(ses: Any) -> None:
    mail = simple(a_recipient())
    mail["Destination"] = {"ToAddresses": [a_recipient() for _ in range(50)]}
    ses.send_email(**mail)
    mail["Destination"]["BccAddresses"] = [a_recipient()]
    with refused("BadRequestException", 400, "Recipient count exceeds 50."):
        ses.send_email(**mail)
    nobodies: list[dict[str, list[str]] | None] = [{}, {"ToAddresses": []}, None]
    for nobody in nobodies:
        with refused("BadRequestException", 400):
            ses.send_email(**{**mail, "Destination": nobody})


# --- the body


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"Content": None}, "BadRequestException", NULL_CONTENT),
        ({"FromEmailAddress": None}, "BadRequestException", None),
        ({"Content": {}}, "BadRequestException", None),
        ({"Content": {"Simple": {"Subject": {"Data": "x"}, "Body": {}}}}, "BadRequestException", None),
        ({"FromEmailAddress": 3}, "SerializationException", "NUMBER_VALUE can not be converted to a String"),
        ({"FromEmailAddress": True}, "SerializationException", "TRUE_VALUE can not be converted to a String"),
        ({"FromEmailAddress": ["a"]}, "SerializationException", "Start of list found where not expected"),
        ({"Destination": "a@b.example"}, "SerializationException", "Unexpected field type"),
        ({"Destination": {"ToAddresses": "a@b.example"}}, "SerializationException", "Expected list or null"),
        ({"Destination": {"ToAddresses": [1]}}, "SerializationException", None),
        ({"Destination": {"ToAddresses": [None]}}, "SerializationException", None),
        ({"EmailTags": [{"Name": "a"}]}, "BadRequestException", None),
        ({"EmailTags": ["a"]}, "SerializationException", None),
        ({"Content": {"Raw": {"Data": "not base64!"}}}, "SerializationException", None),
        ({"Content": {"Raw": {"Data": "é"}}}, "SerializationException", None),
        ({"Content": {"Raw": {"Data": ""}}}, "BadRequestException", None),
        ({"Content": {"Template": {}}}, "BadRequestException", None),
        ({"Content": {"Template": {"TemplateName": "nope"}}}, "NotFoundException", "Template nope does not exist."),
    ],
)
def test_a_wrong_body_is_refused(
    lenient: Served, region: str, change: dict[str, Any], code: str, text: str | None
) -> None:
    to = a_recipient()
    status, headers, answer = raw_call(lenient, region, "POST", SEND, {**simple(to), **change})
    assert (status, headers["x-amzn-errortype"]) == (404 if code == "NotFoundException" else 400, code)
    message = json.loads(answer)["message"]
    assert message == text if text is not None else isinstance(message, str)
    assert lenient.captures(to) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"FromEmailAddress":"\xff"}',
        b'{"a":NaN}',
        b"[" * 100_000,
        b'{"FromEmailAddress":"\\ud800"}',
        b"{}x",
    ],
)
def test_what_is_no_json_object_gets_an_answer(lenient: Served, region: str, body: bytes) -> None:
    status, headers, answer = raw_call(lenient, region, "POST", SEND, body)
    assert status == 400
    assert headers["x-amzn-errortype"] in ("SerializationException", "BadRequestException")
    assert set(json.loads(answer)) == {"message"}


def test_members_that_nobody_knows_are_ignored(lenient: Served, region: str) -> None:
    to = a_recipient()
    status, _ = signed_call(lenient, region, "POST", SEND, {**simple(to), "Surprise": {"a": [1]}})
    assert (status, len(lenient.captures(to))) == (200, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "code"), [(39 << 20, None), ((40 << 20) + 1, "BadRequestException"), (60 << 20, None)]
)
def test_a_mail_may_have_forty_megabytes(lenient: Served, region: str, size: int, code: str | None) -> None:
    import base64

    to = a_recipient()
    head = f"From: {SENDER}\r\nTo: {to}\r\nSubject: big\r\n\r\n".encode()
    raw = base64.b64encode(head + b"a" * (size - len(head))).decode()
    status, headers, answer = raw_call(lenient, region, "POST", SEND, {"Content": {"Raw": {"Data": raw}}})
    if size > 50 << 20:
        assert (status, headers["x-amzn-errortype"]) == (413, "RequestEntityTooLargeException")
    elif code is None:
        assert (status, len(lenient.captures(to))) == (200, 1)
    else:
        assert (status, headers["x-amzn-errortype"]) == (400, code)
        text = f"Message length is more than 41943040 bytes long: '{size}'."
        assert json.loads(answer)["message"] == text


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00", b"no headers", b"From: a@b.example\n\n", b"To: a@b.example\n\nx", b"\r\n\r\n"]
)
def test_a_raw_mail_without_the_least_is_refused(ses: Any, data: bytes) -> None:
    with refused("BadRequestException", 400):
        ses.send_email(Content={"Raw": {"Data": data}})


def test_a_raw_mail_in_no_charset_arrives(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    ses.send_email(
        Content={"Raw": {"Data": f"From: {SENDER}\nTo: {to}\nSubject: ".encode() + b"\xe9\xff\n\ncod\xe9 246810"}}
    )
    capture = lenient.captures(to)[0]
    assert (capture["subject"], capture["text"]) == ("éÿ", "codé 246810")


# --- operations


def test_every_operation_of_the_service_model_is_native_or_another() -> None:
    model = service_model("sesv2")
    ours = {(row.name, row.method, row.path) for row in NATIVE} | set(OTHERS)
    theirs = set()
    for name in model.operation_names:
        http = model.operation_model(name).http
        theirs.add((name, http["method"], http["requestUri"].removeprefix("/v2/email/").split("?")[0].rstrip("/")))
    # Besides, the older paths of three lists.
    older = {
        ("ListEmailIdentities", "GET", "identities"),
        ("ListConfigurationSets", "GET", "configuration-sets"),
        ("ListContacts", "GET", "contact-lists/{ContactListName}/contacts"),
    }
    assert ours - older == theirs


def test_native_operations_take_the_members_of_the_service_model() -> None:
    """Members that the fake knows are AWS's, and it asks for what AWS asks for."""
    model = service_model("sesv2")
    for row in NATIVE:
        theirs = model.operation_model(row.name).input_shape
        ours = row.shape.types.keys() | row.shape.others.keys()
        assert ours <= theirs.members.keys(), row.name
        assert set(row.shape.required) == set(theirs.required_members), row.name


def test_an_operation_that_is_not_native_is_named(lenient: Served, ses: Any, region: str) -> None:
    with refused("UnknownOperationException", 404):
        ses.list_import_jobs()
    assert lenient.exchange()["operation"] == "ListImportJobs"
    for method, path in (
        ("GET", "/v2/email/nonsense"),
        ("PATCH", SEND),
        ("GET", "/v2/"),
        ("GET", "/v2/email/a/b/c/d"),
    ):
        status, headers, answer = raw_call(lenient, region, method, path)
        assert (status, headers["x-amzn-errortype"]) == (404, "UnknownOperationException")
        assert set(json.loads(answer)) == {"message"}


# --- faults


@pytest.mark.parametrize("code", nth_fast(sorted({row.v2 for row in ERRORS.values()}), 4))
def test_every_error_of_aws_can_be_asked_for(lenient: Served, ses: Any, code: str) -> None:
    row = next(one for one in ERRORS.values() if one.v2 == code)
    to = a_recipient()
    with (
        lenient.fault(Effect(error=ProviderError(code)), recipients=frozenset({to})),
        refused(code, row.v2_status),
    ):
        ses.send_email(**simple(to))
    assert lenient.captures(to) == []
    assert len(lenient.exchange()["faultIds"]) == 1
    ses.send_email(**simple(to))


def test_a_code_of_v1_is_said_in_the_words_of_v2(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    error = ProviderError("Throttling", message="slow down", retry_after=2)
    with lenient.fault(Effect(error=error), recipients=frozenset({to})), pytest.raises(ClientError) as caught:
        ses.send_email(**simple(to))
    assert caught.value.response["Error"] == {"Code": "TooManyRequestsException", "Message": "slow down"}
    assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "2"


def test_a_fault_after_acceptance_leaves_the_mail(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    error = Effect(error=ProviderError("InternalServiceErrorException"))
    with lenient.fault(error, "after", recipients=frozenset({to})), refused("InternalServiceErrorException", 500):
        ses.send_email(**simple(to))
    assert len(lenient.captures(to)) == 1


@pytest.mark.parametrize("operation", nth_fast(["ListContactLists", *sorted(V2_NATIVE)], 6))
def test_a_fault_hits_any_operation(lenient: Served, region: str, operation: str) -> None:
    model = service_model("sesv2").operation_model(operation)
    path = model.http["requestUri"].split("?")[0]
    for name in model.input_shape.members:
        path = path.replace(f"{{{name}}}", "x")
    bodies = {"SendEmail": simple(a_recipient()), "SendBulkEmail": BULK}
    body = {name: value_of(model.input_shape.members[name]) for name in model.input_shape.required_members}
    with lenient.fault(Effect(error=ProviderError("ConflictException", message="no")), operation=operation):
        status, headers, answer = raw_call(lenient, region, model.http["method"], path, bodies.get(operation, body))
    assert (status, headers["x-amzn-errortype"]) == (409, "ConflictException")
    assert json.loads(answer) == {"message": "no"}


BULK = {
    "FromEmailAddress": SENDER,
    "DefaultContent": {"Template": {"TemplateContent": {"Subject": "a", "Text": "b"}}},
    "BulkEmailEntries": [{"Destination": {"ToAddresses": ["a@b.example"]}}],
}


def value_of(shape: Any) -> Any:
    """The least that fits."""
    if shape.type_name == "structure":
        return {name: value_of(shape.members[name]) for name in shape.required_members}
    values = {"list": [], "map": {}, "boolean": True, "integer": 1, "long": 1}
    return values.get(shape.type_name, shape.enum[0] if getattr(shape, "enum", None) else "x")


def test_an_answer_that_aws_would_never_give(lenient: Served, ses: Any) -> None:
    to = a_recipient()
    effect = Effect(
        wire=Wire(latency=0.01), answer=RawAnswer(502, (("Content-Type", "text/html"),), "<h1>bad</h1>")
    )
    with lenient.fault(effect, recipients=frozenset({to})), pytest.raises(ClientError) as caught:
        ses.send_email(**simple(to))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502
