"""Bodies and headers of v1: XML as AWS prints it, indented, in its namespace. Pure.

``Date``, ``Content-Length`` and ``Connection`` are the server's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateway.core.model import Pairs
from gateway.providers.aws_ses.fake.call import Call

_XML = ("Content-Type", "text/xml")
_NAMESPACE = 'xmlns="http://ses.amazonaws.com/doc/2010-12-01/"'
# What needs escaping, and what XML 1.0 cannot hold, not even escaped.
_SPECIAL = re.compile("[&<>\r]|[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}


class Entries(dict[str, Any]):
    """A map of the service model: ``entry``, ``key`` and ``value`` on the wire."""


def success(call: Call, fields: Mapping[str, Any], *, result: bool = True) -> tuple[Pairs, bytes]:
    """``fields`` in the order of the service model; those that are None are not there. ``result``: has the answer a
    result element at all?"""
    name = call.operation
    lines: list[str] = []
    if result:
        _element(lines, f"{name}Result", fields, "  ")
    body = (
        f"<{name}Response {_NAMESPACE}>\n{''.join(lines)}  <ResponseMetadata>\n    <RequestId>{call.request_id}"
        f"</RequestId>\n  </ResponseMetadata>\n</{name}Response>\n"
    )
    return (_XML, ("x-amzn-RequestId", call.request_id)), body.encode("utf-8", "replace")


def error(call: Call, code: str, status: int, message: str) -> tuple[Pairs, bytes]:
    """Whose fault it is follows from the status."""
    kind = "Receiver" if status >= 500 else "Sender"
    body = (
        f"<ErrorResponse {_NAMESPACE}>\n  <Error>\n    <Type>{kind}</Type>\n    <Code>{_escaped(code)}</Code>\n"
        f"    <Message>{_escaped(message)}</Message>\n  </Error>\n  <RequestId>{call.request_id}</RequestId>\n"
        "</ErrorResponse>\n"
    )
    return (_XML, ("x-amzn-RequestId", call.request_id)), body.encode("utf-8", "replace")


def _element(lines: list[str], name: str, value: Any, indent: str) -> None:
    """A mapping nests, a list has members."""
    if isinstance(value, str):
        lines.append(f"{indent}<{name}>{_escaped(value)}</{name}>\n")
        return
    if not isinstance(value, Mapping | list | tuple):
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        lines.append(f"{indent}<{name}>{text}</{name}>\n")
        return
    inner: list[str] = []
    if isinstance(value, Entries):
        for key, child in value.items():
            _element(inner, "entry", {"key": key, "value": child}, f"{indent}  ")
    elif isinstance(value, Mapping):
        for key, child in value.items():
            if child is not None:
                _element(inner, key, child, f"{indent}  ")
    else:
        for child in value:
            _element(inner, "member", child, f"{indent}  ")
    if inner:
        lines += [f"{indent}<{name}>\n", *inner, f"{indent}</{name}>\n"]
    else:
        lines.append(f"{indent}<{name}/>\n")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0], "\ufffd")
