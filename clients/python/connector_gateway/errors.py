"""What can go wrong in the client kit.

Exception
|-- ConnectionError
|   `-- GatewayUnreachable    no gateway there, or it went away
|-- GatewayError              it answered, and refused
|-- IncompatibleGateway       its API is too old or too new for this kit
`-- AssertionError
    |-- CodeTimeout           it is there, and what was waited for did not come: the test fails
    |-- NoRequest             likewise, of a request at a fake
    `-- UnexpectedMessage     a message came, and the test says that none does
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connector_gateway.values import Capture

__tracebackhide__ = True


class GatewayError(Exception):
    """The gateway refused, or something that is not the gateway answered.

    ``code`` is the API's ``family.reason`` (``http.<status>`` where the answer was not the gateway's),
    ``status`` the HTTP status, ``data`` the API's details: for a failed send ``reason``, ``provider``,
    ``providerCode``, ``maybeSent`` and ``retryable``.
    """

    def __init__(self, code: str, status: int, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, status, message, data)
        self.code = code
        self.status = status
        self.message = message
        self.data: dict[str, Any] = dict(data or {})

    def __str__(self) -> str:
        details = f" {json.dumps(self.data, ensure_ascii=False)}" if self.data else ""
        return f"{self.message} ({self.code}, HTTP {self.status}){details}"


class GatewayUnreachable(ConnectionError):
    """No gateway answered at that address.

    ``maybe_done`` is true where the request had been sent before the connection was lost, so that the gateway
    may have acted on it.
    """

    def __init__(self, message: str, *, maybe_done: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.maybe_done = maybe_done

    def __str__(self) -> str:
        return self.message


class IncompatibleGateway(Exception):
    """The gateway's API version does not fit this kit. The message says which of the two to upgrade."""


class CodeTimeout(AssertionError):
    """What was waited for did not come in time. The message says what did come instead, and what was refused.

    ``to`` and ``seconds`` are what was asked for; ``near_misses`` is the API's list of
    ``{reason, message, captureId?, exchangeId?, to?, at}``.
    """

    def __init__(self, message: str, to: str, seconds: float, near_misses: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(message, to, seconds, near_misses)
        self.message = message
        self.to = to
        self.seconds = seconds
        self.near_misses = [dict(miss) for miss in near_misses]

    def __str__(self) -> str:
        return self.message


class NoRequest(AssertionError):
    """The request that was waited for did not come in time. The message says which others did."""


class UnexpectedMessage(AssertionError):
    """A message came to a recipient that was to get none. ``capture`` is the message."""

    def __init__(self, capture: Capture) -> None:
        super().__init__(capture)
        self.capture = capture

    def __str__(self) -> str:
        found = self.capture
        about = f" with the subject {found.subject!r}" if found.subject else ""
        return f"a message of type {found.type or 'unknown'} went to {found.to}{about} ({found.id}): {found.text!r}"
