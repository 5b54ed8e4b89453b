"""Whatever comes in, an answer in Aliyun's dialect goes out: never an exception, never a 500."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.model import Response
from gateway.providers.aliyun_sms import provider
from gateway.providers.aliyun_sms.fake.call import decode
from gateway.providers.aliyun_sms.fake.nonces import NonceMemory
from tests.providers.aliyun_sms.direct_fake import DirectFake
from tests.providers.aliyun_sms.independent_clients import FORM, KEY_ID, SEND, acs3, made, rpc

RAW = st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
ANY = st.text(max_size=40) | RAW
NAMES = st.sampled_from(
    [
        "Action",
        "Version",
        "Format",
        "AccessKeyId",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
        "Timestamp",
        "PhoneNumbers",
        "PhoneNumber",
        "SignName",
        "TemplateParam",
        "SecurityToken",
    ]
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "Host",
                "Authorization",
                "x-acs-action",
                "x-acs-version",
                "x-acs-date",
                "x-acs-signature-nonce",
                "x-acs-security-token",
                "x-acs-content-sha256",
                "accept",
                "content-type",
            ]
        )
        | ANY,
        ANY
        | st.sampled_from(
            [FORM, f"ACS3-HMAC-SHA256 Credential={KEY_ID},SignedHeaders=host,Signature=0", "SendSms"]
        ),
    ),
    max_size=8,
)
PAIRS = st.lists(
    st.tuples(NAMES | ANY, ANY | st.sampled_from(["SendSms", "2017-05-25", KEY_ID, "json"])), max_size=8
)


def is_in_dialect(response: Response) -> None:
    assert 200 <= response.status < 500
    kind = dict(response.headers)["Content-Type"]
    if kind.startswith("application/json"):
        assert {"RequestId", "Code", "Message"} <= set(json.loads(response.body))
    else:
        root = ET.fromstring(response.body)  # noqa: S314 - our own bytes
        assert {"RequestId", "Code", "Message"} <= {child.tag for child in root}
    json.dumps(dict(response.verdict.explanation), ensure_ascii=False)


@given(st.sampled_from(["GET", "POST", "PUT", "x"]) | ANY, ANY, HEADERS, st.binary(max_size=200))
def test_arbitrary_requests_get_an_answer(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    if method == "OPTIONS":
        return
    request = made(method=method, target=target, headers=headers, body=body)
    is_in_dialect(DirectFake().answer(request).response)
    assert isinstance(provider.claims(request), bool)


@given(PAIRS, PAIRS, HEADERS)
def test_arbitrary_parameters_get_an_answer(
    query: list[tuple[str, str]], form: list[tuple[str, str]], headers: list[tuple[str, str]]
) -> None:
    target = "/?" + "&".join(f"{name}={value}" for name, value in query)
    body = "&".join(f"{name}={value}" for name, value in form).encode("utf-8", "replace")
    request = made(target=target, headers=[*headers, ("content-type", FORM)], body=body)
    is_in_dialect(DirectFake().answer(request).response)


@given(st.dictionaries(st.sampled_from(sorted(SEND)), st.text(max_size=60)), st.booleans(), st.booleans())
def test_arbitrary_values_that_are_rightly_signed_get_an_answer(
    changes: dict[str, str], strict: bool, acs: bool
) -> None:
    business = {name: value.encode("utf-8", "replace").decode() for name, value in {**SEND, **changes}.items()}
    bare = DirectFake(strict=strict)
    answer = bare.answer(acs3(business) if acs else rpc(business, form=["*"]))
    is_in_dialect(answer.response)
    assert answer.verdict.signature == "valid"
    assert answer.verdict.accepted == bool(bare.captures.entries)
    json.dumps(bare.captures.documents, ensure_ascii=False).encode()


@given(st.text(alphabet='{}[]":,\\ud8001nNaI-e.t', max_size=60))
def test_arbitrary_template_parameters_get_an_answer(param: str) -> None:
    bare = DirectFake()
    is_in_dialect(bare.answer(rpc({**SEND, "TemplateParam": param})).response)
    json.dumps(bare.captures.documents, ensure_ascii=False).encode()


@given(st.lists(st.tuples(ANY, ANY), max_size=6))
def test_decoding_gives_back_what_was_percent_encoded(pairs: list[tuple[str, str]]) -> None:
    plain = [
        (name.encode("utf-8", "replace").decode(), value.encode("utf-8", "replace").decode())
        for name, value in pairs
    ]
    target = "/?" + "&".join(
        "=".join("".join(f"%{byte:02x}" for byte in part.encode()) for part in pair) for pair in plain
    )
    call = decode(made(target=target, headers=[]))
    # "=" alone is a pair of two empty names, which nobody can mean.
    assert call.query == plain


def test_a_flood_of_numbers_costs_no_more_than_the_first_thousand() -> None:
    answer = DirectFake().answer(rpc({**SEND, "PhoneNumbers": ",".join(["13800138000"] * 20_000)}, form=["*"]))
    assert answer.code == "isv.MOBILE_COUNT_OVER_LIMIT"
    assert len(answer.verdict.recipients) == 1000


def test_nonces_are_bounded_in_number_and_in_size() -> None:
    nonces = NonceMemory(100)
    for number in range(1000):
        assert nonces.first_use("k", f"{number}-{'n' * 10_000}", 0)
    assert len(nonces) == 100
    assert not nonces.first_use("k", f"999-{'n' * 10_000}", 0)


def test_more_parameters_than_any_operation_has_are_refused() -> None:
    target = "/?" + "&".join(f"p{at}=1" for at in range(5000))
    answer = DirectFake().answer(made(target=target, headers=[("Host", "h")]))
    assert answer.verdict.code == "InvalidParameter"
