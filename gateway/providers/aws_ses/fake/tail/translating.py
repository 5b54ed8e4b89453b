"""Requests as moto wants them, and moto's answers as AWS would give them. Pure.

What moto gets is made anew from what was checked: no header of the client's, no query of its own. That matters,
since moto looks for ``Action`` in every query and even in a JSON body that has an ``&``.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote, urlencode

from gateway.providers.aws_ses.fake.call import Refusal
from gateway.providers.aws_ses.fake.v2.routes import V2Operation

Fields: TypeAlias = "dict[str, Any]"

_FORM = "application/x-www-form-urlencoded; charset=utf-8"
_NAMESPACE = "{http://ses.amazonaws.com/doc/2010-12-01/}"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OTHER_CODES = {"InvalidToken": "InvalidParameterValue"}
# A query of any kind keeps moto from reading a JSON body as one.
_NOTHING = "-"


class Primitives(NamedTuple):
    """A request to moto. ``target``: path and query."""

    method: str
    target: str
    content_type: str
    body: bytes


class Answer(NamedTuple):
    """What moto gave. ``headers`` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: str


def v1_request(form: Mapping[str, str]) -> Primitives:
    return Primitives("POST", "/", _FORM, urlencode(form).encode())


def v2_request(operation: V2Operation, parameters: Mapping[str, Any]) -> Primitives:
    """``parameters``: all members. Those of path and query travel there, the others in the body."""
    rest = {name: value for name, value in parameters.items() if value is not None}
    steps = [
        quote(str(rest.pop(step[1:-1])), safe="") if step.startswith("{") else step
        for step in operation.path.split("/")
    ]
    query: list[tuple[str, str]] = [(_NOTHING, "")]
    if operation.method in ("GET", "DELETE"):
        for name, value in rest.items():
            query += [(name, one) for one in (value if isinstance(value, list) else [str(value)])]
        rest = {}
    body = json.dumps(rest).encode() if operation.method in ("POST", "PUT") else b""
    return Primitives(operation.method, f"/v2/email/{'/'.join(steps)}?{urlencode(query)}", "application/json", body)


def v1_fields(answer: Answer) -> Fields:
    """The result element. Raises Refusal for an error of moto's, ValueError for what is no answer of v1."""
    # moto escapes neither: a parser would refuse the one and make a line feed of the other.
    body = _NO_XML.sub("\ufffd", answer.body).replace("\r", "&#13;")
    root = ET.fromstring(body)  # noqa: S314  # what moto's serializer just wrote
    if answer.status >= 300:
        raise _refusal(
            root.findtext(f"{_NAMESPACE}Error/{_NAMESPACE}Code", ""),
            root.findtext(f"{_NAMESPACE}Error/{_NAMESPACE}Message", ""),
        )
    name = root.tag.removeprefix(_NAMESPACE).removesuffix("Response")
    result = root.find(f"{_NAMESPACE}{name}Result")
    if result is None:
        raise ValueError(f"no result element: {root.tag}")
    fields = _value(result)
    return fields if isinstance(fields, dict) else {}


def v2_fields(answer: Answer) -> Fields:
    """The body, with times as AWS sends them (seconds since the epoch) and without nulls. Raises Refusal for an
    error of moto's, ValueError for what is no answer of v2."""
    body = json.loads(answer.body)
    if not isinstance(body, dict):
        raise ValueError("the body is no JSON object")  # noqa: TRY004  # one class for every bad answer
    if answer.status >= 300:
        code = answer.headers.get("x-amzn-errortype") or body.get("__type", "")
        raise _refusal(str(code), str(body.get("message", body.get("Message", ""))))
    return {name: _cleaned(value, name) for name, value in body.items() if value is not None}


def _refusal(code: str, message: str) -> Refusal:
    if not code:
        raise ValueError("an error without a code")
    return Refusal(_OTHER_CODES.get(code, code), "moto refused it", message=message)


def _value(element: ET.Element) -> Any:
    """A list has members, a structure has other children; what has neither, and no text, prints empty."""
    children = list(element)
    if not children:
        return element.text or {}
    if all(child.tag == f"{_NAMESPACE}member" for child in children):
        return [_value(child) for child in children]
    return {child.tag.removeprefix(_NAMESPACE): _value(child) for child in children}


def _cleaned(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _cleaned(inner, key) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    if name.endswith("Timestamp") and isinstance(value, str):
        return datetime.fromisoformat(value).timestamp()
    return value
