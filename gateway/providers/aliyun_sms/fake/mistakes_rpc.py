"""Known wrong ways of signing RPC v1 (HMAC-SHA1): what the client did, and the signature that it then has."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from urllib.parse import quote

from gateway.providers.aliyun_sms.fake import escapes
from gateway.providers.aliyun_sms.fake.call import Call
from gateway.providers.aliyun_sms.fake.settings import Account
from gateway.providers.aliyun_sms.wire.signing import octets, percent_encode, rpc_signature, rpc_string_to_sign


def mistakes(call: Call, account: Account) -> Iterator[tuple[str, str]]:
    secret, string_to_sign = account.secret, call.string_to_sign
    yield from _keys(secret, string_to_sign)
    for sentence, wrong in _strings(call):
        yield sentence, rpc_signature(secret, wrong)


def _keys(secret: str, string_to_sign: str) -> Iterator[tuple[str, str]]:
    """The right string, signed or sent wrongly."""
    right = rpc_signature(secret, string_to_sign)
    key, text = octets(f"{secret}&"), octets(string_to_sign)
    yield "the & is missing at the end of the key: it is the secret and &", _base64(octets(secret), text, "sha1")
    yield "the Signature was not URL-encoded: its + arrived as a blank", right.replace("+", " ")
    yield "the Signature was URL-encoded twice", quote(right, safe="")
    yield "it is HMAC-SHA256 instead of HMAC-SHA1", _base64(key, text, "sha256")
    yield "the & is missing at the end of the key, and it is HMAC-SHA256", _base64(octets(secret), text, "sha256")
    yield "the signature is hex instead of base64", hmac.digest(key, text, "sha1").hex()
    yield "the signature is hex in capitals instead of base64", hmac.digest(key, text, "sha1").hex().upper()
    yield "it is hex of HMAC-SHA256 instead of base64 of HMAC-SHA1", hmac.digest(key, text, "sha256").hex()


def _strings(call: Call) -> Iterator[tuple[str, str]]:
    """Other strings to sign that a client can have made of this request."""
    method = call.request.method
    pairs = [pair for pair in call.query + call.form if pair[0] != "Signature"]
    for other in ("GET", "POST"):
        if other != method:
            sentence = f"the client signed the method {other}, but sent {method}"
            yield sentence, rpc_string_to_sign(other, pairs)
    if call.form:
        yield "the parameters of the body were not signed", rpc_string_to_sign(method, call.query)
    if call.form and call.query:
        yield "the parameters of the query were not signed", rpc_string_to_sign(method, call.form)
    filled = [pair for pair in pairs if pair[1]]
    if len(filled) < len(pairs):
        yield "parameters with an empty value were not signed", rpc_string_to_sign(method, filled)
    for name in sorted({name for name, _ in pairs}):
        fewer = [pair for pair in pairs if pair[0] != name]
        yield f"the parameter {name} was not signed", rpc_string_to_sign(method, fewer)
    yield from _orders(method, pairs)
    yield from _encodings(method, pairs)


def _orders(method: str, pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    def twice(ordered: list[tuple[str, str]]) -> str:
        return f"{method}&%2F&{percent_encode(escapes.query(ordered, percent_encode, in_order=False))}"

    yield "the parameters are not sorted by name", twice(pairs)
    by_letter = sorted(pairs, key=lambda pair: pair[0].lower())
    yield "the parameters are sorted without regard to case instead of by byte", twice(by_letter)
    pluses = [(name, value.replace(" ", "+")) for name, value in pairs]
    yield "a + in a value was not URL-encoded and arrived as a blank", twice(sorted(pluses))


def _encodings(method: str, pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    once = escapes.query(pairs, percent_encode)
    raw = escapes.query(pairs, str)
    yield "the canonical query was not percent-encoded a second time", f"{method}&%2F&{once}"
    yield "names and values were not percent-encoded before they were joined", f"{method}&%2F&{percent_encode(raw)}"
    yield "nothing was percent-encoded", f"{method}&/&{raw}"
    yield "the / of the string to sign is not written as %2F", f"{method}&/&{percent_encode(once)}"
    for habit, encode in escapes.encoders(pairs):
        query = escapes.query(pairs, encode)
        # The second encoding may be the same one, or a better one; the / before it is often written by hand.
        for slash in dict.fromkeys(("%2F", encode("/"))):
            for twice in dict.fromkeys((percent_encode(query), encode(query))):
                yield f"the client's encoding {habit}", f"{method}&{slash}&{twice}"


def _base64(key: bytes, text: bytes, digest: str) -> str:
    return base64.b64encode(hmac.digest(key, text, digest)).decode()
