"""HTTP to the gateway: one connection a call, so that threads share nothing.

Proxies of the environment are not asked: the gateway is on this machine, or where its URL says.
"""

from __future__ import annotations

import contextlib
import copy
import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

from connector_gateway.errors import GatewayError, GatewayUnreachable

__tracebackhide__ = True

if TYPE_CHECKING:
    from http.client import HTTPConnection

Document: TypeAlias = dict[str, Any]

ANSWER_SECONDS = 30.0
"""How long an answer may take, on top of what the call itself waits for."""


def segment(text: str) -> str:
    """One part of a path, percent-encoded: ``+8613...`` and ``a/b@example.com`` stay one part."""
    return quote(text, safe="")


class Cancellation:
    """Ends the call that is under way, from another thread, and lets no other begin."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._connection: HTTPConnection | None = None

    def watch(self, connection: HTTPConnection) -> None:
        """This connection is the one to end. Raises GatewayUnreachable if it is too late."""
        with self._lock:
            if self._cancelled:
                raise GatewayUnreachable("the call was cancelled")
            self._connection = connection

    def cancel(self) -> None:
        """End it."""
        with self._lock:
            self._cancelled = True
            if self._connection is not None and self._connection.sock is not None:
                with contextlib.suppress(OSError):  # it has ended by itself
                    self._connection.sock.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, of whatever status."""

    status: int
    content_type: str
    body: bytes


class Transport:
    """Calls to one gateway. ``url`` may hold a path, where a reverse proxy gives the gateway one."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """Refuses (ValueError) what is not an ``http://`` or ``https://`` address. Does not connect."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the gateway's URL must look like http://127.0.0.1:4650, not {url!r}")
        if parts.query or parts.fragment or parts.username:
            raise ValueError(f"the gateway's URL is a scheme, a host, a port and perhaps a path, not {url!r}")
        self.url = url.rstrip("/")
        self._bearer = None if token is None else f"Bearer {token}"
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._prefix = parts.path.rstrip("/")
        self._cancellation: Cancellation | None = None

    def cancellable(self, cancellation: Cancellation) -> Transport:
        """Return a transport to the same gateway, whose calls ``cancellation`` can end."""
        bound = copy.copy(self)
        bound._cancellation = cancellation  # noqa: SLF001 - a copy of this object
        return bound

    def json(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        wait: float = 0.0,
        authorization: str | None = None,
        with_token: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Document:
        """Call, and return the JSON object of a 2xx answer.

        None in ``query`` and ``body`` means absent. ``wait`` is how long, in seconds, the gateway itself may
        wait. Raises GatewayError for any other status, GatewayUnreachable where nothing answered.
        """
        if authorization is None and with_token:
            authorization = self._bearer
        seconds = wait + ANSWER_SECONDS
        answer = self._call(method, path + _query(query), body, authorization, seconds, headers)
        document = _document(answer)
        if answer.status // 100 == 2 and document is not None:
            return document
        raise self._refusal(method, path, answer, document)

    def content(self, path: str) -> bytes:
        """The body of a 200 answer, whatever it is. Raises as ``json`` does."""
        answer = self._call("GET", path, None, self._bearer, ANSWER_SECONDS)
        if answer.status == 200:
            return answer.body
        raise self._refusal("GET", path, answer, _document(answer))

    def _refusal(self, method: str, path: str, answer: Answer, document: Document | None) -> GatewayError:
        ours = document is not None and "code" in document and "message" in document
        if document is None or not ours or answer.status // 100 == 2:
            kind = answer.content_type or "nothing"
            return GatewayError(
                f"http.{answer.status}",
                answer.status,
                f"{method} {self.url}{path} answered with {kind} that is not the gateway's: "
                "is the gateway at that address?",
            )
        return GatewayError(document["code"], answer.status, document["message"], document.get("data"))

    def _call(
        self,
        method: str,
        target: str,
        body: Mapping[str, object] | None,
        authorization: str | None,
        timeout: float,
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        headers = {"Connection": "close", **(more or {})}
        payload = None
        if body is not None:
            payload = json.dumps({key: value for key, value in body.items() if value is not None}).encode()
            headers["Content-Type"] = "application/json"
        if authorization is not None:
            headers["Authorization"] = authorization
        connection = self._connection(timeout)
        try:
            try:
                connection.connect()
            except OSError as error:
                raise GatewayUnreachable(f"no gateway answers at {self.url}: {_reason(error)}") from None
            if self._cancellation is not None:
                self._cancellation.watch(connection)
            return self._exchange(connection, method, self._prefix + target, payload, headers)
        finally:
            connection.close()

    def _exchange(
        self,
        connection: HTTPConnection,
        method: str,
        target: str,
        payload: bytes | None,
        headers: Mapping[str, str],
    ) -> Answer:
        from http.client import HTTPException

        try:
            connection.request(method, target, body=payload, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.getheader("Content-Type") or "", response.read())
        except (OSError, HTTPException) as error:
            raise GatewayUnreachable(
                f"the gateway at {self.url} went away before it had answered "
                f"{method} {target.partition('?')[0]}: {_reason(error)}",
                maybe_done=True,
            ) from None

    def _connection(self, timeout: float) -> HTTPConnection:
        # Imported at the first call: the pytest plugin is loaded in runs that never make one.
        from http.client import HTTPConnection, HTTPSConnection

        kind = HTTPSConnection if self._secure else HTTPConnection
        return kind(self._host, self._port, timeout=timeout)


def _query(parameters: Mapping[str, object] | None) -> str:
    given = {key: _spelled(value) for key, value in (parameters or {}).items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _document(answer: Answer) -> Document | None:
    try:
        document = json.loads(answer.body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
