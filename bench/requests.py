"""Requests as the official SDKs sign them, made before anything is measured."""

from __future__ import annotations

import json
import secrets
import time
from urllib.parse import urlencode

from bench.processes import Server
from gateway.providers.aliyun_sms.wire import signing
from gateway.providers.aws_ses.wire import sigv4

# fixtures/sandbox.yaml
_KEY_ID, _SECRET, _REGION = "sandbox-key-id", "sandbox-key-secret", "us-east-1"
_SES_PATH = "/v2/email/outbound-emails"
_SES_SIGNED = "content-type;host;x-amz-date"


def sms(server: Server, seed: int) -> bytes:
    """Return a SendSms with another number and code for each seed, so that no cache profits from having seen them.

    No number is one of the magic ones.
    """
    number = 13_000_000_000 + seed * 61_803_397 % 1_000_000_000
    return send_sms(server, str(number), f"{number * 499 % 10**6:06d}")


def send_sms(server: Server, numbers: str, code: str = "246810") -> bytes:
    """Return a SendSms as the Python SDK signs it (ACS3), with the sandbox's credentials."""
    host = f"{server.host}:{server.port}"
    query = {
        "PhoneNumbers": numbers,
        "SignName": "网关沙盒",
        "TemplateCode": "SMS_100000001",
        "TemplateParam": json.dumps({"code": code}),
    }
    headers = {
        "accept": "application/json",
        "host": host,
        "user-agent": "bench",
        "x-acs-action": "SendSms",
        "x-acs-content-sha256": signing.EMPTY_HASH,
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-version": "2017-05-25",
    }
    signed = ";".join(sorted(headers))
    canonical = signing.acs3_canonical_request("POST", "/", query.items(), headers, signed, signing.EMPTY_HASH)
    signature = signing.acs3_signature(_SECRET, signing.acs3_string_to_sign(canonical))
    authorization = f"ACS3-HMAC-SHA256 Credential={_KEY_ID},SignedHeaders={signed},Signature={signature}"
    lines = [f"POST /?{urlencode(query)} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines += [f"Authorization: {authorization}", "Content-Length: 0"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def mail(server: Server, seed: int) -> bytes:
    """Return a SendEmail (SES v2) as boto3 writes and signs it, with another recipient and code for each seed."""
    code = f"{seed * 499_979 % 10**6:06d}"
    document = {
        "FromEmailAddress": "Demo <no-reply@example.com>",
        "Destination": {"ToAddresses": [f"user{seed}@inbox.example"]},
        "Content": {
            "Simple": {
                "Subject": {"Data": "Your code"},
                "Body": {
                    "Text": {"Data": f"Your code is {code}. It works for ten minutes."},
                    "Html": {"Data": f"<p>Your code is <b>{code}</b>. It works for ten minutes.</p>"},
                },
            }
        },
    }
    body = json.dumps(document).encode()
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers = {
        "host": f"{server.host}:{server.port}",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": "Boto3/1.44.5 md/Botocore#1.44.5 bench",
        "x-amz-date": now,
        "amz-sdk-invocation-id": "b95b3f70-5b9d-4bae-9687-a739e7a026c7",
        "amz-sdk-request": "attempt=1",
        "content-length": str(len(body)),
    }
    scope = sigv4.Scope(now[:8], _REGION, "ses", sigv4.TERMINATOR)
    hashed = sigv4.payload_hash(body)
    canonical = sigv4.canonical_request("POST", _SES_PATH, "", headers, _SES_SIGNED, hashed)
    signature = sigv4.signature(_SECRET, scope, sigv4.string_to_sign(now, scope, canonical))
    credential = f"{_KEY_ID}/{now[:8]}/{_REGION}/ses/{sigv4.TERMINATOR}"
    headers["authorization"] = (
        f"{sigv4.ALGORITHM} Credential={credential}, SignedHeaders={_SES_SIGNED}, Signature={signature}"
    )
    lines = [f"POST {_SES_PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def post(server: Server, path: str, body: object = None) -> bytes:
    """Return a POST of the API, with a JSON body if one is given."""
    text = b"" if body is None else json.dumps(body).encode()
    kind = "" if body is None else "Content-Type: application/json\r\n"
    head = f"POST {path} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n{kind}Content-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


def get(server: Server, path: str) -> bytes:
    """Return a GET of the API."""
    return f"GET {path} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n\r\n".encode()
