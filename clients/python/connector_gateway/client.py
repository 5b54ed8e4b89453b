"""The client: one method for each thing that a test does with the gateway."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias

from connector_gateway import social
from connector_gateway.clock import Clock
from connector_gateway.errors import GatewayError, UnexpectedMessage
from connector_gateway.faults import Fault, camel
from connector_gateway.pins import Pin
from connector_gateway.transport import Cancellation, Document, Transport, segment
from connector_gateway.values import OUTCOMES, Attachment, Capture, LinkKind, Outcome, Recipient
from connector_gateway.waiting import Positions, Waiter, refuse_in_task

__tracebackhide__ = True

# `type` and `id` are the API's words; the builtins are not needed here.
# ruff: noqa: A002

Order: TypeAlias = Literal["asc", "desc"]


class Gateway:
    """A gateway, over HTTP. Threads may share one object.

    Every method raises GatewayUnreachable if nothing answers, and GatewayError if the gateway refuses. As a context
    manager it undoes at the end what was done to the gateway through it: its faults and pins are removed, and the
    clock is reset if it was moved.

    Calls block. In a test that runs in an event loop use ``AsyncGateway``, or the fixture ``agateway``.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        test: str | None = None,
        positions: Positions | None = None,
    ) -> None:
        """Connects at the first call.

        Args:
            url: the address, as ``http://127.0.0.1:4650``.
            token: the API token, if the gateway has one.
            test: the name of the test that uses this object. The API shows it with messages to its recipients.
            positions: the reading positions to go on with, those of another object.
        """
        self._transport = Transport(url, token)
        self._undo = ExitStack()
        self._test = test
        self._positions = Positions() if positions is None else positions
        self._where: str | None = None
        self.recipients: list[str] = []
        """The recipients that this object made, or waited for."""
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
        self.close()

    def __repr__(self) -> str:
        return f"<Gateway {self.url}>"

    def close(self) -> None:
        """The same as the end of a ``with`` block. Connections are not kept between calls, so none is left open."""
        self.undo()

    def undo(self) -> None:
        """Remove the faults and pins made through this object, and reset the clock if this object moved it."""
        with self._undo.pop_all() as stack:
            stack.callback(self.clock.undo)

    # --- recipients and codes -------------------------------------------------------------------------------

    def phone(self, region: str = "CN") -> Recipient:
        """A number that this gateway never gave before, in E.164. ``region`` is as in ISO 3166: ``US``."""
        return self._recipient({"channel": "sms", "region": region, "test": self._test})

    def email(self) -> Recipient:
        """An address that this gateway never gave before."""
        return self._recipient({"channel": "email", "test": self._test})

    def code(
        self,
        to: str,
        type: str | None = None,
        channel: str | None = None,
        timeout: float = 10.0,
        after: int | None = None,
        *,
        subject: str | None = None,
        text: str | None = None,
        sender: str | None = None,
    ) -> str:
        """Wait for a message to ``to`` that has a code, mark the code as used, and return it.

        Raises CodeTimeout after ``timeout`` seconds: the message says what did arrive, and what was refused.

        Each recipient has a reading position, which ``code``, ``message`` and ``link`` move to the message that
        they return. If messages beyond it are there already, the newest of them is returned at once. If nothing of
        the recipient was read yet, this is the newest message of the last ten minutes whose code was not used.
        With ``after`` (a cursor) every message after it counts instead, the oldest first.

        Args:
            type: the usage type, as ``SignIn``.
            channel: ``sms`` or ``email``.
            subject, text, sender: a part of it, in any case. ``sender`` is an email's From.
        """
        refuse_in_task("code")
        self._used(to)
        wanted = _wanted(type, channel, after, subject, text, sender)
        return str(self._waiter().take("code", to, wanted, timeout)["code"])

    def message(
        self,
        to: str,
        type: str | None = None,
        channel: str | None = None,
        timeout: float = 10.0,
        after: int | None = None,
        *,
        subject: str | None = None,
        text: str | None = None,
        sender: str | None = None,
    ) -> Capture:
        """Wait for a message to ``to``, with a code or without, and return it. Its code does not count as used.

        Which message, and the arguments: as in ``code``. Raises CodeTimeout after ``timeout`` seconds.
        """
        refuse_in_task("message")
        self._used(to)
        wanted = _wanted(type, channel, after, subject, text, sender)
        return Capture.of(self._waiter().take("message", to, wanted, timeout))

    def link(
        self,
        to: str,
        kind: LinkKind | None = None,
        timeout: float = 10.0,
        after: int | None = None,
        *,
        type: str | None = None,
        subject: str | None = None,
        text: str | None = None,
        sender: str | None = None,
    ) -> str:
        """Wait for a message to ``to`` that has a link, and return the link.

        ``kind`` is what the link is for. Without it the first link that is for something is returned, else the
        first one. Which message, and the other arguments: as in ``code``. Raises CodeTimeout after ``timeout``
        seconds.
        """
        refuse_in_task("link")
        self._used(to)
        wanted = _wanted(type, None, after, subject, text, sender) | {"link": kind or "any"}
        capture = Capture.of(self._waiter().take("link", to, wanted, timeout))
        of_kind = [
            link
            for link, found in capture.link_kinds.items()
            if found == kind or (kind is None and found != "other")
        ]
        return (of_kind or list(capture.links))[0]

    def assert_none(
        self,
        to: str,
        within: float = 1.0,
        *,
        type: str | None = None,
        channel: str | None = None,
        subject: str | None = None,
        text: str | None = None,
        sender: str | None = None,
    ) -> None:
        """Raise UnexpectedMessage if a message to ``to`` is there, or arrives within so many seconds.

        Messages up to the recipient's reading position do not count. The position stays where it is.
        """
        refuse_in_task("assert_none")
        self._used(to)
        found = self._waiter().look(to, _wanted(type, channel, None, subject, text, sender), within)
        if found is not None:
            raise UnexpectedMessage(Capture.of(found))

    # --- what has happened -------------------------------------------------------------------------------------

    def captures(
        self,
        to: str | None = None,
        *,
        type: str | None = None,
        channel: str | None = None,
        provider: str | None = None,
        subject: str | None = None,
        text: str | None = None,
        sender: str | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        order: Order | None = None,
    ) -> list[Capture]:
        """What the fakes accepted. Does not wait, and moves no reading position.

        A number finds every plausible reading of it. ``subject``, ``text`` and ``sender`` are as in ``code``.

        Newest first, unless ``order`` is ``asc``; at most ``limit`` (100, up to 1000); ``after`` and
        ``before`` are cursors.
        """
        page = _page(after, before, limit, order)
        parts = {"subject": subject, "text": text, "sender": sender}
        query = {"to": to, "type": type, "channel": channel, "provider": provider, **parts, **page}
        return [Capture.of(document) for document in self._get("/api/captures", query)["captures"]]

    def eml(self, capture: Capture) -> bytes:
        """An email as a file for mail programs (RFC 5322); what the app built itself comes back byte for byte."""
        return self._transport.content(f"/api/captures/{segment(capture.id)}/eml")

    def attachment(self, attachment: Attachment) -> bytes:
        """The bytes of one of a capture's ``attachments``."""
        return self._transport.content(attachment.path)

    def exchanges(
        self,
        to: str | None = None,
        *,
        provider: str | None = None,
        accepted: bool | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        order: Order | None = None,
    ) -> list[dict[str, Any]]:
        """Requests at the fakes and their answers, refused ones too, as the API's JSON.

        Pages as ``captures``.
        """
        query = {"to": to, "provider": provider, "accepted": accepted, **_page(after, before, limit, order)}
        return list(self._get("/api/exchanges", query)["exchanges"])

    def sends(
        self,
        to: str | None = None,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        order: Order | None = None,
    ) -> list[dict[str, Any]]:
        """What the gateway was asked to send, as the API's JSON with each step. Pages as ``captures``."""
        return list(self._get("/api/messages", {"to": to, **_page(after, before, limit, order)})["messages"])

    def _read(self, path: str, query: Mapping[str, object]) -> Document:
        return self._transport.json("GET", path, query=query)

    # --- sending, and codes of the gateway's own ---------------------------------------------------------------

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

    def verify(self, to: str, code: str, type: str = "Generic", *, verification_id: str | None = None) -> Outcome:
        """Check a code that ``request_code`` sent, and use it up.

        The outcome is true if the code was right; else its ``reason`` is ``code_mismatch``, ``expired``,
        ``exceed_max_try`` or ``not_found``. With ``verification_id`` only that request's code counts.
        """
        body = {"to": to, "type": type, "code": code, "verificationId": verification_id}
        try:
            return Outcome.right(self._transport.json("POST", "/api/verifications/check", body=body))
        except GatewayError as error:
            if not error.code.startswith(OUTCOMES):
                raise
            return Outcome.wrong(error.code, error.message, error.data)

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
        """Return all faults in force, those of other clients too."""
        return [Fault(self._transport, document) for document in self._get("/api/faults")["faults"]]

    def known_errors(self, provider: str | None = None) -> list[dict[str, Any]]:
        """What ``error`` of a fault may be, by the providers' own codes."""
        return list(self._get("/api/faults/known", {"provider": provider})["errors"])

    def magic(self) -> list[dict[str, Any]]:
        """The recipients that always behave in one way, without any fault, as the API's JSON."""
        return list(self._get("/api/faults/magic")["magic"])

    def reset(self) -> dict[str, int]:
        """Forget all captures, messages, exchanges and faults, those of other clients too, and return the counts.

        Tests seldom need it: fresh recipients keep them apart. A shared server refuses (GatewayError, 409).
        """
        return self._transport.json("POST", "/api/reset", body={})

    # --- sign-in -----------------------------------------------------------------------------------------------

    def persona(
        self,
        id: str | None = None,
        /,
        *,
        scopes: Sequence[str] | None = None,
        organizations: Sequence[social.Organization] | None = None,
        denies: str | None = None,
        interaction: str | None = None,
        issuers: Sequence[str] | None = None,
        note: str | None = None,
        **claims: Any,
    ) -> social.Persona:
        """Make a test user who can sign in at the fake of OAuth2, until this object undoes its changes:
        ``gateway.persona(name="Ada Wren", email="ada@example.com")``.

        What is not named here are claims, as in an ID token. Without an id it gets one of its own, and without
        ``sub`` that is its id. ``scopes`` are the only ones that it grants. ``denies`` is the error that its
        sign-ins end with, ``interaction`` the one that ``prompt=none`` gets; ``issuers`` are those where it has an
        account, if not all. ``note`` is for people.
        """
        more = {key: value for key, value in locals().items() if key not in ("self", "id", "claims")}
        made = social.put_persona(self._transport, id, claims, more)
        self._undo.callback(social.forget, self._transport, "personas", made)
        return made

    def client(
        self,
        id: str | None = None,
        *,
        secret: str | None = None,
        redirect_uris: Sequence[str] | None = None,
        post_logout_redirect_uris: Sequence[str] | None = None,
        name: str | None = None,
        homepage: str | None = None,
        logo: str | None = None,
        allowed_scopes: Sequence[str] | None = None,
        auth_method: social.AuthMethod | None = None,
        jwks: Mapping[str, Any] | None = None,
        origins: Sequence[str] | None = None,
        issuers: Sequence[str] | None = None,
        access_tokens: Literal["opaque", "jwt"] | None = None,
        resource_server: bool | None = None,
    ) -> social.Client:
        """Register an application there, likewise. It gets a secret; an empty one makes it a public client, which
        one with ``jwks`` (its public keys, for ``private_key_jwt``) is not.

        ``allowed_scopes`` None: any; ``auth_method`` None: any that it has the means for; ``issuers`` are those
        where it is registered, if not all. ``access_tokens``: what it gets, whatever the issuer gives others.
        A ``resource_server`` may introspect the tokens of other clients.
        """
        more = {key: value for key, value in locals().items() if key not in ("self", "id", "secret")}
        made = social.put_client(self._transport, id, secret, more)
        self._undo.callback(social.forget, self._transport, "clients", made)
        return made

    def personas(self) -> list[dict[str, Any]]:
        """Return all test users, those of other clients too, as the API's JSON."""
        return list(self._transport.json("GET", "/api/personas")["personas"])

    def clients(self) -> list[dict[str, Any]]:
        """All applications that are registered or were seen, as the API's JSON, with secrets masked."""
        return list(self._transport.json("GET", "/api/clients")["clients"])

    def oauth_requests(
        self,
        /,
        operation: str | None = None,
        *,
        client: str | None = None,
        persona: str | None = None,
        issuer: str | None = None,
        accepted: bool | None = None,
        after: int | None = None,
        timeout: float = 0.0,
        **parameters: str,
    ) -> list[social.OAuthRequest]:
        """What clients asked of the fake of OAuth2, oldest first. What is not named here are parameters that it
        must have: ``oauth_requests("authorize", client=app, prompt="login")``.
        With a ``timeout`` in seconds it waits where there is none yet, and raises NoRequest where none comes.
        """
        if timeout:
            refuse_in_task("oauth_requests")
        asked = social.Asked(operation, client, persona, issuer, accepted, parameters)
        return social.requests(self._transport, asked, after, timeout)

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
        self._used(document["to"])
        return Recipient(document["to"], document)

    def _used(self, to: str) -> None:
        if str(to) not in self.recipients:
            self.recipients.append(str(to))

    def _waiter(self) -> Waiter:
        settings = "`gateway.env()` has the settings for it, `gateway.providers()` the lines to paste."
        return Waiter(self._transport, self._positions, settings, self._where)

    def cancellable(self, cancellation: Cancellation, where: str | None) -> Self:
        """Return an object that shares all with this one, and whose calls ``cancellation`` can end. ``where`` is
        the line of the test that calls it."""
        bound = copy.copy(self)
        bound._transport = self._transport.cancellable(cancellation)  # noqa: SLF001 - a copy of this object
        bound._where = where  # noqa: SLF001 - likewise
        return bound


def _wanted(
    type: str | None,
    channel: str | None,
    after: int | None,
    subject: str | None,
    text: str | None,
    sender: str | None,
) -> Document:
    return {"type": type, "channel": channel, "after": after, "subject": subject, "text": text, "sender": sender}


def _page(after: int | None, before: int | None, limit: int | None, order: Order | None) -> dict[str, object]:
    return {"after": after, "before": before, "limit": limit, "order": order}
