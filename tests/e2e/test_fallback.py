"""A second connector, through Aliyun's official SDK and with every fault of the table on the first one's key."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from connector_gateway import ExternalServer, Gateway, GatewayError
from gateway.core import errors
from tests.e2e import accounts
from tests.e2e.fault_table import ROWS, Row

FIRST, SECOND = "primary", "secondary"
FACTORY = "aliyun-short-message-service"
KEYS = {
    FIRST: ("primary-key-id", "primary-key-secret"),
    SECOND: ("secondary-key-id", "secondary-key-secret"),
}
QUICK = [row for row in ROWS if not row.slow]
# It takes the message and says that it refused it: nobody can tell, and this refusal is one that is tried again.
LIES = [row for row in QUICK if row.stage == "after" and "throttled" in row.driver]
FALLBACK = {
    kind.reason
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.ConnectorError) and kind.fallback
}


def ids(row: Row) -> str:
    return f"{row.title} {row.stage}".replace("`", "")


def ask(server: ExternalServer, method: str, path: str, body: object = None) -> None:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(server.url + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        assert answer.status < 300


@pytest.fixture(scope="module")
def two(strict_server: ExternalServer) -> Iterator[Gateway]:
    """A strict fake, and two connectors with keys of their own."""
    for name, more in ((SECOND, {}), (FIRST, {"fallback": SECOND})):
        config, options = accounts.logto_config(*KEYS[name]), {"timeout_seconds": accounts.TIMEOUT}
        body = {"connectorId": FACTORY, "id": name, "config": config, "options": options, **more}
        ask(strict_server, "POST", "/api/connectors", body)
    with Gateway(strict_server.url) as gateway:
        yield gateway
    for name in (FIRST, SECOND):
        ask(strict_server, "DELETE", f"/api/connectors/{name}")


@dataclass(frozen=True)
class Seen:
    """``answer``: who sent it, or the error. ``captures``: by whose key, when all is over."""

    by: str | None
    error: dict[str, Any]
    captures: int
    message: dict[str, Any]


def seen(gateway: Gateway, row: Row, other: Row | None = None) -> Seen:
    """A send by the first connector, whose key the fault is for; ``other`` is one for the second's."""
    phone = gateway.phone()
    faults = [gateway.fault(to=phone, key_id=KEYS[FIRST][0], stage=row.stage, **row.fault)]
    if other is not None:
        faults.append(gateway.fault(to=phone, key_id=KEYS[SECOND][0], stage=other.stage, **other.fault))
    by, error = None, {}
    try:
        by = gateway.send(phone, code="407215", connector=FIRST)["connectorId"]
    except GatewayError as raised:
        error = raised.data
    if row.late or (other is not None and other.late and error and "fallbacks" in error):
        gateway.message(phone)
    for fault in faults:
        fault.remove()
    (message,) = gateway.sends(phone)
    return Seen(by, error, len(gateway.captures(phone)), message)


@pytest.fixture(scope="module")
def observed(two: Gateway) -> Iterator[dict[str, Future[Seen]]]:
    """All rows at the same time: most of it is waiting."""
    with ThreadPoolExecutor(8) as threads:
        yield {ids(row): threads.submit(seen, two, row) for row in QUICK}


def reason_of(row: Row) -> str | None:
    """What the driver makes of the fault, by the table."""
    found = re.search(r"`(\w+)`, `(\w+)`", row.driver)
    return found[2] if found else None


@pytest.mark.outcome(of=lambda row: reason_of(row) and reason_of(row) in FALLBACK)
@pytest.mark.parametrize("row", QUICK, ids=ids)
def test_the_second_sends_where_the_first_certainly_did_not_and_only_there(
    observed: dict[str, Future[Seen]], row: Row
) -> None:
    found, reason = observed[ids(row)].result(), reason_of(row)
    if reason is None:
        assert found.by == FIRST
    elif reason in FALLBACK:
        assert found.by == SECOND
        events = [(step["event"], step.get("connectorId")) for step in found.message["timeline"]]
        assert ("fallback", SECOND) in events
        assert events[-1] == ("sent", SECOND)
    else:
        assert found.by is None
        assert (found.error["reason"], found.error.get("fallbacks")) == (reason, None)


@pytest.mark.outcome(of=lambda row: reason_of(row) and reason_of(row) in FALLBACK)
@pytest.mark.parametrize("row", [row for row in QUICK if row not in LIES], ids=ids)
def test_no_fault_of_the_first_leads_to_two_captures(observed: dict[str, Future[Seen]], row: Row) -> None:
    found = observed[ids(row)].result()
    assert found.captures <= 1
    if found.by is not None:
        assert found.captures == 1
    elif found.captures:
        assert found.error["maybeSent"] or row.stage == "after"


def test_the_table_has_rows_of_both_kinds() -> None:
    reasons = {reason_of(row) for row in QUICK}
    assert {"throttled", "credentials_refused"} <= reasons & FALLBACK
    assert {"timed_out", "connection_lost", "rate_limited", "invalid_response"} <= reasons - FALLBACK
    assert len(LIES) == 1


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_no_two_faults_lead_to_two_captures(two: Gateway) -> None:
    """Every fault on the first key with every one on the second."""
    honest = [row for row in QUICK if row not in LIES]
    pairs = [(row, other) for row in honest for other in honest if reason_of(row) in FALLBACK]
    assert len(pairs) > 50
    with ThreadPoolExecutor(8) as threads:
        for (row, other), found in zip(pairs, threads.map(lambda pair: seen(two, *pair), pairs), strict=True):
            assert found.captures <= 1, (ids(row), ids(other))
            if found.error and found.captures and other.stage == "before":
                assert found.error["maybeSent"], (ids(row), ids(other))


def test_what_was_captured_says_which_connector_sent_it(two: Gateway) -> None:
    phone = two.phone()
    with two.fault(to=phone, key_id=KEYS[FIRST][0], error="InvalidAccessKeyId.NotFound"):
        sent = two.send(phone, code="407215", connector=FIRST)
    assert [(one["connectorId"], one["reason"]) for one in sent["failed"]] == [(FIRST, "credentials_refused")]
    (capture,) = two.captures(phone)
    assert (capture.connector_id, capture.code) == (SECOND, "407215")
    assert [exchange["keyId"] for exchange in two.exchanges(phone)] == [KEYS[SECOND][0], KEYS[FIRST][0]]
