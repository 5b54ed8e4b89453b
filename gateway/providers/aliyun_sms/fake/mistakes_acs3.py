"""Known wrong ways of signing ACS3-HMAC-SHA256: what the client did, and the signature that it then has."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from gateway.providers.aliyun_sms.fake import escapes
from gateway.providers.aliyun_sms.fake.call import Call
from gateway.providers.aliyun_sms.fake.settings import Account
from gateway.providers.aliyun_sms.wire.signing import (
    ACS3_ALGORITHM,
    acs3_signature,
    acs3_string_to_sign,
    octets,
    payload_hash,
    percent_encode,
)

_REAL_HOST = "dysmsapi.aliyuncs.com"


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
        lines = "".join([f"{name}:{self.headers.get(name, '')}\n" for name in self.names.split(";")])
        return f"{self.method}\n{self.uri}\n{self.query}\n{lines}\n{self.names}\n{self.payload}"


def mistakes(call: Call, account: Account) -> Iterator[tuple[str, str]]:
    secret = account.secret
    yield from _keys(secret, call.canonical_request, call.string_to_sign)
    for sentence, canonical in _requests(call):
        yield sentence, acs3_signature(secret, acs3_string_to_sign(canonical))


def observe(call: Call) -> str | None:
    """What is plainly wrong, although no way of signing gives the client's signature."""
    names = call.authorization.signed_headers if call.authorization else ""
    absent = [name for name in names.split(";") if name not in call.headers]
    if absent:
        return f"SignedHeaders names {', '.join(absent)}, which did not arrive: dropped on the way, or never sent"
    if call.headers.get("x-acs-content-sha256", payload_hash(call.request.body)) != payload_hash(call.request.body):
        return "x-acs-content-sha256 is not the hash of the body that arrived"
    return None


def _keys(secret: str, canonical: str, string_to_sign: str) -> Iterator[tuple[str, str]]:
    """The right request, signed or sent wrongly."""
    key, text = octets(secret), octets(string_to_sign)
    right = hmac.digest(key, text, "sha256")
    sha1 = hmac.digest(key, text, "sha1")
    yield (
        "there is an & at the end of the key, as in the older scheme: it is the secret alone",
        acs3_signature(f"{secret}&", string_to_sign),
    )
    yield "the signature is in capital hex instead of lower case", right.hex().upper()
    yield "the signature is base64 instead of hex", base64.b64encode(right).decode()
    yield "it is HMAC-SHA1 instead of HMAC-SHA256", sha1.hex()
    yield "it is HMAC-SHA1 instead of HMAC-SHA256, and base64 instead of hex", base64.b64encode(sha1).decode()
    whole = f"{ACS3_ALGORITHM}\n{canonical}"
    yield "the string to sign has the canonical request itself instead of its hash", acs3_signature(secret, whole)
    yield "the canonical request itself was signed", acs3_signature(secret, canonical)
    hashed = string_to_sign.partition("\n")[2]
    yield f"the string to sign lacks its first line, {ACS3_ALGORITHM}", acs3_signature(secret, hashed)


def _requests(call: Call) -> Iterator[tuple[str, str]]:
    """Other canonical requests that a client can have made of this request."""
    names = call.authorization.signed_headers if call.authorization else ""
    right = _Parts(
        call.request.method,
        "/",
        escapes.query(call.query, percent_encode),
        call.headers,
        names,
        payload_hash(call.request.body),
    )
    for other in ("GET", "POST"):
        if other != right.method:
            sentence = f"the client signed the method {other}, but sent {right.method}"
            yield sentence, replace(right, method=other).joined()
    yield from _hosts(call, right)
    yield from _headers(right)
    yield from _payloads(call, right)
    yield from _queries(call, right)
    yield "the path is empty instead of /", replace(right, uri="").joined()
    yield "the path was percent-encoded", replace(right, uri="%2F").joined()


