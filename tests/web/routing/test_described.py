"""The hook that holds every answer against the description: it refuses what is not described."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.api_description import check, targets
from tests.support.raw_http import request

JSON = "application/json; charset=utf-8"
CLOCK: dict[str, Any] = {
    "now": "2026-11-21T10:20:30.123Z",
    "real": "2026-11-21T10:20:30.123Z",
    "offsetSeconds": 0,
    "frozen": False,
}
CLOCK["jobs"] = {"waiting": 0, "nextAt": None}
GONE = {"code": "entity.not_found", "message": "gone", "data": {}}


def held(method: str, target: str, status: int, document: Any, kind: str | None = JSON) -> None:
    check(method, target, status, kind, json.dumps(document).encode())


def test_what_is_described_passes() -> None:
    held("GET", "/api/clock", 200, CLOCK)
    held("GET", "/api/captures/cap_1?x=y", 404, GONE)
    held("GET", "/api/nothing", 404, GONE)
    held("PUT", "/api/clock", 405, {**GONE, "code": "request.method_not_allowed", "data": {"allow": ["GET"]}})
    check("GET", "/api/codes/13800138000", 200, "text/plain; charset=utf-8", b"246810")
    check("DELETE", "/api/connectors/mine", 204, None, b"")
    check("HEAD", "/api/clock", 200, JSON, b"")


@pytest.mark.parametrize(
    ("method", "target", "status", "document", "kind"),
    [
        ("GET", "/api/clock", 200, {**CLOCK, "zone": "UTC"}, JSON),
        ("GET", "/api/clock", 200, {key: CLOCK[key] for key in ("now", "real", "frozen")}, JSON),
        ("GET", "/api/clock", 200, {**CLOCK, "now": "yesterday"}, JSON),
        ("GET", "/api/clock", 201, CLOCK, JSON),
        ("GET", "/api/clock", 200, CLOCK, "text/plain"),
        ("GET", "/api/clock", 404, GONE, JSON),
        ("GET", "/api/captures/cap_1", 404, {**GONE, "code": "made.up"}, JSON),
        ("GET", "/api/captures/cap_1", 404, {**GONE, "code": "cursor.gone"}, JSON),
        ("GET", "/api/captures/cap_1", 404, {**GONE, "data": {"secret": "x"}}, JSON),
        ("GET", "/api/captures/cap_1", 404, {**GONE, "hint": "x"}, JSON),
        ("DELETE", "/api/connectors/mine", 204, {}, JSON),
        ("GET", "/api/nothing", 405, GONE, JSON),
        ("GET", "/api/nothing", 404, {"error": "x"}, JSON),
    ],
)
def test_what_is_not_described_fails(method: str, target: str, status: int, document: Any, kind: str) -> None:
    with pytest.raises(AssertionError):
        held(method, target, status, document, kind)


def test_requests_by_hand_are_told_apart() -> None:
    sent = request("GET", "/api/clock") + request("POST", "/api/clock", {"advance": 1}) + request("GET", "/healthz")
    assert targets(sent) == [("GET", "/api/clock"), ("POST", "/api/clock"), ("GET", "/healthz")]
    assert targets(request("GET", "/api/clock", None, {"Host": "API.toy.example:80"})) == [None]
    assert targets(b"nonsense\r\n\r\n") == [None]
    assert targets(request("POST", "/api/clock", {"advance": 1})[:-3]) == [None]
