"""The HTTP client of the commands, on the standard library: a connection for each call, no proxies or redirects."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from gateway.cli.exits import NotReachable, Problem, SaidNo, WrongUse

CONNECT_TIMEOUT = 5.0
ANSWER_TIMEOUT = 30.0  # a send takes at most 8 s; a call that waits has a longer timeout

# An argument that is not UTF-8 is passed on byte by byte, and the gateway refuses it.
_ERRORS = "surrogateescape"

Values = Mapping[str, str | int | float | None]


@dataclass(frozen=True)
class Answer:
    """A response of the gateway's API."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def document(self) -> dict[str, Any]:
        """Return the JSON object of a success. Raises ``Problem`` for an error."""
        if not self.ok:
            raise self.problem()
        found = self._object()
        if found is None:
            raise self._foreign()
        return found

    def error(self) -> dict[str, Any] | None:
        """Return ``{code, message, data}`` of an error of the gateway, None for any other response."""
        found = self._object()
        return found if found is not None and {"code", "message"} <= found.keys() else None

    def problem(self) -> Problem:
        """Return the error as a line for people with its exit code."""
        error = self.error()
        if error is None:
            return self._foreign()
        code, message = str(error["code"]), str(error["message"])
        if code.startswith("connector.") or code == "code.not_found":
            return SaidNo(message)
        if code.startswith("gateway."):
            return NotReachable(f"the gateway could not answer: {message} ({code})")
        return WrongUse(f"{message} ({code})")

    def _object(self) -> dict[str, Any] | None:
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def _foreign(self) -> Problem:
        kind = self.headers.get("Content-Type") or "no content type"
        return NotReachable(
            f"what answers there is not a connector gateway (HTTP {self.status}, {kind}): check GATEWAY_URL"
        )


class Client:
    """A gateway at a URL. Its methods raise ``Problem``: ``NotReachable`` if there is no answer."""

    def __init__(self, url: str, token: str | None = None) -> None:
        try:
            parts = urlsplit(url)
            self._host, self._port = parts.hostname, parts.port
        except ValueError as wrong:
            raise WrongUse(f"GATEWAY_URL: {wrong}") from wrong
        if parts.scheme not in {"http", "https"} or not self._host:
            raise WrongUse(f"GATEWAY_URL: {url!r} is not a URL such as http://127.0.0.1:4650")
        self._secure = parts.scheme == "https"
        self._prefix = parts.path.rstrip("/")
        self._token = token
        self.url = url.rstrip("/")

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Values | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = ANSWER_TIMEOUT,
    ) -> Answer:
        """Send a request and return the whole response.

        Args:
            body: sent as JSON.
            timeout: seconds of silence after which the gateway counts as not reachable.
        """
        with self.open(method, path, query=query, body=body, headers=headers, timeout=timeout) as response:
            return Answer(response.status, response.headers, response.read())

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        *,
        query: Values | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = ANSWER_TIMEOUT,
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request and yield the response for reading in pieces. An error in the block is translated too."""
        content = None if body is None else json.dumps(body).encode()
        sent = {"Accept": "*/*", "Connection": "close", **self._authorization(), **(headers or {})}
        if content is not None:
            sent["Content-Type"] = "application/json"
        connection = self._connection()
        try:
            connection.connect()
            connection.sock.settimeout(timeout)
            target = self._prefix + path + self._query(query)
            connection.request(method, target, content, {key: value.encode() for key, value in sent.items()})
            yield connection.getresponse()
        except TimeoutError as late:
            raise NotReachable(f"the gateway at {self.url} did not answer in time") from late
        except (OSError, http.client.HTTPException) as broken:
            reason = getattr(broken, "strerror", None) or str(broken) or type(broken).__name__
            raise NotReachable(
                f"no gateway at {self.url} ({reason}): start one with 'gateway serve', or set GATEWAY_URL"
            ) from broken
        except ValueError as wrong:  # http.client refuses a line feed in a header, and a broken host name
            raise WrongUse(f"this cannot be sent over HTTP: {wrong}") from wrong
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return kind(self._host or "", self._port, timeout=CONNECT_TIMEOUT)

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    @staticmethod
    def _query(query: Values | None) -> str:
        given = {key: value for key, value in (query or {}).items() if value is not None}
        return f"?{urlencode(given, errors=_ERRORS)}" if given else ""


def segment(text: str) -> str:
    """Quote a text as one segment of a path, also ``+86...`` and ``a/b``."""
    return quote(text, safe="", errors=_ERRORS)


def delete_each(client: Client, path: str, ids: Iterable[str]) -> tuple[int, list[str]]:
    """Delete resources by id. Return how many were deleted, and the ids that did not exist."""
    deleted, missing = 0, []
    for name in ids:
        answer = client.ask("DELETE", f"{path}/{segment(name)}")
        error = answer.error() if not answer.ok else None
        if error is not None and error["code"] == "entity.not_found":
            missing.append(name)
        else:
            deleted += answer.document()["deleted"]
    return deleted, missing
