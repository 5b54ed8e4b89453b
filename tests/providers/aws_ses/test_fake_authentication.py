"""Who asks, and is it really they. The judge is botocore's own signer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.model import Request
from gateway.providers.aws_ses.fake import diagnose as diagnosing
from gateway.providers.aws_ses.fake.caller import host_region
from gateway.providers.aws_ses.wire import sigv4
from tests.providers.aws_ses.signed_requests import (
    HOST,
    KEY_ID,
    NOW,
    SECRET,
    URL,
    Key,
    Settings,
    accepted,
    caller_of,
    judged,
    recordings,
    refused,
    replayed,
    signed,
    with_authorization,
)

RECORDINGS = pytest.mark.parametrize("recording", recordings(), ids=lambda recording: recording["name"])
LENIENT = Settings(strict=False)


@RECORDINGS
def test_a_recorded_request_verifies(recording: dict[str, Any]) -> None:
    caller = accepted(replayed(recording))
    assert caller.verdict == "valid"
    assert caller.canonical_request == recording["canonical_request"]
    assert caller.string_to_sign == recording["string_to_sign"]
    assert (caller.key_id, caller.region) == (KEY_ID, "us-east-1")


@RECORDINGS
@pytest.mark.parametrize("flip", [1, 0x20, 0x80], ids=["bit0", "case", "high"])
def test_a_changed_byte_anywhere_refuses_the_request(
    recording: dict[str, Any], flip: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosing, "diagnose", lambda *_: {})  # hundreds of refusals: none needs its reason
    request = replayed(recording)
    tried = 0
    for changed in changes(request, flip):
        if meaning(changed) == meaning(request):
            continue  # a blank at the end of a header
        tried += 1
        assert judged(changed)[1] is not None, (changed.target, changed.body, changed.headers)
    assert tried > 300


def changes(request: Request, flip: int) -> Iterator[Request]:
    """The request with one byte of target, body or a signed header changed, for every such byte."""
    for at in range(1, len(request.target)):
        yield replace(request, target=flipped(request.target, at, flip))
    for at in range(len(request.body)):
        body = bytearray(request.body)
        body[at] ^= flip
        yield replace(request, body=bytes(body))
    for index, (name, value) in enumerate(request.headers):
        if name.lower() not in ("authorization", "content-type", "host", "x-amz-date"):
            continue
        for at in range(len(value)):
            pairs = list(request.headers)
            pairs[index] = (name, flipped(value, at, flip))
            yield replace(request, headers=tuple(pairs))


def flipped(text: str, at: int, flip: int) -> str:
    """As a server would decode the changed bytes."""
    raw = bytearray(text.encode())
    raw[at] ^= flip
    return raw.decode("utf-8", "surrogateescape")


def meaning(request: Request) -> object:
    caller = caller_of(request)
    return caller.path, caller.raw_query, request.body, caller.headers


@pytest.mark.parametrize(
    "url",
    [
        f"{URL}/",
        f"{URL}/v2/email/identities/a%2Bb%40example.com",
        f"{URL}/v2/email/identities/%E9%98%BF%20~'()",
        f"{URL}/fakes/aws-ses/v2/email/account",
        f"{URL}//v2/./email//account",
        f"{URL}/v2/email/templates?PageSize=10&NextToken=a%2Fb%3D&empty=&a=%20",
        "http://email.eu-west-1.amazonaws.com/v2/email/account",
    ],
)
@pytest.mark.parametrize("presigned", [None, 60], ids=["header", "presigned"])
@pytest.mark.parametrize("token", [None, "Fwo/token+=="], ids=["plain", "token"])
def test_what_botocore_signs_verifies(url: str, presigned: int | None, token: str | None) -> None:
    settings = Settings(accounts={KEY_ID: Key(security_token=token)})
    region = "eu-west-1" if "eu-west-1" in url else "us-east-1"
    one = signed("GET", url, b"", presigned=presigned, token=token, region=region)
    assert accepted(one, settings).verdict == "valid"
    assert accepted(one, replace(settings, strict=False)).region == region


def test_a_presigned_form_keeps_its_parameters_in_the_query() -> None:
    one = signed("GET", f"{URL}/?Action=GetSendQuota&Version=2010-12-01", b"", presigned=60)
    assert accepted(one).verdict == "valid"
    assert refused(replace(one, target=one.target.replace("Quota", "Quote"))).code == "SignatureDoesNotMatch"
    assert refused(replace(one, body=b"x")).code == "SignatureDoesNotMatch"


def test_headers_with_blanks_and_repeated_ones_are_folded() -> None:
    one = signed(headers={"Content-Type": "application/json", "X-Amz-Meta": "a   b", "X-Other": " x "})
    assert accepted(one).verdict == "valid"


def test_a_proxy_may_put_our_mount_path_before_the_one_that_was_signed() -> None:
    one = signed("GET", f"{URL}/v2/email/account", b"")
    moved = replace(one, target=f"/fakes/aws-ses{one.target}", prefix="/fakes/aws-ses")
    assert accepted(moved).verdict == "valid"
    assert "\n/v2/email/account\n" in accepted(moved).canonical_request


def test_a_signed_hash_of_the_body_is_compared_with_the_body() -> None:
    right = sigv4.payload_hash(b"{}")
    sent = {"Content-Type": "application/json", "X-Amz-Content-SHA256": right}
    assert accepted(signed(body=b"{}", headers=sent)).verdict == "valid"
    changed = refused(replace(signed(body=b"{}", headers=sent), body=b"{ }"))
    assert changed.explanation["diagnosis"].startswith("the body was changed after signing")
    unsigned = signed(body=b"{}", headers={**sent, "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    assert "UNSIGNED-PAYLOAD" in refused(unsigned).explanation["diagnosis"]
    # botocore trusts the header: it signs whatever hash is there, right or wrong.
    wrong = signed(body=b"{}", headers={**sent, "X-Amz-Content-SHA256": sigv4.EMPTY_HASH})
    assert refused(wrong).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(("named", "valid"), [(b"{}", True), (b"{ }", False)], ids=["right", "wrong"])
def test_a_valid_signature_does_not_excuse_a_signed_hash_of_another_body(named: bytes, valid: bool) -> None:
    headers = {"Content-Type": "application/json", "X-Amz-Content-SHA256": sigv4.payload_hash(named)}
    one = signed(body=b"{}", headers=headers)
    caller, _ = judged(one)
    claim = caller.claim
    assert claim is not None
    # Over the hash of the body that is sent: botocore signs the hash of the header.
    signature = sigv4.signature(SECRET, claim.scope, caller.string_to_sign)
    assert (signature == claim.signature) == valid
    _, refusal = judged(with_authorization(one, lambda value: value.replace(claim.signature, signature)))
    if valid:
        assert refusal is None
    else:
        assert refusal is not None
        assert refusal.code == "SignatureDoesNotMatch"
        assert refusal.explanation["diagnosis"].startswith("x-amz-content-sha256 is not the hash of the body")


def test_an_unknown_key_is_unverified_where_the_fake_is_lenient() -> None:
    one = signed(key_id="AKIDEXAMPLE000000009")
    assert accepted(one, LENIENT).verdict == "unverified"
    found = refused(one)
    assert (found.code, found.message) == (
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    )
    assert "AKIDEXAMPLE000000009" in found.hint


def test_a_known_key_must_sign_rightly_also_where_the_fake_is_lenient() -> None:
    assert refused(signed(secret="wrong"), LENIENT).code == "SignatureDoesNotMatch"


def test_a_signature_that_does_not_match_shows_what_should_have_been_signed() -> None:
    one = signed(secret="wrong")
    found = refused(one)
    caller, _ = judged(one)
    assert found.message == (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
        "Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for "
        f"this request should have been\n'{caller.canonical_request}'\n\nThe String-to-Sign should have been\n"
        f"'{caller.string_to_sign}'\n"
    )
    assert "Canonical" not in refused(one, Settings(echo=False)).message


@pytest.mark.parametrize("presigned", [None, 900], ids=["header", "presigned"])
def test_a_signature_holds_for_fifteen_minutes(presigned: int | None) -> None:
    one = signed(presigned=presigned, at=NOW - 900)
    assert accepted(one).verdict == "valid"
    found = refused(replace(one, received_at=NOW + 1))
    assert found.code == "SignatureDoesNotMatch"
    assert found.message == (
        "Signature expired: 20261121T100530Z is now earlier than 20261121T100531Z (20261121T102031Z - 15 min.)"
    )


def test_a_signature_may_be_five_minutes_ahead() -> None:
    assert accepted(signed(at=NOW + 300)).verdict == "valid"
    assert refused(signed(at=NOW + 301)).message == (
        "Signature not yet current: 20261121T102531Z is still later than 20261121T102530Z "
        "(20261121T102030Z + 5 min.)"
    )


def test_a_signature_is_for_ses_and_for_the_region_of_the_host() -> None:
    assert refused(signed(service="email")).message == "Credential should be scoped to correct service: 'ses'. "
    regional = signed("GET", "http://email.eu-west-1.amazonaws.com/v2/email/account", b"")
    found = refused(regional, LENIENT)
    assert found.message == "Credential should be scoped to a valid region, not 'us-east-1'. "
    assert "eu-west-1" in found.hint
    assert accepted(signed(region="local"), LENIENT).region == "local"
    assert refused(signed(region="local")).message == "Credential should be scoped to a valid region, not 'local'. "


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("email.eu-west-1.amazonaws.com", "eu-west-1"),
        ("EMAIL-FIPS.us-gov-west-1.amazonaws.com:443", "us-gov-west-1"),
        ("email.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("email.us-east-2.api.aws", "us-east-2"),
        ("vpce-0a1b-c2.email.us-east-1.vpce.amazonaws.com", "us-east-1"),
        ("email-smtp.us-east-1.amazonaws.com", ""),
        ("127.0.0.1:4650", ""),
        ("email." + "a" * 200 + ".amazonaws.com", ""),
    ],
)
def test_a_host_of_ses_says_its_region(host: str, region: str) -> None:
    assert host_region(host) == region


@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        ("/aws4_request", "/aws4", "SignatureDoesNotMatch", "valid terminator: 'aws4_request', not 'aws4'"),
        ("/20261121/", "/20261120/", "SignatureDoesNotMatch", "'20261120' != '20261121', from '20261121T102030Z'"),
        ("/us-east-1", "", "IncompleteSignature", "exactly 5 slash-delimited elements"),
        ("host;", "", "SignatureDoesNotMatch", "'Host' or ':authority' must be a 'SignedHeader'"),
        (
            "SignedHeaders=",
            "Signed=",
            "IncompleteSignature",
            "Authorization header requires 'SignedHeaders' parameter. ",
        ),
        ("Credential=", "Cred=", "IncompleteSignature", "Authorization header requires 'Credential' parameter. "),
        ("Signature=", "Sig=", "IncompleteSignature", "Authorization header requires 'Signature' parameter. "),
        ("Signature=", "", "IncompleteSignature", "Invalid key=value pair (missing equal-sign)"),
        (
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA1",
            "IncompleteSignature",
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'",
        ),
        ("AWS4-HMAC-SHA256", "Basic", "IncompleteSignature", "requires 'Credential' parameter. "),
    ],
)
def test_what_is_missing_or_wrong_is_named(old: str, new: str, code: str, text: str) -> None:
    for settings in (Settings(), LENIENT):
        found = refused(with_authorization(signed(), lambda value: value.replace(old, new)), settings)
        assert found.code == code
        assert text in found.message
        assert found.hint


def test_a_request_without_a_signature_has_no_token() -> None:
    one = signed()
    bare = replace(one, headers=(("Host", HOST),))
    caller, found = judged(bare, LENIENT)
    assert found is not None
    assert (found.code, found.message, caller.verdict) == (
        "MissingAuthenticationToken",
        "Missing Authentication Token",
        "absent",
    )


def test_a_client_of_the_old_signature_is_told_so() -> None:
    old = (
        "X-Amzn-Authorization",
        "AWS3-HTTPS AWSAccessKeyId=AKIDEXAMPLE000000001,Algorithm=HmacSHA256,Signature=x",
    )
    found = refused(replace(signed(), headers=(("Host", HOST), old)))
    assert found.code == "MissingAuthenticationToken"
    assert "Version 3" in found.hint


def test_a_date_is_mandatory_and_must_be_one() -> None:
    one = signed()
    undated = replace(one, headers=tuple(pair for pair in one.headers if pair[0] != "X-Amz-Date"))
    assert "requires existence of either a 'X-Amz-Date' or a 'Date' header. " in refused(undated).message
    for wrong in ("2026-11-21T10:20:30Z", "20261321T102030Z", "today"):
        pairs = tuple((name, wrong if name == "X-Amz-Date" else value) for name, value in one.headers)
        found = refused(replace(one, headers=pairs))
        assert found.message.startswith(f"Date must be in ISO-8601 'basic format'. Got '{wrong}'.")


@pytest.mark.parametrize("name", ["Algorithm", "Credential", "Date", "SignedHeaders", "Signature"])
def test_a_presigned_request_names_the_part_that_is_missing(name: str) -> None:
    one = signed("GET", f"{URL}/", b"", presigned=60)
    kept = [pair for pair in one.target.partition("?")[2].split("&") if not pair.startswith(f"X-Amz-{name}=")]
    found = refused(replace(one, target=f"/?{'&'.join(kept)}"))
    assert found.message == (
        f"AWS query-string parameters must include 'X-Amz-{name}'. Re-examine the query-string parameters."
    )


@pytest.mark.parametrize("seconds", ["0", "604801", "-1", "x", "9" * 5000])
def test_a_presigned_request_holds_a_week_at_most(seconds: str) -> None:
    one = signed("GET", f"{URL}/", b"", presigned=60)
    found = refused(replace(one, target=one.target.replace("Expires=60", f"Expires={seconds}")))
    assert "between 1 and 604800" in found.message


@pytest.mark.parametrize(
    ("registered", "sent", "strict", "fine"),
    [
        ("tok", "tok", True, True),
        ("tok", "other", False, False),
        ("tok", None, False, False),
        (None, "tok", True, False),
        (None, "tok", False, True),
    ],
)
def test_a_temporary_key_bears_its_token(
    registered: str | None, sent: str | None, strict: bool, fine: bool
) -> None:
    settings = Settings(strict=strict, accounts={KEY_ID: Key(security_token=registered)})
    _, found = judged(signed(token=sent), settings)
    assert (found is None) == fine
    if found is not None:
        assert found.code == "InvalidClientTokenId"
