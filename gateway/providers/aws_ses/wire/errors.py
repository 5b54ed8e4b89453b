"""Every error of Amazon SES: ONE table for v1, v2 and the driver, ``ERRORS``, by condition.

A condition has the code of v1 where v1 has the more exact one (v2 says ``NotFoundException`` to everything that is
not there). Sources: the service models of both versions, and texts seen in public issues.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gateway.core.errors import (
    AccountRefused,
    ConnectorError,
    ContentRefused,
    CredentialsRefused,
    ProviderFailed,
    Refused,
    Throttled,
    UsageLimited,
)

DAILY_QUOTA = "Daily message quota exceeded."
PAUSED = (
    "Sending paused for this account. For more information, please check the inbox of the email address "
    "associated with your AWS account."
)
INVALID_TOKEN = "The security token included in the request is invalid."  # noqa: S105  # a text of AWS's
NO_MATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
    "Key and signing method. Consult the service documentation for details."
)


class ErrorRow(NamedTuple):
    """Code and HTTP status in v1, type and status in v2, the text (with ``{name}`` for what the
    request named) where nobody has a better one, and what a driver
    raises for it."""

    v1: str
    v1_status: int
    v2: str
    v2_status: int
    message: str
    means: type[ConnectorError]


def _both(code: str, status: int, message: str, means: type[ConnectorError] = Refused) -> ErrorRow:
    return ErrorRow(code, status, code, status, message, means)


def _exception(code: str, status: int, message: str, means: type[ConnectorError] = Refused) -> ErrorRow:
    """v2 says the same with ``Exception`` at the end."""
    return ErrorRow(code, status, f"{code}Exception", status, message, means)


def _missing(code: str, message: str) -> ErrorRow:
    return ErrorRow(code, 400, "NotFoundException", 404, message, Refused)


def _bad(code: str, message: str, means: type[ConnectorError] = Refused) -> ErrorRow:
    return ErrorRow(code, 400, "BadRequestException", 400, message, means)


def _exists(code: str, message: str) -> ErrorRow:
    return ErrorRow(code, 400, "AlreadyExistsException", 400, message, Refused)


# The first row of a code is what the code means to a driver.
ERRORS: Mapping[str, ErrorRow] = MappingProxyType(
    {
        "MessageRejected": _both("MessageRejected", 400, "Email address is not verified.", ContentRefused),
        "Throttling": ErrorRow(
            "Throttling", 400, "TooManyRequestsException", 429, "Maximum sending rate exceeded.", Throttled
        ),
        "DailyQuota": ErrorRow("Throttling", 400, "TooManyRequestsException", 429, DAILY_QUOTA, UsageLimited),
        "AccountSendingPausedException": ErrorRow(
            "AccountSendingPausedException", 400, "SendingPausedException", 400, PAUSED, AccountRefused
        ),
        "AccountSuspendedException": _both(
            "AccountSuspendedException", 400, "Your account is suspended from sending email.", AccountRefused
        ),
        "ConfigurationSetSendingPausedException": ErrorRow(
            "ConfigurationSetSendingPausedException",
            400,
            "SendingPausedException",
            400,
            "Sending is disabled for the configuration set.",
            AccountRefused,
        ),
        "MailFromDomainNotVerifiedException": _both(
            "MailFromDomainNotVerifiedException", 400, "Mail FROM domain is not verified.", AccountRefused
        ),
        "NotFoundException": _missing("NotFoundException", "The resource you attempted to access doesn't exist."),
        "ConfigurationSetDoesNotExist": _missing(
            "ConfigurationSetDoesNotExist", "Configuration set <{name}> does not exist."
        ),
        "EventDestinationDoesNotExist": _missing(
            "EventDestinationDoesNotExist", "No EventDestination found for {name}"
        ),
        "TemplateDoesNotExist": _missing("TemplateDoesNotExist", "Template {name} does not exist."),
        "BadRequestException": _bad("ValidationError", "The input you provided is invalid."),
        "InvalidParameterValue": _bad("InvalidParameterValue", "The input you provided is invalid."),
        "InvalidTemplate": _bad("InvalidTemplate", "The template is not valid."),
        "InvalidRenderingParameter": _bad(
            "InvalidRenderingParameter", "One or more of the rendering parameters is invalid."
        ),
        "MissingRenderingAttribute": _bad(
            "MissingRenderingAttribute", "Attribute '{name}' is not present in the rendering data."
        ),
        "InvalidSNSDestination": _bad("InvalidSNSDestination", "The SNS destination is not valid."),
        "InvalidFirehoseDestination": _bad("InvalidFirehoseDestination", "The Firehose destination is not valid."),
        "InvalidCloudWatchDestination": _bad(
            "InvalidCloudWatchDestination", "The CloudWatch destination is not valid."
        ),
        "InvalidTrackingOptions": _bad("InvalidTrackingOptions", "The tracking options are not valid."),
        "InvalidDeliveryOptions": _bad("InvalidDeliveryOptions", "The delivery options are not valid."),
        "InvalidConfigurationSet": _bad("InvalidConfigurationSet", "The configuration set is not valid."),
        "InvalidNextToken": ErrorRow(
            "InvalidParameterValue", 400, "InvalidNextTokenException", 400, "The token is not valid.", Refused
        ),
        "MissingParameter": _bad("MissingParameter", "The request must contain the parameter {name}."),
        "SerializationException": ErrorRow(
            "MalformedQueryString", 400, "SerializationException", 400, "The request could not be read.", Refused
        ),
        "AlreadyExists": _exists("AlreadyExists", "{name} already exists."),
        "ConfigurationSetAlreadyExists": _exists(
            "ConfigurationSetAlreadyExists", "Configuration set <{name}> already exists."
        ),
        "EventDestinationAlreadyExists": _exists(
            "EventDestinationAlreadyExists", "Event destination <{name}> already exists."
        ),
        "TrackingOptionsAlreadyExistsException": _exists(
            "TrackingOptionsAlreadyExistsException", "Tracking options for {name} already exist."
        ),
        "TrackingOptionsDoesNotExistException": _missing(
            "TrackingOptionsDoesNotExistException", "Tracking options for {name} do not exist."
        ),
        "LimitExceeded": _exception("LimitExceeded", 400, "There are too many instances of that resource."),
        "ConflictException": _both("ConflictException", 409, "There is already a request under review.", Refused),
        "ConcurrentModificationException": _both(
            "ConcurrentModificationException", 500, "The resource is being modified by another operation.", Refused
        ),
        "ProductionAccessNotGranted": _bad("ProductionAccessNotGranted", "The account is in the sandbox."),
        "UnrecognizedClientException": ErrorRow(
            "InvalidClientTokenId", 403, "UnrecognizedClientException", 403, INVALID_TOKEN, CredentialsRefused
        ),
        "InvalidSignatureException": ErrorRow(
            "SignatureDoesNotMatch", 403, "InvalidSignatureException", 403, NO_MATCH, CredentialsRefused
        ),
        "MissingAuthenticationToken": _exception(
            "MissingAuthenticationToken", 403, "Missing Authentication Token", CredentialsRefused
        ),
        "IncompleteSignature": _exception(
            "IncompleteSignature", 400, "The request signature is incomplete.", CredentialsRefused
        ),
        "ExpiredToken": _exception(
            "ExpiredToken", 403, "The security token included in the request is expired", CredentialsRefused
        ),
        "AccessDenied": _exception("AccessDenied", 403, "User is not authorized to do this.", AccountRefused),
        "OptInRequired": _both(
            "OptInRequired", 403, "The AWS Access Key Id needs a subscription for the service", AccountRefused
        ),
        "RequestExpired": _exception("RequestExpired", 400, "Request has expired.", CredentialsRefused),
        "UnknownOperation": ErrorRow(
            "InvalidAction",
            400,
            "UnknownOperationException",
            404,
            "The requested operation is not recognized by the service.",
            Refused,
        ),
        "RequestEntityTooLarge": _exception("RequestEntityTooLarge", 413, "Request size exceeds the limit."),
        "InternalFailure": ErrorRow(
            "InternalFailure",
            500,
            "InternalServiceErrorException",
            500,
            "The request processing has failed because of an unknown error, exception or failure.",
            ProviderFailed,
        ),
        "ServiceUnavailable": _exception(
            "ServiceUnavailable", 503, "Service is temporarily unavailable.", ProviderFailed
        ),
    }
)


def _first(codes: list[tuple[str, str]]) -> Mapping[str, str]:
    return MappingProxyType(dict(reversed(codes)))


V1_CODES = _first([(row.v1, name) for name, row in ERRORS.items()])
V2_TYPES = _first([(row.v2, name) for name, row in ERRORS.items()])
"""The condition that a code of v1, or a type of v2, means first of all."""

# Spellings that one meets besides: older services of AWS, and names of v1 with the ending of v2.
_OTHER_NAMES = {
    "ThrottlingException": "Throttling",
    "ValidationException": "BadRequestException",
    "SignatureDoesNotMatchException": "InvalidSignatureException",
    "InternalServerError": "InternalFailure",
    "InternalFailureException": "InternalFailure",
}


def condition(code: str) -> str | None:
    """The condition that any spelling of a code means; None for a code that no table has."""
    if code in ERRORS:
        return code
    return V2_TYPES.get(code) or V1_CODES.get(code) or _OTHER_NAMES.get(code)


def row_of(code: str) -> ErrorRow:
    """The row of any code, also of one that no table has: it is kept as it is, in both versions."""
    known = condition(code)
    if known is not None:
        return ERRORS[known]
    if code.startswith(("Internal", "ServiceUnavailable", "ServiceFailure")):
        return _both(code, 500, ERRORS["InternalFailure"].message, ProviderFailed)
    if code.startswith("Throttl"):
        return _both(code, 429, "Rate exceeded", Throttled)
    return _both(code, 400, "The request was refused.", Refused)


def class_of(code: str, status: int, message: str = "") -> type[ConnectorError]:
    """What a driver raises for an error of v2 with that type and HTTP status. ``message`` is asked only where AWS
    gives one code to two things. An unknown code in a 5xx leaves open whether the message went out."""
    if message.startswith(DAILY_QUOTA[:-1]):
        return UsageLimited
    if condition(code) is None and status >= 500:
        return ProviderFailed
    return row_of(code).means
