"""Both of Aliyun's signatures, from its documentation ("V2 request structure and signature" for RPC, "V3 request
structure and signature" for ACS3) and nothing else. Shares no code with the gateway, and none with an SDK: what
agrees with it agrees with the documentation.

Run it to check it against the samples of the documentation: ``python -m tests.e2e.independent_signer``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

Pairs = Iterable[tuple[str, str]]

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


def encoded(text: str) -> str:
    """RFC 3986, from the bytes up: no library's idea of what is safe has a say."""
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in text.encode("utf-8"))


def wire(pairs: Pairs) -> str:
    """Pairs as a query or form, in the order given."""
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in pairs)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def nonce() -> str:
    return str(uuid.uuid4())


# --- RPC, HMAC-SHA1 -----------------------------------------------------------------------------------------


def rpc_string_to_sign(method: str, parameters: Mapping[str, str]) -> str:
    canonical = wire((name, parameters[name]) for name in sorted(parameters) if name != "Signature")
    return f"{method}&{encoded('/')}&{encoded(canonical)}"


def rpc_signature(secret: str, method: str, parameters: Mapping[str, str]) -> str:
    return base64_of_hmac(f"{secret}&", rpc_string_to_sign(method, parameters))


def base64_of_hmac(key: str, text: str) -> str:
    """HMAC-SHA1. By itself it is for tests that sign wrongly."""
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()


def rpc_parameters(key_id: str, action: str, business: Mapping[str, str]) -> dict[str, str]:
    """Everything but the signature. No ``Format``: the documentation has XML as its default."""
    return {
        "AccessKeyId": key_id,
        "Action": action,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": nonce(),
        "SignatureVersion": "1.0",
        "Timestamp": now(),
        "Version": "2017-05-25",
        **business,
    }


# --- ACS3-HMAC-SHA256 ---------------------------------------------------------------------------------------


def acs3_headers(host: str, action: str, body: bytes = b"", **more: str) -> dict[str, str]:
    """The headers that ACS3 asks for. ``more``: others to sign, ``_`` for ``-`` in their names."""
    return {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-acs-date": now(),
        "x-acs-signature-nonce": nonce(),
        "x-acs-version": "2017-05-25",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def acs3_canonical(method: str, query: Pairs, signed: Mapping[str, str], body: bytes = b"", uri: str = "/") -> str:
    lower = {name.lower(): value.strip() for name, value in signed.items()}
    headers = "".join(f"{name}:{lower[name]}\n" for name in sorted(lower))
    names = ";".join(sorted(lower))
    hashed = hashlib.sha256(body).hexdigest()
    return "\n".join((method, uri, wire(sorted(query)), headers, names, hashed))


def acs3_signature(secret: str, canonical: str) -> str:
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def acs3_authorization(
    key_id: str, secret: str, canonical: str, signed: Iterable[str], separator: str = ","
) -> str:
    names = ";".join(sorted(name.lower() for name in signed))
    parts = (f"Credential={key_id}", f"SignedHeaders={names}", f"Signature={acs3_signature(secret, canonical)}")
    return f"ACS3-HMAC-SHA256 {separator.join(parts)}"


# --- the documentation's samples ----------------------------------------------------------------------------

_RPC_SAMPLE = {
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
_ACS3_QUERY = (("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"), ("RegionId", "cn-shanghai"))
_ACS3_HEADERS = {
    "host": "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    "x-acs-date": "2023-10-26T10:22:32Z",
    "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    "x-acs-version": "2014-05-26",
}

SAMPLES = (
    (rpc_signature("testSecret", "GET", _RPC_SAMPLE), "zJDF+Lrzhj/ThnlvIToysFRq6t4="),
    (rpc_signature("testSecret", "POST", _RPC_SAMPLE), "Xvhv7fPXrPkLVSnlt0jIr08o8NQ="),
    (
        acs3_signature("YourAccessKeySecret", acs3_canonical("POST", _ACS3_QUERY, _ACS3_HEADERS)),
        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
    ),
)
"""What this module computes, and what the documentation prints."""

if __name__ == "__main__":
    raise SystemExit(any(ours != theirs for ours, theirs in SAMPLES))
