"""Who asks, when, with which key and which nonce; and what is no request at all."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gateway.providers.aliyun_sms.fake.settings import Account
from tests.providers.aliyun_sms.direct_fake import DirectFake, guessing
from tests.providers.aliyun_sms.independent_clients import (
    KEY_ID,
    NOW,
    SECRET,
    acs3,
    b64,
    iso,
    made,
    rpc,
    rpc_text,
)

BOTH = pytest.mark.parametrize("client", [acs3, rpc], ids=["acs3", "rpc"])

# --- who, when, which ---------------------------------------------------------------------------------------


@BOTH
def test_an_unknown_action_is_not_found(client: Any) -> None:
    answer = DirectFake().answer(client(action="SendFax"))
    assert (answer.status, answer.code) == (404, "InvalidAction.NotFound")
    assert answer.json["Message"] == "Specified api is not found, please check your url and method."
    assert "SendSms" in answer.verdict.explanation["hint"]


@pytest.mark.parametrize("action", ["AddShortUrl", "CreateSmartTemplate", "sendsms"])
def test_an_operation_that_is_not_there_is_not_found(action: str) -> None:
    assert DirectFake().answer(acs3(action=action)).code == "InvalidAction.NotFound"


def test_an_operation_of_another_version_is_not_found_and_another_version_invalid() -> None:
    globe = acs3(signed={"x-acs-version": "2018-05-01"})
    assert DirectFake().answer(globe).code == "InvalidAction.NotFound"
    answer = DirectFake().answer(rpc(common={"Version": "2016-09-27"}))
    assert (answer.status, answer.code) == (400, "InvalidVersion")
    assert answer.json["Message"] == "Specified parameter Version is not valid."


@BOTH
@pytest.mark.parametrize("skew", [-901, 901, 86_400])
def test_a_stale_or_future_timestamp_is_expired(client: Any, skew: int) -> None:
    answer = DirectFake().answer(client(at=NOW + skew))
    assert (answer.status, answer.code) == (400, "InvalidTimeStamp.Expired")


@BOTH
@pytest.mark.parametrize("skew", [-899, 0, 899])
def test_a_quarter_of_an_hour_is_fresh(client: Any, skew: int) -> None:
    assert DirectFake().answer(client(at=NOW + skew)).code == "OK"


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21 10:20:30",
        "2026-11-21T10:20:30",
        "2026-11-21T10:20:30+08:00",
        "2026-13-21T10:20:30Z",
        "2026-11-21T10:20:61Z",
        "0000-11-21T10:20:30Z",
        "1795256430",
        "２026-11-21T10:20:30Z",
    ],
)
def test_a_timestamp_of_another_format_is_refused_by_name(written: str) -> None:
    answer = DirectFake().answer(rpc(common={"Timestamp": written}))
    assert (answer.status, answer.code) == (400, "InvalidTimeStamp.Format")


@BOTH
def test_a_nonce_is_good_once_for_each_key(client: Any) -> None:
    bare = DirectFake()
    request = client()
    assert bare.answer(request).code == "OK"
    again = bare.answer(request)
    assert (again.status, again.code) == (400, "SignatureNonceUsed")
    assert len(bare.captures.entries) == 1


def test_a_refused_signature_does_not_burn_its_nonce() -> None:
    bare = DirectFake()
    nonce = {"SignatureNonce": "n1"}
    assert bare.answer(rpc(common=nonce, sign=lambda *_: "wrong")).code == "SignatureDoesNotMatch"
    assert bare.answer(rpc(common=nonce)).code == "OK"


def test_a_nonce_is_forgotten_when_its_timestamp_can_no_longer_be_fresh() -> None:
    bare = DirectFake()
    assert bare.settings.nonces.first_use(KEY_ID, "n", NOW)
    assert not bare.settings.nonces.first_use(KEY_ID, "n", NOW + 1799)
    assert bare.settings.nonces.first_use("other", "n", NOW + 1799)
    assert bare.settings.nonces.first_use(KEY_ID, "n", NOW + 1801)


@BOTH
def test_an_unknown_key_is_unverified_in_a_lenient_fake(client: Any) -> None:
    request = acs3(key_id="nobody", secret="x") if client is acs3 else rpc(common={"AccessKeyId": "nobody"})
    bare = DirectFake()
    answer = bare.answer(request)
    assert answer.code == "OK"
    assert (answer.verdict.signature, answer.verdict.key_id) == ("unverified", "nobody")
    assert "nobody" in answer.verdict.explanation["note"]
    assert bare.captures.documents[0]["details"]["signature"] == "unverified"
    assert bare.answer(request).code == "SignatureNonceUsed"


@BOTH
def test_an_unknown_key_is_not_found_in_a_strict_fake(client: Any) -> None:
    request = acs3(key_id="nobody") if client is acs3 else rpc(common={"AccessKeyId": "nobody"})
    answer = DirectFake(strict=True).answer(request)
    assert (answer.status, answer.code) == (404, "InvalidAccessKeyId.NotFound")
    assert answer.json["Message"] == "Specified access key is not found."


def test_freshness_is_checked_for_unknown_keys_too() -> None:
    answer = DirectFake().answer(acs3(key_id="nobody", at=NOW - 5000))
    assert answer.code == "InvalidTimeStamp.Expired"


@BOTH
@pytest.mark.parametrize("strict", [False, True])
def test_a_known_key_with_a_wrong_signature_is_always_refused(client: Any, strict: bool) -> None:
    bare = DirectFake(strict=strict)
    answer = bare.answer(client(sign=lambda *_: "d29ybmc="))
    assert (answer.status, answer.code) == (400, "SignatureDoesNotMatch")
    assert answer.verdict.signature == "refused"
    assert answer.verdict.recipients[0].to == "13800138000"
    assert answer.json["Message"].startswith(
        "Specified signature is not matched with our calculation. server string to sign is:"
    )
    assert bare.captures.entries == []


def test_the_older_sdks_find_exactly_our_string_to_sign_after_the_colon() -> None:
    answer = DirectFake().answer(rpc(sign=lambda *_: "wrong"))
    echoed = answer.json["Message"].split(":")
    assert len(echoed) == 2
    assert echoed[1] == answer.verdict.explanation["stringToSign"]


@pytest.mark.parametrize("echo", ["both", "string_to_sign", "canonical_request"])
def test_what_acs3_clients_are_shown_is_a_setting(echo: Any) -> None:
    answer = DirectFake(guesses=guessing(acs3_echo=echo)).answer(acs3(sign=lambda _: "00"))
    message, found = answer.json["Message"], answer.verdict.explanation
    assert (found["stringToSign"] in message) == (echo != "canonical_request")
    assert (found["canonicalRequest"] in message) == (echo != "string_to_sign")


@pytest.mark.parametrize("unsigned", ["host", "x-acs-date", "x-acs-tag"])
def test_host_and_every_acs_header_must_be_signed(unsigned: str) -> None:
    request = acs3(signed={"x-acs-tag": "1"})
    value = request.header("authorization") or ""
    names = value.partition("SignedHeaders=")[2].partition(",")[0]
    fewer = ";".join(name for name in names.split(";") if name != unsigned)
    headers = [
        (name, text.replace(names, fewer)) if name == "Authorization" else (name, text)
        for name, text in request.headers
    ]
    answer = DirectFake().answer(made(target=request.target, headers=headers))
    assert (answer.status, answer.code) == (400, "IncompleteSignature")
    assert unsigned in answer.verdict.explanation["hint"]
    assert re.fullmatch(
        r"The request signature does not conform to Aliyun standards\. "
        r"server string to sign is:ACS3-HMAC-SHA256\n[0-9a-f]{64}",
        answer.json["Message"],
    )


@pytest.mark.parametrize(
    "authorization",
    [
        f"ACS3-HMAC-SM3 Credential={KEY_ID},SignedHeaders=host,Signature=00",
        f"ACS3-RSA-SHA256 Credential={KEY_ID},SignedHeaders=host,Signature=00",
    ],
)
def test_another_acs3_algorithm_is_an_invalid_signature_method(authorization: str) -> None:
    answer = DirectFake().answer(acs3(authorization=authorization))
    assert (answer.status, answer.code) == (400, "InvalidSignatureMethod")


@pytest.mark.parametrize(("name", "value"), [("SignatureMethod", "HMAC-SHA256"), ("SignatureVersion", "2.0")])
def test_another_method_or_version_of_the_older_scheme_is_invalid(name: str, value: str) -> None:
    assert DirectFake().answer(rpc(common={name: value})).code == f"Invalid{name}"


def test_a_bearer_token_is_refused_with_a_reason() -> None:
    headers = [("Host", "h"), ("x-acs-action", "SendSms"), ("x-acs-bearer-token", "t")]
    answer = DirectFake().answer(made(target="/?SignatureType=BEARERTOKEN", headers=headers))
    assert answer.code == "InvalidSignatureMethod"
    assert "access key" in answer.verdict.explanation["hint"]


# --- temporary keys -----------------------------------------------------------------------------------------

STS = {KEY_ID: Account(KEY_ID, SECRET, "STS.token+/=")}


def with_token(client: Any, token: str | None) -> Any:
    if client is acs3:
        return acs3(signed={"x-acs-security-token": token} if token else {})
    return rpc(common={"SecurityToken": token} if token else {})


@BOTH
@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("STS.token+/=", "OK"),
        ("STS.other", "InvalidSecurityToken.MismatchWithAccessKey"),
        (None, "MissingSecurityToken"),
    ],
)
def test_a_temporary_key_needs_its_own_security_token(client: Any, token: str | None, code: str) -> None:
    assert DirectFake(accounts=STS).answer(with_token(client, token)).code == code


@BOTH
def test_a_token_for_a_key_that_has_none_is_ignored(client: Any) -> None:
    assert DirectFake().answer(with_token(client, "STS.any")).code == "OK"


def test_an_unsigned_security_token_is_refused() -> None:
    answer = DirectFake(accounts=STS).answer(acs3(unsigned=[("x-acs-security-token", "STS.token+/=")]))
    assert answer.code == "IncompleteSignature"


# --- the envelope -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH", "TRACE"])
def test_other_methods_are_refused_in_the_dialect(method: str) -> None:
    answer = DirectFake().answer(acs3(method=method))
    assert (answer.status, answer.code) == (400, "UnsupportedHTTPMethod")


def test_a_browsers_preflight_gets_the_gateways_cors_headers() -> None:
    answer = DirectFake().answer(made(method="OPTIONS", target="/", headers=[]))
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Methods"] == "POST, GET, OPTIONS"


@BOTH
def test_a_body_that_is_too_long_is_a_4xx(client: Any) -> None:
    answer = DirectFake().answer(client(oversized=True))
    assert (answer.status, answer.code) == (413, "RequestBodyTooLarge")


def test_another_path_is_not_found() -> None:
    request = rpc()
    answer = DirectFake().answer(made(target=f"/v1{request.target}", headers=request.headers))
    assert (answer.status, answer.code) == (404, "InvalidApi.NotFound")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SignName=%FF%FE", "InvalidSignName"),
        ("SignName=100%", "InvalidSignName"),
        ("TemplateParam=%zz", "InvalidTemplateParam"),
        ("%FF=1", "InvalidParameter"),
    ],
)
def test_what_is_no_percent_encoded_utf8_is_refused_by_name(query: str, code: str) -> None:
    answer = DirectFake().answer(made(target=f"/?Format=JSON&{query}", headers=[]))
    assert (answer.status, answer.code) == (400, code)
    assert "UTF-8" in answer.verdict.explanation["hint"]


def test_a_repeated_parameter_counts_once_and_all_of_it_is_signed() -> None:
    request = rpc()
    answer = DirectFake().answer(made(target=f"{request.target}&PhoneNumbers=13900139000", headers=request.headers))
    assert answer.code == "SignatureDoesNotMatch"

    def signs_both(method: str, query: Any, form: Any) -> str:
        return b64(f"{SECRET}&", rpc_text(method, [*query, *form, ("PhoneNumbers", "13900139000")]))

    request = rpc(sign=signs_both)
    bare = DirectFake()
    again = made(target=f"{request.target}&PhoneNumbers=13900139000", headers=request.headers)
    assert bare.answer(again).code == "OK"
    assert [document["to"] for document in bare.captures.documents] == ["13800138000"]


def test_the_order_of_the_checks_is_a_setting() -> None:
    order = ("nonce", "version", "action", "access_key", "timestamp", "signature")
    bare = DirectFake(guesses=guessing(check_order=order))
    nonce = {"SignatureNonce": "n1"}
    assert bare.answer(rpc(common=nonce, sign=lambda *_: "wrong")).code == "SignatureDoesNotMatch"
    assert bare.answer(rpc(common=nonce)).code == "SignatureNonceUsed"


def test_the_documented_order_of_the_checks() -> None:
    """Each request has all the later mistakes too."""
    wrong: dict[str, Any] = {"SignatureNonce": "n"}
    bare = DirectFake(strict=True)
    assert bare.answer(rpc(common=wrong)).verdict.accepted
    expected = [
        ("InvalidVersion", {"Version": "x", "Action": "x", "AccessKeyId": "x", "Timestamp": iso(0)}),
        ("InvalidAction.NotFound", {"Action": "x", "AccessKeyId": "x", "Timestamp": iso(0)}),
        ("InvalidAccessKeyId.NotFound", {"AccessKeyId": "x", "Timestamp": iso(0)}),
        ("InvalidTimeStamp.Expired", {"Timestamp": iso(0)}),
        ("SignatureDoesNotMatch", {}),
    ]
    for code, mistakes in expected:
        answer = bare.answer(rpc({}, common={**wrong, **mistakes}, sign=lambda *_: "wrong"))
        assert answer.code == code
    assert bare.answer(rpc({}, common=wrong)).code == "SignatureNonceUsed"
    assert bare.answer(rpc({})).code == "MissingPhoneNumbers"
