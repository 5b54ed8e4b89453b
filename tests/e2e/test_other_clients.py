"""Aliyun clients in the shapes that other languages give their requests, written as bytes with a signer of our own.

The shapes come from alibaba-cloud-sdk-go, openapi-sdk-php-client, aliyun-openapi-net-sdk, uptime-kuma, easy-sms,
SMS4J, the signature documentation's samples, and from what proxies and probes do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus, urlencode

import pytest

from connector_gateway import Gateway, Recipient
from tests.e2e import accounts, aliyun_sdk
from tests.e2e import independent_signer as signer
from tests.e2e.raw_http import Answer, call, chunked, written

FORM = "application/x-www-form-urlencoded"
AWKWARD = "1 2(3)4'*! ~+/=&%:,号"


def business(phone: Recipient, code: str = AWKWARD) -> dict[str, str]:
    return {
        "PhoneNumbers": phone.digits,
        "SignName": accounts.SIGN_NAME,
        "TemplateCode": accounts.TEMPLATE,
        "TemplateParam": json.dumps({"code": code}, ensure_ascii=False),
    }


def rpc(method: str, phone: Recipient, **more: str) -> dict[str, str]:
    """All parameters, signed for that method."""
    parameters = signer.rpc_parameters(accounts.KEY_ID, "SendSms", {**business(phone), **more})
    return {**parameters, "Signature": signer.rpc_signature(accounts.SECRET, method, parameters)}


def accepted(gateway: Gateway, phone: Recipient, answer: Answer, code: str = AWKWARD) -> None:
    assert (answer.status, answer.code) == (200, "OK")
    assert gateway.code(phone) == code
    assert gateway.exchanges(phone)[0]["signature"] == "valid"


def test_the_signer_agrees_with_the_documentation() -> None:
    for ours, theirs in signer.SAMPLES:
        assert ours == theirs


# --- RPC v1 ---------------------------------------------------------------------------------------------------


def php_urlencode(text: str) -> str:
    """urlencode() of PHP: everything but letters, digits and -_. ; a blank is a plus."""
    return quote_plus(text, safe="").replace("~", "%7E")


def lower_hex(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), signer.encoded(text))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as the documentation says": signer.encoded,
    "in lower-case hex": lower_hex,
    "as PHP's urlencode and Go's QueryEscape": php_urlencode,
    "as JavaScript's encodeURIComponent": lambda text: quote(text, safe="-_.~!*'()"),
    "with as little escaped as possible": lambda text: quote(text, safe="-_.~!*'()/:,;@$?{}\""),
    "with every character escaped": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
}


@pytest.mark.parametrize("place", ["query", "form"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_parameters_count_as_decoded_however_they_are_spelled(gateway: Gateway, spelling: str, place: str) -> None:
    phone, spell = gateway.phone(), SPELLINGS[spelling]
    line = "&".join(f"{name}={spell(value)}" for name, value in rpc("POST", phone).items())
    host = ("Host", aliyun_sdk.address(gateway.url))
    if place == "query":
        [answer] = call(gateway.url, written("POST", f"/?{line}", [host]))
    else:
        [answer] = call(gateway.url, written("POST", "/", [host, ("Content-Type", FORM)], line.encode()))
    accepted(gateway, phone, answer)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({}, "text/xml;charset=utf-8"),
        ({"Format": "XML"}, "text/xml;charset=utf-8"),
        ({"Format": "xml"}, "text/xml;charset=utf-8"),
        ({"Format": "JSON"}, "application/json;charset=utf-8"),
        ({"Format": "json"}, "application/json;charset=utf-8"),
    ],
)
def test_the_default_format_of_rpc_is_xml(gateway: Gateway, asked: dict[str, str], kind: str) -> None:
    """The .NET and PHP clients never ask, or ask in capitals; an Accept header does not count."""
    phone = gateway.phone()
    headers = [("Host", aliyun_sdk.address(gateway.url)), ("Accept", "application/json")]
    [answer] = call(gateway.url, written("GET", f"/?{urlencode(rpc('GET', phone, **asked))}", headers))
    assert answer.headers["content-type"] == kind
    accepted(gateway, phone, answer)
    if "xml" in kind:
        assert answer.body.startswith(b"<?xml version='1.0' encoding='UTF-8'?><SendSmsResponse>")
        assert answer.xml.keys() == {"Message", "RequestId", "BizId", "Code"}


def test_errors_come_in_xml_too(gateway: Gateway) -> None:
    phone = gateway.phone()
    host = [("Host", aliyun_sdk.address(gateway.url))]
    parameters = rpc("GET", phone) | {"Signature": "AAAA"}
    [refused] = call(gateway.url, written("GET", f"/?{urlencode(parameters)}", host))
    assert (refused.status, refused.headers["content-type"]) == (400, "text/xml;charset=utf-8")
    assert refused.body.startswith(b"<?xml version='1.0' encoding='UTF-8'?><Error>")
    assert refused.xml.keys() == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    echo = refused.xml["Message"].partition("server string to sign is:")[2]
    assert echo == signer.rpc_string_to_sign("GET", parameters)
    gateway.fault(to=phone, error="isv.AMOUNT_NOT_ENOUGH")
    [failed] = call(gateway.url, written("GET", f"/?{urlencode(rpc('GET', phone))}", host))
    assert (failed.status, failed.code, failed.xml["Message"]) == (200, "isv.AMOUNT_NOT_ENOUGH", "账户余额不足")


def test_a_timestamp_with_milliseconds_is_good_enough_for_rpc(gateway: Gateway) -> None:
    """uptime-kuma and other scripts send what JavaScript's toISOString() gives, and Aliyun takes it."""
    phone = gateway.phone()
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    form = urlencode(rpc("POST", phone, Format="JSON", Timestamp=stamp)).encode()
    headers = [("Host", "dysmsapi.aliyuncs.com"), ("Content-Type", FORM), ("Accept", "application/json, */*")]
    accepted(gateway, phone, call(gateway.url, written("POST", "/", headers, form))[0])


