"""What the gateway accepts and what it misses, and the envelopes in which it says so."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.providers.aliyun_sms.direct_fake import DirectFake
from tests.providers.aliyun_sms.independent_clients import FORM, SEND, acs3, made, rpc

BOTH = pytest.mark.parametrize("client", [acs3, rpc], ids=["acs3", "rpc"])

# --- what is accepted ---------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_signed_request_is_accepted(client: Any, method: str) -> None:
    bare = DirectFake()
    answer = bare.answer(client(method=method))
    assert answer.status == 200
    assert answer.code == "OK"
    assert set(answer.json) == {"Message", "RequestId", "BizId", "Code"}
    assert re.fullmatch("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", answer.json["RequestId"])
    assert re.fullmatch(r"[0-9]{18}\^0", answer.json["BizId"])
    assert answer.headers["X-Acs-Request-Id"] == answer.json["RequestId"]
    assert answer.verdict.signature == "valid"
    assert answer.verdict.capture_ids == tuple(document["id"] for document in bare.captures.documents)


@BOTH
@pytest.mark.parametrize("form", [["*"], ["PhoneNumbers", "TemplateParam"]], ids=["body", "split"])
def test_parameters_may_travel_in_the_body_or_in_both(client: Any, form: list[str]) -> None:
    answer = DirectFake().answer(client(form=SEND if form == ["*"] and client is acs3 else form))
    assert answer.verdict.signature == "valid"
    assert answer.code == "OK"


@BOTH
def test_wire_spellings_of_the_same_parameters_are_one(client: Any) -> None:
    def spelled(pairs: Any) -> str:
        text = "&".join(f"{name}={value}" for name, value in pairs)
        text = text.replace("%", "%25").replace("+", "%2B").replace(" ", "+")
        return text.replace("&", "\0").replace('"', "%22").replace("\0", "&")

    business = {**SEND, "TemplateParam": '{"code":"12 *~(3)\'!"}'}
    answer = DirectFake().answer(client(business, write=spelled))
    assert answer.verdict.signature == "valid", answer.verdict


def test_a_body_of_another_type_is_signed_but_not_read() -> None:
    answer = DirectFake().answer(acs3(body=b'{"a":1}', signed={"content-type": "application/json"}))
    assert answer.code == "OK"


@pytest.mark.parametrize("content_type", ["application/octet-stream", "text/plain", FORM])
def test_an_empty_body_may_have_any_type(content_type: str) -> None:
    assert DirectFake().answer(acs3(unsigned=[("Content-Type", content_type)])).code == "OK"


def test_unsigned_headers_of_the_http_stack_do_not_matter() -> None:
    extra = [("Accept-Encoding", "gzip"), ("Content-Length", "0"), ("Connection", "keep-alive")]
    assert DirectFake().answer(acs3(unsigned=extra)).code == "OK"


def test_the_hash_of_the_body_need_not_be_a_header() -> None:
    assert DirectFake().answer(acs3(signed={"x-acs-content-sha256": None})).code == "OK"


def test_blanks_after_the_commas_of_the_authorization_do_not_matter() -> None:
    request = acs3()
    pairs = tuple(
        (name, value.replace(",", ", ")) if name == "Authorization" else (name, value)
        for name, value in request.headers
    )
    again = made(target=request.target, headers=pairs)
    assert DirectFake().answer(again).code == "OK"


def test_a_repeated_signed_header_is_sorted_and_joined() -> None:
    request = acs3(signed={"x-acs-tag": "a,b"})
    pairs = [pair for pair in request.headers if pair[0] != "x-acs-tag"]
    again = made(target=request.target, headers=[*pairs, ("X-Acs-Tag", "b"), ("x-acs-tag", " a ")])
    assert DirectFake().answer(again).code == "OK"


@pytest.mark.parametrize("uri", ["/", "/fakes/aliyun-sms/", "/fakes/aliyun-sms"])
def test_a_client_with_our_mount_path_may_sign_it_or_leave_it(uri: str) -> None:
    path = uri if uri != "/" else "/fakes/aliyun-sms/"
    request = acs3(uri=uri, sign=lambda canonical: canonical.sign(canonical.text(uri=uri)))
    mounted = made(
        target=path + request.target[1:], headers=request.headers, prefix="/fakes/aliyun-sms", method="POST"
    )
    assert DirectFake().answer(mounted).code == "OK"


@BOTH
def test_a_client_that_takes_us_for_its_proxy_is_understood(client: Any) -> None:
    request = client()
    target = f"http://dysmsapi.aliyuncs.com{request.target}"
    assert DirectFake().answer(made(target=target, headers=request.headers)).code == "OK"


def test_a_proxied_target_without_a_path_is_understood() -> None:
    request = rpc()
    target = f"http://dysmsapi.aliyuncs.com{request.target[1:]}"
    assert DirectFake().answer(made(target=target, headers=request.headers)).code == "OK"


def test_headers_of_an_older_client_do_not_make_its_request_acs3() -> None:
    headers = [("x-acs-action", "SendSms"), ("x-acs-version", "2017-05-25"), ("x-sdk-client", "Node.js")]
    assert DirectFake().answer(rpc(headers=headers)).code == "OK"


# --- what is missing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Action",
        "Version",
        "AccessKeyId",
        "Timestamp",
        "SignatureNonce",
        "Signature",
        "SignatureMethod",
        "SignatureVersion",
    ],
)
def test_a_missing_parameter_of_the_older_scheme_is_named(name: str) -> None:
    answer = DirectFake().answer(rpc(lost=[name]))
    assert (answer.status, answer.code) == (400, f"Missing{name}")
    assert answer.json["Message"] == f"{name} is mandatory for this action."
    assert set(answer.json) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    assert answer.json["HostId"] == "127.0.0.1:4650"
    assert f"Missing{name}" in answer.json["Recommend"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("x-acs-action", "MissingAction"),
        ("x-acs-version", "MissingVersion"),
        ("x-acs-date", "MissingTimestamp"),
        ("x-acs-signature-nonce", "MissingSignatureNonce"),
    ],
)
def test_a_missing_header_of_acs3_is_named(header: str, code: str) -> None:
    answer = DirectFake().answer(acs3(signed={header: None}))
    assert (answer.status, answer.code) == (400, code)
    assert answer.json["Message"] == f"{header} is mandatory for this action."


def test_an_acs3_request_without_authorization_is_told_so() -> None:
    request = acs3()
    headers = [pair for pair in request.headers if pair[0] != "Authorization"]
    answer = DirectFake().answer(made(target=request.target, headers=headers))
    assert answer.code == "MissingAccessKeyId"
    assert answer.json["Message"] == "Authorization is mandatory for this action."
    assert answer.verdict.signature == "absent"


def test_a_request_with_nothing_is_asked_for_its_action() -> None:
    answer = DirectFake().answer(made(method="GET", target="/", headers=[]))
    root = ET.fromstring(answer.response.body)  # noqa: S314 - our own bytes
    assert (root.tag, root.findtext("Code")) == ("Error", "MissingAction")


@BOTH
@pytest.mark.parametrize("name", ["PhoneNumbers", "SignName", "TemplateCode"])
@pytest.mark.parametrize("empty", [False, True], ids=["absent", "empty"])
def test_a_mandatory_parameter_that_is_missing_or_empty_is_named(client: Any, name: str, empty: bool) -> None:
    business = {key: value for key, value in SEND.items() if key != name} | ({name: ""} if empty else {})
    bare = DirectFake()
    answer = bare.answer(client(business))
    assert (answer.status, answer.code) == (400, f"Missing{name}")
    assert answer.json["Message"] == f"{name} is mandatory for this action."
    assert answer.verdict.signature == "valid"
    assert bare.captures.entries == []


def test_mandatory_parameters_are_asked_for_one_by_one() -> None:
    asked = []
    business: dict[str, str] = {}
    for name in ("PhoneNumbers", "SignName", "TemplateCode"):
        asked.append(DirectFake().answer(rpc(business)).code)
        business[name] = SEND[name]
    assert asked == ["MissingPhoneNumbers", "MissingSignName", "MissingTemplateCode"]
    assert DirectFake().answer(rpc(business)).code == "OK"


def test_parameters_in_a_json_body_are_not_there_and_the_answer_says_why() -> None:
    headers = [("Host", "h"), ("Content-Type", "application/json")]
    answer = DirectFake().answer(made(target="/?Format=JSON", headers=headers, body=b'{"Action":"SendSms"}'))
    assert answer.code == "MissingAction"
    assert "The body was not read: its Content-Type is application/json" in answer.json["Message"]


# --- format -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["json", "JSON", "Json"])
def test_the_older_scheme_answers_json_when_asked_in_any_case(asked: str) -> None:
    assert DirectFake().answer(rpc(common={"Format": asked})).code == "OK"


@pytest.mark.parametrize("asked", [None, "xml", "XML"])
def test_the_older_scheme_answers_xml_otherwise(asked: str | None) -> None:
    answer = DirectFake().answer(rpc(common={"Format": asked}))
    assert answer.headers["Content-Type"] == "text/xml;charset=utf-8"
    root = ET.fromstring(answer.response.body)  # noqa: S314 - our own bytes
    assert root.tag == "SendSmsResponse"
    assert [child.tag for child in root] == ["Message", "RequestId", "BizId", "Code"]


def test_errors_of_the_older_scheme_are_xml_too_without_a_format() -> None:
    answer = DirectFake().answer(rpc({}, common={"Format": None}))
    root = ET.fromstring(answer.response.body)  # noqa: S314 - our own bytes
    assert (root.tag, root.findtext("Code")) == ("Error", "MissingPhoneNumbers")
    assert answer.headers["Content-Type"] == "text/xml;charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", "application/json;charset=utf-8"),
        ("*/*", "application/json;charset=utf-8"),
        ("application/xml", "text/xml;charset=utf-8"),
    ],
)
def test_acs3_answers_json_unless_it_is_asked_for_xml(accept: str, content_type: str) -> None:
    assert DirectFake().answer(acs3(signed={"accept": accept})).headers["Content-Type"] == content_type


def test_an_unknown_format_is_refused() -> None:
    answer = DirectFake().answer(rpc(common={"Format": "yaml"}))
    assert answer.status == 400
    assert b"InvalidParameter.Format" in answer.response.body
