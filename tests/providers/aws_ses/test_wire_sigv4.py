"""Signature Version 4, against answers that others computed: AWS's test suite, recorded clients, botocore."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.aws_ses.wire import sigv4
from tests.providers.aws_ses.signed_requests import recordings

SCOPE = sigv4.Scope("20150830", "us-east-1", "service", "aws4_request")
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
BOTOCORE = SigV4Auth(Credentials("AKIDEXAMPLE", SECRET), "ses", "us-east-1")


def test_get_vanilla_of_awss_test_suite() -> None:
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    canonical = sigv4.canonical_request("GET", "/", "", headers, "host;x-amz-date", sigv4.EMPTY_HASH)
    text = sigv4.string_to_sign("20150830T123600Z", SCOPE, canonical)
    assert text.endswith("bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63")
    expected = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    assert sigv4.signature(SECRET, SCOPE, text) == expected


def test_get_header_value_trim_of_awss_test_suite() -> None:
    headers = sigv4.folded_headers(
        [
            ("Host", "example.amazonaws.com"),
            ("My-Header1", " value1"),
            ("My-Header2", '"a   b   c"'),
            ("X-Amz-Date", "20150830T123600Z"),
        ]
    )
    names = "host;my-header1;my-header2;x-amz-date"
    canonical = sigv4.canonical_request("GET", "/", "", headers, names, sigv4.EMPTY_HASH)
    text = sigv4.string_to_sign("20150830T123600Z", SCOPE, canonical)
    expected = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
    assert sigv4.signature(SECRET, SCOPE, text) == expected


@pytest.mark.parametrize("recording", recordings(), ids=lambda recording: recording["name"])
def test_a_recorded_string_to_sign_gives_the_recorded_signature(recording: dict[str, Any]) -> None:
    scope = sigv4.Scope("20261120", "us-east-1", "ses", "aws4_request")
    text = sigv4.string_to_sign("20261120T235645Z", scope, recording["canonical_request"])
    assert text == recording["string_to_sign"]
    assert sigv4.signature(recording["access_key_secret"], scope, text) == recording["signature"]


def test_all_five_recordings_are_here() -> None:
    assert len(recordings()) == 5


@given(st.text(st.characters(codec="utf-8")), st.booleans())
def test_a_path_is_canonical_as_botocore_has_it(name: str, slash: bool) -> None:
    path = f"/v2/email/identities/{quote(name, safe='')}{'/' if slash else ''}"
    theirs = BOTOCORE.canonical_request(signed_by_botocore(path)).split("\n")[1]
    assert sigv4.canonical_uri(path) == theirs


@given(st.lists(st.sampled_from(["", ".", "..", "a", "b%2Fc", "d%40e"]), max_size=8))
def test_dot_segments_and_double_slashes_go_as_botocore_has_it(segments: list[str]) -> None:
    path = "/" + "/".join(segments)
    theirs = BOTOCORE.canonical_request(signed_by_botocore(path)).split("\n")[1]
    assert sigv4.canonical_uri(path) == theirs


PIECES = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.tuples(PIECES.filter(bool), PIECES), max_size=6))
def test_a_query_is_canonical_as_botocore_has_it(pairs: list[tuple[str, str]]) -> None:
    raw = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    theirs = BOTOCORE.canonical_request(signed_by_botocore(f"/?{raw}")).split("\n")[2]
    assert sigv4.canonical_query(raw, without="") == theirs


def signed_by_botocore(target: str) -> AWSRequest:
    found = AWSRequest("GET", f"http://email.us-east-1.amazonaws.com{target}", {}, b"")
    found.context["timestamp"] = "20150830T123600Z"
    return found


def test_one_query_spelled_in_three_ways_is_one() -> None:
    assert sigv4.canonical_query("b=%2a&a=x+y") == sigv4.canonical_query("a=x%20y&b=*") == "a=x%20y&b=%2A"


def test_the_signature_is_no_part_of_what_is_signed() -> None:
    assert sigv4.canonical_query("X-Amz-Signature=ab&X-Amz-Date=1") == "X-Amz-Date=1"


def test_repeated_headers_are_joined_in_the_order_sent() -> None:
    assert sigv4.folded_headers([("A", " 2 "), ("b", ""), ("a", "1")]) == {"a": "2,1", "b": ""}


def test_a_header_is_read_with_and_without_blanks_after_its_commas() -> None:
    tight = "AWS4-HMAC-SHA256 Credential=k/d/r/s/t,SignedHeaders=host,Signature=ab"
    wide = "AWS4-HMAC-SHA256 SignedHeaders=host,   Signature=ab, Credential=k/d/r/s/t"
    read = [sigv4.from_header({"authorization": one, "x-amz-date": "1"}) for one in (tight, wide)]
    assert read[0] == read[1] == sigv4.Claim("k", sigv4.Scope("d", "r", "s", "t"), "host", "ab", "1", "")


@given(st.text(), st.text())
def test_any_header_is_read_or_refused(value: str, date: str) -> None:
    for text in (value, f"AWS4-HMAC-SHA256 {value}", f"AWS4-HMAC-SHA256 Credential={value}"):
        try:
            sigv4.from_header({"authorization": text, "x-amz-date": date})
        except sigv4.Malformed as problem:
            assert problem.message  # noqa: PT017  # either is right


@given(st.text(), st.text())
def test_signatures_compare_without_failing_on_any_text(ours: str, theirs: str) -> None:
    assert sigv4.same(ours, ours)
    if sigv4.octets(ours) != sigv4.octets(theirs):
        assert not sigv4.same(ours, theirs)


def test_the_keys_remembered_are_few() -> None:
    for day in range(1000):
        sigv4.signing_key("s", str(day), "us-east-1", "ses")
    assert sigv4.signing_key.cache_info().currsize == 64