def test_parameters_may_be_split_between_query_and_form(gateway: Gateway) -> None:
    """SMS4J posts the number and the template's parameters, and has the rest in the URL."""
    phone = gateway.phone()
    parameters = rpc("POST", phone, Format="JSON", RegionId="cn-hangzhou")
    posted = {name: parameters.pop(name) for name in ("PhoneNumbers", "TemplateParam")}
    headers = [("Host", "dysmsapi.aliyuncs.com"), ("content-type", f"{FORM}; charset=UTF-8")]
    request = written("POST", f"/?{urlencode(parameters)}", headers, urlencode(posted).encode())
    accepted(gateway, phone, call(gateway.url, request)[0])


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([("Content-Type", FORM)], b""),
        ([("CONTENT-TYPE", FORM)], b""),
        ([("Content-Type", "application/json; charset=utf-8")], b""),
        ([("Content-Type", "application/json")], b"{}"),
        ([("Content-Type", "application/octet-stream")], b""),
        ([("Content-Type", "text/plain")], b""),
        ([("Content-Type", "")], b""),
        ([("Accept-Encoding", "gzip, deflate, br"), ("Connection", "close")], b""),
        ([("X-Sdk-Client", "Java/2.0.0"), ("X-Acs-Action", "SendSms"), ("X-Acs-Version", "2017-05-25")], b""),
        ([("x-acs-signature-method", "HMAC-SHA1"), ("x-acs-signature-version", "1.0")], b""),
        ([("Authorization", "Basic YTpi"), ("Cookie", "a=b")], b""),
        ([("Expect", "100-continue")], b""),
    ],
)
def test_a_post_with_all_in_the_query_may_have_any_headers(
    gateway: Gateway, headers: list[tuple[str, str]], body: bytes
) -> None:
    phone = gateway.phone()
    target = f"/?{urlencode(rpc('POST', phone, Format='JSON', SignatureType=''))}"
    request = written("POST", target, [("Host", "dysmsapi.aliyuncs.com"), *headers], body)
    accepted(gateway, phone, call(gateway.url, request)[0])


