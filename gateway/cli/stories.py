"""What the demo does, as a list: each story uses the gateway over HTTP and returns facts, in the order in
which to show them. A new provider adds a function here and a line to ``STORIES``."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.cli.http import Client, segment


@dataclass(frozen=True)
class Fact:
    """One row: ``key`` and ``value`` for JSON, ``label`` and ``unit`` for people."""

    key: str
    label: str
    value: str | float | None
    unit: str = ""

    @property
    def shown(self) -> str:
        return "-" if self.value is None else f"{self.value}{self.unit}"


@dataclass(frozen=True)
class Story:
    """``name`` is its key in ``gateway demo --json``."""

    name: str
    title: str
    tell: Callable[[Client], list[Fact]]


def code_by_sms(client: Client) -> list[Fact]:
    """A sign-in code through the connector ``sms``: Aliyun's SDK sends, its fake accepts, we read it back."""
    fresh = client.ask("POST", "/api/recipients", body={"channel": "sms", "region": "CN"}).document()
    number, code = fresh["digits"], f"{secrets.randbelow(1_000_000):06d}"
    message = {"to": number, "type": "SignIn", "payload": {"code": code}}

    start = time.perf_counter()
    sent = client.ask("POST", "/api/connectors/sms/send", body=message).document()
    between = time.perf_counter()
    taken = client.ask("POST", f"/api/codes/{segment(fresh['to'])}", query={"type": "SignIn", "timeout": 10})
    end = time.perf_counter()
    if not taken.ok:
        raise taken.problem()

    capture = client.ask("GET", f"/api/captures/{taken.headers['X-Gateway-Capture']}").document()
    exchange = client.ask("GET", f"/api/exchanges/{capture['exchangeId']}").document()
    details = capture["details"]
    return [
        Fact("connector", "connector", capture["connectorId"]),
        Fact("type", "usage type", capture["type"]),
        Fact("to", "recipient", fresh["to"]),
        Fact("text", "on the phone", capture["text"]),
        Fact("code", "code read back", taken.body.decode()),
        Fact("bizId", "BizId", details.get("BizId")),
        Fact("requestId", "RequestId", sent["receipt"]["requestId"]),
        Fact("signature", "signature", exchange["signature"]),
        Fact("sendMilliseconds", "send", round((between - start) * 1000), " ms, loading the SDK included"),
        Fact("waitMilliseconds", "wait", round((end - between) * 1000), " ms"),
    ]


def code_by_email(client: Client) -> list[Fact]:
    """The same through the connector ``email``: boto3 sends, the fake of SES accepts, we read it back."""
    fresh = client.ask("POST", "/api/recipients", body={"channel": "email"}).document()
    message = {"to": fresh["to"], "type": "Register", "payload": {"code": f"{secrets.randbelow(1_000_000):06d}"}}

    start = time.perf_counter()
    client.ask("POST", "/api/connectors/email/send", body=message).document()
    between = time.perf_counter()
    taken = client.ask("POST", f"/api/codes/{segment(fresh['to'])}", query={"type": "Register", "timeout": 10})
    end = time.perf_counter()
    if not taken.ok:
        raise taken.problem()

    capture = client.ask("GET", f"/api/captures/{taken.headers['X-Gateway-Capture']}").document()
    exchange = client.ask("GET", f"/api/exchanges/{capture['exchangeId']}").document()
    return [
        Fact("connector", "connector", capture["connectorId"]),
        Fact("type", "usage type", capture["type"]),
        Fact("to", "recipient", fresh["to"]),
        Fact("from", "from", capture["mail"]["from"]),
        Fact("subject", "subject", capture["subject"]),
        Fact("code", "code read back", taken.body.decode()),
        Fact("mailId", "MessageId", capture["details"].get("MessageId")),
        Fact("signature", "signature", exchange["signature"]),
        Fact("sendMilliseconds", "send", round((between - start) * 1000), " ms, loading the SDK included"),
        Fact("waitMilliseconds", "wait", round((end - between) * 1000), " ms"),
    ]


STORIES = (
    Story("sms", "A sign-in code by SMS: Aliyun's own SDK, an offline Aliyun", code_by_sms),
    Story("email", "A sign-up code by email: boto3, an offline Amazon SES", code_by_email),
)
