"""What an answer of SES means, and what the SDK's exceptions mean. Decided by type and code, never by text.

The SDK's text holds addresses, and so may AWS's: nothing of it is copied, chained or logged.

==================================================  ====================  ==========
what happened                                       raised                maybe sent
==================================================  ====================  ==========
an error with a type, whatever its HTTP status      as in wire.errors     its class's
refused, unknown name, no connection in time        Unreachable           no
proxy out of reach, or it refused the tunnel        Unreachable           no
the certificate is not trusted                      Unreachable           no
the SDK refused a setting or a parameter            Refused               no
silence until the timeout                           TimedOut              yes
reset, end of stream or half a body                 ConnectionLost        yes
not HTTP, not JSON, without MessageId or type       InvalidResponse       yes
==================================================  ====================  ==========
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateway.core import errors
from gateway.core.model import Receipt
from gateway.providers.aws_ses.wire.errors import class_of

PROVIDER = "aws-ses"

# What may be shown of an answer: a name and an id. Anything longer or freer could hold an address or a code.
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

_SAYS: Mapping[type[errors.ConnectorError], str] = {
    errors.CredentialsRefused: "AWS refused the access key or its signature",
    errors.RecipientRefused: "SES refused the address",
    errors.ContentRefused: "SES rejected the message: the sender, in a sandbox the recipient too, must be verified",
    errors.AccountRefused: "AWS refused the account: it may not send, or not so",
    errors.UsageLimited: "SES takes no more messages from this account for now",
    errors.RateLimited: "SES takes no more messages for this recipient for now",
    errors.Throttled: "SES takes no more messages at this moment",
    errors.ProviderFailed: "SES failed; the message may have gone out",
}


def of_answer(answer: Any) -> Receipt | errors.ConnectorError:
    """The receipt for what ``send_email`` returned, or the error to raise."""
    message_id = answer.get("MessageId")
    about = answer.get("ResponseMetadata", {})
    request_id = about.get("RequestId")
    if about.get("HTTPStatusCode") != 200 or not _fits(_MESSAGE_ID, message_id):
        return _unreadable(request_id)
    # Some stand-ins of SES send none: the message went out all the same.
    return Receipt(PROVIDER, message_id, request_id if _fits(_REQUEST_ID, request_id) else "", "OK")


def of_exception(error: Exception) -> errors.ConnectorError:
    """The error to raise for an exception of the SDK."""
    from botocore import exceptions as sdk

    if isinstance(error, sdk.ClientError):
        return _of_error(error.response)
    causes = _causes(error)
    if isinstance(error, sdk.ParamValidationError | sdk.InvalidRegionError):
        return errors.Refused("the SDK takes no such parameters; nothing was sent", provider=PROVIDER)
    return _of_causes(causes)


def _of_error(answer: Mapping[str, Any]) -> errors.ConnectorError:
    said, about = answer.get("Error", {}), answer.get("ResponseMetadata", {})
    code, request_id, status = said.get("Code"), about.get("RequestId"), about.get("HTTPStatusCode", 0)
    if not _fits(_CODE, code):
        # Without a type the SDK puts the HTTP status there: not AWS, or something in front of it.
        return _unreadable(request_id)
    text = said.get("Message")
    kind = class_of(code, status, text if isinstance(text, str) else "")
    return kind(
        f"{_SAYS.get(kind, 'SES refused the message')} ({code})",
        provider=PROVIDER,
        provider_code=code,
        request_id=request_id if _fits(_REQUEST_ID, request_id) else None,
        retry_after=_retry_after(about.get("HTTPHeaders", {})) if kind.retryable else None,
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """In seconds; the form with a date is not in use at AWS."""
    seconds = headers.get("retry-after", "")
    return float(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 6 else None


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _unreadable(request_id: object = None) -> errors.InvalidResponse:
    return errors.InvalidResponse(
        "the answer of SES cannot be read; the message may have gone out",
        provider=PROVIDER,
        request_id=str(request_id) if _fits(_REQUEST_ID, request_id) else None,
    )


def _causes(error: BaseException) -> list[BaseException]:
    """The exception and all that led to it: botocore's holds urllib3's in ``kwargs``, which holds the system's."""
    found: list[BaseException] = []
    near: list[object] = [error]
    while near:
        cause = near.pop()
        if isinstance(cause, BaseException) and not any(cause is known for known in found):
            found.append(cause)
            kwargs = getattr(cause, "kwargs", None)
            held = list(kwargs.values()) if isinstance(kwargs, dict) else []
            held += [getattr(cause, name, None) for name in ("reason", "original_error")]
            near += [*cause.args, *held, cause.__cause__, cause.__context__]
    return found


def _of_causes(causes: list[BaseException]) -> errors.ConnectorError:
    import ssl
    from http.client import HTTPException, IncompleteRead

    from botocore import exceptions as sdk
    from urllib3 import exceptions as pool

    def met(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    no_connection = (
        sdk.ConnectTimeoutError,
        sdk.EndpointConnectionError,
        pool.ConnectTimeoutError,
        pool.NewConnectionError,
        pool.LocationValueError,
        ssl.SSLCertVerificationError,
    )
    if met(*no_connection) or any(_refuses_tunnel(cause) for cause in causes):
        return errors.Unreachable("no connection to SES; nothing was sent", provider=PROVIDER)
    if met(pool.ReadTimeoutError, TimeoutError):
        return errors.TimedOut("SES was silent for too long; the message may have gone out", provider=PROVIDER)
    lost = met(ConnectionError, IncompleteRead, ssl.SSLError)
    if lost and not (met(HTTPException) and not met(ConnectionError, IncompleteRead)):
        return errors.ConnectionLost(
            "the connection to SES was lost; the message may have gone out", provider=PROVIDER
        )
    return _unreadable()


def _refuses_tunnel(cause: BaseException) -> bool:
    """Did a proxy answer CONNECT with an error? http.client says so with an OSError that has no number.

    ProxyError by itself proves nothing: urllib3 also raises it where the connection through a proxy broke after
    the request was written (http.client has closed it by then, and urllib3 takes it for never opened).
    """
    original = getattr(cause, "original_error", None)
    return type(original) is OSError and original.errno is None
