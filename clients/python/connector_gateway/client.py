"""The client: one method for each thing that a test does with the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Literal, Self

from connector_gateway.clock import Clock
from connector_gateway.faults import Fault, camel
from connector_gateway.history import History
from connector_gateway.sending import Sending
from connector_gateway.sign_ins import SignIns
from connector_gateway.transport import Document, Transport
from connector_gateway.values import Capture, Recipient
from connector_gateway.waiting import take_capture, take_code

# `type` is the API's word for a usage type; the builtin is not needed here.
# ruff: noqa: A002


class Gateway(History, Sending, SignIns):
    """A gateway, over HTTP. Threads may share one object.

    Every method raises GatewayUnreachable where nothing answers, and GatewayError where the gateway refuses.
    As a context manager it undoes at the end what was done to the gateway through it: its faults and pins are
    removed, and the clock is reset if it was moved.

    ``url`` is where it listens, as ``http://127.0.0.1:4650``; ``token`` its API token, if it has one. Nothing
    is connected before the first call. Calls block: where the app runs in the test's own event loop, wait with
    ``await asyncio.to_thread(gateway.code, phone)``.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self._transport = Transport(url, token)
        self._undo = ExitStack()
        self.clock = Clock(self._transport)
        """The gateway's clock: ``now``, ``advance``, ``set``, ``freeze``, ``unfreeze``, ``reset``."""

    @property
    def url(self) -> str:
        """The gateway's address, without a slash at the end."""
        return self._transport.url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.undo()

    def __repr__(self) -> str:
        return f"<Gateway {self.url}>"

    def undo(self) -> None:
        """Remove the faults and pins made through this object, and reset the clock if this object moved it."""
        with self._undo.pop_all() as stack:
            stack.callback(self.clock.undo)

    # --- recipients and codes -------------------------------------------------------------------------------

    def phone(self, region: str = "CN") -> Recipient:
        """A number that this gateway never gave before, in E.164. ``region`` is as in ISO 3166: ``US``."""
        return self._recipient({"channel": "sms", "region": region})

    def email(self) -> Recipient:
        """An address that this gateway never gave before."""
        return self._recipient({"channel": "email"})

    def code(
        self,
        to: str,
        type: str | None = None,
        channel: str | None = None,
        timeout: float = 10.0,
        after: int | None = None,
    ) -> str:
        """Wait for a code sent to ``to``, take it and return it.

        Raises CodeTimeout after ``timeout`` seconds: the message says what did arrive, and what was refused.

        A code that is there already comes at once: the newest that nobody has taken and that arrived in the
        last ten minutes. Taking it retires the older ones of that recipient, so the next call gets a newer
        one. ``type`` is a usage type, as ``SignIn``. With ``after`` (a cursor) only what came after it
        counts, the oldest first; a fresh recipient does not need it, since nothing came before.
        """
        __tracebackhide__ = True
        asked = {"type": type, "channel": channel, "after": after}
        return take_code(self._transport, to, asked, timeout)

    def message(
        self,
        to: str,
        type: str | None = None,
        channel: str | None = None,
        timeout: float = 10.0,
        after: int | None = None,
    ) -> Capture:
        """Wait for a message sent to ``to``, with a code or without, take it and return the whole capture.

        Raises CodeTimeout after ``timeout`` seconds. What counts, and what taking means, is as in ``code``.
        """
        __tracebackhide__ = True
        asked = {"type": type, "channel": channel, "after": after}
        return Capture.of(take_capture(self._transport, to, asked, timeout))

    # --- doing something ------------------------------------------------------------------------------------

    def fault(
        self,
        *,
        provider: str | None = None,
        operation: str | None = None,
        to: str | None = None,
        key_id: str | None = None,
        nth: int | None = None,
        count: int | None = None,
        probability: float | None = None,
        seed: int | None = None,
        stage: Literal["before", "after"] | None = None,
        error: str | Mapping[str, Any] | None = None,
        answer: Mapping[str, Any] | None = None,
        latency: float | None = None,
        hang: bool | None = None,
        reset: bool | None = None,
        fin: bool | None = None,
        truncate_at: int | None = None,
        drip: float | None = None,
        delivery: Literal["lost", "late", "twice"] | None = None,
        late_seconds: float | None = None,
        persona: str | None = None,
        mutate: Mapping[str, Any] | None = None,
    ) -> Fault:
        """Make a fake misbehave from now on: which requests, when, and what to do (docs/faults.md).

        ``latency`` is in seconds, ``truncate_at`` in bytes, ``drip`` in bytes a second. With ``delivery`` it
        is accepted, and then never arrives, arrives ``late_seconds`` (30) of the gateway's clock later, or arrives
        twice. ``mutate`` makes the fake's regular answer wrong (docs/social.md). The fault ends with ``remove()``,
        with its own ``with`` block, or when this object undoes its doings.
        """
        given = {key: value for key, value in locals().items() if key != "self" and value is not None}
        if isinstance(error, Mapping):
            given["error"] = {camel(key): value for key, value in error.items()}
        body = {camel(key): value for key, value in given.items()}
        fault = Fault(self._transport, self._transport.json("POST", "/api/faults", body=body))
        self._undo.callback(fault.remove)
        return fault

    def faults(self) -> list[Fault]:
        """All faults in force, whoever made them."""
        return [Fault(self._transport, document) for document in self._get("/api/faults")["faults"]]

    def known_errors(self, provider: str | None = None) -> list[dict[str, Any]]:
        """What ``error`` of a fault may be, by the providers' own codes."""
        return list(self._get("/api/faults/known", {"provider": provider})["errors"])

    def magic(self) -> list[dict[str, Any]]:
        """The recipients that always behave in one way, without any fault, as the API's JSON."""
        return list(self._get("/api/faults/magic")["magic"])

    def reset(self) -> dict[str, int]:
        """Forget all captures, messages, exchanges and faults, of everybody; returns how many of each.

        Tests seldom need it: fresh recipients keep them apart. A shared server refuses (GatewayError, 409).
        """
        return self._transport.json("POST", "/api/reset", body={})

    # --- the gateway itself ---------------------------------------------------------------------------------

    def env(self) -> dict[str, str]:
        """Variables for the app under test: ``GATEWAY_URL``, and what each provider's SDK reads there. Few read an
        address: then the app's own setting has to name the gateway, and ``providers()`` has the lines to paste."""
        environment = {"GATEWAY_URL": self.url}
        for provider in self.providers():
            environment |= provider["environment"]
        return environment

    def providers(self) -> list[dict[str, Any]]:
        """The providers, where their fakes are and how to point a client at them, as the API's JSON."""
        return list(self._get("/api/providers")["providers"])

    def status(self) -> dict[str, Any]:
        """``{version, mode, url, shared, pid}`` of the gateway. Needs the API token, where there is one."""
        return self._get("/api/status")

    def health(self) -> dict[str, Any]:
        """``{"status": "ok"}`` from a gateway that is up. Needs no token."""
        return self._get("/healthz")

    # --- inside ---------------------------------------------------------------------------------------------

    def _get(self, path: str, query: Mapping[str, object] | None = None) -> Document:
        return self._transport.json("GET", path, query=query)

    def _recipient(self, body: Document) -> Recipient:
        document = self._transport.json("POST", "/api/recipients", body=body)
        return Recipient(document["to"], document)
