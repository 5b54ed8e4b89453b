"""Metrics for Prometheus, and the words that metrics and the log may use. docs/watching.md lists every metric."""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from gateway.core.model import Channel, Verdict
from gateway.faults.rules import Stage
from gateway.providers.ports import Connector, Provider

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

# The label that replaces a word that is not allowed as one.
OTHER = "other"

# The form of providers' error codes. Six digits in a row could be a one-time code, or part of a phone number.
_CODE = re.compile(r"(?!.*[0-9]{6})[A-Za-z0-9][A-Za-z0-9._:-]{0,79}", re.ASCII)
_CODES = 200
_CONNECTORS = 200

# Buckets in seconds. A wait takes 60 s at most; an operation of the store normally takes microseconds.
_WAITS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
_STORE = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5)
# How many exchanges are counted together, which takes some tenths of a millisecond.
_TOGETHER = 200


class Labels:
    """The words that one gateway's metrics and log may use; any other word becomes ``other``.

    They are the providers' operations, and the first codes and connectors that come up. A client must not choose
    words freely: they could hold a phone number, and each new one would be a time series that is kept for good.
    """

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._operations = {name: provider.operations for name, provider in providers.items()}
        self._codes: dict[str, set[str]] = {name: set() for name in providers}
        self._connectors: set[str] = set()

    def operation(self, provider: str, verdict: Verdict) -> str:
        """Return the operation of a request, or an empty string if it names none."""
        given = verdict.operation
        if given is None:
            return ""
        return given if given in self._operations[provider] else OTHER

    def code(self, provider: str, verdict: Verdict) -> str:
        """Return the code of a verdict, or an empty string if the fake gave none."""
        given, known = verdict.code, self._codes[provider]
        if not given:
            return ""
        if given not in known:
            if len(known) >= _CODES or _CODE.fullmatch(given) is None:
                return OTHER
            known.add(given)
        return given

    def connector(self, connector: Connector) -> str:
        """Return the connector's id, or ``test`` for a connector of a test send, which has an id of its own."""
        if not connector.declared and not connector.version:
            return "test"
        if connector.id not in self._connectors and len(self._connectors) >= _CONNECTORS:
            return OTHER
        self._connectors.add(connector.id)
        return connector.id


class Metrics:
    """The metrics of one gateway, in a registry of their own.

    Methods count what happens; ``text`` returns the page of ``GET /metrics``.
    """

    def __init__(self, labels: Labels, version: str, mode: str) -> None:
        self.labels = labels
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        info = Gauge("gateway_info", "Always 1.", ["version", "mode"], registry=registry)
        info.labels(version, mode).set(1)
        self._sends = Counter(
            "gateway_sends", "Sends through a connector.", ["connector", "outcome"], registry=registry
        )
        self._exchanges = Counter(
            "gateway_exchanges",
            "Requests at fakes.",
            ["provider", "operation", "verdict", "code"],
            registry=registry,
        )
        self._captures = Counter(
            "gateway_captures", "Messages that fakes accepted.", ["provider", "channel"], registry=registry
        )
        self._faults = Counter("gateway_faults", "Faults that hit.", ["provider", "stage"], registry=registry)
        self._sign_ins = Counter(
            "gateway_sign_ins",
            "Steps of sign-ins through a connector.",
            ["connector", "step", "outcome"],
            registry=registry,
        )
        self._verifications = Counter(
            "gateway_verifications",
            "Codes asked for and checked.",
            ["channel", "step", "outcome"],
            registry=registry,
        )
        self._waits = Counter("gateway_waits", "Waits for a capture or code.", ["outcome"], registry=registry)
        self._wait_seconds = Histogram(
            "gateway_wait_seconds", "How long they took.", buckets=_WAITS, registry=registry
        )
        self._disconnects = Counter(
            "gateway_cut", "Clients that were too slow or too many.", ["reason"], registry=registry
        )
        self._store = Histogram(
            "gateway_store_seconds",
            "How long operations of the store took (of one that is not memory).",
            ["operation"],
            buckets=_STORE,
            registry=registry,
        )
        self._judged: list[tuple[str, Verdict]] = []
        self._by_operation: dict[str, Histogram] = {}

    def text(self) -> bytes:
        self._count()
        return generate_latest(self.registry)

    def watch(self, name: str, what: str, now: Callable[[], float]) -> None:
        """Add a gauge whose value is read when the page is requested."""
        Gauge(name, what, registry=self.registry).set_function(now)

    def exchange(self, provider: str, verdict: Verdict) -> None:
        """Count an exchange and its captures, later and together with others, which costs a third."""
        self._judged.append((provider, verdict))
        if len(self._judged) >= _TOGETHER:
            self._count()

    def _count(self) -> None:
        judged, self._judged = self._judged, []
        exchanges: Tally[tuple[str, str, str, str]] = Tally()
        captures: Tally[tuple[str, str]] = Tally()
        for provider, verdict in judged:
            operation, code = self.labels.operation(provider, verdict), self.labels.code(provider, verdict)
            exchanges[provider, operation, "accepted" if verdict.accepted else "refused", code] += 1
            if verdict.capture_ids:
                channel = verdict.recipients[0].channel.value if verdict.recipients else ""
                captures[provider, channel] += len(verdict.capture_ids)
        for labels, count in exchanges.items():
            self._exchanges.labels(*labels).inc(count)
        for pair, count in captures.items():
            self._captures.labels(*pair).inc(count)

    def sent(self, connector: Connector, outcome: str) -> None:
        """Count a send. ``outcome``: ``sent``, or the reason of the error in one word."""
        self._sends.labels(self.labels.connector(connector), outcome).inc()

    def signed_in(self, connector: Connector, step: str, outcome: str) -> None:
        """Count a step of a sign-in. ``outcome``: ``done``, or the reason of the error (``core/outcomes.py``)."""
        self._sign_ins.labels(self.labels.connector(connector), step, outcome).inc()

    def verified(self, channel: Channel, step: str, outcome: str) -> None:
        """Count a step of a verification. ``outcome``: as for ``signed_in``."""
        self._verifications.labels(channel.value, step, outcome).inc()

    def fault(self, provider: str, stage: Stage) -> None:
        self._faults.labels(provider, stage).inc()

    def wait(self, outcome: str, seconds: float) -> None:
        """Count a wait for a capture. ``outcome``: ``found``, ``timed_out``, ``gone`` or ``refused``."""
        self._waits.labels(outcome).inc()
        self._wait_seconds.observe(seconds)

    def disconnect(self, reason: str) -> None:
        """Count a client that was refused or disconnected. ``reason``: as in docs/watching.md."""
        self._disconnects.labels(reason).inc()

    def store(self, operation: str, seconds: float) -> None:
        """Record how long an operation of the store took (``storage.measured.Observe``)."""
        histogram = self._by_operation.get(operation)
        if histogram is None:
            histogram = self._by_operation[operation] = self._store.labels(operation)
        histogram.observe(seconds)
