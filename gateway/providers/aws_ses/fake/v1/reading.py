"""A request of v1 into an operation and its parameters: from the form, and from the query before it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.plan import Act, Operation
from gateway.providers.aws_ses.fake.v1 import shapes

VERSION = "2010-12-01"
_FORM = "application/x-www-form-urlencoded"
# The largest call has 50 destinations with 50 tags each; a body of 10 MB could hold millions and stall everybody.
_MOST_PARAMETERS = 10_000


@dataclass(frozen=True, slots=True)
class V1Operation:
    """``shape``: its parameters, see ``shapes``; ``rows`` is the same, made ready. ``result``: has the answer a
    result element?"""

    name: str
    plan: Callable[[Call], Awaitable[Act]]
    shape: Mapping[str, Any]
    result: bool = True
    rows: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", shapes.ready(self.shape))


class Actions:
    """Every action of v1. ``others``: those that are not native."""

    def __init__(self, native: tuple[V1Operation, ...], others: frozenset[str]) -> None:
        self.native = {operation.name: operation for operation in native}
        self._others = others

    def find(self, call: Call) -> V1Operation | None:
        """Names ``call.operation``; its parameters are still flat. None for what is not native. Raises Refusal."""
        call.parameters = parameters = _parameters(call)
        action, version = parameters.get("Action", ""), parameters.get("Version", "")
        if not action:
            hint = "send Action in a form"
            if call.request.body and not _is_form(call):
                hint = f"the body was not read: its Content-Type is not {_FORM}"
            message = "The request is missing an action or a required parameter."
            raise Refusal("MissingAction", hint, message=message)
        operation = self.native.get(action)
        if version != VERSION or (operation is None and action not in self._others):
            hint = f"the version is {VERSION}" if version != VERSION else f"{action} is no action of SES"
            message = f"Could not find operation {action} for version {version or 'NO_VERSION_SPECIFIED'}"
            raise Refusal("InvalidAction", hint, message=message)
        call.operation = action
        return operation


def read(call: Call, operation: Operation) -> None:
    """Put the parameters together. Raises Refusal."""
    assert isinstance(operation, V1Operation)  # noqa: S101  # rows of v1's own table
    try:
        call.parameters, broken = shapes.read(shapes.tree(call.parameters), operation.rows)
    except shapes.Malformed as problem:
        hint = f"{problem.where}: structures are Name.Member, lists Name.member.1"
        raise Refusal("MalformedInput", hint, message=problem.message) from None
    if broken:
        errors = "error" if len(broken) == 1 else "errors"
        message = f"{len(broken)} validation {errors} detected: {'; '.join(broken)}"
        raise Refusal("BadRequestException", broken[0].partition(" failed")[0], message=message)


def _is_form(call: Call) -> bool:
    return call.caller.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM


def _parameters(call: Call) -> dict[str, str]:
    """Where a name repeats, the last counts."""
    raw = call.query
    if call.request.body and (_is_form(call) or "content-type" not in call.caller.headers):
        form = call.request.body.decode("utf-8", "surrogateescape")
        raw = f"{raw}&{form}" if raw else form
    if raw.count("&") >= _MOST_PARAMETERS:
        hint = f"a request has at most {_MOST_PARAMETERS} parameters"
        raise Refusal("SerializationException", hint, message="The request has too many parameters.")
    found = {}
    try:
        for pair in raw.split("&"):
            name, _, value = pair.partition("=")
            if name:
                found[_decoded(name)] = _decoded(value)
    except UnicodeDecodeError:
        hint = "names and values are percent-encoded UTF-8"
        raise Refusal("SerializationException", hint, message="The query string is malformed.") from None
    return found


def _decoded(text: str) -> str:
    if text.isascii() and "%" not in text and "+" not in text:
        return text
    text = text.replace("+", " ")
    if text.isascii() and "\\" not in text:
        # As if they were Python's own escapes: nothing else decodes a mail of megabytes in one go.
        with contextlib.suppress(UnicodeDecodeError):
            return text.replace("%", "\\x").encode().decode("unicode_escape").encode("latin-1").decode()
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode()
