"""What an answer of Aliyun means, and what the SDK's exceptions mean. Decided by type and code, never by text.

The SDK's text holds the URL, so the number and the code: nothing of it is copied, chained or logged.

==================================================  ====================  ==========
what happened                                       raised                maybe sent
==================================================  ====================  ==========
a Code other than OK, with whatever HTTP status     as in wire.errors     its class's
refused, unknown name, no connection in time        Unreachable           no
proxy out of reach, or it refused the tunnel        Unreachable           no
the certificate is not trusted                      Unreachable           no
silence until the timeout                           TimedOut              yes
reset, end of stream or half a body                 ConnectionLost        yes
not HTTP, not JSON, without Code or RequestId       InvalidResponse       yes
==================================================  ====================  ==========
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateway.core import errors
from gateway.core.model import Receipt
from gateway.providers.aliyun_sms.wire.errors import class_of

PROVIDER = "aliyun-sms"

# What may be shown of an answer: a name and an id. Anything longer or freer could hold a number or a code.
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,64}")

_SAYS: Mapping[type[errors.ConnectorError], str] = {
    errors.CredentialsRefused: "Aliyun refused the access key or its signature",
    errors.RecipientRefused: "Aliyun refused the number",
    errors.ContentRefused: "Aliyun refused the signature name, the template or its parameters",
    errors.AccountRefused: "Aliyun refused the account",
    errors.RateLimited: "Aliyun takes no more messages for this number for now",
    errors.UsageLimited: "Aliyun takes no more messages from this account for now",
    errors.Throttled: "Aliyun takes no more calls at this moment",
    errors.ProviderFailed: "Aliyun failed; the message may have gone out",
}


def of_answer(
    code: object, request_id: object, status: int, *, biz_id: object = None, retry_after: int | None = None
) -> Receipt | errors.ConnectorError:
    """The receipt, or the error to raise, for the fields of an answer. ``retry_after`` in milliseconds."""
    if not (isinstance(code, str) and _CODE.fullmatch(code)):
        return _unreadable()
    if not (isinstance(request_id, str) and _REQUEST_ID.fullmatch(request_id)):
        return _unreadable()
    if code == "OK":
        biz_id = biz_id if isinstance(biz_id, str) else ""
        return Receipt(PROVIDER, biz_id, request_id, code) if status < 400 else _unreadable()
    kind = class_of(code, status)
    return kind(
        f"{_SAYS.get(kind, 'Aliyun refused the message')} ({code})",
        provider=PROVIDER,
        provider_code=code,
        request_id=request_id,
        retry_after=None if retry_after is None else retry_after / 1000,
    )


def of_exception(error: Exception) -> Receipt | errors.ConnectorError:
    """The error to raise for an exception of the SDK, which never stands for a receipt."""
    from darabonba.exceptions import ResponseException

    if isinstance(error, ResponseException):
        answer = error.data or {}
        code, request_id = _field(answer, "Code"), _field(answer, "RequestId")
        return of_answer(code, request_id, error.status_code, retry_after=error.retry_after)
    return _of_causes(_causes(error))


def _field(answer: Mapping[str, Any], name: str) -> Any:
    """Errors come in two spellings: ``RequestId``, and ``requestId`` from some of Aliyun's gateways."""
    return answer.get(name) or answer.get(name[0].lower() + name[1:])


def _unreadable() -> errors.InvalidResponse:
    return errors.InvalidResponse(
        "Aliyun's answer cannot be read; the message may have gone out", provider=PROVIDER
    )


def _causes(error: BaseException) -> list[BaseException]:
    """The exception and all that led to it. The SDK hides them: its UnretryableException holds a RetryError made
    of text, whose context is the exception of requests, which holds one of urllib3, which holds the system's."""
    found: list[BaseException] = []
    near: list[object] = [error]
    while near:
        cause = near.pop()
        if isinstance(cause, BaseException) and not any(cause is known for known in found):
            found.append(cause)
            held = [getattr(cause, name, None) for name in ("inner_exception", "reason", "original_error")]
            near += [*cause.args, *held, cause.__cause__, cause.__context__]
    return found


def _of_causes(causes: list[BaseException]) -> errors.ConnectorError:
    import ssl
    from http.client import IncompleteRead

    from requests import exceptions as http
    from urllib3 import exceptions as pool

    def met(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    requests = [cause.request for cause in causes if isinstance(cause, http.RequestException)]
    if any(request is not None and request.method != "POST" for request in requests):
        # A redirect was followed with GET: whatever failed then, our POST had an answer.
        return _unreadable()
    no_connection = (
        pool.ConnectTimeoutError,
        pool.NewConnectionError,
        pool.LocationValueError,
        http.InvalidProxyURL,
    )
    if met(*no_connection, ssl.SSLCertVerificationError) or any(_refuses_tunnel(cause) for cause in causes):
        return errors.Unreachable("no connection to Aliyun; nothing was sent", provider=PROVIDER)
    if met(pool.ReadTimeoutError, TimeoutError):
        return errors.TimedOut("Aliyun was silent for too long; the message may have gone out", provider=PROVIDER)
    if met(ConnectionError, IncompleteRead, ssl.SSLError):
        return errors.ConnectionLost(
            "the connection to Aliyun was lost; the message may have gone out", provider=PROVIDER
        )
    return _unreadable()


def _refuses_tunnel(cause: BaseException) -> bool:
    """Did a proxy answer CONNECT with an error? http.client says so with an OSError that has no number.

    ProxyError by itself proves nothing: urllib3 also raises it where the connection through a proxy broke after
    the request was written (http.client has closed it by then, and urllib3 takes it for never opened).
    """
    original = getattr(cause, "original_error", None)
    return type(original) is OSError and original.errno is None
