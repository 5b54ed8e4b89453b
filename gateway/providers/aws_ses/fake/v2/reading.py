"""A request of v2 into parameters: JSON body, the path's own members, the query's."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.plan import Operation
from gateway.providers.aws_ses.fake.v2 import shapes
from gateway.providers.aws_ses.fake.v2.routes import V2Operation

MOST_ON_A_PAGE = 100
_LARGEST_PAGE = 1000
# Each is some 0.3 us in one call, which no thread can interrupt. Mails in base64 have none.
_MOST_VALUES = 150_000
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


_FROM_JSON = json.JSONDecoder(parse_constant=_no_constant).decode


def read(call: Call, operation: Operation) -> None:
    """Fill in ``call.parameters``. Raises Refusal."""
    assert isinstance(operation, V2Operation)  # noqa: S101  # rows of v2's own table
    body = call.request.body
    sent = _body(body) if body else {}
    if call.query:
        for name, value in parse_qsl(call.query, keep_blank_values=True, errors="replace"):
            if name in operation.query:
                kind, member = operation.query[name]
                _add(sent, member, value, kind)
    if call.parameters:
        sent.update(call.parameters)
    call.parameters = sent
    try:
        shapes.check(sent, operation.shape)
    except shapes.Mistyped as problem:
        hint = f"{problem.path} has the wrong type"
        raise Refusal("SerializationException", hint, message=problem.message) from None
    except shapes.Unlisted as problem:
        raise invalid(
            f"Value '{problem.value}' at '{shapes.camel(problem.path)}'",
            f"Member must satisfy enum value set: [{', '.join(problem.known)}]",
            f"{problem.path} is none of AWS's values",
        ) from None
    except shapes.Absent as problem:
        raise missing(problem.path) from None


def missing(path: str) -> Refusal:
    """As AWS says that a required member is not there."""
    return invalid(f"Value null at '{shapes.camel(path)}'", "Member must not be null", f"send {path}")


def invalid(value: str, constraint: str, hint: str) -> Refusal:
    message = f"1 validation error detected: {value} failed to satisfy constraint: {constraint}"
    return Refusal("BadRequestException", hint, message=message)


def _body(body: bytes) -> dict[str, Any]:
    if body.count(b",") + body.count(b"[") + body.count(b"{") > _MOST_VALUES:
        hint = f"a body has at most {_MOST_VALUES} commas and opening brackets"
        raise Refusal("SerializationException", hint, message="The request has too many values.")
    try:
        value = _FROM_JSON(body.decode())
        if _SURROGATE.search(body):
            # Half a surrogate pair is JSON, but no text: it could never be shown.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal("SerializationException", "the body is no JSON, or not in UTF-8", message="") from None
    if type(value) is not dict:
        hint = "the body is a JSON object"
        raise Refusal("SerializationException", hint, message="Start of structure or map expected")
    return value


def _add(sent: dict[str, Any], member: str, value: str, kind: str) -> None:
    """A member of the query, in the type of the body."""
    if kind == "list":
        sent.setdefault(member, []).append(value)
    elif kind == "i":
        if not re.fullmatch("-?[0-9]{1,9}", value):
            text = "STRING_VALUE can not be converted to an Integer"
            raise Refusal("SerializationException", f"{member} is a number", message=text)
        sent[member] = int(value)
    else:
        sent[member] = value


def page_size(call: Call) -> int:
    """PageSize, a hundred unless it is said. Raises Refusal for what is no size of a page."""
    size = call.parameters.get("PageSize")
    if size is None:
        return MOST_ON_A_PAGE
    if not 1 <= size <= _LARGEST_PAGE:
        text = f"PageSize must be between 1 and {_LARGEST_PAGE}."
        raise Refusal("BadRequestException", f"PageSize is at most {_LARGEST_PAGE}", message=text)
    return int(size)
