"""The error classes that the API answers with, in the order in which docs/errors.md and the OpenAPI document show
them, and the groups that describe a route.

A new error class gets its line here; a test finds those that are missing. How an error becomes an HTTP answer is in
``web/server/answers.py``.
"""

from __future__ import annotations

from gateway.core.errors import (
    AccountRefused,
    Conflict,
    ConnectionLost,
    ConnectorError,
    ContentRefused,
    CredentialsRefused,
    DailyCap,
    Forbidden,
    GatewayError,
    Gone,
    IdTaken,
    InsufficientInfo,
    InternalError,
    Interrupted,
    InvalidConfig,
    InvalidInput,
    InvalidRequest,
    InvalidResponse,
    MalformedRequest,
    NoCodeArrived,
    NotAllowed,
    NotFound,
    NotOnAllowList,
    ProviderFailed,
    RateLimited,
    ReadOnly,
    RecipientRefused,
    RequestTimeout,
    StoreFailed,
    TemplateNotFound,
    Throttled,
    TimedOut,
    TooLarge,
    TooManyConnections,
    TooManyStreams,
    TooManyWaits,
    TooManyWaitsOfOne,
    Unauthorized,
    Unavailable,
    UnexpectedType,
    UnknownFactory,
    Unreachable,
    UsageLimited,
    WrongContentType,
)
from gateway.providers.social import (
    AccessTokenInvalid,
    AuthCodeInvalid,
    IdTokenInvalid,
    SessionNotFound,
    SignInRefused,
)
from gateway.rendering.environment import TemplateError, UnknownVariable
from gateway.verification.errors import (
    Blocked,
    CodeExpired,
    CodeMismatch,
    CodeNotFound,
    EmailMismatch,
    MessageRateLimited,
    NoConnector,
    PhoneMismatch,
    SandboxOnly,
    TriesUsedUp,
)
from gateway.web.routing.idempotency import KeyInProgress, KeyInterrupted, KeyReused

ERRORS: tuple[type[GatewayError], ...] = (
    InvalidRequest,
    InvalidInput,
    MalformedRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    NoCodeArrived,
    NotAllowed,
    RequestTimeout,
    Conflict,
    ReadOnly,
    Gone,
    TooLarge,
    WrongContentType,
    IdTaken,
    KeyReused,
    KeyInProgress,
    KeyInterrupted,
    TooManyWaitsOfOne,
    TooManyWaits,
    TooManyStreams,
    TooManyConnections,
    InternalError,
    Unavailable,
    StoreFailed,
    ConnectorError,
    InvalidConfig,
    UnknownFactory,
    TemplateNotFound,
    NotOnAllowList,
    RateLimited,
    DailyCap,
    UnexpectedType,
    SignInRefused,
    AuthCodeInvalid,
    AccessTokenInvalid,
    IdTokenInvalid,
    SessionNotFound,
    InsufficientInfo,
    InvalidResponse,
    NoConnector,
    MessageRateLimited,
    Blocked,
    CodeNotFound,
    PhoneMismatch,
    EmailMismatch,
    CodeExpired,
    TriesUsedUp,
    CodeMismatch,
    SandboxOnly,
    TemplateError,
    UnknownVariable,
)
"""One class for each code."""

SEND_FAILURES: tuple[type[ConnectorError], ...] = (
    InvalidConfig,
    TemplateNotFound,
    NotOnAllowList,
    DailyCap,
    CredentialsRefused,
    RecipientRefused,
    ContentRefused,
    AccountRefused,
    UnexpectedType,
    SignInRefused,
    AuthCodeInvalid,
    AccessTokenInvalid,
    IdTokenInvalid,
    RateLimited,
    UsageLimited,
    Throttled,
    Unreachable,
    TimedOut,
    ConnectionLost,
    ProviderFailed,
    InvalidResponse,
    Interrupted,
)
"""One class for each ``data.reason`` of a failed send or sign-in."""

# --- groups that describe a route ------------------------------------------------------------------------------

COMMON_ERRORS: tuple[type[GatewayError], ...] = (MalformedRequest, InternalError)
"""Errors of every route."""

GUARDED_ERRORS: tuple[type[GatewayError], ...] = (InvalidRequest, Forbidden, Unavailable, StoreFailed)
"""Errors of every route that is not ``open``."""

BODY_ERRORS: tuple[type[GatewayError], ...] = (RequestTimeout, TooLarge, WrongContentType)
"""Errors of every route with a body."""

IDEMPOTENCY_ERRORS: tuple[type[GatewayError], ...] = (KeyReused, KeyInProgress, KeyInterrupted)
"""Errors of every route that takes an ``Idempotency-Key``."""

SEND_ERRORS: tuple[type[GatewayError], ...] = (
    ConnectorError,
    InvalidConfig,
    TemplateNotFound,
    NotOnAllowList,
    DailyCap,
    UnexpectedType,
    RateLimited,
    InvalidResponse,
    TemplateError,
    UnknownVariable,
)
"""Errors of sending a message. The other classes that a send raises share the codes of these."""

CHECK_ERRORS: tuple[type[GatewayError], ...] = (Blocked, CodeNotFound, CodeExpired, TriesUsedUp, CodeMismatch)
"""Errors of checking a one-time code."""

SIGN_IN_ERRORS: tuple[type[GatewayError], ...] = (
    ConnectorError,
    InvalidConfig,
    UnexpectedType,
    SignInRefused,
    AuthCodeInvalid,
    AccessTokenInvalid,
    IdTokenInvalid,
    RateLimited,
    InvalidResponse,
)
"""Errors of a social sign-in."""