def _hosts(call: Call, right: _Parts) -> Iterator[tuple[str, str]]:
    sent = right.headers.get("host", "")
    bare = sent.rpartition("://")[2].rstrip("/")
    name, _, port = bare.rpartition(":")
    candidates = [
        _REAL_HOST,
        bare,
        name or bare,
        call.request.host,
        f"{call.request.scheme}://{bare}",
        right.headers.get("x-forwarded-host", ""),
        urlsplit_host(call.request.target),
        *(f"{local}:{port}" if name else local for local in ("localhost", "127.0.0.1", "host.docker.internal")),
        *(f"{bare}:{standard}" for standard in (80, 443)),
    ]
    for host in dict.fromkeys(candidates):
        if host and host != sent:
            sentence = f"the client signed the host {host}, but the request arrived with {sent}"
            yield sentence, replace(right, headers={**right.headers, "host": host}).joined()


def urlsplit_host(target: str) -> str:
    """The host of an absolute-form target; empty where it has none."""
    try:
        return urlsplit(target).netloc
    except ValueError:
        return ""


def _headers(right: _Parts) -> Iterator[tuple[str, str]]:
    lower = {name: value.lower() for name, value in right.headers.items()}
    yield "header values were put into lower case", replace(right, headers=lower).joined()
    ordered = ";".join(sorted(right.names.lower().split(";")))
    yield "SignedHeaders is not in lower case and sorted", replace(right, names=ordered).joined()
    lines = right.joined().replace(f"\n\n{right.names}\n", f"\n{right.names}\n")
    yield "the empty line after the canonical headers is missing", lines
    tight = right.joined().replace(f"\n\n{right.names}\n{right.payload}", f"\n{right.names}\n\n{right.payload}")
    yield "the empty line stands after SignedHeaders instead of before it", tight
    spaced = {name: f" {value}" for name, value in right.headers.items()}
    yield "there is a blank after the colon of each canonical header", replace(right, headers=spaced).joined()
    for name in right.names.split(";"):
        rest = ";".join(other for other in right.names.split(";") if other != name)
        yield f"SignedHeaders names {name}, but it was not signed", replace(right, names=rest).joined()


def _payloads(call: Call, right: _Parts) -> Iterator[tuple[str, str]]:
    announced = call.headers.get("x-acs-content-sha256", "")
    if announced != right.payload:
        sentence = "the body that arrived is not the one that was signed (x-acs-content-sha256)"
        yield sentence, replace(right, payload=announced).joined()
    yield "the hash of the body is missing at the end", replace(right, payload="").joined()
    if call.request.body:
        yield "the hash is that of an empty body", replace(right, payload=payload_hash(b"")).joined()
    capital = right.payload.upper()
    yield "the hash of the body is in capital hex", replace(right, payload=capital).joined()


def _queries(call: Call, right: _Parts) -> Iterator[tuple[str, str]]:
    def with_query(query: str) -> str:
        return replace(right, query=query).joined()

    pairs = call.query
    if call.form:
        merged = escapes.query(pairs + call.form, percent_encode)
        yield "the parameters of the body were put into the canonical query", with_query(merged)
    if pairs:
        yield "the parameters of the query were not signed", with_query("")
    filled = [pair for pair in pairs if pair[1]]
    if len(filled) < len(pairs):
        yield "parameters with an empty value were not signed", with_query(escapes.query(filled, percent_encode))
    for name in sorted({name for name, _ in pairs}):
        fewer = [pair for pair in pairs if pair[0] != name]
        yield f"the parameter {name} was not signed", with_query(escapes.query(fewer, percent_encode))
    yield "the parameters are not sorted by name", with_query(escapes.query(pairs, percent_encode, in_order=False))
    by_letter = sorted(pairs, key=lambda pair: pair[0].lower())
    sentence = "the parameters are sorted without regard to case instead of by byte"
    yield sentence, with_query(escapes.query(by_letter, percent_encode, in_order=False))
    pluses = [(name, value.replace(" ", "+")) for name, value in pairs]
    sentence = "a + in a value was not URL-encoded and arrived as a blank"
    yield sentence, with_query(escapes.query(pluses, percent_encode))
    yield "nothing was percent-encoded", with_query(escapes.query(pairs, str))
    twice = escapes.query(pairs, lambda text: percent_encode(percent_encode(text)))
    yield "the parameters were percent-encoded twice, as in the older scheme", with_query(twice)
    for habit, encode in escapes.encoders(pairs):
        yield f"the client's encoding {habit}", with_query(escapes.query(pairs, encode))
