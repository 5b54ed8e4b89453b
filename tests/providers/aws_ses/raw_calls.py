"""Requests that boto3 would not make, signed by botocore and sent over a socket."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.providers.aws_ses.served_fake import KEY_ID, SECRET, Served


def signed_call(
    served: Served,
    region: str,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """``body``: bytes as they are, anything else as JSON. The answer's status and JSON."""
    status, _, answer = raw_call(served, region, method, path, body, headers)
    return status, json.loads(answer)


def raw_call(
    served: Served,
    region: str,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Headers of the answer by lower-case name."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    url = served.url + path
    sent = {"Content-Type": "application/json", **(headers or {})}
    request = AWSRequest(method, url, sent, data)
    SigV4Auth(Credentials(KEY_ID, SECRET), "ses", region).add_auth(request)
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, data, dict(request.headers.items()))
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()
