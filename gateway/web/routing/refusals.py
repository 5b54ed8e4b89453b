"""What an error is answered with."""

from __future__ import annotations

from gateway.core.errors import (
    ConnectorError,
    GatewayError,
    LimitReached,
    NotAllowed,
    RequestTimeout,
    Unauthorized,
)
from gateway.core.model import Pairs, Response
from gateway.verification.errors import MessageRateLimited, VerificationError
from gateway.web.server.answers import error_answer


def refusal(error: GatewayError) -> Response:
    return error_answer(error.status, error.reason_code, error.message, error.data, _more(error))


def defect() -> Response:
    """Of an error that nobody raised on purpose."""
    return error_answer(500, "gateway.internal", "the gateway failed: this is a defect, please report it")


def _more(error: GatewayError) -> Pairs:
    if isinstance(error, NotAllowed):
        return (("Allow", ", ".join(error.data["allow"])),)
    if isinstance(error, Unauthorized):
        return (("WWW-Authenticate", "Bearer"),)
    if isinstance(error, RequestTimeout):
        return (("Connection", "close"),)
    later = ConnectorError | LimitReached | MessageRateLimited | VerificationError
    if isinstance(error, later) and error.retry_after is not None:
        return (("Retry-After", str(max(1, round(error.retry_after)))),)
    return ()
