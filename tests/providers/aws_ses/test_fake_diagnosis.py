"""A signature that does not match says why, where the reason is a known mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.core.model import Request
from gateway.providers.aws_ses.wire import sigv4
from tests.providers.aws_ses.signed_requests import (
    HOST,
    OTHER_SECRET,
    SECRET,
    URL,
    accepted,
    caller_of,
    judged,
    refused,
    signed,
    with_authorization,
)


def host_changed(one: Request) -> Request:
    pairs = tuple((name, "proxy.example" if name == "Host" else value) for name, value in one.headers)
    return replace(one, headers=(*pairs, ("X-Forwarded-Host", HOST)))


def without_host(one: Request) -> Request:
    return replace(one, headers=(("Host", HOST), *one.headers))


MISTAKES: dict[str, Callable[[], Request]] = {
    "the secret of AKIDEXAMPLE000000002": lambda: signed(secret=OTHER_SECRET),
    "blanks, a line end or quotes": lambda: signed(secret=f"{SECRET}\n"),
    "the signing key is that of the service email": lambda: with_scope(signed(service="email"), "email", "ses"),
    "the signing key is that of the region eu-west-1": lambda: with_scope(
        signed(region="eu-west-1"), "eu-west-1", "us-east-1"
    ),
    f"the client signed the host {HOST}, but the request arrived with proxy.example": lambda: host_changed(
        without_host(signed())
    ),
    "its last line end was lost": lambda: replace(signed(body=b"{}\n"), body=b"{}"),
    "the hash is that of an empty body": lambda: replace(signed(body=b""), body=b"{}"),
    "the client signed the method GET, but sent POST": lambda: replace(signed("GET"), method="POST"),
    "the query was not signed": lambda: replace(signed(), target="/v2/email/outbound-emails?x=1"),
    "the Content-Type that arrived": lambda: retyped(signed()),
    "which did not arrive": lambda: replace(
        signed(), headers=tuple(p for p in signed().headers if p[0] != "Content-Type")
    ),
    "is it the secret of AKIDEXAMPLE000000001": lambda: signed(secret="quite another"),
}


def with_scope(one: Request, old: str, new: str) -> Request:
    """The scope that is sent, and therefore signed, is right; only the key is not."""
    caller = caller_of(one)
    claim = sigv4.from_header(caller.headers)
    right = with_authorization(one, lambda value: value.replace(f"/{old}/", f"/{new}/"))
    caller, _ = judged(right)
    mac = sigv4.signing_key(SECRET, claim.scope.date, claim.scope.region, claim.scope.service).copy()
    mac.update(caller.string_to_sign.encode())
    return with_authorization(right, lambda value: value.replace(claim.signature, mac.hexdigest()))


def untyped(one: Request) -> Request:
    return replace(one, headers=tuple(pair for pair in one.headers if pair[0] != "Content-Type"))


def retyped(one: Request) -> Request:
    pairs = tuple(
        (name, f"{value}; charset=utf-8" if name == "Content-Type" else value) for name, value in one.headers
    )
    return replace(one, headers=pairs)


@pytest.mark.parametrize("sentence", MISTAKES)
def test_a_known_mistake_is_named(sentence: str) -> None:
    found = refused(MISTAKES[sentence]())
    assert found.code == "SignatureDoesNotMatch"
    assert sentence in found.explanation["diagnosis"]
    assert SECRET not in str(found.explanation)


def test_a_path_that_is_encoded_only_once_is_named() -> None:
    one = signed("GET", f"{URL}/v2/email/identities/a%40b.test", b"")
    caller = accepted(one)
    claim = caller.claim
    assert claim is not None
    once = caller.canonical_request.replace("a%2540b", "a%40b")
    text = sigv4.string_to_sign("20261121T102030Z", claim.scope, once)
    wrong = with_authorization(
        one, lambda v: v.replace(claim.signature, sigv4.signature(SECRET, claim.scope, text))
    )
    assert "not double-encoded" in refused(wrong).explanation["diagnosis"]


def test_a_large_body_is_not_diagnosed_for_long() -> None:
    one = replace(signed(), target="/" + "a" * 70_000)
    assert "diagnosis" not in refused(one).explanation