def test_http_1_0_without_a_length_is_answered_and_closed(gateway: Gateway) -> None:
    phone = gateway.phone()
    target = f"/?{urlencode(rpc('GET', phone, Format='JSON'))}"
    request = written("GET", target, [("Host", "dysmsapi.aliyuncs.com")], version="HTTP/1.0")
    [answer] = call(gateway.url, request)
    accepted(gateway, phone, answer)
    assert answer.headers.get("connection") == "close"


def test_a_chunked_form_is_read(gateway: Gateway) -> None:
    phone = gateway.phone()
    form = chunked(urlencode(rpc("POST", phone, Format="JSON")).encode())
    headers = [("Host", "dysmsapi.aliyuncs.com"), ("Content-Type", FORM), ("Transfer-Encoding", "chunked")]
    accepted(gateway, phone, call(gateway.url, written("POST", "/", headers, form, length=False))[0])


def test_one_connection_serves_many_requests(gateway: Gateway) -> None:
    phones = [gateway.phone() for _ in range(3)]
    host = ("Host", "dysmsapi.aliyuncs.com")
    requests = [written("GET", f"/?{urlencode(rpc('GET', phone))}", [host]) for phone in phones]
    for phone, answer in zip(phones, call(gateway.url, *requests), strict=True):
        accepted(gateway, phone, answer)


@pytest.mark.parametrize("target", ["/?{}", "?{}", "/?{}&", "/?&{}", "http://dysmsapi.aliyuncs.com/?{}"])
def test_the_target_may_be_written_in_any_way(gateway: Gateway, target: str) -> None:
    phone = gateway.phone()
    written_target = target.format(urlencode(rpc("GET", phone, Format="JSON")))
    if written_target.startswith("?"):
        written_target = f"http://dysmsapi.aliyuncs.com{written_target}"  # as easy-sms does, through a proxy
    [answer] = call(gateway.url, written("GET", written_target, [("Host", "dysmsapi.aliyuncs.com")]))
    accepted(gateway, phone, answer)


MISTAKES: dict[str, tuple[Callable[[dict[str, str]], str], str]] = {
    "the key without its &": (
        lambda parameters: signer.base64_of_hmac(accounts.SECRET, signer.rpc_string_to_sign("GET", parameters)),
        "the & is missing at the end of the key",
    ),
    "another method": (
        lambda parameters: signer.rpc_signature(accounts.SECRET, "POST", parameters),
        "signed the method POST, but sent GET",
    ),
    "a literal *": (
        lambda parameters: signer.base64_of_hmac(
            f"{accounts.SECRET}&", signer.rpc_string_to_sign("GET", parameters).replace("%252A", "%2A")
        ),
        "leaves * unescaped",
    ),
    "~ escaped": (
        lambda parameters: signer.base64_of_hmac(
            f"{accounts.SECRET}&", signer.rpc_string_to_sign("GET", parameters).replace("~", "%257E")
        ),
        "escapes ~ as %7E",
    ),
    "encodeURIComponent": (
        lambda parameters: signer.base64_of_hmac(f"{accounts.SECRET}&", _javascript(parameters)),
        "leaves * unescaped instead of %2A and leaves ! ' ( ) unescaped",
    ),
    "a parameter left out": (
        lambda parameters: signer.rpc_signature(
            accounts.SECRET, "GET", {name: value for name, value in parameters.items() if name != "SignName"}
        ),
        "the parameter SignName was not signed",
    ),
}


def _javascript(parameters: dict[str, str]) -> str:
    """The string to sign of the scripts that trust encodeURIComponent: it leaves !*'() as they are."""

    def component(text: str) -> str:
        return quote(text, safe="-_.~!*'()")

    line = "&".join(f"{component(name)}={component(parameters[name])}" for name in sorted(parameters))
    return f"GET&%2F&{component(line)}"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_known_way_of_signing_wrongly_is_named_in_the_exchange(gateway: Gateway, mistake: str) -> None:
    phone = gateway.phone()
    sign, sentence = MISTAKES[mistake]
    parameters = signer.rpc_parameters(accounts.KEY_ID, "SendSms", business(phone))
    parameters["Signature"] = sign(parameters)
    [answer] = call(gateway.url, written("GET", f"/?{urlencode(parameters)}", [("Host", "dysmsapi.aliyuncs.com")]))
    assert (answer.status, answer.code) == (400, "SignatureDoesNotMatch")
    assert sentence in gateway.exchanges(phone)[0]["explanation"]["diagnosis"]


