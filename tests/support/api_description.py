"""What our API answers must fit its own description: every answer that a test client reads is held against it.

An answer with a status, a code, a field or a media type that the OpenAPI document does not have fails the test that
asked, wherever it is. So a handler cannot grow a field that nobody describes.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs

from gateway.web.api import ROUTES
from gateway.web.routing.openapi import document
from tests.support import toy

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


@cache
def described() -> dict[str, Any]:
    """The document, as everybody's."""
    return document(ROUTES)


def check(method: str, target: str, status: int, kind: str | None, body: bytes) -> None:
    """``target`` is what was asked for of our own API, ``kind`` the Content-Type. Raises AssertionError."""
    path = target.partition("?")[0]
    if status < 200:
        return
    item = _item(path)
    if item is None or (status == 405 and method.lower() not in item):
        wanted = 404 if item is None else 405
        if path.startswith("/api/") and status in (404, 405):
            assert status == wanted, f"{method} {path} is answered with {status}"
            _fits(_error_schema(), method, body, f"{method} {path}: {status}")
        return
    operation = item["get" if method == "HEAD" else method.lower()]
    where = f"{operation['operationId']}, {status}"
    assert str(status) in operation["responses"], f"{where}: that status is not described"
    answer = _resolved(operation["responses"][str(status)])
    content = answer.get("content")
    if content is None:
        assert not body, f"{where}: a body, and none is described"
        return
    (described_kind,) = content
    assert described_kind in {"*/*", (kind or "").partition(";")[0]}, f"{where}: {kind} is not {described_kind}"
    if described_kind == "application/json":
        _fits(json.dumps(content[described_kind]["schema"]), method, body, where)


def _fits(schema: str, method: str, body: bytes, where: str) -> None:
    if method == "HEAD":
        return
    problems = [f"{one.message} at {one.instance_path}" for one in _validator(schema).iter_errors(json.loads(body))]
    assert not problems, f"{where}: {problems[0]}"


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    whole = {**json.loads(schema), "components": described()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _error_schema() -> str:
    return json.dumps({"$ref": "#/components/schemas/Error"})


def _resolved(answer: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in answer:
        found: dict[str, Any] = described()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        return found
    return answer


def _item(path: str) -> dict[str, Any] | None:
    """The path of the document that fits, the exact one first."""
    paths = described()["paths"]
    if path in paths:
        found: dict[str, Any] = paths[path]
        return found
    for pattern, item in _patterns():
        if pattern.fullmatch(path):
            return item
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    paths = described()["paths"].items()
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), item) for path, item in paths if "{" in path]


def targets(data: bytes) -> list[tuple[str, str] | None]:
    """Method and target of each request in what a test sends by hand; None for one that is not ours to check."""
    found: list[tuple[str, str] | None] = []
    while data:
        head, end, rest = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        first = lines[0].split(" ")
        names = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        whole = bool(end) and len(first) == 3 and first[0] in _METHODS and "transfer-encoding" not in names
        length = names.get("content-length", "0")
        if not whole or not length.isdigit() or len(rest) < int(length):
            return [*found, None]
        ours = not names.get("host", "").lower().startswith(toy.HOST) and first[1].startswith("/")
        found.append((first[0], first[1]) if ours else None)
        data = rest[int(length) :]
    return found
