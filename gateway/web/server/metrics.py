"""What is counted, for Prometheus. Each gateway has a registry of its own; docs/watching.md lists every metric."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from gateway.core.model import Channel, Verdict
from gateway.faults.rules import Stage
from gateway.providers.ports import Connector
from gateway.web.server.labels import Labels

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

# Seconds. A wait is bounded at 60; a store works in microseconds, or is in trouble.
_WAITS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
_STORE = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5)
# Exchanges that are counted in one go: some tenths of a millisecond.
_TOGETHER = 200


class Metrics:
    """What happens is told by methods; ``text`` is the page. ``labels``: the words that it may use."""

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
        self._cut = Counter("gateway_cut", "Clients that were too slow or too many.", ["reason"], registry=registry)
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
        """A number that is asked for when somebody looks."""
        Gauge(name, what, registry=self.registry).set_function(now)

    def exchange(self, provider: str, verdict: Verdict) -> None:
        """Count it and what it captured: soon, with many others, since that costs a third."""
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
        for words, count in exchanges.items():
            self._exchanges.labels(*words).inc(count)
        for place, count in captures.items():
            self._captures.labels(*place).inc(count)

    def sent(self, connector: Connector, outcome: str) -> None:
        """``outcome``: ``sent``, or the reason of the error in one word."""
        self._sends.labels(self.labels.connector(connector), outcome).inc()

    def signed_in(self, connector: Connector, step: str, outcome: str) -> None:
        """``outcome``: ``done``, or the reason of the error in one word, as ``outcomes`` has them."""
        self._sign_ins.labels(self.labels.connector(connector), step, outcome).inc()

    def verified(self, channel: Channel, step: str, outcome: str) -> None:
        """Likewise."""
        self._verifications.labels(channel.value, step, outcome).inc()

    def fault(self, provider: str, stage: Stage) -> None:
        self._faults.labels(provider, stage).inc()

    def wait(self, outcome: str, seconds: float) -> None:
        """``outcome``: ``found``, ``timed_out``, ``gone`` or ``refused``."""
        self._waits.labels(outcome).inc()
        self._wait_seconds.observe(seconds)

    def cut(self, reason: str) -> None:
        self._cut.labels(reason).inc()

    def store(self, operation: str, seconds: float) -> None:
        """Implements ``stores.measured.Observe``."""
        found = self._by_operation.get(operation)
        if found is None:
            found = self._by_operation[operation] = self._store.labels(operation)
        found.observe(seconds)
