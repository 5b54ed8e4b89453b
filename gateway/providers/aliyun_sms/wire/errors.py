"""Every error of Aliyun SMS (2017-05-25 and 2018-05-01): ONE table for driver and fake, ``ERRORS``.

Here is the part of the gateway in front of the service, by Alibaba Cloud's "Common error codes"; that of the
service is in ``service_errors``. Messages change over the years: a client switches on the code only.

In a message ``<string to sign>``, ``<number>`` and ``<parameter>`` stand for what the request had.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gateway.core.errors import (
    AccountRefused,
    ConnectorError,
    CredentialsRefused,
    ProviderFailed,
    Refused,
    Throttled,
)
from gateway.providers.aliyun_sms.wire.service_errors import GLOBE, REGISTERING, SENDING


class ErrorRow(NamedTuple):
    """``status`` is the HTTP status (200: a business error), ``means`` what a driver raises for it."""

    status: int
    message: str
    means: type[ConnectorError]


_MISMATCH = "Specified signature is not matched with our calculation. server string to sign is:<string to sign>"
_INCOMPLETE = (
    "The request signature does not conform to Aliyun standards. server string to sign is:<string to sign>"
)
_NOT_FOUND = "Specified api is not found, please check your url and method."
_NO_RAM = "User not authorized to operate on the specified resource, or this API doesn't support RAM."

_GATEWAY = {
    "InvalidAccessKeyId.NotFound": ErrorRow(404, "Specified access key is not found.", CredentialsRefused),
    "InvalidAccessKeyId.Inactive": ErrorRow(400, "Specified access key is disabled.", CredentialsRefused),
    "SignatureDoesNotMatch": ErrorRow(400, _MISMATCH, CredentialsRefused),
    "IncompleteSignature": ErrorRow(400, _INCOMPLETE, CredentialsRefused),
    "InvalidSignatureMethod": ErrorRow(400, "Specified signature method is not valid.", CredentialsRefused),
    "SignatureNonceUsed": ErrorRow(400, "Specified signature nonce was used already.", CredentialsRefused),
    "InvalidTimeStamp.Expired": ErrorRow(400, "Specified time stamp or date value is expired.", CredentialsRefused),
    "InvalidTimeStamp.Format": ErrorRow(
        400, "Specified time stamp or date value is not well formatted.", CredentialsRefused
    ),
    "InvalidSecurityToken.Expired": ErrorRow(400, "Specified SecurityToken is expired.", CredentialsRefused),
    "InvalidSecurityToken.Malformed": ErrorRow(400, "Specified SecurityToken is malformed.", CredentialsRefused),
    "InvalidSecurityToken.MismatchWithAccessKey": ErrorRow(
        400, "Specified SecurityToken mismatch with the AccessKey.", CredentialsRefused
    ),
    "Forbidden.AccessKeyDisabled": ErrorRow(403, "Specified access key is disabled.", CredentialsRefused),
    "InvalidVersion": ErrorRow(400, "Specified parameter Version is not valid.", Refused),
    "InvalidAction.NotFound": ErrorRow(404, _NOT_FOUND, Refused),
    "InvalidApi.NotFound": ErrorRow(404, _NOT_FOUND, Refused),
    "InvalidParameter.Format": ErrorRow(400, "Specified parameter format is not valid.", Refused),
    "InvalidProtocol.NeedSsl": ErrorRow(404, "Your request is denied as lack of ssl protect.", Refused),
    "UnsupportedHTTPMethod": ErrorRow(400, "This http method is not supported.", Refused),
    # Undocumented: the gateway's own answer to a body that is too long has not been seen.
    "RequestBodyTooLarge": ErrorRow(413, "The request body is too large.", Refused),
    "Throttling": ErrorRow(400, "Request was denied due to request throttling.", Throttled),
    "Throttling.User": ErrorRow(400, "Request was denied due to user flow control.", Throttled),
    "Throttling.Api": ErrorRow(400, "Request was denied due to api flow control.", Throttled),
    "Forbidden.RAM": ErrorRow(403, _NO_RAM, AccountRefused),
    "NoPermission": ErrorRow(403, _NO_RAM, AccountRefused),
    "InternalError": ErrorRow(500, "The request processing has failed due to some unknown error.", ProviderFailed),
    "ServiceUnavailable": ErrorRow(
        503, "The request has failed due to a temporary failure of the server.", ProviderFailed
    ),
}

ERRORS: Mapping[str, ErrorRow] = MappingProxyType(
    _GATEWAY
    | {
        code: ErrorRow(200, message, means)
        for code, (message, means) in {**SENDING, **REGISTERING, **GLOBE}.items()
    }
)

# What the two schemes need before anything else; a driver that gets one of these has wrong credentials.
_SIGNING = ("AccessKeyId", "Timestamp", "Signature", "SecurityToken", "Authorization")


def row_of(code: str) -> ErrorRow:
    """The row of any code, also of one that no table has: by the families in which Aliyun names its codes."""
    row = ERRORS.get(code)
    if row is not None:
        return row
    name = code.partition(".")[0]
    if code.startswith("isv."):
        return ErrorRow(200, "参数异常", Refused)
    if code.startswith("isp."):
        return ErrorRow(200, "系统错误", ProviderFailed)
    if name == "Throttling":
        return ERRORS["Throttling"]
    if name.startswith("Missing"):
        means = CredentialsRefused if name[7:].startswith(_SIGNING) else Refused
        return ErrorRow(400, f"{name[7:]} is mandatory for this action.", means)
    if name.startswith("Invalid"):
        means = CredentialsRefused if name[7:].startswith(_SIGNING) else Refused
        return ErrorRow(400, f"Specified parameter {name[7:]} is not valid.", means)
    if name in ("Forbidden", "NoPermission", "Unauthorized"):
        return ErrorRow(403, _NO_RAM, AccountRefused)
    if name.startswith(("InternalError", "ServiceUnavailable", "UnknownError")):
        return ErrorRow(500, ERRORS["InternalError"].message, ProviderFailed)
    return ErrorRow(400, "The request was refused.", Refused)


def class_of(code: str, status: int) -> type[ConnectorError]:
    """What a driver raises for an answer with that ``Code`` and HTTP status. A code that no table has in a 5xx
    leaves open whether the message went out, so it is ``ProviderFailed``."""
    if code not in ERRORS and status >= 500 and not code.startswith(("isv.", "Throttling")):
        return ProviderFailed
    return row_of(code).means
