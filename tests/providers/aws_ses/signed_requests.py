"""Signed requests at the checks: recorded ones, and new ones signed by botocore, the judge."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gateway.core.model import Request
from gateway.providers.aws_ses.fake.authenticate import authenticate
from gateway.providers.aws_ses.fake.caller import Caller, Unauthenticated
from gateway.providers.aws_ses.wire import sigv4

KEY_ID = "AKIDEXAMPLE000000001"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"  # AWS's published example
OTHER_KEY_ID = "AKIDEXAMPLE000000002"
OTHER_SECRET = "theSecretOfSomebodyElse"
NOW = datetime(2026, 11, 21, 10, 20, 30, tzinfo=UTC).timestamp()
HOST = "127.0.0.1:4650"
URL = f"http://{HOST}"


@dataclass(frozen=True)
class Key:
    key_id: str = KEY_ID
    secret: str = SECRET
    security_token: str | None = None


@dataclass(frozen=True)
class Settings:
    strict: bool = True
    accounts: Mapping[str, Key] = field(
        default_factory=lambda: {KEY_ID: Key(), OTHER_KEY_ID: Key(OTHER_KEY_ID, OTHER_SECRET)}
    )
    freshness: float = 900.0
    ahead: float = 300.0
    echo: bool = True


def recordings() -> list[dict[str, Any]]:
    path = Path(__file__).parents[3] / "fixtures" / "recordings" / "aws_ses_signatures.json"
    found: list[dict[str, Any]] = json.loads(path.read_text())
    return found


def replayed(recording: Mapping[str, Any]) -> Request:
    """The request as it came over the wire, received when it says it was sent."""
    head, _, body = recording["raw_request_latin1"].encode("latin-1").partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    sent = datetime(2026, 11, 20, 23, 57, tzinfo=UTC).timestamp()
    return request(method, target, headers, body, received_at=sent)


def request(
    method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes = b"", **known: Any
) -> Request:
    host = next((value for name, value in headers if name.lower() == "host"), HOST)
    values = {
        "prefix": "",
        "scheme": "http",
        "host": host,
        "peer": "127.0.0.1",
        "received_at": NOW,
        "exchange_id": "ex_1",
        **known,
    }
    return Request(method=method, target=target, headers=headers, body=body, **values)


def signed(
    method: str = "POST",
    url: str = f"{URL}/v2/email/outbound-emails",
    body: bytes = b'{"a": 1}',
    *,
    headers: Mapping[str, str] | None = None,
    secret: str = SECRET,
    key_id: str = KEY_ID,
    token: str | None = None,
    region: str = "us-east-1",
    service: str = "ses",
    at: float = NOW,
    presigned: int | None = None,
    prefix: str = "",
) -> Request:
    """What botocore makes of it, header or presigned form."""
    sent = AWSRequest(method, url, dict(headers or {"Content-Type": "application/json"}), body)
    who = Credentials(key_id, secret, token)
    when = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    with patch.object(botocore.auth, "get_current_datetime", lambda: when):
        if presigned is None:
            botocore.auth.SigV4Auth(who, service, region).add_auth(sent)
        else:
            botocore.auth.SigV4QueryAuth(who, service, region, presigned).add_auth(sent)
    prepared = sent.prepare()
    host, _, rest = prepared.url.partition("://")[2].partition("/")
    pairs = [
        (name, value.decode() if isinstance(value, bytes) else value) for name, value in prepared.headers.items()
    ]
    if "host" not in {name.lower() for name, _ in pairs}:
        pairs.insert(0, ("Host", host))
    return request(method, f"/{rest}", tuple(pairs), prepared.body or b"", prefix=prefix)


def caller_of(one: Request) -> Caller:
    path, _, raw_query = one.target.partition("?")
    return Caller(one, path, raw_query, sigv4.folded_headers(one.headers))


def judged(one: Request, settings: Settings | None = None) -> tuple[Caller, Unauthenticated | None]:
    caller = caller_of(one)
    try:
        authenticate(caller, settings or Settings())
    except Unauthenticated as found:
        return caller, found
    return caller, None


def accepted(one: Request, settings: Settings | None = None) -> Caller:
    caller, refusal = judged(one, settings)
    assert refusal is None, (refusal.message, refusal.explanation)
    return caller


def refused(one: Request, settings: Settings | None = None) -> Unauthenticated:
    _, refusal = judged(one, settings)
    assert refusal is not None
    return refusal


def with_authorization(one: Request, change: Callable[[str], str]) -> Request:
    pairs = [(name, change(value) if name == "Authorization" else value) for name, value in one.headers]
    return replace(one, headers=tuple(pairs))
