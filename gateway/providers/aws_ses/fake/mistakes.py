"""Known wrong ways of signing with AWS Signature Version 4: what the client did, and what it signed then."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.providers.aws_ses.fake.caller import Caller
from gateway.providers.aws_ses.wire import sigv4


@dataclass(frozen=True)
class _Parts:
    """A canonical request, taken apart."""

    method: str
    uri: str
    query: str
    headers: Mapping[str, str]
    names: str
    payload: str

    def joined(self) -> str:
        return sigv4.canonical_request(self.method, self.uri, self.query, self.headers, self.names, self.payload)


def keys(claim: sigv4.Claim, secret: str, text: str, canonical: str) -> Iterator[tuple[str, str]]:
    """The right request, signed with a wrong key or in a wrong form: the mistake and its signature."""
    scope = claim.scope
    for service in ("email", "email-smtp", "execute-api", "s3"):
        other = scope._replace(service=service)
        yield f"the signing key is that of the service {service}, not ses", sigv4.signature(secret, other, text)
    for region in ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "us-east-2"):
        other = scope._replace(region=region)
        sentence = f"the signing key is that of the region {region}, but the scope says {scope.region}"
        yield sentence, sigv4.signature(secret, other, text)
    plain = hmac.digest(sigv4.octets(secret), sigv4.octets(text), "sha256").hex()
    yield "it is signed with the secret itself instead of the key derived from it", plain
    right = sigv4.signature(secret, scope, text)
    yield "the signature is in capital hex instead of lower case", right.upper()
    whole = "\n".join([*text.split("\n")[:3], canonical])
    sentence = "the string to sign has the canonical request itself instead of its hash"
    yield sentence, sigv4.signature(secret, scope, whole)


def requests(caller: Caller, claim: sigv4.Claim) -> Iterator[tuple[str, str]]:
    """Other canonical requests that a client can have made of this request: the mistake and what was signed."""
    right = _Parts(
        caller.request.method,
        sigv4.canonical_uri(caller.path),
        sigv4.canonical_query(caller.raw_query),
        caller.headers,
        claim.signed_headers,
        sigv4.payload_hash(caller.request.body),
    )
    yield from _payloads(caller, right)
    yield from _hosts(caller, right)
    yield from _paths(caller, right)
    yield from _queries(caller, right)
    for other in ("GET", "POST", "PUT"):
        if other != right.method:
            sentence = f"the client signed the method {other}, but sent {right.method}"
            yield sentence, replace(right, method=other).joined()
    yield from _headers(right)


def observe(caller: Caller, claim: sigv4.Claim) -> str | None:
    """What is plainly wrong, although no way of signing gives the client's signature."""
    absent = [name for name in claim.signed_headers.split(";") if name not in caller.headers]
    if absent:
        return f"SignedHeaders names {', '.join(absent)}, which did not arrive: dropped on the way, or never sent"
    announced = caller.headers.get("x-amz-content-sha256", "")
    if announced and announced != sigv4.payload_hash(caller.request.body):
        return "x-amz-content-sha256 is not the hash of the body that arrived: it was changed after signing"
    length = caller.headers.get("content-length", "")
    if length.isdigit() and int(length) != len(caller.request.body):
        return "Content-Length is not that of the body that arrived: it was changed after signing"
    return None


def _payloads(caller: Caller, right: _Parts) -> Iterator[tuple[str, str]]:
    announced = caller.headers.get("x-amz-content-sha256", "")
    if announced == sigv4.UNSIGNED:
        sentence = "the body was left unsigned (UNSIGNED-PAYLOAD): SES wants it signed"
        yield sentence, replace(right, payload=announced).joined()
    elif announced and announced != right.payload:
        sentence = "the body was changed after signing: it is not that of the signed x-amz-content-sha256"
        yield sentence, replace(right, payload=announced).joined()
    yield "the hash of the body is UNSIGNED-PAYLOAD", replace(right, payload=sigv4.UNSIGNED).joined()
    if caller.request.body:
        yield "the hash is that of an empty body", replace(right, payload=sigv4.EMPTY_HASH).joined()
        for habit, body in _other_bodies(caller.request.body):
            yield (
                f"the body was changed after signing: {habit}",
                replace(right, payload=sigv4.payload_hash(body)).joined(),
            )


