"""Clients of Aliyun written from its documentation, sharing no code with the fake: they sign rightly, and wrongly
where a test asks for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from gateway.core.model import Request

KEY_ID = "LTAI5tFakeTests"
SECRET = "s3cret+/=OfTheFakeTests"
OTHER_KEY_ID = "LTAI5tSomebodyElsesTest"
OTHER_SECRET = "theSecretOfSomebodyElse"
SIGN_NAME = "阿里云短信测试"
NOW = datetime(2026, 11, 21, 10, 20, 30, tzinfo=UTC).timestamp()
FORM = "application/x-www-form-urlencoded"
HOST = "127.0.0.1:4650"

SEND: dict[str, str] = {
    "PhoneNumbers": "13800138000",
    "SignName": SIGN_NAME,
    "TemplateCode": "SMS_154950909",
    "TemplateParam": '{"code":"123456"}',
}

_UNRESERVED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
_ENCODED = [chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}" for byte in range(256)]
_nonces = count(1)

Encode = Callable[[str], str]
Pairs = list[tuple[str, str]]


def encode(text: str) -> str:
    return "".join(map(_ENCODED.__getitem__, text.encode()))


def joined(pairs: Iterable[tuple[str, str]], by: Encode = encode) -> str:
    return "&".join(f"{by(name)}={by(value)}" for name, value in pairs)


def fresh_nonce() -> str:
    return f"nonce-{next(_nonces)}"


def iso(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def b64(key: str, text: str, digest: str = "sha1") -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), digest).digest()).decode()


def hexed(key: str, text: str, digest: str = "sha256") -> str:
    return hmac.new(key.encode(), text.encode(), digest).hexdigest()


# --- RPC v1 -------------------------------------------------------------------------------------------------


def rpc_text(method: str, pairs: Pairs, by: Encode = encode) -> str:
    return f"{method}&{encode('/')}&{encode(joined(sorted(pairs), by))}"


def rpc_sign(method: str, query: Pairs, form: Pairs) -> str:
    return b64(f"{SECRET}&", rpc_text(method, query + form))


def rpc(
    business: Mapping[str, str] | None = None,
    *,
    method: str = "POST",
    form: Iterable[str] = (),
    action: str = "SendSms",
    sign: Callable[[str, Pairs, Pairs], str] = rpc_sign,
    common: Mapping[str, str | None] | None = None,
    lost: Iterable[str] = (),
    write: Callable[[Iterable[tuple[str, str]]], str] = joined,
    at: float = NOW,
    **request: Any,
) -> Request:
    """``form``: the names that travel in the body, ``*`` for all. ``common``: changes to the common parameters,
    None drops one. ``lost``: names that are signed, but not sent."""
    params = {
        "Format": "JSON",
        "RegionId": "cn-hangzhou",
        "Version": "2017-05-25",
        "AccessKeyId": KEY_ID,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": fresh_nonce(),
        "Timestamp": iso(at),
        "Action": action,
        **(SEND if business is None else business),
    }
    for name, value in (common or {}).items():
        if value is None:
            params.pop(name, None)
        else:
            params[name] = value
    dropped = set(lost)
    in_body = set(params) if set(form) == {"*"} else set(form)
    query = [pair for pair in params.items() if pair[0] not in in_body]
    body = [pair for pair in params.items() if pair[0] in in_body]
    signature = sign(method, query, body)
    (body if set(form) == {"*"} else query).append(("Signature", signature))
    query = [pair for pair in query if pair[0] not in dropped]
    body = [pair for pair in body if pair[0] not in dropped]
    headers = [("Host", HOST)] + ([("Content-Type", FORM)] if body else [])
    return made(
        method=method,
        target=f"/?{write(query)}" if query else "/",
        headers=[*headers, *request.pop("headers", [])],
        body=write(body).encode(),
        **request,
    )


# --- ACS3 ---------------------------------------------------------------------------------------------------


@dataclass
class Canonical:
    """A canonical request of ACS3 before it is joined, for tests to spoil."""

    method: str
    query: Pairs
    headers: dict[str, str]
    body: bytes
    form: Pairs = field(default_factory=list)
    uri: str = "/"
    secret: str = SECRET

    @property
    def names(self) -> str:
        return ";".join(sorted(self.headers))

    def text(self, **spoiled: Any) -> str:
        method = spoiled.get("method", self.method)
        uri = spoiled.get("uri", self.uri)
        query = spoiled.get("query", joined(sorted(self.query)))
        headers = spoiled.get("headers", self.headers)
        names = spoiled.get("names", ";".join(sorted(headers)))
        lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names.split(";"))
        payload = spoiled.get("payload", hashlib.sha256(self.body).hexdigest())
        return f"{method}\n{uri}\n{query}\n{lines}\n{names}\n{payload}"

    def sign(self, text: str | None = None, key: str | None = None) -> str:
        hashed = hashlib.sha256((self.text() if text is None else text).encode()).hexdigest()
        return hexed(self.secret if key is None else key, f"ACS3-HMAC-SHA256\n{hashed}")


def acs3(
    business: Mapping[str, str] | None = None,
    *,
    method: str = "POST",
    form: Iterable[str] = (),
    action: str = "SendSms",
    key_id: str = KEY_ID,
    secret: str = SECRET,
    signed: Mapping[str, str | None] | None = None,
    unsigned: Iterable[tuple[str, str]] = (),
    sign: Callable[[Canonical], str] = Canonical.sign,
    write: Callable[[Iterable[tuple[str, str]]], str] = joined,
    uri: str = "/",
    authorization: str | None = None,
    at: float = NOW,
    body: bytes | None = None,
    **request: Any,
) -> Request:
    """``signed``: more headers to sign, None drops one. ``unsigned``: more headers that are only sent."""
    params = SEND if business is None else dict(business)
    pairs = [pair for pair in params.items() if pair[0] in set(form)]
    content = write(pairs).encode() if body is None else body
    headers: dict[str, str | None] = {
        "host": HOST,
        "accept": "application/json",
        "user-agent": "AlibabaCloud (Tests)",
        "x-acs-action": action,
        "x-acs-version": "2017-05-25",
        "x-acs-date": iso(at),
        "x-acs-signature-nonce": fresh_nonce(),
        "x-acs-content-sha256": hashlib.sha256(content).hexdigest(),
        **({"content-type": FORM} if pairs else {}),
        **(signed or {}),
    }
    there = {name: value for name, value in headers.items() if value is not None}
    query = [pair for pair in params.items() if pair not in pairs]
    canonical = Canonical(method, query, there, content, pairs, uri, secret)
    value = authorization or (
        f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={canonical.names},Signature={sign(canonical)}"
    )
    return made(
        method=method,
        target=request.pop("target", f"/?{write(query)}" if query else "/"),
        headers=[*there.items(), ("Authorization", value), *unsigned],
        body=content,
        **request,
    )


def made(*, target: str, headers: Iterable[tuple[str, str]], **known: Any) -> Request:
    pairs = tuple(headers)
    values: dict[str, Any] = {
        "method": "POST",
        "prefix": "",
        "scheme": "http",
        "host": next((value for name, value in pairs if name.lower() == "host"), HOST),
        "body": b"",
        "peer": "127.0.0.1",
        "received_at": NOW,
        "exchange_id": "ex_1",
        **known,
    }
    return Request(target=target, headers=pairs, **values)


# --- recorded -----------------------------------------------------------------------------------------------


def recordings() -> list[dict[str, Any]]:
    path = Path(__file__).parents[3] / "fixtures" / "recordings" / "aliyun_sms_signatures.json"
    found: list[dict[str, Any]] = json.loads(path.read_text())
    return found


def replayed(recording: Mapping[str, Any]) -> Request:
    """The request as it came over the wire, received when it says it was sent."""
    head, _, body = recording["raw_request_latin1"].encode("latin-1").partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    sent = datetime(2026, 11, 20, 23, 48, tzinfo=UTC).timestamp()
    return made(method=method, target=target, headers=headers, body=body, received_at=sent)
