"""The two signatures, against answers that others computed: Aliyun's documents, its SDK, Logto."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.aliyun_sms.wire import signing
from tests.providers.aliyun_sms.independent_clients import encode, recordings, replayed

DOCUMENTED = {
    "AccessKeyId": "testId",
    "Timestamp": "2017-07-12T02:42:19Z",
    "Format": "XML",
    "SignatureMethod": "HMAC-SHA1",
    "SignatureVersion": "1.0",
    "SignatureNonce": "45e25e9b-0a6f-4070-8c85-2956eda1b466",
    "Action": "SendSms",
    "Version": "2017-05-25",
    "RegionId": "cn-hangzhou",
    "PhoneNumbers": "15300000001",
    "SignName": "阿里云短信测试专用",
    "TemplateParam": '{"customer":"test"}',
    "TemplateCode": "SMS_71390007",
    "OutId": "123",
}


@pytest.mark.parametrize(
    ("method", "expected"), [("GET", "zJDF+Lrzhj/ThnlvIToysFRq6t4="), ("POST", "Xvhv7fPXrPkLVSnlt0jIr08o8NQ=")]
)
def test_the_sample_of_aliyuns_sms_documents_is_reproduced(method: str, expected: str) -> None:
    text = signing.rpc_string_to_sign(method, DOCUMENTED.items())
    assert signing.rpc_signature("testSecret", text) == expected


def test_the_sample_of_aliyuns_ecs_documents_is_reproduced() -> None:
    params = {
        "Timestamp": "2016-02-23T12:46:24Z",
        "Format": "XML",
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "Version": "2014-05-26",
        "SignatureVersion": "1.0",
    }
    text = signing.rpc_string_to_sign("GET", params.items())
    assert signing.rpc_signature("testsecret", text) == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


def test_the_sample_of_aliyuns_v3_documents_is_reproduced() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": signing.EMPTY_HASH,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = [
        ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
        ("RegionId", "cn-shanghai"),
    ]
    request = signing.acs3_canonical_request(
        "POST", "/", query, headers, ";".join(sorted(headers)), signing.EMPTY_HASH
    )
    text = signing.acs3_string_to_sign(request)
    assert text.endswith("7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259")
    expected = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    assert signing.acs3_signature("YourAccessKeySecret", text) == expected


def test_the_sdks_own_signer_agrees_on_an_sms_with_every_awkward_character() -> None:
    headers = {
        "host": "127.0.0.1:8080",
        "x-acs-action": "SendSms",
        "x-acs-content-sha256": signing.EMPTY_HASH,
        "x-acs-date": "2026-01-02T03:04:05Z",
        "x-acs-signature-nonce": "0123456789abcdef0123456789abcdef",
        "x-acs-version": "2017-05-25",
    }
    query = [
        ("PhoneNumbers", "13800138000"),
        ("SignName", "阿里云短信测试"),
        ("TemplateCode", "SMS_154950909"),
        ("TemplateParam", '{"code":"12(3)4\'*! ~"}'),
    ]
    request = signing.acs3_canonical_request(
        "POST", "/", query, headers, ";".join(sorted(headers)), signing.EMPTY_HASH
    )
    expected = "4ee554a19f7fe0bac68039aa4c18ee9dd19321b393fc2bb1ae2624d3194db0ac"
    assert signing.acs3_signature("testSecret", signing.acs3_string_to_sign(request)) == expected


@pytest.mark.parametrize("recording", recordings(), ids=lambda recording: recording["name"])
def test_a_recorded_string_to_sign_gives_the_recorded_signature(recording: dict[str, Any]) -> None:
    sign = signing.rpc_signature if recording["scheme"] == "V1" else signing.acs3_signature
    assert sign(recording["access_key_secret"], recording["string_to_sign"]) == recording["signature"]
    if recording["canonical_request"] is not None:
        assert signing.acs3_string_to_sign(recording["canonical_request"]) == recording["string_to_sign"]


def test_all_fourteen_recordings_are_here() -> None:
    assert len(recordings()) == 14
    assert {recording["scheme"] for recording in recordings()} == {"V1", "ACS3-HMAC-SHA256"}
    assert all(replayed(recording).target.startswith("/") for recording in recordings())
    assert len(json.dumps(recordings())) > 20_000


@given(st.text())
def test_percent_encoding_agrees_with_rfc_3986(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass" if text.isascii() else "replace")
    assert signing.percent_encode(text) == quote(raw, safe="-_.~")


def test_the_characters_that_encoders_disagree_on() -> None:
    assert signing.percent_encode(" *~!'()+/:,&=%") == "%20%2A~%21%27%28%29%2B%2F%3A%2C%26%3D%25"
    assert encode("阿 *~") == signing.percent_encode("阿 *~")


def test_parameters_are_sorted_by_name_in_byte_order_not_as_joined_strings() -> None:
    assert signing.canonical_query([("A.1", "x"), ("A", "y"), ("a", "z"), ("B", "")]) == "A=y&A.1=x&B=&a=z"


def test_an_authorization_header_is_read_with_and_without_blanks_after_its_commas() -> None:
    tight = signing.parse_authorization("ACS3-HMAC-SHA256 Credential=ak,SignedHeaders=host;x-acs-date,Signature=ab")
    wide = signing.parse_authorization(
        " ACS3-HMAC-SHA256  Credential=ak, SignedHeaders=host;x-acs-date,  Signature=ab "
    )
    assert tight == wide == signing.Authorization("ACS3-HMAC-SHA256", "ak", "host;x-acs-date", "ab")


@pytest.mark.parametrize("other", ["", "Bearer abc", "AWS4-HMAC-SHA256 Credential=a", "acs3-hmac-sha256 x"])
def test_another_scheme_is_no_acs3_authorization(other: str) -> None:
    assert signing.parse_authorization(other) is None


def test_an_authorization_with_parts_missing_or_unknown_has_empty_parts() -> None:
    assert signing.parse_authorization("ACS3-HMAC-SHA256") == ("ACS3-HMAC-SHA256", "", "", "")
    assert signing.parse_authorization("ACS3-HMAC-SHA256 Credential=ak,Signatur=x") == (
        "ACS3-HMAC-SHA256",
        "",
        "",
        "",
    )


@given(st.text(), st.text())
def test_signatures_compare_without_failing_on_any_text(ours: str, theirs: str) -> None:
    assert signing.same(ours, ours)
    if signing.octets(ours) != signing.octets(theirs):
        assert not signing.same(ours, theirs)
