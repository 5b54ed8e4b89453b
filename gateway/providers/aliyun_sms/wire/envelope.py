"""Bodies and headers as Aliyun's gateway sends them, JSON and XML. Pure.

Sources: answers seen in public issues and documentation samples. ``Connection`` and ``Keep-Alive`` are left to
the server that holds the connection.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any, Literal, TypeAlias
from xml.sax.saxutils import escape

from gateway.core.model import Pairs

Format: TypeAlias = Literal["JSON", "XML"]

_CONTENT_TYPES = {"JSON": "application/json;charset=utf-8", "XML": "text/xml;charset=utf-8"}
_TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>"
# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

GLOBE_VERSION = "2018-05-01"
GLOBE_ACCEPTED = "The SMS Send Request was accepted"

CORS: Pairs = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "POST, GET, OPTIONS"),
    ("Access-Control-Allow-Headers", "X-Requested-With, X-Sequence, _aop_secret, _aop_signature"),
    ("Access-Control-Max-Age", "172800"),
)


def success(action: str, request_id: str, fields: Mapping[str, Any], form: Format) -> bytes:
    """What an operation answers when it did what it was asked; ``fields`` are its own."""
    return _body(f"{action}Response", {"Message": "OK", "RequestId": request_id, **fields, "Code": "OK"}, form)


def business_error(action: str, request_id: str, code: str, message: str, form: Format) -> bytes:
    """HTTP 200 and a code: exactly these three fields."""
    return _body(f"{action}Response", {"Message": message, "RequestId": request_id, "Code": code}, form)


def globe_answer(
    action: str, request_id: str, code: str, description: str, fields: Mapping[str, Any], form: Format
) -> bytes:
    """What version 2018-05-01 answers, whether it did what it was asked or not."""
    body = {"ResponseCode": code, "ResponseDescription": description, "RequestId": request_id, **fields}
    return _body(f"{action}Response", body, form)


def gateway_error(request_id: str, host: str, code: str, message: str, recommend: str, form: Format) -> bytes:
    """What the gateway answers by itself, HTTP 4xx and 5xx."""
    fields = {
        "RequestId": request_id,
        "Message": message,
        "Recommend": recommend,
        "HostId": host,
        "Code": code,
    }
    return _body("Error", fields, form)


def headers(form: Format, request_id: str, trace_id: str) -> Pairs:
    """``trace_id``: 32 hex digits."""
    return (
        ("Content-Type", _CONTENT_TYPES[form]),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "*"),
        ("X-Acs-Request-Id", request_id),
        ("X-Acs-Trace-Id", trace_id),
    )


def _body(root: str, fields: Mapping[str, Any], form: Format) -> bytes:
    text = _json(fields) if form == "JSON" else f"{_DECLARATION}{_element(root, fields)}"
    # Only an echo of what a client sent can hold anything that is not Unicode.
    return text.encode("utf-8", "replace")


def _json(fields: Mapping[str, Any]) -> str:
    """Most answers are strings only, and need no encoder built for them."""
    try:
        return "{" + ",".join([f'"{name}":{encode_basestring(value)}' for name, value in fields.items()]) + "}"
    except TypeError:
        return _TO_JSON(fields)


def _element(name: str, value: Any) -> str:
    """A mapping nests, a sequence repeats its element."""
    if isinstance(value, Mapping):
        inner = "".join([_element(key, child) for key, child in value.items()])
        return f"<{name}>{inner}</{name}>"
    if isinstance(value, list | tuple):
        return "".join([_element(name, child) for child in value])
    text = _NOT_XML.sub("\ufffd", str(value).lower() if isinstance(value, bool) else str(value))
    return f"<{name}>{escape(text)}</{name}>"
