"""What a ``Gateway`` is asked to send, and codes of its own, in a file of their own for their length."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any, Literal

from connector_gateway.clock import Clock
from connector_gateway.pins import Pin
from connector_gateway.transport import Transport, segment

# `type` is the API's word for a usage type; the builtin is not needed here.
# ruff: noqa: A002


class Sending:
    """Messages through a connector, and codes that the gateway makes and checks."""

    _transport: Transport
    _undo: ExitStack
    clock: Clock

    def send(
        self,
        to: str,
        type: str = "SignIn",
        *,
        connector: str | None = None,
        code: str | None = None,
        payload: Mapping[str, Any] | None = None,
        authorization: str | None = None,
        idempotency_key: str | None = None,
        fallback_to: str | None = None,
    ) -> dict[str, Any]:
        """Send a message through a connector, and return ``{messageId, connectorId, cursor, receipt, ignored}``.

        ``connectorId`` is who sent it; where that is a fallback, ``failed`` says why the ones before it did not.
        ``fallback_to`` is the same person's address on the other channel; ``fallbackTo`` is there if it went there.

        ``connector`` is an id; by default ``email`` for an address and ``sms`` for a number. The payload is
        ``payload`` and ``code``; with neither, six random digits are the code. ``authorization`` is the
        connector's own, verbatim. The same call again with the same ``idempotency_key`` (1 to 255 visible ASCII
        characters) within 24 hours sends nothing and returns the same; give the code then, since a made-up one
        makes it another call (GatewayError, 422). A send that fails is a GatewayError with Logto's code; its
        ``data`` says what the provider said, and whether the message may have been sent all the same.
        """
        if code is None and payload is None:
            code = f"{secrets.randbelow(10**6):06}"
        filled = {**(payload or {}), **({} if code is None else {"code": code})}
        path = f"/api/connectors/{segment(connector or ('email' if '@' in to else 'sms'))}/send"
        body: dict[str, Any] = {"to": to, "type": type, "payload": filled}
        if fallback_to is not None:
            path, body = "/api/messages", body | {"fallbackTo": fallback_to, "connectorId": connector}
        headers = None if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        with_token = path == "/api/messages"
        return self._transport.json(
            "POST", path, body=body, authorization=authorization, with_token=with_token, headers=headers
        )

    def request_code(
        self,
        to: str,
        type: str = "Generic",
        *,
        locale: str | None = None,
        payload: Mapping[str, Any] | None = None,
        connector: str | None = None,
        client_ip: str | None = None,
        policy: Literal["logto", "nist", "off"] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Have the gateway make a code, keep it and send it; read it back with ``code`` and check it with
        ``verify``. The answer is the API's: ``verificationId``, ``expiresAt``, ``resendAt``, ``triesLeft``, ...

        ``policy`` is a preset for this code alone, ``idempotency_key`` as in ``send``. GatewayError:
        ``request.message_rate_limited`` (429) with ``data["retryAfter"]``, or the error of a send.
        """
        asked = {"locale": locale, "payload": payload, "connectorId": connector, "clientIp": client_ip}
        body = {"to": to, "type": type, "policy": policy, **asked}
        headers = None if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        return self._transport.json("POST", "/api/verifications", body=body, headers=headers)

    def verify(
        self, to: str, code: str, type: str = "Generic", *, verification_id: str | None = None
    ) -> dict[str, Any]:
        """Check a code that ``request_code`` sent, and use it up. GatewayError where it is not right:
        ``verification_code.code_mismatch`` (with ``data["triesLeft"]``), ``.expired``, ``.exceed_max_try``,
        ``.not_found``. ``verification_id``: only that request's code may be meant.
        """
        body = {"to": to, "type": type, "code": code, "verificationId": verification_id}
        return self._transport.json("POST", "/api/verifications/check", body=body)

    def pin(self, to: str, code: str, until: datetime | timedelta | None = None) -> Pin:
        """Know beforehand which code ``to`` will get from ``request_code``, or from Logto's own call.

        ``until`` is a moment of the gateway's clock with its time zone, or how long from now on it. The pin ends
        then, with ``remove()``, with its own ``with`` block, or when this object undoes its doings.
        """
        if isinstance(until, timedelta):
            until = self.clock.now + until
        pin = Pin(self._transport, to, code, until)
        self._undo.callback(pin.remove)
        return pin
