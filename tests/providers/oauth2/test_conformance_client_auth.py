"""Client authentication: RFC 6749 2.3, RFC 7523, OIDC Core 9."""

from __future__ import annotations

import hmac
import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from joserfc.jwk import ECKey, OctKey

from tests.providers.oauth2.conformance import rule
from tests.providers.oauth2.direct_fake import JWT_SECRET, KEY, SECRET, Answer, DirectFake, b64, basic

MACHINE = {"grant_type": "client_credentials"}


def asserted(fake: DirectFake, key: Any = None, client: str = "jwt", **changes: Any) -> Answer:
    return fake.post("/token", {**MACHINE, **fake.assertion(key, client, **changes)})


@rule("client_secret")
def test_the_secret_must_be_the_clients() -> None:
    wrong = {**MACHINE, "client_id": "web", "client_secret": "wrong"}
    answer = DirectFake().post("/token", wrong)
    assert (answer.error, answer.verdict.signature) == ("invalid_client", "refused")
    assert DirectFake("client_secret").post("/token", wrong).status == 200
    for secret in (SECRET, "newer-secret"):
        good = DirectFake().post("/token", {**wrong, "client_secret": secret})
        assert (good.status, good.verdict.signature) == (200, "valid")
    assert DirectFake().post("/token", {**MACHINE, "client_id": "web"}).error == "invalid_client"


@rule("auth_method_registered")
def test_a_client_authenticates_as_it_is_registered() -> None:
    posted = {**MACHINE, "client_id": "basic", "client_secret": "s"}
    assert DirectFake().post("/token", posted).error == "invalid_client"
    assert DirectFake("auth_method_registered").post("/token", posted).status == 200
    assert DirectFake().post("/token", MACHINE, authorization=basic("basic", "s")).status == 200


@rule("one_auth_method")
def test_one_way_of_authentication_at_a_time() -> None:
    both = {**MACHINE, "client_id": "web", "client_secret": SECRET}
    assert DirectFake().post("/token", both, authorization=basic("web", SECRET)).error == "invalid_request"
    assert DirectFake("one_auth_method").post("/token", both, authorization=basic("web", SECRET)).status == 200
    named = {**MACHINE, "client_id": "web"}
    assert DirectFake().post("/token", named, authorization=basic("web", SECRET)).status == 200
    other = {**MACHINE, "client_id": "other"}
    assert DirectFake().post("/token", other, authorization=basic("web", SECRET)).error == "invalid_request"


@rule("basic_form_decoding", "basic_raw")
def test_id_and_secret_in_basic_are_read_encoded_and_raw() -> None:
    encoded, raw = basic("web", quote_plus(SECRET)), basic("web", SECRET)
    assert DirectFake().post("/token", MACHINE, authorization=encoded).status == 200
    assert DirectFake().post("/token", MACHINE, authorization=raw).status == 200
    assert DirectFake("basic_form_decoding").post("/token", MACHINE, authorization=encoded).status == 401
    assert DirectFake("basic_raw").post("/token", MACHINE, authorization=raw).status == 401
    both = DirectFake("basic_raw", "basic_form_decoding")
    assert both.post("/token", MACHINE, authorization=encoded).error == "invalid_client"


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic " + b64(b"nocolon"), "Bearer x", "Digest a=b", ""])
def test_a_malformed_authorization_header_is_invalid_client(header: str) -> None:
    answer = DirectFake().post("/token", MACHINE, authorization=header)
    assert (answer.status, answer.error) == (401, "invalid_client")


def test_assertions_with_secret_and_with_private_key_are_taken() -> None:
    for alg in ("HS256", "HS384", "HS512"):
        assert asserted(DirectFake(), alg=alg).status == 200
    assert asserted(DirectFake(), KEY, "keys", alg="ES256").status == 200
    assert asserted(DirectFake(), aud="http://localhost:4650/fakes/oauth2/oidc").status == 200
    assert asserted(DirectFake(), aud=["x", "http://localhost:4650/fakes/oauth2/oidc/token"]).status == 200


@rule("assertion_signature")
def test_the_signature_of_an_assertion_is_checked() -> None:
    other = OctKey.import_key({"kty": "oct", "k": b64(b"another-secret-of-enough-bytes-0123456789")})
    assert asserted(DirectFake(), other).error == "invalid_client"
    assert asserted(DirectFake("assertion_signature"), other).status == 200
    stranger = ECKey.generate_key("P-256", {"kid": "client-key"}, private=True)
    assert asserted(DirectFake(), stranger, "keys", alg="ES256").error == "invalid_client"