def _other_bodies(body: bytes) -> Iterator[tuple[str, bytes]]:
    yield "a line end was added", body.rstrip(b"\r\n")
    yield "its last line end was lost", body + b"\n"
    yield "its line ends were CRLF", body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    yield "its line ends were LF", body.replace(b"\r\n", b"\n")


def _hosts(caller: Caller, right: _Parts) -> Iterator[tuple[str, str]]:
    sent = right.headers.get("host", "")
    name, _, port = sent.rpartition(":")
    region = caller.claim.scope.region if caller.claim else ""
    candidates = [
        f"email.{region}.amazonaws.com",
        f"email.{region}.amazonaws.com:443",
        name or sent,
        caller.request.host,
        right.headers.get("x-forwarded-host", ""),
        right.headers.get("x-original-host", ""),
        *(f"{local}:{port}" if name else local for local in ("localhost", "127.0.0.1", "host.docker.internal")),
        *(f"{sent}:{standard}" for standard in (80, 443)),
    ]
    for host in dict.fromkeys(candidates):
        if host and host != sent:
            sentence = f"the client signed the host {host}, but the request arrived with {sent}: a proxy changed it"
            yield sentence, replace(right, headers={**right.headers, "host": host}).joined()


def _paths(caller: Caller, right: _Parts) -> Iterator[tuple[str, str]]:
    once = sigv4.canonical_uri(caller.path, encoded_twice=False)
    yield (
        "the path is not double-encoded: SES wants the encoded path encoded once more",
        replace(right, uri=once).joined(),
    )
    yield (
        "the path was signed as it is, dot segments and double slashes included",
        replace(right, uri=caller.path).joined(),
    )
    yield "the path that was signed is /", replace(right, uri="/").joined()
    yield "the path is empty instead of /", replace(right, uri="").joined()
    if caller.request.prefix:
        own = caller.path.removeprefix(caller.request.prefix)
        sentence = "the path is that below our mount point, and not double-encoded"
        yield sentence, replace(right, uri=sigv4.canonical_uri(own, encoded_twice=False)).joined()


def _queries(caller: Caller, right: _Parts) -> Iterator[tuple[str, str]]:
    if right.query:
        yield "the query was not signed", replace(right, query="").joined()
        yield "the query is not sorted", replace(right, query=caller.raw_query).joined()
    body = caller.request.body
    if body and caller.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = sigv4.canonical_query(body.decode("utf-8", "surrogateescape"))
        yield "the form was put into the canonical query", replace(right, query=form).joined()


def _headers(right: _Parts) -> Iterator[tuple[str, str]]:
    kind = right.headers.get("content-type", "")
    for other in (kind.partition(";")[0], f"{kind}; charset=utf-8", f"{kind};charset=UTF-8"):
        if other != kind:
            headers = {**right.headers, "content-type": other}
            sentence = "the Content-Type that arrived is not the one that was signed"
            yield sentence, replace(right, headers=headers).joined()
    ordered = ";".join(sorted(right.names.lower().split(";")))
    if ordered != right.names:
        yield "SignedHeaders is not in lower case and sorted", replace(right, names=ordered).joined()
    for name in right.names.split(";"):
        rest = ";".join(other for other in right.names.split(";") if other != name)
        yield f"SignedHeaders names {name}, but it was not signed", replace(right, names=rest).joined()
    lines = right.joined().replace(f"\n\n{right.names}\n", f"\n{right.names}\n")
    yield "the empty line after the canonical headers is missing", lines
