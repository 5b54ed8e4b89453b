"""ACS3 clients in the shapes that other languages give their requests, written as bytes with a signer of our own.

The shapes come from the Tea SDKs for Go, Java, PHP and C# (they sign host, content-type and x-acs-*), the Aliyun
CLI, and from scripts written after the documentation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from connector_gateway import Gateway, Recipient
from tests.e2e import accounts, aliyun_sdk
from tests.e2e import independent_signer as signer
from tests.e2e.raw_http import Answer, call, chunked, written

FORM = "application/x-www-form-urlencoded"
AWKWARD = "1 2(3)4'*! ~+/=&%:,号"


def business(phone: Recipient, code: str = AWKWARD) -> list[tuple[str, str]]:
    return [
        ("PhoneNumbers", phone.digits),
        ("SignName", accounts.SIGN_NAME),
        ("TemplateCode", accounts.TEMPLATE),
        ("TemplateParam", json.dumps({"code": code}, ensure_ascii=False)),
    ]


def request(
    host: str,
    query: list[tuple[str, str]],
    *,
    method: str = "POST",
    body: bytes = b"",
    signed: Mapping[str, str | None] | None = None,
    unsigned: list[tuple[str, str]] | None = None,
    **how: Any,
) -> bytes:
    """A signed request. ``signed``: headers to sign too, None leaves one of the usual ones away."""
    given = {**signer.acs3_headers(host, "SendSms", body), **(signed or {})}
    headers = {name: value for name, value in given.items() if value is not None}
    canonical = signer.acs3_canonical(method, query, headers, body, how.get("signed_uri", "/"))
    key_id, secret = how.get("credentials", (accounts.KEY_ID, accounts.SECRET))
    separator = how.get("separator", ",")
    authorization = signer.acs3_authorization(key_id, secret, canonical, headers, separator)
    rename = how.get("rename", str)
    return written(
        method,
        f"{how.get('path', '/')}?{signer.wire(query)}" if query else how.get("path", "/"),
        [*((rename(name), value) for name, value in headers.items()), ("Authorization", authorization)]
        + (unsigned or []),
        how.get("sent_body", body),
        length=how.get("length", True),
    )


def accepted(gateway: Gateway, phone: Recipient, answer: Answer, code: str = AWKWARD) -> None:
    assert (answer.status, answer.code) == (200, "OK")
    assert gateway.code(phone) == code
    assert gateway.exchanges(phone)[0]["signature"] == "valid"


def refused(gateway: Gateway, phone: Recipient, answer: Answer, code: str, status: int = 400) -> dict[str, Any]:
    """The explanation of the exchange."""
    assert (answer.status, answer.code) == (status, code)
    assert gateway.captures(phone) == []
    explanation: dict[str, Any] = gateway.exchanges(phone)[0]["explanation"]
    return explanation


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("rename", [str, str.upper, str.title])
def test_headers_may_be_in_any_case(gateway: Gateway, method: str, rename: Any) -> None:
    phone = gateway.phone()
    sent = request("dysmsapi.aliyuncs.com", business(phone), method=method, rename=rename)
    accepted(gateway, phone, call(gateway.url, sent)[0])


@pytest.mark.parametrize("separator", [",", ", ", " , "])
def test_authorization_may_have_blanks_after_its_commas(gateway: Gateway, separator: str) -> None:
    phone = gateway.phone()
    sent = request(aliyun_sdk.address(gateway.url), business(phone), separator=separator)
    accepted(gateway, phone, call(gateway.url, sent)[0])


def test_the_parameters_of_send_sms_may_travel_in_a_form(gateway: Gateway) -> None:
    """What the generic CallApi of the Tea SDKs does with ``reqBodyType: formData``, and newer code generators."""
    phone = gateway.phone()
    body = signer.wire(business(phone)).encode()
    sent = request("dysmsapi.aliyuncs.com", [], body=body, signed={"content-type": FORM})
    accepted(gateway, phone, call(gateway.url, sent)[0])


def test_a_form_may_be_chunked_and_its_type_unsigned(gateway: Gateway) -> None:
    phone = gateway.phone()
    body = signer.wire(business(phone)).encode()
    sent = request(
        "dysmsapi.aliyuncs.com",
        [],
        body=body,
        unsigned=[("Content-Type", FORM), ("Transfer-Encoding", "chunked")],
        sent_body=chunked(body),
        length=False,
    )
    accepted(gateway, phone, call(gateway.url, sent)[0])


@pytest.mark.parametrize(
    "unsigned",
    [
        [("Content-Type", "application/octet-stream")],
        [("Content-Type", "application/json; charset=utf-8")],
        [("Content-Type", FORM)],
        [("Accept-Encoding", "gzip, deflate, br"), ("Accept", "*/*")],
        [("Connection", "close")],
        [("Connection", "Keep-Alive"), ("Via", "1.1 proxy"), ("X-Forwarded-For", "192.0.2.7")],
    ],
)
def test_headers_that_the_http_stack_adds_do_not_matter(gateway: Gateway, unsigned: list[tuple[str, str]]) -> None:
    phone = gateway.phone()
    sent = request(aliyun_sdk.address(gateway.url), business(phone), unsigned=unsigned)
    accepted(gateway, phone, call(gateway.url, sent)[0])


def test_an_empty_json_body_is_a_body_like_any_other(gateway: Gateway) -> None:
    phone = gateway.phone()
    sent = request(
        "dysmsapi.aliyuncs.com", business(phone), body=b"{}", signed={"content-type": "application/json"}
    )
    accepted(gateway, phone, call(gateway.url, sent)[0])


def test_the_hash_of_the_body_may_be_left_to_the_server(gateway: Gateway) -> None:
    """Without x-acs-content-sha256 the signature still holds the hash."""
    phone = gateway.phone()
    sent = request("dysmsapi.aliyuncs.com", business(phone), signed={"x-acs-content-sha256": None})
    accepted(gateway, phone, call(gateway.url, sent)[0])


@pytest.mark.parametrize(
    "signed",
    [
        {"accept": "application/json", "user-agent": "AlibabaCloud (linux; amd64) Golang/1.22 Core/0.01 TeaDSL/1"},
        {"accept": "application/json", "content-type": "application/json; charset=utf-8"},
        {"x-acs-credentials-provider": "static_ak", "x-acs-signature-method": "HMAC-SHA1"},
        {"x-acs-retry-attempts": "1", "x-acs-retry-delay": "200"},
        {"x-acs-signature-nonce": "0" * 64},
        {"x-sdk-client": "  two   blanks  inside "},
    ],
)
def test_whatever_else_a_client_signs_counts(gateway: Gateway, signed: dict[str, str]) -> None:
    phone = gateway.phone()
    if "x-acs-signature-nonce" in signed:
        signed = {"x-acs-signature-nonce": f"{signed['x-acs-signature-nonce']}{phone.digits}"}
    sent = request(aliyun_sdk.address(gateway.url), business(phone), signed=signed)
    accepted(gateway, phone, call(gateway.url, sent)[0])


@pytest.mark.parametrize("signed_uri", ["/", "/fakes/aliyun-sms/"])
def test_a_client_with_the_mount_path_may_sign_it_or_not(gateway: Gateway, signed_uri: str) -> None:
    phone = gateway.phone()
    sent = request(
        aliyun_sdk.address(gateway.url), business(phone), path="/fakes/aliyun-sms/", signed_uri=signed_uri
    )
    accepted(gateway, phone, call(gateway.url, sent)[0])


def test_a_client_that_accepts_xml_gets_it(gateway: Gateway) -> None:
    """The Aliyun CLI can ask ACS3 for XML; without such a wish the answer is JSON."""
    phone = gateway.phone()
    sent = request("dysmsapi.aliyuncs.com", [*business(phone), ("Format", "XML")])
    [answer] = call(gateway.url, sent)
    assert answer.headers["content-type"] == "text/xml;charset=utf-8"
    accepted(gateway, phone, answer)
    [plain] = call(gateway.url, request("dysmsapi.aliyuncs.com", business(phone)))
    assert plain.headers["content-type"] == "application/json;charset=utf-8"


@pytest.mark.parametrize("header", ["x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"])
def test_each_header_that_acs3_needs_is_asked_for(gateway: Gateway, header: str) -> None:
    phone = gateway.phone()
    sent = request("dysmsapi.aliyuncs.com", business(phone), signed={header: None})
    [answer] = call(gateway.url, sent)
    names = {"x-acs-date": "Timestamp", "x-acs-signature-nonce": "SignatureNonce"}
    word = names.get(header, header.removeprefix("x-acs-").capitalize())
    assert (answer.status, answer.code) == (400, f"Missing{word}")
    assert header in answer.json["Message"]


@pytest.mark.parametrize(
    ("stamp", "code"),
    [
        ("20261121T102030Z", "InvalidTimeStamp.Format"),
        ("Sat, 21 Nov 2026 10:20:30 GMT", "InvalidTimeStamp.Format"),
        ("2023-10-26T10:22:32Z", "InvalidTimeStamp.Expired"),
    ],
)
def test_a_date_of_another_format_or_day_is_refused(gateway: Gateway, stamp: str, code: str) -> None:
    phone = gateway.phone()
    sent = request("dysmsapi.aliyuncs.com", business(phone), signed={"x-acs-date": stamp})
    refused(gateway, phone, call(gateway.url, sent)[0], code)


def test_every_acs_header_and_the_host_must_be_signed(gateway: Gateway) -> None:
    phone = gateway.phone()
    loose = request("dysmsapi.aliyuncs.com", business(phone), unsigned=[("x-acs-security-token", "slipped in")])
    explanation = refused(gateway, phone, call(gateway.url, loose)[0], "IncompleteSignature")
    assert "x-acs-security-token" in explanation["hint"]
    hostless = request(
        "dysmsapi.aliyuncs.com",
        business(phone),
        signed={"host": None},
        unsigned=[("Host", "dysmsapi.aliyuncs.com")],
    )
    explanation = refused(gateway, phone, call(gateway.url, hostless)[0], "IncompleteSignature")
    assert "host" in explanation["hint"]


# --- diagnoses ------------------------------------------------------------------------------------------------


def test_a_host_that_changed_on_the_way_is_named(gateway: Gateway) -> None:
    """The mistake of whoever signs for Aliyun's name and sends to the gateway's, with a Host of its own."""
    phone = gateway.phone()
    signed = request("dysmsapi.aliyuncs.com", business(phone))
    arrived = signed.replace(b"host: dysmsapi.aliyuncs.com", f"host: {aliyun_sdk.address(gateway.url)}".encode())
    explanation = refused(gateway, phone, call(gateway.url, arrived)[0], "SignatureDoesNotMatch")
    assert "signed the host dysmsapi.aliyuncs.com" in explanation["diagnosis"]


def test_a_body_that_changed_on_the_way_is_named(gateway: Gateway) -> None:
    phone = gateway.phone()
    body = signer.wire(business(phone)).encode()
    sent = request(
        "dysmsapi.aliyuncs.com", [], body=body, signed={"content-type": FORM}, sent_body=body + b"&OutId=1"
    )
    explanation = refused(gateway, phone, call(gateway.url, sent)[0], "SignatureDoesNotMatch")
    assert "the body that arrived is not the one that was signed" in explanation["diagnosis"]


def test_signing_the_form_as_if_it_were_the_query_is_named(gateway: Gateway) -> None:
    """In RPC the form is part of what is signed by name; in ACS3 only its hash is."""
    phone = gateway.phone()
    pairs = business(phone)
    body = signer.wire(pairs).encode()
    headers = {**signer.acs3_headers("dysmsapi.aliyuncs.com", "SendSms", body), "content-type": FORM}
    canonical = signer.acs3_canonical("POST", pairs, headers, body)
    authorization = signer.acs3_authorization(accounts.KEY_ID, accounts.SECRET, canonical, headers)
    sent = written("POST", "/", [*headers.items(), ("Authorization", authorization)], body)
    explanation = refused(gateway, phone, call(gateway.url, sent)[0], "SignatureDoesNotMatch")
    assert "the parameters of the body were put into the canonical query" in explanation["diagnosis"]


def test_the_rpc_habit_of_an_ampersand_after_the_secret_is_named(gateway: Gateway) -> None:
    phone = gateway.phone()
    sent = request("dysmsapi.aliyuncs.com", business(phone), credentials=(accounts.KEY_ID, f"{accounts.SECRET}&"))
    explanation = refused(gateway, phone, call(gateway.url, sent)[0], "SignatureDoesNotMatch")
    assert "&" in explanation["diagnosis"]


def test_our_canonical_request_is_the_one_that_the_documentation_describes(gateway: Gateway) -> None:
    """The client's developer compares line by line: ours must be what a right signer writes."""
    phone = gateway.phone()
    query = business(phone)
    headers = signer.acs3_headers("dysmsapi.aliyuncs.com", "SendSms")
    canonical = signer.acs3_canonical("POST", query, headers)
    authorization = signer.acs3_authorization(accounts.KEY_ID, "wrong", canonical, headers)
    sent = written("POST", f"/?{signer.wire(query)}", [*headers.items(), ("Authorization", authorization)])
    [answer] = call(gateway.url, sent)
    assert refused(gateway, phone, answer, "SignatureDoesNotMatch")["canonicalRequest"] == canonical
    assert canonical in answer.json["Message"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("ACS3-HMAC-SM3 Credential=a,SignedHeaders=host,Signature=00", "InvalidSignatureMethod"),
        ("ACS3-HMAC-SHA256 Credential=a", "MissingSignature"),
        ("ACS3-HMAC-SHA256", "MissingAccessKeyId"),
        ("ACS3-HMAC-SHA256 Credential=,SignedHeaders=,Signature=", "MissingAccessKeyId"),
        ("acs LTAIexample:c2lnbmF0dXJl", "MissingAccessKeyId"),
        ("Bearer whatever", "MissingAccessKeyId"),
    ],
)
def test_an_authorization_that_cannot_be_read_is_refused_not_crashed(
    gateway: Gateway, value: str, code: str
) -> None:
    headers = [*signer.acs3_headers("dysmsapi.aliyuncs.com", "SendSms").items(), ("Authorization", value)]
    [answer] = call(gateway.url, written("POST", f"/?{signer.wire(business(gateway.phone()))}", headers))
    assert (answer.status, answer.code) == (400, code)