@rule("assertion_algorithm")
def test_an_assertion_has_an_algorithm_that_fits_its_key() -> None:
    for client in ("jwt", "keys"):
        assert asserted(DirectFake(), None, client, alg="none").error == "invalid_client"
    assert asserted(DirectFake("assertion_algorithm"), alg="none").status == 200
    # Algorithm confusion: the public key as an HMAC secret.
    assert asserted(DirectFake(), KEY.as_pem(private=False), "keys", alg="HS256").error == "invalid_client"


@rule("assertion_subject")
def test_iss_and_sub_of_an_assertion_are_the_client() -> None:
    for changes in ({"iss": "other"}, {"sub": "other"}, {"sub": None}, {"sub": 1, "iss": 1}):
        assert asserted(DirectFake(), **changes).error == "invalid_client"
    fake = DirectFake("assertion_subject")
    assert fake.post("/token", {**MACHINE, "client_id": "jwt", **fake.assertion(iss="other")}).status == 200
    assert (
        DirectFake().post("/token", {**MACHINE, "client_id": "web", **fake.assertion()}).error == "invalid_client"
    )


@rule("assertion_audience")
@pytest.mark.parametrize("audience", ["https://another.test/token", None, 7, ["x"], {"a": 1}])
def test_an_assertion_is_for_this_server(audience: Any) -> None:
    assert asserted(DirectFake(), aud=audience).error == "invalid_client"
    assert asserted(DirectFake("assertion_audience"), aud=audience).status == 200


@rule("assertion_expiry")
@pytest.mark.parametrize("expires", [1, None, "soon", True, 10**400, float("inf")], ids=range(6))
def test_an_assertion_expires(expires: Any) -> None:
    assert asserted(DirectFake(), exp=expires).error == "invalid_client"
    assert asserted(DirectFake("assertion_expiry"), exp=expires).status == 200


def test_an_assertion_without_a_time_is_not_remembered_for_ever() -> None:
    fake = DirectFake("assertion_expiry")
    asserted(fake, exp=None)
    kept = [record.value["expires"] for key, record in fake.records._values.items() if "/jti:" in key]
    assert [fake.clock.now() < expires < fake.clock.now() + 100_000 for expires in kept] == [True]


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "x"])
def test_an_assertion_with_a_critical_parameter_is_refused(crit: object) -> None:
    fake = DirectFake()
    claims = fake.assertion()["client_assertion"].split(".")[1]
    text = f"{b64(json.dumps({'alg': 'HS256', 'crit': crit, 'exp': 1, 'b64': True}).encode())}.{claims}"
    signed = f"{text}.{b64(hmac.digest(JWT_SECRET.encode(), text.encode(), 'sha256'))}"
    answer = fake.post("/token", {**MACHINE, **fake.assertion(), "client_assertion": signed})
    assert answer.error == "invalid_client"


@rule("assertion_replay")
def test_an_assertion_works_once() -> None:
    fake, broken = DirectFake(), DirectFake("assertion_replay")
    assert [asserted(fake).status for _ in range(2)] == [200, 401]
    assert [asserted(broken).status for _ in range(2)] == [200, 200]
    assert asserted(DirectFake(), jti=None).error == "invalid_client"


@pytest.mark.parametrize(
    "text",
    ["", "a", "a.b", "a.b.c", "e30.e30.", "....", "W10.W10.W10", "e30.e30." + "A" * 1_000_000, "\u0000.é.~"],
    ids=range(9),
)
def test_what_is_no_assertion_is_refused(text: str) -> None:
    form = {**MACHINE, **DirectFake().assertion(), "client_assertion": text}
    answer = DirectFake().post("/token", form)
    assert (answer.status, answer.error) == (401, "invalid_client")


def test_an_assertion_whose_signature_is_no_text_is_refused() -> None:
    form = DirectFake().assertion()
    form["client_assertion"] = form["client_assertion"].rpartition(".")[0] + ".\udcff"
    assert DirectFake().post("/token", {**MACHINE, **form}).error == "invalid_client"


def test_an_assertion_of_another_type_is_invalid_request() -> None:
    form = {**MACHINE, **DirectFake().assertion(), "client_assertion_type": "saml"}
    assert DirectFake().post("/token", form).error == "invalid_request"
