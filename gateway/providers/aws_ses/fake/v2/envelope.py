"""Bodies and headers of v2. Pure. ``Date``, ``Content-Length`` and ``Connection`` are the server's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gateway.core.model import Pairs
from gateway.providers.aws_ses.fake.call import Call

_TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_JSON = ("Content-Type", "application/json")


def success(call: Call, fields: Mapping[str, Any]) -> tuple[Pairs, bytes]:
    """Members that are None are not sent, as AWS does."""
    headers = (_JSON, ("x-amzn-RequestId", call.request_id))
    if len(fields) == 1 and "MessageId" in fields:
        # The answer to every mail, which needs no encoder built for it.
        return headers, f'{{"MessageId":"{fields["MessageId"]}"}}'.encode()
    body = _TO_JSON({name: value for name, value in fields.items() if value is not None})
    return headers, body.encode("utf-8", "replace")


def error(call: Call, code: str, _status: int, message: str) -> tuple[Pairs, bytes]:
    """The type is a header; the body has nothing but the text."""
    body = _TO_JSON({"message": message}).encode("utf-8", "replace")
    return (_JSON, ("x-amzn-RequestId", call.request_id), ("x-amzn-ErrorType", code)), body