# --- probes ---------------------------------------------------------------------------------------------------


def test_options_are_answered_as_aliyun_does_but_not_to_pages(gateway: Gateway) -> None:
    headers = [("Host", "dysmsapi.aliyuncs.com"), ("Access-Control-Request-Method", "POST")]
    page = ("Origin", "https://app.example")
    answer, refused = call(gateway.url, written("OPTIONS", "/", headers), written("OPTIONS", "/", [*headers, page]))
    assert (refused.status, refused.headers.get("access-control-allow-origin")) == (403, None)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST, GET, OPTIONS"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_and_the_connection_lives_on(gateway: Gateway, method: str) -> None:
    phone = gateway.phone()
    host = [("Host", "dysmsapi.aliyuncs.com")]
    probe = written(method, f"/?{urlencode(rpc(method, phone, Format='JSON'))}", host)
    send = written("GET", f"/?{urlencode(rpc('GET', phone, Format='JSON'))}", host)
    refused, answer = call(gateway.url, probe, send)
    assert refused.status == 400
    if method != "HEAD":
        assert refused.code == "UnsupportedHTTPMethod"
    accepted(gateway, phone, answer)


def test_a_request_without_anything_is_told_what_is_missing_first(gateway: Gateway) -> None:
    [answer] = call(gateway.url, written("GET", "/", [("Host", "dysmsapi.aliyuncs.com")]))
    assert (answer.status, answer.code) == (400, "MissingAction")


@pytest.mark.parametrize(
    "name",
    ["Action", "Version", "AccessKeyId", "Timestamp", "SignatureNonce", "Signature", "SignatureMethod"],
)
def test_each_common_parameter_is_asked_for_by_its_name(gateway: Gateway, name: str) -> None:
    parameters = rpc("GET", gateway.phone(), Format="JSON")
    del parameters[name]
    [answer] = call(gateway.url, written("GET", f"/?{urlencode(parameters)}", [("Host", "dysmsapi.aliyuncs.com")]))
    assert (answer.status, answer.code) == (400, f"Missing{name}")
    assert answer.json["Message"] == f"{name} is mandatory for this action."


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"Version": "2016-09-27"}, 400, "InvalidVersion"),
        ({"Action": "SingleSendSms"}, 404, "InvalidAction.NotFound"),
        ({"SignatureMethod": "HMAC-SHA256"}, 400, "InvalidSignatureMethod"),
        ({"Timestamp": "2026-11-21 10:00:00"}, 400, "InvalidTimeStamp.Format"),
        ({"Timestamp": "2017-07-12T02:42:19Z"}, 400, "InvalidTimeStamp.Expired"),
    ],
)
def test_a_common_parameter_that_is_wrong_is_named(
    gateway: Gateway, changed: dict[str, str], status: int, code: str
) -> None:
    parameters = signer.rpc_parameters(
        accounts.KEY_ID, "SendSms", {**business(gateway.phone()), "Format": "JSON", **changed}
    )
    parameters["Signature"] = signer.rpc_signature(accounts.SECRET, "GET", parameters)
    [answer] = call(gateway.url, written("GET", f"/?{urlencode(parameters)}", [("Host", "dysmsapi.aliyuncs.com")]))
    assert (answer.status, answer.code) == (status, code)


def test_answers_have_aliyuns_headers_and_none_of_the_servers(gateway: Gateway) -> None:
    request = written("GET", f"/?{urlencode(rpc('GET', gateway.phone(), Format='JSON'))}", [("Host", "x")])
    [answer] = call(gateway.url, request)
    headers = answer.headers
    assert headers["x-acs-request-id"] == answer.json["RequestId"]
    assert re.fullmatch("[0-9a-f]{32}", headers["x-acs-trace-id"])
    assert headers["access-control-allow-origin"] == "*"
    assert headers["access-control-expose-headers"] == "*"
    assert "server" not in headers
