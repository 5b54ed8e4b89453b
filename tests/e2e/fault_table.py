"""What a fault does: one table, from which the tests take what to observe and docs/aliyun-sms.md what to say.

``python -m tests.e2e.fault_table`` prints it as docs/aliyun-sms.md has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Stage = Literal["before", "after"]

_LOST = "`UnretryableException` of `RetryError`"
_UNREADABLE = "`UnretryableException` of `RuntimeError`"
_TIMED_OUT = "`general`, `timed_out`, maybe sent"
_LOST_CONNECTION = "`general`, `connection_lost`, maybe sent"
_FAILED = "`general`, `provider_failed`, maybe sent"
_INVALID = "`invalid_response`, `invalid_response`, maybe sent"
_LIMITED = "`rate_limit_exceeded`, `rate_limited`, not sent"
_THROTTLED = "`rate_limit_exceeded`, `throttled`, not sent, 3 attempts"
_CREDENTIALS = "`general`, `credentials_refused`, not sent"
_RECEIPT = "a receipt"
_HTML = {"status": 502, "headers": {"Content-Type": "text/html"}, "body": "<html>Bad Gateway</html>"}
_JSON = {"Content-Type": "application/json;charset=utf-8"}


@dataclass(frozen=True)
class Row:
    """``fault``: as for ``gateway.fault``. ``sdk``, ``driver``, ``sent``: what is observed, as the doc says it.
    ``late``: the fake accepts after the client has given up."""

    title: str
    stage: Stage
    fault: Mapping[str, Any]
    sdk: str
    driver: str
    sent: str
    late: bool = False
    slow: bool = False


def _both(title: str, fault: Mapping[str, Any], sdk: str, driver: str) -> tuple[Row, Row]:
    return Row(title, "before", fault, sdk, driver, "no"), Row(title, "after", fault, sdk, driver, "yes")


ROWS = (
    Row("`latency`, less than the timeout", "before", {"latency": 0.05}, "returns `OK`", _RECEIPT, "yes"),
    Row("`latency`, more than the timeout", "before", {"latency": 1.5}, _LOST, _TIMED_OUT, "yes, later", late=True),
    Row("`latency`, more than the timeout", "after", {"latency": 1.5}, _LOST, _TIMED_OUT, "yes"),
    *_both("`hang`", {"hang": True}, _LOST, _TIMED_OUT),
    *_both("`reset`", {"reset": True}, _LOST, _LOST_CONNECTION),
    *_both("`fin`", {"fin": True}, _LOST, _LOST_CONNECTION),
    Row("`truncateAt`", "before", {"truncate_at": 20}, _LOST, _LOST_CONNECTION, "yes"),
    Row("`truncateAt`", "after", {"truncate_at": 20}, _LOST, _LOST_CONNECTION, "yes"),
    Row("`drip`, over before the deadline", "after", {"drip": 1000}, "returns `OK`", _RECEIPT, "yes"),
    Row("`drip`, longer than 7.5 s", "after", {"drip": 12}, "returns `OK`", _TIMED_OUT, "yes", slow=True),
    *_both(
        '`error: "isv.BUSINESS_LIMIT_CONTROL"`',
        {"error": "isv.BUSINESS_LIMIT_CONTROL"},
        "returns `isv.BUSINESS_LIMIT_CONTROL`",
        _LIMITED,
    ),
    *_both('`error: "isp.SYSTEM_ERROR"`', {"error": "isp.SYSTEM_ERROR"}, "returns `isp.SYSTEM_ERROR`", _FAILED),
    Row(
        '`error: "Throttling.User"`',
        "before",
        {"error": "Throttling.User"},
        "`ClientException` `Throttling.User`",
        _THROTTLED,
        "no",
    ),
    Row(
        '`error: "Throttling.User"`',
        "after",
        {"error": "Throttling.User"},
        "`ClientException` `Throttling.User`",
        _THROTTLED,
        "yes; driver: 3 times",
    ),
    Row(
        '`error: "Throttling.User"`, with `retryAfter`',
        "before",
        {"error": {"code": "Throttling.User", "retry_after": 0.1}},
        "`ThrottlingException` `Throttling.User`",
        _THROTTLED,
        "no",
    ),
    Row(
        '`error: "Throttling.User"`, `count: 1`',
        "before",
        {"error": "Throttling.User", "count": 1},
        "`ClientException` `Throttling.User`",
        "a receipt, 2 attempts",
        "driver: yes",
    ),
    Row(
        '`error: "InvalidAccessKeyId.NotFound"`',
        "before",
        {"error": "InvalidAccessKeyId.NotFound"},
        "`ClientException` `InvalidAccessKeyId.NotFound`",
        _CREDENTIALS,
        "no",
    ),
    *_both(
        '`error: "InternalError"` (500)', {"error": "InternalError"}, "`ServerException` `InternalError`", _FAILED
    ),
    *_both(
        '`error: "ServiceUnavailable"` (503)',
        {"error": "ServiceUnavailable"},
        "`ServerException` `ServiceUnavailable`",
        _FAILED,
    ),
    *_both("`answer`: 502 with HTML", {"answer": _HTML}, _UNREADABLE, _INVALID),
    *_both("`answer`: 204", {"answer": {"status": 204}}, _UNREADABLE, _INVALID),
    *_both("`answer`: 200 without a body", {"answer": {"status": 200}}, _UNREADABLE, _INVALID),
    *_both(
        "`answer`: 200 with a JSON array",
        {"answer": {"status": 200, "headers": _JSON, "body": "[1]"}},
        "returns no body",
        _INVALID,
    ),
    *_both(
        "`answer`: 400 with a JSON array",
        {"answer": {"status": 400, "headers": _JSON, "body": "[1]"}},
        "`UnretryableException` of `AttributeError`",
        _INVALID,
    ),
    *_both(
        "`answer`: 200 with half a JSON",
        {"answer": {"status": 200, "headers": _JSON, "body": '{"Code":"OK","Req'}},
        _UNREADABLE,
        _INVALID,
    ),
    *_both(
        "`answer`: 200 with JSON and no `RequestId`",
        {"answer": {"status": 200, "headers": _JSON, "body": '{"Code":"OK","Message":"OK"}'}},
        "returns `OK`",
        _INVALID,
    ),
)


def rendered() -> str:
    """The table in Markdown."""
    lines = [
        "| fault | stage | the SDK | our driver says | sent? |",
        "|---|---|---|---|---|",
        *(f"| {row.title} | {row.stage} | {row.sdk} | {row.driver} | {row.sent} |" for row in ROWS),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(rendered(), end="")
